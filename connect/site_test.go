package connect_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const soa = " 3600 IN SOA ns1.customer.example. hostmaster.customer.example. 1 3600 600 86400 300\n"

// nested is a registry, a domain in it, and a shop below it that is a zone of
// its own.
func nested(t *testing.T) (*connect.Engine, *verifytest.World) {
	t.Helper()
	w := verifytest.New(t, verifytest.Options{Text: []string{
		"example." + soa + "example. 60 IN NS ns1.customer.example.\ncustomer.example. 60 IN NS ns1.customer.example.\nns1.customer.example. 60 IN A 127.0.0.1\n",
		"customer.example." + soa + "customer.example. 60 IN NS ns1.customer.example.\nns1.customer.example. 60 IN A 127.0.0.1\n" +
			"customer.example. 60 IN MX 10 aspmx.l.google.com.\nshop.customer.example. 60 IN NS ns1.customer.example.\n",
		"shop.customer.example." + soa + "shop.customer.example. 60 IN NS ns1.customer.example.\n",
	}, Servers: []verifytest.ServerOptions{{Name: "ns1", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}}})
	host := memory.New(memory.Options{ID: "host", Name: "Host", NameServers: []string{"ns?.customer.example"}, Zones: []zone.Snapshot{
		w.Zone("customer.example"), w.Zone("shop.customer.example"),
	}})
	e, _ := engine(t, host.Driver(), nil, verify.Options{Start: w.Start(), Map: w.Map, Timeout: patience})
	return e, w
}

func TestDetect(t *testing.T) {
	e, _ := nested(t)
	tests := []struct {
		name, domain, subdomain, zone, nameZone string
	}{
		{"customer.example", "customer.example", "", "customer.example", "customer.example"},
		{"  WWW.Customer.Example. ", "customer.example", "www", "customer.example", "customer.example"},
		{"https://a.b.customer.example/path", "customer.example", "a.b", "customer.example", "customer.example"},
		{"shop.customer.example", "customer.example", "shop", "customer.example", "shop.customer.example"},
		{"x.shop.customer.example", "customer.example", "x.shop", "customer.example", "shop.customer.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := e.Detect(t.Context(), tt.name)
			if err != nil {
				t.Fatal(err)
			}
			if string(s.Domain) != tt.domain || s.Subdomain != tt.subdomain || string(s.Zone) != tt.zone || string(s.NameZone) != tt.nameZone {
				t.Errorf("got %+v, want %+v", s, tt)
			}
			if s.Provider != "host" || s.SetupType != connect.Automatic || len(s.Evidence) == 0 {
				t.Errorf("provider: got %+v, want host, recognised by its name servers", s)
			}
		})
	}
}

// TestDetectOwnHost: a shop that is a zone of its own is recognised by its own
// name servers, not by those of the domain above it.
func TestDetectOwnHost(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{
		"customer.example." + soa + "customer.example. 60 IN NS ns1.customer.example.\nns1.customer.example. 60 IN A 127.0.0.1\n" +
			"shop.customer.example. 60 IN NS ns.shop.customer.example.\nns.shop.customer.example. 60 IN A 127.0.0.1\n",
		"shop.customer.example." + soa + "shop.customer.example. 60 IN NS ns.shop.customer.example.\nns.shop.customer.example. 60 IN A 127.0.0.1\n",
	}, Servers: []verifytest.ServerOptions{{Name: "ns1", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}}})
	e, err := connect.New(connect.Options{
		Drivers: []providers.Driver{
			memory.New(memory.Options{ID: "above", NameServers: []string{"ns?.customer.example"}}).Driver(),
			memory.New(memory.Options{ID: "own", NameServers: []string{"*.shop.customer.example"}}).Driver(),
		},
		Verify: verify.Options{Start: w.Start(), Map: w.Map, Timeout: patience},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"shop.customer.example": "own", "www.customer.example": "above"} {
		if s, err := e.Detect(t.Context(), name); err != nil || s.Provider != want {
			t.Errorf("%s: got %q %v, want %s", name, s.Provider, err, want)
		}
	}
}

// TestUse: that a provider was chosen is evidence only where it is another one
// than the name servers tell.
func TestUse(t *testing.T) {
	drivers := []providers.Driver{
		memory.New(memory.Options{ID: "acme", Name: "Acme", NameServers: []string{"ns?.acme.example"}}).Driver(),
		memory.New(memory.Options{ID: "other", Name: "Other"}).Driver(),
	}
	e := hosted(t, drivers, "ns1.acme.example", "ns2.acme.example")
	site, err := e.Detect(t.Context(), "customer.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		provider string
		want     []string
	}{
		{"acme", site.Evidence},
		{"other", append(slices.Clone(site.Evidence), "Other was chosen, and not recognised")},
	} {
		t.Run(tt.provider, func(t *testing.T) {
			got, err := e.Use(site, tt.provider)
			if err != nil || got.Provider != tt.provider || got.SetupType != connect.Automatic || !slices.Equal(got.Evidence, tt.want) {
				t.Errorf("got %+v, %v, want %s with the evidence %q", got, err, tt.provider, tt.want)
			}
		})
	}
}

func TestDetectRefuses(t *testing.T) {
	e, w := nested(t)
	for _, name := range []string{"", "com", "co.uk", "192.0.2.1", "a@customer.example", "*.customer.example", "a..b.example"} {
		var bad *entri.Error
		if _, err := e.Detect(t.Context(), name); !errors.As(err, &bad) {
			t.Errorf("%q: got %v, want *entri.Error", name, err)
		}
	}
	if _, err := e.Detect(t.Context(), "nobody.example"); providers.CodeOf(err) != providers.NoSuchZone || !strings.Contains(err.Error(), "nobody.example.") {
		t.Errorf("a domain that is not registered: got %v, want NoSuchZone", err)
	}
	w.Close()
	dead, _ := engine(t, memory.New(memory.Options{}).Driver(), nil, verify.Options{Start: w.Start(), Map: w.Map, Timeout: 100 * time.Millisecond})
	if _, err := dead.Detect(t.Context(), "customer.example"); providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("no server answers: got %v, want Unavailable", err)
	}
}

// TestZoneOfOwners finds the one zone that all owners lie in, or names both.
func TestZoneOfOwners(t *testing.T) {
	e, _ := nested(t)
	tests := []struct {
		name    string
		entered string
		hosts   []string
		zone    string
		refused []string
	}{
		{"the domain's", "customer.example", []string{"@", "www"}, "customer.example", nil},
		{"the shop's, all below it", "shop.customer.example", []string{"shop", "x.shop"}, "shop.customer.example", nil},
		{"the domain's, though the shop was entered", "shop.customer.example", []string{"www"}, "customer.example", nil},
		{"both", "shop.customer.example", []string{"www", "shop"}, "", []string{"customer.example.", "shop.customer.example."}},
		{"the shop's, though the domain was entered", "customer.example", []string{"x.shop"}, "", []string{"customer.example.", "shop.customer.example."}},
		{"somebody else's", "customer.example", []string{"www.other.example."}, "", []string{"www.other.example.", "zone example.", "customer.example."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			site, err := e.Detect(t.Context(), tt.entered)
			if err != nil {
				t.Fatal(err)
			}
			var want []plan.Intent
			for _, h := range tt.hosts {
				want = append(want, plan.TXT(h, "v=1"))
			}
			p, err := e.Prepare(t.Context(), site, nil, want)
			said := fmt.Sprint(err)
			if i := slices.IndexFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.Delegated }); i >= 0 {
				said = p.Conflicts[i].Text
			}
			_, bad := errors.AsType[*plan.InputError](err)
			switch {
			case tt.refused == nil && (err != nil || string(p.Zone) != tt.zone):
				t.Errorf("got zone %s, %v; want %s", p.Zone, err, tt.zone)
			case tt.refused != nil && !bad && p.Status != plan.NeedsDecision:
				t.Errorf("got %v and status %q, want *plan.InputError or a conflict", err, p.Status)
			}
			for _, part := range tt.refused {
				if !strings.Contains(said, part) {
					t.Errorf("%q does not name %s", said, part)
				}
			}
		})
	}
}

func TestFacts(t *testing.T) {
	e, _ := nested(t)
	site, err := e.Detect(t.Context(), "www.customer.example")
	if err != nil {
		t.Fatal(err)
	}
	if f := e.Facts(t.Context(), site); f.MailboxHost != "google-workspace" || f.Domain != "www.customer.example" {
		t.Errorf("got %+v, want Google Workspace by its MX", f)
	}
}

func TestDriversOnce(t *testing.T) {
	d := memory.New(memory.Options{}).Driver()
	if _, err := connect.New(connect.Options{Drivers: []providers.Driver{d, d}}); err == nil {
		t.Error("one driver twice is not refused")
	}
	e, err := connect.New(connect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Use(connect.Site{}, "acme"); err == nil || !strings.Contains(err.Error(), "acme") {
		t.Errorf("a driver that is not loaded: got %v", err)
	}
}
