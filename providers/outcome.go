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
	Unchanged State = "unchanged" // the zone was so already
	Conflicts State = "conflict"  // the zone is not as the change expects; nothing of it was written
	Rejected  State = "rejected"  // the host refuses it
	Failed    State = "failed"    // not written, or not wholly: the zone was read and does not hold it
	Unknown   State = "unknown"   // the answer was lost and reading could not tell; plan again
)

// Outcome is the state of one change, with a sentence where it is not done.
type Outcome struct {
	Owner  zone.Name `json:"owner"`
	State  State     `json:"state"`
	Code   Code      `json:"code,omitempty"`
	Detail string    `json:"detail,omitempty"`
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
	done, total := 0, 0
	at := snap.At(c.Owner)
	for _, r := range c.Add {
		total++
		if holds(at, r) {
			done++
		}
	}
	for _, r := range c.Remove {
		if zone.Contains(c.Add, r) {
			continue // a change of TTL or Meta: judged by what is added
		}
		total++
		if !zone.Contains(at, r) {
			done++
		}
	}
	switch done {
	case total:
		return complete
	case 0:
		return notBegun
	}
	return partly
}

// holds reports whether the record stands with its data, TTL and Meta. A host
// that gives values no TTL of their own may report another one.
func holds(at []zone.Record, r zone.Record) bool {
	return slices.ContainsFunc(at, func(o zone.Record) bool { return o.SameData(r) && o.TTL == r.TTL })
}

// guard says why a change must not be written to the zone as it is, "" if it
// may. cutOff is for a run that was cut off: values it had to remove may be
// gone by its own hand.
func guard(snap zone.Snapshot, c zone.Change, cutOff bool) string {
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
		foreign := slices.ContainsFunc(at, func(o zone.Record) bool { return o.Type == r.Type && !zone.Contains(c.Add, o) })
		if replaced && (!cutOff || foreign) {
			return "the " + r.Type + " value to be replaced at " + c.Owner.FQDN() + " is no longer there"
		}
	}
	return ""
}
