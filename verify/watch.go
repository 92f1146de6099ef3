package verify

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// ErrDeadline ends a Watch whose records DNS did not show in time.
var ErrDeadline = errors.New("verify: DNS did not show every record by the deadline; the last report names what holds it up")

// Watch looks again and again until the report says propagated, and yields the
// first report and then each one whose content (see Report.Digest) is not that
// of the report before it. It ends
//
//   - after a report that says propagated, which is always that of a full look;
//   - at Options.Deadline, with a last look whose report has the finding
//     DEADLINE, together with ErrDeadline;
//   - with ctx: the last report comes again together with the error of ctx, or
//     the zero value where not even one look was finished;
//   - where the Request is misuse, with that error and the zero Report;
//   - when the consumer leaves the loop.
//
// With Request.Since and Request.Seen it goes on with a watch whose process has
// ended: with the same schedule and the same deadline, counted from Since, and
// without a report that was dealt with already, the last one included: a watch
// that was over stays silent.
//
// Nothing is under way between two looks: no socket and no goroutine.
func (v *Verifier) Watch(ctx context.Context, req Request) iter.Seq2[Report, error] {
	return func(yield func(Report, error) bool) {
		told := req.Seen
		for r, err := range v.looks(ctx, req, v.opts.deadline()) {
			digest := r.Digest()
			same := digest == told
			told = digest
			if same && (err == nil || errors.Is(err, ErrDeadline)) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// looks yields the report of every look until one says propagated, until the
// deadline where there is one, or until ctx ends.
func (v *Verifier) looks(ctx context.Context, req Request, deadline time.Duration) iter.Seq2[Report, error] {
	return func(yield func(Report, error) bool) {
		expect, err := req.canonical()
		if err != nil {
			yield(Report{}, err)
			return
		}
		var (
			last   Report
			digest string
			w      = watch{look: newLook(expect), rounds: v.opts.rounds()}
			p      = pace{lagging: -1}
			clock  = newStopwatch(req.Since)
		)
		for {
			began := clock.lasted()
			report, err := w.next(ctx, v, began)
			if err != nil {
				yield(last, err)
				return
			}
			ended, before := clock.lasted(), digest
			last, digest = report, report.Digest()
			if report.Verdict != Propagated && deadline > 0 && began >= deadline {
				yield(late(report, deadline), ErrDeadline)
				return
			}
			if !yield(report, nil) || report.Verdict == Propagated {
				return
			}
			due := p.due(v.opts, began, ended, report, digest != before)
			if deadline > 0 {
				due = min(due, max(deadline, ended))
			}
			if err := sleep(ctx, due-clock.lasted()); err != nil {
				yield(last, err)
				return
			}
		}
	}
}

// late is the last report of a watch that has lasted too long.
func late(r Report, deadline time.Duration) Report {
	detail := fmt.Sprintf("%s after the watch began the records are %s", deadline, r.Verdict)
	if who := r.Lagging(); len(who) > 0 {
		detail += ": held up by " + strings.Join(who, ", ")
	}
	r.Findings = slices.Concat([]Finding{finding(CodeDeadline, Error, "", detail)}, r.Findings)
	return r
}

// Digest is a short text that is the same for reports that say the same: the
// verdicts, which server and resolver is in which state and shows what, who
// answers for the zone, and the findings but those that are mere information.
// How long something still lasts, serial numbers and the number of questions
// do not count. It may differ between versions of this package.
func (r Report) Digest() string {
	h := sha256.New()
	say := func(parts ...any) { fmt.Fprintln(h, text(parts)) }
	say(r.Verdict)
	for _, rec := range r.Records {
		e := rec.Expect
		say("record", e.Record.Name, e.Record.Type, rec.Zone, rec.Verdict)
		say("expected", e.Record.Data, e.Fallback, e.Match, e.Gone, e.Exclusive)
		for _, s := range slices.Concat(rec.Servers, rec.Resolvers) {
			say("server", s.Server, s.Addr, s.State, s.Seen)
		}
	}
	for _, d := range r.Delegations {
		say("zone", d.Apex, d.Parent, d.Child)
	}
	for _, f := range r.Findings {
		if f.Severity != Info {
			say("finding", f.Code, f.Server)
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15])
}
