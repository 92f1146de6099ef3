package cloudflare_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// plan is a random zone and the changes to make there.
type plan struct {
	start   zone.Snapshot
	changes []zone.Change
}

// drawPlan is the n-th plan of a seed that has anything to change.
func drawPlan(seed uint64, n int) plan {
	gen := rapid.Custom(func(rt *rapid.T) plan {
		start, changes := randomPlan(rt)
		return plan{start, changes}
	})
	for k := 0; ; k++ {
		if p := gen.Example(int((seed + uint64(n)*1009 + uint64(k)) % (1 << 31))); len(p.changes) > 0 {
			return p
		}
	}
}

// injection is what goes wrong during one run.
type injection struct {
	kind   string
	at     int // the request that it meets, counted from 1
	times  int // how many requests in a row
	fault  httpapitest.Fault
	cancel int // the request at which the caller gives up; 0: never
}

func (i injection) String() string {
	return fmt.Sprintf("%s at request %d (%d times), given up at %d", i.kind, i.at, i.times, i.cancel)
}

// drawInjection is a random one.
func drawInjection(rng *rand.Rand) injection {
	i := injection{at: 1 + rng.IntN(8), times: 1}
	switch n := rng.IntN(11); n {
	case 0:
		i.kind, i.fault = "500", httpapitest.Fault{Status: 500, Body: `{"success":false,"errors":[{"code":10001,"message":"internal error"}]}`}
	case 1:
		i.kind, i.fault = "a page of HTML, 200", httpapitest.Fault{HTML: true}
	case 2:
		i.kind, i.fault = "landed, and a page of HTML, 502", httpapitest.Fault{Status: 502, HTML: true, Land: true}
	case 3:
		i.kind, i.fault = "slow", httpapitest.Fault{Delay: 30 * time.Millisecond}
	case 4:
		i.kind, i.fault = "landed, and slow", httpapitest.Fault{Delay: 30 * time.Millisecond, Land: true}
	case 5, 6:
		i.kind, i.times = "429 storm", 1+rng.IntN(3)
		i.fault = fault(providertest.FaultRateLimited)
		i.fault.RetryAfter = []string{"0", "1"}[rng.IntN(2)]
	default:
		kinds := []providertest.Fault{providertest.FaultHalf, providertest.FaultLandedLost, providertest.FaultLost, providertest.FaultDenied}
		k := kinds[n-7]
		i.kind, i.fault = string(k), fault(k)
	}
	if rng.IntN(3) == 0 {
		i.cancel = 1 + rng.IntN(8)
	}
	return i
}

// tally counts how the runs ended.
type tally struct {
	mu     sync.Mutex
	states map[providers.State]int
	kinds  map[string]int
	whole  int
}

// TestInjections makes 500 runs of random plans that meet a random fault at a
// random request, while another process, which shares nothing but the lease,
// writes to the same zone. Each run is whole or absent, and says which.
func TestInjections(t *testing.T) {
	total, workers := drawtest.Times(500, 500), 50
	seed := drawtest.Checks(t, total)
	sum := &tally{states: map[providers.State]int{}, kinds: map[string]int{}}
	plans := make([]plan, total)
	for n := range plans { // rapid's generators are not for several goroutines
		plans[n] = drawPlan(seed, n)
	}
	var all sync.WaitGroup
	for w := range workers {
		p := newPlace(t)
		z := p.find()
		all.Go(func() {
			for n := w; n < total; n += workers {
				x := drawInjection(rand.New(rand.NewPCG(seed, uint64(n))))
				if err := p.inject(z, plans[n], x, n, sum); err != nil {
					t.Errorf("seed %d, injection %d, %s: %v", seed, n, x, err)
					return
				}
			}
		})
	}
	all.Wait()
	t.Logf("seed %d: %d injections %v: %d whole, the others absent; outcomes of changes %v", seed, total, sum.kinds, sum.whole, sum.states)
	if sum.states[providers.Applied] == 0 || sum.states[providers.Failed] == 0 {
		t.Error("the injections do not bite: some changes must be applied, and some fail")
	}
}

// inject makes one run of a plan, and judges what it says by what the host holds.
func (p *place) inject(z providers.Zone, pl plan, x injection, n int, sum *tally) error {
	p.fake.SetFault(httpapitest.Fault{})
	p.fake.SetHook(nil)
	p.fake.Set(pl.start)
	lease := providers.LeaseDir(p.t.TempDir())
	open := func() *providers.Account {
		o := quick()
		// A request whose caller has gone may be handled later, on a machine that
		// has much to do.
		if o.Lease, o.Lost = lease, 100*time.Millisecond; x.cancel > 0 {
			o.Lost = 3 * time.Second
		}
		return p.open(o)
	}
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	var came atomic.Int32
	p.fake.SetHook(func(*http.Request) {
		if int(came.Add(1)) == x.cancel {
			cancel()
		}
	})
	for k := range x.times {
		p.fake.FailNext(x.at+k, x.fault)
	}
	theirs := zone.Change{Owner: at("second-writer"), Add: []zone.Record{rec("second-writer", "TXT", fmt.Sprintf(`"%d"`, n))}}
	var mine, others []providers.Outcome
	var both sync.WaitGroup
	both.Go(func() { mine = open().Apply(ctx, z, pl.changes, &providers.Run{}) })
	both.Go(func() {
		others = open().Apply(p.t.Context(), z, []zone.Change{theirs}, &providers.Run{})
	})
	both.Wait()
	got := p.fake.Zone(apex)
	rest := zone.NewSnapshot(apex, zone.Subtract(got.Records, theirs.Add))
	whole := stands(rest, pl.start, pl.changes) == nil
	sum.add(x, mine, whole)
	if !whole {
		if err := differ(rest, pl.start); err != nil {
			return fmt.Errorf("it is neither whole nor absent: %w\nit says %+v", err, mine)
		}
	}
	return errors.Join(truthful(mine, whole), truthful(others, zone.Contains(got.Records, theirs.Add[0])))
}

// truthful is nil where outcomes say what the zone shows, or that nobody knows.
func truthful(out []providers.Outcome, whole bool) error {
	for _, o := range out {
		said := o.State == providers.Applied || o.State == providers.Unchanged
		if said != whole && o.State != providers.Unknown {
			return fmt.Errorf("it stands: %t, and the outcome is %+v", whole, o)
		}
	}
	return nil
}

func (s *tally) add(x injection, out []providers.Outcome, whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kinds[x.kind]++
	if whole {
		s.whole++
	}
	for _, o := range out {
		s.states[o.State]++
	}
}
