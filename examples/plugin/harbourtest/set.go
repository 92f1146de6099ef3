package harbourtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

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

func (s set) is(name, typ string) bool { return strings.EqualFold(s.Name, name) && s.Type == typ }

// locked reports whether the set is the host's own.
func (s set) locked() bool { return s.Type == "SOA" || s.Type == "NS" && s.Name == "@" }

// hosted is one zone.
type hosted struct {
	apex    zone.Name
	version uint64
	sets    []set // but for the locked ones
}

// keep puts a set into the place of the one it names. One without values goes.
func (h *hosted) keep(s set) {
	i := slices.IndexFunc(h.sets, func(o set) bool { return o.is(s.Name, s.Type) })
	switch {
	case i < 0 && len(s.Values) > 0:
		h.sets = append(slices.Clone(h.sets), s)
	case i >= 0 && len(s.Values) > 0:
		h.sets = slices.Clone(h.sets)
		h.sets[i] = s
	case i >= 0:
		h.sets = slices.Delete(slices.Clone(h.sets), i, i+1)
	}
}

const ownTTL = 3600 // of what the host keeps by itself

// all is every set, the host's own first.
func (h *hosted) all() []set {
	soa := fmt.Sprintf("%s hostmaster.harbour.example. %d 7200 3600 1209600 300", nameServers[0].FQDN(), h.version)
	ns := set{Name: "@", Type: "NS", TTL: ownTTL}
	for _, n := range nameServers {
		ns.Values = append(ns.Values, value{Data: n.FQDN()})
	}
	return append([]set{{Name: "@", Type: "SOA", TTL: ownTTL, Values: []value{{Data: soa}}}, ns}, h.sets...)
}

func (h *hosted) snapshot() zone.Snapshot {
	var recs []zone.Record
	for _, s := range h.all() {
		name, err := zone.Abs(s.Name, h.apex)
		if err != nil {
			continue // put there by Spell: no record has such a name
		}
		for _, v := range s.Values {
			r := zone.Record{Name: name, Type: s.Type, TTL: s.TTL, Data: v.Data}
			if v.Note != "" {
				r.Meta = "note=" + url.QueryEscape(v.Note)
			}
			recs = append(recs, r)
		}
	}
	return zone.NewSnapshot(h.apex, recs)
}

// setsOf is a zone as the API spells it, without what is the host's own.
func setsOf(s zone.Snapshot) []set {
	h := &hosted{apex: s.Zone}
	for _, r := range s.Records {
		one := set{Name: r.Name.Rel(s.Zone), Type: r.Type, TTL: r.TTL}
		if one.locked() {
			continue
		}
		if i := slices.IndexFunc(h.sets, func(o set) bool { return o.is(one.Name, one.Type) }); i >= 0 {
			one = h.sets[i]
		}
		note, _ := strings.CutPrefix(r.Meta, "note=")
		if plain, err := url.QueryUnescape(note); err == nil {
			note = plain
		}
		one.Values = append(slices.Clone(one.Values), value{Data: r.Data, Note: note})
		h.keep(one)
	}
	return h.sets
}
