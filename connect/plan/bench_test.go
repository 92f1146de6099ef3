package plan_test

import (
	"fmt"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// sized is a zone of n records, 60 % A, 20 % CNAME, 10 % TXT and 10 % MX, one
// for each name, and the SPF record of the domain.
func sized(n int) []zone.Record {
	recs := []zone.Record{zone.NewTXT(domain, 300, "v=spf1 ip4:192.0.2.1 -all")}
	for i := len(recs); i < n; i++ {
		r := zone.Record{Name: zone.Name(fmt.Sprintf("h%d.%s", i, domain)), Type: "A", TTL: 300, Data: fmt.Sprintf("192.0.%d.%d", i>>8&255, i&255)}
		switch i % 10 {
		case 0, 5:
			r.Type, r.Data = "CNAME", fmt.Sprintf("t%d.hosting.example.net.", i)
		case 1:
			r.Type, r.Data = "TXT", fmt.Sprintf(`"token=%d"`, i)
		case 2:
			r.Type, r.Data = "MX", fmt.Sprintf("10 mx%d.example.net.", i)
		}
		recs = append(recs, r)
	}
	return recs
}

// five is a zone of n records and five intents for it, everything known and
// decided.
func five(tb testing.TB, n int) plan.Request {
	req := plan.Request{
		Domain: domain, Snapshot: zone.NewSnapshot(domain, sized(n)), Decisions: []plan.Decision{plan.TakeDefaults()},
		Intents: []plan.Intent{
			plan.CNAME("h3", "edge.app.example"),
			plan.SPF("@", "include:_spf.app.example"),
			plan.TXT("@", "app-verify=1"),
			plan.CNAME("s1._domainkey", "edge.app.example"),
			plan.CAA("@", "issue", "pki.app.example"),
		},
	}
	known(tb, &req)
	return req
}

// everything asks for another value of each of n records.
func everything(tb testing.TB, n int) plan.Request {
	req := plan.Request{Domain: domain, Snapshot: zone.NewSnapshot(domain, sized(n)), Decisions: []plan.Decision{
		plan.TakeDefaults(), {Code: plan.MXSet, Option: "replace"}, {Code: plan.SafetyGate, Option: "proceed"},
	}}
	for i, r := range sized(n) {
		host := r.Name.FQDN()
		switch {
		case i == 0:
			req.Intents = append(req.Intents, plan.SPF(host, "include:_spf.app.example"))
		case r.Type == "A":
			req.Intents = append(req.Intents, plan.A(host, fmt.Sprintf("198.51.%d.%d", i>>8&255, i&255)))
		case r.Type == "CNAME":
			req.Intents = append(req.Intents, plan.CNAME(host, "edge.app.example"))
		case r.Type == "TXT":
			req.Intents, req.Ours = append(req.Intents, plan.TXT(host, fmt.Sprintf("token=new%d", i))), append(req.Ours, r)
		case r.Type == "MX":
			req.Intents = append(req.Intents, plan.MX(host, 20, "mx.app.example"))
		}
	}
	known(tb, &req)
	return req
}

// known answers what the plan asks, and wants it ready then.
func known(tb testing.TB, req *plan.Request) {
	tb.Helper()
	p, err := again(req, elsewhere(tb))
	if err != nil {
		tb.Fatal(err)
	}
	if p.Status != plan.Ready {
		tb.Fatalf("status %s: %+v", p.Status, p.Open()[:1])
	}
}

// What does planning cost? The aim is at most 5 ms for 5 intents in 10,000
// records, 10 ms more where the snapshot is built too, 25 ms where everything
// changes, twelve times as much for 100,000 records, and 50 µs for 100.
func BenchmarkPlan(b *testing.B) {
	run := func(name string, req plan.Request, snapshot func() zone.Snapshot) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if snapshot != nil {
					req.Snapshot = snapshot()
				}
				if _, err := plan.New(req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	recs := sized(10_000)
	run("100-5intents", five(b, 100), nil)
	run("10k-5intents", five(b, 10_000), nil)
	run("10k-snapshot", five(b, 10_000), func() zone.Snapshot { return zone.NewSnapshot(domain, recs) })
	run("10k-allchanged", everything(b, 10_000), nil)
	run("100k-5intents", five(b, 100_000), nil)
}

func TestRow17Allocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	req := five(t, 10_000)
	n := testing.AllocsPerRun(20, func() {
		if _, err := plan.New(req); err != nil {
			t.Fatal(err)
		}
	})
	per := n / float64(len(req.Intents))
	t.Logf("%.0f allocations, %.1f for each intent", n, per)
	if per > 100 {
		t.Errorf("%.1f allocations for each intent, want at most 100", per)
	}
}
