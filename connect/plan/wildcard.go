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
	for owner, p := range b.owners {
		if len(p.add) == 0 {
			continue
		}
		for n := owner; n.Below(b.req.Snapshot.Zone) && !b.req.Snapshot.Exists(n); n = n.Parent() {
			if !slices.Contains(born, n) {
				born = append(born, n)
			}
		}
	}
	slices.SortFunc(born, zone.Compare)
	for _, n := range born {
		star, ok := b.req.Snapshot.Wildcard(n)
		if !ok || n == star {
			continue
		}
		b.shadow(n, star)
	}
}

func (b *builder) shadow(n, star zone.Name) {
	here := b.at(n)
	alone := slices.ContainsFunc(here, func(r zone.Record) bool { return r.Type == "CNAME" || r.Type == "NS" })
	points := slices.ContainsFunc(here, pointing)
	var lost, copies []zone.Record
	for _, r := range b.req.Snapshot.At(star) {
		typed := slices.ContainsFunc(here, func(h zone.Record) bool { return h.Type == r.Type })
		if attached(r) || r.Opaque || typed || points && pointing(r) {
			continue
		}
		lost = append(lost, r)
		if !alone && (r.Type != "CNAME" || len(here) == 0) {
			r.Name = n
			copies = append(copies, r)
		}
	}
	if len(lost) == 0 {
		return
	}
	if len(copies) == 0 {
		b.warn("wildcard-shadow", n, "%s comes into being, so %s no longer answers for it: %s", n.FQDN(), star.FQDN(), list(lost))
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
