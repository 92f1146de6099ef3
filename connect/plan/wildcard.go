package plan

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// shadows looks at every name that the plan brings into being: a wildcard that
// answered for it no longer does (RFC 4592 section 3.3.1). The plan copies
// what the wildcard gave to the new name, as far as it may stand there.
func (b *builder) shadows() {
	var born []zone.Name
	for _, owner := range b.names {
		if len(b.owners[owner].add) == 0 || len(b.stands(owner)) > 0 {
			continue
		}
		for n := owner; n.Below(b.req.Snapshot.Zone) && !b.req.Snapshot.Exists(n); n = n.Parent() {
			// What stands below a cut is glue, and answers nobody.
			if !b.born[n] && !b.cutAbove(n) {
				b.born[n] = true
				born = append(born, n)
			}
		}
	}
	slices.SortFunc(born, zone.Compare)
	for _, n := range born {
		if n.Label() == "*" {
			b.newWildcard(n)
			continue
		}
		star, ok := b.req.Snapshot.Wildcard(n)
		if !ok {
			continue
		}
		b.shadow(n, star)
	}
}

// newWildcard says which names a new wildcard does not reach: those that exist
// (RFC 4592 section 2.2.1).
func (b *builder) newWildcard(star zone.Name) {
	below := b.req.Snapshot.Below(star.Parent())
	if len(b.req.Snapshot.At(star)) > 0 || len(below) == 0 {
		return
	}
	names := 0
	for i, r := range below {
		if i == 0 || below[i-1].Name != r.Name {
			names++
		}
	}
	b.warn("wildcard-new", star, "%s answers for names that do not exist; the %d names that do exist below %s keep their own answers",
		star.FQDN(), names, star.Parent().FQDN())
}

// wildcard is Snapshot.Wildcard for the zone as it will be.
func (b *builder) wildcard(n zone.Name) (star zone.Name, ok bool) {
	exists := func(n zone.Name) bool {
		if b.req.Snapshot.Exists(n) {
			return true
		}
		for owner, p := range b.owners {
			if len(p.add) > 0 && owner.Within(n) {
				return true
			}
		}
		return false
	}
	if exists(n) {
		return "", false
	}
	for p := n.Parent(); p.Within(b.req.Snapshot.Zone); p = p.Parent() {
		if p == b.req.Snapshot.Zone || exists(p) {
			star = "*." + p
			return star, len(b.at(star)) > 0
		}
	}
	return "", false
}

func (b *builder) shadow(n, star zone.Name) {
	here := b.at(n)
	alone := slices.ContainsFunc(here, func(r zone.Record) bool { return r.Type == "CNAME" || r.Type == "NS" })
	points := slices.ContainsFunc(here, pointing)
	var lost, copies []zone.Record
	for _, r := range b.at(star) {
		typed := slices.ContainsFunc(here, func(h zone.Record) bool { return h.Type == r.Type })
		if attached(r) || typed || points && pointing(r) {
			continue
		}
		lost = append(lost, r)
		if !alone && !r.Opaque && r.Type != "NS" && r.Type != "DNAME" && (r.Type != "CNAME" || len(here) == 0) {
			r.Name = n
			copies = append(copies, r)
		}
	}
	if i := slices.IndexFunc(copies, func(r zone.Record) bool { return r.Type == "CNAME" }); i >= 0 {
		copies = copies[i : i+1] // what stood beside it was wrong already
	}
	if len(lost) == 0 {
		return
	}
	service := serviceName(n)
	cut := slices.ContainsFunc(here, func(r zone.Record) bool { return r.Type == "NS" }) // takes the name over as a whole
	if len(copies) == 0 && (service || cut || !slices.ContainsFunc(lost, func(r zone.Record) bool { return pointing(r) || r.Type == "MX" })) {
		b.warn("wildcard-shadow", n, "%s comes into being, so %s no longer answers for it: %s", n.FQDN(), star.FQDN(), list(lost))
		return
	}
	if len(copies) == 0 { // nothing that a default could save
		b.choose(Conflict{
			Code: WildcardShadow, Owner: n, Existing: lost,
			Options: []Option{{"leave", "let the new name answer without it"}},
			Text: fmt.Sprintf("%s comes into being, so the wildcard %s no longer answers for it (%s), and that cannot stand beside what is written there.",
				n.FQDN(), star.FQDN(), list(lost)),
		})
		return
	}
	option, _ := b.choose(Conflict{
		Code: WildcardShadow, Owner: n, Existing: lost, Wanted: copies, Default: "copy",
		Options: []Option{
			{"copy", "give the new name what the wildcard answered for it: " + list(copies)},
			{"leave", "let the new name answer without it"},
		},
		Text: fmt.Sprintf("%s comes into being, so the wildcard %s no longer answers for it (%s).", n.FQDN(), star.FQDN(), list(lost)),
	})
	if option == "copy" {
		b.change(n, nil, copies, "keeps what the wildcard answered for this name")
	}
}
