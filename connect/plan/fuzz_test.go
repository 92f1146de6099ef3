package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers/zone"
)

// FuzzPlan plans for whatever a host may return and whoever may ask: lines of
// NAME TYPE DATA against intents, policies and a host's rules in JSON. Each
// open conflict is answered as picks says. Nothing may panic, what no change
// names must stay, a decision is never refused that the plan itself offered,
// and taking it back must not panic either.
func FuzzPlan(f *testing.F) {
	f.Add("@ TXT \"v=spf1 -all\"\nwww A 192.0.2.1\n* MX 10 mail", `[{"kind":"SPF","host":"@","value":"include:x","override":true},{"kind":"CNAME","host":"www","value":"a.b"}]`, `{"apex_alias":"CNAME","max_txt":60}`, `{"spf":"replace"}`, []byte{0, 1, 0})
	f.Add("_dmarc CNAME x\ns._domainkey TXT \"k=rsa;p=", `[{"kind":"TXT","host":"_dmarc","value":"v=DMARC1"},{"kind":"DKIM","host":"s._domainkey","value":"p=","fallback":"x"}]`, `{}`, `{}`, []byte{2})
	f.Add("sub NS ns.sub\n\\\\ A \n. NS .", `[{"kind":"NS","host":"sub","value":"x."},{"kind":"CAA","host":"@","tag":"issue","value":";"},{"kind":"MX","host":"@","value":"."}]`, `{"apex_alias":"ALIAS","max_txt":300,"no_null_mx":true}`, `{"mail":"fail"}`, []byte{1, 1})
	f.Add("_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"v=DMARC1; p=reject\"", `[{"kind":"DMARC","host":"_dmarc","value":"v=DMARC1; p=none","dmarc":{"override":{"p":"reject"},"merge_reports":true},"ttl":60,"enforce_ttl":true}]`, `{"min_ttl":300,"ttls":[1,300]}`, `{"dmarc":"keep"}`, []byte{0, 0})
	f.Add("_sip._tcp SRV 1 2 3 sip\nwww REDIRECT 301 https://x/", `[{"kind":"SRV","host":"_sip._tcp","value":".","optional":true},{"kind":"REDIRECT","host":"www","value":"https://a.b/","fallback":"192.0.2.1"},{"kind":"AAAA","host":"www.www","value":"::1"},{"kind":"A","host":"*","value":"192.0.2.1"}]`, `{"redirects":true,"grain":"record"}`, `{"service":"replace","address":"ask"}`, []byte{255, 3})
	f.Fuzz(func(t *testing.T, text, asked, host, class string, picks []byte) {
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
		sc := scenario{Zone: zone.NewSnapshot(domain, recs), Picks: []int{len(picks)}, Defaults: len(picks)%2 == 0}
		for _, b := range picks {
			sc.Picks = append(sc.Picks, int(b))
		}
		if json.Unmarshal([]byte(asked), &sc.Intents) != nil || len(sc.Intents) > 20 {
			return
		}
		if json.Unmarshal([]byte(host), &sc.Caps) != nil || json.Unmarshal([]byte(class), &sc.Policies) != nil {
			return
		}
		if alias := sc.Caps.ApexAlias; alias != "ALIAS" && alias != "CNAME" {
			sc.Caps.ApexAlias = ""
		}
		tr, err := right.try(sc, nil)
		if err != nil {
			if !unmeant(err) && !strings.HasPrefix(err.Error(), "plan: policy") {
				t.Fatal(err)
			}
			return
		}
		hostile(t, tr)
	})
}
