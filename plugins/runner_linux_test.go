package plugins

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFilesStay: what this program was started with is not handed on to plugins.
func TestFilesStay(t *testing.T) {
	list, err := exec.LookPath("ls")
	if err != nil {
		t.Skip("no program here lists files")
	}
	runtime.LockOSThread() // with which the process would end
	defer runtime.UnlockOSThread()
	for _, tt := range []struct {
		name  string
		keep  func(*exec.Cmd)
		stays bool
	}{
		{"an ordinary process", func(*exec.Cmd) {}, false},
		{"a plugin", apart, true},
		{"on an old kernel", func(*exec.Cmd) { keepFiles() }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			fd, err := unix.Dup(int(f.Fd())) // which has no mark
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = unix.Close(fd) }()
			cmd := exec.CommandContext(t.Context(), list, "/proc/self/fd")
			tt.keep(cmd)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := !slices.Contains(strings.Fields(string(out)), strconv.Itoa(fd)); got != tt.stays {
				t.Errorf("of file %d the process has %q", fd, out)
			}
		})
	}
}
