package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// FuzzPlan plans for whatever a host may return and whoever may ask: lines of
// NAME TYPE DATA against intents in JSON. Nothing may panic, what no change
// names must stay, and taking it back must not panic either.
func FuzzPlan(f *testing.F) {
	f.Add("@ TXT \"v=spf1 -all\"\nwww A 192.0.2.1\n* MX 10 mail", `[{"kind":"SPF","host":"@","value":"include:x"},{"kind":"CNAME","host":"www","value":"a.b"}]`, "CNAME", 60)
	f.Add("_dmarc CNAME x\ns._domainkey TXT \"k=rsa;p=", `[{"kind":"TXT","host":"_dmarc","value":"v=DMARC1"},{"kind":"DKIM","host":"s._domainkey","value":"p=","fallback":"x"}]`, "", 0)
	f.Add("sub NS ns.sub\n\\\\ A \n. NS .", `[{"kind":"NS","host":"sub","value":"x."},{"kind":"CAA","host":"@","tag":"issue","value":";"},{"kind":"MX","host":"@","value":"."}]`, "ALIAS", 300)
	f.Fuzz(func(t *testing.T, text, asked, alias string, limit int) {
		if len(text) > 2000 || len(asked) > 2000 {
			return
		}
		var recs []zone.Record
		for line := range strings.Lines(text) {
			part := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
			if len(part) < 3 {
				continue
			}
			name, err := zone.Abs(part[0], domain)
			if err != nil {
				name = zone.Name(part[0]) // a host that gives what is no name
			}
			recs = append(recs, zone.Record{Name: name, Type: part[1], TTL: 300, Data: part[2]})
		}
		var intents []plan.Intent
		if json.Unmarshal([]byte(asked), &intents) != nil || len(intents) > 20 {
			return
		}
		sc := scenario{
			Zone: zone.NewSnapshot(domain, recs), Intents: intents,
			Caps:  providers.Caps{ApexAlias: alias, MaxTXT: limit},
			Picks: []int{0, 1, 0, 2, 1},
		}
		if alias != "ALIAS" && alias != "CNAME" {
			sc.Caps.ApexAlias = ""
		}
		req, p, err := settle(sc, nil)
		if err != nil {
			if !isInput(err) {
				t.Fatal(err)
			}
			return
		}
		_ = p.Text()
		after := req.Snapshot.With(p.ZoneChanges()...)
		if err := untouched(zone.NewSnapshot(domain, recs), after, p); err != nil {
			t.Fatalf("%v\n%s", err, p.Text())
		}
		if err := named(req, p); err != nil {
			t.Fatalf("%v\n%s", err, p.Text())
		}
		if _, err := plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: after, Runs: []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}}}); err != nil {
			t.Fatal(err)
		}
	})
}
