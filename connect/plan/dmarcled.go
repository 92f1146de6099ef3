package plan

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// ledDMARC is the DMARC record that receivers find at the owner of wants
// although it does not stand there: an alias leads to it, or a wildcard answers
// it. It is given as a record of the owner; there is one or none. Where DNS does
// not tell what an alias leads to, going on is for a person to decide; ok is
// false where the wants wait for that, or for an answer.
func (b *builder) ledDMARC(ws []want) (led []zone.Record, ok bool) {
	owner := ws[0].owner
	answers := b.all(owner, "CNAME")
	if len(answers) == 0 {
		answers = b.inherited(owner, func(r zone.Record) bool { return r.Type == "TXT" || r.Type == "CNAME" })
	}
	led, status := b.answersDMARC(owner, answers)
	switch status {
	case "":
		b.result(ws, Undecided)
		return nil, false
	case Failed:
		_, ok := b.accepts(ws, Conflict{
			Code: DMARCInvalid, Owner: owner, Existing: answers, Wanted: records(ws),
			Options: []Option{
				{"replace", "publish the service's record, whatever policy that takes away"},
				{"skip", "leave DMARC as it is"},
			},
			Text: fmt.Sprintf("%s is an alias (%s), and DNS does not say which DMARC policy it leads to.", owner.FQDN(), list(answers)),
		}, "replace", nil)
		return nil, ok
	default:
		return led, true
	}
}

// answersDMARC is the DMARC record in what a name answers, with aliases
// followed, if receivers go by it: it is alone and has an effect. status is
// Failed where DNS does not say, and "" where it was not asked yet.
func (b *builder) answersDMARC(owner zone.Name, answers []zone.Record) (led []zone.Record, status FactStatus) {
	if i := slices.IndexFunc(answers, func(r zone.Record) bool { return r.Type == "CNAME" }); i >= 0 {
		target, ok := answers[i].Target()
		if !ok {
			return nil, NoData
		}
		f, known := b.know(target, "TXT")
		switch {
		case !known:
			return nil, ""
		case f.Status == Failed:
			return nil, Failed
		}
		answers = f.Records
	}
	led = only(answers, func(r zone.Record) bool { return dmarc.IsRecord(r.Text()) })
	if len(led) != 1 {
		return nil, NoData
	}
	if r, err := dmarc.Parse(led[0].Text()); err != nil || !r.Effective {
		return nil, NoData
	}
	led[0].Name = owner
	return led, Found
}

// hidesDMARC reports whether a record at owner hides a policy that a wildcard
// above answers elsewhere. One that we wrote there may have been made from it,
// so that it is not ours alone.
func (b *builder) hidesDMARC(owner zone.Name) bool {
	for p := owner.Parent(); p.Within(b.req.Snapshot.Zone); p = p.Parent() {
		star := b.req.Snapshot.At(wildcardBelow(p))
		answers := only(star, func(r zone.Record) bool { return r.Type == "TXT" || r.Type == "CNAME" })
		if _, status := b.answersDMARC(owner, answers); status == Found || status == Failed {
			return true
		}
	}
	return false
}

// aliasDecided reports whether somebody decided what becomes of the alias at a
// name.
func (b *builder) aliasDecided(owner zone.Name) bool {
	return len(b.all(owner, "CNAME")) > 0 && slices.ContainsFunc(b.req.Decisions, func(d Decision) bool {
		return d.Code == UnderCNAME && (d.Owner == "" || d.Owner == owner)
	})
}

// heldDMARC notes that receivers find what is wanted, from elsewhere.
func (b *builder) heldDMARC(ws []want, led []zone.Record) {
	b.result(ws, Satisfied, led...)
	b.relies(ws, led[0].Text(), "DMARC")
	for _, w := range ws {
		b.plan.Results[w.index].Text = w.owner.FQDN() + " answers it already, by an alias or a wildcard"
	}
}

// describeDMARC says where the record that receivers go by at a name is from.
func (b *builder) describeDMARC(owner zone.Name, have zone.Record) string {
	what := "a DMARC policy"
	if r, err := dmarc.Parse(have.Text()); err == nil && !r.Effective {
		what = "a DMARC record (without effect: it has neither a policy nor a report address)"
	}
	alias := b.all(owner, "CNAME")
	switch {
	case zone.Contains(b.all(owner, "TXT"), have): // some hosts let it stand beside an alias
		return owner.FQDN() + " has " + what + " of its own"
	case len(alias) > 0:
		return owner.FQDN() + " is an alias (" + list(alias) + ") that leads to " + what
	default:
		return "a wildcard answers " + what + " at " + owner.FQDN()
	}
}

// rootDMARC is what stands at the _dmarc name of the domain, if the edit
// inherits from there. ok is false where the wants wait for an answer.
func (b *builder) rootDMARC(ws []want, e dmarc.Edit) (root Fact, ok bool) {
	if name := "_dmarc." + b.req.Domain; e.InheritRoot && ws[0].owner != name {
		if root, ok = b.know(name, "TXT"); !ok {
			b.result(ws, Undecided)
			return root, false
		}
	}
	return root, true
}

// inheritable asks whether to go on where nothing is there to start from and
// DNS does not say what to inherit: the service's own policy may be weaker.
func (b *builder) inheritable(ws []want, root Fact, existing []string) bool {
	if root.Status != Failed || slices.ContainsFunc(existing, readsDMARC) {
		return true
	}
	owner := ws[0].owner
	_, ok := b.accepts(ws, Conflict{
		Code: DMARCInvalid, Owner: owner, Wanted: records(ws),
		Options: []Option{
			{"replace", "publish the service's own policy instead"},
			{"skip", "do without a DMARC record here"},
		},
		Text: fmt.Sprintf("DNS does not say which DMARC policy %s has, and %s shall inherit it.", root.Name.FQDN(), owner.FQDN()),
	}, "replace", nil)
	return ok
}

// aboveDMARC is the domain's record, as it stands, with the policy that it has
// for names below as its own. A record of theirs takes its place.
func (b *builder) aboveDMARC(owner zone.Name) (r dmarc.Record, ok bool) {
	root := "_dmarc." + b.req.Domain
	if owner == root {
		return r, false
	}
	r, ok = b.findDMARC(root, b.req.Snapshot.At, b.req.Snapshot.Wildcard)
	return forNamesBelow(r), ok
}

// forNamesBelow is a domain's record with the policy that it has for names
// below as its own.
func forNamesBelow(r dmarc.Record) dmarc.Record {
	r.P = r.SP
	return r
}

// findDMARC is the DMARC record that receivers go by at a name, in the zone that
// at and wildcard are of: as it is, or as it will be.
func (b *builder) findDMARC(owner zone.Name, at func(zone.Name) []zone.Record, wildcard func(zone.Name) (zone.Name, bool)) (r dmarc.Record, ok bool) {
	from := owner
	if star, ok := wildcard(owner); ok {
		from = star
	}
	return b.heededDMARC(owner, only(at(from), func(r zone.Record) bool { return r.Type == "TXT" || r.Type == "CNAME" }))
}

// heededDMARC is what answersDMARC finds, parsed.
func (b *builder) heededDMARC(owner zone.Name, answers []zone.Record) (r dmarc.Record, ok bool) {
	led, _ := b.answersDMARC(owner, answers)
	if len(led) == 0 {
		return r, false
	}
	r, err := dmarc.Parse(led[0].Text())
	return r, err == nil
}

// shadowDMARC says that a new name loses the DMARC policy that a wildcard
// answered below it, where receivers ask for it: then they go by the domain's.
func (b *builder) shadowDMARC(n, star zone.Name) {
	owner := "_dmarc." + n
	was, ok := b.heededDMARC(owner, b.req.Snapshot.Set(star, "TXT"))
	if !ok || serviceName(n) || n.Label() == "*" {
		return
	}
	if _, ok := b.findDMARC(owner, b.at, b.wildcard); ok {
		return
	}
	top := b.req.Domain
	if n == top {
		top = b.req.Snapshot.Zone
	}
	f, known := b.know("_dmarc."+top, "TXT")
	if !known || f.Status == Failed {
		return
	}
	is := dmarc.None
	if above, ok := b.heededDMARC(f.Name, f.Records); ok {
		is = forNamesBelow(above).InForce()
	}
	if was.InForce() != is {
		b.warn("dmarc-policy", n, "the DMARC policy for %s becomes %v; it was %v, which the wildcard %s answered at %s", n.FQDN(), is, was.InForce(), star.FQDN(), owner.FQDN())
	}
}
