package providers_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// trouble is what goes wrong at a host while one run is under way.
type trouble struct {
	writes   []memory.Fault // of the first writes, one each
	reads    []memory.Fault // of the first readings after the first write
	patience time.Duration  // of the caller
}

func drawTrouble(rt *rapid.T) trouble {
	long := []time.Duration{0, time.Second, 20 * time.Second, time.Minute, time.Hour}
	some := func(label string) time.Duration { return rapid.SampledFrom(long).Draw(rt, label) }
	write := rapid.Custom(func(rt *rapid.T) memory.Fault {
		return rapid.SampledFrom([]memory.Fault{
			{},
			memory.Lost(true), memory.Lost(false), memory.RateLimited(some("retry after")), memory.Slow(some("write")),
			{Land: true, Delay: some("answer"), Code: providers.Timeout, Wrote: providers.WroteUnknown},
			{Land: true, Code: providers.Unavailable, Wrote: providers.WroteUnknown},
			{Land: true, Code: providers.Internal, Wrote: providers.WroteYes},
			memory.Refused(providers.Unavailable), memory.Refused(providers.Invalid), memory.Refused(providers.Conflict),
		}).Draw(rt, "fault")
	})
	read := rapid.Custom(func(rt *rapid.T) memory.Fault {
		return rapid.SampledFrom([]memory.Fault{
			memory.RateLimited(some("retry after")), memory.Refused(providers.Unavailable), memory.Refused(providers.Timeout), memory.Slow(some("read")),
		}).Draw(rt, "fault")
	})
	return trouble{
		writes:   rapid.SliceOfN(write, 0, 4).Draw(rt, "writes"),
		reads:    rapid.SliceOfN(read, 0, 8).Draw(rt, "reads"),
		patience: rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 10 * time.Second, time.Hour}).Draw(rt, "patience"),
	}
}

// TestInjections: whatever goes wrong, what is said of each change is true when
// it is said, or that nobody knows; an owner of a host that writes it at once is
// whole or absent; nothing else moves; and a fresh account settles what is open.
func TestInjections(t *testing.T) {
	seed := drawtest.Checks(t, drawtest.Times(5000, 500))
	count := map[providers.State]int{}
	rapid.Check(t, func(rt *rapid.T) {
		caps := providers.Caps{
			Grain: rapid.SampledFrom(grains).Draw(rt, "grain"), CAS: rapid.Bool().Draw(rt, "cas"),
			Settle: rapid.SampledFrom([]time.Duration{0, 5 * time.Second}).Draw(rt, "settle"), MaxBatch: rapid.IntRange(0, 3).Draw(rt, "most"),
		}
		x := drawTrouble(rt)
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = x.inject(t, caps, count) })
		if len(wrong) > 0 {
			rt.Fatal(wrong)
		}
	})
	t.Logf("seed %d: %v", seed, count)
	for _, s := range []providers.State{providers.Applied, providers.Failed, providers.Rejected, providers.Conflicts, providers.Unknown} {
		if count[s] == 0 {
			t.Errorf("no change was ever %s", s)
		}
	}
}

// inject makes a run meet the trouble, and is what was wrong about it.
func (x trouble) inject(t *testing.T, caps providers.Caps, count map[providers.State]int) (wrong []string) {
	w := begin(t, caps, startZone...)
	for i, f := range x.writes {
		w.host.FailWrite(i+1, f)
	}
	reads, wrote := 0, false
	d := hooked{Driver: w.host.Driver(), hook: func(_ context.Context, method string, _ providers.Credentials) error {
		w.host.SetReadFault(memory.Fault{})
		switch {
		case method == "Write":
			wrote = true
		case method == "Read" && wrote && reads < len(x.reads):
			w.host.SetReadFault(x.reads[reads])
			reads++
		}
		return nil
	}}
	acct := openWith(t, d, "", providers.Options{Journal: w.journal})
	ctx, cancel := context.WithTimeout(t.Context(), x.patience)
	defer cancel()
	changes := threeChanges(t)
	start := time.Now()
	got := acct.Apply(ctx, w.zone, changes, &providers.Run{})
	if took, most := time.Since(start), 5*x.patience+5*time.Minute; took > most {
		wrong = append(wrong, fmt.Sprintf("took %s", took))
	}
	w.host.SetReadFault(memory.Fault{})
	now := w.host.Zone(apex)
	for i, o := range got {
		count[o.State]++
		if what := untrue(o, changes[i], w.before, now, caps.Grain); what != "" {
			wrong = append(wrong, fmt.Sprintf("%s is said to be %s (%s): %s", o.Owner, o.State, o.Detail, what))
		}
	}
	if kept, others := elsewhere(w.before, changes), elsewhere(now, changes); !slices.Equal(kept, others) {
		wrong = append(wrong, fmt.Sprintf("other records were %v and are %v", kept, others))
	}
	unknown := slices.ContainsFunc(got, func(o providers.Outcome) bool { return o.State == providers.Unknown })
	if open := len(w.open(t)) > 0; open != unknown {
		wrong = append(wrong, fmt.Sprintf("a run is open: %t, something is unknown: %t", open, unknown))
	}
	wrong = append(wrong, settled(t, w)...)
	return wrong
}

// settled has a fresh account recover what is open.
func settled(t *testing.T, w *walk) (wrong []string) {
	recovered, err := openWith(t, w.host.Driver(), "", providers.Options{Journal: w.journal}).RecoverAll(t.Context(), w.zone)
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, r := range recovered {
		if r.Err != nil {
			wrong = append(wrong, fmt.Sprintf("recovery: %v", r.Err))
		}
	}
	return wrong
}

// untrue is what an outcome says of the zone that is not so.
func untrue(o providers.Outcome, c zone.Change, before, now zone.Snapshot, grain providers.Grain) string {
	at := now.At(c.Owner)
	whole, absent := slices.Equal(at, before.With(c).At(c.Owner)), slices.Equal(at, before.At(c.Owner))
	swap := len(c.Absent) > 0
	switch {
	case !whole && !absent && (!swap || grain == providers.GrainBatch || grain == providers.GrainZone):
		return fmt.Sprintf("it is neither whole nor absent: %v", at)
	case o.State == providers.Applied && !whole:
		return fmt.Sprintf("the zone holds %v", at)
	case o.State == providers.Unchanged:
		return "nobody else has written it"
	case o.State != providers.Applied && o.State != providers.Unknown && whole:
		return "it stands"
	}
	return ""
}

// elsewhere is the records at owners that no change is about.
func elsewhere(s zone.Snapshot, changes []zone.Change) []zone.Record {
	return slices.DeleteFunc(slices.Clone(s.Records), func(r zone.Record) bool {
		return slices.ContainsFunc(changes, func(c zone.Change) bool { return c.Owner == r.Name })
	})
}
