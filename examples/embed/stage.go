package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/plugins"
)

// staged is one plugin in a directory of its own, under its right name and
// pinned: as an operator runs it, whatever its author calls the binary.
type staged struct {
	plugins.Build
	from    string // the binary that was given
	options plugins.Options
}

// stage describes a binary twice: as it is, to learn its name, and under that
// name, as it is pinned. end removes all of it.
func (t *tool) stage(ctx context.Context) (s staged, end func(), err error) {
	end = func() {}
	binary, err := t.one("BINARY")
	if err != nil {
		return s, end, err
	}
	if s.from, err = filepath.Abs(binary); err == nil { // a name alone would be looked for in $PATH
		err = isProgram(s.from)
	}
	if err != nil {
		return s, end, usageError{fmt.Errorf("embed: plugins %s: %w", t.flags.Name(), err)}
	}
	dir, err := os.MkdirTemp(shortTemp(), "mooring-")
	if err != nil {
		return s, end, err
	}
	end = func() { _ = os.RemoveAll(dir) }
	if t.use.state == "" {
		t.use.state = filepath.Join(dir, "state")
	}
	if s.options, err = t.options(); err != nil {
		return s, end, err
	}
	s.options.Dirs = []string{filepath.Join(dir, "plugins")}
	return s, end, s.pin(ctx, t.rest)
}

func (s *staged) pin(ctx context.Context, args []string) error {
	dir := s.options.Dirs[0]
	// Arguments are given by ID, which is not known yet.
	first := filepath.Join(dir, "plugin")
	if err := errors.Join(os.Mkdir(dir, 0o700), copyProgram(first, s.from)); err != nil {
		return err
	}
	asked := s.options
	asked.Args = map[string][]string{"": args}
	d, err := plugins.Describe(ctx, first, asked)
	if err != nil {
		return fmt.Errorf("embed: %s", strings.ReplaceAll(err.Error(), first, s.from))
	}
	file, err := plugins.FileName(d.Info.ID, d.Version, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return fmt.Errorf("embed: %s: %w", s.from, err)
	}
	if err := os.Rename(first, filepath.Join(dir, file)); err != nil {
		return err
	}
	s.options.Args = map[string][]string{d.Info.ID: args}
	l, err := plugins.Pin(ctx, s.options)
	if err == nil {
		err = l.Write(filepath.Join(dir, plugins.LockFile))
	}
	if err != nil {
		return fmt.Errorf("embed: %w", err)
	}
	s.Build = l.Builds[0]
	s.Description.SDK, s.Description.Minor = d.SDK, d.Minor // which are not pinned
	return nil
}

func isProgram(path string) error {
	fi, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !fi.Mode().IsRegular():
		return &fs.PathError{Op: "start", Path: path, Err: errors.New("it is no file: want the binary of one plugin")}
	case runtime.GOOS != "windows" && fi.Mode()&0o111 == 0:
		return &fs.PathError{Op: "start", Path: path, Err: errors.New("it is not executable: chmod +x")}
	}
	return nil
}

func copyProgram(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o500) //nolint:gosec // it is executed
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// leaves is the errors that were joined into one.
func leaves(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range many.Unwrap() {
			out = slices.Concat(out, leaves(e))
		}
		return out
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
