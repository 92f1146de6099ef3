//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package providers

import (
	"errors"
	"os"
)

// lockFile fails: the standard library locks no files on this system.
func lockFile(name string) (*os.File, error) {
	return nil, &os.PathError{Op: "lock", Path: name, Err: errors.ErrUnsupported}
}
