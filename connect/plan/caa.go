package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// caaData is the parts of a CAA record (RFC 8659 section 4.1).
type caaData struct{ flags, tag, value string }

func parseCAA(r zone.Record) caaData {
	f := strings.SplitN(r.Data, " ", 3)
	if len(f) < 3 {
		return caaData{}
	}
	value := f[2]
	if strs, err := zone.ParseStrings(value); err == nil {
		value = strings.Join(strs, "")
	}
	return caaData{f[0], f[1], strings.TrimSpace(value)}
}

// caa meets the wants of one CAA record: the authority is allowed where something
// restricts, and nothing is written where nothing does, since a first CAA
// record locks out every other authority (RFC 8659 section 3).
func (b *builder) caa(ws []want) {
	w := ws[0]
	want := parseCAA(w.rec)
	if b.aliasCAA(ws, want) {
		return
	}
	holder, set, known := b.effectiveCAA(w.owner)
	if !known {
		b.result(ws, Undecided)
		return
	}
	inZone := holder.Within(b.req.Snapshot.Zone)
	if want.tag != "issue" && want.tag != "issuewild" {
		if !inZone && len(set) > 0 { // a set of the owner's own would switch the one above off
			b.copyCAA(ws, w, holder, set, nil)
			return
		}
		if len(set) == 0 {
			holder = w.owner
		}
		b.joinCAA(ws, w, holder, set, nil)
		return
	}
	restricted := restricts(set, want.tag)
	for _, r := range restricted {
		if strings.EqualFold(parseCAA(r).value, want.value) {
			b.result(ws, Present, r)
			return
		}
	}
	if len(restricted) == 0 {
		if !b.decidedTo(CAAFirst, w.owner, "write") {
			b.result(ws, Satisfied)
			for _, x := range ws {
				b.plan.Results[x.index].Text = "no CAA record restricts which authority may issue, so nothing is written"
			}
			advice := ""
			if b.req.Caps.Stores("CAA") {
				advice = fmt.Sprintf(" (decide %s=write to write it)", CAAFirst)
			}
			b.warn(string(CAAFirst), w.owner, "%s: no CAA record restricts issuing, so %s may issue already; a first record would lock out every other authority%s", w.owner.FQDN(), want.value, advice)
			return
		}
		if !inZone || len(set) == 0 {
			holder, set = w.owner, nil
		}
	}
	// An issuewild record switches issue off for wildcards, so the first one
	// must repeat those it would lock out.
	var repeat []zone.Record
	if want.tag == "issuewild" {
		for _, r := range restricted {
			if d := parseCAA(r); !r.Opaque && d.tag == "issue" && strings.Trim(d.value, "; ") != "" {
				c := r
				c.Data = fmt.Sprintf("%s issuewild %s", d.flags, zone.QuoteStrings(d.value))
				repeat = append(repeat, c)
			}
		}
	}
	if !inZone && len(set) > 0 {
		b.copyCAA(ws, w, holder, set, repeat)
		return
	}
	b.joinCAA(ws, w, holder, set, repeat)
}

// aliasCAA meets the wants of a name that is an alias where its target has a CAA
// set: that is the name's own then, and its target's to change (RFC 8659
// section 3).
func (b *builder) aliasCAA(ws []want, want caaData) (done bool) {
	w := ws[0]
	alias := b.all(w.owner, "CNAME")
	if len(alias) != 1 || w.owner == b.req.Snapshot.Zone {
		return false
	}
	target, ok := alias[0].Target()
	if !ok {
		return false
	}
	f, known := b.know(target, "CAA")
	if !known {
		b.result(ws, Undecided)
		return true
	}
	if f.Status != Found || len(f.Records) == 0 {
		return false
	}
	text := w.owner.FQDN() + " is an alias of " + target.FQDN() + ", whose CAA set counts and allows this"
	state := Satisfied
	restricted := restricts(f.Records, want.tag)
	allows := func(r zone.Record) bool { return strings.EqualFold(parseCAA(r).value, want.value) }
	if len(restricted) > 0 && !slices.ContainsFunc(restricted, allows) {
		state = Skipped
		text = w.owner.FQDN() + " is an alias of " + target.FQDN() + ", whose CAA set counts and does not allow " + want.value + ": only there can that be changed"
		b.warn("caa-alias", w.owner, "%s", text)
	}
	b.result(ws, state)
	for _, x := range ws {
		b.plan.Results[x.index].Text = text
	}
	return true
}

// effectiveCAA is the CAA set that counts for owner and the name that holds
// it: the closest one at owner or above (RFC 8659 section 3), above the zone as DNS
// answers. An alias has none of its own.
func (b *builder) effectiveCAA(owner zone.Name) (zone.Name, []zone.Record, bool) {
	for n := owner; n != zone.Root; n = n.Parent() {
		if b.facts[Question{n, "CAA"}].Status == Failed { // authorities refuse then (RFC 8659 section 3)
			b.warn("caa-unknown", owner, "whether a CAA record at %s restricts %s could not be looked up", n.FQDN(), owner.FQDN())
		}
		if n.Within(b.req.Snapshot.Zone) {
			if set := b.all(n, "CAA"); len(set) > 0 {
				return n, set, true
			}
			// What a wildcard answers for a name counts as its own.
			if star, ok := b.wildcard(n); ok {
				if set := b.all(star, "CAA"); len(set) > 0 {
					return star, set, true
				}
			}
			continue
		}
		f, ok := b.know(n, "CAA")
		if !ok {
			return "", nil, false
		}
		if f.Status == Found && len(f.Records) > 0 {
			return n, f.Records, true
		}
	}
	return owner, nil, true
}

// restricts is the records of a set that limit who may issue: for wildcards
// those of issuewild, or of issue where there are none.
func restricts(set []zone.Record, tag string) []zone.Record {
	var issue, wild []zone.Record
	for _, r := range set {
		switch parseCAA(r).tag {
		case "issue":
			issue = append(issue, r)
		case "issuewild":
			wild = append(wild, r)
		}
	}
	if tag == "issuewild" && len(wild) > 0 {
		return wild
	}
	return issue
}

// joinCAA adds the record to the set at holder.
func (b *builder) joinCAA(ws []want, w want, holder zone.Name, set, repeat []zone.Record) {
	rec := w.rec
	rec.Name = holder
	for _, r := range set {
		if r.SameData(rec) {
			b.result(ws, Present, r)
			return
		}
	}
	if why := b.refuses(rec); why != "" {
		b.unsupported(ws, why)
		return
	}
	var alias []zone.Record
	state := Added
	if holder == w.owner {
		var ok bool
		if alias, state, ok = b.underCNAME(ws); !ok {
			return
		}
	}
	add := b.joinTTL(append(repeat, rec))
	b.beside(alias, holder, nil, add, "allows the service's certification authority")
	b.result(ws, state, add[len(add)-1])
}

// copyCAA asks for a set of the owner's own, since the one that restricts it
// is in somebody else's zone.
func (b *builder) copyCAA(ws []want, w want, holder zone.Name, set, repeat []zone.Record) {
	if !b.stores(ws) {
		return
	}
	rec := w.rec
	add := []zone.Record{rec}
	for _, r := range slices.Concat(set, repeat) {
		if r.Name, r.TTL, r.Meta = w.owner, rec.TTL, ""; !zone.Contains(add, r) {
			add = append(add, r)
		}
	}
	for _, r := range add {
		if why := b.refuses(r); why != "" {
			b.unsupported(ws, why)
			return
		}
	}
	state, ok := b.accepts(ws, Conflict{
		Code: CAAAbove, Owner: w.owner, Existing: set, Wanted: add,
		Options: []Option{
			{"copy", "give this name a CAA set of its own: what the set above says, and the service's authority"},
			{"skip", "leave it; the authority may refuse to issue"},
		},
		Text: fmt.Sprintf("The CAA set at %s restricts %s and lies outside this zone.", holder.FQDN(), w.owner.FQDN()),
	}, "copy", nil)
	if !ok {
		return
	}
	alias, _, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	b.beside(alias, w.owner, nil, add, "allows the service's certification authority")
	b.result(ws, state, add[0])
}

// decidedTo reports whether a decision names this option, for a question that
// is not put as a conflict.
func (b *builder) decidedTo(code Code, owner zone.Name, option string) bool {
	for _, by := range []zone.Name{owner, ""} {
		for _, d := range b.req.Decisions {
			if d.Code == code && d.Owner == by {
				return d.Option == option
			}
		}
	}
	return false
}
