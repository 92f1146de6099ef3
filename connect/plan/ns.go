package plan

import (
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// ns meets all wants of NS at one owner: they are the delegation.
func (b *builder) ns(ws []want) {
	owner, wanted := ws[0].owner, records(ws)
	apex := owner == b.req.Snapshot.Zone
	have := b.all(owner, "NS")
	remove, add := zone.Subtract(have, wanted), zone.Subtract(wanted, have)
	if len(remove)+len(add) == 0 {
		b.result(ws, Present, wanted...)
		return
	}
	alias, state, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	if apex || len(have) > 0 {
		if state, ok = b.accepts(ws, b.nsConflict(owner, apex, have, wanted), "replace", remove); !ok {
			return
		}
	}
	if hidden := zone.Subtract(b.occluded(owner, wanted), alias); !apex && len(hidden) > 0 {
		hides, ok := b.accepts(ws, Conflict{
			Code: NSOccludes, Owner: owner, Existing: hidden, Wanted: wanted,
			Options: []Option{
				{"delegate", "delegate the name; the records stay in this zone and nobody sees them any more"},
				{"skip", "do not delegate the name"},
			},
			Text: fmt.Sprintf("Delegating %s hides the records of this zone at and below it: %s.", owner.FQDN(), listOwners(hidden)),
		}, "delegate", nil)
		if !ok {
			return
		}
		if hides == Undecided {
			state = Undecided
		}
	}
	if len(remove) < len(have) {
		add = b.joinTTL(add)
	} else {
		add = uniformTTL(add)
	}
	if len(remove) > 0 && len(b.all(owner, "DS")) > 0 {
		b.warn("ds-remains", owner, "the DS record at %s was made for the name servers before: validating resolvers fail unless the new ones hold the same keys", owner.FQDN())
	}
	b.beside(alias, owner, remove, add, "delegates the name to the service")
	b.result(ws, state, merge(add, wanted)...)
}

func (b *builder) nsConflict(owner zone.Name, apex bool, have, wanted []zone.Record) Conflict {
	c := Conflict{
		Code: NSSet, Owner: owner, Existing: have, Wanted: wanted,
		Options: []Option{{"replace", "delegate to " + list(wanted)}, {"keep", "leave the delegation as it is"}},
		Text:    fmt.Sprintf("%s is delegated to %s now; the service wants %s.", owner.FQDN(), list(have), list(wanted)),
	}
	if !apex {
		return c
	}
	c.Code = NSApex
	if !b.req.Caps.ApexNS {
		c.Options = c.Options[1:]
		c.Text = fmt.Sprintf("The name servers of %s itself cannot be changed at this DNS host; it is done at the registrar.", owner.FQDN())
		return c
	}
	c.Text = fmt.Sprintf("%s would be served by %s instead of %s: everything in this zone stops counting.", owner.FQDN(), list(wanted), list(have))
	return c
}

// occluded is what a delegation of owner to wanted hides: all but glue and
// what may stand at a cut (RFC 4035 section 2.4).
func (b *builder) occluded(owner zone.Name, wanted []zone.Record) []zone.Record {
	var hidden []zone.Record
	for _, r := range b.req.Snapshot.At(owner) {
		if r.Type != "NS" && r.Type != "DS" && !attached(r) {
			hidden = append(hidden, r)
		}
	}
	for _, r := range b.req.Snapshot.Below(owner) {
		if r.Type != "A" && r.Type != "AAAA" || !glue(wanted, r.Name) {
			hidden = append(hidden, r)
		}
	}
	return hidden
}

func glue(ns []zone.Record, host zone.Name) bool {
	for _, r := range ns {
		if t, ok := r.Target(); ok && t == host {
			return true
		}
	}
	return false
}

func listOwners(recs []zone.Record) string {
	parts := make([]string, len(recs))
	for i, r := range recs {
		parts[i] = r.Name.FQDN() + " " + r.Type
	}
	return strings.Join(parts, ", ")
}
