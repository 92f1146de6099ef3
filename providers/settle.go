package providers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// moment bounds a reading that nothing hangs on.
const moment = 5 * time.Second

// settle reads the zone and lets it decide: what stands is applied, whatever
// the host answered, and what does not stand is not. A change of which
// anything was sent gets Settle to show. One whose answer was lost gets Lost,
// and so does one that was answered with success and does not show by then. A
// host that cannot be read gets ReadBack to come back; where nothing was sent,
// no more than a moment, since reading can only tell that somebody else has
// made the change.
func (a *Account) settle(held context.Context, j *job) {
	brief := j.zone.Caps.Settle
	long := a.opts.lost() + brief // what lands at the end of the one shows at the end of the other
	p, most := toTheEnd, long+a.opts.readBack()
	if !slices.Contains(j.sent, true) {
		p, most = once, min(most, moment)
	}
	ctx, cancel := context.WithTimeout(held, most)
	defer cancel()
	now, err := a.look(ctx, j.zone, p)
	j.owns(err)
	for waited := time.Duration(0); err != nil && j.lost() || err == nil && j.pending(now.snap, waited); {
		wait, pause := long, max(waited, long/16, 1)
		if !j.lost() && (waited < brief || err == nil && !j.missing(now.snap)) {
			wait, pause = brief, brief
		}
		if pause = min(pause, wait-waited); pause <= 0 || sleep(ctx, pause) != nil {
			break
		}
		now, err = a.look(ctx, j.zone, p)
		j.owns(err)
		waited += pause
	}
	for i := range j.changes {
		if err == nil {
			j.judge(i, now.snap)
		} else if j.sent[i] {
			j.outcomes[i].fail(Unknown, fmt.Errorf("the zone could not be read back: %w", err))
		}
	}
}

// owns takes an error of the reading back that says that something was written
// for what a driver has found out of a write that had been given up: what that
// did beside. The next reading shows the zone.
func (j *job) owns(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Wrote != WroteYes {
		return
	}
	for i, o := range j.outcomes {
		if j.sent[i] && o.State == Unknown {
			j.harm[i] = e
			j.outcomes[i].say(e.Error()) // for one that does not stand
		}
	}
}

// judge completes the outcome of one change by the zone as it is now.
func (j *job) judge(i int, snap zone.Snapshot) {
	c, o := j.changes[i], &j.outcomes[i]
	failed, back := j.back[i]
	switch p := seen(snap, c); {
	case p == complete && !j.sent[i]: // by somebody else, since the zone was read
		*o = Outcome{Owner: c.Owner, State: Unchanged}
	case p == complete:
		*o = Outcome{Owner: c.Owner, State: Applied}
		if harm := j.harm[i]; harm != nil {
			o.fail(Applied, harm)
		}
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

// missing reports whether the zone lacks what the host said it has written.
func (j *job) missing(snap zone.Snapshot) bool {
	for i, c := range j.changes {
		if j.outcomes[i].State == "" && seen(snap, c) != complete {
			return true
		}
	}
	return false
}

// pending reports whether the zone does not show yet all that was sent. That it
// shows what was before the run says nothing about what was put back until the
// host has settled.
func (j *job) pending(snap zone.Snapshot, waited time.Duration) bool {
	for i, c := range j.changes {
		want := complete
		if _, back := j.back[i]; back {
			want = notBegun
			if waited < j.zone.Caps.Settle {
				return true
			}
		}
		if j.sent[i] && seen(snap, c) != want {
			return true
		}
	}
	return false
}

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
