package memory_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// cut is where a process ends. Before the n-th write is after the one before
// it; after the n-th, the write has landed and its answer never comes.
type cut struct {
	when string
	n    int // of the write; 0 for a call of the journal
}

// at ends the process where it is at c: its goroutine, and by no panic, which
// an Account would take for the driver's.
func (c cut) at(when string, n int) {
	if c == (cut{when, n}) {
		runtime.Goexit()
	}
}

func (c cut) hooks() memory.Hooks {
	return memory.Hooks{
		Before: func(n int, _ zone.Edit) error { c.at("before", n); return nil },
		After:  func(n int, _ zone.Edit) error { c.at("after", n); return nil },
	}
}

type cutJournal struct {
	providers.Journal
	cut cut
}

func (j cutJournal) Begin(ctx context.Context, r providers.Run) error {
	j.cut.at("before Begin", 0)
	defer j.cut.at("after Begin", 0)
	return j.Journal.Begin(ctx, r)
}

func (j cutJournal) End(ctx context.Context, id string, e providers.End) error {
	j.cut.at("before End", 0)
	defer j.cut.at("after End", 0)
	return j.Journal.End(ctx, id, e)
}

// trial is a plan for a zone of a host that outlives the processes, and how a
// fresh process settles what another one has left.
type trial struct {
	caps    providers.Caps
	start   zone.Snapshot
	changes []zone.Change
	refuse  int // the number of the write that the host refuses; 0: none
	settle  func(context.Context, *memory.Host, providers.Journal, providers.Run) error
	journal func() providers.Journal
}

func drawTrial(rt *rapid.T) trial {
	x := trial{
		caps:    providers.Caps{Grain: rapid.SampledFrom(grains).Draw(rt, "grain"), CAS: rapid.Bool().Draw(rt, "cas")},
		journal: providers.JournalMemory,
		settle: func(ctx context.Context, h *memory.Host, j providers.Journal, r providers.Run) error {
			_, _, err := open(h, j).Recover(ctx, r)
			return err
		},
	}
	x.start, x.changes = randomPlan(rt)
	x.refuse = max(0, rapid.IntRange(-8, 8).Draw(rt, "refuse"))
	return x
}

// cuts tries every place where the process can be cut off, and counts them.
func (x trial) cuts(ctx context.Context) (int, error) {
	count := 0
	try := func(c cut) (reached bool, err error) {
		if reached, err = x.try(ctx, c); reached {
			count++
		}
		if err != nil {
			err = fmt.Errorf("cut %s %d: %w", c.when, c.n, err)
		}
		return reached, err
	}
	for _, when := range []string{"before Begin", "after Begin", "before End", "after End"} {
		if _, err := try(cut{when, 0}); err != nil {
			return count, err
		}
	}
	for n := 1; ; n++ {
		for _, when := range []string{"before", "after"} {
			if reached, err := try(cut{when, n}); err != nil || when == "before" && !reached {
				return count, err
			}
		}
	}
}

var theirs = zone.Change{Owner: "theirs." + apex, Add: []zone.Record{zone.NewTXT("theirs."+apex, 300, "theirs")}}

// try cuts a process off, has somebody edit the zone, and looks at what a fresh
// process makes of it.
func (x trial) try(ctx context.Context, c cut) (reached bool, err error) {
	host := memory.New(memory.Options{Caps: x.caps, Zones: []zone.Snapshot{x.start}})
	start, journal := host.Zone(apex), x.journal()
	host.SetHooks(c.hooks())
	if x.refuse > 0 {
		host.FailWrite(x.refuse, memory.Refused(providers.Invalid))
	}
	var outcomes []providers.Outcome
	reached = ends(func() {
		first := open(host, cutJournal{journal, c})
		z, _ := first.Find(ctx, apex)
		outcomes = first.Apply(ctx, z, x.changes, &providers.Run{ID: "run"})
	})
	if !reached {
		if x.refuse == 0 && !providers.Done(outcomes) {
			return false, fmt.Errorf("nobody cut it off, and it says %+v", outcomes)
		}
		return false, nil
	}
	host.SetHooks(memory.Hooks{})
	if n := x.refuse - host.Writes(); n > 0 {
		host.FailWrite(n, memory.Fault{})
	}
	host.Change(apex, theirs)
	runs, err := journal.Open(ctx)
	if err != nil || len(runs) > 1 {
		return true, fmt.Errorf("%d open runs, %w", len(runs), err)
	}
	for _, r := range runs {
		if err := x.settle(ctx, host, journal, r); err != nil {
			return true, err
		}
	}
	if c.when == "after End" && x.refuse > 0 {
		return true, nil // it had said what it could not do
	}
	return true, x.judge(ctx, journal, start.With(theirs), host.Zone(apex))
}

// judge wants the zone to be the start or the plan, to the byte, and the
// journal to say which.
func (x trial) judge(ctx context.Context, journal providers.Journal, start, got zone.Snapshot) error {
	plan := start.With(x.changes...)
	asStart, asPlan := slices.Equal(start.Records, got.Records), slices.Equal(plan.Records, got.Records)
	if !asStart && !asPlan {
		return fmt.Errorf("the zone is neither the start nor the plan (-plan +got):\n%s", cmp.Diff(plan.Records, got.Records))
	}
	run, err := journal.Load(ctx, "run")
	switch {
	case errors.Is(err, providers.ErrNoRun) && asStart:
		return nil
	case err != nil:
		return err
	case run.End == nil:
		return errors.New("the run is open still")
	}
	wrote := func(o providers.Outcome) bool { return o.State == providers.Applied || o.Part != nil }
	said := run.End.Outcomes
	if asPlan && !providers.Done(said) || asStart && slices.ContainsFunc(said, wrote) {
		return fmt.Errorf("the zone is the plan: %t, and the journal says %+v", asPlan, said)
	}
	return nil
}

// ends reports whether f met the end of its process.
func ends(f func()) (met bool) {
	met = true
	var process sync.WaitGroup
	process.Go(func() {
		f()
		met = false
	})
	process.Wait()
	return met
}

func open(host *memory.Host, j providers.Journal) *providers.Account {
	acct, err := providers.Open(host.Driver(), nil, providers.Options{Journal: j, Lost: 1})
	if err != nil {
		panic(err) // a memory host without a token opens
	}
	return acct
}

// TestRow10CutOff cuts random plans off at every place, on hosts of the four
// grains. Recovery in a fresh process ends at the plan or at the start.
func TestRow10CutOff(t *testing.T) {
	plans := drawtest.Times(10000, 1000)
	seed := drawtest.Checks(t, plans)
	places := map[providers.Grain]int{}
	rapid.Check(t, func(rt *rapid.T) {
		x := drawTrial(rt)
		n, err := x.cuts(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		places[x.caps.Grain] += n
	})
	t.Logf("seed %d: %d plans, cut off at %v places", seed, plans, places)
}

// forgetful is a journal that keeps nothing.
type forgetful struct{ providers.Journal }

func (forgetful) Begin(context.Context, providers.Run) error       { return nil }
func (forgetful) End(context.Context, string, providers.End) error { return nil }

// blindly closes a run without looking at the zone.
func blindly(s providers.State) func(context.Context, *memory.Host, providers.Journal, providers.Run) error {
	return func(ctx context.Context, _ *memory.Host, j providers.Journal, r providers.Run) error {
		var e providers.End
		for _, c := range r.Changes {
			e.Outcomes = append(e.Outcomes, providers.Outcome{Owner: c.Owner, State: s})
		}
		return j.End(ctx, r.ID, e)
	}
}

// TestRow10Bites: what recovers in another way is caught.
func TestRow10Bites(t *testing.T) {
	for _, mutant := range []struct {
		name  string
		spoil func(x *trial)
	}{
		{"calls the run done without looking", func(x *trial) { x.settle = blindly(providers.Applied) }},
		{"calls the run never begun without looking", func(x *trial) { x.settle = blindly(providers.Failed) }},
		{"leaves the run open", func(x *trial) {
			x.settle = func(context.Context, *memory.Host, providers.Journal, providers.Run) error { return nil }
		}},
		{"puts the zone back as it was, and with it what somebody did since", func(x *trial) {
			start := x.start
			x.settle = func(ctx context.Context, h *memory.Host, j providers.Journal, r providers.Run) error {
				h.Set(start)
				return blindly(providers.Failed)(ctx, h, j, r)
			}
		}},
		{"writes the rest and calls it failed", func(x *trial) {
			honest := x.settle
			x.settle = func(ctx context.Context, h *memory.Host, j providers.Journal, r providers.Run) error {
				if err := honest(ctx, h, j, r); err != nil {
					return err
				}
				return blindly(providers.Failed)(ctx, h, j, r)
			}
		}},
		{"a journal that keeps nothing", func(x *trial) {
			x.journal = func() providers.Journal { return forgetful{providers.JournalMemory()} }
		}},
	} {
		t.Run(mutant.name, func(t *testing.T) {
			trials := rapid.Custom(drawTrial)
			for seed := range 100 {
				x := trials.Example(seed)
				if len(x.changes) == 0 {
					continue
				}
				mutant.spoil(&x)
				if _, err := x.cuts(t.Context()); err != nil {
					t.Logf("caught at trial %d: %v", seed, err)
					return
				}
			}
			t.Error("nothing was noticed in 100 trials")
		})
	}
}

// TestRefusedSwap has a host that writes step by step refuse one write of a
// random plan. No name is left between a CNAME and what takes its place.
func TestRefusedSwap(t *testing.T) {
	seed := drawtest.Checks(t, 500)
	swaps := 0
	rapid.Check(t, func(rt *rapid.T) {
		x := drawTrial(rt)
		x.caps.Grain = rapid.SampledFrom(grains[:2]).Draw(rt, "stepwise")
		host := memory.New(memory.Options{Caps: x.caps, Zones: []zone.Snapshot{x.start}})
		start := host.Zone(apex)
		plan := start.With(x.changes...)
		host.FailWrite(max(x.refuse, 1), memory.Refused(providers.Invalid))
		acct := open(host, providers.JournalMemory())
		z, err := acct.Find(t.Context(), apex)
		if err != nil {
			rt.Fatal(err)
		}
		outcomes := acct.Apply(t.Context(), z, x.changes, &providers.Run{})
		for i, c := range x.changes {
			cname := func(r zone.Record) bool { return r.Type == "CNAME" }
			if slices.ContainsFunc(c.Add, cname) == slices.ContainsFunc(c.Remove, cname) {
				continue
			}
			swaps++
			want := start
			if outcomes[i].State == providers.Applied {
				want = plan
			}
			if d := cmp.Diff(want.At(c.Owner), host.Zone(apex).At(c.Owner)); d != "" {
				rt.Fatalf("%+v (-want +got):\n%s", outcomes[i], d)
			}
		}
	})
	t.Logf("seed %d: %d swaps", seed, swaps)
}
