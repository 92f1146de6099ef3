package connect

import (
	"context"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
)

// Connect is the whole walk, for programs without a person: it detects,
// prepares with the default of every conflict that has one and with the
// decisions given, applies, and waits until DNS shows it or ctx ends. It fails
// with *Undecided where a person is needed after all.
func Connect(ctx context.Context, o Options, name string, creds providers.Credentials, want []plan.Intent, decisions ...plan.Decision) (Run, Report, error) {
	eng, err := New(o)
	if err != nil {
		return Run{}, Report{}, err
	}
	site, err := eng.Detect(ctx, name)
	if err != nil {
		return Run{}, Report{}, err
	}
	if site.SetupType == Manual && len(o.Drivers) == 1 { // the only host there is credentials for
		if site, err = eng.Use(site, o.Drivers[0].Info().ID); err != nil {
			return Run{}, Report{}, err
		}
	}
	p, err := eng.Prepare(ctx, site, creds, want, append(slices.Clip(decisions), plan.TakeDefaults())...)
	if err != nil {
		return Run{}, Report{}, err
	}
	run, err := eng.Apply(ctx, creds, p)
	if err != nil {
		return run, Report{}, err
	}
	report, err := eng.Wait(ctx, run)
	return run, report, err
}
