package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// underCNAME asks what to do about a CNAME at the owner of a want that needs
// other records there. It reports whether the owner is free now.
func (b *builder) underCNAME(ws []want) bool {
	owner := ws[0].owner
	alias := b.set(owner, "CNAME")
	if len(alias) == 0 || (owner == b.req.Snapshot.Zone && b.req.Caps.ApexAlias == "CNAME") {
		return true
	}
	wanted := records(ws)
	_, ok := b.accepts(ws, Conflict{
		Code: UnderCNAME, Owner: owner, Existing: alias, Wanted: wanted,
		Options: []Option{
			{"replace", "remove the alias: " + list(alias)},
			{"skip", "leave the alias and do without this record"},
		},
		Text: fmt.Sprintf("%s is an alias (%s), and nothing can stand beside a CNAME; wanted here: %s.", owner.FQDN(), list(alias), list(wanted)),
	}, "replace", alias)
	if ok {
		b.change(owner, alias, nil, "makes room for records that cannot stand beside an alias")
	}
	return ok
}

// mx meets all wants of MX at one owner: they are the set.
func (b *builder) mx(ws []want) {
	if !b.underCNAME(ws) {
		return
	}
	owner, wanted := ws[0].owner, records(ws)
	have := b.set(owner, "MX")
	remove, add := zone.Subtract(have, wanted), zone.Subtract(wanted, have)
	switch {
	case len(remove)+len(add) == 0:
		b.result(ws, Present, wanted...)
		return
	case len(have) == 0:
		add = uniformTTL(add)
		b.change(owner, nil, add, "lets mail reach the service", "CNAME")
		b.result(ws, Added, add...)
		b.checkTargets(ws)
		return
	}
	null := slices.ContainsFunc(slices.Concat(have, wanted), func(r zone.Record) bool { return strings.HasSuffix(r.Data, " .") })
	options := []Option{{"replace", "send the domain's mail to " + list(wanted) + " only"}}
	if !null && len(add) > 0 {
		options = append(options, Option{"append", "add " + list(add) + " and keep the servers that are there"})
	}
	options = append(options, Option{"keep", "leave the domain's mail as it is"})
	option, given := b.choose(Conflict{
		Code: MXSet, Owner: owner, Existing: have, Wanted: wanted, Options: options,
		Text: fmt.Sprintf("Mail for %s goes to %s now; the service wants it to go to %s.", owner.FQDN(), list(have), list(wanted)),
	})
	switch option {
	case "replace":
		if len(zone.Subtract(have, remove)) > 0 {
			add = b.joinTTL(add)
		} else {
			add = uniformTTL(add)
		}
	case "append":
		remove, add = nil, b.joinTTL(add)
	default:
		b.result(ws, outcome(given, Skipped))
		return
	}
	if b.decided() {
		b.excused = append(b.excused, remove...)
	}
	b.change(owner, remove, add, "lets mail reach the service", "CNAME")
	b.result(ws, outcome(given, Added), merge(add, wanted)...)
	b.checkTargets(ws)
}
