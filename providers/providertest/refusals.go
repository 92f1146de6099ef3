package providertest

import (
	"fmt"

	"github.com/mooring-dns/mooring/providers/zone"
)

var refusalCases = []Case{
	{"refuse-type", "A type that the host does not store is Unsupported or Invalid before anything is written.", refuseType},
	{"refuse-opaque", "Text that could not be read is never written as a record.", refuseOpaque},
	{"refuse-outside", "A name outside the zone is refused before anything is written.", refuseOutside},
	{"refuse-cname", "A CNAME beside other records never comes about.", refuseCNAME},
}

// refused sends an edit that adds one record and wants it refused, and the
// zone as it was.
func (e *env) refused(add zone.Record) error {
	snap, err := e.raw()
	if err != nil {
		return err
	}
	return e.refusedEdit(e.edit(snap, nil, &add))
}

func refuseType(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	caps := e.zone.Caps
	tried := 0
	for _, r := range []zone.Record{
		{Name: e.name("f"), Type: zone.TypeRedirect, Data: "https://other.example/"},
		{Name: e.apex, Type: zone.TypeAlias, Data: "other.example."},
		{Name: e.name("f"), Type: "LOC", Data: "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"},
	} {
		switch {
		case r.Type == zone.TypeRedirect && caps.Redirects:
		case r.Type == zone.TypeAlias && caps.ApexAlias == zone.TypeAlias:
		case r.Type == "LOC" && caps.Stores(r.Type):
		default:
			tried++
			r.TTL = e.ttl(usualTTL)
			if err := e.refused(r); err != nil {
				return fmt.Errorf("%s: %w", r.Type, err)
			}
		}
	}
	if tried == 0 {
		return notHere("the host stores everything")
	}
	return nil
}

func refuseOpaque(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	return e.refused(zone.Record{Name: e.name("f"), Type: "A", TTL: e.ttl(usualTTL), Data: "not an address", Opaque: true})
}

func refuseOutside(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	r := e.rec("x", "A", "192.0.2.1")
	for _, name := range []zone.Name{"outside.invalid", "not" + e.apex} {
		r.Name = name
		if err := e.refused(r); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// refuseCNAME lets the driver refuse, or the host ignore, as RFC 2136 section
// 3.4.2.2 has it: what counts is the zone.
func refuseCNAME(e *env) error {
	if err := e.stores("CNAME"); err != nil {
		return err
	}
	before, err := e.seed(e.txt("both", "text"))
	if err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	add := e.rec("both", "CNAME", "target.other.example")
	err = e.session.Write(e.ctx(), e.zone, e.edit(snap, nil, &add))
	if bad := e.holds(before); bad != nil {
		return fmt.Errorf("%w (the answer: %w)", bad, err)
	}
	return nil
}
