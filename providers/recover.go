package providers

import (
	"context"
	"fmt"
	"slices"

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

// Recover settles a run that has no End: it reads the zone, compares it with
// the run value by value, and either closes the run or writes its rest. It
// waits for the host's settle time first, so that a write still under way
// lands before it reads. A run that has an End is left as it is.
func (a *Account) Recover(ctx context.Context, run Run) (Recovery, []Outcome, error) {
	if run.Driver != a.info.ID {
		return "", nil, fmt.Errorf("run %s was made with driver %s, not %s", run.ID, run.Driver, a.info.ID)
	}
	unlock, err := a.locks.Lock(ctx, a.info.ID, run.Zone)
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	// The run may have been under way, and have ended while this waited for
	// the lock: what was done since is not this run's to judge.
	if now, err := a.journal.Load(ctx, run.ID); err == nil && now.End != nil {
		return now.End.Recovery(), now.End.Outcomes, nil
	}
	if err := sleep(ctx, run.Zone.Caps.Settle); err != nil {
		return "", nil, err
	}
	snap, err := a.Read(ctx, run.Zone)
	if err != nil {
		return "", nil, err
	}
	began, missing := 0, 0
	for _, c := range run.Changes {
		if seen(snap, c) != notBegun {
			began++
		}
		if seen(snap, c) != complete {
			missing++
		}
	}
	outcomes := newOutcomes(run.Changes)
	how := WasDone
	switch {
	case missing == 0:
		for i := range outcomes {
			outcomes[i].State = Applied
		}
	case began == 0:
		how = NeverBegan
		for i := range outcomes {
			outcomes[i] = Outcome{Owner: run.Changes[i].Owner, State: Failed, Detail: "the run was cut off before it wrote this"}
		}
	default:
		return a.finish(ctx, snap, run)
	}
	return how, outcomes, a.journal.End(ctx, run.ID, End{At: a.opts.now(), Outcomes: outcomes})
}

// finish writes what a run that had begun still lacks.
func (a *Account) finish(ctx context.Context, snap zone.Snapshot, run Run) (Recovery, []Outcome, error) {
	outcomes, err := a.write(ctx, run.Zone, snap, run.Changes, &run, true)
	if err != nil {
		return "", nil, err
	}
	outcomes = ofRun(outcomes)
	if slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.State == Unknown }) {
		return "", outcomes, fmt.Errorf("run %s: the host's answer was lost again: recover once more", run.ID)
	}
	if run.End == nil { // nothing could be written, so nothing closed the run
		err = a.journal.End(ctx, run.ID, End{At: a.opts.now(), Outcomes: outcomes})
	}
	if Done(outcomes) {
		return Finished, outcomes, err
	}
	return Stuck, outcomes, err
}
