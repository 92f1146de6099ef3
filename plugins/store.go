package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A store holds private copies of plugins by their content. A copy is what is
// hashed and what runs, so nobody who can exchange the original gets in
// between. Nothing is synced to disk: a copy that a crash of the machine cut
// off is found by its hash, and made anew.
type store struct{ dir string }

const (
	unused   = 30 * day // then a copy that no lock names goes
	newFiles = ".new-*"
)

func (s store) path(sum, file string) string { return filepath.Join(s.dir, sum, file) }

// keep copies a plugin's file and is the path and the SHA-256 of the copy. The
// file must have the content want, where that is not "". A good copy that is
// there already stays.
func (s store) keep(from, want string) (path, sum string, err error) {
	f, err := openProgram(from)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = f.Close() }()
	path = s.path(want, filepath.Base(from))
	if want != "" && checkCopy(path, want) == nil {
		if sum, err = hexSum(f); err == nil {
			err = compareSums(sum, want)
		}
		if err != nil {
			return "", "", err
		}
		s.touch(sum)
		return path, sum, nil
	}
	copied, sum, err := s.copy(f)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = os.Remove(copied) }() // gone already if renamed
	if want != "" {
		if err := compareSums(sum, want); err != nil {
			return "", "", err
		}
	}
	path = s.path(sum, filepath.Base(from))
	return path, sum, s.put(copied, path, sum)
}

// copy writes what is read aside. No process of this program is forked
// meanwhile, since it would inherit the file, and a file that somebody has open
// to write cannot be executed.
func (s store) copy(from io.Reader) (name, sum string, err error) {
	if err := makePrivate(s.dir); err != nil {
		return "", "", err
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.CreateTemp(s.dir, newFiles)
	if err != nil {
		return "", "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), from)
	err = errors.Join(err, f.Chmod(0o500), f.Close())
	if err != nil {
		_ = os.Remove(f.Name())
		return "", "", err
	}
	return f.Name(), hex.EncodeToString(h.Sum(nil)), nil
}

// put gives a copy its place. Who comes second with the same content leaves
// the first one's, which may be running.
func (s store) put(copied, path, sum string) error {
	if err := makePrivate(filepath.Dir(path)); err != nil {
		return err
	}
	defer s.touch(sum)
	if checkCopy(path, sum) == nil {
		return nil
	}
	err := os.Rename(copied, path)
	if err != nil && checkCopy(path, sum) == nil {
		return nil
	}
	return err
}

// touch notes that a copy is in use.
func (s store) touch(sum string) {
	now := time.Now()
	_ = os.Chtimes(filepath.Join(s.dir, sum), now, now) // at worst it is copied again one day
}

// checkCopy reads a copy whole and compares it with its SHA-256.
func checkCopy(path, want string) error {
	f, err := openProgram(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	got, err := hexSum(f)
	if err != nil {
		return err
	}
	return compareSums(got, want)
}

func compareSums(got, want string) error {
	if got != want {
		return fmt.Errorf("%w: SHA-256 %s, want %s", ErrTampered, got, want)
	}
	return nil
}

// removeOld removes copies that have not been used for long, but for those
// named by their SHA-256, and what writers that died have left.
func (s store) removeOld(named map[string]bool, now time.Time) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil {
			continue
		}
		age, limit := now.Sub(fi.ModTime()), unused
		if isNew, _ := filepath.Match(newFiles, e.Name()); isNew && !e.IsDir() {
			limit = day
		} else if named[e.Name()] || !e.IsDir() || !isSum(e.Name()) {
			continue
		}
		if age > limit {
			_ = os.RemoveAll(filepath.Join(s.dir, e.Name()))
		}
	}
}

// isSum reports whether s is a SHA-256 in lower-case hex.
func isSum(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && hex.EncodeToString(b) == s
}

// missing reports whether an error says that a file is not there.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
