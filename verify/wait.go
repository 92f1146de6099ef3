package verify

import (
	"context"
	"slices"
	"time"
)

const (
	// The delay grows with the time already waited, so that nobody waits
	// more than 15 % longer than DNS needs.
	growth = 0.15
	// Between two full looks, only servers that are not right yet are asked;
	// now and then the delegation itself may have changed.
	fullEvery = 8
	// A server seen to change its mind must agree with itself more often.
	suspicious = 3
)

// Wait looks until the report says propagated, and returns it. When ctx ends
// first, it returns the last report together with the error of ctx, so that
// Report.Lagging can name who held it up; that report is the zero value when
// not even one look was finished. Success is always that of a full look.
// progress, which may be nil, gets every report, in order.
func (v *Verifier) Wait(ctx context.Context, req Request, progress func(Report)) (Report, error) {
	expect, err := req.canonical()
	if err != nil {
		return Report{}, err
	}
	var (
		last   Report
		l      = newLook(expect)
		began  = time.Now()
		rounds = v.opts.rounds()
	)
	for n := 0; ; n++ {
		fresh, report, err := v.next(ctx, l, n%fullEvery == 0, rounds)
		if err != nil {
			return last, err
		}
		if fresh.flapped(l) {
			rounds = max(rounds, suspicious)
		}
		l, last = fresh, report
		if progress != nil {
			progress(last)
		}
		if last.Verdict == Propagated {
			return last, nil
		}
		if err := sleep(ctx, v.opts.delay(time.Since(began), last.NextLook)); err != nil {
			return last, err
		}
	}
}

// next is the look after l: a full one where that is due, or where the short
// one says propagated.
func (v *Verifier) next(ctx context.Context, l *look, full bool, rounds int) (*look, Report, error) {
	c, end := v.begin()
	defer end()
	if !full && l.surveyed() {
		if err := c.lookAgain(ctx, l, rounds); err != nil {
			return l, Report{}, err
		}
		if r := l.report(c); r.Verdict != Propagated {
			return l, r, nil
		}
	}
	fresh := newLook(l.expect)
	if err := c.lookFully(ctx, fresh, rounds); err != nil {
		return l, Report{}, err
	}
	return fresh, fresh.report(c), nil
}

// lookAgain asks only the servers that are not right yet, and the resolvers
// once those are.
func (c *call) lookAgain(ctx context.Context, l *look, rounds int) error {
	c.askServers(ctx, l, rounds)
	c.askResolvers(ctx, l, rounds)
	return ctx.Err()
}

// surveyed reports whether every zone has a server to ask, and each server's
// standing is known.
func (l *look) surveyed() bool {
	for _, d := range l.cuts {
		if d.Err != "" || slices.ContainsFunc(d.Servers, func(s Server) bool { return s.State == Unknown }) {
			return false
		}
	}
	return len(l.cuts) > 0
}

// flapped reports whether a server that was right in the look before is not
// now, or was both in this one.
func (l *look) flapped(before *look) bool {
	for key, seen := range l.seen {
		for addr, sights := range seen {
			right, asked := 0, len(sights)
			for _, s := range sights {
				if l.anyRight(key, s) {
					right++
				}
			}
			if right < asked && (right > 0 || before.right(key, before.seen[key][addr])) {
				return true
			}
		}
	}
	return false
}

// delay is how long to wait after that much time: a part of it, or until a
// resolver is known to forget, if that is sooner.
func (o Options) delay(waited time.Duration, next uint32) time.Duration {
	d := time.Duration(float64(waited) * growth)
	if known := time.Duration(next) * time.Second; next > 0 {
		d = min(d, known)
	}
	return min(max(d, o.minDelay()), o.maxDelay())
}

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
