package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// shadows looks at every name that the plan brings into being: a wildcard that
// answered for it no longer does (RFC 4592 section 3.3.1). The plan copies
// what the wildcard gave to the new name, as far as it may stand there.
func (b *builder) shadows() {
	var born []zone.Name
	for _, owner := range b.touched {
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
		}
		if star, ok := b.req.Snapshot.Wildcard(n); ok {
			b.shadow(n, star)
			b.shadowDMARC(n, star)
		}
	}
}

// reliance is wants that a text of a wildcard meets, one of those of which a name
// has one.
type reliance struct {
	ws    []want
	final zone.Record // what is written at their name if the wildcard cannot answer there
	what  string      // kind of record that is
}

// relies notes wants that a text meets, if it is a wildcard that answers it: then
// nothing stands at their name.
func (b *builder) relies(ws []want, text, what string) {
	if len(b.stands(ws[0].owner)) == 0 {
		b.relying = append(b.relying, reliance{ws, b.final(ws, text), what})
	}
}

// standAlone writes what a wildcard answered for wants where a name that comes
// into being keeps it from doing so.
func (b *builder) standAlone() {
	b.relying = slices.DeleteFunc(b.relying, func(r reliance) bool {
		before, _ := b.req.Snapshot.Wildcard(r.final.Name)
		if star, ok := b.wildcard(r.final.Name); ok && star == before {
			return false
		}
		b.change(r.final.Name, nil, []zone.Record{r.final}, "keeps the "+r.what+" record that a wildcard answered", "CNAME")
		b.result(r.ws, Added, r.final)
		for _, w := range r.ws {
			b.plan.Results[w.index].Text = ""
		}
		return true
	})
}

// newWildcard says which names a new wildcard does not reach: those that exist
// (RFC 4592 section 2.2.1).
func (b *builder) newWildcard(star zone.Name) {
	below := b.req.Snapshot.Below(star.Parent())
	if len(b.req.Snapshot.At(star)) > 0 || len(below) == 0 {
		return
	}
	if b.req.Snapshot.Partial { // nobody can count what was not asked for
		b.warn("wildcard-new", star, "%s answers for names that do not exist; those that do exist below %s keep their own answers", star.FQDN(), star.Parent().FQDN())
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
			star = wildcardBelow(p)
			return star, len(b.at(star)) > 0
		}
	}
	return "", false
}

// shadow gives a new name what a wildcard answered for it, or says what it
// loses.
func (b *builder) shadow(n, star zone.Name) {
	here := b.at(n)
	lost, copies := b.shadowed(n, star)
	lostBelow, below := b.below(n, star)
	text := fmt.Sprintf("%s comes into being, so the wildcard %s no longer answers for it", n.FQDN(), star.FQDN())
	switch {
	case len(lost) == 0:
		text = strings.TrimSuffix(text, "it") + "names below it"
	case len(lostBelow) > 0:
		text += " or for names below it: " + list(lost)
	default:
		text += ": " + list(lost)
	}
	cut := slices.ContainsFunc(here, func(r zone.Record) bool { return r.Type == "NS" }) // takes the name over as a whole
	matters := slices.ContainsFunc(lost, func(r zone.Record) bool { return pointing(r) || r.Type == "MX" })
	c := Conflict{Code: WildcardShadow, Owner: n, Existing: lost, Wanted: copies, Text: text + "."}
	switch {
	case len(copies) > 0:
		c.Default = "copy"
		c.Options = []Option{
			{"copy", "give the new name what the wildcard answered for it: " + list(copies)},
			{"leave", "let the new name answer without it"},
		}
	case cut || serviceName(n) || !matters:
		if len(lost)+len(lostBelow) > 0 {
			b.warn(string(WildcardShadow), n, "%s", text)
		}
		return
	default: // nothing that a default could save
		c.Options = []Option{{"leave", "let the new name answer without it"}}
		c.Text = text + ", and that cannot stand beside what is written there."
	}
	if len(below) > 0 {
		own := "give the names below it a wildcard of their own: " + list(below)
		if len(copies) > 0 {
			own = "copy, and " + own
		}
		c.Options = append(c.Options, Option{"below", own})
	}
	option, _ := b.choose(c)
	if option == "copy" || option == "below" {
		b.change(n, nil, copies, "keeps what the wildcard answered for this name")
	}
	if option == "below" {
		b.born["*."+n] = true
		b.change("*."+n, nil, below, "keeps what the wildcard answered for names below")
	}
}

// shadowed is what a new name loses of a wildcard's records, and what of it may
// stand there beside what is written.
func (b *builder) shadowed(n, star zone.Name) (lost, copies []zone.Record) {
	here := b.at(n)
	alone := slices.ContainsFunc(here, func(r zone.Record) bool { return r.Type == "CNAME" || r.Type == "NS" })
	points := slices.ContainsFunc(here, pointing)
	answers := b.at(star)
	var void []zone.Record // of no use, and in the way of the SPF record that is asked for here
	if slices.ContainsFunc(wantsAt(b.wants, n), func(w want) bool { return w.kind == KindSPF }) {
		void = voidSPF(answers)
	}
	for _, r := range answers {
		moved := r
		moved.Name = n
		set := only(here, func(h zone.Record) bool { return h.Type == r.Type })
		// Texts stand beside each other, but for those that there is one of.
		rival := slices.ContainsFunc(set, func(h zone.Record) bool { return rivals(h, moved) })
		joins := r.Type == "TXT" && !serviceName(n) && !rival && !slices.ContainsFunc(set, moved.SameData)
		if r.Type == "TXT" && rival && !slices.ContainsFunc(set, moved.SameData) && !b.inherits[n] {
			lost = append(lost, r)
		}
		if attached(r) || len(set) > 0 && !joins || points && pointing(r) {
			continue
		}
		if len(set) > 0 {
			moved.TTL = set[0].TTL
		}
		lost = append(lost, r)
		if zone.Contains(void, r) {
			b.warn(string(WildcardShadow), n, "receivers heed no SPF record that the wildcard %s answered for %s, which does not get this one: %s", star.FQDN(), n.FQDN(), list([]zone.Record{r}))
			continue
		}
		if !alone && movable(r) && (r.Type != "CNAME" || len(here) == 0) && b.refuses(moved) == "" {
			copies = append(copies, moved)
		}
	}
	return lost, uniformTTL(aliasAlone(copies))
}

// voidSPF is the SPF records of one owner if receivers heed none of them.
func voidSPF(recs []zone.Record) []zone.Record {
	meant := only(recs, looksSPF)
	if len(meant) == 1 {
		if _, err := spf.Parse(meant[0].Text()); err == nil {
			return nil
		}
	}
	return meant
}

// aliasAlone leaves out what stood beside an alias, which was wrong already.
func aliasAlone(recs []zone.Record) []zone.Record {
	if i := slices.IndexFunc(recs, func(r zone.Record) bool { return r.Type == "CNAME" }); i >= 0 {
		return recs[i : i+1]
	}
	return recs
}

// below is what names below a new one lose of a wildcard's records, and what of
// it a wildcard of the new name's own may give back.
func (b *builder) below(n, star zone.Name) (lost, copies []zone.Record) {
	own := "*." + n
	elsewhere := func(r zone.Record) bool { return r.Type == "NS" || r.Type == "DNAME" } // they are another zone's now
	if n.Label() == "*" || len(b.at(own)) > 0 || slices.ContainsFunc(b.at(n), elsewhere) {
		return nil, nil
	}
	lost = only(b.at(star), func(r zone.Record) bool { return !attached(r) })
	for _, r := range only(lost, movable) {
		if r.Name = own; len(own) <= maxNameText && b.refuses(r) == "" {
			copies = append(copies, r)
		}
	}
	return lost, uniformTTL(aliasAlone(copies))
}

// maxNameText is the longest name in text (RFC 1035 section 2.3.4).
const maxNameText = 253

// movable reports whether a copy of a wildcard's record means the same at
// another name.
func movable(r zone.Record) bool {
	return !r.Opaque && !attached(r) && r.Type != "NS" && r.Type != "DNAME"
}
