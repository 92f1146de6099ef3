package plugins_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// blow is what ends a process, and when.
type blow struct {
	how     string
	request int // counted from the first of the edit
	at      moment
	stop    bool          // it is stopped, and found out by its silence
	after   time.Duration // the moment, or the beginning of what is struck
}

// How a blow falls.
const (
	onRequest = "on a request"
	between   = "between requests"
	reading   = "while a reading is streamed"
	opening   = "while an account is opened"
	idle      = "before the edit"
)

// round is one edit, during which processes die.
type round struct {
	site   *site
	host   *plugins.Host
	driver providers.Driver
	first  blow
	again  int  // how many requests later the next process dies; 0: it does not; -1: as soon as it is there
	brief  bool // the account gives up reading the zone back at once
	long   bool // a reading of the zone comes in several parts

	mu     sync.Mutex
	ended  bool // the edit is over: nobody is struck any more
	kills  int
	struck bool  // the first blow has fallen
	hit    int   // on this request; 0: before the first one
	pids   []int // of those that died
}

// drawRound is a random one.
func drawRound(s *site, rng *rand.Rand) *round {
	x := &round{site: s, brief: rng.IntN(4) == 0}
	moments := []moment{lost, arrives, performed}
	b := blow{how: onRequest, request: 1 + rng.IntN(s.most), at: moments[rng.IntN(len(moments))]}
	short := time.Duration(rng.IntN(3000)) * time.Microsecond
	switch rng.IntN(10) {
	case 0:
		b.how, b.after = opening, short/2
	case 1:
		b.how = idle
	case 2:
		b.how, b.at, b.after = between, answered, short
	case 3:
		b.how, b.at, b.after, b.request, x.long = reading, answered, 3*short, 1+rng.IntN(2), true
	case 4:
		b.stop = true
	}
	x.first = b
	if !b.stop && rng.IntN(3) == 0 {
		x.again = rng.IntN(5) - 1
	}
	return x
}

func (x *round) String() string {
	return fmt.Sprintf("%s: %+v, again %d, briefly %t", x.site.driver.Info().ID, x.first, x.again, x.brief)
}

// strike ends the process that takes calls, if there is one.
func (x *round) strike(stop bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	pid := x.host.Status()[0].PID
	if x.ended || pid <= 0 || slices.Contains(x.pids, pid) { // it was dead, and nobody knew yet
		return
	}
	if stop && halt(pid) || !stop && end(pid) {
		x.kills++
		x.pids = append(x.pids, pid)
	}
}

// end ends a process. It is false where there is none.
func end(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && p.Kill() == nil
}

// watch strikes at the moments of requests.
func (x *round) watch(all *sync.WaitGroup) func(request, moment) bool {
	return func(r request, m moment) (cut bool) {
		b := x.first
		switch {
		case !x.falls(r.n, m):
			return false
		case b.after > 0:
			x.mu.Lock()
			defer x.mu.Unlock()
			if !x.ended {
				all.Go(func() {
					time.Sleep(b.after)
					x.strike(b.stop)
				})
			}
			return false
		}
		x.strike(b.stop)
		return m != arrives // which the host performs all the same
	}
}

// falls reports whether a blow falls at a moment of a request.
func (x *round) falls(n int, m moment) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.ended || m != x.first.at:
		return false
	case !x.struck && n == x.first.request:
		x.struck, x.hit = true, n
		return true
	case x.struck && x.again > 0 && n == x.hit+x.again:
		x.again = 0
		return true
	}
	return false
}

// chase strikes the process that comes after the first one as soon as it is there.
func (x *round) chase(ctx context.Context) {
	for ctx.Err() == nil {
		x.mu.Lock()
		kills := x.kills
		x.mu.Unlock()
		if kills > 1 {
			return
		}
		if kills > 0 {
			x.strike(false)
		}
		time.Sleep(500 * time.Microsecond)
	}
}

// options are those of the accounts of a round. A brief account gives up reading
// its zone back before another process is there.
func (x *round) options(j providers.Journal) providers.Options {
	o := providers.Options{Journal: j, Lost: 500 * time.Millisecond, ReadBack: 2 * time.Minute}
	if x.brief {
		o.Lost, o.ReadBack = time.Millisecond, time.Millisecond
	}
	return o
}

// open opens an account, which may take several times.
func (x *round) open(t *testing.T, o providers.Options) (*providers.Account, error) {
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		acct, err := providers.Open(x.driver, x.site.creds, o)
		if err == nil || providers.CodeOf(err) != providers.Unavailable || time.Now().After(end) || t.Context().Err() != nil {
			return acct, err
		}
	}
}

// run makes the round, and is what was wrong about it.
func (x *round) run(t *testing.T, state string, rng *rand.Rand, sum *tally) error {
	o := plugins.Options{}
	if x.first.stop {
		o.Probe = 400 * time.Millisecond
	}
	x.host, x.driver = x.site.hosted(t, state, o)
	before, changes := x.site.plan(t, rng, x.long)
	x.site.tap.set(nil)
	journal := providers.JournalDir(t.TempDir())
	outcomes, z, err := x.edit(t, journal, changes)
	if err == nil {
		err = x.examine(t, z, journal, before, changes, outcomes, sum)
	}
	pids := []int{x.host.Status()[0].PID}
	err = errors.Join(err, x.host.Close())
	for _, pid := range slices.Concat(pids, x.pids) {
		if pid > 0 && alive(pid) {
			err = errors.Join(err, fmt.Errorf("process %d outlives its host", pid))
		}
	}
	return err
}

// edit opens an account and edits the zone, while processes die.
func (x *round) edit(t *testing.T, j providers.Journal, changes []zone.Change) ([]providers.Outcome, providers.Zone, error) {
	var (
		all         sync.WaitGroup
		chase, over = context.WithCancel(t.Context())
	)
	defer func() {
		over()
		x.mu.Lock()
		x.ended = true
		x.mu.Unlock()
		all.Wait()
	}()
	x.struck = x.first.how == opening || x.first.how == idle // which falls on no request
	if x.again < 0 {
		all.Go(func() { x.chase(chase) })
	}
	if x.first.how == opening {
		if _, err := x.open(t, x.options(j)); err != nil { // a process is there
			return nil, providers.Zone{}, err
		}
		all.Go(func() {
			time.Sleep(x.first.after)
			x.strike(false)
		})
	}
	acct, err := x.open(t, x.options(j))
	if err != nil {
		return nil, providers.Zone{}, fmt.Errorf("no account can be opened: %w", err)
	}
	z, err := acct.Find(t.Context(), apex)
	if err != nil {
		return nil, z, fmt.Errorf("the zone is not found: %w", err)
	}
	x.site.tap.set(x.watch(&all))
	if x.first.how == idle {
		x.strike(false)
	}
	return acct.Apply(t.Context(), z, changes, &providers.Run{}), z, nil
}

// calmly does something until it is done, or has failed though no process died
// meanwhile: on a machine that is slow one may be taken for dead.
func (x *round) calmly(do func() bool) bool {
	for range 5 {
		before := x.host.Status()[0].Crashes
		switch {
		case do():
			return true
		case x.host.Status()[0].Crashes == before:
			return false
		}
	}
	return false
}

// examine judges the zone, has a fresh account settle what is open, judges
// again, and has that account make another edit.
func (x *round) examine(t *testing.T, z providers.Zone, j providers.Journal, before zone.Snapshot, changes []zone.Change, outcomes []providers.Outcome, sum *tally) error {
	_, twice := x.site.tap.seen()
	x.site.tap.set(nil)
	after := x.site.fixture.Zone(t)
	v := judge(z.Caps.Grain, before, after, changes, outcomes)
	for _, w := range twice {
		v.foreign = append(v.foreign, "written twice: "+w)
	}
	x.brief = false
	acct, err := x.open(t, x.options(j))
	if err != nil {
		return fmt.Errorf("no account can be opened after it: %w", err)
	}
	var settled []providers.Recovered
	x.calmly(func() bool {
		settled, err = acct.RecoverAll(t.Context(), z)
		return !slices.ContainsFunc(settled, func(r providers.Recovered) bool { return r.Err != nil })
	})
	if err != nil {
		return fmt.Errorf("the journal: %w", err)
	}
	unknown := slices.ContainsFunc(outcomes, func(o providers.Outcome) bool { return o.State == providers.Unknown })
	if unknown != (len(settled) == 1) {
		v.untrue = append(v.untrue, fmt.Sprintf("something is unknown: %t, and there are %d open runs", unknown, len(settled)))
	}
	for _, r := range settled {
		if r.Err != nil || r.How == providers.Stuck {
			v.untrue = append(v.untrue, fmt.Sprintf("the run is not settled: %s, %+v, %v", r.How, r.Outcomes, r.Err))
			continue
		}
		then := judge(z.Caps.Grain, before, x.site.fixture.Zone(t), changes, r.Outcomes)
		v.lost, v.untrue = append(v.lost, then.lost...), append(v.untrue, then.untrue...)
		v.foreign, v.torn = append(v.foreign, then.foreign...), append(v.torn, then.torn...)
	}
	next := zone.NewTXT("next."+apex, 3600, "the next edit")
	var got []providers.Outcome
	if !x.calmly(func() bool {
		got = acct.Apply(t.Context(), z, []zone.Change{{Owner: next.Name, Add: []zone.Record{next}}}, &providers.Run{})
		return providers.Done(got)
	}) {
		v.untrue = append(v.untrue, fmt.Sprintf("the next edit is %+v", got))
	}
	return sum.add(x, v, outcomes, settled)
}
