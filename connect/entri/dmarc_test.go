package entri_test

import (
	"fmt"
	"testing"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestDMARCOptions goes the whole way for each option: from a configuration to
// the record that the plan leaves in the zone.
func TestDMARCOptions(t *testing.T) {
	const (
		value = "v=DMARC1; p=none; rua=mailto:reports@customer.example"
		own   = "v=DMARC1;  p=reject; sp=none; rua=mailto:own@customer.example; pct=20;"
	)
	tests := []struct {
		name, host, options string
		here, root          string
		want                string
		status              plan.Status
	}{
		{"none there", "_dmarc", `"dmarcOverride": {"p": "quarantine"}`, "", "", "v=DMARC1; p=quarantine; rua=mailto:reports@customer.example", plan.Ready},
		{"no options", "_dmarc", `"dmarcOverride": {}`, own, "", own, plan.NoChange},
		{"dmarcOverride", "_dmarc", `"dmarcOverride": {"p": "quarantine", "ruf": "mailto:f@customer.example"}`, own, "", "v=DMARC1;  p=quarantine; sp=none; rua=mailto:own@customer.example; pct=20; ruf=mailto:f@customer.example;", plan.Ready},
		{"overrideTags", "_dmarc", `"advancedDmarcOptions": {"overrideTags": {"p": "none", "pct": 50, "adkim": "s"}}`, own, "", "v=DMARC1;  p=none; sp=none; rua=mailto:own@customer.example; pct=50; adkim=s;", plan.Ready},
		{"removeTags", "_dmarc", `"advancedDmarcOptions": {"removeTags": ["PCT", "sp", "fo"]}`, own, "", "v=DMARC1;  p=reject; rua=mailto:own@customer.example;", plan.Ready},
		{"addTagsIfNotExist", "_dmarc", `"advancedDmarcOptions": {"addTagsIfNotExist": {"rua": "mailto:x@customer.example", "fo": "1"}}`, own, "", "v=DMARC1;  p=reject; sp=none; rua=mailto:own@customer.example; pct=20; fo=1;", plan.Ready},
		{"nothing left to do", "_dmarc", `"advancedDmarcOptions": {"overrideTags": {"p": "REJECT"}, "removeTags": ["np"], "addTagsIfNotExist": {"rua": "mailto:x@customer.example"}}`, own, "", own, plan.NoChange},
		{"inheritRootDmarc", "_dmarc.mail", `"advancedDmarcOptions": {"inheritRootDmarc": true}`, "", own, "v=DMARC1;  p=none; rua=mailto:own@customer.example; pct=20;", plan.Ready},
		{"inheritRootDmarc and the rest", "_dmarc.mail", `"advancedDmarcOptions": {"inheritRootDmarc": true, "overrideTags": {"p": "quarantine"}, "removeTags": ["pct"], "addTagsIfNotExist": {"aspf": "s"}}`, "", own, "v=DMARC1;  p=quarantine; rua=mailto:own@customer.example; aspf=s;", plan.Ready},
		{"inheritRootDmarc without a root", "_dmarc.mail", `"advancedDmarcOptions": {"inheritRootDmarc": true}`, "", "", value, plan.Ready},
		{"inheritRootDmarc with one of its own", "_dmarc.mail", `"advancedDmarcOptions": {"inheritRootDmarc": true}`, own, "v=DMARC1; p=none", own, plan.NoChange},
		{"both", "_dmarc", `"dmarcOverride": {"rua": "mailto:d@{DOMAIN}"}, "advancedDmarcOptions": {"removeTags": ["rua", "pct"]}`, own, "", "v=DMARC1;  p=reject; sp=none; rua=mailto:d@customer.example;", plan.Ready},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := entri.Parse(fmt.Appendf(nil, `{"applicationId": "a", "dnsRecords": [{"type": "TXT", "host": %q, "value": %q, "ttl": 300, %s}]}`, tt.host, value, tt.options))
			if err != nil {
				t.Fatal(err)
			}
			intents, err := c.Intents(entri.HostOptions{}, entri.Facts{Domain: "customer.example"})
			if err != nil {
				t.Fatal(err)
			}
			const domain = zone.Name("customer.example")
			recs := []zone.Record{
				{Name: domain, Type: "SOA", TTL: 3600, Data: "ns1.host.example. hostmaster.host.example. 1 3600 600 86400 300"},
				{Name: domain, Type: "NS", TTL: 3600, Data: "ns1.host.example."},
			}
			owner := zone.Name(tt.host) + "." + domain
			if tt.here != "" {
				recs = append(recs, zone.NewTXT(owner, 300, tt.here))
			}
			if tt.root != "" {
				recs = append(recs, zone.NewTXT("_dmarc."+domain, 300, tt.root))
			}
			req := plan.Request{Domain: domain, Snapshot: zone.NewSnapshot(domain, recs), Intents: intents}
			p := planned(t, req)
			after := req.Snapshot.With(p.ZoneChanges()...).Set(owner, "TXT")
			if len(after) != 1 || after[0].Text() != tt.want || p.Status != tt.status {
				t.Errorf("%s, and %v there; want %s and %q", p.Status, after, tt.status, tt.want)
			}
		})
	}
}

// planned makes a plan where DNS has nothing beside the zone.
func planned(t *testing.T, req plan.Request) plan.Plan {
	t.Helper()
	for range 20 {
		p, err := plan.New(req)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Questions) == 0 {
			return p
		}
		for _, q := range p.Questions {
			req.Facts = append(req.Facts, plan.Fact{Question: q, Status: plan.NXDomain})
		}
	}
	t.Fatal("the plan never stops asking")
	return plan.Plan{}
}
