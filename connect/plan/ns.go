package plan

import (
	"fmt"
	"slices"
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
		b.result(ws, Present, have...)
		return
	}
	alias, state, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	if apex || len(have) > 0 && !b.ours(have) {
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
			Text: fmt.Sprintf("Delegating %s hides the records of this zone at and below it: %s.", owner.FQDN(), b.hides(hidden)),
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
	if len(remove) > 0 && b.signed(owner) {
		b.warn("ds-remains", owner, "the DS record at %s was made for the name servers before: validating resolvers fail unless the new ones hold the same keys", owner.FQDN())
	}
	b.beside(alias, owner, remove, add, "delegates the name to the service")
	b.result(ws, state, merge(wanted, add, have)...)
	b.checkServers(ws)
}

// signed reports whether a DS record for owner stands above its cut: in this
// zone, or for the apex in the zone of the parent, which only DNS can tell.
func (b *builder) signed(owner zone.Name) bool {
	if owner != b.req.Snapshot.Zone {
		return len(b.all(owner, "DS")) > 0
	}
	f, known := b.learn(Question{owner, "DS"})
	return known && f.Status == Found
}

// checkServers warns of name servers that nobody could find.
func (b *builder) checkServers(ws []want) {
	for _, w := range ws {
		target, ok := w.rec.Target()
		switch {
		case !ok:
		case !target.Within(w.owner) || w.owner == b.req.Snapshot.Zone:
			b.checkTarget(w, target)
		case !b.hasGlue(target):
			b.warn("glue-missing", w.owner, "the name server %s lies in the zone that it shall serve, and no address of it stands here: nobody can find it (RFC 9471)", target.FQDN())
		}
	}
}

// hasGlue reports whether an address of a name server stands in the zone, or is
// asked for.
func (b *builder) hasGlue(host zone.Name) bool {
	return slices.ContainsFunc(b.at(host), address) ||
		slices.ContainsFunc(wantsAt(b.wants, host), func(w want) bool { return address(w.rec) })
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
		if !address(r) || !glue(wanted, r.Name) {
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

// hides names what a delegation hides, as far as it is known.
func (b *builder) hides(hidden []zone.Record) string {
	s := listOwners(hidden)
	if b.req.Snapshot.Partial {
		s += ", and others that were not looked for"
	}
	return s
}

func listOwners(recs []zone.Record) string {
	parts := make([]string, len(recs))
	for i, r := range recs {
		parts[i] = r.Name.FQDN() + " " + r.Type
	}
	return strings.Join(parts, ", ")
}
