//go:build !unix

package plugins_test

import (
	"os"
	"testing"
)

func killSelf() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
}

func stopSelf() {}

func kill(t testing.TB, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func freeze(t testing.TB, _ int) {
	t.Helper()
	t.Skip("processes are not stopped here")
}

// alive reports whether a process runs: where it does not, it is not found.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err == nil {
		_ = p.Release()
	}
	return err == nil
}
