package providers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	// Window is the time, in nanoseconds, in which an edit by somebody else
	// could be lost where the host compares nothing: from the beginning of the
	// reading that the run is based on to the answer to its last write. It is an
	// upper bound; a driver that reads once more right before it writes leaves
	// less. 0 for a run that Recover closed without a write.
	Window time.Duration `json:"window,omitempty"`
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
	// List is all runs, oldest first. Where some cannot be read it is the
	// others, with *Damaged.
	List(ctx context.Context) ([]Run, error)
	// Open is those of List that have no End, at a cost that does not grow with
	// what the ended ones hold.
	Open(ctx context.Context) ([]Run, error)
}

// Damaged is the error of a journal that cannot read some of its runs. It
// keeps nobody from the others.
type Damaged struct {
	Runs []string // their IDs
	Err  error
}

func (e *Damaged) Error() string {
	return fmt.Sprintf("journal: cannot be read: run %s: %v", strings.Join(e.Runs, ", "), e.Err)
}

func (e *Damaged) Unwrap() error { return e.Err }

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

func (j *memoryJournal) Open(context.Context) ([]Run, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(j.runs), func(r Run) bool { return r.End != nil }), nil
}
