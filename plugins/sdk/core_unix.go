//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package sdk

import "syscall"

// noCore keeps a crash from writing the memory of the process to a file: there
// are credentials in it. Where the system refuses, so it was before.
func noCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
