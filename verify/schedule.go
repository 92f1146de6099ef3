package verify

import (
	"context"
	"math"
	"time"
)

// Schedule says how long to wait between the begin of a look and that of the
// next one, by how long the watch has lasted when the first of them begins. It
// must depend on nothing else: so a watch goes on as it was when its process
// has ended in between.
type Schedule func(lasted time.Duration) time.Duration

// The delay grows with the time already waited, so that nobody waits more than
// 15 % longer than DNS needs.
const growth = 0.15

// Entri is the schedule of Entri: pauses of 1, 2, 4 ... minutes, so looks 1, 3,
// 7 ... minutes after the first. Within 72 hours the last pause is of 34 hours.
// (developers.entri.com/docs/webhooks)
func Entri(lasted time.Duration) time.Duration {
	next := time.Minute
	for next <= lasted && next < math.MaxInt64/4 {
		next = 2*next + time.Minute
	}
	return next - lasted
}

// gap is the pause after a look that begins when the watch has lasted so long.
func (o Options) gap(lasted time.Duration) time.Duration {
	if o.Schedule != nil {
		return max(o.Schedule(lasted), time.Millisecond)
	}
	d := time.Duration(float64(lasted) * growth)
	return min(max(d, o.minDelay()), o.maxDelay())
}

// pace is what has been learned of when to look again. Times count from the
// beginning of the watch.
type pace struct {
	lagging time.Duration // when a secondary was first seen to lag; negative: none is
	missed  int           // looks in a row that a prediction called for and that showed nothing new
	called  bool          // a prediction called for the look that comes next
}

// due is when the next look is due after one that took from began to ended:
// when the schedule says so, or when something is predicted to change if that
// is sooner. A look that took long is not followed at once by the next.
func (p *pace) due(o Options, began, ended time.Duration, r Report, changed bool) time.Duration {
	gap := o.gap(began)
	due := max(began+gap, ended+gap/2)
	switch {
	case changed:
		p.missed = 0
	case p.called:
		p.missed++
	}
	p.called = false
	// A resolver with several caches behind one address, or one that serves
	// what has expired, breaks every prediction: it is believed less each time.
	const most = 10 // doublings: from 2 s to more than 30 min
	doubt := ended + o.minDelay()<<min(p.missed, most)
	if r.NextLook > 0 {
		// Resolvers count in whole seconds: a look in the second before is
		// early, and only those of an impatient schedule come so close.
		at := max(ended+time.Duration(r.NextLook)*time.Second, doubt)
		if due > at-min(time.Second, gap/2) {
			due, p.called = at, true
		}
	}
	if at := p.transfer(ended, r); at > 0 && max(at, doubt) < due {
		due, p.called = max(at, doubt), true
	}
	return due
}

// transfer is when the zone has told a lagging secondary to ask again, at the
// latest; 0: none lags, or it has asked in vain.
func (p *pace) transfer(ended time.Duration, r Report) time.Duration {
	refresh := lag(r)
	switch {
	case refresh == 0:
		p.lagging = -1
	case p.lagging < 0:
		p.lagging = ended
	}
	if at := p.lagging + refresh + time.Second; refresh > 0 && at > ended {
		return at
	}
	return 0
}

// lag is the longest interval at which a secondary that lags asks its primary
// (RFC 1035 section 3.3.13, REFRESH); 0: none lags.
func lag(r Report) time.Duration {
	var refresh uint32
	for _, rec := range r.Records {
		if rec.Verdict != Partial {
			continue
		}
		for _, d := range r.Delegations {
			if d.Apex == rec.Zone {
				refresh = max(refresh, d.SOA.Refresh)
			}
		}
	}
	return time.Duration(refresh) * time.Second
}

// stopwatch tells how long a watch has lasted. The wall clock tells only how
// long it had lasted when this process took it up: that the clock is set
// afterwards changes nothing.
type stopwatch struct {
	before time.Duration
	start  time.Time // with its monotonic reading
}

func newStopwatch(since time.Time) stopwatch {
	s := stopwatch{start: time.Now()}
	if !since.IsZero() {
		// A beginning in the future is a clock that was set back; one that is
		// centuries ago must not overflow what is added to it.
		s.before = min(max(s.start.Sub(since), 0), math.MaxInt64/2)
	}
	return s
}

func (s stopwatch) lasted() time.Duration { return s.before + time.Since(s.start) }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
