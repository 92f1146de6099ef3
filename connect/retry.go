package connect

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// withoutRefused ends a run. Where the host may have refused no more than
// optional intents, and that kept others from being written, it writes once
// more without them.
func (e *Engine) withoutRefused(ctx context.Context, w *workspace, first tried) (Run, error) {
	run, changes, writes := first.run, first.plan.ZoneChanges(), first.plan.writes()
	if run.spare(changes, writes, w.req.Intents) {
		return run, nil
	}
	whole := w.zone.Caps.Grain == providers.GrainBatch || w.zone.Caps.Grain == providers.GrainZone
	lost, v := refused(changes, run.Outcomes, writes, whole)
	if v == hopeless {
		return run, &Incomplete{Run: run}
	}
	entry := journalRequest{FailedOptional: slices.Concat(run.FailedOptional, failures(lost, w.req.Intents))}
	if slices.ContainsFunc(run.Outcomes, func(o providers.Outcome) bool { return o.State == providers.Applied || o.Part != nil }) {
		entry.Completes = run.ID
	}
	second, err := e.rewrite(ctx, w, first.plan, lost, entry)
	if err != nil && entry.Completes != "" {
		return run, errors.Join(&Incomplete{Run: run}, err)
	}
	if err != nil {
		return Run{}, err
	}
	run = first.and(second, lost)
	if !providers.Done(second.run.Outcomes) {
		return run, &Incomplete{Run: run}
	}
	return run, nil
}

// and is the run that two tries make, the second one without the intents that
// were lost.
func (t tried) and(second tried, lost []loss) Run {
	run := t.run
	run.ID = cmp.Or(second.run.ID, run.ID)
	run.Outcomes = slices.Clone(run.Outcomes)
	var rest []zone.Change
	for i, o := range t.run.Outcomes {
		c := left(t.plan.Changes[i].Change, o)
		at := slices.IndexFunc(second.plan.Changes, func(s plan.Change) bool { return s.Owner == c.Owner })
		switch {
		case at >= 0:
			if run.Outcomes[i] = second.run.Outcomes[at]; written(run.Outcomes[i]) {
				s := second.plan.Changes[at]
				c.Remove, c.Add = zone.Subtract(c.Remove, s.Remove), zone.Subtract(c.Add, s.Add)
			}
		case written(o) || onlyOptional(t.plan.writes(), c.Owner):
		default: // nothing else has to be written there
			run.Outcomes[i] = providers.Outcome{Owner: c.Owner, State: providers.Unchanged}
		}
		rest = append(rest, c)
	}
	run.forgo(lost, t.plan.Request.Intents, rest)
	return run
}

// rewrite writes what of an approved plan is left without the intents that were
// lost.
func (e *Engine) rewrite(ctx context.Context, w *workspace, approved Plan, lost []loss, entry journalRequest) (t tried, err error) {
	again := *w
	again.req = w.req.without(lost)
	if again.runs, _, err = e.runsOn(ctx, w.zone.Apex); err != nil { // what the first try wrote is ours
		return t, err
	}
	return e.transact(ctx, &again, within(approved), entry)
}

// without leaves out the intents that were lost, and the decisions about names
// that nothing else is asked for at: the planner takes no others.
func (r Request) without(lost []loss) Request {
	var kept, gone []zone.Name
	var intents []plan.Intent
	for i, in := range r.Intents {
		owner, _ := zone.Abs(in.Host, r.Site.Domain) // which the plan had no trouble with
		if slices.ContainsFunc(lost, func(l loss) bool { return l.Intent == i }) {
			gone = append(gone, owner)
			continue
		}
		kept, intents = append(kept, owner), append(intents, in)
	}
	r.Intents = intents
	r.Decisions = slices.DeleteFunc(slices.Clone(r.Decisions), func(d plan.Decision) bool {
		full, err := zone.Abs(string(d.Owner), r.Site.Domain)
		about := func(n zone.Name) bool { return n.Within(d.Owner) || err == nil && n.Within(full) }
		return d.Owner != "" && slices.ContainsFunc(gone, about) && !slices.ContainsFunc(kept, about)
	})
	return r
}

// within approves of a part of what was approved before.
func within(p Plan) approval {
	return func(now Plan) error {
		for _, c := range now.Changes {
			i := slices.IndexFunc(p.Changes, func(a plan.Change) bool { return a.Owner == c.Owner })
			if i < 0 || !part(c.Change, p.Changes[i].Change) {
				return &Stale{Plan: now}
			}
		}
		if len(now.Open()) > 0 {
			return &Stale{Plan: now}
		}
		return nil
	}
}

// part reports whether a change does nothing that the whole does not. Of an SPF
// record, which is one for all, it may add less.
func part(c, whole zone.Change) bool {
	var terms []string
	for _, r := range onlySPF(slices.Concat(whole.Remove, whole.Add)) {
		terms = append(terms, strings.Fields(r.Text())...)
	}
	for _, r := range zone.Subtract(c.Add, whole.Add) {
		if !isSPF(r) || slices.ContainsFunc(strings.Fields(r.Text()), func(t string) bool { return !slices.Contains(terms, t) }) {
			return false
		}
	}
	return len(zone.Subtract(c.Remove, whole.Remove)) == 0
}
