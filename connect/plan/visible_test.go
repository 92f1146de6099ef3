package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// server answers for one zone as RFC 1034, 4592 and 6672 say, the zones that
// it delegates included, and leaves all other names to the world.
type server struct {
	zone zone.Snapshot
	rest world
}

func (s server) answer(q plan.Question) plan.Fact {
	name := q.Name
	for range 8 {
		f, alias := s.once(name, q.Type)
		if alias == "" {
			f.Question = q
			return f
		}
		name = alias
	}
	return plan.Fact{Question: q, Status: plan.Failed}
}

func (s server) once(name zone.Name, typ string) (f plan.Fact, alias zone.Name) {
	if !name.Within(s.zone.Zone) {
		return s.rest.once(plan.Question{Name: name, Type: typ})
	}
	for _, p := range way(s.zone.Zone, name) {
		if cut := len(s.zone.Set(p, "NS")) > 0 && p != s.zone.Zone; cut && (p != name || typ != "DS") {
			child := slices.DeleteFunc(slices.Clone(s.zone.Records), func(r zone.Record) bool { return !r.Name.Within(p) || r.Type == "DS" })
			return server{zone.NewSnapshot(p, child), s.rest}.once(name, typ)
		}
		if d := s.zone.Set(p, "DNAME"); len(d) > 0 && p != name {
			to, _ := d[0].Target()
			c, err := zone.New(name, "CNAME", d[0].TTL, name.Rel(p)+"."+to.FQDN())
			if err != nil {
				panic(err)
			}
			return here(plan.Fact{Status: plan.Found}, []zone.Record{c}, typ)
		}
	}
	at := name
	if !s.zone.Exists(at) {
		if at, _ = s.zone.Wildcard(name); at == "" || !s.zone.Exists(at) {
			return plan.Fact{Status: plan.NXDomain}, ""
		}
	}
	recs := slices.Clone(s.zone.At(at))
	for i := range recs {
		recs[i].Name = name
	}
	return here(plan.Fact{Status: plan.NoData}, recs, typ)
}

// here is the answer of a name that has recs.
func here(f plan.Fact, recs []zone.Record, typ string) (plan.Fact, zone.Name) {
	for _, r := range recs {
		if r.Type == "CNAME" && typ != "CNAME" {
			alias, _ := r.Target()
			return plan.Fact{}, alias
		}
		if r.Type == typ {
			f.Status, f.Records = plan.Found, append(f.Records, r)
		}
	}
	if len(f.Records) == 0 {
		f.Status = plan.NoData
	}
	return f, ""
}

// way is the names from apex down to n.
func way(apex, n zone.Name) []zone.Name {
	var out []zone.Name
	for ; n.Below(apex); n = n.Parent() {
		out = append(out, n)
	}
	out = append(out, apex)
	slices.Reverse(out)
	return out
}

// reader is Visible, or what stands in for it.
type reader func(apex zone.Name, owners []zone.Name, facts []plan.Fact) (zone.Snapshot, []plan.Question, error)

// look reads until there is no question. It returns what was asked in each
// round.
func look(read reader, apex zone.Name, owners []zone.Name, answer func(plan.Question) plan.Fact) (s zone.Snapshot, rounds [][]plan.Question, err error) {
	var facts []plan.Fact
	for range 200 {
		s, questions, err := read(apex, owners, facts)
		if err != nil || len(questions) == 0 {
			return s, rounds, err
		}
		rounds = append(rounds, questions)
		for _, q := range questions {
			facts = append(facts, answer(q))
		}
	}
	return s, rounds, errors.New("it asks without end")
}

func TestVisible(t *testing.T) {
	for _, tt := range []struct {
		name   string
		zone   string
		owners []string
		shown  []string
		names  []string
		asked  []string // names relative to the zone, types; "all" after CNAME is every type
	}{
		{
			"nothing is asked at a name that does not exist, nor below it",
			"www A 192.0.2.1\n",
			[]string{"s1._domainkey"},
			nil, nil,
			[]string{"@ CAA, @ MX, @ NS, _domainkey CNAME"},
		},
		{
			"nothing stands beside an alias",
			"www CNAME edge.app.example.\n",
			[]string{"www"},
			[]string{"www.customer.example. CNAME edge.app.example."},
			nil,
			[]string{"@ CAA, @ MX, @ NS, www CNAME", "* CNAME"},
		},
		{
			"what stands at the apex",
			"@ A 192.0.2.1\n@ MX 10 mail\n@ TXT \"a\"\n@ HTTPS 1 . alpn=h2\n",
			[]string{"@"},
			[]string{
				"customer.example. A 192.0.2.1", "customer.example. HTTPS 1 . alpn=\"h2\"",
				"customer.example. MX 10 mail.customer.example.", "customer.example. NS ns1.host.example.", "customer.example. TXT a",
			},
			nil,
			[]string{"@ CNAME", "@ all"},
		},
		{
			"a name that exists and shows nothing",
			"x.y.shop A 192.0.2.1\n",
			[]string{"new.y.shop"},
			nil,
			[]string{"shop.customer.example", "y.shop.customer.example"},
			[]string{"@ CAA, @ MX, @ NS, shop CNAME", "shop CAA, shop NS, * CNAME", "y.shop CNAME", "y.shop CAA, y.shop NS, *.shop CNAME", "new.y.shop CNAME"},
		},
		{
			"a delegation, and what is below it",
			"shop NS ns1.other.example.\nshop DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\nns.shop A 192.0.2.1\n",
			[]string{"www.shop"},
			[]string{"shop.customer.example. NS ns1.other.example."},
			nil,
			[]string{"@ CAA, @ MX, @ NS, shop CNAME", "shop CAA, shop NS, * CNAME"},
		},
		{
			"a delegation that is an owner",
			"shop NS ns1.other.example.\nshop DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\nshop TXT \"the child's\"\n",
			[]string{"shop"},
			[]string{"shop.customer.example. DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000", "shop.customer.example. NS ns1.other.example."},
			nil,
			[]string{"@ CAA, @ MX, @ NS, shop CNAME", "shop all, * CNAME", "shop DS"},
		},
		{
			"an alias that a DNAME record gives",
			"shop DNAME other.example.\n",
			[]string{"www.shop"},
			[]string{"shop.customer.example. DNAME other.example."},
			nil,
			[]string{"@ CAA, @ MX, @ NS, shop CNAME", "shop CAA, shop NS, * CNAME", "www.shop CNAME", "shop DNAME"},
		},
		{
			"a name that only a wildcard answers for",
			"* A 192.0.2.9\n* MX 10 mail\n",
			[]string{"www"},
			[]string{"*.customer.example. A 192.0.2.9", "*.customer.example. MX 10 mail.customer.example."},
			nil,
			[]string{"@ CAA, @ MX, @ NS, www CNAME", "www all, * CNAME", "* all, *.www CNAME"},
		},
		{
			"a name that shows what the wildcard shows and stands for itself",
			"* A 192.0.2.9\nwww A 192.0.2.9\n",
			[]string{"www"},
			[]string{"*.customer.example. A 192.0.2.9", "www.customer.example. A 192.0.2.9"},
			nil,
			[]string{"@ CAA, @ MX, @ NS, www CNAME", "www all, * CNAME", "* all, *.www CNAME"},
		},
		{
			"a name unlike the wildcard's alias",
			"* CNAME edge.app.example.\nwww A 192.0.2.9\n",
			[]string{"www"},
			[]string{"*.customer.example. CNAME edge.app.example.", "www.customer.example. A 192.0.2.9"},
			nil,
			[]string{"@ CAA, @ MX, @ NS, www CNAME", "www all, * CNAME"},
		},
		{
			"the wildcard is the owner",
			"* A 192.0.2.9\n",
			[]string{"*"},
			[]string{"*.customer.example. A 192.0.2.9"},
			nil,
			[]string{"@ CAA, @ MX, @ NS, * CNAME", "* all"},
		},
		{
			"an empty name beside a wildcard",
			"* A 192.0.2.9\na.shop TXT \"x\"\n",
			[]string{"new.shop"},
			[]string{"*.customer.example. A 192.0.2.9"},
			[]string{"shop.customer.example"},
			[]string{"@ CAA, @ MX, @ NS, shop CNAME", "shop CAA, shop NS, * CNAME", "* all, *.shop CNAME, new.shop CNAME"},
		},
		{
			"a wildcard below that is not like the one beside says that the name stands for itself",
			"* A 192.0.2.9\nshop A 192.0.2.9\n*.shop A 192.0.2.8\n",
			[]string{"new.shop"},
			[]string{"*.customer.example. A 192.0.2.9", "*.shop.customer.example. A 192.0.2.8", "shop.customer.example. A 192.0.2.9"},
			nil,
			nil,
		},
		{
			"a name below says that the one above, which shows what the wildcards show, stands for itself",
			"* A 192.0.2.9\nshop A 192.0.2.9\n*.shop A 192.0.2.9\na.shop TXT \"x\"\n",
			[]string{"a.shop"},
			[]string{"*.customer.example. A 192.0.2.9", "*.shop.customer.example. A 192.0.2.9", "a.shop.customer.example. TXT x", "shop.customer.example. A 192.0.2.9"},
			nil,
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := zoneOf(t, "$ORIGIN customer.example.\n$TTL 300\n@ SOA ns1.host.example. host 1 1 1 1 1\n@ NS ns1.host.example.\n"+tt.zone, "customer.example")
			var owners []zone.Name
			for _, h := range tt.owners {
				owners = append(owners, at(t, h))
			}
			s, rounds, err := look(plan.Visible, domain, owners, server{z, elsewhere(t)}.answer)
			if err != nil {
				t.Fatal(err)
			}
			shown := slices.DeleteFunc(lines(s.Records), func(l string) bool { // the apex is always looked at
				return l == "customer.example. NS ns1.host.example." && !slices.Contains(tt.shown, l)
			})
			slices.Sort(shown)
			if d := cmp.Diff(shown, tt.shown, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("shown (-got +want):\n%s", d)
			}
			var names []string
			for _, n := range s.Names {
				names = append(names, string(n))
			}
			if d := cmp.Diff(names, tt.names); d != "" {
				t.Errorf("names (-got +want):\n%s", d)
			}
			if d := cmp.Diff(asked(rounds), tt.asked); d != "" && tt.asked != nil {
				t.Errorf("asked (-got +want):\n%s", d)
			}
			if !s.Partial || s.Zone != domain {
				t.Errorf("zone %q, partial %v", s.Zone, s.Partial)
			}
		})
	}
}

// asked is a line for each round. Ten questions at one name are "all".
func asked(rounds [][]plan.Question) []string {
	var out []string
	for _, round := range rounds {
		var parts []string
		for i := 0; i < len(round); i++ {
			name, typ := round[i].Name, round[i].Type
			if i+9 < len(round) && round[i+9].Name == name {
				typ, i = "all", i+9
			}
			parts = append(parts, name.Rel(domain)+" "+typ)
		}
		out = append(out, strings.Join(parts, ", "))
	}
	return out
}

func TestVisibleRounds(t *testing.T) {
	const usual = `$ORIGIN customer.example.
$TTL 300
@ SOA ns1.host.example. host 1 1 1 1 1
@ NS ns1.host.example.
@ A 192.0.2.1
@ MX 10 mail
@ TXT "v=spf1 mx -all"
mail A 192.0.2.2
www CNAME hosting.example.net.
_dmarc TXT "v=DMARC1; p=none"
k1._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
`
	owners := []zone.Name{domain, at(t, "www"), at(t, "_dmarc"), at(t, "s1._domainkey"), at(t, "bounce")}
	for _, tt := range []struct {
		name, zone        string
		rounds, questions int
	}{
		{"a usual configuration", usual, 4, 30},
		{"when it is there already", usual + "s1._domainkey TXT \"k=rsa; p=\"\nbounce CNAME mail.app.example.\n", 4, 40},
		{"beside a wildcard", usual + "s1._domainkey TXT \"k=rsa; p=\"\nbounce A 192.0.2.3\n* A 192.0.2.1\n", 4, 70},
		{"and a wildcard in the zone", usual + "* A 192.0.2.1\n", 4, 60},
		{"and one of an alias", usual + "* CNAME www\n", 4, 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, rounds, err := look(plan.Visible, domain, owners, server{zoneOf(t, tt.zone, "customer.example"), elsewhere(t)}.answer)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(slices.Concat(rounds...)); len(rounds) > tt.rounds || n > tt.questions {
				t.Errorf("got %d rounds and %d questions, want at most %d and %d:\n%s", len(rounds), n, tt.rounds, tt.questions, strings.Join(asked(rounds), "\n"))
			}
			t.Logf("%d rounds, %d questions", len(rounds), len(slices.Concat(rounds...)))
		})
	}
}

func TestVisibleFailures(t *testing.T) {
	for _, tt := range []struct {
		name, zone, owner string
		fails             string // the start of a question, relative to the zone
		unanswered        string
	}{
		{"at the owner", "www A 192.0.2.1\n", "www", "www TXT", "www.customer.example. TXT"},
		{"the owner altogether", "www A 192.0.2.1\n", "www", "www ", "www.customer.example. CNAME"},
		{"the apex, an owner", "", "@", "@ MX", "customer.example. MX"},
		{"the apex, above the owner", "www A 192.0.2.1\n", "www", "@ ", ""},
		{"an ancestor", "www.shop A 192.0.2.1\n", "www.shop", "shop ", ""},
		{"a wildcard, where the owner does not exist", "", "www", "* ", ""},
		{"a wildcard, where nothing below the owner says that it answers", "www A 192.0.2.1\n", "www", "* ", ""},
		{"a wildcard that may be what the owner shows", "* A 192.0.2.1\n", "www", "* CNAME", "*.customer.example. CNAME"},
		{"a part of a wildcard that the owner shows", "* A 192.0.2.1\n", "www", "* MX", "*.customer.example. MX"},
		{"a part of a wildcard that the owner does not show", "* A 192.0.2.1\nwww A 192.0.2.2\n", "www", "* MX", ""},
		{"the DNAME record that may give the alias", "www CNAME www.other.example.\n", "www", "@ DNAME", "customer.example. DNAME"},
		{"a DNAME record that cannot", "www CNAME edge.app.example.\n", "www", "@ DNAME", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := zoneOf(t, "$ORIGIN customer.example.\n$TTL 300\n@ SOA ns1.host.example. host 1 1 1 1 1\n@ NS ns1.host.example.\n"+tt.zone, "customer.example")
			dns := server{z, elsewhere(t)}
			_, _, err := look(plan.Visible, domain, []zone.Name{at(t, tt.owner)}, func(q plan.Question) plan.Fact {
				if strings.HasPrefix(q.Name.Rel(domain)+" "+q.Type, tt.fails) {
					return plan.Fact{Question: q, Status: plan.Failed}
				}
				return dns.answer(q)
			})
			got := ""
			if e, ok := errors.AsType[*plan.UnansweredError](err); ok {
				got = e.Name.FQDN() + " " + e.Type
			} else if err != nil {
				t.Fatal(err)
			}
			if got != tt.unanswered {
				t.Errorf("unanswered: got %q, want %q", got, tt.unanswered)
			}
		})
	}
}

// loaded is a zone as a name server holds it: without what no DNS record is
// (features of a host, which DNS shows as the addresses that they make, an
// alias at the apex among them; data that cannot be read; what a host keeps
// beside a record), and without what cannot stand beside an alias.
func loaded(z zone.Snapshot) zone.Snapshot {
	var recs []zone.Record
	for _, r := range z.Records {
		r.Meta = ""
		alias := len(slices.DeleteFunc(slices.Clone(z.Set(r.Name, "CNAME")), func(r zone.Record) bool { return r.Opaque })) > 0 && r.Name != z.Zone
		switch {
		case r.Opaque, r.Type == zone.TypeAlias, r.Type == zone.TypeRedirect, r.Type == "CNAME" && r.Name == z.Zone, alias && r.Type != "CNAME":
		default:
			recs = append(recs, r)
		}
	}
	return zone.NewSnapshot(z.Zone, recs)
}

// seen is a loaded zone without what stands in it and nobody sees: below a
// DNAME record, below a delegation, its name servers' addresses included, and
// at a delegation all but NS and DS.
func seen(z zone.Snapshot) zone.Snapshot {
	return zone.NewSnapshot(z.Zone, slices.DeleteFunc(slices.Clone(z.Records), func(r zone.Record) bool {
		for _, p := range way(z.Zone, r.Name) {
			cut := p != z.Zone && len(z.Set(p, "NS")) > 0
			if cut && (p != r.Name || r.Type != "NS" && r.Type != "DS") || p != r.Name && len(z.Set(p, "DNAME")) > 0 {
				return true
			}
		}
		return false
	}))
}

// alike reports whether a name shows what the wildcard beside it shows and has
// a wildcard below it: from outside it need not be there.
func alike(z zone.Snapshot) bool {
	return slices.ContainsFunc(z.Records, func(star zone.Record) bool {
		return star.Name.Label() == "*" && slices.ContainsFunc(z.Records, func(below zone.Record) bool {
			n := below.Name.Parent()
			return below.Name.Label() == "*" && n.Parent() == star.Name.Parent() && len(z.At(n)) == len(z.At(star.Name)) &&
				!slices.ContainsFunc(z.At(n), func(r zone.Record) bool {
					r.Name = star.Name
					return !zone.Contains(z.At(star.Name), r)
				})
		})
	})
}

// namedElsewhere reports whether a record at a name that nobody asks for names a host
// that the intents move.
func namedElsewhere(z zone.Snapshot, intents []plan.Intent) bool {
	owners := requested(intents)
	return slices.ContainsFunc(z.Records, func(r zone.Record) bool {
		target, ok := r.Target()
		return ok && (r.Type == "MX" || r.Type == "NS" || r.Type == "SRV") && r.Name != z.Zone && slices.Contains(owners, target) && !slices.Contains(owners, r.Name)
	})
}

// occluding reports whether a delegation is wanted above records at names that
// nobody asks for.
func occluding(z zone.Snapshot, intents []plan.Intent, owners []zone.Name) bool {
	return slices.ContainsFunc(intents, func(in plan.Intent) bool {
		n, err := zone.Abs(in.Host, domain)
		return err == nil && in.Kind == plan.KindNS && slices.ContainsFunc(z.Below(n), func(r zone.Record) bool { return !slices.Contains(owners, r.Name) })
	})
}

func requested(intents []plan.Intent) []zone.Name {
	var out []zone.Name
	for _, in := range intents {
		if n, err := zone.Abs(in.Host, domain); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// decided is the plan of a person who decides as the scenario says, on what
// read gives of the zone.
func decided(sc scenario, read reader, dns server) (plan.Plan, error) {
	req := plan.Request{Domain: domain, Intents: sc.Intents, Caps: sc.Caps}
	owners := requested(sc.Intents)
	for range 400 {
		snap, questions, err := read(domain, owners, req.Facts)
		if err != nil {
			return plan.Plan{}, err
		}
		var p plan.Plan
		if len(questions) == 0 {
			req.Snapshot = snap
			if p, err = plan.New(req); err != nil {
				return p, err
			}
			questions = p.Questions
		}
		unseen := plan.Unseen(p, owners)
		switch {
		case len(questions) > 0:
			for _, q := range questions {
				req.Facts = append(req.Facts, dns.answer(q))
			}
		case len(unseen) > 0:
			owners = append(owners, unseen...)
		case len(p.Open()) > 0:
			c := p.Open()[0]
			pick := sc.Picks[(len(c.Code)+len(c.Owner))%len(sc.Picks)]
			req.Decisions = append(req.Decisions, plan.Decision{Code: c.Code, Owner: c.Owner, Option: c.Options[pick%len(c.Options)].ID})
		default:
			return p, nil
		}
	}
	return plan.Plan{}, errors.New("planning does not end")
}

// effect is what two plans must agree in. What the safety gate says of a share
// of the zone takes the whole zone.
func effect(p plan.Plan, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintln(&b, err)
	}
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%+v\n", c.Change)
	}
	for _, c := range p.Conflicts {
		if c.Code != plan.SafetyGate || !strings.Contains(c.Params["reasons"], " of ") {
			fmt.Fprintf(&b, "%s %s %+v %+v %+v %q %q\n", c.Code, c.Owner, c.Existing, c.Wanted, c.Options, c.Default, c.Answer)
		}
	}
	return b.String()
}

// compare plans on the whole zone and on what read gives of it. ok is false
// where DNS cannot show what the plan depends on.
func compare(sc scenario, read reader, rest world) (diff string, ok bool) {
	dns := server{loaded(sc.Zone), rest}
	whole := seen(dns.zone)
	if alike(dns.zone) || namedElsewhere(whole, sc.Intents) || occluding(whole, sc.Intents, requested(sc.Intents)) {
		return "", false
	}
	all := func(zone.Name, []zone.Name, []plan.Fact) (zone.Snapshot, []plan.Question, error) {
		return whole, nil, nil
	}
	return cmp.Diff(strings.Split(effect(decided(sc, read, dns)), "\n"), strings.Split(effect(decided(sc, all, dns)), "\n")), true
}

// glimpses is scenarios with more of what makes DNS show something else than
// what stands in the zone.
var glimpses = rapid.Custom(func(t *rapid.T) scenario {
	sc := scenarios.Draw(t, "scenario")
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		r := rapid.SampledFrom([]zone.Record{
			{Name: "shop", Type: "DNAME", Data: "app.example."},
			{Name: "y.shop", Type: "DNAME", Data: "app.example."},
			{Name: "@", Type: "DNAME", Data: "app.example."},
			{Name: "www", Type: "CNAME", Data: "shop.customer.example."},
			{Name: "new", Type: "CNAME", Data: "a.shop.customer.example."},
			{Name: "*", Type: "A", Data: "192.0.2.1"},
			{Name: "*", Type: "CNAME", Data: "shop.customer.example."},
			{Name: "*.shop", Type: "TXT", Data: `"x"`},
			{Name: "x.y.shop", Type: "SRV", Data: "1 2 5060 sip.customer.example."},
		}).Draw(t, "another")
		r.Name, r.TTL = at(t, string(r.Name)), 300
		if recs := append(slices.Clone(sc.Zone.Records), r); len(violations(recs)) <= len(violations(sc.Zone.Records)) {
			sc.Zone = zone.NewSnapshot(domain, recs)
		}
	}
	return sc
})

// What DNS shows gives the plan that the whole zone gives.
func TestVisibleIsEnough(t *testing.T) {
	cases(t)
	rest := elsewhere(t)
	compared, planned, left := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		sc := glimpses.Draw(rt, "scenario")
		diff, ok := compare(sc, plan.Visible, rest)
		if !ok {
			left++
			return
		}
		compared++
		p, err := decided(sc, plan.Visible, server{loaded(sc.Zone), rest})
		if err == nil && len(p.Changes) > 0 {
			planned++
		}
		if diff != "" {
			report(rt, sc, p, errors.Join(fmt.Errorf("from DNS (-) and from the whole zone (+):\n%s", diff), err))
		}
	})
	t.Logf("%d compared, %d of them with changes; %d left out", compared, planned, left)
}

// What a wildcard that leads nowhere answers for a name says nothing any more of
// a name that the plan makes.
func TestVisibleMadeName(t *testing.T) {
	sc := scenario{
		Zone:    zoneOf(t, "$ORIGIN customer.example.\n$TTL 300\n* CNAME shop\n", "customer.example"),
		Intents: []plan.Intent{plan.A("_dmarc", "192.0.2.2"), plan.DMARC("_dmarc.shop", "v=DMARC1; p=none", &dmarc.Edit{InheritRoot: true})},
		Picks:   []int{0},
	}
	if d, ok := compare(sc, plan.Visible, elsewhere(t)); !ok || d != "" {
		t.Errorf("from DNS (-) and from the whole zone (+):\n%s", d)
	}
}

// A plan may concern names that nobody asked for.
func TestUnseen(t *testing.T) {
	for _, tt := range []struct {
		name, zone string
		intent     plan.Intent
		unseen     []zone.Name
	}{
		{"a record of its own for SPF", "* A 192.0.2.1\n@ TXT \"v=spf1 mx -all\"\n", plan.SPF("@", "v=spf1 -ip4:203.0.113.9 ip4:203.0.113.0/24 ~all"), []zone.Name{"_spf-a170683da5.customer.example"}},
		{"where an alias leads", "www CNAME shop\nshop CNAME edge.app.example.\n", plan.TXT("www", "x"), []zone.Name{"shop.customer.example"}},
		{"where an alias leads, outside", "www CNAME edge.app.example.\n", plan.TXT("www", "x"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sc := scenario{Zone: zoneOf(t, "$ORIGIN customer.example.\n$TTL 300\n"+tt.zone, "customer.example"), Intents: []plan.Intent{tt.intent}, Picks: []int{0}}
			first, err := again(&plan.Request{Domain: domain, Snapshot: sc.Zone, Intents: sc.Intents}, elsewhere(t))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(plan.Unseen(first, requested(sc.Intents)), tt.unseen); d != "" {
				t.Errorf("unseen (-got +want):\n%s", d)
			}
			if d, ok := compare(sc, plan.Visible, elsewhere(t)); !ok || d != "" {
				t.Errorf("from DNS (-) and from the whole zone (+):\n%s", d)
			}
		})
	}
	if d := cmp.Diff(plan.Unseen(plan.Plan{Zone: domain, Results: []plan.Result{{Owner: "_dmarc." + domain}}}, nil), []zone.Name{"_dmarc." + domain}); d != "" {
		t.Errorf("the owner of an intent (-got +want):\n%s", d)
	}
}

// A reading that is wrong in one way gives another plan.
func TestVisibleMutants(t *testing.T) {
	rest := elsewhere(t)
	// deaf hears nothing of some questions but that there is nothing.
	deaf := func(s plan.FactStatus, is func(plan.Question) bool) reader {
		return func(apex zone.Name, owners []zone.Name, facts []plan.Fact) (zone.Snapshot, []plan.Question, error) {
			facts = slices.Clone(facts)
			for i, f := range facts {
				if is(f.Question) && !slices.Contains(owners, f.Name) {
					facts[i] = plan.Fact{Question: f.Question, Status: s}
				}
			}
			return plan.Visible(apex, owners, facts)
		}
	}
	blind := func(mutate func(s *zone.Snapshot, owners []zone.Name)) reader {
		return func(apex zone.Name, owners []zone.Name, facts []plan.Fact) (zone.Snapshot, []plan.Question, error) {
			s, questions, err := plan.Visible(apex, owners, facts)
			mutate(&s, owners)
			return s, questions, err
		}
	}
	wild := func(n zone.Name) bool { return n.Label() == "*" }
	for _, m := range []struct {
		name string
		read reader
	}{
		{"ignores wildcards", blind(func(s *zone.Snapshot, owners []zone.Name) {
			s.Records = slices.DeleteFunc(s.Records, func(r zone.Record) bool { return wild(r.Name) && !slices.Contains(owners, r.Name) })
		})},
		{"takes what a wildcard answers for the name's own", deaf(plan.NXDomain, func(q plan.Question) bool { return wild(q.Name) })},
		{"takes what is like the wildcard for the wildcard's", deaf(plan.NoData, func(q plan.Question) bool {
			return strings.HasPrefix(string(q.Name), "*.") && q.Name.Parent() != domain
		})},
		{"forgets names that show nothing", blind(func(s *zone.Snapshot, _ []zone.Name) { s.Names = nil })},
		{"sees no delegation above", deaf(plan.NoData, func(q plan.Question) bool { return q.Type == "NS" })},
		{"sees no DNAME record above", deaf(plan.NoData, func(q plan.Question) bool { return q.Type == "DNAME" })},
		{"sees no CAA record above", deaf(plan.NoData, func(q plan.Question) bool { return q.Type == "CAA" })},
	} {
		t.Run(m.name, func(t *testing.T) {
			for seed := range 5000 {
				if diff, ok := compare(glimpses.Example(seed), m.read, rest); ok && diff != "" {
					t.Logf("noticed in scenario %d", seed)
					return
				}
			}
			t.Error("no scenario notices it")
		})
	}
}

func ExampleVisible() {
	// What DNS says of a zone whose wildcard answers for all names.
	dns := map[plan.Question]plan.Fact{}
	for _, n := range []zone.Name{"*.customer.example", "www.customer.example", "*.www.customer.example"} {
		dns[plan.Question{Name: n, Type: "CNAME"}] = plan.Fact{
			Status: plan.Found, Records: []zone.Record{{Name: n, Type: "CNAME", TTL: 300, Data: "old.example.net."}},
		}
	}
	var facts []plan.Fact
	for {
		snap, questions, err := plan.Visible("customer.example", []zone.Name{"www.customer.example"}, facts)
		if err != nil {
			fmt.Println(err)
			return
		}
		if len(questions) == 0 {
			for _, r := range snap.Records {
				fmt.Println("there is", r)
			}
			return
		}
		for _, q := range questions {
			fmt.Println("ask for", q.Name, q.Type)
			f, ok := dns[q]
			if !ok {
				f.Status = plan.NoData
			}
			f.Question = q
			facts = append(facts, f)
		}
	}
	// Output:
	// ask for customer.example CAA
	// ask for customer.example MX
	// ask for customer.example NS
	// ask for www.customer.example CNAME
	// ask for *.customer.example CNAME
	// ask for *.www.customer.example CNAME
	// there is *.customer.example. 300 CNAME old.example.net.
}
