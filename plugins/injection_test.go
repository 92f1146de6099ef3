package plugins_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// tally is what became of all rounds.
type tally struct {
	mu                          sync.Mutex
	kills, twice, edits, half   int
	lost, untrue, foreign, torn int
	states                      map[providers.State]int
	blows                       map[string]int
	settled                     map[providers.Recovery]int
}

// TestInjections: whenever a plugin process dies, every change is whole or
// absent, all else is as it was, what is said of each change is true or that
// nobody knows, and a fresh account over the same host settles what is open.
func TestInjections(t *testing.T) {
	total := 60
	switch {
	case os.Getenv("MOORING_LONG") == "1":
		total = 500
	case raced:
		total = 20
	}
	seed, _ := strconv.ParseUint(os.Getenv("RAPID_SEED"), 10, 64)
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("RAPID_SEED=%d draws the same rounds again", seed)
	sum := &tally{states: map[providers.State]int{}, blows: map[string]int{}, settled: map[providers.Recovery]int{}}
	state := stateDir(t)
	all := sites(t)
	var wg sync.WaitGroup
	for i, s := range all {
		wg.Go(func() {
			for n, kills := 0, 0; kills < (total+i)/len(all) && n < 5*total && !t.Failed(); n++ {
				rng := rand.New(rand.NewPCG(seed, uint64(n*len(all)+i)))
				x := drawRound(s, rng)
				if err := x.run(t, state, rng, sum); err != nil {
					t.Errorf("seed %d, round %d of %s: %v", seed, n, x, err)
				}
				kills += x.kills
			}
		})
	}
	wg.Wait()
	t.Logf("%d edits, in %d of them two processes died, %d changes are half done and said to be so, by blow %v, outcomes %v, recovered %v",
		sum.edits, sum.twice, sum.half, sum.blows, sum.states, sum.settled)
	fmt.Fprintf(os.Stdout, "injections: %d kills, applied %d, failed %d, unknown %d, lost %d, untrue %d, seed %d\n",
		sum.kills, sum.states[providers.Applied], sum.states[providers.Failed], sum.states[providers.Unknown], sum.lost, sum.untrue, seed)
	if sum.kills < total || sum.states[providers.Applied] == 0 || sum.states[providers.Failed] == 0 {
		t.Errorf("the injections do not bite: %d kills of %d, outcomes %v", sum.kills, total, sum.states)
	}
}

// add counts a round. Its error is what was wrong about it.
func (s *tally) add(x *round, v verdict, outcomes []providers.Outcome, settled []providers.Recovered) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edits++
	s.kills += x.kills
	s.half += v.half
	if x.kills > 1 {
		s.twice++
	}
	if x.kills > 0 {
		how := x.first.how
		if how == onRequest {
			how = string(x.first.at)
		}
		if x.first.stop {
			how = "stopped"
		}
		s.blows[how]++
	}
	for _, o := range outcomes {
		s.states[o.State]++
	}
	for _, r := range settled {
		s.settled[r.How]++
	}
	s.lost += len(v.lost)
	s.untrue += len(v.untrue)
	s.foreign += len(v.foreign)
	s.torn += len(v.torn)
	if len(v.lost)+len(v.untrue)+len(v.foreign)+len(v.torn) > 0 {
		return fmt.Errorf("lost %q, untrue %q, from nowhere %q, torn %q", v.lost, v.untrue, v.foreign, v.torn)
	}
	return nil
}
