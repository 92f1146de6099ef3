package providers_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

func sampleRun(t *testing.T, id string) providers.Run {
	return providers.Run{
		ID: id, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Driver: "memory",
		Zone:    providers.Zone{ID: "1", Apex: apex, Caps: providers.Caps{Grain: providers.GrainRRset}},
		Request: json.RawMessage(`{"want":"something"}`),
		Changes: []zone.Change{{Owner: apex, Add: recs(t, `@ TXT "\255\254 not UTF-8"`)}},
		Sets:    []providers.SetImage{{Key: zone.Key{Name: apex, Type: "TXT"}, After: recs(t, `@ TXT "\255\254 not UTF-8"`)}},
	}
}

// compact is a run as JSON: a journal may lay the request out anew.
func compact(t *testing.T, r providers.Run) string {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestJournal(t *testing.T) {
	for name, open := range map[string]func(*testing.T) providers.Journal{
		"memory": func(*testing.T) providers.Journal { return providers.JournalMemory() },
		"dir": func(t *testing.T) providers.Journal {
			return providers.JournalDir(filepath.Join(t.TempDir(), "not", "yet"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, j := t.Context(), open(t)
			if runs, err := j.List(ctx); err != nil || len(runs) != 0 {
				t.Errorf("an empty journal lists %d runs, %v", len(runs), err)
			}
			if _, err := j.Load(ctx, "20260102t030405.000000-0"); !errors.Is(err, providers.ErrNoRun) {
				t.Errorf("unknown run: got %v, want ErrNoRun", err)
			}
			a, b := sampleRun(t, "20260102t030405.000000-a"), sampleRun(t, "20260102t030406.000000-b")
			for _, r := range []providers.Run{a, b} {
				if err := j.Begin(ctx, r); err != nil {
					t.Fatal(err)
				}
			}
			end := providers.End{At: a.Started.Add(time.Second), Outcomes: []providers.Outcome{{Owner: apex, State: providers.Applied}}}
			if err := j.End(ctx, a.ID, end); err != nil {
				t.Fatal(err)
			}
			if err := j.End(ctx, "20260102t030407.000000-c", end); !errors.Is(err, providers.ErrNoRun) {
				t.Errorf("end of an unknown run: got %v, want ErrNoRun", err)
			}
			a.End = &end
			runs, err := j.List(ctx)
			if err != nil || len(runs) != 2 {
				t.Fatalf("list: %d runs, %v", len(runs), err)
			}
			loaded, err := j.Load(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, tt := range []struct{ got, want providers.Run }{{runs[0], a}, {runs[1], b}, {loaded, a}} {
				if d := cmp.Diff(compact(t, tt.want), compact(t, tt.got)); d != "" {
					t.Errorf("run (-want +got):\n%s", d)
				}
			}
		})
	}
}

// TestJournalOnce: of those that begin a run of one ID at the same time, one does.
func TestJournalOnce(t *testing.T) {
	for name, j := range map[string]providers.Journal{"memory": providers.JournalMemory(), "dir": providers.JournalDir(t.TempDir())} {
		run := sampleRun(t, "same")
		var begun atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if j.Begin(t.Context(), run) == nil {
					begun.Add(1)
				}
			})
		}
		wg.Wait()
		if begun.Load() != 1 {
			t.Errorf("%s: %d began", name, begun.Load())
		}
	}
}

// TestJournalIDs: an identifier that came from outside leads nowhere.
func TestJournalIDs(t *testing.T) {
	dir := t.TempDir()
	j := providers.JournalDir(filepath.Join(dir, "journal"))
	if err := j.Begin(t.Context(), sampleRun(t, "good")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.run.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", `..\x`, "x\x00y"} {
		if r, err := j.Load(t.Context(), id); err == nil {
			t.Errorf("load %q: got %+v", id, r)
		}
		if err := j.Begin(t.Context(), sampleRun(t, id)); err == nil && id != `..\x` { // no separator on this system
			t.Errorf("begin %q: no error", id)
		}
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(names) != 2 {
		t.Errorf("files outside the journal: %v", names)
	}
}

// TestJournalTorn: whatever a killed process leaves behind, a listed run is
// whole.
func TestJournalTorn(t *testing.T) {
	dir := t.TempDir()
	j := providers.JournalDir(dir)
	if err := j.Begin(t.Context(), sampleRun(t, "good")); err != nil {
		t.Fatal(err)
	}
	// Killed while it wrote aside: the name is not there yet.
	if err := os.WriteFile(filepath.Join(dir, ".new-123"), []byte(`{"id":"to`), 0o600); err != nil {
		t.Fatal(err)
	}
	runs, err := j.List(t.Context())
	if err != nil || len(runs) != 1 || runs[0].ID != "good" {
		t.Errorf("got %+v, %v", runs, err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".new-*"))
	if len(left) != 1 {
		t.Errorf("Begin left files behind: %v", left)
	}
	info, err := os.Stat(filepath.Join(dir, "good.run.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: want one for the owner alone", info.Mode(), err)
	}
}

// TestJournalDamaged: a run that cannot be read is named, not left out, and
// keeps nobody from the others.
func TestJournalDamaged(t *testing.T) {
	dir := t.TempDir()
	j := providers.JournalDir(dir)
	for _, id := range []string{"1-good", "2-bad", "3-ended", "4-bad-end", "5-good"} {
		if err := j.Begin(t.Context(), sampleRun(t, id)); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"3-ended", "4-bad-end"} {
		if err := j.End(t.Context(), id, providers.End{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"2-bad.run.json", "4-bad-end.end.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"id":"ba`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		call func(context.Context) ([]providers.Run, error)
		runs []string
		bad  []string
	}{
		{"List", j.List, []string{"1-good", "3-ended", "5-good"}, []string{"2-bad", "4-bad-end"}},
		{"Open", j.Open, []string{"1-good", "5-good"}, []string{"2-bad"}},
	} {
		runs, err := tt.call(t.Context())
		var ids []string
		for _, r := range runs {
			ids = append(ids, r.ID)
		}
		if d := cmp.Diff(tt.runs, ids); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
		var damaged *providers.Damaged
		if !errors.As(err, &damaged) {
			t.Fatalf("%s: got %v, want *Damaged", tt.name, err)
		}
		if d := cmp.Diff(tt.bad, damaged.Runs); d != "" || !strings.Contains(err.Error(), tt.bad[0]) {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, d)
		}
	}
	for _, id := range []string{"2-bad", "4-bad-end"} {
		var damaged *providers.Damaged
		if _, err := j.Load(t.Context(), id); !errors.As(err, &damaged) || errors.Is(err, providers.ErrNoRun) {
			t.Errorf("load %s: got %v, want *Damaged", id, err)
		}
	}
	w := begin(t, providers.Caps{}, startZone...)
	w.journal = j
	w.reopen(t)
	if got := w.acct.Apply(t.Context(), w.zone, threeChanges(t), &providers.Run{ID: "new"}); !providers.Done(got) {
		t.Errorf("a run beside the damaged ones: %+v", got)
	}
	var damaged *providers.Damaged
	if got, err := w.acct.RecoverAll(t.Context(), w.zone); len(got) != 0 || !errors.As(err, &damaged) {
		t.Errorf("recover all: got %+v, %v", got, err)
	}
}

func TestRunID(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	a, b := providers.NewRunID(now), providers.NewRunID(now.Add(time.Microsecond))
	if a >= b {
		t.Errorf("%s does not sort before %s", a, b)
	}
	if providers.NewRunID(now) == a {
		t.Error("two runs of one moment have the same id")
	}
}
