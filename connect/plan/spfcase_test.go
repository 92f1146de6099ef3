package plan_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// spfCases is where peers go wrong: the Domain Connect reference, dnscontrol's
// spflib and octodns-spf.
func spfCases(t *testing.T) {
	long := "v=spf1"
	for i := range 20 {
		long += " ip4:203.0.113." + strconv.Itoa(i)
	}
	for _, tt := range []struct {
		name     string
		own      string // one record a line
		required []string
		option   string // for each conflict
		want     string
		code     plan.Code // of the first conflict
		lookups  int       // 0: not looked at
	}{
		{"a name that is part of another", "v=spf1 include:_spf.app.example.net -all", []string{"include:_spf.app.example"}, "force", "v=spf1 include:_spf.app.example.net include:_spf.app.example -all", "", 0},
		{"the same in another order", "v=spf1 mx a -all", []string{"v=spf1 a mx -all"}, "", "v=spf1 mx a -all", "", 2},
		{"two services", "v=spf1 -all", []string{"include:_spf.app.example", "include:_spf2.app.example"}, "", "v=spf1 include:_spf.app.example include:_spf2.app.example -all", "", 2},
		{"two services and no record", "", []string{"include:_spf.app.example", "include:_spf2.app.example"}, "", "v=spf1 include:_spf.app.example include:_spf2.app.example ~all", "", 2},
		{"one service twice", "v=spf1 -all", []string{"include:_spf.app.example", "INCLUDE:_spf.app.example."}, "", "v=spf1 INCLUDE:_spf.app.example. -all", "", 1},
		{"two records, merged", "v=spf1 ip4:192.0.2.1 -all\nv=spf1 a ~all", []string{"include:_spf.app.example"}, "merge", "v=spf1 a ip4:192.0.2.1 include:_spf.app.example ~all", plan.SPFMultiple, 2},
		{"two records, left", "v=spf1 ip4:192.0.2.1 -all\nv=spf1 a ~all", []string{"include:_spf.app.example"}, "skip", "v=spf1 a ~all\nv=spf1 ip4:192.0.2.1 -all", plan.SPFMultiple, 0},
		{"upper case", "V=SPF1 IP4:192.0.2.1 -ALL", []string{"include:_spf.app.example"}, "", "V=SPF1 IP4:192.0.2.1 include:_spf.app.example -ALL", "", 1},
		{"what only looks like one", "v=spf10 a -all", []string{"include:_spf.app.example"}, "", "v=spf1 include:_spf.app.example ~all\nv=spf10 a -all", "", 1},
		{"in quotes", `"v=spf1 a -all"`, []string{"include:_spf.app.example"}, "replace", "v=spf1 include:_spf.app.example ~all", plan.SPFInvalid, 1},
		{"broken", "v=spf1 ip4:192.0.2.300 -all", []string{"include:_spf.app.example"}, "skip", "v=spf1 ip4:192.0.2.300 -all", plan.SPFInvalid, 0},
		{"a neutral all", "v=spf1 a ?all", []string{"v=spf1 include:_spf.app.example -all"}, "", "v=spf1 a include:_spf.app.example ?all", "", 2},
		{"an all that lets everybody pass", "v=spf1 a +all", []string{"v=spf1 include:_spf.app.example -all"}, "", "v=spf1 a include:_spf.app.example +all", "", 2},
		{"a bare all", "v=spf1 a all", []string{"include:_spf.app.example"}, "", "v=spf1 a include:_spf.app.example all", "", 2},
		{"an all that is no lookup", "v=spf1 +ALL", []string{"mx"}, "", "v=spf1 mx +ALL", "", 1},
		{"a service that is softer", "v=spf1 a -all", []string{"v=spf1 include:_spf.app.example ~all"}, "", "v=spf1 a include:_spf.app.example ~all", "", 2},
		{"a service that is harder", "v=spf1 a ~all", []string{"v=spf1 include:_spf.app.example -all"}, "", "v=spf1 a include:_spf.app.example ~all", "", 2},
		{"no all on either side", "v=spf1 a", []string{"include:_spf.app.example"}, "", "v=spf1 a include:_spf.app.example", "", 2},
		{"the letters all in a name", "v=spf1 include:spf.smallbiz.app.example -all", []string{"include:_spf.app.example"}, "", "v=spf1 include:spf.smallbiz.app.example include:_spf.app.example -all", "", 2},
		{"bare a and mx", "v=spf1 a mx -all", []string{"include:_spf.app.example"}, "", "v=spf1 a mx include:_spf.app.example -all", "", 3},
		{"a redirect", "v=spf1 redirect=_spf2.app.example", []string{"include:_spf.app.example"}, "", "v=spf1 include:_spf.app.example redirect=_spf2.app.example", "", 2},
		{"a redirect to what is required", "v=spf1 redirect=_spf.app.example", []string{"include:_spf.app.example"}, "", "v=spf1 redirect=_spf.app.example", "", 1},
		{"a redirect that an all switches off", "v=spf1 a -all redirect=_spf2.app.example", []string{"include:_spf.app.example"}, "", "v=spf1 a include:_spf.app.example -all redirect=_spf2.app.example", "", 2},
		{"a required redirect", "v=spf1 a -all", []string{"v=spf1 redirect=_spf.app.example"}, "", "v=spf1 a include:_spf.app.example -all", "", 2},
		{"an explanation", "v=spf1 a -all exp=explain.app.example", []string{"include:_spf.app.example"}, "", "v=spf1 a include:_spf.app.example -all exp=explain.app.example", "", 2},
		{"an unknown modifier", "v=spf1 a x-by=somebody -all", []string{"include:_spf.app.example"}, "", "v=spf1 a x-by=somebody include:_spf.app.example -all", "", 2},
		{"a ptr without a colon", "v=spf1 ptr -all", []string{"include:_spf.app.example"}, "", "v=spf1 ptr include:_spf.app.example -all", "", 2},
		{"an include that fails", "v=spf1 -include:_spf2.app.example a -all", []string{"include:_spf.app.example"}, "", "v=spf1 include:_spf.app.example -include:_spf2.app.example a -all", "", 3},
		{"a sender that is excluded", "v=spf1 -ip4:198.51.100.9 ~all", []string{"ip4:198.51.100.0/24"}, "", "v=spf1 ip4:198.51.100.0/24 -ip4:198.51.100.9 ~all", "", 0},
		{"a macro", "v=spf1 exists:%{i}._spf.%{d2} -all", []string{"include:_spf.app.example"}, "", "v=spf1 exists:%{i}._spf.%{d2} include:_spf.app.example -all", "", 2},
		{"an address inside a network", "v=spf1 ip4:192.0.2.0/24 -all", []string{"ip4:192.0.2.7"}, "", "v=spf1 ip4:192.0.2.0/24 -all", "", 0},
		{"a network beside an address", "v=spf1 ip4:192.0.2.7 -all", []string{"ip4:192.0.2.0/24"}, "", "v=spf1 ip4:192.0.2.7 ip4:192.0.2.0/24 -all", "", 0},
		{"10 lookups", "v=spf1 include:deep.app.example a -all", []string{"include:_spf.app.example"}, "", "v=spf1 include:deep.app.example a include:_spf.app.example -all", "", 10},
		{"11 lookups", "v=spf1 include:deep.app.example a mx -all", []string{"include:_spf.app.example"}, "skip", "v=spf1 include:deep.app.example a mx -all", plan.SPFLookups, 11},
		{"11 lookups by a redirect", "v=spf1 a mx redirect=deep.app.example", []string{"include:_spf.app.example"}, "skip", "v=spf1 a mx redirect=deep.app.example", plan.SPFLookups, 11},
		{"11 lookups by terms that fail", "v=spf1 ?include:deep.app.example -a ~mx -all", []string{"include:_spf.app.example"}, "skip", "v=spf1 ?include:deep.app.example -a ~mx -all", plan.SPFLookups, 11},
		{"3 lookups of nothing", "v=spf1 a:no1.app.example a:no2.app.example -all", []string{"a:no3.app.example"}, "skip", "v=spf1 a:no1.app.example a:no2.app.example -all", plan.SPFLookups, 3},
		{"an include of itself", "v=spf1 -all", []string{"include:loop.app.example"}, "skip", "v=spf1 -all", plan.SPFInclude, 0},
		{"an include of nothing", "v=spf1 -all", []string{"include:nowhere.app.example"}, "skip", "v=spf1 -all", plan.SPFInclude, 0},
		{"more than 255 octets", long + " -all", []string{"include:_spf.app.example"}, "", long + " include:_spf.app.example -all", "", 1},
		{"over an alias", "CNAME hosting.example.net.", []string{"include:_spf.app.example"}, "replace", "v=spf1 include:_spf.app.example ~all", plan.UnderCNAME, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			owner, recs := "mail."+domain, []zone.Record(nil)
			if !strings.HasPrefix(tt.own, "CNAME ") {
				recs = append(recs,
					zone.Record{Name: owner, Type: "A", TTL: 300, Data: "192.0.2.1"},
					zone.Record{Name: owner, Type: "MX", TTL: 300, Data: "10 mx.app.example."})
			}
			for text := range strings.Lines(tt.own) {
				text = strings.TrimSuffix(text, "\n")
				if target, ok := strings.CutPrefix(text, "CNAME "); ok {
					recs = append(recs, zone.Record{Name: owner, Type: "CNAME", TTL: 300, Data: target})
				} else {
					recs = append(recs, zone.NewTXT(owner, 300, text))
				}
			}
			req := plan.Request{Domain: domain, Snapshot: zone.NewSnapshot(domain, recs), Decisions: []plan.Decision{{Code: plan.SafetyGate, Option: "proceed"}}}
			for _, text := range tt.required {
				req.Intents = append(req.Intents, plan.SPF("mail", text))
			}
			p, err := again(&req, elsewhere(t))
			if err != nil {
				t.Fatal(err)
			}
			var code plan.Code
			for i, c := range p.Open() {
				if i == 0 {
					code = c.Code
				}
				req.Decisions = append(req.Decisions, plan.Decision{Code: c.Code, Owner: c.Owner, Option: tt.option})
			}
			if p, err = again(&req, elsewhere(t)); err != nil {
				t.Fatal(err)
			}
			after := req.Snapshot.With(p.ZoneChanges()...)
			var got []string
			for _, r := range after.Set(owner, "TXT") {
				got = append(got, r.Text())
			}
			if d := cmp.Diff(strings.Join(got, "\n"), tt.want); d != "" || p.Status == plan.NeedsDecision {
				t.Errorf("status %s (-got +want):\n%s", p.Status, d)
			}
			if tt.option != "force" && code != tt.code {
				t.Errorf("got conflict %q, want %q", code, tt.code)
			}
			if l := p.Results[0].Lookups; tt.lookups > 0 && (l == nil || l.After != tt.lookups) {
				t.Errorf("got %+v lookups, want %d", l, tt.lookups)
			}
		})
	}
	t.Run("a required +all", func(t *testing.T) {
		if _, err := plan.New(plan.Request{Domain: domain, Snapshot: zone.NewSnapshot(domain, nil), Intents: []plan.Intent{plan.SPF("@", "v=spf1 a +all")}}); !isInput(err) {
			t.Errorf("got %v, want an *InputError", err)
		}
	})
}
