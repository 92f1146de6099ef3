package providers

import (
	"context"
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
	changes  []zone.Change
	sets     []SetImage // of the run
	outcomes []Outcome
	sent     []bool        // a write landed, or may have
	wrote    [][]zone.Edit // what landed
	back     map[int]error // of the changes that were put back: why that failed
}

// write performs the changes on a zone that was just read as snap. cutOff is
// for the rest of a run that is in the journal already.
func (a *Account) write(ctx, held context.Context, z Zone, snap zone.Snapshot, changes []zone.Change, run *Run, cutOff bool) ([]Outcome, error) {
	var begun []SetImage
	if cutOff {
		begun = run.Sets
	}
	outcomes, index := sift(z, snap, changes, begun)
	todo := make([]zone.Change, len(index))
	for k, i := range index {
		todo[k] = changes[i]
	}
	steps := lower(snap, todo, z.Caps.Grain)
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
		zone: z, snap: snap, changes: todo, sets: run.Sets, outcomes: newOutcomes(todo),
		sent:  slices.Repeat([]bool{cutOff}, len(todo)), // what was sent before it was cut off, nobody knows
		wrote: make([][]zone.Edit, len(todo)), back: map[int]error{},
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
	end := End{At: a.opts.now(), Outcomes: j.outcomes}
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
		return outcomes, todo
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
// one, but for what puts a broken swap back; a failure that will meet every
// other write too ends the whole.
func (a *Account) perform(ctx, held context.Context, j *job, steps []step) {
	stopped := error(nil)
	for _, s := range steps {
		if slices.ContainsFunc(s.changes, func(i int) bool { return j.outcomes[i].State != "" }) {
			continue
		}
		err := stopped
		for _, ended := range []context.Context{held, ctx} { // ctx hears of held a moment later
			if err == nil && ended.Err() != nil {
				err = &Error{Code: Timeout, Err: fmt.Errorf("not sent: %w", context.Cause(ended))}
			}
		}
		if err == nil {
			err = a.session.Write(ctx, j.zone, s.edit)
		}
		if err == nil {
			for _, i := range s.changes {
				j.sent[i], j.wrote[i] = true, append(j.wrote[i], s.edit)
			}
			continue
		}
		e := asError(err, WroteUnknown, a.secrets)
		state := Failed
		switch {
		case e.Wrote != WroteNo:
			state = Unknown
		case e.Code == Conflict:
			state = Conflicts
		case e.Code == Invalid || e.Code == Unsupported:
			state = Rejected
		}
		for _, i := range s.changes {
			j.sent[i] = j.sent[i] || state == Unknown
			j.outcomes[i].fail(state, e)
			if s.swap && state != Unknown {
				a.putBack(held, j, i)
			}
		}
		if stopped == nil && e.Code != Conflict && e.Code != Invalid && e.Code != Unsupported {
			stopped = &Error{Code: e.Code, Err: fmt.Errorf("not sent after an earlier failure: %w", e)}
		}
	}
}

// settle reads the zone and lets it decide: what stands is applied, whatever
// the host answered, and what does not stand is not. A change of which
// anything was sent gets Settle to show, and one whose answer was lost Lost.
func (a *Account) settle(held context.Context, j *job) {
	wait := j.zone.Caps.Settle
	pause := wait
	if j.lost() {
		wait = max(wait, a.opts.lost())
		pause = wait / 16
	}
	ctx, cancel := context.WithTimeout(held, wait+a.opts.readBack())
	defer cancel()
	snap, err := a.Read(ctx, j.zone)
	for waited := time.Duration(0); waited < wait && (err != nil && j.lost() || err == nil && j.pending(snap)); {
		if sleep(ctx, pause) != nil {
			break
		}
		snap, err = a.Read(ctx, j.zone)
		waited += pause
		pause = min(max(waited, 1), wait-waited)
	}
	for i := range j.changes {
		if err == nil {
			j.judge(i, snap)
		} else if j.sent[i] {
			j.outcomes[i].fail(Unknown, fmt.Errorf("the zone could not be read back: %w", err))
		}
	}
}

// judge completes the outcome of one change by the zone as it is now.
func (j *job) judge(i int, snap zone.Snapshot) {
	c, o := j.changes[i], &j.outcomes[i]
	failed, back := j.back[i]
	switch p := seen(snap, c); {
	case p == complete:
		*o = Outcome{Owner: c.Owner, State: Applied}
	case p == partly && (j.sent[i] || o.State != Conflicts):
		if o.State = Failed; j.sent[i] {
			o.Part = part(snap, c, j.sets)
		}
		if failed != nil {
			o.say("what stood there could not be put back: " + failed.Error())
		}
		if len(snap.At(c.Owner)) == 0 {
			o.say("nothing stands at " + c.Owner.FQDN() + " now")
		} else {
			o.say("part of it stands in the zone")
		}
	case back && p == notBegun:
		if o.State == Conflicts {
			o.State = Failed
		}
		o.say("what stood there was put back")
	case o.State == "":
		*o = Outcome{Owner: c.Owner, State: Failed, Code: Internal, Detail: "the host answered success, and the zone does not hold the change"}
	case o.State == Unknown:
		o.State = Failed
		o.say("the zone was read and does not hold the change")
	}
}

// lost reports whether the answer to any write was.
func (j *job) lost() bool {
	for i, o := range j.outcomes {
		if o.State == Unknown || asError(j.back[i], WroteNo, nil).Wrote == WroteUnknown {
			return true
		}
	}
	return false
}

// pending reports whether the zone does not show yet all that was sent.
func (j *job) pending(snap zone.Snapshot) bool {
	for i, c := range j.changes {
		want := complete
		if _, back := j.back[i]; back {
			want = notBegun
		}
		if j.sent[i] && seen(snap, c) != want {
			return true
		}
	}
	return false
}

func newOutcomes(changes []zone.Change) []Outcome {
	out := make([]Outcome, len(changes))
	for i, c := range changes {
		out[i].Owner = c.Owner
	}
	return out
}

func (o *Outcome) fail(s State, err error) {
	o.State, o.Code, o.Detail = s, CodeOf(err), err.Error()
}

// say adds to the detail.
func (o *Outcome) say(more string) { o.Detail = strings.TrimPrefix(o.Detail+"; "+more, "; ") }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
