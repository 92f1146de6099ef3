package zone

import "slices"

// AnyType in a Change's Absent stands for every type.
const AnyType = "ANY"

// Change is what must become different at one owner, value by value. It holds
// no record that stays as it is, so that somebody's new TXT at the same owner
// does not make it stale.
//
//	zone before             change                     zone after
//	@ TXT "v=spf1 -all"     Remove "v=spf1 -all"       @ TXT "v=spf1 mx -all"
//	@ TXT "token"           Add    "v=spf1 mx -all"    @ TXT "token"
type Change struct {
	Owner  Name     `json:"owner"`
	Remove []Record `json:"remove,omitempty"`
	Add    []Record `json:"add,omitempty"`
	Absent []string `json:"absent,omitempty"` // types of which nothing but Remove may stand at Owner; AnyType for all
}

// Inverse takes the change back.
func (c Change) Inverse() Change {
	return Change{Owner: c.Owner, Remove: c.Add, Add: c.Remove}
}

// Edit is one write: Before becomes After, and all else stays byte-identical.
// How much of the zone the two lists cover is the host's grain: one record, a
// whole RRset, several whole RRsets, or the whole zone. Every RRset of After
// that has no record in Before must be absent when the edit starts (at the
// grain of one record, that very record), and so must everything that Absent
// names.
type Edit struct {
	Before []Record `json:"before,omitempty"`
	After  []Record `json:"after,omitempty"`
	Absent []Key    `json:"absent,omitempty"` // Type AnyType: the whole owner, but for what Before holds
	Meta   string   `json:"meta,omitempty"`   // of the snapshot that Before was taken from
	Tag    string   `json:"tag,omitempty"`    // of the first write of a run; empty in the others
}

// Keys is the RRsets the edit touches, in the order of a snapshot.
func (e Edit) Keys() []Key {
	var keys []Key
	for _, r := range slices.SortedFunc(slices.Values(slices.Concat(e.Before, e.After)), compareRecords) {
		if k := r.Key(); len(keys) == 0 || keys[len(keys)-1] != k {
			keys = append(keys, k)
		}
	}
	return keys
}

// Contains reports whether a record of the same data as r is in recs.
func Contains(recs []Record, r Record) bool {
	return slices.ContainsFunc(recs, r.SameData)
}

// Subtract is the records of a whose data no record of b has, in a's order.
func Subtract(a, b []Record) []Record {
	var out []Record
	for _, r := range a {
		if !Contains(b, r) {
			out = append(out, r)
		}
	}
	return out
}

// Diff is the changes that turn a into b, one for each owner that differs, in
// the order of a snapshot. A difference in TTL or Meta alone is one too: the
// record stands in both Remove and Add, with all others of the same data.
func Diff(a, b Snapshot) []Change {
	var out []Change
	i, j := 0, 0
	for i < len(a.Records) || j < len(b.Records) {
		var owner Name
		switch {
		case i == len(a.Records):
			owner = b.Records[j].Name
		case j == len(b.Records) || Compare(a.Records[i].Name, b.Records[j].Name) <= 0:
			owner = a.Records[i].Name
		default:
			owner = b.Records[j].Name
		}
		ra, rb := run(a.Records[i:], owner), run(b.Records[j:], owner)
		i, j = i+len(ra), j+len(rb)
		c := Change{Owner: owner}
		differ := slices.Concat(without(ra, rb), without(rb, ra))
		for _, r := range ra {
			if Contains(differ, r) {
				c.Remove = append(c.Remove, r)
			}
		}
		for _, r := range rb {
			if Contains(differ, r) {
				c.Add = append(c.Add, r)
			}
		}
		if len(c.Remove)+len(c.Add) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// without is the records of a that b does not hold to the byte.
func without(a, b []Record) []Record {
	var out []Record
	for _, r := range a {
		if !slices.Contains(b, r) {
			out = append(out, r)
		}
	}
	return out
}

// run is the records of owner that recs starts with.
func run(recs []Record, owner Name) []Record {
	n := 0
	for n < len(recs) && recs[n].Name == owner {
		n++
	}
	return recs[:n]
}
