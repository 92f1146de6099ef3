package plan

import (
	"fmt"
	"slices"

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
	c := Conflict{
		Code: UnderCNAME, Owner: owner, Existing: alias, Wanted: wanted,
		Options: []Option{
			{"replace", "remove the alias: " + list(alias)},
			{"skip", "leave the alias and do without this record"},
		},
		Text: fmt.Sprintf("%s is an alias (%s), and nothing can stand beside a CNAME; wanted here: %s.", owner.FQDN(), list(alias), list(wanted)),
	}
	target, leads := b.leads(ws[0], alias)
	if leads {
		c.Options = append(c.Options, Option{"follow", "write it at " + target.FQDN() + ", where the alias leads"})
		if owner.Label() == "_acme-challenge" { // an alias there is made for this
			c.Default = "follow"
		}
	}
	switch option, given := b.choose(c, ws...); option {
	case "replace":
		if b.decided() {
			b.excused.add(alias)
		}
		return alias, outcome(given, Added), true
	case "follow":
		b.follow(ws, target)
		if !given {
			b.result(ws, Undecided)
		}
	default:
		b.result(ws, outcome(given, Skipped))
	}
	return nil, Undecided, false
}

// leads is the name of this zone that an alias leads to, where texts wanted at
// the alias can be written instead. What else is wanted there needs the alias
// gone.
func (b *builder) leads(w want, alias []zone.Record) (zone.Name, bool) {
	target, ok := alias[0].Target()
	texts := !slices.ContainsFunc(wantsAt(b.wants, w.owner), func(o want) bool { return o.kind != KindTXT && o.kind != KindDKIM })
	hides := func(o want) bool {
		return o.kind == KindCNAME && o.owner == target || o.kind == KindNS && target.Within(o.owner)
	}
	ok = ok && len(alias) == 1 && texts && !slices.ContainsFunc(b.wants, hides) && !ofHost(target) &&
		target.Within(b.req.Snapshot.Zone) && b.over(target) == (cover{}) && len(b.all(target, "CNAME")) == 0
	return target, ok
}

// follow meets wants where an alias leads.
func (b *builder) follow(ws []want, target zone.Name) {
	moved := slices.Clone(ws)
	for i := range moved {
		moved[i].owner, moved[i].rec.Name = target, target
	}
	b.group(moved)
}

// answered reports whether the text that is wanted at an alias is answered
// there already, by the name that the alias leads to. Of a kind of texts that make
// each other void, only one may stand there; nil for none.
func (b *builder) answered(ws []want, is, kind func(text string) bool) bool {
	owner := ws[0].owner
	alias := b.all(owner, "CNAME")
	if len(alias) != 1 || owner == b.req.Snapshot.Zone {
		return false
	}
	target, ok := alias[0].Target()
	if !ok {
		return false
	}
	f, known := b.know(target, "TXT")
	if !known || !slices.ContainsFunc(f.Records, func(r zone.Record) bool { return is(r.Text()) }) {
		return false
	}
	if kind != nil && len(only(f.Records, func(r zone.Record) bool { return kind(r.Text()) })) > 1 {
		return false
	}
	b.result(ws, Satisfied)
	b.leaning = append(b.leaning, ws)
	for _, w := range ws {
		b.plan.Results[w.index].Text = owner.FQDN() + " is an alias of " + target.FQDN() + ", which holds it already"
	}
	return true
}

// unaliased meets wants themselves that an alias answered which makes way for
// others.
func (b *builder) unaliased() {
	for _, ws := range b.leaning {
		if len(b.all(ws[0].owner, "CNAME")) > 0 {
			continue
		}
		for _, w := range ws {
			b.plan.Results[w.index].Text = ""
		}
		b.group(ws)
	}
	b.leaning = nil
}

// beside is change for records that cannot stand beside the alias which goes
// with them.
func (b *builder) beside(alias []zone.Record, owner zone.Name, remove, add []zone.Record, why string) {
	b.change(owner, alias, nil, "makes room for records that cannot stand beside an alias")
	b.change(owner, remove, add, why, "CNAME")
}
