package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// Stale is the refusal to apply a plan that the zone has moved away from.
// Nothing was written.
type Stale struct {
	Plan Plan // what would have to be done now, to be shown again
}

func (e *Stale) Error() string {
	return fmt.Sprintf("connect: the zone %s has changed since the plan was made: look at the new plan", e.Plan.Zone.FQDN())
}

// Undecided is the refusal to apply a plan with open conflicts.
type Undecided struct {
	Conflicts []plan.Conflict
}

func (e *Undecided) Error() string {
	parts := make([]string, len(e.Conflicts))
	for i, c := range e.Conflicts {
		parts[i] = fmt.Sprintf("%s@%s", c.Code, c.Owner)
	}
	return "connect: a decision is missing: " + strings.Join(parts, ", ")
}

// Incomplete is a run that did not write everything. The outcomes say for
// each owner how far it came.
type Incomplete struct {
	Run Run
}

func (e *Incomplete) Error() string {
	first, others := "", 0
	for _, o := range e.Run.Outcomes {
		switch {
		case o.State == providers.Applied || o.State == providers.Unchanged:
		case first == "":
			first = fmt.Sprintf("%s %s: %s", o.Owner.FQDN(), o.State, o.Detail)
		default:
			others++
		}
	}
	if others > 0 {
		first += fmt.Sprintf(" (and %d more of %d owners)", others, len(e.Run.Outcomes))
	}
	return "connect: not everything was written: " + first
}

// Code is the provider's reason, of the first owner that is not done.
func (e *Incomplete) Code() providers.Code {
	for _, o := range e.Run.Outcomes {
		if o.Code != "" {
			return o.Code
		}
	}
	return providers.Internal
}

// Run is a plan that was carried out, or that a person carries out, and what
// DNS must show of it.
type Run struct {
	ID       string              `json:"id,omitempty"` // in the journal; "" where nothing had to be written
	Site     Site                `json:"site"`
	Plan     string              `json:"plan"` // its ID
	Outcomes []providers.Outcome `json:"outcomes,omitempty"`
	Expect   []verify.Expect     `json:"expect"`
	Keys     []Key               `json:"keys,omitempty"`
	Unproven []zone.Record       `json:"unproven,omitempty"` // stands, and nothing that DNS could be asked for, nor HTTP

	// Redirects is what HTTP must show. A program whose own servers redirect, too,
	// may append those before Wait or Check.
	Redirects []Redirect `json:"redirects,omitempty"`

	FailedOptional []Failed `json:"failed_optional,omitempty"` // what the run succeeded without
}

// Key is a DKIM key that a run publishes. Whoever signs the mail must use the
// private key of this one: a fallback is another key than the value.
type Key struct {
	Owner        zone.Name `json:"owner"`
	Fingerprint  string    `json:"fingerprint"` // SHA-256 over the SubjectPublicKeyInfo, hex
	UsedFallback bool      `json:"used_fallback"`
	Reason       string    `json:"reason,omitempty"` // why the fallback, for people
}

// journalRequest is what a run's journal entry keeps of the plan: enough to
// wait for it, to take it back and to know what was ours.
type journalRequest struct {
	Request
	Plan   string          `json:"plan"`
	SPF    []plan.SPFEdit  `json:"spf,omitempty"`
	Expect []verify.Expect `json:"expect"`
	Keys   []Key           `json:"keys,omitempty"`

	Unproven []zone.Record `json:"unproven,omitempty"`

	Redirects []Redirect `json:"redirects,omitempty"`

	Copied []zone.Record `json:"copied,omitempty"` // of what the run writes, what a wildcard had answered there

	Writes         []write  `json:"writes,omitempty"`          // where intents are optional
	FailedOptional []Failed `json:"failed_optional,omitempty"` // before the run began
	Completes      string   `json:"completes,omitempty"`       // the run that wrote the first part
}

// attempts bounds how often Apply writes again after somebody else's edit
// kept a transaction from landing and the plan is still the same.
const attempts = 3

// Apply carries the plan out. It reads the zone and plans again; only if that
// gives the plan's ID is anything written. It fails with *Undecided, *Stale,
// *Incomplete, *OnlyByHand, ErrManual, or an error of the provider; in all cases
// but *Incomplete, or *OnlyByHand with one within, nothing was written.
//
// What the host refuses of optional intents does not fail the run, and is in
// its FailedOptional. Where they share an owner with others, or the host writes
// all or nothing, Apply writes once more without those that the refusal may
// have been meant for: as part of the plan that was approved, else it fails
// with *Stale, joined with *Incomplete where something was written before.
func (e *Engine) Apply(ctx context.Context, creds providers.Credentials, p Plan) (Run, error) {
	if p.Request.Site.SetupType != Automatic {
		return Run{}, ErrManual
	}
	w, err := e.workspace(ctx, creds, p.Request)
	if err != nil {
		return Run{}, err
	}
	// The first plan asks DNS what it needs, so that the transaction below
	// has its facts and stays short.
	snap, err := w.read(ctx)
	if err != nil {
		return Run{}, err
	}
	if _, err := w.plan(ctx, snap); err != nil {
		return Run{}, err
	}
	first, err := e.transact(ctx, w, exactly(p), journalRequest{})
	if err != nil {
		return Run{}, denied(p.Request.Site, err)
	}
	run, err := e.withoutRefused(ctx, w, first)
	if run.Plan != "" {
		e.event(Event{Type: Applied, Site: run.Site, Run: run.ID, Plan: run.Plan, Outcomes: run.Outcomes, FailedOptional: run.failedRecords()})
	}
	return run, denied(p.Request.Site, err)
}

// approval says why a plan that was made under the zone's lock must not be
// written.
type approval func(now Plan) error

// exactly approves of what was shown and of nothing else.
func exactly(p Plan) approval {
	return func(now Plan) error {
		if now.ID != p.ID {
			return &Stale{Plan: now}
		}
		if open := now.Open(); len(open) > 0 {
			return &Undecided{Conflicts: open}
		}
		return nil
	}
}

// tried is one transaction that was written, or some of it.
type tried struct {
	plan Plan // made under the zone's lock
	run  Run
}

// transact writes once what ok approves of. An error means that nothing was
// written; the outcomes tell how far the rest came. entry is what the journal
// keeps beside the plan.
func (e *Engine) transact(ctx context.Context, w *workspace, ok approval, entry journalRequest) (tried, error) {
	for range attempts {
		t, err := e.attempt(ctx, w, ok, entry)
		if err != nil || !untouched(t.run.Outcomes) {
			return t, err
		}
	}
	return tried{}, &providers.Error{Code: providers.Conflict, Err: fmt.Errorf("the zone %s is being edited without pause; nothing was written", w.zone.Apex.FQDN())}
}

func (e *Engine) attempt(ctx context.Context, w *workspace, ok approval, entry journalRequest) (t tried, err error) {
	var run providers.Run
	outcomes, err := w.account.Transact(ctx, w.zone, func(snap zone.Snapshot) ([]zone.Change, *providers.Run, error) {
		now, err := w.plan(ctx, snap)
		if err == nil {
			err = ok(now)
		}
		if err != nil {
			return nil, nil, err
		}
		t.plan = now
		entry.Request, entry.Plan, entry.SPF, entry.Expect, entry.Keys, entry.Unproven = now.Request, now.ID, now.SPF, now.Expect, now.keys(), now.unproven()
		entry.Writes, entry.Copied, entry.Redirects = now.writes(), fromWildcard(now.Plan, snap), now.redirects()
		run.ID = providers.NewRunID(e.opts.now())
		run.Request, err = json.Marshal(entry)
		if err == nil && len(now.Changes) > 0 {
			e.event(Event{Type: Applying, Site: now.Request.Site, Run: run.ID, Plan: now.ID})
		}
		return now.ZoneChanges(), &run, err
	})
	if err != nil {
		return tried{}, err
	}
	t.run = t.plan.run()
	t.run.Outcomes = outcomes
	if !run.Started.IsZero() {
		t.run.ID = run.ID
	}
	return t, nil
}

// untouched reports whether a conflict kept everything from being written.
func untouched(outcomes []providers.Outcome) bool {
	conflict := false
	for _, o := range outcomes {
		switch {
		case o.Code == providers.Conflict && o.Part == nil:
			conflict = true
		case o.State != providers.Unchanged:
			return false
		}
	}
	return conflict
}

// ByHand is the run of a plan that a person carries out.
func (p Plan) ByHand() Run { return p.run() }

func (p Plan) run() Run {
	return Run{
		Site: p.Request.Site, Plan: p.ID, Expect: p.Expect, Keys: p.keys(), Unproven: p.unproven(), Redirects: p.redirects(),
		FailedOptional: p.gaveWay(),
	}
}
