package plugins

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// A state is the directory that hosts keep their plugins' copies and sockets
// in. Several hosts may share one:
//
//	STATE/store/SHA256/FILE   private copies, which are what runs
//	STATE/run/NAME            what one living host has open, such as sockets
//	STATE/run/NAME.lock       held by that host, so that others know when it is gone
type state struct {
	store store
	run   string // STATE/run
	name  string

	mu   sync.Mutex
	lock *os.File // nil: closed
}

// The longest path of a socket has 103 octets on macOS and the BSDs, whose
// sun_path has 104 with its final zero (unix(4)), and 107 on Linux (unix(7)).
// go-plugin makes plugin-dirN/pluginN below the directory that it is given,
// and N, which is os.MkdirTemp's, has up to ten digits.
const (
	maxSocket  = 100
	socketPath = len("/plugin-dir0123456789/plugin0123456789")
	runName    = 6 // octets of NAME, base 32
	maxState   = maxSocket - socketPath - len("/run/") - runName
)

const lockSuffix = ".lock"

// errHeld is for a file that somebody else holds.
var errHeld = errors.New("held")

// openState makes what is missing of dir, removes what dead hosts have left
// there, and takes a place in it. dir is "" for the usual one.
func openState(dir string) (*state, error) {
	dir, err := stateDir(dir)
	if err != nil {
		return nil, err
	}
	s := &state{store: store{dir: filepath.Join(dir, "store")}, run: filepath.Join(dir, "run")}
	for _, d := range []string{dir, s.store.dir, s.run} {
		if err := makePrivate(d); err != nil {
			return nil, fmt.Errorf("plugins: state: %w", err)
		}
	}
	if err := steady(dir); err != nil {
		return nil, fmt.Errorf("plugins: state: %s: %w", dir, err)
	}
	s.removeDead()
	for tries := 0; ; tries++ {
		s.name = strings.ToLower(rand.Text()[:runName])
		if s.lock, err = s.take(s.name); err == nil {
			return s, nil
		}
		if tries == 100 || !errors.Is(err, fs.ErrExist) && !errors.Is(err, errHeld) {
			return nil, fmt.Errorf("plugins: state: %w", err)
		}
	}
}

// stateDir is where the state is, absolute, and short enough.
func stateDir(dir string) (string, error) {
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("plugins: no directory for the plugins' state: set Options.State: %w", err)
		}
		dir = filepath.Join(cache, "mooring", "plugins")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("plugins: state: %w", err)
	}
	if n := len(dir); n > maxState && runtime.GOOS != "windows" { // where plugins listen on a port
		return "", fmt.Errorf("plugins: the state directory %s has a path of %d octets, and sockets in it need one of at most %d: set Options.State to a shorter one",
			dir, n, maxState)
	}
	return dir, nil
}

// makePrivate makes a directory, or checks the one that is there.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	fi, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !fi.IsDir(): // a link to one, since MkdirAll was content
		return fmt.Errorf("%s: %w: it is a symbolic link: name the directory itself", dir, ErrUnsafe)
	}
	if err := private(fi); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

// take makes a place under a name that nobody has.
func (s *state) take(name string) (*os.File, error) {
	path := filepath.Join(s.run, name)
	f, err := hold(path+lockSuffix, os.O_CREATE|os.O_EXCL)
	switch {
	case errors.Is(err, errors.ErrUnsupported): // no locks here, and then nobody removes places
		return nil, os.Mkdir(path, 0o700)
	case err != nil:
		return nil, err
	}
	if !holdsPath(f, path+lockSuffix) { // somebody who was faster with the lock took it for a dead host's
		_ = f.Close()
		return nil, errHeld
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		drop(f)
		return nil, err
	}
	return f, nil
}

// removeDead removes the places of hosts that are gone. What cannot be removed
// is tried again by the next host.
func (s *state) removeDead() {
	entries, err := os.ReadDir(s.run)
	if err != nil {
		return
	}
	for _, e := range entries {
		name, isLock := strings.CutSuffix(e.Name(), lockSuffix)
		if !isLock || name == "" {
			continue
		}
		f, err := hold(filepath.Join(s.run, e.Name()), 0)
		if err != nil { // its host lives, or is gone in this moment
			continue
		}
		if holdsPath(f, f.Name()) && os.RemoveAll(filepath.Join(s.run, name)) == nil {
			drop(f)
		}
		_ = f.Close()
	}
}

// holdsPath reports whether a file is still the one of this path.
func holdsPath(f *os.File, path string) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(have, there)
}

// drop removes a lock, while it is held where the system allows that.
func drop(f *os.File) {
	err := os.Remove(f.Name())
	_ = f.Close()
	if err != nil {
		_ = os.Remove(f.Name())
	}
}

// runDir is the directory for the sockets of this host. It is made again where
// somebody has cleaned it away, as services do that empty temporary and cache
// directories; so ask for it before each start.
func (s *state) runDir() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Join(s.run, s.name)
	if s.lock == nil {
		return dir
	}
	if !holdsPath(s.lock, dir+lockSuffix) && os.MkdirAll(s.run, 0o700) == nil {
		if f, err := hold(dir+lockSuffix, os.O_CREATE|os.O_EXCL); err == nil {
			_ = s.lock.Close()
			s.lock = f
		}
	}
	_ = os.MkdirAll(dir, 0o700) // a start without it says what is wrong
	return dir
}

// close gives the place up, and removes it with all that is in it. The second
// time it does nothing.
func (s *state) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.name == "" {
		return nil
	}
	err := os.RemoveAll(filepath.Join(s.run, s.name))
	if s.lock != nil && err == nil {
		drop(s.lock)
	} else if s.lock != nil {
		_ = s.lock.Close() // the next host removes the rest
	}
	s.name, s.lock = "", nil
	if err != nil {
		return fmt.Errorf("plugins: state: %w", err)
	}
	return nil
}

// day is what copies and leftovers are aged by.
const day = 24 * time.Hour
