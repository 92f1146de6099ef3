package plugins_test

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// verdict is what is wrong after an edit, and how much of it was done.
type verdict struct {
	lost, untrue, foreign, torn []string
	half                        int // changes of several RRsets that are half done, and said to be
}

// judge compares what is said of the changes with the zone.
func judge(grain providers.Grain, before, after zone.Snapshot, changes []zone.Change, outcomes []providers.Outcome) (v verdict) {
	var add, remove []zone.Record
	whole, absent := 0, 0 // changes
	for i, c := range changes {
		add, remove = append(add, c.Add...), append(remove, c.Remove...)
		done, todo, torn := far(c, after)
		v.torn = append(v.torn, torn...)
		switch {
		case done == todo:
			whole++
		case done == 0:
			absent++
		case outcomes[i].State == providers.Failed:
			v.half++
		}
		if why := untrue(outcomes[i], c, before, after, done, todo); why != "" {
			v.untrue = append(v.untrue, fmt.Sprintf("%+v: %s", outcomes[i], why))
		}
	}
	if together := grain == providers.GrainBatch || grain == providers.GrainZone; together && whole < len(changes) && absent < len(changes) {
		v.torn = append(v.torn, fmt.Sprintf("of %d changes of one transaction %d stand and %d do not", len(changes), whole, absent))
	}
	for _, r := range before.Records {
		if r.Type != "SOA" && !slices.Contains(after.Records, r) && !slices.Contains(remove, r) {
			v.lost = append(v.lost, r.String())
		}
	}
	for i, r := range after.Records {
		if r.Type != "SOA" && !slices.Contains(before.Records, r) && !zone.Contains(add, r) {
			v.foreign = append(v.foreign, r.String())
		}
		if slices.ContainsFunc(after.Records[:i], func(o zone.Record) bool { return o.Name == r.Name && o.SameData(r) }) {
			v.foreign = append(v.foreign, "twice: "+r.String())
		}
	}
	if before.Meta != after.Meta {
		v.lost = append(v.lost, fmt.Sprintf("the zone's setting was %s and is %s", before.Meta, after.Meta))
	}
	return v
}

// far is how much of a change stands, and the RRsets of which a part does.
func far(c zone.Change, after zone.Snapshot) (done, todo int, torn []string) {
	byType := map[string][2]int{}
	at := after.At(c.Owner)
	note := func(r zone.Record, ok bool) {
		n := byType[r.Type]
		n[1]++
		todo++
		if ok {
			n[0]++
			done++
		}
		byType[r.Type] = n
	}
	for _, r := range c.Add {
		note(r, stands(at, r))
	}
	for _, r := range c.Remove {
		if !slices.ContainsFunc(c.Add, r.SameData) {
			note(r, !zone.Contains(at, r))
		}
	}
	for typ, n := range byType {
		if n[0] != 0 && n[0] != n[1] {
			torn = append(torn, fmt.Sprintf("%s %s: %d of %d", c.Owner, typ, n[0], n[1]))
		}
	}
	return done, todo, torn
}

func stands(at []zone.Record, r zone.Record) bool {
	return slices.ContainsFunc(at, func(o zone.Record) bool { return o.SameData(r) && o.TTL == r.TTL })
}

// untrue is what an outcome says that is not so.
func untrue(o providers.Outcome, c zone.Change, before, after zone.Snapshot, done, todo int) string {
	at := after.At(c.Owner)
	switch o.State {
	case providers.Unknown:
		return ""
	case providers.Applied:
		if done != todo {
			return fmt.Sprintf("%d of %d stand", done, todo)
		}
		return ""
	case providers.Unchanged:
		return "nobody else has written it"
	case providers.Failed:
	default:
		return "nobody has refused it"
	}
	if done == todo {
		return "it stands"
	}
	part := zone.Change{}
	if o.Part != nil {
		part = *o.Part
	}
	for _, r := range c.Add {
		// Of a value that takes another TTL alone, a part says nothing.
		if !zone.Contains(before.At(c.Owner), r) && stands(at, r) != zone.Contains(part.Add, r) {
			return fmt.Sprintf("%s stands: %t, and the part is %+v", r, stands(at, r), part)
		}
	}
	for _, r := range c.Remove {
		if gone := !zone.Contains(at, r); gone != zone.Contains(part.Remove, r) && !slices.ContainsFunc(c.Add, r.SameData) {
			return fmt.Sprintf("%s is gone: %t, and the part is %+v", r, gone, part)
		}
	}
	return ""
}
