package providers_test

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestCatalogue holds every row to what the rest of the module relies on.
func TestCatalogue(t *testing.T) {
	date := regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	last := ""
	for _, h := range providers.Catalogue() {
		if h.ID <= last || h.ID != strings.ToLower(h.ID) {
			t.Errorf("ID %q follows %q: want unique IDs in order, in lower case", h.ID, last)
		}
		last = h.ID
		if h.Name == "" || len(h.NameServers) == 0 || h.Caps.Source == "" || !date.MatchString(h.Caps.Date) {
			t.Errorf("%s lacks a name, a pattern, a source or a date: %+v", h.ID, h)
		}
		if u, err := url.Parse(h.Panel); err != nil || h.Panel != "" && (u.Scheme != "https" || u.Host == "") {
			t.Errorf("%s: panel %q is no https URL", h.ID, h.Panel)
		}
		if !slices.IsSorted(h.Caps.TTLs) {
			t.Errorf("%s: TTLs %v are not ascending", h.ID, h.Caps.TTLs)
		}
		for _, p := range h.NameServers {
			if _, err := path.Match(p, ""); err != nil {
				t.Errorf("%s: pattern %q: %v", h.ID, p, err)
			}
			// Route 53 alone spreads its servers over numbered domains.
			labels := strings.Split(p, ".")
			if strings.ContainsAny(strings.Join(labels[1:], "."), "*?") && h.ID != "route53" {
				t.Errorf("%s: pattern %q matches more than the first label", h.ID, p)
			}
			if len(labels) < 3 {
				t.Errorf("%s: pattern %q fits names of two labels", h.ID, p)
			}
		}
	}
}

// TestCatalogueServes asks who serves name servers that exist.
func TestCatalogueServes(t *testing.T) {
	tests := []struct {
		server zone.Name
		want   []string
	}{
		{"jake.ns.cloudflare.com", []string{"cloudflare"}},
		{"ns59.domaincontrol.com", []string{"godaddy"}},
		{"dns1.registrar-servers.com", []string{"namecheap"}},
		{"pdns2.registrar-servers.com", []string{"namecheap"}},
		{"eforward1.registrar-servers.com", nil}, // forwards mail
		{"ns-1234.awsdns-56.co.uk", []string{"route53"}},
		{"ns-cloud-d1.googledomains.com", []string{"googleclouddns", "squarespace"}},
		{"nsd1.squarespacedns.com", []string{"squarespace"}},
		{"ns1038.ui-dns.biz", []string{"ionos"}},
		{"maceio.ns.porkbun.com", []string{"porkbun"}},
		{"ns-161-a.gandi.net", []string{"gandi"}},
		{"helium.ns.hetzner.de", []string{"hetzner"}},
		{"dns1.p04.nsone.net", []string{"netlify", "ns1"}},
		{"ns2.dnsimple-edge.net", []string{"dnsimple"}},
		{"ns1jkl.name.com", []string{"namedotcom"}},
		{"dns10.ovh.net", []string{"ovh"}},
		{"dns200.anycast.me", []string{"ovh"}},
		{"ns312345.ovh.net", nil}, // somebody's own server
		{"ns47.worldnic.com", []string{"networksolutions"}},
		{"hgns1.hostgator.com", []string{"hostgator"}},
		{"horizon.dns-parking.com", []string{"hostinger"}},
		{"ns1-07.azure-dns.com", []string{"azure"}},
		{"ns8.wixdns.net", []string{"wix"}},
		{"pns31.cloudns.net", []string{"cloudns"}},
		{"ns1.dyna-ns.net", []string{"dynadot"}},
		{"ns1.customer.example", nil},
	}
	for _, tt := range tests {
		var got []string
		for _, h := range providers.Catalogue() {
			if h.Serves(tt.server) {
				got = append(got, h.ID)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.server, diff)
		}
	}
}

// TestCatalogueFresh: whoever changes what he got changes nobody else's.
func TestCatalogueFresh(t *testing.T) {
	want := providers.Catalogue()
	got := providers.Catalogue()
	for i := range got {
		got[i].NameServers[0] = "*"
	}
	if diff := cmp.Diff(want, providers.Catalogue()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestForm(t *testing.T) {
	const apex = zone.Name("customer.example")
	record := func(name zone.Name, typ, data string) zone.Record {
		t.Helper()
		r, err := zone.New(name, typ, 300, data)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	odd := providers.Form{Blank: true, Dot: true, Quotes: true, Inline: true}
	tests := []struct {
		name                   string
		form                   providers.Form
		record                 zone.Record
		owner, value, priority string
	}{
		{"apex", providers.Form{}, record(apex, "A", "192.0.2.1"), "@", "192.0.2.1", ""},
		{"apex left empty", odd, record(apex, "A", "192.0.2.1"), "", "192.0.2.1", ""},
		{"apex typed whole", providers.Form{Full: true}, record(apex, "A", "192.0.2.1"), "customer.example.", "192.0.2.1", ""},
		{"deep owner", odd, record("a.b.customer.example", "A", "192.0.2.1"), "a.b", "192.0.2.1", ""},
		{"wildcard typed whole", providers.Form{Full: true}, record("*.customer.example", "A", "192.0.2.1"), "*.customer.example.", "192.0.2.1", ""},
		{"target", providers.Form{}, record("www.customer.example", "CNAME", "edge.app.example"), "www", "edge.app.example", ""},
		{"target with its dot", odd, record("www.customer.example", "CNAME", "edge.app.example"), "www", "edge.app.example.", ""},
		{"MX", providers.Form{}, record(apex, "MX", "10 mx.app.example"), "@", "mx.app.example", "10"},
		{"MX in one", odd, record(apex, "MX", "10 mx.app.example"), "", "10 mx.app.example.", ""},
		{"null MX", providers.Form{}, record(apex, "MX", "0 ."), "@", ".", "0"},
		{"SRV", providers.Form{}, record("_sip._tls.customer.example", "SRV", "100 1 443 sip.app.example"), "_sip._tls", "1 443 sip.app.example", "100"},
		{"SRV in one", odd, record("_sip._tls.customer.example", "SRV", "100 1 443 sip.app.example"), "_sip._tls", "100 1 443 sip.app.example.", ""},
		{"text of two strings", providers.Form{}, record(apex, "TXT", `"v=spf1 mx" " -all"`), "@", "v=spf1 mx -all", ""},
		{"quoted text", odd, record(apex, "TXT", `"v=spf1 mx" " -all"`), "", `"v=spf1 mx" " -all"`, ""},
		{"text that nobody can type", providers.Form{}, record(apex, "TXT", `"a\007b"`), "@", `"a\007b"`, ""},
		{"the host's own text", providers.Form{}, zone.Record{Name: apex, Type: zone.TypeRedirect, Data: "301 https://app.example/.", Opaque: true}, "@", "301 https://app.example/.", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, priority := tt.form.Spell(tt.record)
			got := []string{tt.form.Owner(tt.record.Name, apex), value, priority}
			if diff := cmp.Diff([]string{tt.owner, tt.value, tt.priority}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func ExampleCatalogue() {
	for _, h := range providers.Catalogue() {
		if h.Serves("ns1.hover.com") {
			fmt.Println(h.Name, h.Panel)
		}
	}
	// Output: Hover https://www.hover.com/domains
}

func ExampleForm_Spell() {
	mx, err := zone.New("customer.example", "MX", 300, "10 mx.mail.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	var usual providers.Form
	value, priority := usual.Spell(mx)
	fmt.Println(usual.Owner(mx.Name, "customer.example"), value, priority)
	ovh := providers.Form{Name: "Sub-domain", Blank: true, Dot: true}
	value, priority = ovh.Spell(mx)
	fmt.Printf("%q %s %s\n", ovh.Owner(mx.Name, "customer.example"), value, priority)
	// Output:
	// @ mx.mail.example 10
	// "" mx.mail.example. 10
}

func ExampleForm_Owner() {
	hostgator := providers.Form{Full: true}
	fmt.Println(hostgator.Owner("www.customer.example", "customer.example"))
	fmt.Println(providers.Form{}.Owner("www.customer.example", "customer.example"))
	// Output:
	// www.customer.example.
	// www
}
