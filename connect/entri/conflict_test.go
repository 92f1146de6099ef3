package entri_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

func TestRecordConflicts(t *testing.T) {
	const text = `customer.example. 3600 IN NS ns1.customer.example.
customer.example. 3600 IN MX 10 mail.customer.example.
customer.example. 3600 IN MX 20 mail.customer.example.
customer.example. 3600 IN TXT "v=spf1 mx -all"
customer.example. 3600 IN TXT "token=1"
www.customer.example. 3600 IN A 192.0.2.10
www.customer.example. 300 IN TXT "here" " too"
*.customer.example. 3600 IN A 192.0.2.11
s1._domainkey.customer.example. 3600 IN TXT "v=DKIM1; p="
`
	for _, tt := range []struct {
		name    string
		intents []plan.Intent
		want    string
	}{
		{"nothing in the way", []plan.Intent{plan.TXT("@", "token=2"), plan.SPF("@", "include:app.example")}, `null`},
		{"it stands there already", []plan.Intent{plan.A("www", "192.0.2.10")}, `null`},
		{"a wildcard answers less", []plan.Intent{plan.A("shop", "192.0.2.12")}, `null`},
		{
			"mail servers",
			[]plan.Intent{plan.MX("@", 10, "mx.app.example")},
			`[{"host":"@","type":"MX","value":"mail.customer.example","priority":10},{"host":"@","type":"MX","value":"mail.customer.example","priority":20}]`,
		},
		{
			"an alias where others stand", []plan.Intent{plan.CNAME("www", "edge.app.example")}, // two conflicts
			`[{"host":"www","type":"A","value":"192.0.2.10"},{"host":"www","type":"TXT","value":"here too"}]`,
		},
		{
			"several, in the order of the zone",
			[]plan.Intent{plan.CNAME("s1._domainkey", "s1.app.example"), plan.A("www", "192.0.2.12"), plan.MX("@", 5, "mx.app.example")},
			`[{"host":"@","type":"MX","value":"mail.customer.example","priority":10},{"host":"@","type":"MX","value":"mail.customer.example","priority":20},` +
				`{"host":"s1._domainkey","type":"TXT","value":"v=DKIM1; p="},{"host":"www","type":"A","value":"192.0.2.10"}]`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			snap, err := zone.ReadText(strings.NewReader(text), "customer.example")
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.New(plan.Request{Snapshot: snap, Intents: tt.intents, Decisions: entri.CheckDecisions()})
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(entri.RecordConflicts(p))
			if d := cmp.Diff(string(got), tt.want); err != nil || d != "" {
				t.Errorf("%v (-got +want)\n%s", err, d)
			}
		})
	}
}

func TestFailedOptional(t *testing.T) {
	if got := entri.FailedOptional(); got != nil {
		t.Errorf("got %v, want nil for none", got)
	}
	for _, tt := range []struct {
		in   plan.Intent
		want string
	}{
		{plan.A("@", "192.0.2.1"), `{"type":"A","host":"@","value":"192.0.2.1","ttl":300,"optional":true}`},
		{plan.SPF("mail", "v=spf1 mx ~all"), `{"type":"TXT","host":"mail","value":"v=spf1 mx ~all","ttl":300,"optional":true}`},
		{plan.DMARC("_dmarc", "v=DMARC1; p=none", nil), `{"type":"TXT","host":"_dmarc","value":"v=DMARC1; p=none","ttl":300,"optional":true}`},
		{plan.MX("@", 10, "mx.app.example"), `{"type":"MX","host":"@","value":"mx.app.example","ttl":300,"optional":true}`},
		{plan.CAA("@", "issue", "pki.app.example"), `{"type":"CAA","host":"@","value":"0 issue \"pki.app.example\"","ttl":300,"optional":true}`},
	} {
		tt.in.TTL, tt.in.Optional = 300, true
		got, err := json.Marshal(entri.FailedOptional(tt.in)[0])
		if d := cmp.Diff(string(got), tt.want); err != nil || d != "" {
			t.Errorf("%v (-got +want)\n%s", err, d)
		}
	}
}
