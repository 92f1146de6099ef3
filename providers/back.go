package providers

import (
	"context"
	"errors"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// putBack takes back what the run has written of a change whose swap broke
// off, so that a refusal of what was to come does not leave the name without
// what stood there. It goes on after the caller's context has ended.
func (a *Account) putBack(held context.Context, j *job, i int) {
	now, c, begun := j.undone(i)
	if !begun {
		return
	}
	ctx, cancel := context.WithTimeout(held, a.opts.readBack())
	defer cancel()
	// The refusal may be somebody else's doing, and a host that compares nothing
	// would write over what they have put there.
	snap, err := a.Read(ctx, j.zone)
	if err == nil && seen(snap, j.changes[i]) == complete {
		return // after all: a write that had been given up has landed
	}
	j.back[i], j.sent[i] = nil, true
	if err != nil && !j.zone.Caps.CAS {
		j.back[i] = err
		return
	}
	theirs := zone.Subtract(snap.At(c.Owner), slices.Concat(j.snap.At(c.Owner), j.changes[i].Remove, j.changes[i].Add))
	now = now.With(zone.Change{Owner: c.Owner, Add: theirs})
	if reason := guard(now, c, nil); reason != "" {
		j.back[i] = &Error{Code: Conflict, Err: errors.New(reason)}
		return
	}
	for _, s := range lower(now, []zone.Change{c}, j.zone.Caps) {
		if held.Err() != nil {
			return
		}
		err := a.send(ctx, j.zone, s.edit)
		if err == nil {
			continue
		}
		if j.back[i] == nil {
			j.back[i] = asError(err, WroteUnknown, nil)
		}
		if len(s.edit.After) == 0 {
			return // what is to come back cannot stand beside it
		}
	}
}

// undone is the change that brings an owner back to what it was before the run,
// from what must stand there now. begun is false where the swap has not begun.
func (j *job) undone(i int) (now zone.Snapshot, back zone.Change, begun bool) {
	c := j.changes[i]
	at := j.snap.At(c.Owner)
	for _, e := range j.wrote[i] {
		at = slices.Concat(zone.Subtract(at, e.Before), e.After)
	}
	now = zone.NewSnapshot(j.snap.Zone, at)
	now.Meta = j.snap.Meta // and no Tag, for the run has made versions since
	back.Owner = c.Owner
	for _, s := range j.sets {
		if s.Key.Name != c.Owner {
			continue
		}
		stands := now.Set(s.Key.Name, s.Key.Type)
		for _, r := range stands {
			if zone.Contains(c.Add, r) && !slices.Contains(s.Before, r) {
				back.Remove = append(back.Remove, r)
			}
		}
		for _, r := range s.Before {
			if zone.Contains(c.Remove, r) && !slices.Contains(stands, r) {
				back.Add = append(back.Add, r)
			}
		}
	}
	swap := swapped(c)
	for _, r := range slices.Concat(back.Remove, back.Add) {
		begun = begun || slices.Contains(swap, r.Type)
	}
	for _, r := range c.Add {
		if slices.Contains(swap, r.Type) && !slices.Contains(back.Absent, r.Type) {
			back.Absent = append(back.Absent, r.Type)
		}
	}
	return now, back, begun
}
