package plugins

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// holdVariable makes the test below the host that is killed.
const holdVariable = "MOORING_TEST_HOLD_STATE"

// TestHoldState is no test of its own: it is the process of TestKilledHost.
func TestHoldState(t *testing.T) {
	if os.Getenv(holdVariable) == "" {
		t.Skip("it is run by TestKilledHost")
	}
	s, err := openState(".") // where TestKilledHost has started it
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.runDir(), "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if _, err := net.Listen("unix", filepath.Join(s.runDir(), "socket")); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(os.Stdout, "holds "+s.runDir())
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed, or its parent is
}

// TestKilledHost: what a host leaves that was killed, the next one removes, and
// nothing of those that live.
func TestKilledHost(t *testing.T) {
	dir := shortDir(t)
	alive, err := openState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = alive.close() }()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestHoldState$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), holdVariable+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	held := ""
	for lines := bufio.NewScanner(out); held == "" && lines.Scan(); {
		_, held, _ = strings.Cut(lines.Text(), "holds ")
	}
	if held == "" {
		_ = cmd.Wait()
		t.Fatal("the other host holds nothing")
	}
	for range 2 {
		next, err := openState(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(held, "file")); err != nil {
			t.Errorf("while it lives: %v", err)
		}
		if err := next.close(); err != nil {
			t.Error(err)
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	next, err := openState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.close() }()
	left, err := os.ReadDir(filepath.Join(dir, "run"))
	if want := 4; err != nil || len(left) != want { // two hosts, a directory and a lock each
		t.Errorf("%d names in run, want %d: %v %v", len(left), want, left, err)
	}
	for _, d := range []string{alive.runDir(), next.runDir()} {
		if fi, err := os.Stat(d); err != nil || !fi.IsDir() {
			t.Errorf("%s: %v", d, err)
		}
	}
}

func TestStateClose(t *testing.T) {
	dir := shortDir(t)
	s, err := openState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.runDir(), "socket"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "run")); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// TestRunDirCleanedAway: it is made again, and stays this host's own.
func TestRunDirCleanedAway(t *testing.T) {
	dir := shortDir(t)
	s, err := openState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	if err := os.RemoveAll(filepath.Join(dir, "run")); err != nil {
		t.Skip("what is open cannot be removed here")
	}
	want := filepath.Join(s.runDir(), "socket")
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := openState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.close() }()
	if _, err := os.Stat(want); err != nil {
		t.Errorf("another host took it for a dead one's: %v", err)
	}
}

// TestSocketFits: the longest state directory has room for go-plugin's sockets,
// and the next longer one is refused with what is to be done.
func TestSocketFits(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("plugins listen on a port here")
	}
	base := shortDir(t)
	longest := filepath.Join(base, strings.Repeat("x", maxState-len(base)-1))
	s, err := openState(longest)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	socket := s.runDir() + "/plugin-dir4294967295/plugin4294967295" // the largest that os.MkdirTemp takes
	if len(socket) != maxSocket {
		t.Errorf("the socket's path has %d octets, want %d", len(socket), maxSocket)
	}
	if err := os.Mkdir(filepath.Dir(socket), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	_, err = openState(longest + "x")
	for _, want := range []string{longest + "x", fmt.Sprint(maxState + 1), fmt.Sprint(maxState), "Options.State"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func TestStateUnsafe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes here")
	}
	tests := []struct {
		name string
		make func(t *testing.T, dir string)
		text string
	}{
		{"others look in", func(t *testing.T, dir string) { chmod(t, dir, 0o755) }, "mode 0755"},
		{"others look into the store", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "store"), 0o700); err != nil {
				t.Fatal(err)
			}
			chmod(t, filepath.Join(dir, "store"), 0o777)
		}, "mode 0777"},
		{"a link", func(t *testing.T, dir string) {
			if err := os.Symlink(shortDir(t), filepath.Join(dir, "run")); err != nil {
				t.Fatal(err)
			}
		}, "symbolic link"},
		{"another user's", func(t *testing.T, dir string) {
			if os.Geteuid() != 0 {
				t.Skip("only the superuser gives files away")
			}
			if err := os.Chown(dir, 65534, -1); err != nil {
				t.Fatal(err)
			}
		}, "belongs to user 65534"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := shortDir(t)
			tt.make(t, dir)
			if s, err := openState(dir); !errors.Is(err, ErrUnsafe) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v %v", s, err)
			}
		})
	}
	file := filepath.Join(shortDir(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := openState(file); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("a file: got %v %v", s, err)
	}
}

// TestStateDefault: it is in the user's cache directory; without one, the
// option is named.
func TestStateDefault(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the variables below are Linux's")
	}
	dir := shortDir(t)
	t.Setenv("XDG_CACHE_HOME", dir)
	s, err := openState("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	if want := filepath.Join(dir, "mooring", "plugins", "run"); filepath.Dir(s.runDir()) != want {
		t.Errorf("got %s, want it in %s", s.runDir(), want)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := openState(""); err == nil || !strings.Contains(err.Error(), "Options.State") {
		t.Errorf("got %v", err)
	}
}
