package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/verify"
)

// Report is what DNS shows of a run, with which DKIM keys, and what the web
// shows of its redirects.
type Report struct {
	verify.Report
	Statuses
	Keys      []Key           `json:"keys,omitempty"`
	Redirects []RedirectState `json:"redirects,omitempty"`
}

// ErrUnproven is for a run with something that nobody can be asked for: DNS has
// no record type for it, or the host answers for it with addresses of its own.
var ErrUnproven = errors.New("connect: neither DNS nor HTTP can show everything that was asked for")

var errNoRun = errors.New("connect: no run to look for: it is no answer of Apply, ByHand or Recover")

// Wait asks DNS, and HTTP for redirects, until they show everything that the run
// promised, or ctx ends. In that case the last report comes together with the
// error; its Lagging names the servers that held it up, its Redirects what was
// seen instead. A redirect is asked for once DNS shows what its name points at,
// and waited for where the DNS host serves it (see Redirect); of any other the
// report says what was seen. A redirect that came after the records has DNS asked
// once more, so that the report is of what DNS shows then. Without anything to
// expect it returns at once. A run with Unproven records ends in ErrUnproven at
// best.
//
// An event is sent whenever the records that DNS shows, or a status, have
// changed.
func (e *Engine) Wait(ctx context.Context, run Run) (Report, error) {
	if run.Plan == "" {
		return Report{}, errNoRun
	}
	w := &waiting{e: e, run: run, began: time.Now()}
	err := w.records(ctx)
	if err == nil && !w.redirected() {
		if err = w.redirects(ctx); err == nil && len(run.Expect) > 0 {
			err = w.records(ctx) // what DNS showed before may be long ago
		}
	}
	if err == nil {
		return e.report(w.run, w.seen, w.states), run.unproven()
	}
	return w.ended(err)
}

// waiting is what one Wait has seen and told.
type waiting struct {
	e      *Engine
	run    Run
	began  time.Time
	due    time.Time // when to ask HTTP again
	seen   verify.Report
	states []RedirectState
	shown  []bool   // which records DNS shows, by the last event
	told   Statuses // by the last event
}

// records waits for DNS, asking HTTP between two looks where that is due.
func (w *waiting) records(ctx context.Context) error {
	if len(w.run.Expect) == 0 {
		w.seen = w.run.unasked()
		if len(w.run.Redirects) > 0 || len(w.run.Unproven) == 0 {
			w.ask(ctx)
			w.say()
		}
		return nil
	}
	last, err := w.e.dns.Wait(ctx, verify.Request{Expect: w.run.Expect}, func(r verify.Report) {
		w.seen = r
		if r.Verdict == verify.Propagated || !time.Now().Before(w.due) {
			w.ask(ctx) // in the last look of all: what the report says of HTTP is of the same time
		}
		w.say()
	})
	if w.seen = last; errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("connect: DNS did not show every record in time: %w", err)
	}
	return err
}

// redirects waits for what only HTTP shows. That the last one works is left to be
// told with what DNS shows by then, where it has something to show.
func (w *waiting) redirects(ctx context.Context) error {
	for !w.redirected() {
		if err := pause(ctx, time.Until(w.due)); err != nil {
			return fmt.Errorf("connect: HTTP did not show every redirect in time: %s: %w", w.hanging(), err)
		}
		if w.ask(ctx); !w.redirected() || len(w.run.Expect) == 0 {
			w.say()
		}
	}
	return nil
}

// redirected reports whether the redirects work that the run waits for.
func (w *waiting) redirected() bool {
	for i, r := range w.run.Redirects {
		if r.Awaited && (i >= len(w.states) || w.states[i].Status != entri.StatusSuccess) {
			return false
		}
	}
	return true
}

// hanging is what was seen of the redirects that do not work.
func (w *waiting) hanging() string {
	var out []string
	for _, s := range w.states {
		if s.Awaited && s.Status != entri.StatusSuccess {
			out = append(out, s.Text)
		}
	}
	return strings.Join(out, "; ")
}

// ask asks HTTP for the redirects that do not work yet.
func (w *waiting) ask(ctx context.Context) {
	if s := redirection(w.run.Redirects, w.states); s == entri.StatusSuccess || s == entri.StatusExempt {
		return
	}
	waited := time.Since(w.began)
	w.states = w.e.askWeb(ctx, w.run, w.seen, w.states)
	w.due = time.Now().Add(w.e.opts.again(waited))
}

// say tells what changed.
func (w *waiting) say() {
	ev := w.event(w.run.statuses(w.seen, w.states))
	if w.redirected() && ev.Statuses.Propagation == entri.StatusSuccess {
		ev.Type = Connected
	}
	w.tell(ev)
}

// ended is what is left to say when waiting ended too early. It is a failure
// only where the time was up: whoever stops waiting may go on later.
func (w *waiting) ended(err error) (Report, error) {
	s := w.run.statuses(w.seen, w.states)
	if errors.Is(err, context.DeadlineExceeded) {
		s = s.over()
	}
	ev := w.event(s)
	ev.Type = TimedOut
	w.tell(ev)
	out := w.e.report(w.run, w.seen, w.states)
	out.Statuses = s.in(w.e.opts.Compat)
	return out, err
}

func (w *waiting) event(s Statuses) Event {
	ev := w.e.progress(w.run, w.seen)
	ev.Type, ev.Statuses, ev.Redirects, ev.Updated = Propagating, s, w.states, s.updated(w.told)
	return ev
}

// tell sends an event that has something to say.
func (w *waiting) tell(ev Event) {
	shown := make([]bool, len(w.seen.Records))
	for i, r := range w.seen.Records {
		shown[i] = r.Verdict == verify.Propagated
	}
	if slices.Equal(shown, w.shown) && len(ev.Updated) == 0 && ev.Type == Propagating {
		return
	}
	w.shown, w.told = shown, ev.Statuses
	ev.Statuses = ev.in(w.e.opts.Compat)
	w.e.event(ev)
}

// unasked is what is seen of a run with nothing to ask DNS for.
func (r Run) unasked() verify.Report {
	if len(r.Unproven) > 0 {
		return verify.Report{}
	}
	return verify.Report{Verdict: verify.Propagated}
}

func (r Run) unproven() error {
	if len(r.Unproven) == 0 {
		return nil
	}
	var names []string
	for _, u := range r.Unproven {
		names = append(names, u.Name.FQDN()+" "+u.Type)
	}
	return fmt.Errorf("%w: %s", ErrUnproven, strings.Join(names, ", "))
}

// Check is one look at what DNS and HTTP show of a run now. Where DNS shows all
// that it can and something is Unproven, the report comes with ErrUnproven.
// Whether the redirects work is in its Redirection.
func (e *Engine) Check(ctx context.Context, run Run) (Report, error) {
	if run.Plan == "" {
		return Report{}, errNoRun
	}
	seen := run.unasked()
	if len(run.Expect) > 0 {
		var err error
		if seen, err = e.dns.Check(ctx, verify.Request{Expect: run.Expect}); err != nil {
			return e.report(run, seen, nil), err
		}
	}
	out := e.report(run, seen, e.askWeb(ctx, run, seen, nil))
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case len(run.Expect) == 0 || seen.Verdict == verify.Propagated:
		return out, run.unproven()
	}
	return out, nil
}

func (e *Engine) report(run Run, seen verify.Report, states []RedirectState) Report {
	return Report{Report: seen, Statuses: run.statuses(seen, states).in(e.opts.Compat), Keys: run.Keys, Redirects: states}
}

// progress sorts the records of a run by whether DNS shows them.
func (e *Engine) progress(run Run, r verify.Report) Event {
	ev := Event{Site: run.Site, Run: run.ID, Plan: run.Plan, Verdict: r.Verdict}
	for _, s := range r.Records {
		rec := entri.Event(s.Expect.Record, run.Site.Domain)
		switch seen := s.Verdict == verify.Propagated; {
		case s.Expect.Gone && !seen:
			ev.Lingering = append(ev.Lingering, rec)
		case s.Expect.Gone:
		case seen:
			ev.Confirmed = append(ev.Confirmed, rec)
		default:
			ev.Missing = append(ev.Missing, rec)
		}
	}
	return ev
}

// again is how long to wait before HTTP is asked once more, by how long it has
// been waited for already: as verify asks DNS.
func (o Options) again(waited time.Duration) time.Duration {
	if o.Verify.Schedule != nil {
		return max(o.Verify.Schedule(waited), time.Millisecond)
	}
	least, most := o.Verify.MinDelay, o.Verify.MaxDelay
	if least <= 0 {
		least = 2 * time.Second
	}
	if most <= 0 {
		most = 30 * time.Minute
	}
	const part = 0.15 // of the time waited
	return max(least, min(most, time.Duration(part*float64(waited))))
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
