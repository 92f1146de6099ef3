//go:build unix

package plugins

import (
	"fmt"
	"io/fs"
	"os"
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
