package plan_test

import (
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// answerer is where a zone has its answers for a name: the owner itself, a
// wildcard, or a delegation. No owner: there is no such name.
type answerer struct {
	owner zone.Name
	cut   bool
}

func source(z zone.Snapshot, n zone.Name) (a answerer) {
	for p := n; p.Below(z.Zone); p = p.Parent() {
		if len(z.Set(p, "NS")) > 0 {
			a = answerer{p, true} // the one furthest up counts
		}
	}
	if a.cut {
		return a
	}
	if z.Exists(n) {
		return answerer{owner: n}
	}
	star, _ := z.Wildcard(n)
	if len(z.At(star)) == 0 {
		star = ""
	}
	return answerer{owner: star}
}

// difference is a question that a plan changes the answer of.
type difference struct {
	plan          plan.Plan
	before, after zone.Snapshot
	zone.Key
}

// explained reports whether the plan says that the answer becomes another.
func (d difference) explained() bool {
	from, to := source(d.before, d.Name), source(d.after, d.Name)
	switch {
	case d.renamed():
		return true
	case to.cut && from == to:
		return d.touched(to.owner, "NS") || slices.ContainsFunc(d.servers(to), func(host zone.Name) bool {
			return d.touched(host, "A") || d.touched(host, "AAAA")
		})
	case from.cut && !to.cut:
		return d.touched(from.owner, "NS")
	case to.cut:
		hidden := slices.DeleteFunc(d.answered(from), func(r zone.Record) bool { return isAddress(r) && slices.Contains(d.servers(to), r.Name) })
		return d.touched(to.owner, "NS") && (!from.owner.Within(to.owner) || d.named(hidden))
	case to.owner == d.Name && from.owner != d.Name && from.owner != "":
		lost := slices.DeleteFunc(zone.Subtract(d.answered(from), d.change(from.owner).Remove), d.replaced)
		return len(lost) == 0 || d.named(lost)
	case d.touched(to.owner, d.Type):
		return true
	case from.owner != to.owner && from.owner != "" && d.touched(from.owner, d.Type):
		return len(zone.Subtract(d.answered(from), d.change(from.owner).Remove)) == 0
	}
	return from.owner == "" && to.owner != "" && !d.before.Exists(to.owner) // it came into being without this type
}

// renamed reports whether a DNAME above the name was given up.
func (d difference) renamed() bool {
	for n := d.Name.Parent(); n.Within(d.before.Zone) && n != zone.Root; n = n.Parent() {
		if slices.ContainsFunc(d.change(n).Remove, func(r zone.Record) bool { return r.Type == "DNAME" && givenUp(d.plan, r) }) {
			return true
		}
	}
	return false
}

// replaced reports whether what a wildcard answered for the name stands there
// now, or stood in the place of what was asked for: what a name points at is
// one unit.
func (d difference) replaced(r zone.Record) bool {
	r.Name = d.Name
	if zone.Contains(d.after.Records, r) {
		return true
	}
	policy := func(r zone.Record) bool { return r.Type == "TXT" && spf.IsRecord(r.Text()) } // a name has one
	if policy(r) && slices.ContainsFunc(d.change(d.Name).Add, policy) {
		return true
	}
	if r.Type == "TXT" && d.subrecord() {
		return true
	}
	return slices.ContainsFunc(d.plan.Results, func(w plan.Result) bool {
		return (w.State == plan.Added || w.State == plan.Present) && slices.ContainsFunc(w.Records, func(o zone.Record) bool {
			return o.Name == d.Name && (o.Type == r.Type || pointing(o) && pointing(r))
		})
	})
}

// subrecord reports whether the name is one that the plan makes for a part of an
// SPF policy: it is as good as asked for.
func (d difference) subrecord() bool {
	return slices.ContainsFunc(d.plan.SPF, func(e plan.SPFEdit) bool {
		return slices.ContainsFunc(e.Provenance.Extra, func(x spf.NamedTXT) bool { return x.Name == string(d.Name) })
	})
}

// below reports whether the plan says that names below a new one lose what a
// wildcard answered for them (RFC 4592 section 3.3.1): there is no name of the
// zone between them.
func (d difference) below() bool {
	from, to := source(d.before, d.Name), source(d.after, d.Name)
	if from.cut || from.owner == "" || from.owner == d.Name || to.cut || to.owner == d.Name {
		return false
	}
	for n := d.Name.Parent(); n.Below(from.owner.Parent()); n = n.Parent() {
		if !d.before.Exists(n) && d.after.Exists(n) && (d.losesBelow(n) || d.givenUpBelow(n, d.answered(from))) {
			return true
		}
	}
	return false
}

// givenUpBelow reports whether conflicts with an answer say that a new name's own
// wildcard, which was given these records, does without them.
func (d difference) givenUpBelow(n zone.Name, recs []zone.Record) bool {
	return len(recs) > 0 && !slices.ContainsFunc(recs, func(r zone.Record) bool {
		r.Name = "*." + n
		return !slices.ContainsFunc(d.plan.Conflicts, func(c plan.Conflict) bool { return c.Answer != "" && zone.Contains(c.Existing, r) })
	})
}

func (d difference) losesBelow(n zone.Name) bool {
	return slices.ContainsFunc(d.plan.Warnings, func(w plan.Warning) bool { return w.Code == "wildcard-shadow" && w.Owner == n }) ||
		slices.ContainsFunc(d.plan.Conflicts, func(c plan.Conflict) bool {
			return c.Code == plan.WildcardShadow && c.Owner == n && c.Answer != "" && c.Answer != "below"
		})
}

// servers is where a delegation leads after the plan.
func (d difference) servers(cut answerer) []zone.Name {
	var out []zone.Name
	for _, r := range d.after.Set(cut.owner, "NS") {
		if host, ok := r.Target(); ok {
			out = append(out, host)
		}
	}
	return out
}

// answered is the records that answered before: those of the type, or an alias.
func (d difference) answered(from answerer) []zone.Record {
	return slices.Concat(d.before.Set(from.owner, d.Type), d.before.Set(from.owner, "CNAME"))
}

// touched reports whether the plan changes a type at an owner, and removes no
// record of it that nobody gave up.
func (d difference) touched(owner zone.Name, typ string) bool {
	c := d.change(owner)
	concerns := func(r zone.Record) bool {
		return r.Type == typ || r.Type == "CNAME" || !inDNS(r) && pointing(r) && (typ == "A" || typ == "AAAA")
	}
	for _, r := range c.Remove {
		if concerns(r) && !givenUp(d.plan, r) {
			return false
		}
	}
	return slices.ContainsFunc(slices.Concat(c.Add, c.Remove), concerns)
}

func (d difference) change(owner zone.Name) plan.Change {
	i := slices.IndexFunc(d.plan.Changes, func(c plan.Change) bool { return c.Owner == owner })
	if i < 0 {
		return plan.Change{}
	}
	return d.plan.Changes[i]
}

// named reports whether conflicts with an answer, or a warning, say of the name
// or one above that these records no longer answer. A default that was taken
// says so of nothing that it promises to keep.
func (d difference) named(recs []zone.Record) bool {
	if slices.ContainsFunc(d.plan.Warnings, func(w plan.Warning) bool { return w.Code == "wildcard-shadow" && w.Owner == d.Name }) {
		return true
	}
	for _, r := range recs {
		if !slices.ContainsFunc(d.plan.Conflicts, func(c plan.Conflict) bool {
			saved := c.Answer == c.Default && slices.ContainsFunc(c.Wanted, func(w zone.Record) bool { return w.Type == r.Type })
			copied := r
			copied.Name = d.Name // given to the name, and given up there again
			return c.Answer != "" && d.Name.Within(c.Owner) && (zone.Contains(c.Existing, r) && !saved || zone.Contains(c.Existing, copied))
		}) {
			return false
		}
	}
	return true
}

// givenUp reports whether a record goes by an answer that somebody gave, or
// because its successor holds what it says, or because it is asked for with
// another TTL.
func givenUp(p plan.Plan, r zone.Record) bool {
	merged := func(e plan.SPFEdit) bool { return e.Owner == r.Name && r.Type == "TXT" && spf.IsRecord(r.Text()) }
	answered := func(c plan.Conflict) bool {
		return c.Answer != "" && (c.Class != plan.ClassPlan || c.Code == plan.NSApex) && zone.Contains(c.Existing, r)
	}
	asked := func(w plan.Result) bool {
		return zone.Contains(w.Records, r) || w.Kind == plan.KindDMARC && w.Owner == r.Name && dmarc.IsRecord(r.Text())
	}
	return slices.ContainsFunc(p.SPF, merged) || slices.ContainsFunc(p.Conflicts, answered) || slices.ContainsFunc(p.Results, asked)
}

func pointing(r zone.Record) bool {
	return slices.Contains([]string{"A", "AAAA", "CNAME", zone.TypeAlias, zone.TypeRedirect}, r.Type)
}
