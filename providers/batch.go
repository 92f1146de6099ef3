package providers

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// batch is the write of some of the changes, those of index part.
func batch(snap zone.Snapshot, changes []zone.Change, sets []SetImage, part []int) zone.Edit {
	e := zone.Edit{Meta: snap.Meta, Tag: snap.Tag}
	mine := map[zone.Name]bool{}
	for _, i := range part {
		mine[changes[i].Owner] = true
	}
	for _, s := range sets {
		if mine[s.Key.Name] {
			e.Before = append(e.Before, s.Before...)
			e.After = append(e.After, s.After...)
		}
	}
	for _, i := range part {
		c := changes[i]
		e.Absent = append(e.Absent, absent(c)...)
		// What the change adds and finds there already is not absent.
		for _, r := range snap.At(c.Owner) {
			if !slices.ContainsFunc(sets, func(s SetImage) bool { return s.Key == r.Key() }) && forbids(c, r) {
				e.Before, e.After = append(e.Before, r), append(e.After, r)
			}
		}
	}
	return e
}

// batches shares the changes out among writes of at most so many records, as
// Caps.MaxBatch counts them. What fits into one is one. Else no owner is cut in
// two, and one that is too long by itself is sent alone, for the driver to
// refuse; what only adds comes first and what only removes last, and a policy
// behind what it includes, so that the zone works between any two writes.
func batches(snap zone.Snapshot, changes []zone.Change, sets []SetImage, most int) [][]int {
	all := make([]int, len(changes))
	of := map[zone.Name]int{}
	for i, c := range changes {
		all[i], of[c.Owner] = i, i
	}
	gone, come := make([]int, len(changes)), make([]int, len(changes)) // records
	total := 0
	for _, s := range sets {
		i, g, c := of[s.Key.Name], without(s.Before, s.After), without(s.After, s.Before)
		gone[i], come[i], total = gone[i]+g, come[i]+c, total+g+c
	}
	if most <= 0 || total <= most {
		return [][]int{all}
	}
	when := func(i int) phase {
		switch {
		case gone[i] == 0:
			return phaseAdd
		case come[i] == 0:
			return phaseRemove
		}
		return phaseSame
	}
	slices.SortStableFunc(all, func(a, b int) int {
		return cmp.Or(cmp.Compare(when(a), when(b)), outward(changes[a].Owner, changes[b].Owner))
	})
	steps := make([]step, len(all))
	for k, i := range all {
		steps[k] = step{edit: batch(snap, changes, sets, []int{i}), changes: []int{i}}
	}
	var out [][]int
	used := 0
	for _, s := range inOrder(snap, changes, steps) {
		i := s.changes[0]
		size := gone[i] + come[i]
		if len(out) == 0 || used+size > most {
			out, used = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], i)
		used += size
	}
	return out
}

// without counts the records that are not among others.
func without(recs, others []zone.Record) (n int) {
	for _, r := range recs {
		if !slices.Contains(others, r) {
			n++
		}
	}
	return n
}

// outward orders owners: those nearer to the root first, then by name.
func outward(a, b zone.Name) int {
	return cmp.Or(cmp.Compare(strings.Count(string(a), "."), strings.Count(string(b), ".")), zone.Compare(a, b))
}
