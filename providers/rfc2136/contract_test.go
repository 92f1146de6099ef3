package rfc2136_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const apex zone.Name = "customer.example"

const zoneText = `$ORIGIN customer.example.
$TTL 3600
@ SOA ns1 host 1 3600 600 86400 300
@ NS ns1
@ NS ns2
ns1 A 127.0.0.1
ns2 A 127.0.0.2
`

var testKey = verifytest.Key{Name: "customer.", Secret: "bW9vcmluZy10ZXN0LWtleS0wMTIzNDU2Nzg5YWJjZGU="}

func world(t testing.TB, text string) (*verifytest.World, providers.Credentials) {
	w := verifytest.New(t, verifytest.Options{Text: []string{text}, Keys: []verifytest.Key{testKey}})
	return w, providers.Credentials{"server": w.Start()[0].String(), "key_name": testKey.Name, "key": testKey.Secret}
}

func TestContract(t *testing.T) {
	var w *verifytest.World
	var c providers.Credentials
	own, err := zone.ReadText(strings.NewReader(zoneText), zone.Root)
	if err != nil {
		t.Fatal(err)
	}
	providertest.Run(t, providertest.Harness{
		New: func(t testing.TB) (providers.Driver, providers.Credentials, zone.Name) {
			w, c = world(t, zoneText)
			return rfc2136.Driver{}, c, apex
		},
		Seed: func(_ testing.TB, recs []zone.Record) {
			w.Set(zone.NewSnapshot(apex, slices.Concat(own.Records, recs)))
		},
		Zone: func(testing.TB) zone.Snapshot { return w.Zone(apex) },
		Hang: func(testing.TB) {
			for _, s := range w.Servers() {
				s.SetFault(verifytest.Fault{Delay: time.Hour})
			}
		},
	})
}

// TestContractKnot and TestContractBIND run the suite on real servers, which
// are filled and looked at through the driver alone.
func TestContractKnot(t *testing.T) { contract(t, rfc2136test.StartKnot(t, zoneText)) }

func TestContractBIND(t *testing.T) { contract(t, rfc2136test.StartBIND(t, zoneText)) }

func contract(t *testing.T, s *rfc2136test.Server) {
	providertest.Run(t, providertest.Harness{
		New: func(testing.TB) (providers.Driver, providers.Credentials, zone.Name) {
			return rfc2136.Driver{}, s.Credentials(), apex
		},
		Hang: s.Pause,
	})
}
