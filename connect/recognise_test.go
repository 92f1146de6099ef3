package connect

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

func named(text string) []zone.Name {
	var out []zone.Name
	for n := range strings.FieldsSeq(text) {
		out = append(out, zone.Name(n))
	}
	return out
}

func placed(text string) []verify.Server {
	var out []verify.Server
	for i, f := range strings.Fields(text) {
		name, addr, ok := strings.Cut(f, "=")
		if !ok {
			name, addr = "ns"+string(rune('1'+i))+".customer.example", f
		}
		out = append(out, verify.Server{Name: zone.Name(name), Addr: netip.MustParseAddr(addr)})
	}
	return out
}

// TestRecognise weighs what the walk has shown: the parent's word before the
// zone's own, names before the SOA record, and that before addresses.
func TestRecognise(t *testing.T) {
	cloudflare, route53 := "ada.ns.cloudflare.com bob.ns.cloudflare.com", "ns-1.awsdns-02.com ns-512.awsdns-00.net"
	vanity := "ns1.customer.example ns2.customer.example"
	tests := []struct {
		name          string
		d             verify.Delegation
		driver        string // IDs of those that are loaded, with the patterns after each, separated by semicolons
		host          string
		confidence    Confidence
		others, says  string // others and evidence, joined
		providerFound bool
	}{
		{
			name: "parent and zone agree", d: verify.Delegation{Parent: named(cloudflare), Child: named(cloudflare)},
			host: "cloudflare", confidence: High, says: "2 of 2 name servers are Cloudflare's; no such driver is loaded",
		},
		{
			name: "only the parent is known", d: verify.Delegation{Parent: named(cloudflare)},
			host: "cloudflare", confidence: High, says: "2 of 2 name servers are Cloudflare's; no such driver is loaded",
		},
		{
			name: "the parent has the last word", d: verify.Delegation{Parent: named(route53), Child: named(cloudflare)},
			host: "route53", confidence: Medium, others: "Cloudflare",
			says: "2 of 2 name servers are Amazon Route 53's; no such driver is loaded; " +
				"split between providers: ada.ns.cloudflare.com., bob.ns.cloudflare.com. are Cloudflare's, named by the zone alone",
		},
		{
			name: "most of them", d: verify.Delegation{Parent: named(route53 + " ada.ns.cloudflare.com")},
			host: "route53", confidence: Medium, others: "Cloudflare",
			says: "2 of 3 name servers are Amazon Route 53's; no such driver is loaded; " +
				"split between providers: ada.ns.cloudflare.com. is Cloudflare's, named by the parent zone",
		},
		{
			name: "one beside them that nobody knows", d: verify.Delegation{Parent: named(route53 + " ns.customer.example")},
			host: "route53", confidence: Medium, says: "2 of 3 name servers are Amazon Route 53's; no such driver is loaded",
		},
		{
			name: "two halves", d: verify.Delegation{Parent: named(cloudflare + " " + route53)}, others: "Cloudflare Amazon Route 53",
			says: "split between providers: ada.ns.cloudflare.com., bob.ns.cloudflare.com. are Cloudflare's, named by the parent zone; " +
				"split between providers: ns-1.awsdns-02.com., ns-512.awsdns-00.net. are Amazon Route 53's, named by the parent zone; " +
				"no provider has most of the 4 name servers",
		},
		{
			name: "the longest end of a name", driver: "wide *.cloudflare.com", d: verify.Delegation{Parent: named("ada.eu.cloudflare.com")},
			host: "", confidence: High, says: "1 of 1 name servers are wide's", providerFound: true,
		},
		{
			name: "a driver", driver: "cloudflare *.ns.cloudflare.com", d: verify.Delegation{Parent: named(cloudflare)},
			host: "cloudflare", confidence: High, says: "2 of 2 name servers are cloudflare's", providerFound: true,
		},
		{
			name: "vanity, by the primary", d: verify.Delegation{Parent: named(vanity), SOA: verify.SOA{MName: "ada.ns.cloudflare.com", RName: "hostmaster.customer.example"}},
			host: "cloudflare", confidence: Low,
			says: "the zone's primary server is one of Cloudflare's; no such driver is loaded; the zone's primary server is ada.ns.cloudflare.com.",
		},
		{
			name: "vanity, by the mailbox", d: verify.Delegation{Parent: named(vanity), SOA: verify.SOA{RName: "awsdns-hostmaster.amazon.com"}},
			host: "route53", confidence: Low, says: "the SOA record names the mailbox of Amazon Route 53; no such driver is loaded",
		},
		{
			name: "vanity, by the addresses", d: verify.Delegation{Parent: named(vanity), Servers: placed("205.251.192.1 2600:9000:5300:100::1")},
			host: "route53", confidence: Low, says: "2 of 2 name servers have addresses that Amazon Route 53 has published; no such driver is loaded",
		},
		{
			name: "vanity, by both", driver: "route53", d: verify.Delegation{
				Parent: named(vanity), SOA: verify.SOA{RName: "awsdns-hostmaster.amazon.com"}, Servers: placed("205.251.192.1 205.251.199.1"),
			},
			host: "route53", confidence: Medium, providerFound: true,
			says: "the SOA record names the mailbox of Amazon Route 53; 2 of 2 name servers have addresses that Amazon Route 53 has published",
		},
		{
			name: "vanity, and the two disagree", d: verify.Delegation{
				Parent: named(vanity), SOA: verify.SOA{RName: "awsdns-hostmaster.amazon.com"}, Servers: placed("173.245.58.1 173.245.59.1"),
			},
			host: "route53", confidence: Low,
			says: "the SOA record names the mailbox of Amazon Route 53; 2 of 2 name servers have addresses that Cloudflare has published; no such driver is loaded",
		},
		{
			name: "vanity, and half of the addresses", d: verify.Delegation{Apex: "customer.example", Parent: named(vanity), Servers: placed("205.251.192.1 192.0.2.1")},
			says: "no loaded driver knows the name servers of customer.example.",
		},
		{
			name: "a primary that several hosts share", d: verify.Delegation{Apex: "customer.example", Parent: named(vanity), SOA: verify.SOA{MName: "dns1.p04.nsone.net"}},
			says: "no loaded driver knows the name servers of customer.example.; the zone's primary server is dns1.p04.nsone.net.",
		},
		{
			name: "a driver for servers that hosts share", driver: "googleclouddns ns-cloud-*.googledomains.com",
			d:          verify.Delegation{Parent: named("ns-cloud-a1.googledomains.com ns-cloud-a2.googledomains.com")},
			confidence: Medium, providerFound: true,
			says: "2 of 2 name servers are googleclouddns's; hosts share them: 2 of 2 name servers are Google Cloud DNS's or Squarespace's",
		},
		{
			name: "a driver that the catalogue does not have, for servers that hosts share", driver: "own *.googledomains.com",
			d:          verify.Delegation{Parent: named("ns-cloud-a1.googledomains.com ns-cloud-a2.googledomains.com")},
			confidence: Medium, providerFound: true,
			says: "2 of 2 name servers are own's; hosts share them: 2 of 2 name servers are Google Cloud DNS's or Squarespace's",
		},
		{
			name: "servers that hosts share, and no driver", d: verify.Delegation{Parent: named("dns1.p04.nsone.net")},
			says: "1 of 1 name servers are Netlify's or NS1's or Squarespace's; no such driver is loaded",
		},
		{
			name: "two drivers for them", driver: "one *.host.example; two ns?.host.example", d: verify.Delegation{Parent: named("ns1.host.example")},
			confidence: Medium, providerFound: true, says: "1 of 1 name servers are one's or two's",
		},
		{
			name: "names like a host's in somebody else's domain", d: verify.Delegation{Apex: "customer.example", Parent: named("ns-1.awsdns-x.customer.com ns-2.awsdns-x.customer.com")},
			says: "no loaded driver knows the name servers of customer.example.",
		},
		{
			name: "the zone's own word where no parent was seen", d: verify.Delegation{Child: named(cloudflare)},
			host: "cloudflare", confidence: High, says: "2 of 2 name servers are Cloudflare's; no such driver is loaded",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := &Engine{}
			for d := range strings.SplitSeq(tt.driver, ";") {
				if f := strings.Fields(d); len(f) > 0 {
					e.opts.Drivers = append(e.opts.Drivers, memory.New(memory.Options{ID: f[0], Name: f[0], NameServers: f[1:]}).Driver())
				}
			}
			site := Site{SetupType: Manual, ProviderName: unknown}
			e.recognise(&site, tt.d)
			want := []string{tt.host, string(tt.confidence), tt.others, tt.says}
			got := []string{site.Host, string(site.Confidence), strings.Join(site.Others, " "), strings.Join(site.Evidence, "; ")}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if found := site.Provider != ""; found != tt.providerFound || found != (site.SetupType == Automatic) {
				t.Errorf("provider %q, set-up %s", site.Provider, site.SetupType)
			}
		})
	}
}

// TestHints: every hint is of a host that the catalogue knows, with its source.
func TestHints(t *testing.T) {
	for _, h := range hints() {
		if providers.Known(h.host).ID == "" || h.source == "" || h.mailbox == "" {
			t.Errorf("%+v: no host of the catalogue, no source, or no mailbox", h)
		}
	}
}
