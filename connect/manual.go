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

// OnlyByHand is the refusal of a host that gives this customer no API, whatever
// the credentials: GoDaddy has one for accounts of some size only. The walk goes
// on with Site, which is set up by hand. Nothing was written, unless Err is an
// *Incomplete, which says what.
type OnlyByHand struct {
	Site Site
	Err  error // the host's reason
}

func (e *OnlyByHand) Error() string {
	return fmt.Sprintf("connect: %s lets no program write with this account, so the records of %s are set by hand: %v",
		e.Site.ProviderName, e.Site.Domain.FQDN(), e.Err)
}

func (e *OnlyByHand) Unwrap() error { return e.Err }

// denied is err, as *OnlyByHand where that is what it says.
func denied(site Site, err error) error {
	var reasons []providers.Reason
	if e, ok := errors.AsType[*providers.Error](err); ok {
		reasons = append(reasons, e.Reason)
	}
	if e, ok := errors.AsType[*Incomplete](err); ok {
		for _, o := range e.Run.Outcomes {
			reasons = append(reasons, o.Reason)
		}
	}
	if slices.Contains(reasons, providers.ReasonNoAccess) {
		return &OnlyByHand{Site: site.ByHand(), Err: err}
	}
	return err
}

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
