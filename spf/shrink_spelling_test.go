package spf_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/spf/internal/lawtest"
)

// spiced is a record with terms that are seldom written so, and explanations.
func (g *grove) spiced(record, exp string) string {
	spice := strings.Fields("ip6:::ffff:192.0.2.4/126 ip6:::ffff:192.0.2.4 a:%{d2} a:%{d}//127 include:%{d2} include:%{d3} a/0 mx//0 " +
		"ip4:192.0.2.8/30 ip4:192.0.2.12/30 -ip4:192.0.2.8/30 -ip4:192.0.2.12/30 ?ip4:192.0.2.0/30 ?ip4:192.0.2.4/30 " +
		"exists:%{i}.X.example.net exists:%{ir}.%{v}.arpa ptr:%{d} exists:%{d} a:%{D} include:_SPF1.cust.example. x=%{d} " +
		"?include:_spf2.cust.example -include:_spf1.cust.example exists:%{o}.x.example.net a:%{h} exists:%%{p}.x.example.net")
	f := strings.Fields(record)
	for range g.IntN(4) {
		f = slices.Insert(f, 1+g.IntN(len(f)), g.pick(spice...))
	}
	if g.IntN(3) == 0 {
		f = slices.Insert(f, 1+g.IntN(len(f)), "exp="+exp)
	}
	return strings.Join(f, " ")
}

// conclusions is the outcome and the explanation for each sender's address, by
// a receiver that makes so many lookups.
func (g *grove) conclusions(record string, lookups int) map[netip.Addr]spf.Result {
	dns := maps.Clone(g.dns)
	dns[spf.Question{Name: home, Type: "TXT"}] = found(record)
	c := spf.Checker{Resolver: dns, MaxLookups: lookups, MaxVoids: 200}
	out := map[netip.Addr]spf.Result{}
	for i := range byte(16) {
		for _, ip := range []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, i}), netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: i})} {
			out[ip] = c.CheckHost(context.Background(), ip, home, "user@"+home, "h0.example.net")
		}
	}
	return out
}

// However the terms are spelt, what the gentle remedies leave gives every sender
// the same outcome with the same explanation and is not dearer; and a receiver
// never needs more lookups than were counted.
func TestShrinkKeepsExplanations(t *testing.T) {
	t.Parallel()
	seed := lawtest.Seed(t)
	tidy, collapse, inline := spf.Choice{Code: spf.RemedyTidy}, spf.Choice{Code: spf.RemedyCollapse}, spf.Choice{Code: spf.RemedyInline}
	compared, counted, explained := 0, 0, 0
	n := lawtest.Times(6_000, 150)
	for i := range n {
		g := newGrove(rand.New(rand.NewPCG(seed, uint64(i))), []float64{0, 0.15, 0.4}[i%3])
		g.put("e.example.net", "TXT", found("top says %{d} %{i}"))
		g.put("e2.example.net", "TXT", found("below says %{d}"))
		for _, name := range slices.Concat(g.vendor, g.own) {
			if a, ok := g.dns[spf.Question{Name: name, Type: "TXT"}]; ok {
				g.put(name, "TXT", found(a.Values[0], g.spiced(a.Values[1], "e2.example.net")))
			}
		}
		rec, err := spf.Parse(g.spiced(g.record(), "e.example.net"))
		if err != nil {
			continue
		}
		before := g.conclusions(rec.Raw, 200)
		for _, choices := range [][]spf.Choice{{tidy}, {collapse}, {inline}, {tidy, collapse, inline}} {
			s, err := g.shrink(t, spf.ShrinkRequest{Domain: home, Record: rec, Choices: choices})
			if err != nil {
				t.Fatal(err)
			}
			if s.After.Lookups > s.Before.Lookups {
				t.Errorf("%v: %q became dearer: %q", choices, rec.Raw, s.Record)
			}
			if !s.Changed {
				continue
			}
			compared++
			after := g.conclusions(s.Record, 200)
			for ip, was := range before {
				if was.Outcome == spf.PermError || was.Outcome == spf.TempError { // a smaller record has fewer
					continue
				}
				if is := after[ip]; is.Outcome != was.Outcome || is.Explanation != was.Explanation {
					t.Fatalf("%v: %v: %s %q by %q, %s %q by %q\nDNS %v", choices, ip, was.Outcome, was.Explanation, rec.Raw, is.Outcome, is.Explanation, s.Record, g.dns)
				}
				if was.Explanation != "" {
					explained++
				}
			}
		}
		cost, _, err := spf.Walk(t.Context(), g.dns, home, rec)
		if err != nil {
			t.Fatal(err)
		}
		if cost.AtLeast() || len(cost.Problems) > 0 || cost.Lookups == 0 {
			continue
		}
		counted++
		for ip, r := range g.conclusions(rec.Raw, cost.Lookups) {
			if errors.Is(r.Err, spf.ErrTooManyLookups) {
				t.Fatalf("%q: %d lookups counted, and %v takes more: %v", rec.Raw, cost.Lookups, ip, r.Err)
			}
		}
	}
	t.Logf("%d shorter records, %d explanations and %d counts compared", compared, explained, counted)
	if n >= 1_000 && min(compared, counted, explained) < n/10 { // few draws may meet none by chance
		t.Error("the draws hold nothing")
	}
}
