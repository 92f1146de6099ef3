package entri_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/spf"
)

func TestMailboxSPF(t *testing.T) {
	for _, tt := range []struct {
		host string
		own  []string
		want string
	}{
		{"google-workspace", nil, "include:_spf.google.com"},
		{"microsoft365", nil, "include:spf.protection.outlook.com"},
		{"zoho", nil, "include:zoho.com"},
		{"zoho", []string{"x", "v=spf1 include:zoho.eu -all"}, "include:zoho.eu"},
		{"zoho", []string{"v=spf1 include:other.example -all"}, "include:zoho.com"},
		{"ionos", nil, "include:_spf-eu.ionos.com include:_spf-us.ionos.com"},
		{"ionos", []string{"v=spf1 include:_spf-us.ionos.com -all"}, "include:_spf-us.ionos.com"},
		{"workmail", nil, "include:amazonses.com"},
		{"acme", nil, ""},
		{"", nil, ""},
	} {
		if got := entri.MailboxSPF(tt.host, tt.own...); got != tt.want {
			t.Errorf("%s with %q: got %q, want %q", tt.host, tt.own, got, tt.want)
		}
	}
	for _, m := range dkim.Mailboxes() {
		terms := entri.MailboxSPF(m.ID)
		if _, err := spf.Parse("v=spf1 " + terms); err != nil || !strings.HasPrefix(terms, "include:") {
			t.Errorf("%s: %q, %v", m.ID, terms, err)
		}
	}
}

func TestDKIMStatus(t *testing.T) {
	const key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	seen := func(texts ...string) dkim.Report {
		return dkim.Diagnose(dkim.Seen{Name: "s1._domainkey.customer.example", Texts: texts}, dkim.Want{Name: "s1._domainkey.customer.example", Value: key})
	}
	there, missing, revoked := seen(key), seen(), seen("v=DKIM1; p=")
	for _, tt := range []struct {
		name    string
		off     bool
		reports []dkim.Report
		want    entri.Status
	}{
		{"there", false, []dkim.Report{there, there}, entri.StatusSuccess},
		{"one is missing", false, []dkim.Report{there, missing}, entri.StatusPending},
		{"one is revoked", false, []dkim.Report{revoked, there, missing}, entri.StatusFailure},
		{"no records", false, nil, entri.StatusExempt},
		{"off", true, []dkim.Report{there, revoked}, entri.StatusExempt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := entri.DKIMStatus(!tt.off, tt.reports...); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func ExampleDKIMStatus() {
	r := dkim.Diagnose(dkim.Seen{Name: "s1._domainkey.customer.example"}, dkim.Want{Value: "v=DKIM1; p=11qYAYKx"})
	fmt.Println(entri.DKIMStatus(true, r), entri.DKIMStatus(false, r))
	// Output: pending exempt
}

func ExampleMailboxKeys() {
	m, _ := dkim.KnownMailbox("icloud")
	for _, in := range entri.MailboxKeys(m, "customer.example") {
		fmt.Println(in.Kind, in.Host, in.Value)
	}
	// Output: CNAME sig1._domainkey sig1.dkim.customer.example.at.icloudmailadmin.com
}
