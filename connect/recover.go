package connect

import (
	"context"

	"github.com/mooring-dns/mooring/providers"
)

// Recover settles a run that was cut off, by reading the zone: it closes the
// run, or writes the rest of it. It waits for a run that is under way in another
// process as far as the lease reaches. The run returned can be waited for and
// taken back.
func (e *Engine) Recover(ctx context.Context, creds providers.Credentials, id string) (Run, providers.Recovery, error) {
	j, err := e.load(ctx, id)
	if err != nil {
		return Run{}, "", err
	}
	run := Run{
		ID: id, Site: j.req.Site, Plan: j.req.Plan, Expect: j.req.Expect, Keys: j.req.Keys, Unproven: j.req.Unproven,
		Redirects: j.req.Redirects, FailedOptional: j.req.FailedOptional,
	}
	if j.run.End != nil {
		run.Outcomes = j.run.End.Outcomes
		if run.spare(j.run.Changes, j.req.Writes, j.req.Intents) {
			return run, providers.WasDone, nil
		}
		return run, j.run.End.Recovery(), nil
	}
	account, err := e.open(j.req.Site, creds)
	if err != nil {
		return Run{}, "", err
	}
	how, outcomes, err := account.Recover(ctx, j.run)
	run.Outcomes = outcomes
	if err != nil {
		return run, how, denied(j.req.Site, err)
	}
	if how == providers.Stuck && run.spare(j.run.Changes, j.req.Writes, j.req.Intents) {
		how = providers.Finished
	}
	e.event(Event{Type: Applied, Site: run.Site, Run: id, Plan: run.Plan, Outcomes: outcomes, FailedOptional: run.failedRecords()})
	return run, how, nil
}

// Recovered is what became of one unfinished run.
type Recovered struct {
	Run Run
	How providers.Recovery
	Err error // the run is unfinished still
}

// RecoverAll settles every unfinished run, oldest first, one after the other;
// one that cannot be settled does not keep it from the others. It asks for the
// credentials of each run's site, and what that fails with is the run's error.
// Its own error is the journal's, as Unfinished has it. A program does well to
// call it when it starts: until then Apply refuses the zones of these runs.
func (e *Engine) RecoverAll(ctx context.Context, creds func(context.Context, Site) (providers.Credentials, error)) ([]Recovered, error) {
	ids, err := e.Unfinished(ctx)
	out := make([]Recovered, len(ids))
	for i, id := range ids {
		out[i] = e.recoverOne(ctx, creds, id)
	}
	return out, err
}

func (e *Engine) recoverOne(ctx context.Context, creds func(context.Context, Site) (providers.Credentials, error), id string) Recovered {
	out := Recovered{Run: Run{ID: id}}
	j, err := e.load(ctx, id)
	if err != nil {
		out.Err = err
		return out
	}
	out.Run.Site = j.req.Site
	c, err := creds(ctx, j.req.Site)
	if err != nil {
		out.Err = err
		return out
	}
	run, how, err := e.Recover(ctx, c, id)
	if run.ID == "" {
		run = out.Run
	}
	return Recovered{Run: run, How: how, Err: err}
}

// Unfinished is the IDs of the runs that were cut off, oldest first, or are
// under way. Where its error is a *providers.Damaged, they are those that could
// be read.
func (e *Engine) Unfinished(ctx context.Context) ([]string, error) {
	runs, err := e.journal.Open(ctx)
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids, err
}
