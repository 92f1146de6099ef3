package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/verify"
)

// result is what -json prints.
type result struct {
	Connected bool                `json:"connected"`
	Exit      int                 `json:"exit"`
	Site      *connect.Site       `json:"site,omitempty"`
	Plan      *connect.Plan       `json:"plan,omitempty"`
	Run       string              `json:"run,omitempty"`
	Journal   string              `json:"journal"`
	Outcomes  []providers.Outcome `json:"outcomes,omitempty"`
	Report    *connect.Report     `json:"report,omitempty"`
	Error     *problem            `json:"error,omitempty"`

	FailedOptional []entri.FailedRecord `json:"failedOptionalRecords,omitempty"`
	*Check

	tookBack bool // the run took others back
}

// Check is what -check-conflicts prints: null for none.
type Check struct {
	Records []entri.RecordConflict `json:"recordConflicts"`
}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *result) settle(run connect.Run) {
	if run.Plan != "" {
		r.Run, r.Outcomes = run.ID, run.Outcomes
		r.Site = &run.Site
		r.FailedOptional = entri.FailedOptional(run.FailedIntents()...)
	}
}

// finish prints the end and is the exit status.
func (s *screen) finish(res result, err error) int {
	res.Exit = exitOf(err, s.o, res)
	res.Connected = res.Exit == exitConnected && res.Report != nil && !res.idle()
	if err != nil {
		res.Error = &problem{Code: codeOf(err), Message: s.message(err, res)}
	}
	if s.o.json || res.Check != nil {
		var v any = res
		if !s.o.json {
			v = res.Check
		}
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(v); err != nil {
			return exitNot
		}
		return res.Exit
	}
	switch {
	case res.Error != nil:
		s.say("\n%s", res.Error.Message)
	case res.Exit == exitConnected && res.Report != nil && res.idle():
		s.say("\nNothing was done: nothing of what was asked for is wanted any more.")
	case res.Connected && len(res.Report.Records) == 0 && res.Plan != nil && res.Plan.TakesBack:
		s.say("Nothing was done, and nothing had to be.")
	case res.Connected:
		s.say("\nDone: every record is proven in DNS.")
	}
	if res.Run != "" && s.o.demo == "" {
		s.say("run %s in %s%s", res.Run, res.Journal, res.backHint())
	}
	return res.Exit
}

// backHint is how the run is taken back, where it connected something that
// still stands.
func (r result) backHint() string {
	wrote := func(o providers.Outcome) bool { return o.State == providers.Applied || o.Part != nil }
	if r.tookBack || r.Plan != nil && r.Plan.TakesBack || !slices.ContainsFunc(r.Outcomes, wrote) {
		return ""
	}
	return "; -undo " + r.Run + " takes it back"
}

// idle reports whether everything that was asked for was decided against.
func (r result) idle() bool {
	return r.Plan != nil && !r.Plan.TakesBack && !slices.ContainsFunc(r.Plan.Results, func(p plan.Result) bool { return p.State != plan.Skipped })
}

func exitOf(err error, o options, res result) int {
	switch {
	case err == nil && res.Plan != nil && (o.planOnly || o.check):
		return exitConnected
	case err == nil && res.Report != nil && res.Report.Verdict == verify.Propagated:
		return exitConnected
	case is[*connect.Undecided](err), errors.Is(err, errDeclined), errors.Is(err, errUnasked):
		return exitDecision
	case inputError(err):
		return exitInput
	}
	return exitNot
}

// is reports whether err is, or wraps, an error of type E.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// usageError is a command line that cannot be meant.
type usageError struct{ error }

func inputError(err error) bool {
	return is[usageError](err) || is[*plan.InputError](err) || is[entri.Errors](err) || is[*entri.Error](err) || errors.Is(err, providers.ErrNoRun)
}

func codeOf(err error) string {
	if incomplete, ok := errors.AsType[*connect.Incomplete](err); ok {
		return string(incomplete.Code())
	}
	if over, ok := errors.AsType[*over](err); ok {
		return over.code
	}
	switch {
	case is[*connect.Undecided](err):
		return "Undecided"
	case is[*connect.Stale](err):
		return "Stale"
	case inputError(err):
		return "Input"
	}
	return string(providers.CodeOf(err))
}

// message is the error as a person can act on it.
func (s *screen) message(err error, res result) string {
	var b strings.Builder
	b.WriteString(err.Error())
	if errors.Is(err, context.Canceled) && res.Run != "" {
		fmt.Fprintf(&b, "; interrupted, and what was written stays: -recover %s goes on", res.Run)
	}
	if stale, ok := errors.AsType[*connect.Stale](err); ok {
		b.WriteString("\n" + stale.Plan.Text())
	}
	if res.Report != nil {
		if lagging := res.Report.Lagging(); len(lagging) > 0 {
			b.WriteString("; not yet right: " + strings.Join(lagging, ", "))
		}
	}
	if undecided, ok := errors.AsType[*connect.Undecided](err); ok {
		if s.o.yes {
			b.WriteString(" (-yes takes defaults, and these have none)")
		}
		for _, c := range undecided.Conflicts {
			for _, o := range c.Options {
				fmt.Fprintf(&b, "\n  -decide %s@%s=%s  %s", c.Code, c.Owner, o.ID, o.Text)
			}
		}
	}
	return b.String()
}
