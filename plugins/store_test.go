package plugins

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// one is a shelf with the plugin acme, and what is run of it.
func one(t *testing.T, st *state) (*shelf, program) {
	t.Helper()
	s := newShelf(t)
	s.pinned("acme", "1.0.0")
	s.writeLock()
	got, err := programs(Options{Dirs: []string{s.dir}}, st)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	return s, got[0]
}

// rewrite changes one byte of a file that nobody is to write.
func rewrite(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	chmod(t, path, 0o700)
	if err := os.WriteFile(path, data, 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestCopyIsPrivate(t *testing.T) {
	st := newState(t)
	_, p := one(t, st)
	if want := st.store.path(p.sha256, filepath.Base(p.source)); p.path != want {
		t.Errorf("got %s, want %s", p.path, want)
	}
	for path, want := range map[string]fs.FileMode{p.path: 0o500, filepath.Dir(p.path): 0o700 | fs.ModeDir, st.store.dir: 0o700 | fs.ModeDir} {
		if fi, err := os.Lstat(path); err != nil || runtime.GOOS != "windows" && fi.Mode() != want {
			t.Errorf("%s: %v %v, want %v", path, fi.Mode(), err, want)
		}
	}
}

func TestVerify(t *testing.T) {
	tests := []struct {
		name   string
		unix   bool
		change func(t *testing.T, s *shelf, p program)
		is     error // of verify
		again  error // of the next load, in the same state
	}{
		{name: "nothing", change: func(*testing.T, *shelf, program) {}},
		{name: "changed byte in the copy", change: func(t *testing.T, _ *shelf, p program) {
			rewrite(t, p.path)
		}, is: ErrTampered}, // a load makes it anew
		{name: "cut off copy", change: func(t *testing.T, _ *shelf, p program) {
			chmod(t, p.path, 0o700)
			if err := os.Truncate(p.path, 0); err != nil {
				t.Fatal(err)
			}
		}, is: ErrTampered},
		{name: "changed byte in the original", change: func(t *testing.T, _ *shelf, p program) {
			rewrite(t, p.source)
		}, again: ErrTampered},
		{name: "original taken away", change: func(t *testing.T, _ *shelf, p program) {
			_ = os.Remove(p.source)
		}, again: fs.ErrNotExist},
		{name: "copy cleaned away", change: func(t *testing.T, _ *shelf, p program) {
			_ = os.RemoveAll(p.store.dir)
		}},
		{name: "copy cleaned away and original changed", change: func(t *testing.T, _ *shelf, p program) {
			_ = os.RemoveAll(p.store.dir)
			rewrite(t, p.source)
		}, is: ErrTampered, again: ErrTampered},
		{name: "copy exchanged for a link", unix: true, change: func(t *testing.T, s *shelf, p program) {
			evil := s.put("evil", "acme 1.0.0") // the right content, for now
			err := os.Remove(p.path)
			if err == nil {
				err = os.Symlink(evil, p.path)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, is: ErrUnsafe},
		{name: "copy opened to others", unix: true, change: func(t *testing.T, _ *shelf, p program) {
			chmod(t, p.path, 0o777)
		}, is: ErrUnsafe},
		{name: "original exchanged for a link", unix: true, change: func(t *testing.T, s *shelf, p program) {
			s.link(p.source)
		}, again: ErrUnsafe},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.unix && runtime.GOOS == "windows" {
				t.Skip("no modes here")
			}
			st := newState(t)
			s, p := one(t, st)
			tt.change(t, s, p)
			err := p.verify()
			if r, ok := errors.AsType[*Refused](err); !errors.Is(err, tt.is) || tt.is == nil && err != nil || tt.is != nil && (!ok || r.ID != "acme") {
				t.Errorf("got %v, want %v", err, tt.is)
			}
			got, err := programs(Options{Dirs: []string{s.dir}}, st)
			if !errors.Is(err, tt.again) || tt.again == nil && err != nil || (len(got) == 1) != (tt.again == nil) {
				t.Errorf("loaded again: got %+v %v, want %v", got, err, tt.again)
			}
			for _, p := range got {
				if err := p.verify(); err != nil {
					t.Errorf("loaded again: %v", err)
				}
			}
		})
	}
}

// TestSwapBetweenScanAndCopy: what was a file when the directory was read is a
// link, or another file, when it is copied.
func TestSwapBetweenScanAndCopy(t *testing.T) {
	for name, swap := range map[string]func(s *shelf, path string){
		"link": func(s *shelf, path string) { s.link(path) },
		"file": func(s *shelf, path string) { s.put(filepath.Base(path), "evil") },
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" {
				t.Skip("links are for administrators here")
			}
			st, s := newState(t), newShelf(t)
			path := s.pinned("acme", "1.0.0")
			s.writeLock()
			dirs, err := discover(Options{Dirs: []string{s.dir}})
			if err != nil || len(dirs) != 1 || len(dirs[0].found) != 1 {
				t.Fatal(dirs, err)
			}
			swap(s, path)
			if p, err := st.program(dirs[0].found[0]); !errors.Is(err, ErrUnsafe) && !errors.Is(err, ErrTampered) {
				t.Errorf("got %+v %v", p, err)
			}
			left, err := os.ReadDir(st.store.dir)
			if err != nil || len(left) > 0 {
				t.Errorf("%d copies are left, %v", len(left), err)
			}
		})
	}
}

// TestSwapUnderway exchanges a file all the time while it is copied: what gets
// through is the content of the lock.
func TestSwapUnderway(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be exchanged here")
	}
	st, s := newState(t), newShelf(t)
	path := s.pinned("acme", "1.0.0")
	good, evil := s.put("good", "acme 1.0.0"), s.put("evil", "evil 1.0.0")
	stop := make(chan struct{})
	var swaps sync.WaitGroup
	swaps.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			from, next := []string{good, evil}[i%2], filepath.Join(s.dir, "next")
			if i%3 == 0 {
				_ = os.Symlink(from, next)
			} else {
				_ = os.Link(from, next)
			}
			_ = os.Rename(next, path)
		}
	})
	kept := 0
	for range 200 {
		_ = os.RemoveAll(st.store.dir)
		copied, _, err := st.store.keep(path, s.lock.Builds[0].SHA256)
		switch {
		case err == nil:
			kept++
			if data, _ := os.ReadFile(copied); string(data) != "acme 1.0.0" {
				t.Fatalf("copied %q", data)
			}
		case !errors.Is(err, ErrTampered) && !errors.Is(err, ErrUnsafe) && !errors.Is(err, fs.ErrNotExist):
			t.Fatal(err)
		}
	}
	close(stop)
	swaps.Wait()
	t.Logf("%d of 200 copies were good", kept)
}

// TestConcurrentCopies: hosts that share a state and begin at once.
func TestConcurrentCopies(t *testing.T) {
	dir, s := shortDir(t), newShelf(t)
	s.pinned("acme", "1.0.0")
	s.pinned("beta", "1.0.0")
	s.writeLock()
	var hosts sync.WaitGroup
	for range 16 {
		hosts.Go(func() {
			st, err := openState(dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = st.close() }()
			all, err := programs(Options{Dirs: []string{s.dir}}, st)
			if err != nil || len(all) != 2 {
				t.Errorf("got %+v %v", all, err)
			}
			for _, p := range all {
				if err := p.verify(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	hosts.Wait()
	left, err := os.ReadDir(filepath.Join(dir, "store"))
	if err != nil || len(left) != 2 {
		t.Errorf("%v in the store, %v; want two copies and nothing else", left, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "run")); err != nil || len(left) > 0 {
		t.Errorf("%v in run, %v", left, err)
	}
}

// TestOldCopies: what no lock names goes after 30 days without use.
func TestOldCopies(t *testing.T) {
	st := newState(t)
	s, p := one(t, st)
	age := func(name string, d time.Duration) string {
		path := filepath.Join(st.store.dir, name)
		if !strings.HasPrefix(name, ".") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-d)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
		return path
	}
	gone := []string{age(strings.Repeat("ab", 32), 31*day), age(".new-1", 2*day)}
	stay := []string{age(p.sha256, 365*day), age(strings.Repeat("cd", 32), 29*day), age(".new-2", time.Hour), age("notes", 365*day), age(".mine", 365*day)}
	if _, err := programs(Options{Dirs: []string{s.dir}}, st); err != nil {
		t.Fatal(err)
	}
	for _, path := range gone {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is there (%v)", path, err)
		}
	}
	for _, path := range stay {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	if fi, err := os.Stat(filepath.Dir(p.path)); err != nil || time.Since(fi.ModTime()) > time.Hour {
		t.Errorf("a copy in use was not noted: %v", err)
	}
}

// BenchmarkVerify: what does the check before each start cost, for a binary of
// the usual size?
func BenchmarkVerify(b *testing.B) {
	path := filepath.Join(b.TempDir(), "acme")
	if err := os.WriteFile(path, make([]byte, 18_700_000), 0o500); err != nil {
		b.Fatal(err)
	}
	st := store{dir: filepath.Join(b.TempDir(), "store")}
	copied, sum, err := st.keep(path, "")
	if err != nil {
		b.Fatal(err)
	}
	p := program{id: "acme", path: copied, sha256: sum, store: st}
	b.SetBytes(18_700_000)
	for b.Loop() {
		if err := p.verify(); err != nil {
			b.Fatal(err)
		}
	}
}
