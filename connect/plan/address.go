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

func address(r zone.Record) bool { return r.Type == "A" || r.Type == "AAAA" }

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
		return anyType[:]
	}
	return []string{
		"A", "AAAA", zone.TypeAlias, "CAA", "CNAME", "DNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", zone.TypeRedirect,
		"SOA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
	}
}

var (
	anyType = [...]string{zone.AnyType}
	aliases = [...]string{zone.TypeAlias, "CNAME"}
)

// address meets all wants of A, AAAA, CNAME and redirect at one owner.
func (b *builder) address(ws []want) {
	owner := ws[0].owner
	apex := owner == b.req.Snapshot.Zone
	ws, ok := b.pointable(ws, apex)
	if !ok {
		return
	}
	wanted := records(ws)
	here := b.at(owner)
	group := those(here, pointing)
	remove, add := minus(group, wanted), minus(wanted, group)
	if len(remove)+len(add) == 0 {
		b.result(ws, Present, group...)
		b.checkTargets(ws)
		return
	}
	gone, state := remove, Added
	others := only(here, func(r zone.Record) bool { return !pointing(r) && !attached(r) })
	if ws[0].rec.Type == "CNAME" && !apex && len(others) > 0 {
		if _, ok := b.accepts(ws, occupied(owner, others, wanted), "remove", others); !ok {
			return
		}
		remove = slices.Concat(remove, others)
	}
	if was := b.inherited(owner, pointing); len(zone.Subtract(was, wanted)) > 0 && len(b.named(owner)) > 0 {
		if _, state, ok = b.repoint(ws, was, add, wanted); !ok {
			return
		}
	}
	if len(gone) > 0 && !b.ours(gone) {
		var left []zone.Record
		if left, state, ok = b.repoint(ws, gone, add, wanted); !ok {
			return
		}
		remove = minus(remove, left)
	}
	if len(remove)+len(add) == 0 { // only the other family stood in the way, and it stays
		b.result(ws, state, merge(wanted, nil, group)...)
		return
	}
	// A set that is replaced whole takes the TTL asked for; one that keeps a
	// value keeps its own.
	stays := func(r zone.Record) bool {
		return slices.ContainsFunc(group, func(o zone.Record) bool { return o.Type == r.Type && !zone.Contains(remove, o) })
	}
	if slices.ContainsFunc(add, stays) {
		add = slices.Concat(b.joinTTL(only(add, stays)), uniformTTL(only(add, func(r zone.Record) bool { return !stays(r) })))
	} else {
		add = uniformTTL(add)
	}
	b.change(owner, remove, add, "points the name at the service", absentBeside(ws[0].rec.Type, apex, here)...)
	b.result(ws, state, merge(wanted, add, group)...)
	b.checkTargets(ws)
}

// repoint asks whether what a name points at goes. left is what stays of it all
// the same.
func (b *builder) repoint(ws []want, gone, add, wanted []zone.Record) (left []zone.Record, state State, ok bool) {
	owner := ws[0].owner
	replace, keep, text := repointed(owner, gone, wanted)
	c := Conflict{
		Code: AddressGroup, Owner: owner, Existing: gone, Wanted: add, Default: "replace",
		Options: []Option{{"replace", replace}, {"keep", keep}}, Text: text,
	}
	if by := b.named(owner); len(by) > 0 { // mail and the zone itself never move by default
		c.Default = ""
		c.Params = map[string]string{"named_by": listOwners(by)}
		c.Text += " Other records name this host, and what they are for moves with it or breaks: " + listOwners(by) + "."
	}
	b.checkSenders(owner)
	family := otherFamily(gone, wanted)
	if len(family) > 0 {
		c.Options = append(c.Options, Option{"family", "leave " + list(family) + " too, which then serves some visitors from elsewhere"})
	}
	// What we cannot read we cannot weigh either.
	if owner == b.req.Snapshot.Zone || slices.ContainsFunc(gone, func(r zone.Record) bool { return r.Opaque }) {
		c.Default = ""
	}
	taken, given := b.choose(c, ws...)
	switch {
	case taken == "family":
		left = family
	case taken != "replace":
		b.result(ws, outcome(given, Skipped))
		if slices.ContainsFunc(gone, func(r zone.Record) bool { return r.Type == "CNAME" }) {
			b.kept[owner] = given
		}
		return nil, Undecided, false
	}
	if b.decided() {
		b.excused.add(zone.Subtract(gone, left))
	}
	return left, outcome(given, Added), true
}

// repointed is the sentences of that conflict, made in one go: there may be
// thousands of them.
func repointed(owner zone.Name, gone, wanted []zone.Record) (replace, keep, text string) {
	var b strings.Builder
	b.Grow(192)
	b.WriteString("point the name at the service: ")
	writeList(&b, wanted)
	first := b.Len()
	b.WriteString("leave the name as it is: ")
	writeList(&b, gone)
	second := b.Len()
	b.WriteString(string(owner))
	b.WriteString(". points somewhere else now (")
	writeList(&b, gone)
	b.WriteString("); it will point at ")
	writeList(&b, wanted)
	b.WriteString(" instead.")
	all := b.String()
	return all[:first], all[first:second], all[second:]
}

// those is only, but recs itself where it is all of them: for what is only read.
func those(recs []zone.Record, is func(zone.Record) bool) []zone.Record {
	if !slices.ContainsFunc(recs, func(r zone.Record) bool { return !is(r) }) {
		return recs
	}
	return only(recs, is)
}

// minus is Subtract in the manner of those.
func minus(a, b []zone.Record) []zone.Record {
	return those(a, func(r zone.Record) bool { return !zone.Contains(b, r) })
}

// otherFamily is the addresses of gone that can stand beside wanted: those of
// the family that wanted has none of.
func otherFamily(gone, wanted []zone.Record) []zone.Record {
	is := func(typ string) func(zone.Record) bool { return func(r zone.Record) bool { return r.Type == typ } }
	v4, v6 := slices.ContainsFunc(wanted, is("A")), slices.ContainsFunc(wanted, is("AAAA"))
	if v4 == v6 || slices.ContainsFunc(gone, func(r zone.Record) bool { return !address(r) }) {
		return nil
	}
	if v4 {
		return only(gone, is("AAAA"))
	}
	return only(gone, is("A"))
}

// pointable gives an alias at the apex, and a redirect, the form that the host
// has for it: its own, or else the fallback addresses. ok is false where there
// is none.
func (b *builder) pointable(ws []want, apex bool) ([]want, bool) {
	caps := b.req.Caps
	switch kind := ws[0].kind; {
	case kind == KindCNAME && apex && caps.ApexAlias != "":
		ws = slices.Clone(ws)
		for i := range ws {
			ws[i].rec.Type = caps.ApexAlias
		}
		return ws, b.stores(ws)
	case kind == KindRedirect && caps.Redirects:
		return ws, b.stores(ws)
	case kind == KindCNAME && apex, kind == KindRedirect:
	default:
		return ws, true
	}
	if addrs, _ := ws[0].addresses(); len(addrs) > 0 { // read once already
		for _, w := range ws {
			b.plan.Results[w.index].UsedFallback = true
		}
		var out []want
		for _, a := range addrs {
			for _, w := range ws {
				w.rec = a
				out = append(out, w)
			}
		}
		for i := range out {
			if !b.stores(out[i : i+1]) {
				return nil, false
			}
		}
		return out, true
	}
	if ws[0].kind == KindRedirect {
		b.byHand(ws)
	} else {
		b.apexCNAME(ws)
	}
	return nil, false
}

func (b *builder) apexCNAME(ws []want) {
	owner := ws[0].owner
	_, given := b.choose(Conflict{
		Code: ApexCNAME, Owner: owner, Wanted: records(ws),
		Options: []Option{{"skip", "leave the apex as it is, and point another host, such as www, at the target"}},
		Text:    fmt.Sprintf("%s is the apex of its zone, where DNS allows no CNAME, and this DNS host offers no alias there.", owner.FQDN()),
	}, ws...)
	b.result(ws, outcome(given, Skipped))
}

// byHand leaves a redirect to a person: DNS has no record for it.
func (b *builder) byHand(ws []want) {
	w := ws[0]
	b.result(ws, ByHand, w.rec)
	text := fmt.Sprintf("this DNS host serves no redirects that could be set from here: set up forwarding from %s to %s at the domain's registrar or DNS host",
		strings.TrimSuffix(w.owner.FQDN(), "."), strings.TrimPrefix(w.rec.Data, redirectStatus))
	for _, x := range ws {
		b.plan.Results[x.index].Text = text
	}
	b.warn("redirect-by-hand", w.owner, "%s: %s", w.owner.FQDN(), text)
}

// absentBeside is the types that must be absent beside what an owner will point
// at.
func absentBeside(typ string, apex bool, here []zone.Record) []string {
	switch {
	case typ == "A" || typ == "AAAA" || typ == zone.TypeRedirect:
		return aliases[:]
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

// merge is wanted, each as it is written or else as it stands there.
func merge(wanted, written, there []zone.Record) []zone.Record {
	if slices.EqualFunc(wanted, written, zone.Record.SameData) {
		return written
	}
	out := make([]zone.Record, len(wanted))
	for i, r := range wanted {
		out[i] = r
		for _, as := range [2][]zone.Record{there, written} {
			if j := slices.IndexFunc(as, r.SameData); j >= 0 {
				out[i] = as[j]
			}
		}
	}
	return out
}
