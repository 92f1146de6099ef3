package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
)

// shortDir is a directory whose path is short enough for sockets, which
// t.TempDir's need not be.
func shortDir(t *testing.T) string {
	t.Helper()
	where := "/tmp"
	if runtime.GOOS == "windows" {
		where = ""
	}
	dir, err := os.MkdirTemp(where, "m") //nolint:usetesting // its path may be too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func newState(t *testing.T) *state {
	t.Helper()
	s, err := openState(shortDir(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A shelf is a directory with plugins and what its lock is to say.
type shelf struct {
	t    *testing.T
	dir  string
	lock Lock
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return &shelf{t: t, dir: dir}
}

// put makes a plugin's file, and is its path.
func (s *shelf) put(name, content string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// pinned makes a plugin's file for this platform and pins it.
func (s *shelf) pinned(id, version string) string {
	s.t.Helper()
	content := id + " " + version
	sum := sha256.Sum256([]byte(content))
	b := built(id, version, runtime.GOOS, runtime.GOARCH, hex.EncodeToString(sum[:]))
	s.lock.Builds = append(s.lock.Builds, b)
	return s.put(b.File, content)
}

// here is the name of a plugin's file for this platform.
func here(t *testing.T, id, version string) string {
	t.Helper()
	name, err := FileName(id, version, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func (s *shelf) writeLock() {
	s.t.Helper()
	if err := s.lock.Write(filepath.Join(s.dir, LockFile)); err != nil {
		s.t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// TestPrograms: beside every plugin that is refused, the good one runs.
func TestPrograms(t *testing.T) {
	tests := []struct {
		name   string
		unix   bool // modes and links
		change func(s *shelf, o *Options)
		want   string // id version, "+" where it is not pinned
		is     error
		text   string // in the error
	}{
		{name: "highest version that is pinned", change: func(s *shelf, _ *Options) {
			s.pinned("acme", "1.9.0")
			s.pinned("acme", "1.10.0")
			s.pinned("acme", "1.10.0-rc.1")
			s.put(here(s.t, "acme", "1.11.0"), "?")
		}, want: "acme 1.10.0, good 1.0.0"},
		{name: "version that the lock chooses", change: func(s *shelf, _ *Options) {
			s.pinned("acme", "1.9.0")
			s.pinned("acme", "1.10.0")
			s.lock.Pin = map[string]string{"acme": "1.9.0"}
		}, want: "acme 1.9.0, good 1.0.0"},
		{name: "chosen version is not there", change: func(s *shelf, _ *Options) {
			old := s.pinned("acme", "1.9.0")
			s.pinned("acme", "1.10.0")
			s.lock.Pin = map[string]string{"acme": "1.9.0"}
			_ = os.Remove(old)
		}, want: "good 1.0.0", text: "the lock chooses version 1.9.0"},
		{name: "other names and platforms", change: func(s *shelf, _ *Options) {
			s.put("README", "")
			s.put("mooring-plugin-acme", "")
			s.put("mooring-plugin-acme_v1.0.0_p1_plan9_mips", "")
			s.put(here(s.t, "acme", "1.0.0")+".sha256", "")
		}, want: "good 1.0.0"},
		{name: "not pinned", change: func(s *shelf, _ *Options) {
			s.put(here(s.t, "acme", "1.0.0"), "?")
		}, want: "good 1.0.0", is: ErrNotPinned, text: "mooring-plugin-acme_v1.0.0_p1_"},
		{name: "not pinned in development", change: func(s *shelf, o *Options) {
			s.pinned("acme", "1.0.0")
			s.put(here(s.t, "acme", "1.1.0-dev"), "?")
			o.Unpinned = true
		}, want: "acme 1.1.0-dev+, good 1.0.0"},
		{name: "another protocol", change: func(s *shelf, _ *Options) {
			s.put(strings.Replace(here(s.t, "acme", "1.0.0"), "_p1_", "_p2_", 1), "?")
		}, want: "good 1.0.0", text: "speaks protocol 2, and this program protocol 1"},
		{name: "another protocol beside this one", change: func(s *shelf, _ *Options) {
			s.pinned("acme", "1.0.0")
			s.put(strings.Replace(here(s.t, "acme", "2.0.0"), "_p1_", "_p2_", 1), "?")
		}, want: "acme 1.0.0, good 1.0.0"},
		{name: "gone", change: func(s *shelf, _ *Options) {
			_ = os.Remove(s.pinned("acme", "1.0.0"))
		}, want: "good 1.0.0", is: fs.ErrNotExist, text: "the lock has it for " + runtime.GOOS},
		{name: "changed byte, and an older version", change: func(s *shelf, _ *Options) {
			s.pinned("acme", "1.0.0")
			s.pinned("acme", "1.1.0")
			s.put(here(s.t, "acme", "1.1.0"), "acme 1.1.1")
		}, want: "good 1.0.0", is: ErrTampered},
		{name: "directory of that name", change: func(s *shelf, o *Options) {
			if err := os.Mkdir(filepath.Join(s.dir, here(s.t, "acme", "1.0.0")), 0o700); err != nil {
				s.t.Fatal(err)
			}
			o.Unpinned = true
		}, want: "good 1.0.0", is: ErrUnsafe, text: "no regular file"},
		{name: "symbolic link", unix: true, change: func(s *shelf, _ *Options) {
			path := s.pinned("acme", "1.0.0")
			s.link(path)
		}, want: "good 1.0.0", is: ErrUnsafe, text: "symbolic link"},
		{name: "symbolic link in development", unix: true, change: func(s *shelf, o *Options) {
			s.link(s.put(here(s.t, "acme", "1.0.0"), "?"))
			o.Unpinned = true
		}, want: "good 1.0.0", is: ErrUnsafe, text: "symbolic link"},
		{name: "not executable", unix: true, change: func(s *shelf, _ *Options) {
			chmod(s.t, s.pinned("acme", "1.0.0"), 0o600)
		}, want: "good 1.0.0", is: ErrUnsafe, text: "not executable: chmod +x"},
		{name: "writable by the group", unix: true, change: func(s *shelf, _ *Options) {
			chmod(s.t, s.pinned("acme", "1.0.0"), 0o770)
		}, want: "good 1.0.0", is: ErrUnsafe, text: "mode 0770"},
		{name: "writable by everybody in development", unix: true, change: func(s *shelf, o *Options) {
			chmod(s.t, s.put(here(s.t, "acme", "1.0.0"), "?"), 0o707)
			o.Unpinned = true
		}, want: "good 1.0.0", is: ErrUnsafe, text: "mode 0707"},
		{name: "another user's", unix: true, change: func(s *shelf, _ *Options) {
			path := s.pinned("acme", "1.0.0")
			if os.Geteuid() != 0 {
				s.t.Skip("only the superuser gives files away")
			}
			if err := os.Chown(path, 65534, -1); err != nil {
				s.t.Fatal(err)
			}
		}, want: "good 1.0.0", is: ErrUnsafe, text: "belongs to user 65534"},
		{name: "directory writable by others", unix: true, change: func(s *shelf, _ *Options) {
			chmod(s.t, s.dir, 0o777)
		}, is: ErrUnsafe, text: "mode 0777"},
		{name: "no directory", change: func(s *shelf, o *Options) {
			o.Dirs = append(o.Dirs, filepath.Join(s.dir, "none"))
		}, want: "good 1.0.0", is: fs.ErrNotExist},
		{name: "a file for a directory", change: func(s *shelf, o *Options) {
			o.Dirs = append(o.Dirs, s.put("file", ""))
		}, want: "good 1.0.0", text: "is no directory"},
		{name: "named lock is not there", change: func(s *shelf, o *Options) {
			o.Lock = filepath.Join(s.dir, "none")
		}, is: fs.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.unix && runtime.GOOS == "windows" {
				t.Skip("no modes here")
			}
			s := newShelf(t)
			s.pinned("good", "1.0.0")
			o := Options{Dirs: []string{s.dir}, Args: map[string][]string{"good": {"-x"}}}
			tt.change(s, &o)
			s.writeLock()
			got, err := programs(o, newState(t))
			if tt.want != list(t, got) {
				t.Errorf("got %q, want %q", list(t, got), tt.want)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			refuses := tt.is != nil || tt.text != ""
			if refuses != (err != nil) || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(text, tt.text) {
				t.Errorf("got %v, want %v with %q", err, tt.is, tt.text)
			}
		})
	}
}

// link puts a symbolic link in a file's place.
func (s *shelf) link(path string) {
	s.t.Helper()
	err := os.Rename(path, path+".real")
	if err == nil {
		err = os.Symlink(path+".real", path)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// list checks programs and tells their IDs and versions.
func list(t *testing.T, all []program) string {
	t.Helper()
	var names []string
	for _, p := range all {
		name := p.id + " " + p.version
		if err := p.verify(); err != nil {
			t.Error(err)
		}
		switch {
		case p.sha256 == "":
			name += "+"
			if p.path != p.source || p.want != "" || p.known != nil {
				t.Errorf("%s is not pinned: %+v", name, p)
			}
		case p.known == nil || p.want != p.known.Digest() || p.known.Info.ID != p.id || filepath.Base(p.path) != filepath.Base(p.source) || p.path == p.source:
			t.Errorf("%s is pinned: %+v", name, p)
		}
		if want := p.id == "good"; slices.Equal(p.args, []string{"-x"}) != want {
			t.Errorf("%s has the arguments %q", name, p.args)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// TestProgramsDirs: of several directories the highest version counts, and of
// equal ones the first.
func TestProgramsDirs(t *testing.T) {
	a, b := newShelf(t), newShelf(t)
	first := a.pinned("acme", "1.0.0")
	b.pinned("acme", "1.0.0")
	a.pinned("beta", "1.0.0")
	second := b.pinned("beta", "1.0.1")
	a.writeLock()
	b.writeLock()
	o := Options{Dirs: []string{a.dir, b.dir}}
	got, err := programs(o, newState(t))
	if err != nil || len(got) != 2 || got[0].source != first || got[1].source != second {
		t.Errorf("got %+v %v", got, err)
	}
	a.lock.Pin = map[string]string{"beta": "1.0.0"}
	b.lock.Pin = map[string]string{"beta": "1.0.1"}
	a.writeLock()
	b.writeLock()
	if got, err := programs(o, newState(t)); err == nil || !strings.Contains(err.Error(), "of beta") || len(got) > 0 {
		t.Errorf("two choices: got %+v %v", got, err)
	}
	whole := Lock{Builds: append(a.lock.Builds, b.lock.Builds[1])}
	o.Lock = filepath.Join(t.TempDir(), "all.json")
	if err := whole.Write(o.Lock); err != nil {
		t.Fatal(err)
	}
	if got, err := programs(o, newState(t)); err != nil || len(got) != 2 || got[1].source != second {
		t.Errorf("one lock for both: got %+v %v", got, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	chmod(t, o.Lock, 0o666)
	if got, err := programs(o, newState(t)); !errors.Is(err, ErrUnsafe) || len(got) > 0 {
		t.Errorf("a lock that everybody can write: got %+v %v", got, err)
	}
}

// TestProgramsNone: nothing to run is no error.
func TestProgramsNone(t *testing.T) {
	if got, err := programs(Options{}, newState(t)); err != nil || len(got) > 0 {
		t.Errorf("got %+v %v", got, err)
	}
	if got, err := programs(Options{Dirs: []string{newShelf(t).dir}}, newState(t)); err != nil || len(got) > 0 {
		t.Errorf("an empty directory: got %+v %v", got, err)
	}
}

// TestRefused: who asks which plugin is refused, and why, is told.
func TestRefused(t *testing.T) {
	s := newShelf(t)
	path := s.put(here(t, "acme", "1.0.0"), "?")
	_, err := programs(Options{Dirs: []string{s.dir}}, newState(t))
	r, ok := errors.AsType[*Refused](err)
	if !ok || r.ID != "acme" || r.File != path || !errors.Is(r, ErrNotPinned) {
		t.Errorf("got %+v of %v", r, err)
	}
	if wire.Protocol != 1 {
		t.Error("the names in these tests are of protocol 1")
	}
}
