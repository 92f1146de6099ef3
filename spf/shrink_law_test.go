package spf_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/spf/internal/lawtest"
)

const home = "cust.example"

// grove is a small DNS with records that include each other: vendors, the
// owner's subrecords, hosts with both families, mail exchangers.
type grove struct {
	*rand.Rand
	dns    spf.Static
	harsh  float64 // share of directives that do not pass
	vendor []string
	own    []string
	hosts  []string
}

func found(values ...string) spf.Answer {
	return spf.Answer{Status: spf.Found, Values: values, TTL: 300}
}

func newGrove(r *rand.Rand, harsh float64) *grove {
	g := &grove{
		Rand: r, dns: spf.Static{}, harsh: harsh,
		vendor: []string{"s0.example.net", "s1.example.net", "s2.example.net"},
		own:    []string{"_spf1." + home, "_spf2." + home, "dc-1._spfm." + home},
		hosts:  []string{"h0.example.net", "h1.example.net", "gone.example.net"},
	}
	for _, name := range slices.Concat(g.vendor, g.own, g.hosts[:2], []string{home}) {
		if g.IntN(4) > 0 {
			g.put(name, "A", found(g.address4()))
		}
		if g.IntN(3) == 0 {
			g.put(name, "AAAA", found(g.address6()))
		}
		if g.IntN(3) == 0 {
			g.put(name, "MX", found(g.pick(g.hosts...), g.pick(g.hosts...)))
		}
	}
	for i := range 4 {
		g.put(fmt.Sprintf("192.0.2.%d.x.example.net", g.IntN(16)), "A", found("127.0.0.2"))
		g.put(fmt.Sprintf("%d.2.0.192.in-addr.arpa", i), "PTR", found(g.pick(slices.Concat(g.hosts, g.vendor)...)))
	}
	for _, name := range slices.Concat(g.vendor, g.own) {
		if g.IntN(15) > 0 {
			g.put(name, "TXT", found("unrelated", g.record()))
		}
	}
	return g
}

func (g *grove) put(name, kind string, a spf.Answer) {
	g.dns[spf.Question{Name: name, Type: kind}] = a
}

func (g *grove) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *grove) address4() string { return fmt.Sprintf("192.0.2.%d", g.IntN(16)) }
func (g *grove) address6() string { return fmt.Sprintf("2001:db8::%x", g.IntN(8)) }

func (g *grove) directive() string {
	q := g.pick("", "", "", "+")
	if g.Float64() < g.harsh {
		q = g.pick("-", "~", "?")
	}
	switch g.IntN(16) {
	case 0, 1, 2:
		return q + "include:" + g.pick(g.own...)
	case 3, 4:
		return q + g.pick("include:", "Include:") + g.pick(g.vendor...)
	case 5:
		return q + g.pick("a", "a/31", "a//127", "A:%{d}", "a:%{d}/30//126", "a:"+g.pick(g.hosts...)+"/30")
	case 6:
		return q + g.pick("mx", "mx/31", "mx:"+g.pick(g.vendor...), "mx:%{d2}//127")
	case 7:
		return q + g.pick("exists:%{i}.x.example.net", "exists:%{p}.x.example.net", "exists:%{l}.%{d}", "ptr", "ptr:example.net")
	case 8, 9:
		return q + "ip6:" + g.address6() + g.pick("", "/128", "/127", "/126", "/125")
	}
	return q + "ip4:" + g.address4() + g.pick("", "", "/32", "/31", "/30", "/29")
}

func (g *grove) record() string {
	parts := []string{g.pick("v=spf1", "v=spf1", "V=SPF1")}
	for range g.IntN(7) {
		parts = append(parts, g.directive())
	}
	if g.IntN(10) == 0 {
		parts = append(parts, "moo=cow")
	}
	switch g.IntN(14) {
	case 0, 1, 12, 13:
		parts = append(parts, "redirect="+g.pick(slices.Concat(g.vendor, g.own)...))
	case 2, 3:
	case 4:
		parts = append(parts, "+all")
	case 5:
		parts = append(parts, g.pick("-all", "?all"), g.directive())
	default:
		parts = append(parts, g.pick("-all", "~all", "~ALL", "?all"))
	}
	return strings.Join(parts, g.pick(" ", " ", "  "))
}

// outcomes is what a receiver says of each sender's address.
func (g *grove) outcomes(record string, extra []spf.NamedTXT) map[netip.Addr]spf.Outcome {
	dns := maps.Clone(g.dns)
	dns[spf.Question{Name: home, Type: "TXT"}] = found(record)
	for _, x := range extra {
		dns[spf.Question{Name: x.Name, Type: "TXT"}] = found(x.Text)
	}
	c := spf.Checker{Resolver: dns, MaxLookups: 100, MaxVoids: 100}
	out := map[netip.Addr]spf.Outcome{}
	for i := range byte(16) {
		ip := netip.AddrFrom4([4]byte{192, 0, 2, i})
		out[ip] = c.CheckHost(context.Background(), ip, home, "user@"+home, "mail."+home).Outcome
	}
	for i := range byte(8) {
		ip := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: i})
		out[ip] = c.CheckHost(context.Background(), ip, home, "user@"+home, "mail."+home).Outcome
	}
	return out
}

// difference returns a sender of whom a receiver said something before and says
// something else now. Errors before do not count: a smaller record has fewer.
func difference(before, after map[netip.Addr]spf.Outcome) string {
	for ip, was := range before {
		if was != spf.TempError && was != spf.PermError && after[ip] != was {
			return fmt.Sprintf("%v: %s before, %s after", ip, was, after[ip])
		}
	}
	return ""
}

// shrink answers what Shrink asks until it has a record.
func (g *grove) shrink(t testing.TB, q spf.ShrinkRequest) (spf.Shrunk, error) {
	t.Helper()
	q.Known = spf.Answers{}
	for range 200 {
		s, err := spf.Shrink(q)
		if err != nil || len(s.Questions) == 0 {
			return s, err
		}
		for _, ask := range s.Questions {
			q.Known[ask] = g.dns.Lookup(t.Context(), ask)
		}
	}
	t.Fatalf("%q: questions without end", q.Record)
	return spf.Shrunk{}, nil
}

// Whatever is chosen of the remedies that promise it, receivers conclude the
// same about every sender.
func TestShrinkKeepsTheMeaning(t *testing.T) {
	seed := lawtest.Seed(t)
	n := lawtest.Times(4_000, 240)
	for _, harsh := range []float64{0, 0.15, 0.4} {
		t.Run(fmt.Sprint(harsh), func(t *testing.T) {
			t.Parallel()
			applied := map[string]int{}
			for i := range n {
				r := rand.New(rand.NewPCG(seed, uint64(100*harsh)<<32|uint64(i)))
				newGrove(r, harsh).checkShrink(t, applied)
				if t.Failed() {
					return
				}
			}
			t.Logf("%d records, changed by: %v", n, applied)
			for _, code := range []string{spf.RemedyTidy, spf.RemedyCollapse, spf.RemedyInline, spf.RemedyFlatten, spf.RemedySplit} {
				// Few draws may meet none by chance; the rarest changes one in twenty.
				if n >= 200 && applied[code] == 0 || n >= 4_000 && applied[code]*50 < n {
					t.Errorf("%s changed %d of %d records: too few to say much", code, applied[code], n)
				}
			}
		})
	}
}

func (g *grove) checkShrink(t *testing.T, applied map[string]int) {
	rec, err := spf.Parse(g.record())
	if err != nil {
		t.Fatal(err)
	}
	before := g.outcomes(rec.Raw, nil)
	same := func(s spf.Shrunk, what any) {
		t.Helper()
		if d := difference(before, g.outcomes(s.Record, s.Extra)); d != "" {
			t.Errorf("%v: %s\nbefore %q\nafter  %q\nextra  %v\nDNS    %v", what, d, rec.Raw, s.Record, s.Extra, g.dns)
		}
		for _, code := range s.Applied {
			applied[code]++
		}
	}
	q := spf.ShrinkRequest{Domain: home, Record: rec, Limits: spf.Limits{Octets: 60 + g.IntN(60)}}
	safe := []spf.Choice{{Code: spf.RemedyTidy}, {Code: spf.RemedyCollapse}, {Code: spf.RemedyInline}}
	for _, choices := range [][]spf.Choice{safe[:1], safe[1:2], safe[2:], safe, {{Code: spf.RemedySplit}}, append(safe, spf.Choice{Code: spf.RemedySplit})} {
		q.Choices = choices
		s, err := g.shrink(t, q)
		if err != nil {
			t.Fatalf("%q: %v", rec.Raw, err)
		}
		same(s, choices)
		if s.Changed != (s.Record != rec.Raw) || s.After.Octets != len(s.Record) {
			t.Errorf("%+v", s)
		}
	}
	for _, term := range rec.Terms {
		if term.Kind != spf.Include && term.Kind != spf.A && term.Kind != spf.MX {
			continue
		}
		q.Choices = []spf.Choice{{Code: spf.RemedyFlatten, Terms: []string{term.Text}}}
		if s, err := g.shrink(t, q); err == nil {
			same(s, term.Text)
		}
	}
}

// What many tools do in place of flattening is found wrong by the same draws.
func TestNaiveInliningIsFoundOut(t *testing.T) {
	seed := lawtest.Seed(t)
	wrong, n := 0, 300
	for i := range n {
		g := newGrove(rand.New(rand.NewPCG(seed, uint64(i))), 0.15)
		rec, err := spf.Parse(g.record())
		if err != nil {
			t.Fatal(err)
		}
		text := rec.Raw
		for _, term := range rec.Terms {
			child := g.dns[spf.Question{Name: strings.ToLower(term.Domain), Type: "TXT"}]
			if term.Kind != spf.Include || len(child.Values) == 0 {
				continue
			}
			r, err := spf.Parse(child.Values[len(child.Values)-1])
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			for _, c := range r.Terms {
				if c.Kind.Directive() && c.Kind != spf.All {
					parts = append(parts, c.Text)
				}
			}
			text = strings.Replace(text, term.Text, strings.Join(parts, " "), 1)
		}
		if difference(g.outcomes(rec.Raw, nil), g.outcomes(text, nil)) != "" {
			wrong++
		}
	}
	t.Logf("%d of %d records change their meaning", wrong, n)
	if wrong*20 < n {
		t.Errorf("%d of %d: the draws find too little", wrong, n)
	}
}
