//go:build unix

package plugins_test

import "syscall"

// halt stops a process without ending it. It is false where there is none.
func halt(pid int) bool { return syscall.Kill(pid, syscall.SIGSTOP) == nil }
