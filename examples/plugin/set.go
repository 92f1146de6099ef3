package main

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// set is an RRset as the API spells it.
type set struct {
	Name   string  `json:"name"` // relative to the zone; "@" is its apex
	Type   string  `json:"type"`
	TTL    uint32  `json:"ttl"`
	Values []value `json:"values"`
}

// value is one record of a set.
type value struct {
	Data string `json:"data"`           // as zone text has it, with absolute names
	Note string `json:"note,omitempty"` // the customer's own words, which DNS does not show
}

// entry is a record, and the value it was read from. A write sends a whole
// RRset, so what stays in it goes back as the host spelled it.
type entry struct {
	zone.Record

	raw value
}

// entries is a set's records, canonical. What cannot be read is opaque.
func (s set) entries(apex zone.Name) ([]entry, error) {
	name, err := zone.Abs(s.Name, apex)
	if err != nil || s.Name == "" || s.Type == "" || !name.Within(apex) || len(s.Values) == 0 {
		return nil, fail(providers.Unavailable, "the host shows something in %s that is no RRset", apex.FQDN())
	}
	out := make([]entry, len(s.Values))
	for i, v := range s.Values {
		r := zone.Record{Name: name, Type: s.Type, TTL: s.TTL, Data: v.Data, Meta: meta(v.Note)}
		out[i] = entry{zone.NewSnapshot(apex, []zone.Record{r}).Records[0], v}
	}
	return out, nil
}

// respelled is the set that the records of one RRset are sent as. now is what
// stands there.
func respelled(apex zone.Name, k zone.Key, after []zone.Record, now []entry) (set, error) {
	out := set{Name: k.Name.Rel(apex), Type: k.Type, Values: []value{}}
	stands := slices.Clone(now)
	for _, r := range after {
		out.TTL = r.TTL
		i := slices.IndexFunc(stands, func(e entry) bool { return e.Data == r.Data && e.Meta == r.Meta && e.Opaque == r.Opaque })
		if i >= 0 {
			out.Values = append(out.Values, stands[i].raw)
			stands = slices.Delete(stands, i, i+1) // the host may show one value twice
			continue
		}
		note, ok := noteOf(r.Meta)
		if !ok || r.Opaque {
			return set{}, fail(providers.Invalid, "%s %s: it cannot be written as it is", r.Name.FQDN(), r.Type)
		}
		out.Values = append(out.Values, value{Data: r.Data, Note: note})
	}
	return out, nil
}

// meta is what stands beside a value, for Mooring to hand back with it:
// "note=TEXT", the text escaped as in a URL's query.
func meta(note string) string {
	if note == "" {
		return ""
	}
	return "note=" + url.QueryEscape(note)
}

// noteOf is the note of a record's Meta. It is false where the Meta says
// anything else.
func noteOf(m string) (string, bool) {
	if m == "" {
		return "", true
	}
	text, ok := strings.CutPrefix(m, "note=")
	note, err := url.QueryUnescape(text)
	return note, ok && err == nil && meta(note) == m && len(note) <= maxNote && utf8.ValidString(note)
}
