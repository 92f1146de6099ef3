package zone

import (
	"slices"
	"sort"
)

// Snapshot is a zone as it was read: every record, canonical and sorted, so
// that owners and RRsets are found by binary search. Build it with
// [NewSnapshot]; treat it as read-only.
type Snapshot struct {
	Zone    Name     `json:"zone"`
	Records []Record `json:"records"`
	Meta    string   `json:"meta,omitempty"` // what the host wants back when the zone is written whole ("email_type=MX")
	Tag     string   `json:"tag,omitempty"`  // the host's own version of the zone (serial, ETag), where it has one
	// Names exist though no record here shows it. Only a snapshot of what DNS
	// shows of a zone has any: the host's own is whole.
	Names []Name `json:"names,omitempty"`
	// Partial is what DNS shows of a zone, not the host's own list: no share of
	// it can be counted, and that nothing is here of a name which was not asked
	// for means nothing.
	Partial bool `json:"partial,omitempty"`
}

// NewSnapshot makes the records canonical and sorts them. Data that has no
// canonical form is kept byte for byte and its record marked Opaque.
func NewSnapshot(apex Name, records []Record) Snapshot {
	recs := make([]Record, len(records))
	named := true
	for i, r := range records {
		if n, err := ParseName(string(r.Name)); err == nil {
			r.Name = n
		} else {
			named = false
		}
		if !r.Opaque {
			typ := CanonicalType(r.Type)
			data, err := Canonical(typ, r.Data)
			if err != nil {
				r.Opaque, data = true, r.Data
			}
			r.Type, r.Data = typ, data
		}
		recs[i] = r
	}
	if named {
		recs = SortByName(recs, func(r Record) Name { return r.Name }, compareRecords)
	} else {
		slices.SortFunc(recs, compareRecords)
	}
	return Snapshot{Zone: apex, Records: recs}
}

// Index is that of the first record at n or after it.
func (s Snapshot) Index(n Name) int {
	return sort.Search(len(s.Records), func(i int) bool { return Compare(s.Records[i].Name, n) >= 0 })
}

// At is all records at n.
func (s Snapshot) At(n Name) []Record {
	i := s.Index(n)
	j := i
	for j < len(s.Records) && s.Records[j].Name == n {
		j++
	}
	return s.Records[i:j:j]
}

// Set is the RRset of one type at n.
func (s Snapshot) Set(n Name, typ string) []Record {
	at := s.At(n)
	i := sort.Search(len(at), func(i int) bool { return at[i].Type >= typ })
	j := i
	for j < len(at) && at[j].Type == typ {
		j++
	}
	return at[i:j:j]
}

// Below is all records at proper descendants of n.
func (s Snapshot) Below(n Name) []Record {
	i := s.Index(n)
	for i < len(s.Records) && s.Records[i].Name == n {
		i++
	}
	j := i + sort.Search(len(s.Records)-i, func(k int) bool { return !s.Records[i+k].Name.Below(n) })
	return s.Records[i:j:j]
}

// Exists reports whether n exists in the zone in the sense of RFC 4592: it
// has records, or a name below it has (an empty non-terminal).
func (s Snapshot) Exists(n Name) bool {
	i := s.Index(n)
	return i < len(s.Records) && s.Records[i].Name.Within(n) ||
		slices.ContainsFunc(s.Names, func(o Name) bool { return o.Within(n) })
}

// Wildcard is the owner of the wildcard that answers for n, which does not
// exist itself (RFC 4592 section 3.3.1): the one at the closest encloser. ok
// is false when n exists or no wildcard covers it.
func (s Snapshot) Wildcard(n Name) (w Name, ok bool) {
	if !n.Below(s.Zone) || s.Exists(n) {
		return "", false
	}
	for p := n.Parent(); p.Within(s.Zone); p = p.Parent() {
		if p == s.Zone || s.Exists(p) {
			w = "*"
			if p != Root {
				w = "*." + p
			}
			return w, len(s.At(w)) > 0
		}
	}
	return "", false
}

// With is the snapshot after the changes: each Remove and each Add takes every
// record of the same data, and what is in Add then stands as it is there.
// Absent is not looked at.
func (s Snapshot) With(changes ...Change) Snapshot {
	gone := make(map[Name][]Record, len(changes))
	recs := make([]Record, 0, len(s.Records))
	for _, c := range changes {
		gone[c.Owner] = slices.Concat(gone[c.Owner], c.Remove, c.Add)
	}
	for _, r := range s.Records {
		if !Contains(gone[r.Name], r) {
			recs = append(recs, r)
		}
	}
	added := map[Record]bool{}
	for _, c := range changes {
		for _, r := range c.Add {
			if !added[r] {
				added[r] = true
				recs = append(recs, r)
			}
		}
	}
	slices.SortFunc(recs, compareRecords)
	s.Records = recs
	return s
}
