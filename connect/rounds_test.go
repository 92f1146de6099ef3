package connect_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestChainOfIncludes: somebody else's SPF records that lead on and on make a
// conflict about SPF, and the rest of the plan is made.
func TestChainOfIncludes(t *testing.T) {
	h, w := dnsHost(t, rfc2136.Driver{})
	w.Set(zoneOf(t, head+"@ TXT \"v=spf1 include:s0.app.example -all\"\n"))
	app := w.Zone("app.example").Records
	for i := range 40 {
		app = append(app, zone.NewTXT(zone.Name(fmt.Sprintf("s%d.app.example", i)), 60, fmt.Sprintf("v=spf1 include:s%d.app.example -all", i+1)))
	}
	w.Set(zone.NewSnapshot("app.example", app))
	p, err := h.engine.Prepare(t.Context(), h.detect(t), h.creds, []plan.Intent{
		plan.SPF("@", "include:s20.app.example"), plan.CNAME("chain", "sip.app.example."),
	}, plan.TakeDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.SPFLookups || c.Code == plan.SPFInclude }) {
		t.Errorf("no conflict about SPF:\n%s", p.Text())
	}
	if p.Results[1].State != plan.Added {
		t.Errorf("the alias: %s:\n%s", p.Results[1].State, p.Text())
	}
}
