package verify

import (
	"context"
	"slices"
	"time"
)

const (
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
// progress, which may be nil, gets every report, in order. Only ctx sets a
// deadline.
func (v *Verifier) Wait(ctx context.Context, req Request, progress func(Report)) (Report, error) {
	var last Report
	for r, err := range v.looks(ctx, req, 0) {
		if last = r; err != nil {
			return last, err
		}
		if progress != nil {
			progress(r)
		}
	}
	return last, nil
}

// watch is what is kept from one look to the next.
type watch struct {
	look    *look
	rounds  int
	looks   int           // since the last full one
	full    time.Duration // when that one began
	above   time.Duration // when the zones above were asked last
	verdict Verdict       // of the look before
}

// next is a look that begins when the watch has lasted so long: a full one
// where that is due, or where the short one says propagated.
func (w *watch) next(ctx context.Context, v *Verifier, lasted time.Duration) (Report, error) {
	c, end := v.begin()
	defer end()
	if w.looks++; !w.fullDue(lasted, v.opts.maxDelay()) && !w.moved(ctx, c, lasted) {
		if err := c.lookAgain(ctx, w.look, w.rounds); err != nil {
			return Report{}, err
		}
		w.doubt(w.look)
		if r := w.look.report(c); r.Verdict != Propagated {
			w.verdict = r.Verdict
			return r, nil
		}
	}
	fresh := newLook(w.look.expect)
	if err := c.lookFully(ctx, fresh, w.rounds); err != nil {
		return Report{}, err
	}
	w.doubt(fresh)
	r := fresh.report(c)
	w.look, w.looks, w.full, w.above, w.verdict = fresh, 0, lasted, lasted, r.Verdict
	return r, nil
}

// doubt makes the looks more thorough where a server changed its mind.
func (w *watch) doubt(l *look) {
	if l.flapped(w.look) {
		w.rounds = max(w.rounds, suspicious)
	}
}

// fullDue reports whether the look must be a full one: now and then, after a
// long time, and where it is the delegation that keeps the record from being
// seen.
func (w *watch) fullDue(lasted, longest time.Duration) bool {
	return w.looks%fullEvery == 0 || lasted-w.full >= longest || !w.look.surveyed() ||
		w.verdict == Undelegated || w.verdict == Unreachable
}

// moved reports whether a zone above refers to other name servers than in the
// look before: then these may have what the old ones will never have. It costs
// one question for each zone, at most once a second.
func (w *watch) moved(ctx context.Context, c *call, lasted time.Duration) bool {
	if lasted-w.above < time.Second {
		return false
	}
	w.above = lasted
	for apex, above := range w.look.above {
		d := w.look.cuts[apex]
		r, _, err := c.first(ctx, above.servers, question{name: apex, typ: "NS"}, func(r reply) error {
			return classify(r, apex, above.apex)
		})
		if err != nil || len(r.answer) > 0 {
			continue // nothing is known of a move, or it has the zone itself: the next full look will see
		}
		owner, ok := referral(r, apex, above.apex)
		ns := few(targets(ofType(r.authority, owner, "NS")))
		if !ok || owner != apex || len(missing(ns, d.Parent)) > 0 || len(d.Referrals) == 0 && len(missing(d.Parent, ns)) > 0 {
			return true
		}
	}
	return false
}

// lookAgain asks only the servers that are not right yet, the resolvers once
// those are, and the vantage points once all is right from here.
func (c *call) lookAgain(ctx context.Context, l *look, rounds int) error {
	c.askServers(ctx, l, rounds)
	c.askResolvers(ctx, l, rounds)
	if ctx.Err() == nil {
		c.askVantages(ctx, l)
	}
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
