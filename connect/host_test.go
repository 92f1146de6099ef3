package connect_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// hosted is an engine in a world where customer.example is delegated to these
// servers.
func hosted(t *testing.T, drivers []providers.Driver, servers ...string) *connect.Engine {
	t.Helper()
	ns := ""
	zones := map[string]string{}
	for _, s := range servers {
		ns += "customer.example. 60 IN NS " + s + ".\n"
		_, parent, _ := strings.Cut(s, ".")
		zones[parent] += s + ". 60 IN A 127.0.0.1\n"
	}
	text := []string{"customer.example." + soa + ns}
	for apex, recs := range zones {
		text = append(text, apex+"."+soa+apex+". 60 IN NS "+servers[0]+".\n"+recs)
	}
	w := verifytest.New(t, verifytest.Options{
		Text:    text,
		Servers: []verifytest.ServerOptions{{Name: "ns1", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}},
	})
	e, err := connect.New(connect.Options{Drivers: drivers, Verify: verify.Options{Start: w.Start(), Map: w.Map, Timeout: patience}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestDetectCatalogued recognises hosts that no driver speaks to.
func TestDetectCatalogued(t *testing.T) {
	driver := func(id string, patterns ...string) []providers.Driver {
		return []providers.Driver{memory.New(memory.Options{ID: id, Name: "The driver", NameServers: patterns}).Driver()}
	}
	tests := []struct {
		name                               string
		drivers                            []providers.Driver
		servers                            []string
		setup                              connect.SetupType
		host, provider, providerName, says string
	}{
		{
			"no driver", nil,
			[]string{"ns1.hover.com", "ns2.hover.com"},
			connect.Manual, "hover", "", "Hover", "2 of 2 name servers are Hover's; no such driver is loaded",
		},
		{
			"another's driver", driver("acme", "*.acme.example"),
			[]string{"ns1.hover.com", "ns2.hover.com"},
			connect.Manual, "hover", "", "Hover", "2 of 2 name servers are Hover's; no such driver is loaded",
		},
		{
			"its driver, which knows the servers", driver("hover", "ns?.hover.com"),
			[]string{"ns1.hover.com", "ns2.hover.com"},
			connect.Automatic, "hover", "hover", "The driver", "2 of 2 name servers are The driver's",
		},
		{
			"its driver, which does not", driver("hover"),
			[]string{"ns1.hover.com", "ns2.hover.com"},
			connect.Automatic, "hover", "hover", "The driver", "2 of 2 name servers are Hover's",
		},
		{
			"servers that two hosts share", nil,
			[]string{"dns1.p04.nsone.net", "dns2.p04.nsone.net"},
			connect.Manual, "", "", "unknown", "2 of 2 name servers are Netlify's or NS1's or Squarespace's; no such driver is loaded",
		},
		{
			"servers of its own beside shared ones", nil,
			[]string{
				"ns01.squarespacedns.com", "ns02.squarespacedns.com", "ns03.squarespacedns.com", "ns04.squarespacedns.com",
				"dns1.p05.nsone.net", "dns2.p05.nsone.net", "dns3.p05.nsone.net", "dns4.p05.nsone.net",
			},
			connect.Manual, "squarespace", "", "Squarespace", "8 of 8 name servers are Squarespace's; no such driver is loaded",
		},
		{
			"servers in several domains", nil,
			[]string{"dns.technorail.com", "dns2.technorail.com", "dns3.arubadns.net", "dns4.arubadns.cz"},
			connect.Manual, "aruba", "", "Aruba", "4 of 4 name servers are Aruba's; no such driver is loaded",
		},
		{
			"a panel for registered domains, another for hosted ones", nil,
			[]string{"ns1.your-server.de", "ns.second-ns.com", "ns3.second-ns.de"},
			connect.Manual, "hetznerkonsoleh", "", "Hetzner konsoleH", "3 of 3 name servers are Hetzner konsoleH's; no such driver is loaded",
		},
		{
			"a host that is secondary to another", nil,
			[]string{"ns1.customer-university.example", "ns2.customer-university.example", "ns3.mythic-beasts.com"},
			connect.Manual, "", "", "unknown", "ns3.mythic-beasts.com. is Mythic Beasts's, named by the zone; no provider has most of the 3 name servers",
		},
		{
			"two hosts at once", nil,
			[]string{"ns1.hover.com", "ns2.hover.com", "ns-1.awsdns-02.com", "ns-512.awsdns-00.net"},
			connect.Manual, "", "", "unknown",
			"split between providers: ns1.hover.com., ns2.hover.com. are Hover's, named by the zone; " +
				"split between providers: ns-1.awsdns-02.com., ns-512.awsdns-00.net. are Amazon Route 53's, named by the zone; " +
				"no provider has most of the 4 name servers",
		},
		{
			"half of the servers", nil,
			[]string{"ns1.hover.com", "ns1.acme.example"},
			connect.Manual, "", "", "unknown", "ns1.hover.com. is Hover's, named by the zone; no provider has most of the 2 name servers",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := hosted(t, tt.drivers, tt.servers...).Detect(t.Context(), "customer.example")
			if err != nil {
				t.Fatal(err)
			}
			var says []string
			for _, e := range s.Evidence {
				if !strings.HasPrefix(e, "the zone's primary server") {
					says = append(says, e)
				}
			}
			want := []string{string(tt.setup), tt.host, tt.provider, tt.providerName, tt.says}
			got := []string{string(s.SetupType), s.Host, s.Provider, s.ProviderName, strings.Join(says, "; ")}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestStepsOfHost words the steps for the host that was recognised.
func TestStepsOfHost(t *testing.T) {
	e := hosted(t, nil, "dns10.ovh.net", "ns10.ovh.net")
	site, err := e.Detect(t.Context(), "customer.example")
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Prepare(t.Context(), site, nil, []plan.Intent{plan.TXT("@", "token=1")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Steps {
		got = append(got, s.Text)
	}
	want := []string{
		"Open the DNS settings of customer.example at OVHcloud: https://www.ovh.com/manager/",
		"Add the record: Type TXT, Sub-domain (leave empty), TTL 3600, Value: token=1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text := p.Text(); !strings.Contains(text, "  1. "+want[0]+"\n  2. "+want[1]+"\n") {
		t.Errorf("the plan's text lacks the steps:\n%s", text)
	}
}
