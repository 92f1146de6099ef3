//go:build unix

package plugins

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestStateCanBeExchanged: a state that is private itself is refused where another
// user can put another one in its place.
func TestStateCanBeExchanged(t *testing.T) {
	mkdir := func(t *testing.T, path string, mode os.FileMode) string {
		t.Helper()
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(t *testing.T, to, path string) string {
		t.Helper()
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	give := func(t *testing.T, path string) {
		t.Helper()
		if os.Geteuid() != 0 {
			t.Skip("only the superuser gives files away")
		}
		if err := os.Lchown(path, 65534, -1); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		state func(t *testing.T, base string) string
		says  string // "": it is taken
	}{
		{"a home that others see", func(t *testing.T, base string) string { return mkdir(t, base+"/h", 0o755) + "/s" }, ""},
		{"a home that the group writes", func(t *testing.T, base string) string { return mkdir(t, base+"/h", 0o775) + "/s" }, "chmod go-w"},
		{"far below one that everybody writes", func(t *testing.T, base string) string {
			return mkdir(t, mkdir(t, base+"/h", 0o777)+"/a", 0o700) + "/s"
		}, "mode 0777"},
		{"one like /tmp", func(t *testing.T, base string) string { return mkdir(t, base+"/h", 0o777|os.ModeSticky) + "/s" }, ""},
		{"another user's home", func(t *testing.T, base string) string {
			home := mkdir(t, base+"/h", 0o755)
			give(t, home)
			return home + "/s"
		}, "user 65534 can exchange"},
		{"a link of ours", func(t *testing.T, base string) string {
			mkdir(t, base+"/h", 0o700)
			return link(t, "../"+filepath.Base(base)+"/h", base+"/l") + "/s"
		}, ""},
		{"a link in a directory that others write", func(t *testing.T, base string) string {
			mkdir(t, base+"/safe", 0o700)
			return link(t, base+"/safe", mkdir(t, base+"/h", 0o777)+"/l") + "/s"
		}, "mode 0777"},
		{"a link through such a directory", func(t *testing.T, base string) string {
			mkdir(t, base+"/safe", 0o700)
			link(t, base+"/safe", mkdir(t, base+"/h", 0o777)+"/l")
			return link(t, "h/l", base+"/l") + "/s"
		}, "mode 0777"},
		{"a link to such a directory", func(t *testing.T, base string) string {
			mkdir(t, base+"/h", 0o777)
			return link(t, "h", base+"/l") + "/s"
		}, "mode 0777"},
		{"another user's link", func(t *testing.T, base string) string {
			mkdir(t, base+"/safe", 0o700)
			l := link(t, base+"/safe", mkdir(t, base+"/h", 0o777|os.ModeSticky)+"/l")
			give(t, l)
			return l + "/s"
		}, "user 65534 can exchange"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := openState(tt.state(t, shortDir(t)))
			if s != nil {
				defer func() { _ = s.close() }()
			}
			if tt.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, ErrUnsafe) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "Options.State") {
				t.Errorf("got %v, want it to say %q", err, tt.says)
			}
		})
	}
}

// TestStateShared: hosts that come and go at once in one state find their copies
// whole, and leave nothing but them.
func TestStateShared(t *testing.T) {
	dir, bin := shortDir(t), filepath.Join(t.TempDir(), "mooring-plugin-x_v1.0.0_p1_linux_amd64")
	if err := os.WriteFile(bin, []byte(strings.Repeat("x", 1<<16)), 0o600); err != nil {
		t.Fatal(err)
	}
	chmod(t, bin, 0o755)
	visit := func() error {
		s, err := openState(dir)
		if err != nil {
			return err
		}
		path, sum, err := s.store.keep(bin, "")
		if err == nil {
			err = checkCopy(path, sum)
		}
		_, lost := os.Stat(s.runDir())
		return errors.Join(err, lost, s.close())
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if err := visit(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, pattern := range []string{"/run/*", "/store/.new*"} {
		if left, err := filepath.Glob(dir + pattern); err != nil || len(left) > 0 {
			t.Errorf("left: %v %v", left, err)
		}
	}
}

// TestStateUmask: the state is private whatever the program's umask is, or is not
// made at all.
func TestStateUmask(t *testing.T) {
	for _, mask := range []int{0, 0o027} {
		dir := filepath.Join(shortDir(t), "s")
		before := syscall.Umask(mask)
		s, err := openState(dir)
		syscall.Umask(before)
		if err != nil {
			t.Errorf("umask %04o: %v", mask, err)
			continue
		}
		for _, path := range []string{dir, s.store.dir, s.runDir()} {
			if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o700 {
				t.Errorf("umask %04o: %s has mode %v, %v", mask, path, fi.Mode(), err)
			}
		}
		_ = s.close()
	}
}
