package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// mx meets all wants of MX at one owner: they are the set.
func (b *builder) mx(ws []want) {
	owner := ws[0].owner
	b.hosts(ws, "lets mail reach the service", func(have, add, wanted []zone.Record) Conflict {
		return Conflict{
			Code: MXSet,
			Text: fmt.Sprintf("Mail for %s goes to %s now; the service wants it to go to %s.", owner.FQDN(), list(have), list(wanted)),
			Options: []Option{
				{"replace", "send the domain's mail to " + list(wanted) + " only"},
				{"append", "add " + list(add) + " and keep the servers that are there"},
				{"keep", "leave the domain's mail as it is"},
			},
		}
	})
}

// srv meets all wants of SRV at one owner: they are the set.
func (b *builder) srv(ws []want) {
	owner := ws[0].owner
	b.hosts(ws, "lets programs find the service", func(have, add, wanted []zone.Record) Conflict {
		return Conflict{
			Code: SRVSet,
			Text: fmt.Sprintf("%s is served by %s now; the service wants %s.", owner.FQDN(), list(have), list(wanted)),
			Options: []Option{
				{"replace", "let programs use " + list(wanted) + " only"},
				{"append", "add " + list(add) + " and keep the hosts that are there"},
				{"keep", "leave the service where it is"},
			},
		}
	})
}

// hosts meets all wants of one type that names hosts with a priority. conflict
// says what stands in the way of wanted.
func (b *builder) hosts(ws []want, why string, conflict func(have, add, wanted []zone.Record) Conflict) {
	owner, wanted := ws[0].owner, records(ws)
	have := b.all(owner, ws[0].rec.Type)
	remove, add := zone.Subtract(have, wanted), zone.Subtract(wanted, have)
	if len(remove)+len(add) == 0 {
		b.result(ws, Present, have...)
		b.checkTargets(ws)
		return
	}
	alias, state, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	// What a wildcard answers is the owner's too.
	answers := have
	inherited := b.inherited(owner, func(r zone.Record) bool { return r.Type == ws[0].rec.Type })
	if len(zone.Subtract(inherited, wanted)) > 0 {
		answers = inherited
	}
	if len(answers) > 0 && !b.ours(have) || len(answers) > len(have) {
		c := conflict(answers, add, wanted)
		c.Owner, c.Existing, c.Wanted = owner, answers, wanted
		if slices.ContainsFunc(slices.Concat(answers, wanted), nowhere) { // stands alone
			c.Options = slices.DeleteFunc(c.Options, func(o Option) bool { return o.ID == "append" })
		}
		option, given := b.choose(c, ws...)
		switch state = outcome(given, Added); option {
		case "replace":
			if b.decided() {
				b.excused.add(remove)
			}
		case "append": // also where nothing is left to add: the decision was right the first time
			if remove, add = nil, slices.Concat(zone.Subtract(inherited, wanted), add); len(add) == 0 {
				b.result(ws, outcome(given, Present), merge(wanted, nil, have)...)
				return
			}
		default:
			b.result(ws, outcome(given, Skipped))
			return
		}
	}
	if len(remove) < len(have) {
		add = b.joinTTL(add)
	} else {
		add = uniformTTL(add)
	}
	b.beside(alias, owner, remove, add, why)
	b.result(ws, state, merge(wanted, add, have)...)
	b.checkTargets(ws)
}

// displaced says which servers of a domain's mail no longer pass its SPF record,
// which let those pass that MX records name, and others are named now.
func (b *builder) displaced() {
	for _, c := range b.plan.Conflicts {
		if c.Code != MXSet || c.Answer != "replace" || !slices.ContainsFunc(b.req.Snapshot.Set(c.Owner, "TXT"), passesMX) {
			continue
		}
		for _, policy := range only(b.set(c.Owner, "TXT"), passesMX) {
			gone := only(c.Existing, func(r zone.Record) bool {
				host, ok := r.Target()
				named := func(o zone.Record) bool { t, _ := o.Target(); return t == host }
				return ok && !nowhere(r) && !slices.ContainsFunc(c.Wanted, named) && !b.passes(policy, host)
			})
			if len(gone) > 0 {
				b.warn("spf-mx", c.Owner, "the SPF record at %s lets the servers pass that its mail goes to (mx), which these are no more; unless another term allows them, they do not pass: %s", c.Owner.FQDN(), list(gone))
			}
		}
	}
}

// passesMX reports whether a text is an SPF record that lets the servers pass
// which the MX records beside it name.
func passesMX(r zone.Record) bool {
	policy, err := spf.Parse(r.Text())
	return err == nil && slices.ContainsFunc(policy.Terms, func(t spf.Term) bool {
		return t.Kind == spf.MX && t.Qualifier == '+' && (t.Domain == "" || strings.EqualFold(t.Domain, string(r.Name)))
	})
}

// passes reports whether an SPF record names a host, or the addresses that the
// zone has for it.
func (b *builder) passes(policy zone.Record, host zone.Name) bool {
	allows := func(term string) bool { return spf.Satisfies(string(policy.Name), policy.Text(), term) }
	if allows("a:" + string(host)) {
		return true
	}
	v4, v6 := b.set(host, "A"), b.set(host, "AAAA")
	return len(v4)+len(v6) > 0 &&
		!slices.ContainsFunc(v4, func(r zone.Record) bool { return !allows("ip4:" + r.Data) }) &&
		!slices.ContainsFunc(v6, func(r zone.Record) bool { return !allows("ip6:" + r.Data) })
}

// inherited is what a wildcard answers for a name that does not exist, as
// records of that name.
func (b *builder) inherited(owner zone.Name, is func(zone.Record) bool) []zone.Record {
	if len(b.stands(owner)) > 0 {
		return nil
	}
	star, ok := b.req.Snapshot.Wildcard(owner)
	if !ok {
		return nil
	}
	// What this plan takes away answers nobody any more.
	out := only(b.req.Snapshot.At(star), func(r zone.Record) bool { return is(r) && movable(r) && zone.Contains(b.at(star), r) })
	for i := range out {
		out[i].Name = owner
	}
	return out
}

// nowhere reports whether an MX or SRV record says that there is no such host
// (RFC 7505, RFC 2782).
func nowhere(r zone.Record) bool { return strings.HasSuffix(r.Data, " .") }
