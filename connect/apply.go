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
	Unproven []zone.Record       `json:"unproven,omitempty"` // written, and nothing that DNS could be asked for
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
}

// attempts bounds how often Apply writes again after somebody else's edit
// kept a transaction from landing and the plan is still the same.
const attempts = 3

// Apply carries the plan out. It reads the zone and plans again; only if that
// gives the plan's ID is anything written. It fails with *Undecided, *Stale,
// *Incomplete, ErrManual, or an error of the provider; in all cases but
// *Incomplete nothing was written.
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
	for range attempts {
		run, again, err := e.attempt(ctx, w, p)
		if !again {
			return run, err
		}
	}
	return Run{}, &providers.Error{Code: providers.Conflict, Err: fmt.Errorf("the zone %s is being edited without pause; nothing was written", p.Zone.FQDN())}
}

// attempt is one transaction. again is true when somebody else's edit kept it
// from writing anything.
func (e *Engine) attempt(ctx context.Context, w *workspace, p Plan) (run Run, again bool, err error) {
	var now Plan
	var entry providers.Run
	outcomes, err := w.account.Transact(ctx, w.zone, func(snap zone.Snapshot) ([]zone.Change, *providers.Run, error) {
		var err error
		if now, err = w.plan(ctx, snap); err != nil {
			return nil, nil, err
		}
		if now.ID != p.ID {
			return nil, nil, &Stale{Plan: now}
		}
		if open := now.Open(); len(open) > 0 {
			return nil, nil, &Undecided{Conflicts: open}
		}
		entry.ID = providers.NewRunID(e.opts.now())
		entry.Request, err = json.Marshal(journalRequest{Request: now.Request, Plan: now.ID, SPF: now.SPF, Expect: now.Expect, Keys: now.keys(), Unproven: now.unproven()})
		if err == nil && len(now.Changes) > 0 {
			e.event(Event{Type: Applying, Site: p.Request.Site, Run: entry.ID, Plan: now.ID})
		}
		return now.ZoneChanges(), &entry, err
	})
	if err != nil {
		return Run{}, false, err
	}
	run = Run{Site: p.Request.Site, Plan: now.ID, Outcomes: outcomes, Expect: now.Expect, Keys: now.keys(), Unproven: now.unproven()}
	if !entry.Started.IsZero() {
		run.ID = entry.ID
	}
	e.event(Event{Type: Applied, Site: run.Site, Run: run.ID, Plan: run.Plan, Outcomes: outcomes})
	if providers.Done(outcomes) {
		return run, false, nil
	}
	if untouched(outcomes) {
		return run, true, nil
	}
	return run, false, &Incomplete{Run: run}
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
func (p Plan) ByHand() Run {
	return Run{Site: p.Request.Site, Plan: p.ID, Expect: p.Expect, Keys: p.keys(), Unproven: p.unproven()}
}
