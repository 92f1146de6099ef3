//go:build unix

package plugins

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// openFlags keep an open from following a link, and from waiting for the other
// end of a named pipe.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// unchangeable says whether another user can change a file or directory. The
// superuser can anyway.
func unchangeable(fi fs.FileInfo) error {
	if perm := fi.Mode().Perm(); perm&0o022 != 0 {
		return fmt.Errorf("%w: others can change it (mode %04o): take that from them (chmod go-w), or use a place of its own", ErrUnsafe, perm)
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%w: it belongs to user %d, who can change it", ErrUnsafe, st.Uid)
	}
	return nil
}

// maxLinks is how many symbolic links a path may lead through, as on Linux
// (path_resolution(7)).
const maxLinks = 40

// steady says whether another user can put something else in the place of a
// directory, because he may change one above it, or one that a link on the way is
// in. dir is absolute.
func steady(dir string) error {
	top, err := os.Stat("/")
	if err != nil {
		return err
	}
	at, rest, links := "/", strings.Split(dir, "/"), 0
	for err = settled(at, top, top); err == nil && len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == "" || name == "." || name == ".." {
			at = filepath.Join(at, name) // there are no links in it
			continue
		}
		path := filepath.Join(at, name)
		fi, e := os.Lstat(path)
		switch {
		case e != nil:
			return e
		case fi.Mode()&fs.ModeSymlink == 0:
			at = path
			if len(rest) > 0 {
				err = settled(path, fi, top)
			}
			continue
		}
		target, e := os.Readlink(path)
		if links++; e != nil || links > maxLinks {
			return cmp.Or(e, fmt.Errorf("%s: %w", path, syscall.ELOOP))
		}
		if err = settled(path, fi, top); filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return err
}

// settled says whether another user can exchange what is in a directory, or a
// link in one whose sticky bit leaves to everybody what is his. Who owns the root
// can exchange everything: in a container the superuser may have another number,
// or none.
func settled(path string, fi, top fs.FileInfo) error {
	const elsewhere = "set Options.State to a directory that no other user can reach from above"
	if perm := fi.Mode().Perm(); fi.IsDir() && perm&0o022 != 0 && fi.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("%w: others can exchange what is in %s (mode %04o): take that from them (chmod go-w %s), or %s", ErrUnsafe, path, perm, path, elsewhere)
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	root, also := top.Sys().(*syscall.Stat_t)
	if ok && also && st.Uid != 0 && st.Uid != root.Uid && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%w: user %d can exchange %s, which is his, and this program runs as %d: %s", ErrUnsafe, st.Uid, path, os.Geteuid(), elsewhere)
	}
	return nil
}

// private says whether another user can as much as look into a directory.
func private(fi fs.FileInfo) error {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%w: it belongs to user %d, and this program runs as %d", ErrUnsafe, st.Uid, os.Geteuid())
	}
	if perm := fi.Mode().Perm(); perm&0o077 != 0 {
		return fmt.Errorf("%w: others can look into it (mode %04o): give it mode 0700, or name a directory of its own below it", ErrUnsafe, perm)
	}
	return nil
}
