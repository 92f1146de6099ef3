package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// Kind is what a plan does.
type Kind string

// The kinds of plan.
const (
	Connects    Kind = "connect"
	Undoes      Kind = "undo"       // takes one run back
	Disconnects Kind = "disconnect" // takes every run on the zone back
)

// Request is what a plan was made from, and what it is made from again before
// it is applied.
type Request struct {
	Kind      Kind            `json:"kind"`
	Site      Site            `json:"site"`
	Intents   []plan.Intent   `json:"intents,omitempty"`
	Decisions []plan.Decision `json:"decisions,omitempty"`
	Policies  plan.Policies   `json:"policies,omitempty"`
	Runs      []string        `json:"runs,omitempty"` // to take back
}

// Plan is a plan for a site. It may be kept, shown and sent: it holds no
// credentials and no record that it does not touch or name.
type Plan struct {
	plan.Plan
	Request Request         `json:"request"`
	Expect  []verify.Expect `json:"expect"`          // what DNS must show once the plan stands
	Steps   []Step          `json:"steps,omitempty"` // for a set-up by hand, and what no driver can do
}

// maxRounds bounds how often the planner may ask: an SPF tree is followed twelve
// records deep, and a few rounds more tell what would make it smaller.
const maxRounds = 24

// Prepare reads the zone, asks DNS what the planner must know, and plans. It
// writes nothing. Called again with decisions it gives the plan that follows
// from them, with another ID.
//
// For a site set up by hand the zone is what DNS shows of it, and the plan
// carries the Steps to take.
func (e *Engine) Prepare(ctx context.Context, site Site, creds providers.Credentials, want []plan.Intent, decisions ...plan.Decision) (Plan, error) {
	return e.prepare(ctx, creds, Request{Kind: Connects, Site: site, Intents: want, Decisions: decisions, Policies: e.opts.Policies})
}

func (e *Engine) prepare(ctx context.Context, creds providers.Credentials, req Request) (Plan, error) {
	w, err := e.workspace(ctx, creds, req)
	if err != nil {
		return Plan{}, err
	}
	snap, err := w.read(ctx)
	if err != nil {
		return Plan{}, err
	}
	p, err := w.plan(ctx, snap)
	if err != nil {
		return Plan{}, err
	}
	e.event(Event{Type: Prepared, Site: req.Site, Plan: p.ID, Status: p.Status})
	return p, nil
}

// workspace is what planning one request needs beside the zone.
type workspace struct {
	e       *Engine
	req     Request
	account *providers.Account // nil for a set-up by hand
	zone    providers.Zone
	runs    []journaled // on this zone, oldest first
	damaged *providers.Damaged
	facts   []plan.Fact
	owners  []zone.Name              // that a set-up by hand asks DNS for
	trouble map[plan.Question]string // why a question has no answer
}

func (e *Engine) workspace(ctx context.Context, creds providers.Credentials, req Request) (*workspace, error) {
	apex, err := e.zoneOf(ctx, req)
	if err != nil {
		return nil, err
	}
	w := &workspace{e: e, req: req, zone: providers.Zone{Apex: apex}, trouble: map[plan.Question]string{}}
	if req.Site.SetupType == Automatic {
		if w.account, err = e.open(req.Site, creds); err != nil {
			return nil, denied(req.Site, err)
		}
		if w.zone, err = w.account.Find(ctx, apex); err != nil {
			return nil, denied(req.Site, err)
		}
	}
	if w.account == nil {
		w.zone.Caps = byHand(e.host(req.Site).Caps)
	}
	w.runs, w.damaged, err = e.runsOn(ctx, apex)
	w.owners = w.requested()
	return w, err
}

// byHand is what a person can do at a host: what the host stores, without the
// limits of its API.
func byHand(c providers.Caps) providers.Caps {
	c.Grain, c.CAS, c.Types, c.Settle = "", false, nil, 0
	return c
}

// zoneOf is the one zone that holds every owner asked for: the domain's, or
// that of a subdomain which is delegated by itself. What is taken back lies in
// the zone that the runs were on.
func (e *Engine) zoneOf(ctx context.Context, req Request) (zone.Name, error) {
	site := req.Site
	if len(req.Runs) > 0 {
		r, err := e.journal.Load(ctx, req.Runs[0])
		return r.Zone.Apex, err
	}
	inName, inZone := -1, -1
	for i, in := range req.Intents {
		owner, err := zone.Abs(in.Host, site.Domain)
		if err != nil {
			continue // the planner says it better
		}
		switch {
		case owner.Within(site.NameZone):
			inName = i
		case owner.Within(site.Zone):
			inZone = i
		default:
			d, err := e.dns.Delegation(ctx, owner)
			if err != nil {
				return "", fmt.Errorf("connect: %s: %w", owner.FQDN(), err)
			}
			holder := "another zone"
			if d.Apex != "" {
				holder = "the zone " + d.Apex.FQDN()
			}
			return "", &plan.InputError{Intent: i, Field: "host", Value: in.Host, Reason: fmt.Sprintf(
				"%s lies in %s, and this plan is for the zone %s: one plan changes one zone", owner.FQDN(), holder, site.Zone.FQDN())}
		}
	}
	if site.NameZone == site.Zone || inName < 0 {
		return site.Zone, nil
	}
	if inZone >= 0 {
		return "", &plan.InputError{Intent: inZone, Field: "host", Value: req.Intents[inZone].Host, Reason: fmt.Sprintf(
			"it lies in the zone %s, and host %q in the zone %s: connect the two by themselves",
			site.Zone.FQDN(), req.Intents[inName].Host, site.NameZone.FQDN())}
	}
	return site.NameZone, nil
}

func (w *workspace) read(ctx context.Context) (zone.Snapshot, error) {
	if w.account == nil {
		return w.visible(ctx)
	}
	snap, err := w.account.Read(ctx, w.zone)
	return snap, denied(w.req.Site, err)
}

// plan plans on a reading of the zone, asking DNS until the planner has no
// question. Facts are kept, so planning again asks only what is new.
func (w *workspace) plan(ctx context.Context, snap zone.Snapshot) (Plan, error) {
	for range maxRounds {
		p, err := w.once(snap)
		if err != nil {
			return Plan{}, err
		}
		unseen := plan.Unseen(p.Plan, w.owners)
		switch {
		case len(p.Questions) > 0:
			err = w.ask(ctx, p.Questions)
		case w.account == nil && len(unseen) > 0:
			w.owners = append(w.owners, unseen...)
			snap, err = w.visible(ctx)
		default:
			return p, nil
		}
		if err != nil {
			return Plan{}, err
		}
	}
	return Plan{}, errors.New("connect: planning asks DNS without end; please report the zone and the configuration")
}

// once is the pure part: the same reading and facts give the same plan.
func (w *workspace) once(snap zone.Snapshot) (Plan, error) {
	var p plan.Plan
	var err error
	if w.req.Kind == Connects {
		p, err = plan.New(plan.Request{
			Domain: w.req.Site.Domain, Snapshot: snap, Intents: w.req.Intents, Caps: w.zone.Caps,
			Facts: w.facts, Decisions: w.req.Decisions, Policies: w.req.Policies, Ours: w.ours(snap), NameServers: w.zone.NameServers,
		})
	} else {
		var back []plan.Applied
		if back, err = w.toTakeBack(snap); err != nil {
			return Plan{}, err
		}
		p, err = plan.Undo(plan.UndoRequest{
			Domain: w.req.Site.Domain, Snapshot: snap, Runs: back, Caps: w.zone.Caps, Decisions: w.req.Decisions,
		})
	}
	if err != nil {
		return Plan{}, err
	}
	if w.req.Kind == Undoes {
		after := snap.With(p.ZoneChanges()...)
		p.Warnings = append(p.Warnings, slices.Concat(w.reliedOn(snap, after), w.notMergedAgain(after))...)
	}
	for _, j := range w.runs {
		if j.run.End == nil {
			p.Warnings = append(p.Warnings, plan.Warning{
				Code: "unfinished-run", Owner: w.zone.Apex,
				Text: "run " + j.run.ID + " on this zone was cut off, or is still under way: recover it before you apply another",
			})
		}
	}
	if w.damaged != nil {
		p.Warnings = append(p.Warnings, plan.Warning{
			Code: "journal-damaged", Owner: w.zone.Apex,
			Text: "the journal holds runs that cannot be read (" + strings.Join(w.damaged.Runs, ", ") + "): what they wrote, if on this zone, is taken for somebody else's",
		})
	}
	out := Plan{Plan: p, Request: w.req, Expect: expect(p, snap)}
	host := w.e.host(w.req.Site)
	if w.account == nil {
		out.Steps = steps(p, host)
	}
	out.Steps = append(out.Steps, forwards(p, host)...)
	return out, nil
}

// Text is the plan for people, with the steps of a set-up by hand.
func (p Plan) Text() string { return p.Render(plan.Style{}) }

// Render is Text in a style.
func (p Plan) Render(s plan.Style) string {
	var b strings.Builder
	b.WriteString(p.Plan.Render(s))
	if len(p.Steps) > 0 {
		b.WriteString("\nTo do at the DNS host\n")
	}
	for i, st := range p.Steps {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, st.Text)
	}
	return b.String()
}
