package providers_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

func TestLeaseDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet")
	held, release, err := providers.LeaseDir(dir)(t.Context(), "d 1/../../x customer.example")
	if err != nil || held.Err() != nil {
		t.Fatal(err)
	}
	_, other, err := providers.LeaseDir(dir)(t.Context(), "d 2 customer.example")
	if err != nil {
		t.Fatalf("another zone: %v", err)
	}
	other()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := providers.LeaseDir(dir)(ctx, "d 1/../../x customer.example"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held zone: got %v, want the end of the context", err)
	}
	got := make(chan error)
	go func() {
		_, free, err := providers.LeaseDir(dir)(t.Context(), "d 1/../../x customer.example")
		if err == nil {
			free()
		}
		got <- err
	}()
	release()
	if err := <-got; err != nil {
		t.Errorf("a zone that was freed: %v", err)
	}
	if got := files(t, dir); len(got) != 2 {
		t.Errorf("files %v, want one for each zone", got)
	}
	file := filepath.Join(dir, files(t, dir)[0])
	if _, _, err := providers.LeaseDir(file)(t.Context(), "d"); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a file for a directory: got %v", err)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

// TestLeaseDefault: two accounts that share no more than a journal's directory
// do not write to one zone at a time.
func TestLeaseDefault(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	dir := t.TempDir()
	open := func() *providers.Account {
		acct, err := providers.Open(w.host.Driver(), nil, providers.Options{Journal: providers.JournalDir(dir)})
		if err != nil {
			t.Fatal(err)
		}
		return acct
	}
	busy, end := make(chan struct{}), make(chan struct{})
	w.host.SetHooks(memory.Hooks{Before: func(n int, _ zone.Edit) error {
		if n == 1 {
			close(busy)
			<-end
		}
		return nil
	}})
	first := make(chan string)
	run := providers.Run{ID: "alive"}
	go func() { first <- states(open().Apply(t.Context(), w.zone, threeChanges(t), &run)) }()
	<-busy
	journalled, err := providers.JournalDir(dir).Load(t.Context(), "alive")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := open().Recover(ctx, journalled); providers.CodeOf(err) != providers.Timeout || !strings.Contains(err.Error(), "another run") {
		t.Errorf("recovering a run that is alive: got %v", err)
	}
	if got := open().Apply(ctx, w.zone, threeChanges(t), &providers.Run{}); states(got) != "failed/Timeout failed/Timeout failed/Timeout" {
		t.Errorf("writing beside a run that is alive: got %+v", got)
	}
	if n := w.host.Writes(); n != 1 {
		t.Errorf("%d writes, want the first one alone", n)
	}
	recovered := make(chan providers.Recovery)
	go func() {
		how, _, _ := open().Recover(t.Context(), journalled)
		recovered <- how
	}()
	close(end)
	if got := <-first; got != "applied applied applied" {
		t.Errorf("the run that was alive: %s", got)
	}
	if how := <-recovered; how != providers.WasDone {
		t.Errorf("recovered as %q, want was-done", how)
	}
	w.holds(t, threeChanges(t)...)
}

// breakable is a lease that can be lost.
type breakable struct {
	lose  context.CancelCauseFunc
	freed int
}

func (b *breakable) lease(ctx context.Context, key string) (context.Context, func(), error) {
	if key != "memory memory:customer.example customer.example" {
		return nil, nil, errors.New("no such key: " + key)
	}
	held, lose := context.WithCancelCause(context.WithoutCancel(ctx))
	b.lose = lose
	return held, func() { b.freed++; lose(nil) }, nil
}

// TestLeaseLost: from then on nothing is written, not even what would put a
// swap back, and the run is left to whoever holds the zone next.
func TestLeaseLost(t *testing.T) {
	gone := errors.New("the database went away")
	for n := 1; n <= 4; n++ {
		w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
		var b breakable
		acct, err := providers.Open(w.host.Driver(), nil, providers.Options{Journal: w.journal, Lease: b.lease})
		if err != nil {
			t.Fatal(err)
		}
		w.host.SetHooks(memory.Hooks{After: func(m int, _ zone.Edit) error {
			if m == n {
				b.lose(gone)
			}
			return nil
		}})
		got := acct.Apply(t.Context(), w.zone, threeChanges(t), &providers.Run{})
		if s := states(got); s != "unknown/Unavailable unknown/Unavailable unknown/Unavailable" || !strings.Contains(got[0].Detail, gone.Error()) {
			t.Errorf("lost after write %d: got %+v", n, got)
		}
		if w.host.Writes() != n || b.freed != 1 {
			t.Errorf("lost after write %d: %d writes, freed %d times", n, w.host.Writes(), b.freed)
		}
		w.host.SetHooks(memory.Hooks{})
		if len(w.open(t)) != 1 {
			t.Fatalf("lost after write %d: the run is closed", n)
		}
		if _, got, err := acct.Recover(t.Context(), w.open(t)[0]); err != nil || !providers.Done(got) {
			t.Errorf("lost after write %d: recovered as %+v %v", n, got, err)
		}
		w.holds(t, threeChanges(t)...)
		if b.freed != 2 {
			t.Errorf("lost after write %d: freed %d times, want 2", n, b.freed)
		}
	}
}

// TestLeaseNone: what cannot be had keeps a run from beginning.
func TestLeaseNone(t *testing.T) {
	w := begin(t, providers.Caps{}, startZone...)
	refuses := func(context.Context, string) (context.Context, func(), error) {
		return nil, nil, errors.New("no quorum")
	}
	acct, err := providers.Open(w.host.Driver(), nil, providers.Options{Journal: w.journal, Lease: refuses})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the lock in this process is free again
		got := acct.Apply(t.Context(), w.zone, threeChanges(t)[:1], &providers.Run{})
		if s := states(got); s != "failed/Unavailable" || !strings.Contains(got[0].Detail, "no quorum") {
			t.Errorf("got %+v", got)
		}
	}
	if runs, _ := w.journal.List(t.Context()); len(runs) > 0 || w.host.Writes() > 0 {
		t.Errorf("%d runs, %d writes", len(runs), w.host.Writes())
	}
}
