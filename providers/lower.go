package providers

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// step is one write, and the changes that depend on it.
type step struct {
	edit    zone.Edit
	changes []int // indexes into the changes lowered
	swap    bool  // of one that takes something away before something else can come
	after   []int // changes without which it must not be made
}

// phase orders writes so that at every moment between two of them the zone
// still works: what only adds comes first, what only removes comes last.
type phase int

const (
	phaseAdd    phase = iota // RRsets that were not there
	phaseSame                // values of an RRset that stays, added before others are removed
	phaseSwap                // CNAME against other types: removed, then added, next to each other
	phaseRemove              // RRsets that go
)

// lower turns changes, each already checked against snap, into writes of the
// host's grain, in order. The first alone carries the zone's Tag: it makes a
// version that nobody has read.
func lower(snap zone.Snapshot, changes []zone.Change, caps Caps) []step {
	steps := grained(snap, changes, caps)
	for i := range steps {
		if i > 0 {
			steps[i].edit.Tag = ""
		}
	}
	return steps
}

func grained(snap zone.Snapshot, changes []zone.Change, caps Caps) []step {
	sets := images(snap, changes)
	if len(sets) == 0 {
		return nil
	}
	all := make([]int, len(changes))
	for i := range all {
		all[i] = i
	}
	switch caps.Grain {
	case GrainZone:
		e := zone.Edit{Before: snap.Records, After: snap.With(changes...).Records, Meta: snap.Meta, Tag: snap.Tag}
		return []step{{edit: e, changes: all}}
	case GrainBatch:
		var steps []step
		for _, part := range batches(snap, changes, sets, caps.MaxBatch) {
			steps = append(steps, step{edit: batch(snap, changes, sets, part), changes: part})
		}
		return steps
	case GrainRRset, GrainRecord:
		return ordered(snap, changes, sets, caps.Grain)
	}
	return []step{{edit: zone.Edit{Meta: snap.Meta, Tag: snap.Tag}, changes: all}}
}

func absent(c zone.Change) []zone.Key {
	keys := make([]zone.Key, len(c.Absent))
	for i, typ := range c.Absent {
		keys[i] = zone.Key{Name: c.Owner, Type: typ}
	}
	return keys
}

func forbids(c zone.Change, r zone.Record) bool {
	return slices.Contains(c.Absent, r.Type) || slices.Contains(c.Absent, zone.AnyType)
}

// images is every RRset that the changes touch, before and after, in the order
// of a snapshot.
func images(snap zone.Snapshot, changes []zone.Change) []SetImage {
	after := snap.With(changes...)
	var out []SetImage
	for _, k := range (zone.Edit{Before: removed(changes), After: added(changes)}).Keys() {
		img := SetImage{Key: k, Before: snap.Set(k.Name, k.Type), After: after.Set(k.Name, k.Type)}
		if !slices.Equal(img.Before, img.After) {
			out = append(out, img)
		}
	}
	return out
}

func removed(changes []zone.Change) (out []zone.Record) {
	for _, c := range changes {
		out = append(out, c.Remove...)
	}
	return out
}

func added(changes []zone.Change) (out []zone.Record) {
	for _, c := range changes {
		out = append(out, c.Add...)
	}
	return out
}

// swapped is the types of a change that go, or come, and cannot stand beside
// each other: a CNAME beside anything (RFC 1034 section 3.6.2), an alias or a
// redirect beside what else a name points at.
func swapped(c zone.Change) []string {
	gone, come := typesWithout(c.Remove, c.Add), typesWithout(c.Add, c.Remove)
	both := slices.Concat(gone, come)
	has := func(types []string, some ...string) bool {
		return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(some, t) })
	}
	switch {
	case has(both, "CNAME"):
	case has(both, zone.TypeAlias, zone.TypeRedirect):
		both = slices.DeleteFunc(both, func(t string) bool { return !has([]string{t}, "A", "AAAA", zone.TypeAlias, zone.TypeRedirect) })
	default:
		return nil
	}
	if !has(gone, both...) || !has(come, both...) {
		return nil
	}
	return both
}

// typesWithout is the types of recs that no record of others has.
func typesWithout(recs, others []zone.Record) (types []string) {
	for _, r := range recs {
		if !slices.Contains(types, r.Type) && !slices.ContainsFunc(others, func(o zone.Record) bool { return o.Type == r.Type }) {
			types = append(types, r.Type)
		}
	}
	return types
}

// ordered makes one write, or with GrainRecord a few, of each RRset.
func ordered(snap zone.Snapshot, changes []zone.Change, sets []SetImage, grain Grain) []step {
	type placed struct {
		step
		phase phase
		owner zone.Name
		late  int // 1 for the adding half of a swap
	}
	var all []placed
	for _, s := range sets {
		i := slices.IndexFunc(changes, func(c zone.Change) bool { return c.Owner == s.Key.Name })
		p := placed{phase: phaseSame, owner: s.Key.Name}
		switch {
		case slices.Contains(swapped(changes[i]), s.Key.Type):
			p.phase = phaseSwap
			if len(s.After) > 0 {
				p.late = 1
			}
		case len(s.Before) == 0:
			p.phase = phaseAdd
		case len(s.After) == 0:
			p.phase = phaseRemove
		}
		edits := []zone.Edit{{Before: s.Before, After: s.After}}
		if grain == GrainRecord {
			edits = byRecord(s)
		}
		for _, e := range edits {
			e.Meta, e.Tag = snap.Meta, snap.Tag
			p.step = step{edit: e, changes: []int{i}, swap: p.phase == phaseSwap}
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(
			cmp.Compare(a.phase, b.phase),
			outward(a.owner, b.owner),
			cmp.Compare(a.late, b.late),
		)
	})
	steps := make([]step, len(all))
	for i, p := range all {
		steps[i] = p.step
	}
	steps = inOrder(snap, changes, steps)
	guardSteps(snap, changes, steps)
	return steps
}

// guardSteps says what must be absent when each step that adds begins. What
// earlier steps of the change have put there, or later ones will take away, is
// not.
func guardSteps(snap zone.Snapshot, changes []zone.Change, steps []step) {
	standing := map[zone.Name][]zone.Record{}
	for _, c := range changes {
		standing[c.Owner] = snap.At(c.Owner)
	}
	for i := range steps {
		e := &steps[i].edit
		c := changes[steps[i].changes[0]]
		at := standing[c.Owner]
		beside := zone.Subtract(at, e.Before)
		if len(e.After) > 0 {
			e.Absent = slices.DeleteFunc(absent(c), func(k zone.Key) bool {
				return slices.ContainsFunc(beside, func(r zone.Record) bool { return k.Type == r.Type || k.Type == zone.AnyType })
			})
		}
		standing[c.Owner] = slices.Concat(beside, e.After)
	}
}

// byRecord splits the difference of one RRset into single records. A value
// that takes another's place is replaced in place, so that an SPF record is
// never missing and never there twice; then more are added, then the rest goes.
// Whose place a value takes is said by how it begins: "v=spf1", "v=DMARC1".
func byRecord(s SetImage) []zone.Edit {
	var gone, come []zone.Record
	for _, r := range s.Before {
		if !slices.Contains(s.After, r) {
			gone = append(gone, r)
		}
	}
	for _, r := range s.After {
		if !slices.Contains(s.Before, r) {
			come = append(come, r)
		}
	}
	var edits []zone.Edit
	n := min(len(gone), len(come))
	for i := range n {
		if s.Key.Type == "TXT" {
			pair(gone[i:], come[i:])
		}
		edits = append(edits, zone.Edit{Before: gone[i : i+1], After: come[i : i+1]})
	}
	for i := range come[n:] {
		edits = append(edits, zone.Edit{After: come[n+i : n+i+1]})
	}
	for i := range gone[n:] {
		edits = append(edits, zone.Edit{Before: gone[n+i : n+i+1]})
	}
	return edits
}

// pair puts the two values first that begin alike the longest.
func pair(gone, come []zone.Record) {
	best, bg, bc := -1, 0, 0
	for i, g := range gone {
		for j, c := range come {
			if n := common(strings.ToLower(g.Text()), strings.ToLower(c.Text())); n > best {
				best, bg, bc = n, i, j
			}
		}
	}
	gone[0], gone[bg] = gone[bg], gone[0]
	come[0], come[bc] = come[bc], come[0]
}

func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
