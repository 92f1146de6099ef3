package libdnsdriver

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// sound refuses what the host cannot store, before anything is asked.
func (s *session) sound(apex zone.Name, d diff) error {
	for _, r := range slices.Concat(d.gone, d.come) {
		switch {
		case !r.Name.Within(apex):
			return refuse(providers.Invalid, "%s is not in the zone %s", r.Name.FQDN(), apex.FQDN())
		case r.Type == "SOA":
			return refuse(providers.Unsupported, "the SOA record is the host's")
		case r.Type == "NS" && r.Name == apex && !s.caps.ApexNS:
			return refuse(providers.Unsupported, "the NS records of %s are the host's", apex.FQDN())
		}
	}
	for _, r := range d.come {
		if code, reason := s.limit(apex, r); reason != "" {
			return refuse(code, "%s %s: %s", r.Name.FQDN(), r.Type, reason)
		}
	}
	return nil
}

// limit says why the host cannot store a record, "" if it can.
func (s *session) limit(apex zone.Name, r zone.Record) (providers.Code, string) {
	c := s.caps
	switch {
	case r.Opaque:
		return providers.Invalid, "data that could not be read cannot be written"
	case r.Type == zone.TypeRedirect && !c.Redirects:
		return providers.Unsupported, "the host has no redirects"
	case r.Type == zone.TypeAlias && (c.ApexAlias != zone.TypeAlias || r.Name != apex):
		return providers.Unsupported, "the host has no such alias"
	case r.Type != zone.TypeRedirect && r.Type != zone.TypeAlias && !c.Stores(r.Type):
		return providers.Unsupported, "the host stores no such type"
	case r.Type == "CNAME" && r.Name == apex && c.ApexAlias != "CNAME":
		return providers.Invalid, "the apex cannot be a CNAME"
	case r.Type == "NS" && r.Name != apex && c.NoDelegation:
		return providers.Unsupported, "the host has no delegations"
	case r.Name.Label() == "*" && c.NoWildcard:
		return providers.Unsupported, "the host has no wildcards"
	case r.Type == "MX" && c.NoNullMX && strings.HasSuffix(r.Data, " ."):
		return providers.Unsupported, "the host has no null MX"
	case r.Type == "CAA" && c.NoCAAParameters && strings.Contains(r.Data, ";"):
		return providers.Unsupported, "the host has no CAA parameters"
	case r.Type == "TXT" && c.RefusesText(r.Text()) != "":
		return providers.Invalid, "the host " + c.RefusesText(r.Text())
	case c.ClampTTL(r.TTL) != r.TTL:
		return providers.Invalid, "the host does not store this TTL"
	}
	return "", ""
}

// guard refuses an edit of a zone that is not as the edit expects. Every reason
// of a Conflict is said with the RRset, for it is what planning again will show.
func (s *session) guard(snap zone.Snapshot, e zone.Edit, d diff) error {
	conflict := func(k zone.Key, what string) error {
		return refuse(providers.Conflict, "%s %s: %s", k.Name.FQDN(), k.Type, what)
	}
	befores, afters := byKey(e.Before), byKey(e.After)
	for _, k := range e.Keys() {
		now, before, after := snap.Set(k.Name, k.Type), befores[k], afters[k]
		touched := len(without(before, after))+len(without(after, before)) > 0
		if k.Type == "SOA" || signing(k.Type) && !touched {
			continue // the host makes them anew
		}
		switch {
		case touched && slices.ContainsFunc(now, func(r zone.Record) bool { return r.Opaque }):
			return refuse(providers.Invalid, "%s %s: a value stands there that could not be read, so none of them is written", k.Name.FQDN(), k.Type)
		case len(without(before, now)) > 0:
			return conflict(k, "a value that the edit expects is not there")
		case s.caps.Grain == providers.GrainRecord && slices.ContainsFunc(after, func(r zone.Record) bool { return zone.Contains(now, r) && !zone.Contains(before, r) }):
			return conflict(k, "the value stands already")
		case s.caps.Grain != providers.GrainRecord && len(without(now, before)) > 0:
			return conflict(k, "a value stands there that the edit does not expect")
		}
	}
	for _, k := range e.Absent {
		for _, r := range snap.At(k.Name) {
			if (k.Type == zone.AnyType || k.Type == r.Type) && !slices.Contains(e.Before, r) {
				return conflict(k, "a "+r.Type+" record stands there that must be absent")
			}
		}
	}
	if s.caps.Grain == providers.GrainZone {
		for _, r := range without(snap.Records, e.Before) {
			if r.Type != "SOA" && !signing(r.Type) {
				return conflict(r.Key(), "a value stands there that the edit does not expect")
			}
		}
	}
	return s.lonely(snap, d)
}

// byKey is records by their RRsets.
func byKey(records []zone.Record) map[zone.Key][]zone.Record {
	out := map[zone.Key][]zone.Record{}
	for _, r := range records {
		out[r.Key()] = append(out[r.Key()], r)
	}
	return out
}
