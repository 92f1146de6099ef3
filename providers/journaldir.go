package providers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// JournalDir is a journal in a directory, made when the first run begins. A
// run is two files, ID.run.json and, once it has ended, ID.end.json; each
// appears whole or not at all, and is synced to disk before the call returns.
// Several processes may share the directory.
func JournalDir(dir string) Journal { return dirJournal(dir) }

type dirJournal string

const (
	runSuffix = ".run.json"
	endSuffix = ".end.json"
)

func (d dirJournal) Begin(_ context.Context, r Run) error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(string(d), r.ID+runSuffix)); err == nil {
		return begunBefore(r.ID)
	}
	err := d.write(r.ID+runSuffix, r, linkOrRename)
	if errors.Is(err, fs.ErrExist) {
		return begunBefore(r.ID)
	}
	return err
}

// linkOrRename takes nobody's name, unless the file system has no links.
func linkOrRename(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(from, to)
}

// begunBefore keeps a run from taking the place of another one, which would be
// lost to recovery and to taking it back.
func begunBefore(id string) error { return fmt.Errorf("journal: run %q is in the journal already", id) }

func (d dirJournal) End(_ context.Context, id string, e End) error {
	if err := validFile(id); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(string(d), id+runSuffix)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("journal: run %q: %w", id, ErrNoRun)
	}
	return d.write(id+endSuffix, e, os.Rename)
}

// write makes the file appear whole: written aside, synced, put in its place,
// and the directory synced.
func (d dirJournal) write(name string, v any, put func(from, to string) error) error {
	if err := validFile(name); err != nil {
		return err
	}
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("journal: %s: %w", name, err)
	}
	f, err := os.CreateTemp(string(d), ".new-*")
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already if renamed
	_, err = f.Write(append(data, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = put(f.Name(), filepath.Join(string(d), name))
	}
	if err == nil {
		err = syncDir(string(d))
	}
	if err != nil {
		return fmt.Errorf("journal: %s: %w", name, err)
	}
	return nil
}

// syncDir makes a rename in dir durable. Windows has no such call and needs none.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func validFile(name string) error {
	if filepath.Base(name) != name || strings.HasPrefix(name, ".") {
		return fmt.Errorf("journal: %q is no run", name)
	}
	return nil
}

func (d dirJournal) Load(_ context.Context, id string) (Run, error) {
	if err := validFile(id); err != nil {
		return Run{}, fmt.Errorf("%w: %w", err, ErrNoRun)
	}
	var r Run
	if err := d.read(id+runSuffix, &r); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return Run{}, fmt.Errorf("journal: run %q: %w", id, ErrNoRun)
		}
		return Run{}, &Damaged{Runs: []string{id}, Err: err}
	}
	if r.ID != id { // a copy, or nothing of ours
		return Run{}, &Damaged{Runs: []string{id}, Err: fmt.Errorf("%s%s: it holds run %q", id, runSuffix, r.ID)}
	}
	var e End
	switch err := d.read(id+endSuffix, &e); {
	case err == nil:
		r.End = &e
	case !errors.Is(err, fs.ErrNotExist):
		return Run{}, &Damaged{Runs: []string{id}, Err: err}
	}
	return r, nil
}

func (d dirJournal) read(name string, v any) error {
	data, err := os.ReadFile(filepath.Join(string(d), name))
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (d dirJournal) List(ctx context.Context) ([]Run, error) { return d.runs(ctx, false) }

func (d dirJournal) Open(ctx context.Context) ([]Run, error) { return d.runs(ctx, true) }

// runs is what List and Open are. A run that has ended is passed over by its
// files' names.
func (d dirJournal) runs(ctx context.Context, open bool) ([]Run, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("journal: %w", err)
	}
	ended := map[string]bool{}
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), endSuffix); ok {
			ended[id] = open
		}
	}
	var runs []Run
	var bad Damaged
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), runSuffix)
		if !ok || ended[id] {
			continue
		}
		r, err := d.Load(ctx, id)
		switch damaged, ok := errors.AsType[*Damaged](err); {
		case ok:
			bad.Runs, bad.Err = append(bad.Runs, id), errors.Join(bad.Err, damaged.Err)
		case errors.Is(err, ErrNoRun): // somebody has taken it away since
		case err != nil:
			return nil, err
		case !open || r.End == nil: // it may have ended meanwhile
			runs = append(runs, r)
		}
	}
	if bad.Err != nil {
		return runs, &bad
	}
	return runs, nil
}
