package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

var errExchanged = fmt.Errorf("%w: it was exchanged while it was opened", ErrUnsafe)

// openSafe opens a regular file that nobody else can change, without following
// a symbolic link in its place. Links among its directories are followed.
func openSafe(path string) (*os.File, fs.FileInfo, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, nil, err
	}
	if err := regular(before); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EMLINK) { // a link by now; EMLINK is FreeBSD's word (open(2))
		return nil, nil, errExchanged
	}
	if err != nil {
		if now, e := os.Lstat(path); e == nil && regular(now) != nil {
			return nil, nil, regular(now) // the open failed because of what it has become
		}
		return nil, nil, err
	}
	fi, err := f.Stat()
	switch {
	case err != nil:
	case !os.SameFile(before, fi):
		err = errExchanged
	default:
		err = unchangeable(fi)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, fi, nil
}

func regular(fi fs.FileInfo) error {
	switch {
	case fi.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%w: it is a symbolic link: put the file itself in its place", ErrUnsafe)
	case !fi.Mode().IsRegular():
		return fmt.Errorf("%w: it is no regular file (%v)", ErrUnsafe, fi.Mode().Type())
	}
	return nil
}

// openProgram is openSafe for what is to be executed.
func openProgram(path string) (*os.File, error) {
	f, fi, err := openSafe(path)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && fi.Mode()&0o111 == 0 {
		_ = f.Close()
		return nil, fmt.Errorf("%w: it is not executable: chmod +x", ErrUnsafe)
	}
	return f, nil
}

// checkDir says whether others can put files into a directory.
func checkDir(dir string) error {
	fi, err := os.Stat(dir)
	switch {
	case err != nil:
		return err
	case !fi.IsDir():
		return fmt.Errorf("%s is no directory", dir)
	}
	if err := unchangeable(fi); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

// hexSum is the SHA-256 of what is read, in hex.
func hexSum(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
