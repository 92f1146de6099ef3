package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/verify"
)

// Report is what DNS shows of a run, and with which DKIM keys.
type Report struct {
	verify.Report
	Keys []Key `json:"keys,omitempty"`
}

// ErrUnproven is for a run with something that DNS does not show: it has no
// record type for it, or the host answers for it with addresses of its own.
var ErrUnproven = errors.New("connect: DNS cannot show everything that was asked for")

// Wait asks DNS until it shows everything that the run promised, or ctx ends.
// In that case the last report comes together with the error, and its Lagging
// names who held it up. Without anything to expect it returns at once. A run
// with Unproven records ends in ErrUnproven at best.
//
// An event is sent whenever the records that DNS shows have changed.
func (e *Engine) Wait(ctx context.Context, run Run) (Report, error) {
	if run.Plan == "" {
		return Report{}, errNoRun
	}
	if len(run.Expect) == 0 {
		report, err := run.unasked()
		if err == nil {
			e.event(Event{Type: Connected, Site: run.Site, Run: run.ID, Plan: run.Plan, Verdict: report.Verdict})
		}
		return report, err
	}
	shown := -len(run.Expect) - 1
	report, err := e.dns.Wait(ctx, verify.Request{Expect: run.Expect}, func(r verify.Report) {
		ev := e.progress(run, r)
		if ev.Type = Propagating; r.Verdict == verify.Propagated && len(run.Unproven) == 0 {
			ev.Type = Connected
		}
		if n := len(ev.Confirmed) - len(ev.Lingering); n != shown || ev.Type == Connected {
			shown = n
			e.event(ev)
		}
	})
	if err == nil {
		return Report{report, run.Keys}, run.unproven()
	}
	ev := e.progress(run, report)
	ev.Type = TimedOut
	e.event(ev)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("connect: DNS did not show every record in time: %w", err)
	}
	return Report{report, run.Keys}, err
}

var errNoRun = errors.New("connect: no run to look for: it is no answer of Apply, ByHand or Recover")

// unasked is the report of a run with nothing to ask DNS for.
func (r Run) unasked() (Report, error) {
	if err := r.unproven(); err != nil {
		return Report{Keys: r.Keys}, err
	}
	return Report{Report: verify.Report{Verdict: verify.Propagated}, Keys: r.Keys}, nil
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

// Check is one look at what DNS shows of a run now. Where it shows all that it
// can and something is Unproven, the report comes with ErrUnproven.
func (e *Engine) Check(ctx context.Context, run Run) (Report, error) {
	if run.Plan == "" {
		return Report{}, errNoRun
	}
	if len(run.Expect) == 0 {
		return run.unasked()
	}
	report, err := e.dns.Check(ctx, verify.Request{Expect: run.Expect})
	if err == nil && report.Verdict == verify.Propagated {
		err = run.unproven()
	}
	return Report{report, run.Keys}, err
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
