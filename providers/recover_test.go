package providers_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

var errCut = errors.New("the process is gone")

// cutAt makes the process die at the n-th write, before or after it lands:
// nothing that the host does from then on is seen.
func (w *walk) cutAt(n int, after bool) {
	cut := func(m int, _ zone.Edit) error {
		if m != n {
			return nil
		}
		w.host.SetReadFault(memory.Refused(providers.AccessDenied))
		return errCut
	}
	if after {
		w.host.SetHooks(memory.Hooks{After: cut})
	} else {
		w.host.SetHooks(memory.Hooks{Before: cut})
	}
}

// TestRecoverStuck: somebody replaced the value that the rest of the run is
// about. It is not overwritten.
func TestRecoverStuck(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	changes := threeChanges(t)
	w.cutAt(1, true) // the new owner is written, the SPF record is not
	w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
	w.host.SetHooks(memory.Hooks{})
	w.host.SetReadFault(memory.Fault{})
	moved := zone.Change{Owner: apex, Remove: changes[0].Remove, Add: recs(t, `@ TXT "v=spf1 a ~all"`)}
	w.host.Change(apex, moved)
	w.reopen(t)
	how, got, err := w.acct.Recover(t.Context(), w.open(t)[0])
	if err != nil || how != providers.Stuck || states(got) != "conflict/Conflict applied applied" {
		t.Errorf("got %q %s %v", how, states(got), err)
	}
	w.holds(t, moved, changes[1], changes[2])
	if len(w.open(t)) > 0 {
		t.Error("the run is open still")
	}
}

// TestRecoverOther: a run is recovered by the driver that began it.
func TestRecoverOther(t *testing.T) {
	w := begin(t, providers.Caps{})
	if _, _, err := w.acct.Recover(t.Context(), providers.Run{ID: "x", Driver: "other", Zone: w.zone}); err == nil {
		t.Error("no error")
	}
}

// cutOff leaves an open run of a change behind.
func (w *walk) cutOff(t testing.TB, id string, c zone.Change) providers.Run {
	t.Helper()
	run := providers.Run{ID: id}
	w.reopen(t)
	journal := onlyBegins{w.journal}
	acct, err := providers.Open(w.host.Driver(), nil, providers.Options{Journal: journal, Lost: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	acct.Apply(t.Context(), w.zone, []zone.Change{c}, &run)
	return run
}

// onlyBegins is the journal of a process that ends before it closes its runs,
// and knows of no others.
type onlyBegins struct{ providers.Journal }

func (onlyBegins) End(context.Context, string, providers.End) error { return errCut }
func (onlyBegins) Open(context.Context) ([]providers.Run, error)    { return nil, nil }

// TestUnsettled: a zone with an open run is not written to until the run is
// settled. Other zones and other hosts are.
func TestUnsettled(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	changes := threeChanges(t)
	run := w.cutOff(t, "cut-off", changes[2])
	got := w.acct.Apply(t.Context(), w.zone, changes[:1], &providers.Run{})
	if s := states(got); s != "failed/Conflict" || !strings.Contains(got[0].Detail, "cut-off") {
		t.Errorf("got %+v", got)
	}
	planned := false
	_, err := w.acct.Transact(t.Context(), w.zone, func(zone.Snapshot) ([]zone.Change, *providers.Run, error) {
		planned = true
		return nil, nil, nil
	})
	var open *providers.Unsettled
	if !errors.As(err, &open) || open.Run != "cut-off" || open.Zone != apex || !open.Started.Equal(run.Started) || planned {
		t.Errorf("got %v, planned %t", err, planned)
	}
	if w.host.Writes() != 1 {
		t.Errorf("%d writes", w.host.Writes())
	}
	other := w.zone
	other.ID = "another account's"
	if _, err := w.acct.Transact(t.Context(), other, func(zone.Snapshot) ([]zone.Change, *providers.Run, error) { return nil, nil, nil }); err != nil {
		t.Errorf("another zone: %v", err)
	}
	if _, _, err := w.acct.Recover(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if got := w.acct.Apply(t.Context(), w.zone, changes[:1], &providers.Run{}); !providers.Done(got) {
		t.Errorf("after recovery: %+v", got)
	}
}

// TestRecoverAll: one run that cannot be settled does not keep it from the
// next one.
func TestRecoverAll(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	changes := threeChanges(t)
	for i, id := range []string{"1", "2", "3"} {
		w.cutOff(t, id, changes[i])
	}
	foreign := sampleRun(t, "theirs")
	if err := w.journal.Begin(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	w.journal = refusesEnd{w.journal, "2"}
	w.reopen(t)
	got, err := w.acct.RecoverAll(t.Context(), w.zone)
	if err != nil || len(got) != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	for i, r := range got {
		if failed := r.Err != nil; r.Run != []string{"1", "2", "3"}[i] || failed != (i == 1) || r.How != providers.WasDone {
			t.Errorf("%d: got %+v", i, r)
		}
	}
	if open := w.open(t); len(open) != 2 || open[0].ID != "2" || open[1].ID != "theirs" {
		t.Errorf("open: %+v", open)
	}
}

type refusesEnd struct {
	providers.Journal
	id string
}

func (j refusesEnd) End(ctx context.Context, id string, e providers.End) error {
	if id == j.id {
		return errors.New("disk full")
	}
	return j.Journal.End(ctx, id, e)
}

// TestRecoverUnclosed: the rest was written, and the journal could not say so.
func TestRecoverUnclosed(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	changes := threeChanges(t)
	w.cutAt(1, true)
	run := providers.Run{ID: "1"}
	w.acct.Apply(t.Context(), w.zone, changes, &run)
	w.host.SetHooks(memory.Hooks{})
	w.host.SetReadFault(memory.Fault{})
	journal := w.journal
	w.journal = refusesEnd{journal, "1"}
	w.reopen(t)
	if how, _, err := w.acct.Recover(t.Context(), run); err == nil || how != providers.Finished {
		t.Errorf("got %q %v, want finished and why the run is open", how, err)
	}
	w.holds(t, changes...)
	w.journal = journal
	w.reopen(t)
	if how, _, err := w.acct.Recover(t.Context(), run); err != nil || how != providers.WasDone {
		t.Errorf("once more: got %q %v, want was-done", how, err)
	}
}

// TestRecoverUnknown: what the journal does not hold is not settled by hearsay.
func TestRecoverUnknown(t *testing.T) {
	w := begin(t, providers.Caps{}, startZone...)
	run := providers.Run{ID: "x", Driver: "memory", Zone: w.zone, Changes: threeChanges(t)}
	if _, _, err := w.acct.Recover(t.Context(), run); !errors.Is(err, providers.ErrNoRun) || w.host.Writes() > 0 {
		t.Errorf("got %v, %d writes", err, w.host.Writes())
	}
}

// TestRecoverNamed: the zone that is locked is the one in the journal, whatever
// the caller says.
func TestRecoverNamed(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	w.cutOff(t, "1", threeChanges(t)[2])
	var keys []string
	acct, err := providers.Open(w.host.Driver(), nil, providers.Options{
		Journal: w.journal, Lost: time.Millisecond,
		Lease: func(ctx context.Context, key string) (context.Context, func(), error) {
			keys = append(keys, key)
			return context.WithoutCancel(ctx), func() {}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if how, _, err := acct.Recover(t.Context(), providers.Run{ID: "1"}); err != nil || how != providers.WasDone {
		t.Errorf("got %q %v, want was-done", how, err)
	}
	if d := cmp.Diff([]string{"memory memory:customer.example customer.example"}, keys); d != "" {
		t.Errorf("leases (-want +got):\n%s", d)
	}
}

// TestRecoverCopied: somebody has copied a run's file. The copy is no open run.
func TestRecoverCopied(t *testing.T) {
	w := begin(t, providers.Caps{}, startZone...)
	dir := t.TempDir()
	w.journal = providers.JournalDir(dir)
	w.reopen(t)
	if got := w.acct.Apply(t.Context(), w.zone, threeChanges(t)[2:], &providers.Run{ID: "1"}); !providers.Done(got) {
		t.Fatal(got)
	}
	data, err := os.ReadFile(filepath.Join(dir, "1.run.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"1 copy": data, "null": []byte("null")} {
		if err := os.WriteFile(filepath.Join(dir, name+".run.json"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var damaged *providers.Damaged
	if open, err := w.journal.Open(t.Context()); len(open) > 0 || !errors.As(err, &damaged) || len(damaged.Runs) != 2 {
		t.Errorf("open: got %v, %v", open, err)
	}
	if got := w.acct.Apply(t.Context(), w.zone, threeChanges(t)[:1], &providers.Run{}); !providers.Done(got) {
		t.Errorf("got %+v", got)
	}
}
