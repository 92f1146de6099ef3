package namecheap_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// trouble is what goes wrong in one run.
type trouble struct {
	kind   string
	at     int // the request, 1 being the first
	fault  httpapitest.Fault
	cancel bool
	storm  int // so many requests in a row
}

func drawTrouble(rt *rapid.T) trouble {
	kinds := []trouble{
		{kind: "lost answer", fault: httpapitest.Fault{Land: true, Drop: true}},
		{kind: "lost request", fault: httpapitest.Fault{Drop: true}},
		{kind: "half an answer", fault: httpapitest.Fault{Land: true, Half: true}},
		{kind: "429 storm", fault: httpapitest.Fault{Status: 429, RetryAfter: "0", Body: "too many"}, storm: 3},
		{kind: "405 storm", fault: httpapitest.Fault{Status: 405, Body: "too many"}, storm: 2},
		{kind: "error 500000", fault: httpapitest.Fault{Body: problem("500000", "Too many requests")}},
		{kind: "503", fault: httpapitest.Fault{Status: 503, Body: "maintenance"}},
		{kind: "500 after it landed", fault: httpapitest.Fault{Land: true, Status: 500, Body: "oops"}},
		{kind: "a page of HTML", fault: httpapitest.Fault{Status: 502, HTML: true}},
		{kind: "a page of HTML after it landed", fault: httpapitest.Fault{Land: true, HTML: true}},
		{kind: "slow", fault: httpapitest.Fault{Delay: 5 * time.Millisecond}},
		{kind: "too slow", fault: httpapitest.Fault{Delay: time.Hour}},
		{kind: "too slow after it landed", fault: httpapitest.Fault{Land: true, Delay: time.Hour}},
		{kind: "cancelled", cancel: true},
		{kind: "cancelled while the answer is late", cancel: true, fault: httpapitest.Fault{Land: true, Delay: 3 * time.Millisecond}},
	}
	x := rapid.SampledFrom(kinds).Draw(rt, "trouble")
	x.at = rapid.IntRange(1, 8).Draw(rt, "at request")
	return x
}

// arm makes the fake give the trouble. calls ends the context of the run.
func (x trouble) arm(f *namecheaptest.Fake, cancel context.CancelFunc) {
	f.SetFault(httpapitest.Fault{})
	if x.fault != (httpapitest.Fault{}) {
		for i := range max(x.storm, 1) {
			f.FailNext(x.at+i, x.fault)
		}
	}
	n, mu := 0, sync.Mutex{}
	f.SetHook(func(*http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if n++; x.cancel && n == x.at {
			cancel()
		}
	})
}

// other is what another process writes meanwhile.
var other = zone.NewTXT("other."+apex, 600, "of another process")

// TestInjections gives random plans random trouble at a random request, with
// another of our processes writing to the same zone. Each plan is whole or
// absent, all else is as it was, and the outcomes say which.
func TestInjections(t *testing.T) {
	f := start(t, namecheaptest.Options{})
	lease := providers.LeaseDir(t.TempDir())
	n := drawtest.Times(500, 100) // 500 take half a minute
	seed := drawtest.Checks(t, n)
	seen := map[string]map[providers.State]int{}
	begin := time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		p, x := drawPlan(rt), drawTrouble(rt)
		if len(p.changes) == 0 {
			return
		}
		f.SetHook(nil)
		f.SetFault(httpapitest.Fault{})
		f.Set(p.start)
		before := f.Zone(apex)
		outcomes := troubled(t, f, lease, p, x)
		if err := judge(before, f.Zone(apex), p.changes, outcomes); err != nil {
			rt.Fatalf("%s at request %d: %v", x.kind, x.at, err)
		}
		if seen[x.kind] == nil {
			seen[x.kind] = map[providers.State]int{}
		}
		seen[x.kind][outcomes[0].State]++
	})
	t.Logf("seed %d: %d injections in %s, outcomes by trouble: %v", seed, n, time.Since(begin).Round(time.Second), seen)
}

// troubled applies a plan in trouble, and at the same time what another process
// has to write.
func troubled(t *testing.T, f *namecheaptest.Fake, lease providers.Lease, p plan, x trouble) []providers.Outcome {
	t.Helper()
	const patience = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	theirTime, end := context.WithTimeout(t.Context(), patience)
	defer end()
	o := providers.Options{Lease: lease, Lost: time.Millisecond, ReadBack: 3 * patience}
	mine, theirs := account(t, f, o), account(t, f, o)
	x.arm(f, cancel)
	z := providers.Zone{ID: string(apex), Apex: apex, Caps: driverCaps()}
	var wg sync.WaitGroup
	wg.Go(func() {
		theirs.Apply(theirTime, z, []zone.Change{{Owner: other.Name, Add: []zone.Record{other}}}, &providers.Run{})
	})
	outcomes := mine.Apply(ctx, z, p.changes, &providers.Run{})
	wg.Wait()
	f.SetHook(nil)
	f.SetFault(httpapitest.Fault{})
	return outcomes
}

// judge wants the plan in the zone whole or not at all, nothing else changed,
// and the outcomes to be so.
func judge(before, got zone.Snapshot, changes []zone.Change, outcomes []providers.Outcome) error {
	got.Records = slices.DeleteFunc(slices.Clone(got.Records), func(r zone.Record) bool { return r.Name == other.Name })
	after := before.With(changes...)
	after.Meta = mailAfter(before, after)
	stands, absent := same(got, after) == nil, same(got, before) == nil
	if !stands && !absent {
		return fmt.Errorf("the zone is neither as before nor as planned: missing [%s], extra [%s]", missing(after, got), missing(got, after))
	}
	for _, o := range outcomes {
		switch o.State {
		case providers.Applied, providers.Unchanged:
			if !stands {
				return fmt.Errorf("%s is said to be %s and does not stand", o.Owner, o.State)
			}
		case providers.Unknown:
		default:
			if stands {
				return fmt.Errorf("%s is said to be %s (%s) and stands", o.Owner, o.State, o.Detail)
			}
		}
	}
	return nil
}
