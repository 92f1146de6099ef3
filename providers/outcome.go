package providers

import (
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// State is what became of one change.
type State string

// The six states. Applied and Unchanged were seen by reading the zone.
const (
	Applied   State = "applied"
	Unchanged State = "unchanged" // the zone was so already, or somebody else has made it so
	Conflicts State = "conflict"  // the zone is not as the change expects; nothing of it was written
	Rejected  State = "rejected"  // the host refuses it
	Failed    State = "failed"    // not written, or not wholly: the zone was read and does not hold it
	Unknown   State = "unknown"   // the answer was lost and reading could not tell; plan again
)

// Outcome is the state of one change, with a sentence where it is not done, or
// was done and the driver reports that it did harm beside it.
type Outcome struct {
	Owner  zone.Name `json:"owner"`
	State  State     `json:"state"`
	Code   Code      `json:"code,omitempty"`
	Reason Reason    `json:"reason,omitempty"` // of Code, where the host told
	Detail string    `json:"detail,omitempty"`
	// Part is what a run wrote of a change that it could not finish: what has
	// to be taken back of it. It is empty where the run was cut off and somebody
	// has edited the owner since, so that nobody can tell.
	Part *zone.Change `json:"part,omitempty"`
}

// Done reports whether every change stands in the zone.
func Done(outcomes []Outcome) bool {
	return !slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.State != Applied && o.State != Unchanged })
}

// progress is how far a zone is with one change.
type progress int

const (
	notBegun progress = iota
	partly
	complete
)

// seen compares a change with a zone, value by value.
func seen(snap zone.Snapshot, c zone.Change) progress {
	done, total, gone := 0, 0, false
	at := snap.At(c.Owner)
	for _, r := range c.Add {
		total++
		if holds(at, r, c.Remove) {
			done++
		}
	}
	for _, r := range c.Remove {
		if zone.Contains(c.Add, r) {
			// A change of TTL or Meta, judged by what is added. Where the value
			// stands in no way at all, it went and its new form did not come.
			gone = gone || !zone.Contains(at, r)
			continue
		}
		total++
		if !zone.Contains(at, r) {
			done++
		}
	}
	switch {
	case done == total:
		return complete
	case done == 0 && !gone:
		return notBegun
	}
	return partly
}

// holds reports whether the record stands with its data and TTL, and not as one
// of those that it is to replace. A host may add Meta of its own.
func holds(at []zone.Record, r zone.Record, replaced []zone.Record) bool {
	return slices.ContainsFunc(at, func(o zone.Record) bool {
		return o == r || o.SameData(r) && o.TTL == r.TTL && !slices.Contains(replaced, o)
	})
}

// guard says why a change must not be written to the zone as it is, "" if it
// may. begun is every RRset of a run that was cut off and is to be finished, nil
// otherwise: values that it had to remove may be gone by its own hand, unless
// the RRset holds what neither the zone before nor the run put there.
func guard(snap zone.Snapshot, c zone.Change, begun []SetImage) string {
	at := snap.At(c.Owner)
	for _, r := range at {
		if zone.Contains(c.Remove, r) || zone.Contains(c.Add, r) {
			continue
		}
		if slices.Contains(c.Absent, r.Type) || slices.Contains(c.Absent, zone.AnyType) {
			return "a " + r.Type + " record stands at " + c.Owner.FQDN() + " that was not there when the plan was made"
		}
	}
	for _, r := range c.Remove {
		if zone.Contains(at, r) || zone.Contains(c.Add, r) {
			continue
		}
		replaced := slices.ContainsFunc(c.Add, func(a zone.Record) bool { return a.Type == r.Type && !zone.Contains(at, a) })
		foreign := slices.ContainsFunc(at, func(o zone.Record) bool { return o.Type == r.Type && !imaged(begun, o) })
		if replaced && (begun == nil || foreign) {
			return "the " + r.Type + " value to be replaced at " + c.Owner.FQDN() + " is no longer there"
		}
	}
	return ""
}

// imaged reports whether a record is of an RRset as a run found it, or as it
// was to leave it.
func imaged(sets []SetImage, r zone.Record) bool {
	return slices.ContainsFunc(sets, func(s SetImage) bool {
		return s.Key == r.Key() && (zone.Contains(s.Before, r) || zone.Contains(s.After, r))
	})
}

// part is what of a change an unfinished run has brought into the zone, by what
// stood there before it; nil for a run that has not begun. A value that was to
// have another TTL and is gone was removed. A removed value whose place another
// one has taken was removed by that one's hand.
func part(snap zone.Snapshot, c zone.Change, sets []SetImage) *zone.Change {
	if len(sets) == 0 {
		return nil
	}
	at := snap.At(c.Owner)
	var before []zone.Record
	for _, s := range sets {
		before = append(before, s.Before...)
	}
	p := zone.Change{Owner: c.Owner}
	for _, r := range c.Add {
		if zone.Contains(at, r) && !zone.Contains(before, r) {
			p.Add = append(p.Add, r)
		}
	}
	for _, r := range c.Remove {
		taken := slices.ContainsFunc(at, func(o zone.Record) bool { return o.Type == r.Type && !imaged(sets, o) })
		if zone.Contains(before, r) && !zone.Contains(at, r) && !taken {
			p.Remove = append(p.Remove, r)
		}
	}
	return &p
}
