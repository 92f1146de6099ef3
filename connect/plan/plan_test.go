package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

func newPlan(t testing.TB, req plan.Request) plan.Plan {
	t.Helper()
	req.Domain = domain
	if req.Snapshot.Zone == "" {
		req.Snapshot = zoneOf(t, "$TTL 3600\nwww A 192.0.2.1\n", string(domain))
	}
	p, err := again(&req, elsewhere(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The ID is what a person approves: equal where the effect is, another where
// anything shown is another.
func TestID(t *testing.T) {
	base := plan.Request{Intents: []plan.Intent{plan.CNAME("www", "edge.app.example")}, Decisions: []plan.Decision{plan.TakeDefaults()}}
	id := newPlan(t, base).ID
	for _, c := range []struct {
		name string
		same bool
		req  func(r *plan.Request)
	}{
		{"the same again", true, func(*plan.Request) {}},
		{"decided instead of taken by default", true, func(r *plan.Request) {
			r.Decisions = []plan.Decision{{Code: plan.AddressGroup, Option: "replace"}}
		}},
		{"a record elsewhere in the zone", true, func(r *plan.Request) {
			r.Snapshot = zoneOf(t, "$TTL 3600\nwww A 192.0.2.1\nshop A 192.0.2.2\n", string(domain))
		}},
		{"no answer", false, func(r *plan.Request) { r.Decisions = nil }},
		{"another target", false, func(r *plan.Request) { r.Intents = []plan.Intent{plan.CNAME("www", "mx.app.example")} }},
		{"another TTL", false, func(r *plan.Request) { r.Intents[0].TTL = 60 }},
		{"another record goes", false, func(r *plan.Request) {
			r.Snapshot = zoneOf(t, "$TTL 3600\nwww A 192.0.2.9\n", string(domain))
		}},
		{"a hazard", false, func(r *plan.Request) { r.Caps = providers.Caps{Grain: providers.GrainRecord} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := base
			req.Intents = slices.Clone(base.Intents)
			c.req(&req)
			if got := newPlan(t, req).ID; (got == id) != c.same {
				t.Errorf("ID %s beside %s: equal %t, want %t", got, id, got == id, c.same)
			}
		})
	}
}

// What must be absent guards a change against what somebody writes meanwhile,
// and must not guard it against what stood there when it was planned.
func TestAbsent(t *testing.T) {
	signed := zone.NewSnapshot(domain, []zone.Record{
		{Name: "www." + domain, Type: "NSEC", TTL: 300, Data: "x.customer.example. A NSEC"},
		{Name: "www." + domain, Type: "A", TTL: 300, Data: "192.0.2.1"},
	})
	for _, c := range []struct {
		name   string
		req    plan.Request
		want   []string
		others bool // want is some of what must be absent
	}{
		{"an alias stands alone", plan.Request{Intents: []plan.Intent{plan.CNAME("www", "edge.app.example")}}, []string{"ANY"}, false},
		{"but for the host's own records", plan.Request{Snapshot: signed, Intents: []plan.Intent{plan.CNAME("www", "edge.app.example")}}, []string{"A", "MX", "TXT"}, true},
		{"an address stands beside no alias", plan.Request{Intents: []plan.Intent{plan.A("www", "198.51.100.7")}}, []string{"ALIAS", "CNAME"}, false},
		{"nor does a text", plan.Request{Intents: []plan.Intent{plan.TXT("www", "a")}}, []string{"CNAME"}, false},
		{"an alias of the host stands beside others", plan.Request{Intents: []plan.Intent{plan.CNAME("@", "edge.app.example")}, Caps: providers.Caps{ApexAlias: "CNAME"}}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := newPlan(t, c.req).Changes[0].Absent
			if c.others {
				for _, typ := range c.want {
					if !slices.Contains(got, typ) {
						t.Errorf("got %v, want %s among them", got, typ)
					}
				}
				if slices.Contains(got, "ANY") || slices.Contains(got, "NSEC") {
					t.Errorf("got %v, which the zone itself breaks", got)
				}
				return
			}
			if d := cmp.Diff(got, c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	}
}

// Data that a host gives as it likes must not write on a terminal, nor look
// like more lines of a plan.
func TestTextIsPlain(t *testing.T) {
	snap := zone.NewSnapshot(domain, []zone.Record{
		{Name: "www." + domain, Type: "REDIRECT", TTL: 300, Data: "x\x1b[2J\n    + A 192.0.2.66\u009b\u202e7.100.51.891\u2028"},
	})
	text := newPlan(t, plan.Request{Snapshot: snap, Intents: []plan.Intent{plan.A("www", "198.51.100.7")}}).Text()
	if strings.ContainsAny(text, "\x1b\u009b\u202e\u2028") || strings.Contains(text, "\n    + A 192.0.2.66") {
		t.Errorf("control characters in %q", text)
	}
	if !strings.Contains(text, `x\027[2J\010    + A 192.0.2.66\155\u{202e}7.100.51.891\u{2028}`) {
		t.Errorf("the data is not shown in %q", text)
	}
}

// A fact's records belong to the caller.
func TestFactsStay(t *testing.T) {
	above := make([]zone.Record, 1, 4)
	above[0] = zone.Record{Name: "example", Type: "CAA", TTL: 60, Data: `0 issue "ca.example"`}
	req := plan.Request{
		Intents:   []plan.Intent{plan.CAA("@", "issuewild", "pki.app.example")},
		Decisions: []plan.Decision{{Code: plan.CAAAbove, Option: "copy"}},
		Facts:     []plan.Fact{{Question: plan.Question{Name: "example", Type: "CAA"}, Status: plan.Found, Records: above}},
	}
	newPlan(t, req)
	if d := cmp.Diff(above[:4], []zone.Record{above[0], {}, {}, {}}); d != "" {
		t.Errorf("the fact was written to (-got +want):\n%s", d)
	}
}

// A decision that was right once must be right again after it was carried out.
func TestDecisionsStayRight(t *testing.T) {
	req := plan.Request{
		Domain: domain, Intents: []plan.Intent{plan.MX("@", 10, "mx.app.example")},
		Snapshot:  zoneOf(t, "$TTL 3600\n@ MX 10 mail\n", string(domain)),
		Decisions: []plan.Decision{{Code: plan.MXSet, Option: "append"}},
	}
	first := newPlan(t, req)
	req.Snapshot = req.Snapshot.With(first.ZoneChanges()...)
	if p := newPlan(t, req); p.Status != plan.NoChange {
		t.Errorf("status %s, want no-change:\n%s", p.Status, p.Text())
	}
}

// TestStandingStays: a broken record is replaced by one that stands beside it
// already, which is then no change of its own.
func TestStandingStays(t *testing.T) {
	apex := zone.Name("customer.example")
	snap := zone.NewSnapshot(apex, []zone.Record{
		{Name: apex, Type: "TXT", TTL: 300, Data: `"v=spf1 a -all`, Opaque: true},
		zone.NewTXT(apex, 300, "v=spf1 include:app.example ~all"),
	})
	p := world{}.make(t, plan.Request{
		Snapshot: snap, Intents: []plan.Intent{plan.SPF("@", "include:app.example")},
		Decisions: []plan.Decision{{Code: plan.SPFInvalid, Option: "replace"}, {Code: plan.SPFInclude, Option: "force"}, {Code: plan.SafetyGate, Option: "proceed"}},
	})
	if add, remove := p.Counts(); add != 0 || remove != 1 {
		t.Errorf("got %d added and %d removed, want the broken record removed and nothing else:\n%s", add, remove, p.Text())
	}
}
