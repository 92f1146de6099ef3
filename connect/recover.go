package connect

import (
	"context"

	"github.com/mooring-dns/mooring/providers"
)

// Recover settles a run that was cut off, by reading the zone: it closes the
// run, or writes the rest of it. The run returned can be waited for and taken
// back.
func (e *Engine) Recover(ctx context.Context, creds providers.Credentials, id string) (Run, providers.Recovery, error) {
	j, err := e.load(ctx, id)
	if err != nil {
		return Run{}, "", err
	}
	run := Run{ID: id, Site: j.req.Site, Plan: j.req.Plan, Expect: j.req.Expect, Keys: j.req.Keys, Unproven: j.req.Unproven}
	if j.run.End != nil {
		run.Outcomes = j.run.End.Outcomes
		return run, j.run.End.Recovery(), nil
	}
	account, err := e.open(j.req.Site, creds)
	if err != nil {
		return Run{}, "", err
	}
	how, outcomes, err := account.Recover(ctx, j.run)
	run.Outcomes = outcomes
	if err != nil {
		return run, how, err
	}
	e.event(Event{Type: Applied, Site: run.Site, Run: id, Plan: run.Plan, Outcomes: outcomes})
	return run, how, nil
}

// Unfinished is the IDs of the runs that were cut off, oldest first.
func (e *Engine) Unfinished(ctx context.Context) ([]string, error) {
	all, err := e.journal.List(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range all {
		if r.End == nil {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}
