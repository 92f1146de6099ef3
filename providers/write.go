package providers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// job is what of a run is written now, and what became of it. Slices other
// than sets are by change.
type job struct {
	zone     Zone
	snap     zone.Snapshot // as it was read before the first write
	read     time.Time     // when that began
	window   time.Duration // from then until the last write was answered
	changes  []zone.Change
	sets     []SetImage // of the run
	outcomes []Outcome
	sent     []bool        // a write landed, or may have
	wrote    [][]zone.Edit // what landed
	harm     map[int]error // of the changes that were written: what the driver says they did beside
	back     map[int]error // of the changes that were put back: why that failed
}

// write performs the changes on a zone that was just read. cutOff is
// for the rest of a run that is in the journal already.
func (a *Account) write(ctx, held context.Context, z Zone, now reading, changes []zone.Change, run *Run, cutOff bool) ([]Outcome, error) {
	snap := now.snap
	if err := sound(z, changes); err != nil {
		return nil, err
	}
	var begun []SetImage
	if cutOff {
		begun = run.Sets
	}
	outcomes, index := sift(z, snap, changes, begun)
	todo := make([]zone.Change, len(index))
	for k, i := range index {
		todo[k] = changes[i]
	}
	steps := lower(snap, todo, z.Caps)
	if len(steps) == 0 {
		for _, i := range index {
			outcomes[i].State = Unchanged
		}
		return outcomes, nil
	}
	if !cutOff {
		a.fill(run, z, snap, todo)
		if err := a.journal.Begin(ctx, *run); err != nil {
			return nil, fmt.Errorf("nothing was written: %w", err)
		}
	}
	j := &job{
		zone: z, snap: snap, read: now.began, changes: todo, sets: run.Sets, outcomes: newOutcomes(todo),
		sent:  slices.Repeat([]bool{cutOff}, len(todo)), // what was sent before it was cut off, nobody knows
		wrote: make([][]zone.Edit, len(todo)), back: map[int]error{}, harm: map[int]error{},
	}
	a.perform(ctx, held, j, steps)
	a.settle(held, j)
	for k, i := range index {
		if outcomes[i] = j.outcomes[k]; held.Err() != nil {
			outcomes[i].fail(Unknown, &Error{Code: Unavailable, Err: fmt.Errorf("the lease is lost, and another may be at work: recover run %s: %w", run.ID, context.Cause(held))})
		}
	}
	if slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.State == Unknown }) {
		return outcomes, nil // the run stays open for Recover
	}
	end := End{At: a.opts.now(), Outcomes: j.outcomes, Window: j.window}
	if cutOff {
		end.Outcomes = ofRun(outcomes)
	}
	if err := a.journal.End(held, run.ID, end); err != nil {
		// The zone is as the outcomes say; the run stays open and Recover
		// will settle it again.
		outcomes[index[0]].say("the run could not be closed: " + err.Error())
		return outcomes, nil
	}
	run.End = &end
	return outcomes, nil
}

// sound refuses what is no set of changes of the zone: each owner has one, which
// holds records of that owner alone.
func sound(z Zone, changes []zone.Change) error {
	seen := map[zone.Name]bool{}
	for _, c := range changes {
		reason := ""
		switch {
		case !c.Owner.Within(z.Apex):
			reason = "it is not in the zone " + z.Apex.FQDN()
		case seen[c.Owner]:
			reason = "it has two"
		}
		for _, r := range slices.Concat(c.Remove, c.Add) {
			if r.Name != c.Owner {
				reason = "it holds a record of " + r.Name.FQDN()
			}
		}
		if reason != "" {
			return &Error{Code: Invalid, Err: fmt.Errorf("no change of %s: %s", c.Owner.FQDN(), reason)}
		}
		seen[c.Owner] = true
	}
	return nil
}

// sift gives the changes that need no write, or must not have one, their
// outcome, and the index of the others. begun is as guard has it.
func sift(z Zone, snap zone.Snapshot, changes []zone.Change, begun []SetImage) (outcomes []Outcome, todo []int) {
	outcomes = newOutcomes(changes)
	conflict := false
	for i, c := range changes {
		switch reason := guard(snap, c, begun); {
		case seen(snap, c) == complete:
			outcomes[i].State = Unchanged
		case reason != "":
			conflict = true
			outcomes[i] = Outcome{Owner: c.Owner, State: Conflicts, Code: Conflict, Detail: reason, Part: part(snap, c, begun)}
		default:
			todo = append(todo, i)
		}
	}
	// One transaction: where the host writes all or nothing, one conflict
	// keeps the rest from being written too.
	if atomic := z.Caps.Grain == GrainBatch || z.Caps.Grain == GrainZone; !atomic || !conflict {
		return outcomes, strand(snap, changes, outcomes, todo, begun)
	}
	for _, i := range todo {
		outcomes[i] = Outcome{
			Owner: changes[i].Owner, State: Failed, Code: Conflict,
			Detail: "not written: another change of the same transaction conflicts", Part: part(snap, changes[i], begun),
		}
	}
	return outcomes, nil
}

// ofRun is outcomes as a run that was cut off has them: what stands already, it
// wrote before it was cut off.
func ofRun(outcomes []Outcome) []Outcome {
	out := slices.Clone(outcomes)
	for i := range out {
		if out[i].State == Unchanged {
			out[i].State = Applied
		}
	}
	return out
}

// fill completes the journal entry of a run that will write these changes.
func (a *Account) fill(run *Run, z Zone, snap zone.Snapshot, changes []zone.Change) {
	run.Started = a.opts.now()
	if run.ID == "" {
		run.ID = NewRunID(run.Started)
	}
	run.Driver, run.Zone, run.Changes, run.Sets, run.End = a.info.ID, z, changes, images(snap, changes), nil
	if z.Caps.Grain == GrainZone {
		run.Snapshot = &snap
	}
}

// perform writes step by step. An owner whose write failed gets no further
// one, but for what puts a broken swap back, and what goes with it gets none
// either; a failure that will meet every other write too ends the whole, and so
// does any within one transaction that had to be written in several.
func (a *Account) perform(ctx, held context.Context, j *job, steps []step) {
	stopped := error(nil)
	for _, s := range steps {
		if slices.ContainsFunc(s.changes, func(i int) bool { return j.outcomes[i].State != "" }) {
			continue
		}
		err := cmp.Or(stopped, j.heldBack(s))
		for _, ended := range []context.Context{held, ctx} { // ctx hears of held a moment later
			if err == nil && ended.Err() != nil {
				err = &Error{Code: Timeout, Err: fmt.Errorf("not sent: %w", context.Cause(ended))}
			}
		}
		sent := err == nil
		if sent {
			err = a.send(ctx, j.zone, s.edit)
			j.window = time.Since(j.read)
		}
		if err == nil {
			for _, i := range s.changes {
				j.sent[i], j.wrote[i] = true, append(j.wrote[i], s.edit)
			}
			continue
		}
		e := asError(err, WroteUnknown, nil)
		state := Failed
		refusal := e.Code == Conflict || e.Code == Invalid || e.Code == Unsupported
		switch {
		case e.Wrote != WroteNo:
			state = Unknown
		case sent && e.Code == Conflict:
			state = Conflicts
		case sent && refusal:
			state = Rejected
		}
		for _, i := range s.changes {
			j.sent[i] = j.sent[i] || state == Unknown
			j.outcomes[i].fail(state, e)
			if e.Wrote == WroteYes {
				j.harm[i] = e
			}
			if s.swap && state != Unknown {
				a.putBack(held, j, i)
			}
		}
		if stopped == nil && (!refusal || j.zone.Caps.Grain == GrainBatch) {
			stopped = &Error{Code: e.Code, Reason: e.Reason, Err: fmt.Errorf("not sent after an earlier failure: %w", e)}
		}
	}
}

func newOutcomes(changes []zone.Change) []Outcome {
	out := make([]Outcome, len(changes))
	for i, c := range changes {
		out[i].Owner = c.Owner
	}
	return out
}

func (o *Outcome) fail(s State, err error) {
	o.State, o.Code, o.Reason, o.Detail = s, CodeOf(err), "", err.Error()
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		o.Reason = e.Reason
	}
}

// say adds to the detail.
func (o *Outcome) say(more string) { o.Detail = strings.TrimPrefix(o.Detail+"; "+more, "; ") }
