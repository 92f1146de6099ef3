package providers_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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
		w.host.SetReadFault(memory.Refused(providers.Unavailable))
		return errCut
	}
	if after {
		w.host.SetHooks(memory.Hooks{After: cut})
	} else {
		w.host.SetHooks(memory.Hooks{Before: cut})
	}
}

// TestRecoverProperty cuts a run before and after every one of its writes.
// Whatever the grain, recovery leaves the zone as it was or as planned, with
// what somebody else wrote meanwhile, and the run closed.
func TestRecoverProperty(t *testing.T) {
	plans := 100
	if os.Getenv("MOORING_LONG") == "1" {
		plans = 1000
	}
	seed := checks(t, plans)
	var cuts int
	hows := map[providers.Recovery]int{}
	rapid.Check(t, func(rt *rapid.T) {
		caps := providers.Caps{Grain: rapid.SampledFrom(grains).Draw(rt, "grain"), CAS: rapid.Bool().Draw(rt, "cas")}
		start, changes := randomPlan(rt)
		foreign := zone.Change{Owner: "foreign." + apex, Add: []zone.Record{zone.NewTXT("foreign."+apex, 300, "theirs")}}
		for n := 1; ; n++ {
			for _, after := range []bool{false, true} {
				w := beginAt(t, caps, start)
				w.cutAt(n, after)
				got := w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
				if w.host.Writes() < n {
					if !providers.Done(got) {
						rt.Fatalf("uncut: %+v", got)
					}
					if n == 1 && len(changes) > 0 {
						rt.Fatalf("a plan of %d changes wrote nothing", len(changes))
					}
					return
				}
				cuts++
				w.host.SetHooks(memory.Hooks{})
				w.host.SetReadFault(memory.Fault{})
				w.host.Change(apex, foreign)
				w.reopen(t)
				open := w.open(t)
				if len(open) != 1 {
					rt.Fatalf("%d open runs after a cut, want 1; outcomes %+v", len(open), got)
				}
				how, outcomes, err := w.acct.Recover(t.Context(), open[0])
				if err != nil || how == providers.Stuck {
					rt.Fatalf("cut at write %d, after=%t: %q %+v %v", n, after, how, outcomes, err)
				}
				hows[how]++
				want := w.before.With(foreign)
				if how != providers.NeverBegan {
					want = want.With(changes...)
				}
				if d := cmp.Diff(want.Records, w.host.Zone(apex).Records); d != "" {
					rt.Fatalf("cut at write %d, after=%t, recovered as %s: zone (-want +got):\n%s", n, after, how, d)
				}
				if len(w.open(t)) != 0 {
					rt.Fatalf("recovered as %s, and the run is open still", how)
				}
			}
		}
	})
	t.Logf("seed %d: %d plans, %d cuts, recovered as %v", seed, plans, cuts, hows)
}

// checks makes rapid run n checks from a seed that is logged.
func checks(t *testing.T, n int) (seed uint64) {
	t.Helper()
	set := func(name, value string) {
		f := flag.Lookup(name)
		old := f.Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, old) })
	}
	set("rapid.checks", strconv.Itoa(n))
	set("rapid.nofailfile", "true")
	if s := flag.Lookup("rapid.seed").Value.String(); s != "0" {
		seed, _ = strconv.ParseUint(s, 10, 64)
		return seed
	}
	seed = uint64(time.Now().UnixNano())
	set("rapid.seed", strconv.FormatUint(seed, 10))
	return seed
}

func beginAt(t *testing.T, caps providers.Caps, start zone.Snapshot) *walk {
	t.Helper()
	w := begin(t, caps)
	w.host.Set(start)
	w.before = w.host.Zone(apex)
	return w
}

// randomPlan is a zone and changes at some of its owners.
func randomPlan(rt *rapid.T) (zone.Snapshot, []zone.Change) {
	var before, after []zone.Record
	for i := range 6 {
		name := zone.Name(fmt.Sprintf("n%d.%s", i, apex))
		if i == 5 {
			name = "deep." + name
		}
		at := randomOwner(rt, name)
		before = append(before, at...)
		if rapid.Bool().Draw(rt, "change") {
			at = randomChange(rt, name, at)
		}
		after = append(after, at...)
	}
	start := zone.NewSnapshot(apex, before)
	changes := zone.Diff(start, zone.NewSnapshot(apex, after))
	for i, c := range changes {
		if slices.ContainsFunc(slices.Concat(c.Add, c.Remove), func(r zone.Record) bool { return r.Type == "CNAME" }) {
			changes[i].Absent = []string{zone.AnyType}
		}
	}
	return start, rapid.Permutation(changes).Draw(rt, "order")
}

// randomChange keeps some records of an owner, or none.
func randomChange(rt *rapid.T, name zone.Name, at []zone.Record) []zone.Record {
	others := randomOwner(rt, name)
	cname := func(r zone.Record) bool { return r.Type == "CNAME" }
	if slices.ContainsFunc(at, cname) || slices.ContainsFunc(others, cname) {
		return others
	}
	for _, r := range at {
		if !zone.Contains(others, r) && rapid.Bool().Draw(rt, "keep") {
			others = append(others, r)
		}
	}
	return others
}

func randomOwner(rt *rapid.T, name zone.Name) []zone.Record {
	if rapid.IntRange(0, 3).Draw(rt, "kind") == 0 {
		return []zone.Record{{Name: name, Type: "CNAME", TTL: 300, Data: fmt.Sprintf("t%d.example.", rapid.IntRange(0, 3).Draw(rt, "target"))}}
	}
	var out []zone.Record
	add := func(typ string, data func(int) string) {
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 3, rapid.ID[int]).Draw(rt, typ) {
			out = append(out, zone.Record{Name: name, Type: typ, TTL: 300, Data: data(n)})
		}
	}
	add("A", func(n int) string { return fmt.Sprintf("192.0.2.%d", n) })
	add("TXT", func(n int) string { return fmt.Sprintf(`"v%d" "tail"`, n) })
	add("MX", func(n int) string { return fmt.Sprintf("%d mx%d.example.", n, n) })
	return out
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
