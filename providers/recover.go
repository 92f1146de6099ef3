package providers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Recovery says how a run that was cut off was settled.
type Recovery string

// The four ways.
const (
	NeverBegan Recovery = "never-began" // the zone is as before: nothing was written, nothing is now
	WasDone    Recovery = "was-done"    // every change had been written
	Finished   Recovery = "finished"    // the rest was written now
	Stuck      Recovery = "stuck"       // somebody changed the zone since, or the host refuses: plan again
)

// Recovery is what recovering a run that has this End comes to.
func (e End) Recovery() Recovery {
	wrote := func(o Outcome) bool { return o.State == Applied || o.Part != nil }
	switch {
	case Done(e.Outcomes):
		return WasDone
	case slices.ContainsFunc(e.Outcomes, wrote):
		return Stuck
	}
	return NeverBegan
}

// Unsettled is the refusal to write to a zone with a run that was cut off, or
// whose last answer was lost. Recover it first.
type Unsettled struct {
	Run     string // its ID
	Zone    zone.Name
	Started time.Time
}

func (e *Unsettled) Error() string {
	return fmt.Sprintf("run %s of %s on %s is open: recover it first", e.Run, e.Started.UTC().Format(time.RFC3339), e.Zone.FQDN())
}

// settled refuses a zone with an open run. One that cannot be read keeps nobody
// from the zone, since nobody knows whose it is.
func (a *Account) settled(ctx context.Context, z Zone) error {
	runs, err := a.open(ctx, z)
	if len(runs) > 0 {
		r := runs[0]
		return &Error{Code: Conflict, Err: &Unsettled{Run: r.ID, Zone: z.Apex, Started: r.Started}}
	}
	if _, damaged := errors.AsType[*Damaged](err); err != nil && !damaged {
		return fmt.Errorf("nothing was written: %w", err)
	}
	return nil
}

// open is the open runs on a zone, oldest first, with the error of Journal.Open.
func (a *Account) open(ctx context.Context, z Zone) ([]Run, error) {
	runs, err := a.journal.Open(ctx)
	return slices.DeleteFunc(runs, func(r Run) bool { return zoneKey(r.Driver, r.Zone) != zoneKey(a.info.ID, z) }), err
}

// Recovered is what became of one open run.
type Recovered struct {
	Run      string // its ID
	How      Recovery
	Outcomes []Outcome
	Err      error // the run is open still
}

// RecoverAll settles every open run on a zone, oldest first, one after the
// other; one that cannot be settled does not keep it from the others. Its own
// error is the journal's: *Damaged where there may be runs that it could not
// read, beside those it reports.
func (a *Account) RecoverAll(ctx context.Context, z Zone) ([]Recovered, error) {
	runs, err := a.open(ctx, z)
	out := make([]Recovered, len(runs))
	for i, r := range runs {
		out[i].Run = r.ID
		out[i].How, out[i].Outcomes, out[i].Err = a.Recover(ctx, r)
	}
	return out, err
}

// Recover settles a run that has no End: it reads the zone, compares it with
// the run value by value, and either closes the run or writes its rest. It
// waits for the host's settle time first, so that a write still under way
// lands before it reads, and where nothing of the run is seen until the first
// write would have been given up as lost. A run that has an End is left as it
// is. It waits for a run that is under way in another process as far as the
// lease reaches, until ctx ends: then nothing was written. Of run its ID alone
// counts: the rest is the journal's.
func (a *Account) Recover(ctx context.Context, run Run) (Recovery, []Outcome, error) {
	run, err := a.journal.Load(ctx, run.ID)
	if err != nil {
		return "", nil, err
	}
	if run.Driver != a.info.ID {
		return "", nil, fmt.Errorf("run %s was made with driver %s, not %s", run.ID, run.Driver, a.info.ID)
	}
	ctx, held, release, err := a.hold(ctx, run.Zone)
	if err != nil {
		return "", nil, err
	}
	defer release()
	// The run may have been under way, and have ended while this waited for
	// the lock: what was done since is not this run's to judge.
	if run, err = a.journal.Load(ctx, run.ID); err != nil {
		return "", nil, err
	}
	if run.End != nil {
		return run.End.Recovery(), run.End.Outcomes, nil
	}
	now, err := a.landed(ctx, run)
	if err != nil {
		return "", nil, err
	}
	switch began, missing := tally(now.snap, run.Changes); {
	case missing == 0:
		outcomes := newOutcomes(run.Changes)
		for i := range outcomes {
			outcomes[i].State = Applied
		}
		return WasDone, outcomes, a.end(held, run.ID, outcomes)
	case began == 0:
		outcomes := newOutcomes(run.Changes)
		for i := range outcomes {
			outcomes[i].State, outcomes[i].Detail = Failed, "the run was cut off before it wrote this"
		}
		return NeverBegan, outcomes, a.end(held, run.ID, outcomes)
	}
	return a.finish(ctx, held, now, run)
}

// landed reads the zone when the writes of a run have had their time. While
// nothing is seen of the run, only its first write can be under way, and that
// one was sent when the run began.
func (a *Account) landed(ctx context.Context, run Run) (reading, error) {
	if err := sleep(ctx, run.Zone.Caps.Settle); err != nil {
		return reading{}, err
	}
	now, err := a.look(ctx, run.Zone, fewTries)
	if err != nil {
		return now, err
	}
	wait := a.opts.lost() + run.Zone.Caps.Settle
	wait = min(wait-a.opts.now().Sub(run.Started), wait) // clocks may differ
	if began, _ := tally(now.snap, run.Changes); began > 0 || wait <= 0 {
		return now, nil
	}
	if err := sleep(ctx, wait); err != nil {
		return now, err
	}
	return a.look(ctx, run.Zone, fewTries)
}

// tally counts the changes of which something stands, and those that do not
// stand as a whole.
func tally(snap zone.Snapshot, changes []zone.Change) (began, missing int) {
	for _, c := range changes {
		p := seen(snap, c)
		if p != notBegun {
			began++
		}
		if p != complete {
			missing++
		}
	}
	return began, missing
}

// finish writes what a run that had begun still lacks.
func (a *Account) finish(ctx, held context.Context, now reading, run Run) (Recovery, []Outcome, error) {
	outcomes, err := a.write(ctx, held, run.Zone, now, run.Changes, &run, true)
	if err != nil {
		return "", nil, err
	}
	outcomes = ofRun(outcomes)
	if slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.State == Unknown }) {
		return "", outcomes, fmt.Errorf("run %s: the host's answer was lost again: recover once more", run.ID)
	}
	if run.End == nil { // nothing could be written, so nothing closed the run
		err = a.end(held, run.ID, outcomes)
	}
	if Done(outcomes) {
		return Finished, outcomes, err
	}
	return Stuck, outcomes, err
}

// end closes a run, unless somebody else may hold the zone by now.
func (a *Account) end(held context.Context, id string, outcomes []Outcome) error {
	if held.Err() != nil {
		return fmt.Errorf("run %s: the lease is lost: recover once more: %w", id, context.Cause(held))
	}
	return a.journal.End(held, id, End{At: a.opts.now(), Outcomes: outcomes})
}
