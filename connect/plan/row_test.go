package plan_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// law is what is true of every plan. Its error says what is not.
type law func(trial) error

// wrong is a planner that is wrong in one way.
type wrong struct {
	name string
	planner
}

// table is laws that are tried on the same scenarios: these are made and
// planned once for all of them, by whichever test comes first.
type table struct {
	from *rapid.Generator[scenario]
	laws []law

	once                      sync.Once
	seed                      uint64
	planned, changed, refused atomic.Int64
	mu                        sync.Mutex
	faults                    map[uintptr]fault
}

// fault is the smallest scenario that breaks a law.
type fault struct {
	size int
	text string
}

var (
	rows = &table{from: scenarios, laws: []law{
		heeded, idempotent, minimal, untouchedLaw, undone, undoneBesideEdit, undoneTogether, orderless, legalLaw, identity, noLockout, audited,
	}}
	fewest = &table{from: small, laws: []law{smallest}}
	spfs   = &table{from: senders, laws: []law{spfMerged}}
)

func id(l law) uintptr { return reflect.ValueOf(l).Pointer() }

// hold fails the test unless a law is kept, and unless it finds out who breaks
// it: a law that does not would hold nothing.
func (tb *table) hold(t *testing.T, l law, breakers ...wrong) {
	t.Helper()
	tb.once.Do(func() { tb.try(elsewhere(t)) })
	t.Logf("-rapid.seed=%d: %d planned, of which %d change something; %d refused", tb.seed, tb.planned.Load(), tb.changed.Load(), tb.refused.Load())
	if f, broken := tb.faults[id(l)]; broken {
		t.Error(f.text)
	}
	if tb.planned.Load() < tb.refused.Load() {
		t.Error("most scenarios are refused")
	}
	for _, w := range breakers {
		t.Run("finds out who "+w.name, func(t *testing.T) {
			caught, outside := 0, elsewhere(t)
			for seed := 0; seed < 4000 && caught < 3; seed++ {
				if finds(l, w, tb.from.Example(seed), outside) {
					caught++
				}
			}
			if caught < 3 {
				t.Errorf("found out %d times, want 3", caught)
			}
		})
	}
}

// finds reports whether a law that the right planner keeps is broken by the
// wrong one.
func finds(l law, w wrong, sc scenario, outside world) bool {
	good, err := right.try(sc, outside)
	if err != nil || l(good) != nil {
		return false
	}
	bad, err := w.try(sc, outside)
	if err != nil {
		return !unmeant(err) && id(l) == id(heeded)
	}
	return l(bad) != nil
}

// try makes the scenarios and tries every law on each.
func (tb *table) try(outside world) {
	tb.faults = map[uintptr]fault{}
	if tb.seed, _ = strconv.ParseUint(flag.Lookup("rapid.seed").Value.String(), 10, 64); tb.seed == 0 {
		tb.seed = rand.Uint64N(1 << 40)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(many()); i = next.Add(1) {
				tb.judge(tb.from.Example(int(tb.seed)+int(i)), outside)
			}
		})
	}
	wg.Wait()
}

func (tb *table) judge(sc scenario, outside world) {
	tr, err := right.try(sc, outside)
	switch {
	case unmeant(err):
		tb.refused.Add(1)
		return
	case err != nil:
		tb.note(id(heeded), tr, err)
		return
	}
	tb.planned.Add(1)
	if len(tr.plan.Changes) > 0 {
		tb.changed.Add(1)
	}
	for _, l := range tb.laws {
		if err := l(tr); err != nil {
			tb.note(id(l), tr, err)
		}
	}
}

// note keeps the smallest of the scenarios that break a law.
func (tb *table) note(which uintptr, tr trial, err error) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	size := 2*len(tr.Zone.Records) + 3*len(tr.Intents) + len(tr.Next) + len(tr.Policies) + len(tr.Above)
	if f, ok := tb.faults[which]; !ok || size < f.size {
		tb.faults[which] = fault{size, fmt.Sprintf("%v\n\n%sdecisions: %+v\n\nplan:\n%s", err, tr.scenario, tr.req.Decisions, tr.plan.Text())}
	}
}
