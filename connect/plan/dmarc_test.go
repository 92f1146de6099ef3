package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Some hosts let an alias stand beside a TXT. A policy that does so is the
// owner's own: the decision that the alias goes does not take it, wherever the
// alias leads. What only looks like one stays too.
func TestDMARCBesideAlias(t *testing.T) {
	const (
		own    = "v=DMARC1; p=none"
		hidden = " v=DMARC1; p=none"
		wanted = "v=DMARC1; p=reject; rua=mailto:r@customer.example"
		gone   = "gone.vendor.example."
		led    = "customer.vendor.example."
	)
	outside := world{zoneOf(t, `$ORIGIN vendor.example.
@ 60 SOA ns host 1 1 1 1 1
customer 60 TXT "v=DMARC1; p=quarantine; rua=mailto:d@vendor.example"
customer.example._report._dmarc 60 TXT "v=DMARC1"
`, "vendor.example")}
	tests := []struct {
		name, there, alias string
		decisions          []string
		want               []string // at the name, then
	}{
		{"the alias may go", own, gone, []string{"under-cname=replace"}, []string{"CNAME " + gone, own}},
		{"the alias leads to another policy and may go", own, led, []string{"under-cname=replace"}, []string{"CNAME " + led, own}},
		{"both may go", own, led, []string{"under-cname=replace", "dmarc-record=replace"}, []string{wanted}},
		{"both may go, and the owner's gets the reports", own, led, []string{"under-cname=replace", "dmarc-record=reports"}, []string{own + "; rua=mailto:r@customer.example"}},
		{
			"a text that only looks like one", hidden, led,
			[]string{"under-cname=replace"},
			[]string{hidden, "v=DMARC1; p=quarantine; rua=mailto:d@vendor.example,mailto:r@customer.example"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			owner := "_dmarc." + domain
			req := plan.Request{
				Snapshot: zone.NewSnapshot(domain, []zone.Record{
					{Name: domain, Type: "SOA", TTL: 3600, Data: "ns1.host.example. h 1 1 1 1 1"},
					{Name: domain, Type: "NS", TTL: 3600, Data: "ns1.host.example."},
					{Name: owner, Type: "CNAME", TTL: 3600, Data: tt.alias},
					zone.NewTXT(owner, 3600, tt.there),
				}),
				Intents:  []plan.Intent{plan.TXT("_dmarc", wanted)},
				Policies: plan.Policies{plan.ClassDMARC: plan.Fail},
			}
			for _, d := range tt.decisions {
				decision, err := plan.ParseDecision(d)
				if err != nil {
					t.Fatal(err)
				}
				req.Decisions = append(req.Decisions, decision)
			}
			p, err := again(&req, outside)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range req.Snapshot.With(p.ZoneChanges()...).At(owner) {
				if r.Type != "TXT" {
					got = append(got, r.Type+" "+r.Data)
					continue
				}
				got = append(got, r.Text())
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("got before want:\n%s\n%s", diff, p.Text())
			}
		})
	}
}
