//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package plugins

import (
	"errors"
	"os"
)

// hold fails: the standard library locks no files on this system.
func hold(name string, _ int) (*os.File, error) {
	return nil, &os.PathError{Op: "lock", Path: name, Err: errors.ErrUnsupported}
}
