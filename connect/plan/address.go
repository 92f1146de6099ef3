package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// pointing reports whether a record says what its owner points at. At one
// owner these are one unit: they are replaced together.
func pointing(r zone.Record) bool {
	switch r.Type {
	case "A", "AAAA", "CNAME", zone.TypeAlias, zone.TypeRedirect:
		return true
	}
	return false
}

// attached reports whether a record is made by the host beside others and may
// stand with a CNAME (RFC 4035 section 2.5).
func attached(r zone.Record) bool {
	switch r.Type {
	case "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "CDS", "CDNSKEY":
		return true
	}
	return false
}

// alone is the types that must be absent beside a new CNAME. Where the host's
// own DNSSEC records stand, which may, they cannot be every type.
func alone(here []zone.Record) []string {
	if !slices.ContainsFunc(here, attached) {
		return []string{zone.AnyType}
	}
	return []string{
		"A", "AAAA", zone.TypeAlias, "CAA", "CNAME", "DNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", zone.TypeRedirect,
		"SOA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
	}
}

// address meets all wants of A, AAAA and CNAME at one owner.
func (b *builder) address(ws []want) {
	owner := ws[0].owner
	apex := owner == b.req.Snapshot.Zone
	alias := ws[0].kind == KindCNAME
	if alias && apex && !b.apexAlias(ws) {
		return
	}
	wanted := records(ws)
	here := b.at(owner)
	group := only(here, pointing)
	others := only(here, func(r zone.Record) bool { return !pointing(r) && !attached(r) })
	remove, add := zone.Subtract(group, wanted), zone.Subtract(wanted, group)
	if len(remove)+len(add) == 0 {
		b.result(ws, Present, wanted...)
		b.checkTargets(ws)
		return
	}
	gone, state := remove, Added
	if alias && !apex && len(others) > 0 {
		if _, ok := b.accepts(ws, occupied(owner, others, wanted), "remove", others); !ok {
			return
		}
		remove = slices.Concat(remove, others)
	}
	if len(gone) > 0 {
		c := repointed(owner, gone, add, wanted)
		// What we cannot read we cannot weigh either.
		if apex && !b.ours(gone) || slices.ContainsFunc(gone, func(r zone.Record) bool { return r.Opaque }) {
			c.Default = ""
		}
		var ok bool
		if state, ok = b.accepts(ws, c, "replace", gone); !ok {
			if slices.ContainsFunc(gone, func(r zone.Record) bool { return r.Type == "CNAME" }) {
				b.kept[owner] = b.plan.Conflicts[len(b.plan.Conflicts)-1].Answer != ""
			}
			return
		}
	}
	// A set that is replaced whole takes the TTL asked for; one that keeps a
	// value keeps its own.
	if len(gone) < len(group) {
		add = b.joinTTL(add)
	} else {
		add = uniformTTL(add)
	}
	b.change(owner, remove, add, "points the name at the service", absentBeside(ws[0].kind, apex, here)...)
	b.result(ws, state, merge(add, wanted)...)
	b.checkTargets(ws)
}

// apexAlias gives an alias at the apex the form that its host has for it, and
// reports whether there is one.
func (b *builder) apexAlias(ws []want) bool {
	if b.req.Caps.ApexAlias == "" {
		owner := ws[0].owner
		_, given := b.choose(Conflict{
			Code: ApexCNAME, Owner: owner, Wanted: records(ws),
			Options: []Option{{"skip", "leave the apex as it is, and point another host, such as www, at the target"}},
			Text:    fmt.Sprintf("%s is the apex of its zone, where DNS allows no CNAME, and this DNS host offers no alias there.", owner.FQDN()),
		})
		b.result(ws, outcome(given, Skipped))
		return false
	}
	for i := range ws {
		ws[i].rec.Type = b.req.Caps.ApexAlias
	}
	return true
}

// absentBeside is the types that must be absent beside what an owner will point
// at.
func absentBeside(kind Kind, apex bool, here []zone.Record) []string {
	switch {
	case kind != KindCNAME:
		return []string{"CNAME", zone.TypeAlias}
	case apex: // its host has a way
		return nil
	}
	return alone(here)
}

func occupied(owner zone.Name, others, wanted []zone.Record) Conflict {
	return Conflict{
		Code: CNAMEOccupied, Owner: owner, Existing: others, Wanted: wanted,
		Options: []Option{
			{"remove", "remove the records named here: " + list(others)},
			{"skip", "leave this name as it is, and use another host name for the service"},
		},
		Text: fmt.Sprintf("%s shall become an alias, and a CNAME cannot stand beside the other records of its name: %s.", owner.FQDN(), list(others)),
	}
}

func repointed(owner zone.Name, gone, add, wanted []zone.Record) Conflict {
	return Conflict{
		Code: AddressGroup, Owner: owner, Existing: gone, Wanted: add, Default: "replace",
		Options: []Option{
			{"replace", "point the name at the service: " + list(wanted)},
			{"keep", "leave the name as it is: " + list(gone)},
		},
		Text: fmt.Sprintf("%s points somewhere else now (%s); it will point at %s instead.", owner.FQDN(), list(gone), list(wanted)),
	}
}

// uniformTTL gives the records of each RRset the lowest of their TTLs.
func uniformTTL(recs []zone.Record) []zone.Record {
	out := slices.Clone(recs)
	for i := range out {
		for _, o := range recs {
			if o.Type == out[i].Type {
				out[i].TTL = min(out[i].TTL, o.TTL)
			}
		}
	}
	return out
}

// merge is wanted, each as it is in written where it is written.
func merge(written, wanted []zone.Record) []zone.Record {
	return append(slices.Clone(written), zone.Subtract(wanted, written)...)
}

// checkTargets warns of targets that do not resolve. The records are right all
// the same: a target often comes to life later.
func (b *builder) checkTargets(ws []want) {
	for _, w := range ws {
		target, ok := w.rec.Target()
		if !ok || target == zone.Root {
			continue
		}
		f, known := b.know(target, "A")
		// An alias at a service name, such as a DKIM selector, stands for
		// texts: that its target exists is all that can be asked.
		service := strings.Contains("."+string(w.owner), "._")
		if known && f.Status == NoData && service {
			continue
		}
		if known && f.Status == NoData {
			f, known = b.know(target, "AAAA")
		}
		if !known || f.Status == Found {
			continue
		}
		why := "has no address"
		if f.Status == NXDomain {
			why = "does not exist"
		} else if f.Status == Failed {
			why = "could not be looked up"
		}
		b.warn("target-unresolved", w.owner, "%s %s: the target %s %s in DNS now", w.owner.FQDN(), w.rec.Type, target.FQDN(), why)
	}
}
