package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// visible is what DNS shows of the zone at the owners of the request and of
// the plan so far.
func (w *workspace) visible(ctx context.Context) (zone.Snapshot, error) {
	for {
		snap, questions, err := plan.Visible(w.zone.Apex, w.owners, w.facts)
		if un, ok := errors.AsType[*plan.UnansweredError](err); ok {
			return zone.Snapshot{}, &providers.Error{Code: providers.Unavailable, Err: fmt.Errorf("%w: %s", err, w.trouble[un.Question])}
		}
		if err != nil || len(questions) == 0 {
			return snap, err
		}
		if err := w.ask(ctx, questions); err != nil {
			return zone.Snapshot{}, err
		}
	}
}

// requested is the names that a request is about: those of its intents, and
// those where the runs that it takes back wrote.
func (w *workspace) requested() []zone.Name {
	var out []zone.Name
	for _, in := range w.req.Intents {
		if n, err := zone.Abs(in.Host, w.req.Site.Domain); err == nil { // if not, the planner says it better
			out = append(out, n)
		}
	}
	for _, j := range w.runs {
		if slices.Contains(w.req.Runs, j.run.ID) {
			for _, c := range j.wrote() {
				out = append(out, c.Owner)
			}
		}
	}
	return out
}
