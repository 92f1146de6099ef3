package providers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

var grains = []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone}

// recs reads zone text with owners relative to the apex and TTL 300.
func recs(t testing.TB, lines ...string) []zone.Record {
	t.Helper()
	s, err := zone.ReadText(strings.NewReader("$ORIGIN customer.example.\n$TTL 300\n"+strings.Join(lines, "\n")+"\n"), apex)
	if err != nil {
		t.Fatal(err)
	}
	return s.Records
}

var startZone = []string{
	`@ MX 10 mail.example.`, `@ TXT "v=spf1 -all"`, `@ TXT "token"`,
	`www A 192.0.2.1`, `www A 192.0.2.2`, `old A 192.0.2.3`,
}

// threeChanges is three owners: an SPF record replaced, an address replaced by
// a CNAME, a new owner.
func threeChanges(t testing.TB) []zone.Change {
	return []zone.Change{
		{Owner: apex, Remove: recs(t, `@ TXT "v=spf1 -all"`), Add: recs(t, `@ TXT "v=spf1 mx -all"`)},
		{Owner: "www." + apex, Remove: recs(t, `www A 192.0.2.1`, `www A 192.0.2.2`), Add: recs(t, `www CNAME edge.app.example.`), Absent: []string{zone.AnyType}},
		{Owner: "new." + apex, Add: recs(t, `new TXT "x"`)},
	}
}

type walk struct {
	host    *memory.Host
	acct    *providers.Account
	zone    providers.Zone
	journal providers.Journal
	before  zone.Snapshot
}

func begin(t testing.TB, caps providers.Caps, zoneText ...string) *walk {
	t.Helper()
	w := &walk{journal: providers.JournalMemory()}
	w.host = memory.New(memory.Options{Caps: caps, Zones: []zone.Snapshot{zone.NewSnapshot(apex, recs(t, zoneText...))}})
	w.before = w.host.Zone(apex)
	w.reopen(t)
	var err error
	if w.zone, err = w.acct.Find(t.Context(), apex); err != nil {
		t.Fatal(err)
	}
	return w
}

// reopen is a new process with the same journal.
func (w *walk) reopen(t testing.TB) {
	t.Helper()
	var err error
	w.acct, err = providers.Open(w.host.Driver(), nil, providers.Options{Journal: w.journal, Lost: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
}

// holds compares the host's zone with the start after changes.
func (w *walk) holds(t testing.TB, changes ...zone.Change) {
	t.Helper()
	if d := cmp.Diff(w.before.With(changes...).Records, w.host.Zone(apex).Records); d != "" {
		t.Errorf("zone (-want +got):\n%s", d)
	}
}

func states(outcomes []providers.Outcome) string {
	var out []string
	for _, o := range outcomes {
		s := string(o.State)
		if o.Code != "" {
			s += "/" + string(o.Code)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// open is the runs that have no end.
func (w *walk) open(t testing.TB) []providers.Run {
	t.Helper()
	runs, err := w.journal.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(runs, func(r providers.Run) bool { return r.End != nil })
}

func TestOutcomes(t *testing.T) {
	const (
		all   = "applied applied applied"
		none  = "none"
		whole = "whole"
	)
	for _, tt := range []struct {
		name  string
		fault memory.Fault
		// what is said of the three changes where one write is the whole plan,
		// and where each RRset or record is one; the first write is the new
		// owner's.
		atomic, split string
		zone          string // what of the plan stands then: none, whole
	}{
		{"healthy", memory.Fault{}, all, all, whole},
		{"slow", memory.Slow(time.Millisecond), all, all, whole},
		{
			"answer lost, landed", memory.Lost(true), all,
			"failed/Timeout failed/Timeout applied", "new",
		},
		{"answer lost, not landed", memory.Lost(false), "failed/Timeout failed/Timeout failed/Timeout", "failed/Timeout failed/Timeout failed/Timeout", none},
		{"rate limited", memory.RateLimited(time.Minute), "failed/RateLimited failed/RateLimited failed/RateLimited", "failed/RateLimited failed/RateLimited failed/RateLimited", none},
		{"conflict", memory.Refused(providers.Conflict), "conflict/Conflict conflict/Conflict conflict/Conflict", "applied applied conflict/Conflict", "others"},
		{"invalid", memory.Refused(providers.Invalid), "rejected/Invalid rejected/Invalid rejected/Invalid", "applied applied rejected/Invalid", "others"},
		{"no access", memory.Refused(providers.AccessDenied), "failed/AccessDenied failed/AccessDenied failed/AccessDenied", "failed/AccessDenied failed/AccessDenied failed/AccessDenied", none},
	} {
		for _, grain := range grains {
			for _, cas := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s cas=%t", tt.name, grain, cas), func(t *testing.T) {
					w := begin(t, providers.Caps{Grain: grain, CAS: cas}, startZone...)
					w.host.FailWrite(1, tt.fault)
					changes := threeChanges(t)
					run := providers.Run{}
					got := w.acct.Apply(t.Context(), w.zone, changes, &run)
					atomic := grain == providers.GrainBatch || grain == providers.GrainZone
					want, stands := tt.split, tt.zone
					if atomic {
						want = tt.atomic
					}
					if s := states(got); s != want {
						t.Errorf("got  %s\nwant %s\n%+v", s, want, got)
					}
					switch {
					case stands == whole || atomic && want == all:
						w.holds(t, changes...)
					case stands == none || atomic:
						w.holds(t)
					case stands == "new":
						w.holds(t, changes[2])
					default:
						w.holds(t, changes[:2]...)
					}
					if open := w.open(t); len(open) > 0 || run.End == nil {
						t.Errorf("the run is not closed, though every outcome is known")
					}
				})
			}
		}
	}
}

// TestOutcomeUnknown: neither the answer nor the zone could be had, for as long
// as ReadBack has patience.
func TestOutcomeUnknown(t *testing.T) {
	for _, landed := range []bool{true, false} {
		for _, grain := range grains {
			t.Run(fmt.Sprintf("%s landed=%t", grain, landed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { outcomeUnknown(t, grain, landed) })
			})
		}
	}
}

func outcomeUnknown(t *testing.T, grain providers.Grain, landed bool) {
	w := begin(t, providers.Caps{Grain: grain}, startZone...)
	changes := threeChanges(t)[2:]
	w.host.FailWrite(1, memory.Lost(landed))
	w.host.SetHooks(memory.Hooks{
		Before: func(int, zone.Edit) error {
			w.host.SetReadFault(memory.Refused(providers.Unavailable))
			return nil
		},
	})
	start := time.Now()
	got := w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
	if s := states(got); s != "unknown/Unavailable" {
		t.Fatalf("got %s: %+v", s, got)
	}
	if took := time.Since(start); took < 20*time.Second || took > 31*time.Second {
		t.Errorf("gave up after %s, want the 30 seconds of ReadBack, less a pause", took)
	}
	open := w.open(t)
	if len(open) != 1 {
		t.Fatalf("%d open runs, want 1", len(open))
	}
	w.host.SetReadFault(memory.Fault{})
	how, got, err := w.acct.Recover(t.Context(), open[0])
	want := map[bool]providers.Recovery{true: providers.WasDone, false: providers.NeverBegan}[landed]
	if err != nil || how != want {
		t.Errorf("recovered as %q %+v, %v; want %q", how, got, err, want)
	}
	if len(w.open(t)) > 0 {
		t.Error("the run is open still")
	}
}

// TestOutcomeLie: the host answers success and has written nothing.
func TestOutcomeLie(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	undo := w.host.Zone(apex)
	w.host.SetHooks(memory.Hooks{After: func(int, zone.Edit) error { w.host.Set(undo); return nil }})
	got := w.acct.Apply(t.Context(), w.zone, threeChanges(t)[:1], &providers.Run{})
	if s := states(got); s != "failed/Internal" {
		t.Errorf("got %s %+v", s, got)
	}
}

// TestRace: somebody edits the zone between our read and our write.
func TestRace(t *testing.T) {
	theirs := zone.Change{Owner: apex, Add: recs(t, `@ TXT "theirs"`)}
	for _, grain := range grains {
		t.Run(string(grain)+" with compare-and-set", func(t *testing.T) {
			w := begin(t, providers.Caps{Grain: grain, CAS: true}, startZone...)
			once := true
			w.host.SetHooks(memory.Hooks{Before: func(int, zone.Edit) error {
				if once {
					w.host.Change(apex, theirs)
				}
				once = false
				return nil
			}})
			changes := threeChanges(t)[:1]
			got := w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
			if grain == providers.GrainRecord { // it touches its own record only
				if s := states(got); s != "applied" {
					t.Errorf("got %s %+v", s, got)
				}
				w.holds(t, theirs, changes[0])
				return
			}
			if s := states(got); s != "conflict/Conflict" {
				t.Errorf("got %s %+v", s, got)
			}
			w.holds(t, theirs)
		})
	}
}

// TestGuards: the zone moved between the plan and the write.
func TestGuards(t *testing.T) {
	for _, grain := range grains {
		t.Run(string(grain), func(t *testing.T) {
			w := begin(t, providers.Caps{Grain: grain}, startZone...)
			moved := zone.Change{Owner: apex, Remove: recs(t, `@ TXT "v=spf1 -all"`), Add: recs(t, `@ TXT "v=spf1 a -all"`)}
			w.host.Change(apex, moved)
			changes := threeChanges(t)
			got := w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
			if grain == providers.GrainBatch || grain == providers.GrainZone {
				if s := states(got); s != "conflict/Conflict failed/Conflict failed/Conflict" {
					t.Errorf("got %s", s)
				}
				w.holds(t, moved)
				return
			}
			if s := states(got); s != "conflict/Conflict applied applied" {
				t.Errorf("got %s", s)
			}
			w.holds(t, append(changes[1:], moved)...)
		})
	}
}

// TestSettle: a host that shows a write some seconds later.
func TestSettle(t *testing.T) {
	for _, fault := range []memory.Fault{{}, memory.Lost(true)} {
		synctest.Test(t, func(t *testing.T) {
			w := begin(t, providers.Caps{Grain: providers.GrainBatch, Settle: 5 * time.Second}, startZone...)
			w.host.FailWrite(1, fault)
			start := time.Now()
			changes := threeChanges(t)
			got := w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
			if s := states(got); s != "applied applied applied" {
				t.Errorf("got %s", s)
			}
			if took := time.Since(start); took < 5*time.Second || took > 5*time.Second+time.Millisecond {
				t.Errorf("took %s, want the settle time and no more than Lost on top", took)
			}
			w.holds(t, changes...)
		})
	}
}

// TestContext: the caller gives up while the host is silent.
func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
		w.host.FailWrite(1, memory.Slow(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := w.acct.Apply(ctx, w.zone, threeChanges(t), &providers.Run{})
		if s := states(got); s != "failed/Timeout failed/Timeout failed/Timeout" {
			t.Errorf("got %s %+v", s, got)
		}
		w.holds(t)
		if w.host.Writes() != 1 {
			t.Errorf("%d writes reached the host, want 1", w.host.Writes())
		}
	})
}

type brokenJournal struct{ providers.Journal }

func (brokenJournal) Begin(context.Context, providers.Run) error { return errors.New("disk full") }

// TestJournalFirst: what cannot be written down is not done.
func TestJournalFirst(t *testing.T) {
	w := begin(t, providers.Caps{}, startZone...)
	acct, err := providers.Open(w.host.Driver(), nil, providers.Options{Journal: brokenJournal{w.journal}})
	if err != nil {
		t.Fatal(err)
	}
	got := acct.Apply(t.Context(), w.zone, threeChanges(t), &providers.Run{})
	if s := states(got); s != "failed/Internal failed/Internal failed/Internal" || !strings.Contains(got[0].Detail, "disk full") {
		t.Errorf("got %+v", got)
	}
	if w.host.Writes() != 0 {
		t.Errorf("%d writes", w.host.Writes())
	}
	w.holds(t)
}

// TestNothing: a plan that stands already is neither journalled nor written.
func TestNothing(t *testing.T) {
	w := begin(t, providers.Caps{}, startZone...)
	got := w.acct.Apply(t.Context(), w.zone, []zone.Change{{Owner: apex, Add: recs(t, `@ TXT "token"`)}}, &providers.Run{})
	if s := states(got); s != "unchanged" || w.host.Writes() != 0 {
		t.Errorf("got %s, %d writes", s, w.host.Writes())
	}
	if runs, _ := w.journal.List(t.Context()); len(runs) != 0 {
		t.Errorf("%d runs in the journal", len(runs))
	}
}

// TestTransactError: the planner refuses under the lock; nothing happens.
func TestTransactError(t *testing.T) {
	w := begin(t, providers.Caps{}, startZone...)
	stale := errors.New("stale")
	_, err := w.acct.Transact(t.Context(), w.zone, func(zone.Snapshot) ([]zone.Change, *providers.Run, error) { return nil, nil, stale })
	if !errors.Is(err, stale) || w.host.Writes() != 0 {
		t.Errorf("got %v, %d writes", err, w.host.Writes())
	}
}

// TestLocks: a context that ends does not wait for the zone.
func TestLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l providers.Locks
		z := providers.Zone{ID: "1", Apex: apex}
		unlock, err := l.Lock(t.Context(), "d", z)
		if err != nil {
			t.Fatal(err)
		}
		if free, err := l.Lock(t.Context(), "other driver", z); err != nil {
			t.Error("another driver's zone is locked too")
		} else {
			free()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Lock(ctx, "d", z); providers.CodeOf(err) != providers.Timeout {
			t.Errorf("got %v, want Timeout", err)
		}
		unlock()
		if free, err := l.Lock(t.Context(), "d", z); err != nil {
			t.Error(err)
		} else {
			free()
		}
	})
}

// TestNotOurs: somebody writes the very same while the host refuses ours. It
// stands, and it is not the run's.
func TestNotOurs(t *testing.T) {
	for _, grain := range grains {
		w := begin(t, providers.Caps{Grain: grain, CAS: true}, startZone...)
		change := threeChanges(t)[2]
		w.host.SetHooks(memory.Hooks{Before: func(int, zone.Edit) error {
			w.host.Change(apex, change)
			return nil
		}})
		if got := w.acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{}); states(got) != "unchanged" {
			t.Errorf("%s: got %+v, want unchanged", grain, got)
		}
	}
}

// TestMeta: a change of what the host keeps beside a value is written.
func TestMeta(t *testing.T) {
	for _, grain := range grains {
		w := begin(t, providers.Caps{Grain: grain}, `www A 192.0.2.1`)
		change := zone.Change{Owner: www, Remove: recs(t, `www A 192.0.2.1`), Add: recs(t, `www A 192.0.2.1`)}
		change.Add[0].Meta = "proxied=true"
		for _, want := range []string{"applied", "unchanged"} {
			if got := w.acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{}); states(got) != want {
				t.Errorf("%s: got %+v, want %s", grain, got, want)
			}
		}
		w.holds(t, change)
	}
}

// TestUnsound: what is no set of changes of the zone is refused as a whole.
func TestUnsound(t *testing.T) {
	add := func(owner, line string) zone.Change { return zone.Change{Owner: zone.Name(owner), Add: recs(t, line)} }
	for _, tt := range []struct {
		name    string
		changes []zone.Change
		want    string
	}{
		{"a record of another owner", []zone.Change{add("www."+string(apex), `old TXT "x"`)}, "it holds a record of old.customer.example."},
		{"two changes of one owner", []zone.Change{add("www."+string(apex), `www TXT "x"`), add("www."+string(apex), `www TXT "y"`)}, "it has two"},
		{"another zone", []zone.Change{add("other.example", `other.example. TXT "x"`)}, "it is not in the zone customer.example."},
	} {
		for _, grain := range grains {
			w := begin(t, providers.Caps{Grain: grain}, startZone...)
			got := w.acct.Apply(t.Context(), w.zone, tt.changes, &providers.Run{})
			for _, o := range got {
				if o.State != providers.Failed || o.Code != providers.Invalid || !strings.Contains(o.Detail, tt.want) {
					t.Errorf("%s at %s: got %+v, want %q", tt.name, grain, o, tt.want)
				}
			}
			if runs, err := w.journal.List(t.Context()); err != nil || len(runs) > 0 || w.host.Writes() > 0 {
				t.Errorf("%s at %s: journal %v %v, %d writes", tt.name, grain, runs, err, w.host.Writes())
			}
		}
	}
}
