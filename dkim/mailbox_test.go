package dkim_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim"
)

// providerData is testdata/mailbox-providers.json.
type providerData struct {
	Mailbox []struct {
		ID, Name string
		MX, SPF  []string
		DKIM     struct {
			Type      string
			Selectors []string
			Custom    bool `json:"custom_selector"`
			Bits      []int
			Target    string
			TargetOld string `json:"target_old"`
			TargetNew string `json:"target_new"`
		}
	}
	Gateways []struct {
		ID   string
		MX   []string
		Kind string
	}
}

func providers(t *testing.T) providerData {
	t.Helper()
	data, err := os.ReadFile("testdata/mailbox-providers.json")
	if err != nil {
		t.Fatal(err)
	}
	var d providerData
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Mailbox) != 16 || len(d.Gateways) != 9 {
		t.Fatalf("%d mailbox hosts and %d gateways, want 16 and 9", len(d.Mailbox), len(d.Gateways))
	}
	return d
}

// added is what the catalogue has beyond the data, each found in the sources that the entry names.
var added = map[string][]string{
	"zoho MX":         {"mx*.zoho.jp", "mx*.zoho.sa", "mx*.zoho.com.cn", "mx*.zohocloud.ca"},
	"zoho SPF":        {"zohomail.eu", "zohomail.in", "zoho.com.au", "zoho.jp", "zoho.sa", "zoho.com.cn", "zohocloud.ca"},
	"ionos MX":        {"mx01.kundenserver.de"},
	"ionos endings":   {"com", "de", "co.uk", "fr", "es", "it", "mx", "ca", "at"},
	"ionos selectors": {"s42582890"},
	"forwardemail MX": {"mx2.forwardemail.net"},
}

// TestCatalogueIsTheData: every pattern, include and selector of the data is in the catalogue, in its order, and nothing else but
// what was added with a source.
func TestCatalogueIsTheData(t *testing.T) {
	data := providers(t)
	got := dkim.Mailboxes()
	if len(got) != len(data.Mailbox) {
		t.Fatalf("%d mailbox hosts, want %d", len(got), len(data.Mailbox))
	}
	for i, want := range data.Mailbox {
		m := got[i]
		t.Run(want.ID, func(t *testing.T) {
			if m.ID != want.ID || m.Name != want.Name || m.Type != want.DKIM.Type || m.Custom != want.DKIM.Custom {
				t.Errorf("got %s, %s, %s, custom %v; want %s, %s, %s, %v", m.ID, m.Name, m.Type, m.Custom, want.ID, want.Name, want.DKIM.Type, want.DKIM.Custom)
			}
			var includes []string
			for _, s := range want.SPF {
				includes = append(includes, strings.TrimPrefix(s, "include:"))
			}
			var mx []string
			for _, pattern := range want.MX { // the data's star stands for the endings that the host has
				if begin, ok := strings.CutSuffix(pattern, "*"); ok {
					for _, ending := range added[m.ID+" endings"] {
						mx = append(mx, begin+ending)
					}
					continue
				}
				mx = append(mx, pattern)
			}
			same(t, "MX", m.MX, slices.Concat(mx, added[m.ID+" MX"]))
			same(t, "SPF", m.SPF, slices.Concat(includes, added[m.ID+" SPF"]))
			same(t, "selectors", m.Selectors, slices.Concat(want.DKIM.Selectors, added[m.ID+" selectors"]))
			if diff := cmp.Diff(slices.Sorted(slices.Values(m.Bits)), slices.Sorted(slices.Values(want.DKIM.Bits))); diff != "" {
				t.Errorf("bits (-got +want):\n%s", diff)
			}
			for _, target := range []string{want.DKIM.Target, want.DKIM.TargetOld, want.DKIM.TargetNew} {
				fill := strings.NewReplacer("{1,2}", "1", "{1,2,3}", "1", "{,2,3}", "", "<domain with dashes>", "customer-example", "<domain>", "customer.example",
					"<tenant>", "tenant", "<partition char>", "r", "<suffix>", "customer_example.6a3", "<d...token>", "dabc", "<token>", "abc")
				if target != "" && !m.Leads(fill.Replace(target)+".") {
					t.Errorf("%s is not seen as a target of %s", fill.Replace(target), m.Name)
				}
			}
		})
	}
	for i, want := range data.Gateways {
		g := dkim.Gateways()[i]
		if g.ID != want.ID || g.Forwarder != (want.Kind == "forwarder") {
			t.Errorf("gateway %d: got %s, forwarder %v; want %s, %q", i, g.ID, g.Forwarder, want.ID, want.Kind)
		}
		same(t, g.ID, g.MX, slices.Concat(want.MX, added[g.ID+" MX"]))
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// TestCatalogueIsWhole: an entry tells a person where to go, and a program where it is from.
func TestCatalogueIsWhole(t *testing.T) {
	for _, m := range dkim.Mailboxes() {
		computed := m.Records("customer.example") != nil
		switch {
		case m.ID == "" || m.Name == "" || m.Source == "" || m.Asked == "":
			t.Errorf("%+v: no ID, name, source or date", m)
		case !strings.HasPrefix(m.Page, "https://") || len(m.Steps) == 0:
			t.Errorf("%s: no page or no steps", m.ID)
		case computed != (m.Why == ""):
			t.Errorf("%s: records can be computed: %v, and why not: %q", m.ID, computed, m.Why)
		case m.Type != "TXT" && m.Type != "CNAME" || (m.Type == "CNAME") != (m.Targets != nil):
			t.Errorf("%s: type %s with targets %q", m.ID, m.Type, m.Targets)
		}
		if _, ok := dkim.KnownMailbox(m.ID); !ok {
			t.Errorf("%s is not found by its ID", m.ID)
		}
	}
	if _, ok := dkim.KnownMailbox("acme"); ok {
		t.Error("an unknown ID is found")
	}
}

func TestMailboxRecords(t *testing.T) {
	for _, tt := range []struct {
		id, domain string
		want       []string // selector, name, value
	}{
		{"fastmail", "Customer.Example.", []string{
			"fm1 fm1._domainkey.customer.example fm1.customer.example.dkim.fmhosted.com",
			"fm2 fm2._domainkey.customer.example fm2.customer.example.dkim.fmhosted.com",
			"fm3 fm3._domainkey.customer.example fm3.customer.example.dkim.fmhosted.com",
		}},
		{"icloud", "customer.co.uk", []string{"sig1 sig1._domainkey.customer.co.uk sig1.dkim.customer.co.uk.at.icloudmailadmin.com"}},
		{"migadu", "customer.example", []string{
			"key1 key1._domainkey.customer.example key1.customer.example._domainkey.migadu.com",
			"key2 key2._domainkey.customer.example key2.customer.example._domainkey.migadu.com",
			"key3 key3._domainkey.customer.example key3.customer.example._domainkey.migadu.com",
		}},
		{"ionos", "customer.example", []string{
			"s1-ionos s1-ionos._domainkey.customer.example s1.dkim.ionos.com",
			"s2-ionos s2-ionos._domainkey.customer.example s2.dkim.ionos.com",
			"s42582890 s42582890._domainkey.customer.example s42582890.dkim.ionos.com",
		}},
		{"tuta", "customer.example", []string{
			"s1 s1._domainkey.customer.example s1.domainkey.tutanota.de", "s2 s2._domainkey.customer.example s2.domainkey.tutanota.de",
		}},
		{"microsoft365", "customer.example", nil},
		{"google-workspace", "customer.example", nil},
		{"zoho", "customer.example", nil},
		{"proton", "customer.example", nil},
		{"fastmail", "", nil},
		{"fastmail", "customer..example", nil},
		{"fastmail", "customer.example\n.evil.example", nil},
		{"fastmail", "*.example", nil},
		{"fastmail", strings.Repeat("a.", 119) + "example", nil}, // fits DNS, but not with what stands around it
	} {
		t.Run(tt.id+" "+tt.domain[:min(len(tt.domain), 30)], func(t *testing.T) {
			m, ok := dkim.KnownMailbox(tt.id)
			if !ok {
				t.Fatal("unknown")
			}
			var got []string
			for _, r := range m.Records(tt.domain) {
				got = append(got, r.Selector+" "+r.Name+" "+r.Value)
				if r.Type != "CNAME" || !m.Leads(r.Value) {
					t.Errorf("%+v is no CNAME that is recognised afterwards", r)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMailboxIncludes(t *testing.T) {
	for _, tt := range []struct {
		name, id string
		texts    []string
		want     []string
	}{
		{"none of the customer's", "zoho", nil, []string{"zoho.com"}},
		{"the customer's data centre", "zoho", []string{"x", "v=spf1 mx include:ZOHO.eu. ~all"}, []string{"zoho.eu"}},
		{"by redirect", "yandex360", []string{"v=spf1 redirect=_spf.yandex.net"}, []string{"_spf.yandex.net"}},
		{"of two", "ionos", []string{"v=spf1 +include:_spf-us.ionos.com -all"}, []string{"_spf-us.ionos.com"}},
		{"both", "ionos", []string{"v=spf1 -all"}, []string{"_spf-eu.ionos.com", "_spf-us.ionos.com"}},
		{"no pass", "zoho", []string{"v=spf1 ?include:zoho.eu -all"}, []string{"zoho.com"}},
		{"only like it", "zoho", []string{"v=spf1 include:zoho.eu.evil.example -all", "v=spf10 include:zoho.in"}, []string{"zoho.com"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := dkim.KnownMailbox(tt.id)
			if got := m.Includes(tt.texts...); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestMailboxHolds: a key counts for a host where mail that it signs is verified by it.
func TestMailboxHolds(t *testing.T) {
	key := []string{long}
	for _, tt := range []struct {
		name, id string
		probe    dkim.Probe
		want     bool
	}{
		{"a TXT host's key", "google-workspace", dkim.Probe{Selector: "google", Texts: key}, true},
		{"a TXT host's key by an alias", "yandex360", dkim.Probe{Selector: "mail", Target: "k.other.example", Texts: key}, true},
		{"behind its CNAME", "tuta", dkim.Probe{Selector: "s1", Target: "s1.domainkey.tutanota.de", Texts: key}, true},
		{"a copy of its key", "fastmail", dkim.Probe{Selector: "FM1", Texts: key}, true},
		{"a key that may be anybody's", "tuta", dkim.Probe{Selector: "S1", Texts: key}, false},
		{"behind another's CNAME", "fastmail", dkim.Probe{Selector: "fm1", Target: "k.other.example", Texts: key}, false},
		{"none behind its CNAME", "fastmail", dkim.Probe{Selector: "fm1", Target: "fm1.customer.example.dkim.fmhosted.com"}, false},
		{"a wildcard's", "google-workspace", dkim.Probe{Selector: "google", Texts: key, Wildcard: true}, false},
		{"no answer", "google-workspace", dkim.Probe{Selector: "google", Texts: key, Failed: true}, false},
		{"a key for SHA-1 alone", "google-workspace", dkim.Probe{Selector: "google", Texts: []string{long + "; h=sha1"}}, false},
		{"a key that is not for mail", "google-workspace", dkim.Probe{Selector: "google", Texts: []string{long + "; s=tlsrpt"}}, false},
		{"a key in testing", "google-workspace", dkim.Probe{Selector: "google", Texts: []string{long + "; t=y"}}, true},
		{"two", "google-workspace", dkim.Probe{Selector: "google", Texts: []string{long, short}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := dkim.KnownMailbox(tt.id)
			if got := m.Holds(tt.probe); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
