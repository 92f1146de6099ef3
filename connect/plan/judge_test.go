package plan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// oracle is a real server, and what came of asking it.
type oracle struct {
	server *rfc2136test.Oracle

	judged, refused, left int // zones, zones before a plan, records that are none of DNS
	same, other, below    int // answers of wildcards before, by what became of them
}

// inDNS reports whether a server can hold the record: the host's own text and
// features, and its alias at the apex, are none of DNS.
func inDNS(r zone.Record) bool {
	_, err := r.RR()
	return err == nil && (r.Type != "CNAME" || r.Name != domain)
}

func (o *oracle) servable(z zone.Snapshot) zone.Snapshot {
	recs := slices.DeleteFunc(slices.Clone(z.Records), func(r zone.Record) bool { return !inDNS(r) })
	o.left += len(z.Records) - len(recs)
	return zone.NewSnapshot(z.Zone, recs)
}

// judge is what the server has against a plan for the zone before, which it
// can serve.
func (o *oracle) judge(ctx context.Context, before zone.Snapshot, p plan.Plan) error {
	after := o.servable(before.With(p.ZoneChanges()...))
	asked := questions(before, after)
	was, old, err := o.answers(ctx, before, asked)
	if errors.Is(err, rfc2136test.ErrRefused) {
		o.refused++
		return nil
	}
	if err != nil {
		return err
	}
	is, complaints, err := o.answers(ctx, after, asked)
	if errors.Is(err, rfc2136test.ErrRefused) {
		return fmt.Errorf("legal: refused: %s", strings.Join(complaints, "\n"))
	}
	if err != nil {
		return err
	}
	o.judged++
	for _, c := range complaints {
		if !slices.Contains(old, c) {
			return fmt.Errorf("legal: the server has something new against the zone: %s", c)
		}
	}
	for i, q := range asked {
		d := difference{p, before, after, q}
		if was[i] != is[i] && !d.explained() && !d.below() {
			return fmt.Errorf("answer: %s %s differs, and the plan does not say why (-before +after):\n%s", q.Name, q.Type, cmp.Diff(was[i], is[i]))
		}
		o.count(d, was[i] == is[i])
	}
	return nil
}

func (o *oracle) count(d difference, same bool) {
	from := source(d.before, d.Name)
	switch {
	case !strings.HasPrefix(string(from.owner), "*.") || from.owner == d.Name || len(d.before.Set(from.owner, d.Type)) == 0:
	case same:
		o.same++
	case d.explained():
		o.other++
	default:
		o.below++
	}
}

// questions is every name of either zone, each with a name below it that
// nobody wrote, for every type in use.
func questions(before, after zone.Snapshot) []zone.Key {
	types := []string{"A", "AAAA", "CNAME", "TXT", "MX", "CAA", "NS", "SRV"}
	var names []zone.Name
	for _, r := range slices.Concat(before.Records, after.Records) {
		if !slices.Contains(types, r.Type) && r.Type != "SOA" {
			types = append(types, r.Type)
		}
		for n := r.Name; n.Within(domain) && !slices.Contains(names, n); n = n.Parent() {
			names = append(names, n)
			if !strings.HasPrefix(string(n), "*") {
				names = append(names, "nobody."+n)
			}
		}
	}
	var out []zone.Key
	for _, n := range names {
		for _, typ := range types {
			out = append(out, zone.Key{Name: n, Type: typ})
		}
	}
	return out
}

// answers is what the server answers when it serves z, and what it has against
// z.
func (o *oracle) answers(ctx context.Context, z zone.Snapshot, asked []zone.Key) (out, complaints []string, err error) {
	var text strings.Builder
	if err := z.WriteText(&text); err != nil {
		return nil, nil, err
	}
	complaints, err = o.server.Load(ctx, text.String())
	for i, c := range complaints {
		complaints[i], _, _ = strings.Cut(c, ", TTL set to")
	}
	if err != nil {
		return nil, complaints, err
	}
	for _, q := range asked {
		m, err := o.server.Ask(ctx, q.Name, q.Type)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, spelled(m))
	}
	return out, complaints, nil
}

// spelled is an answer as text: its code, whether it refers to other servers,
// and its records in their order. Where an alias leads is asked by itself.
func spelled(m *dns.Msg) string {
	code, recs := dns.RcodeToString[m.Rcode], m.Answer
	if !m.Authoritative && len(m.Ns) > 0 {
		code, recs = code+" referral", m.Ns
	}
	if len(recs) > 0 && recs[0].Header().Rrtype == dns.TypeCNAME {
		code, recs = "alias", recs[:1]
	}
	lines := []string{code}
	for _, rr := range recs {
		lines = append(lines, rr.String())
	}
	return strings.Join(lines, "\n")
}

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
	case to.cut && from == to, from.cut && !to.cut:
		return d.touched(from.owner, "NS")
	case to.cut:
		hidden := d.answered(from)
		return d.touched(to.owner, "NS") && (!from.owner.Within(to.owner) || d.named(hidden))
	case d.touched(to.owner, d.Type):
		return true
	case from.owner == "":
		return !d.before.Exists(to.owner) // it came into being without this type
	case to.owner == d.Name && from.owner != d.Name:
		lost := d.answered(from)
		if slices.ContainsFunc(d.change(d.Name).Add, pointing) {
			lost = slices.DeleteFunc(lost, pointing) // one unit, asked for otherwise
		}
		return len(lost) == 0 || d.named(lost)
	}
	return false
}

// below reports whether a wildcard answered for the name and does no longer
// because a name above it came into being (RFC 4592 section 3.3.1).
func (d difference) below() bool {
	star := source(d.before, d.Name)
	for n := d.Name.Parent(); n.Below(star.owner.Parent()); n = n.Parent() {
		if !d.before.Exists(n) && d.after.Exists(n) {
			return true
		}
	}
	return false
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
		return r.Type == typ || r.Type == "CNAME" || !inDNS(r) && (typ == "A" || typ == "AAAA")
	}
	for _, r := range c.Remove {
		if concerns(r) && !decided(d.plan, r) {
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

// named reports whether conflicts with an answer, or warnings, say of the name
// or one above that these records no longer answer.
func (d difference) named(recs []zone.Record) bool {
	if slices.ContainsFunc(d.plan.Warnings, func(w plan.Warning) bool { return w.Code == "wildcard-shadow" && w.Owner == d.Name }) {
		return true
	}
	for _, r := range recs {
		if !slices.ContainsFunc(d.plan.Conflicts, func(c plan.Conflict) bool {
			saved := c.Answer == c.Default && slices.ContainsFunc(c.Wanted, func(w zone.Record) bool { return w.Type == r.Type })
			return c.Answer != "" && d.Name.Within(c.Owner) && zone.Contains(c.Existing, r) && !saved
		}) {
			return false
		}
	}
	return true
}

// decided reports whether a record goes by an answer that somebody gave, or
// because what it says is merged into its successor.
func decided(p plan.Plan, r zone.Record) bool {
	merged := func(e plan.SPFEdit) bool { return e.Owner == r.Name && r.Type == "TXT" && spf.IsRecord(r.Text()) }
	return slices.ContainsFunc(p.SPF, merged) || slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool {
		return c.Answer != "" && c.Code != plan.SafetyGate && zone.Contains(c.Existing, r)
	})
}

func pointing(r zone.Record) bool { return isAddress(r) || r.Type == "CNAME" || !inDNS(r) }
