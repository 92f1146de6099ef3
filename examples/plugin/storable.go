package main

import (
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// storable refuses, before anything is sent, what Harbour would not store as it
// is. The planner asks Caps first; others who call Write may not have.
func storable(apex zone.Name, e zone.Edit, keys []zone.Key) error {
	for _, k := range e.Keys() {
		if !k.Name.Within(apex) {
			return fail(providers.Invalid, "%s is not in the zone %s", k.Name.FQDN(), apex.FQDN())
		}
	}
	for _, k := range keys {
		if k.Type == "SOA" || k.Type == "NS" && k.Name == apex {
			return fail(providers.Unsupported, "the %s records of the apex are Harbour's own", k.Type)
		}
		before, after := of(k, e.Before), of(k, e.After)
		for _, r := range after {
			if r.TTL != after[0].TTL {
				return fail(providers.Invalid, "%s %s: Harbour keeps one TTL for all values of an RRset, and these have two", k.Name.FQDN(), k.Type)
			}
			if slices.Contains(before, r) {
				continue // it stands, whatever it is
			}
			if err := writable(apex, r, before); err != nil {
				return err
			}
		}
	}
	return nil
}

// writable judges one new record. before is the RRset that it joins.
func writable(apex zone.Name, r zone.Record, before []zone.Record) error {
	at := r.Name.FQDN() + " " + r.Type
	c := caps()
	data, err := zone.Canonical(r.Type, r.Data)
	_, noted := noteOf(r.Meta)
	switch {
	case !c.Stores(r.Type):
		return fail(providers.Unsupported, "%s: Harbour stores no records of this type", at)
	case r.Opaque || err != nil || data != r.Data:
		return fail(providers.Invalid, "%s: its data is not as zone.New makes it", at)
	case !noted:
		return fail(providers.Invalid, "%s: Harbour keeps a note of at most %d octets beside a value, and this is something else: %q", at, maxNote, r.Meta)
	case c.ClampTTL(r.TTL) != r.TTL && !slices.ContainsFunc(before, func(o zone.Record) bool { return o.TTL == r.TTL }):
		return fail(providers.Invalid, "%s: a TTL of %d seconds: %v are allowed", at, r.TTL, c.TTLs)
	case r.Type == "TXT" && c.RefusesText(r.Text()) != "":
		return fail(providers.Invalid, "%s: Harbour %s", at, c.RefusesText(r.Text()))
	case r.Type == "CNAME" && r.Name == apex:
		return fail(providers.Unsupported, "%s: Harbour has no CNAME at the apex, and an ALIAS in its place", at)
	}
	return nil
}
