package libdnsdriver

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/providers"
)

// openRuns is the journal of a Provider that was given none: it holds the runs
// that are open and forgets them at their end, for a program that renews
// certificates runs for years, and a run may hold a whole zone.
type openRuns struct {
	mu   sync.Mutex
	runs []providers.Run
}

func (j *openRuns) Begin(_ context.Context, r providers.Run) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.index(r.ID) >= 0 {
		return fmt.Errorf("run %q is open already", r.ID)
	}
	j.runs = append(j.runs, r)
	return nil
}

func (j *openRuns) End(_ context.Context, id string, _ providers.End) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.index(id)
	if i < 0 {
		return fmt.Errorf("run %q: %w", id, providers.ErrNoRun)
	}
	j.runs = slices.Delete(j.runs, i, i+1)
	return nil
}

func (j *openRuns) Load(_ context.Context, id string) (providers.Run, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.index(id)
	if i < 0 {
		return providers.Run{}, fmt.Errorf("run %q: %w", id, providers.ErrNoRun)
	}
	return j.runs[i], nil
}

func (j *openRuns) List(context.Context) ([]providers.Run, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.runs), nil
}

func (j *openRuns) Open(ctx context.Context) ([]providers.Run, error) { return j.List(ctx) }

func (j *openRuns) index(id string) int {
	return slices.IndexFunc(j.runs, func(r providers.Run) bool { return r.ID == id })
}
