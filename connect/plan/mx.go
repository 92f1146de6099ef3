package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// underCNAME asks what to do about a CNAME at the owner of wants that need
// other records there. It reports whether they may go on, and returns the alias
// that must then go with their change: not before, or a want that is given up
// later would have taken it for nothing.
func (b *builder) underCNAME(ws []want) (alias []zone.Record, state State, ok bool) {
	owner := ws[0].owner
	alias = b.all(owner, "CNAME")
	if len(alias) == 0 || (owner == b.req.Snapshot.Zone && b.req.Caps.ApexAlias == "CNAME") {
		return nil, Added, true
	}
	if given, here := b.kept[owner]; here { // one decision on one alias
		b.result(ws, outcome(given, Skipped))
		return nil, Undecided, false
	}
	wanted := records(ws)
	state, ok = b.accepts(ws, Conflict{
		Code: UnderCNAME, Owner: owner, Existing: alias, Wanted: wanted,
		Options: []Option{
			{"replace", "remove the alias: " + list(alias)},
			{"skip", "leave the alias and do without this record"},
		},
		Text: fmt.Sprintf("%s is an alias (%s), and nothing can stand beside a CNAME; wanted here: %s.", owner.FQDN(), list(alias), list(wanted)),
	}, "replace", alias)
	return alias, state, ok
}

// beside is change for records that cannot stand beside the alias which goes
// with them.
func (b *builder) beside(alias []zone.Record, owner zone.Name, remove, add []zone.Record, why string) {
	b.change(owner, alias, nil, "makes room for records that cannot stand beside an alias")
	b.change(owner, remove, add, why, "CNAME")
}

// mx meets all wants of MX at one owner: they are the set.
func (b *builder) mx(ws []want) {
	owner, wanted := ws[0].owner, records(ws)
	have := b.all(owner, "MX")
	remove, add := zone.Subtract(have, wanted), zone.Subtract(wanted, have)
	if len(remove)+len(add) == 0 {
		b.result(ws, Present, wanted...)
		return
	}
	alias, _, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	if len(have) == 0 {
		add = uniformTTL(add)
		b.beside(alias, owner, nil, add, "lets mail reach the service")
		b.result(ws, Added, add...)
		b.checkTargets(ws)
		return
	}
	null := slices.ContainsFunc(slices.Concat(have, wanted), func(r zone.Record) bool { return strings.HasSuffix(r.Data, " .") })
	options := []Option{{"replace", "send the domain's mail to " + list(wanted) + " only"}}
	if !null { // also where nothing is left to add: the decision was right the first time
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
		if len(add) == 0 {
			b.result(ws, outcome(given, Present), wanted...)
			return
		}
	default:
		b.result(ws, outcome(given, Skipped))
		return
	}
	if b.decided() {
		b.excused = append(b.excused, remove...)
	}
	b.beside(alias, owner, remove, add, "lets mail reach the service")
	b.result(ws, outcome(given, Added), merge(add, wanted)...)
	b.checkTargets(ws)
}
