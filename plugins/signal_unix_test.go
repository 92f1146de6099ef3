//go:build unix

package plugins_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func killSelf() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) }

func stopSelf() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) }

func kill(t testing.TB, pid int) {
	t.Helper()
	if pid <= 0 {
		t.Fatalf("there is no process: %d", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// freeze stops a process, and returns when it has stopped.
func freeze(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		eventually(t, "the process is stopped", func() bool { return processState(pid) == 'T' })
	}
}

// alive reports whether a process runs: one that nobody has waited for does not.
func alive(pid int) bool {
	if runtime.GOOS != "linux" {
		return syscall.Kill(pid, 0) == nil
	}
	return !strings.ContainsRune("XZ-", processState(pid))
}

// processState is the letter that Linux has for the state of a process
// (proc_pid_stat(5)); '-' where there is none.
func processState(pid int) rune {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, ok := bytes.Cut(stat, []byte(") "))
	if err != nil || !ok || len(state) == 0 {
		return '-'
	}
	return rune(state[0])
}
