package libdnstest

import (
	"slices"
	"strings"
	"testing"

	"github.com/libdns/libdns/libdnstest"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
)

const zoneText = `$ORIGIN customer.example.
$TTL 3600
@ SOA ns1 host 1 3600 600 86400 300
@ NS ns1
@ NS ns2
@ MX 10 mx1.mail.example.
@ TXT "v=spf1 -all"
ns1 A 127.0.0.1
ns2 A 127.0.0.2
`

// TestMemory runs libdns's suite over hosts in memory, one of each grain.
func TestMemory(t *testing.T) {
	for _, grain := range []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone} {
		t.Run(string(grain), func(t *testing.T) {
			start, err := zone.ReadText(strings.NewReader(zoneText), zone.Root)
			if err != nil {
				t.Fatal(err)
			}
			host := memory.New(memory.Options{Caps: providers.Caps{Grain: grain}, Zones: []zone.Snapshot{start}})
			libdnstest.NewTestSuite(&libdnsdriver.Provider{Driver: host.Driver()}, "customer.example.").RunTests(t)
			for _, c := range zone.Diff(start, host.Zone("customer.example")) {
				for _, r := range slices.Concat(c.Remove, c.Add) {
					// The serial moves, and the suite leaves records of its own behind.
					if r.Type != "SOA" && !strings.Contains(string(r.Name), "test-") {
						t.Errorf("a record that is not the suite's was changed: %s", r)
					}
				}
			}
		})
	}
}

// TestKnot and TestBIND run it over our driver for RFC 2136, which lists no
// zones.
func TestKnot(t *testing.T) { dynamic(t, rfc2136test.StartKnot(t, zoneText)) }

func TestBIND(t *testing.T) { dynamic(t, rfc2136test.StartBIND(t, zoneText)) }

func dynamic(t *testing.T, s *rfc2136test.Server) {
	p := &libdnsdriver.Provider{Driver: rfc2136.Driver{}, Credentials: s.Credentials()}
	libdnstest.NewTestSuite(libdnstest.WrapNoZoneLister(p), "customer.example.").RunTests(t)
}
