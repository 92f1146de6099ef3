package connect

import (
	"context"
	"fmt"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
)

// Undo plans to take one run back: what it wrote goes, what it removed comes
// back, and edits that others made since stay. A warning, relied-on, names what
// goes and a run that stays connected needs too. Show the plan, then Apply it.
//
// Taking back an undo gives an SPF record its terms back only where it is as the
// undo left it; else the warning changed-since says so.
//
// What runs wrote that were taken back before does not come back. The journal
// knows of that only if taking them back had something to write.
func (e *Engine) Undo(ctx context.Context, creds providers.Credentials, run string, decisions ...plan.Decision) (Plan, error) {
	j, err := e.load(ctx, run)
	if err != nil {
		return Plan{}, err
	}
	if j.run.End == nil {
		return Plan{}, fmt.Errorf("connect: run %s was cut off: recover it first", run)
	}
	return e.prepare(ctx, creds, Request{Kind: Undoes, Site: j.req.Site, Runs: j.parts(), Decisions: decisions})
}

// Disconnect plans to take every run on the site's zone back, which is the
// name's own where it is delegated by itself and has runs, as the journal knows
// them: what we wrote and still stands goes, SPF records lose our terms,
// and what stood there before we came is restored where nobody put something
// else in its place.
func (e *Engine) Disconnect(ctx context.Context, site Site, creds providers.Credentials, decisions ...plan.Decision) (Plan, error) {
	req := Request{Kind: Disconnects, Site: site, Decisions: decisions}
	runs, damaged, err := e.runsOn(ctx, site.NameZone)
	if err == nil && len(runs) == 0 {
		runs, damaged, err = e.runsOn(ctx, site.Zone)
	}
	if err != nil {
		return Plan{}, err
	}
	if len(runs) == 0 && damaged != nil {
		return Plan{}, fmt.Errorf("connect: no run on %s can be read: %w", site.NameZone.FQDN(), damaged)
	}
	if len(runs) == 0 {
		return Plan{}, fmt.Errorf("connect: nothing to take back on %s: %w", site.NameZone.FQDN(), providers.ErrNoRun)
	}
	for _, j := range runs {
		if j.run.End == nil {
			return Plan{}, fmt.Errorf("connect: run %s was cut off: recover it first", j.run.ID)
		}
		req.Runs = append(req.Runs, j.run.ID)
	}
	return e.prepare(ctx, creds, req)
}
