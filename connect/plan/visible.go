package plan

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// visibleTypes is what DNS is asked for at an owner that is no alias. A DS set
// stands at delegations only, and is asked for there.
var visibleTypes = [...]string{"A", "AAAA", "CAA", "DNAME", "HTTPS", "MX", "NS", "SRV", "SVCB", "TXT"}

// UnansweredError is a question that DNS does not answer and that a reading of
// the zone cannot do without.
type UnansweredError struct{ Question }

func (e *UnansweredError) Error() string {
	return "plan: " + e.Name.FQDN() + " " + e.Type + " could not be looked up"
}

// Visible is what DNS shows of a zone at these owners and in their way up to
// the apex: enough to plan what a person shall do, never the whole zone. Like
// [New] it is called again, with the answers, until it has no question; a
// question is asked once, so this ends.
//
// What stands under a delegation or a DNAME record, below a name that does not
// exist (RFC 8020) and beside an alias is not asked for. What a wildcard
// answers for a name is not taken for the name's own. The one thing that
// cannot be told apart is a name that shows what the wildcard beside it shows,
// and has below it a wildcard that shows the same: it counts as not there.
//
// It fails with *UnansweredError where a question at an owner failed, or one
// without which nobody knows whose data an owner shows. Other failures are
// passed over: were a name above an owner a dead delegation, the owner would
// fail too.
func Visible(apex zone.Name, owners []zone.Name, facts []Fact) (zone.Snapshot, []Question, error) {
	v := &view{apex: apex, facts: map[Question]Fact{}, own: map[zone.Name]bool{apex: true}}
	for _, f := range facts {
		v.facts[f.Question] = f
	}
	for _, o := range owners {
		if o.Within(apex) {
			v.walk(o)
		}
	}
	if v.err != nil {
		return zone.Snapshot{}, nil, v.err
	}
	return v.snapshot(), v.questions, nil
}

// Unseen is the names of the zone, beside owners, that a plan concerns when it
// was made from what DNS shows at owners: an SPF policy may need a record of
// its own, and a text may be written where an alias leads. Where there are any,
// they are owners of the next reading.
func Unseen(p Plan, owners []zone.Name) []zone.Name {
	var out []zone.Name
	add := func(n zone.Name) {
		if n.Within(p.Zone) && !slices.Contains(owners, n) && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	for _, r := range p.Results {
		add(r.Owner)
	}
	for _, c := range p.Changes {
		add(c.Owner)
	}
	for _, c := range p.Conflicts {
		for _, r := range c.Existing {
			if t, ok := r.Target(); ok && c.Code == UnderCNAME {
				add(t)
			}
		}
	}
	return out
}

// view is a reading of the zone while it is made.
type view struct {
	apex      zone.Name
	facts     map[Question]Fact
	questions []Question         // in the order in which they came up
	own       map[zone.Name]bool // names that surely stand for themselves
	err       error
}

// know is the fact for a question, which is asked if it is not known.
func (v *view) know(n zone.Name, typ string) (f Fact, ok bool) {
	q := Question{n, typ}
	f, ok = v.facts[q]
	if !ok && !slices.Contains(v.questions, q) {
		v.questions = append(v.questions, q)
	}
	return f, ok
}

// must is know for an answer that the reading cannot do without.
func (v *view) must(n zone.Name, typ string) (f Fact, ok bool) {
	f, ok = v.know(n, typ)
	if ok && f.Status == Failed && v.err == nil {
		v.err = &UnansweredError{f.Question}
	}
	return f, ok
}

// walk goes down from the apex to owner, as far as DNS shows something.
func (v *view) walk(owner zone.Name) {
	if owner == v.apex {
		v.all(owner, v.must)
		return
	}
	for _, typ := range []string{"CAA", "MX", "NS"} { // hosts that these name do not move by default
		v.know(v.apex, typ)
	}
	star := wildcardBelow(v.apex)
	for _, n := range v.path(owner) {
		ask, types := v.know, []string{"CAA", "NS"}
		if n == owner {
			ask, types = v.must, visibleTypes[:]
		}
		alias, ok := ask(n, "CNAME")
		if !ok || alias.Status == NXDomain || v.renamed(n, alias) {
			return
		}
		var cut Fact
		if alias.Status != Found {
			for _, typ := range types {
				ask(n, typ)
			}
			cut, ok = v.know(n, "NS")
		}
		if len(held(cut, n)) > 0 {
			v.own[n] = true
			if n == owner {
				v.must(n, "DS")
			}
			return
		}
		if v.settle(n, star, n == owner); v.own[n] {
			star = wildcardBelow(n)
		}
		if !ok { // perhaps a delegation
			return
		}
	}
}

// path is the names from below the apex down to owner.
func (v *view) path(owner zone.Name) []zone.Name {
	var out []zone.Name
	for n := owner; n.Below(v.apex); n = n.Parent() {
		out = append(out, n)
	}
	slices.Reverse(out)
	return out
}

// renamed reports whether a DNAME record above n gives its alias, or whether
// that is not known yet. Such an alias keeps the labels that n has below the
// record (RFC 6672 section 2.2).
func (v *view) renamed(n zone.Name, alias Fact) bool {
	for _, r := range held(alias, n) {
		target, _ := r.Target()
		for p := n; p != v.apex; {
			p = p.Parent()
			if !strings.HasPrefix(string(target)+".", n.Rel(p)+".") {
				break
			}
			f, ok := v.must(p, "DNAME")
			if !ok {
				return true
			}
			if len(held(f, p)) > 0 {
				v.own[p] = true
				return true
			}
		}
	}
	return false
}

// all asks for everything at n; nothing stands beside an alias.
func (v *view) all(n zone.Name, ask func(zone.Name, string) (Fact, bool)) (ok bool) {
	alias, ok := ask(n, "CNAME")
	if !ok || alias.Status == NXDomain || alias.Status == Found {
		return ok
	}
	for _, typ := range visibleTypes {
		_, known := ask(n, typ)
		ok = ok && known
	}
	return ok
}

// settle finds out whether n, which DNS shows, stands there for itself or is
// what the wildcard star answers, as far as can be known. last is that nothing
// below n is looked at.
func (v *view) settle(n, star zone.Name, last bool) {
	wild, ok := v.know(star, "CNAME")
	if !ok {
		return
	}
	below := wildcardBelow(n)
	if wild.Status == NXDomain || n == star || v.differ(n, star) || v.differ(below, star) {
		v.own[n] = true
		return
	}
	// A name that exists has no names below it from the wildcard beside it
	// (RFC 4592 section 3.3.1).
	known := v.all(star, v.know)
	probe, ok := v.know(below, "CNAME")
	switch {
	case !ok:
		return
	case probe.Status == NXDomain:
		v.own[n] = true
		return
	case !last:
		known = v.all(n, v.know) && v.all(below, v.know) && known
	}
	if known {
		v.all(star, v.must)
	}
}

// differ reports whether the answers at two names show that they are not one
// wildcard's.
func (v *view) differ(a, b zone.Name) bool {
	for _, typ := range append(visibleTypes[:], "CNAME") {
		x, y := v.facts[Question{a, typ}], v.facts[Question{b, typ}]
		if x.Status == "" || y.Status == "" || x.Status == Failed || y.Status == Failed {
			continue
		}
		xs, ys := held(x, a), held(y, b)
		for i := range ys {
			ys[i].Name = a
		}
		if len(xs) != len(ys) || len(zone.Subtract(xs, ys)) > 0 {
			return true
		}
	}
	return false
}

// snapshot is what was found of the names that exist.
func (v *view) snapshot() zone.Snapshot {
	var recs []zone.Record
	var names []zone.Name
	for q, f := range v.facts {
		if f.Status == Failed || f.Status == NXDomain || !v.exists(q.Name) {
			continue
		}
		names = append(names, q.Name)
		// All else at a delegation is the zone's below it.
		if cut := q.Name != v.apex && len(held(v.facts[Question{q.Name, "NS"}], q.Name)) > 0; !cut || q.Type == "NS" || q.Type == "DS" {
			recs = append(recs, held(f, q.Name)...)
		}
	}
	s := zone.NewSnapshot(v.apex, recs)
	s.Partial = true
	slices.SortFunc(names, zone.Compare)
	for _, n := range slices.Compact(names) {
		if n != v.apex && len(s.At(n)) == 0 {
			s.Names = append(s.Names, n)
		}
	}
	return s
}

// exists reports whether n is a name of the zone. A wildcard is one where the
// name above it is: it answers for itself then.
func (v *view) exists(n zone.Name) bool {
	for o := range v.own {
		if o.Within(n) {
			return true
		}
	}
	return n.Label() == "*" && v.exists(n.Parent())
}

// held is the records of a fact that stand at the name itself, not where
// CNAMEs lead.
func held(f Fact, n zone.Name) []zone.Record {
	return slices.DeleteFunc(slices.Clone(f.Records), func(r zone.Record) bool { return r.Name != n })
}

func wildcardBelow(n zone.Name) zone.Name {
	if n == zone.Root {
		return "*"
	}
	return "*." + n
}

// partial says what a plan on such a snapshot cannot have seen.
func (b *builder) partial() {
	if !b.req.Snapshot.Partial || len(b.plan.Changes) == 0 {
		return
	}
	b.warn("partial-view", b.req.Snapshot.Zone, "this plan was made from what DNS shows: records at other names, below delegations, and features of the DNS host itself, such as redirects, were not seen")
}
