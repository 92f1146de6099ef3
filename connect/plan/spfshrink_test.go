package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// crowded is domains whose SPF record has little room left, and keeps part of
// the policy in records of the owner's own.
var crowded = rapid.Custom(func(t *rapid.T) zone.Snapshot {
	terms := []string{
		"ip4:192.0.2.0/25", "ip4:192.0.2.128/25", "ip4:198.51.100.7", "ip6:2001:db8::/32", "mx", "a:edge.app.example", "-ip4:203.0.113.1",
		"?include:_spf2.app.example", "include:_spf.app.example", "include:own1.customer.example", "+ip4:203.0.113.7",
	}
	text := func(terms []string, end string) string {
		return strings.Join(append(append([]string{"v=spf1"}, terms...), end), " ")
	}
	recs := []zone.Record{{Name: domain, Type: "MX", TTL: 300, Data: "10 mx.app.example."}, {Name: domain, Type: "A", TTL: 300, Data: "192.0.2.1"}}
	for _, name := range []string{"own1", "own2", "own3"} {
		below := rapid.SliceOfNDistinct(rapid.SampledFrom(terms[:9]), 0, 3, rapid.ID[string]).Draw(t, name)
		recs = append(recs, zone.NewTXT(zone.Name(name)+"."+domain, 300, text(below, rapid.SampledFrom([]string{"-all", "~all", "?all"}).Draw(t, "end"))))
	}
	own := rapid.SliceOfN(rapid.SampledFrom(append(terms, "include:own2.customer.example", "include:own3.customer.example")), 2, 7).Draw(t, "own")
	own = append([]string{"include:deep.app.example"}, own...)
	recs = append(recs, zone.NewTXT(domain, 300, text(own, rapid.SampledFrom([]string{"-all", "~all", "?all"}).Draw(t, "all"))))
	return zone.NewSnapshot(domain, recs)
})

// TestSPFShrink: a record that is written more shortly so that a service has
// room lets everybody send who could, keeps the limits, holds what is required,
// and comes back to the byte; where somebody added a sender since, that one and
// everybody else of the owner's may send still, and the service no longer.
func TestSPFShrink(t *testing.T) {
	outside := elsewhere(t)
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		before := crowded.Draw(t, "zone")
		req := plan.Request{
			Domain: domain, Snapshot: before, Intents: []plan.Intent{plan.SPF("@", "a:mx.app.example")},
			Decisions: []plan.Decision{plan.TakeDefaults()},
		}
		p, err := again(&req, outside)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.SPFLookups })
		if i < 0 || !slices.ContainsFunc(p.Conflicts[i].Options, func(o plan.Option) bool { return o.ID == "shrink" }) {
			return
		}
		taken++
		req.Decisions = []plan.Decision{{Code: plan.SPFLookups, Option: "shrink"}}
		if p, err = again(&req, outside); err != nil || p.Status != plan.Ready {
			t.Fatalf("%s: %v", p.Status, err)
		}
		after := before.With(p.ZoneChanges()...)
		was, is := spfTexts(before)[0], spfTexts(after)[0]
		if err := sameSenders(append(world{before}, outside...), was, is); err != nil {
			t.Fatal(err)
		}
		if l := p.Results[0].Lookups; l == nil || l.After > 10 || l.After != lookups(append(world{after}, outside...), is, 0) {
			t.Fatalf("%q costs %+v", is, l)
		}
		if !slices.Contains(readPolicy(is).terms, "a:mx.app.example") {
			t.Fatalf("what is required is not in %q", is)
		}
		runs := []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}}
		u, err := plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: after, Runs: runs})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(after.With(u.ZoneChanges()...).Records, before.Records); d != "" {
			t.Fatalf("taken back (-got +want):\n%s", d)
		}
		edited := strings.Replace(is, "v=spf1 ", "v=spf1 ip4:8.8.8.8 ", 1)
		owner := zone.Change{Owner: domain, Remove: after.Set(domain, "TXT"), Add: []zone.Record{zone.NewTXT(domain, 300, edited)}}
		since := after.With(owner)
		if u, err = plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: since, Runs: runs}); err != nil {
			t.Fatal(err)
		}
		left := spfTexts(since.With(u.ZoneChanges()...))
		if len(left) != 1 || !slices.Contains(readPolicy(left[0]).terms, "ip4:8.8.8.8") || slices.Contains(readPolicy(left[0]).terms, "a:mx.app.example") {
			t.Fatalf("taken back after an edit: %q, from %q", left, edited)
		}
		if err := sameSenders(append(world{before}, outside...), was, left[0]); err != nil {
			t.Fatal(err)
		}
	})
	if taken < 5 {
		t.Errorf("only %d records were made shorter: this test holds nothing", taken)
	}
	t.Logf("%d records were made shorter", taken)
}

// TestSPFShrinkPartial: where only a part of the zone is known, as with a set-up
// by hand, a record of the owner's is written out if DNS shows it as one, and
// not if the name is an alias or delegated.
func TestSPFShrinkPartial(t *testing.T) {
	const at = "_spf.own.customer.example"
	text := zone.NewTXT(at, 300, "v=spf1 ip4:192.0.2.77 -all")
	vendor := zoneOf(t, "$ORIGIN vendor.example.\n$TTL 60\n@ SOA ns1 host 1 1 1 1 1\nspf TXT \"v=spf1 ip4:198.51.100.99 -all\"\n", "vendor.example")
	for _, tt := range []struct {
		name string
		rest []zone.Record
		own  bool
	}{
		{"the owner's", []zone.Record{text}, true},
		{"an alias", []zone.Record{{Name: at, Type: "CNAME", TTL: 300, Data: "spf.vendor.example."}}, false},
		{"delegated", []zone.Record{text, {Name: at, Type: "NS", TTL: 300, Data: "ns.vendor.example."}}, false},
		{"delegated above", []zone.Record{text, {Name: "own." + domain, Type: "NS", TTL: 300, Data: "ns.vendor.example."}}, false},
	} {
		for lead, end := range map[string]string{"include:": " -all", "redirect=": ""} {
			t.Run(tt.name+" "+lead, func(t *testing.T) {
				known := zone.NewSnapshot(domain, []zone.Record{
					{Name: domain, Type: "A", TTL: 300, Data: "192.0.2.1"},
					zone.NewTXT(domain, 300, "v=spf1 include:deep.app.example a "+lead+at+end),
				})
				known.Partial = true
				req := plan.Request{Domain: domain, Snapshot: known, Intents: []plan.Intent{plan.SPF("@", "include:_spf2.app.example")}}
				p, err := again(&req, append(world{zone.NewSnapshot(domain, tt.rest), vendor}, elsewhere(t)...))
				if err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.SPFLookups })
				if i < 0 {
					t.Fatalf("no conflict:\n%s", p.Text())
				}
				if got := strings.Contains(p.Conflicts[i].Text, "the domain's own subrecords"); got != tt.own {
					t.Errorf("written out: %v, want %v: %s", got, tt.own, p.Conflicts[i].Text)
				}
			})
		}
	}
}

// TestSPFShrinkTwoServices: one service is connected to a record that is made
// shorter for it, another one joins, and they go in either order.
func TestSPFShrinkTwoServices(t *testing.T) {
	before := zone.NewSnapshot(domain, []zone.Record{
		{Name: domain, Type: "MX", TTL: 300, Data: "10 mx.app.example."},
		{Name: domain, Type: "A", TTL: 300, Data: "192.0.2.1"},
		zone.NewTXT(domain, 300, "v=spf1 include:_spf.app.example include:spf.smallbiz.app.example a mx a:edge.app.example a:mx.app.example "+
			"include:own1.customer.example include:own2.customer.example include:own3.customer.example -all"),
		zone.NewTXT("own1."+domain, 300, "v=spf1 ip4:192.0.2.77 -all"), zone.NewTXT("own2."+domain, 300, "v=spf1 ip4:192.0.2.78 -all"),
		zone.NewTXT("own3."+domain, 300, "v=spf1 include:own1.customer.example -all"),
	})
	now := before
	var runs []plan.Applied
	for _, need := range []string{"include:_spf2.app.example", "ip4:203.0.113.200"} {
		req := plan.Request{
			Domain: domain, Snapshot: now, Intents: []plan.Intent{plan.SPF("@", need)}, Ours: plan.Ours(runs),
			Decisions: []plan.Decision{{Code: plan.SPFLookups, Option: "shrink"}, {Code: plan.SafetyGate, Option: "proceed"}},
		}
		p, err := again(&req, elsewhere(t))
		if err != nil || p.Status != plan.Ready {
			t.Fatalf("%s: %v", p.Status, err)
		}
		now = now.With(p.ZoneChanges()...)
		runs = append(runs, plan.Applied{Changes: p.ZoneChanges(), SPF: p.SPF})
	}
	if was, is := spfTexts(before)[0], spfTexts(now)[0]; strings.Contains(is, "own1") || was == is {
		t.Fatalf("nothing was made shorter: %q", is)
	}
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		left := now
		for _, i := range order {
			u, err := plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: left, Runs: runs[i : i+1]})
			if err != nil {
				t.Fatal(err)
			}
			left = left.With(u.ZoneChanges()...)
		}
		text := spfTexts(left)[0]
		if strings.Contains(text, "_spf2.app.example") || strings.Contains(text, "203.0.113.200") {
			t.Errorf("gone in the order %v, a service may send still: %q", order, text)
		}
		if err := sameSenders(append(world{before}, elsewhere(t)...), spfTexts(before)[0], text); err != nil {
			t.Errorf("gone in the order %v: %v", order, err)
		}
	}
}
