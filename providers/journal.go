package providers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Run is one application of changes to one zone, as it is written down before
// the first write. It holds no credentials.
type Run struct {
	ID       string          `json:"id"`
	Started  time.Time       `json:"started"`
	Driver   string          `json:"driver"` // Info.ID
	Zone     Zone            `json:"zone"`
	Request  json.RawMessage `json:"request,omitempty"`  // the planner's request, for whoever plans again
	Changes  []zone.Change   `json:"changes"`            // what it writes: none that the zone held already
	Sets     []SetImage      `json:"sets"`               // every RRset touched, whole
	Snapshot *zone.Snapshot  `json:"snapshot,omitempty"` // the whole zone before, where the host writes it whole
	End      *End            `json:"end,omitempty"`      // nil while the run is open
}

// SetImage is one RRset before and after a run.
type SetImage struct {
	Key    zone.Key      `json:"key"`
	Before []zone.Record `json:"before,omitempty"`
	After  []zone.Record `json:"after,omitempty"`
}

// End closes a run.
type End struct {
	At       time.Time `json:"at"`
	Outcomes []Outcome `json:"outcomes"` // one for each of Changes
}

// NewRunID is a fresh run identifier. Identifiers sort by time.
func NewRunID(now time.Time) string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return now.UTC().Format("20060102t150405.000000-") + hex.EncodeToString(b[:])
}

// Journal keeps runs. Begin and End are durable when they return: a process
// that is killed afterwards finds the run again.
type Journal interface {
	// Begin fails for a run whose ID the journal holds already.
	Begin(ctx context.Context, r Run) error
	End(ctx context.Context, id string, e End) error
	// Load is one run, with its End where it has one; ErrNoRun for none.
	Load(ctx context.Context, id string) (Run, error)
	// List is all runs, oldest first.
	List(ctx context.Context) ([]Run, error)
}

// ErrNoRun is for a run that the journal does not hold.
var ErrNoRun = errors.New("no such run in the journal")

// JournalMemory is a journal for tests and for programs that need no recovery.
func JournalMemory() Journal { return &memoryJournal{} }

type memoryJournal struct {
	mu   sync.Mutex
	runs []Run
}

func (j *memoryJournal) Begin(_ context.Context, r Run) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.ContainsFunc(j.runs, func(o Run) bool { return o.ID == r.ID }) {
		return begunBefore(r.ID)
	}
	j.runs = append(j.runs, r)
	return nil
}

func (j *memoryJournal) End(_ context.Context, id string, e End) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.runs {
		if j.runs[i].ID == id {
			j.runs[i].End = &e
			return nil
		}
	}
	return fmt.Errorf("journal: run %q: %w", id, ErrNoRun)
}

func (j *memoryJournal) Load(_ context.Context, id string) (Run, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.runs {
		if r.ID == id {
			return r, nil
		}
	}
	return Run{}, fmt.Errorf("journal: run %q: %w", id, ErrNoRun)
}

func (j *memoryJournal) List(context.Context) ([]Run, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.runs), nil
}

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
	return d.write(r.ID+runSuffix, r)
}

// begunBefore keeps a run from taking the place of another one, which would be
// lost to recovery and to taking it back.
func begunBefore(id string) error { return fmt.Errorf("journal: run %q is in the journal already", id) }

func (d dirJournal) End(_ context.Context, id string, e End) error {
	return d.write(id+endSuffix, e)
}

// write makes the file appear whole: written aside, synced, renamed, and the
// directory synced.
func (d dirJournal) write(name string, v any) error {
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
	defer func() { _ = os.Remove(f.Name()) }() // gone already once renamed
	_, err = f.Write(append(data, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(string(d), name))
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
		return Run{}, err
	}
	var e End
	switch err := d.read(id+endSuffix, &e); {
	case err == nil:
		r.End = &e
	case !errors.Is(err, fs.ErrNotExist):
		return Run{}, err
	}
	return r, nil
}

func (d dirJournal) read(name string, v any) error {
	data, err := os.ReadFile(filepath.Join(string(d), name))
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("journal: %s: %w", name, err)
	}
	return nil
}

func (d dirJournal) List(ctx context.Context) ([]Run, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("journal: %w", err)
	}
	var runs []Run
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), runSuffix)
		if !ok {
			continue
		}
		r, err := d.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}
