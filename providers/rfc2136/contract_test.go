package rfc2136_test

import (
	"slices"
	"strconv"
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

func world(t verifytest.TB, text ...string) (*verifytest.World, providers.Credentials) {
	w := verifytest.New(t, verifytest.Options{Text: text, Keys: []verifytest.Key{testKey}})
	return w, providers.Credentials{"server": w.Start()[0].String(), "key_name": testKey.Name, "key": testKey.Secret}
}

// secondText is another zone of the same account, and otherText one of another
// account.
var (
	second, secondText = another("second.example")
	other, otherText   = another("other-account.example")
)

func another(apex zone.Name) (zone.Name, string) {
	return apex, strings.ReplaceAll(zoneText, "customer.example", string(apex))
}

func TestConformance(t *testing.T) {
	var w *verifytest.World
	var c providers.Credentials
	own, err := zone.ReadText(strings.NewReader(zoneText), zone.Root)
	if err != nil {
		t.Fatal(err)
	}
	each := func(f verifytest.Fault) {
		for _, s := range w.Servers() {
			s.SetFault(f)
		}
	}
	providertest.Run(t, providertest.Harness{
		Name: "rfc2136",
		New: func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			w, c = world(t, zoneText, secondText)
			return rfc2136.Driver{}, c, apex
		},
		Seed: func(_ providertest.TB, recs []zone.Record) {
			w.Set(zone.NewSnapshot(apex, slices.Concat(own.Records, recs)))
		},
		Zone: func(providertest.TB) zone.Snapshot { return w.Zone(apex) },
		Hang: func(providertest.TB) { each(verifytest.Fault{Delay: time.Hour}) },
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			f, ok := fault(kind, onlyWrites)
			each(f)
			return ok
		},
		// The serial, which every update that changes something moves.
		Writes: func() int {
			n, _ := strconv.Atoi(strings.Fields(w.Zone(apex).Set(apex, "SOA")[0].Data)[2])
			return n
		},
		Second: second,
		Other: func(t providertest.TB) (providers.Credentials, zone.Name) {
			_, c := world(t, otherText)
			return c, other
		},
		Lost: time.Millisecond,
	})
}

// fault is a name server's own form of a fault, where it has one. What a
// server refuses to say of a zone is no zone of its account: NoSuchZone.
func fault(kind providertest.Fault, onlyWrites bool) (f verifytest.Fault, ok bool) {
	switch {
	case kind == providertest.FaultUnavailable && onlyWrites:
		return verifytest.Fault{UpdateRcode: "SERVFAIL"}, true
	case kind == providertest.FaultUnavailable:
		return verifytest.Fault{Rcode: "SERVFAIL"}, true
	case kind == providertest.FaultDenied && onlyWrites:
		return verifytest.Fault{UpdateRcode: "REFUSED"}, true
	case kind == providertest.FaultLandedLost && onlyWrites:
		return verifytest.Fault{AnswerLost: true}, true
	case kind == providertest.FaultLost && onlyWrites:
		return verifytest.Fault{UpdateLost: true}, true
	case kind == providertest.FaultLost:
		return verifytest.Fault{Drop: true}, true
	}
	return verifytest.Fault{}, false
}

// TestConformanceKnot and TestConformanceBIND run the suite on real servers,
// which are filled and looked at through the driver alone.
func TestConformanceKnot(t *testing.T) { conformance(t, "rfc2136-knot", rfc2136test.StartKnot) }

func TestConformanceBIND(t *testing.T) { conformance(t, "rfc2136-bind", rfc2136test.StartBIND) }

func conformance(t *testing.T, name string, start func(t testing.TB, zones ...string) *rfc2136test.Server) {
	s := start(t, zoneText, secondText)
	providertest.Run(t, providertest.Harness{
		Name: name,
		New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			return rfc2136.Driver{}, s.Credentials(), apex
		},
		Hang:   func(t providertest.TB) { s.Pause(t.(testing.TB)) }, // Run hands on its *testing.T
		Second: second,
		Other: func(t providertest.TB) (providers.Credentials, zone.Name) {
			return start(t.(testing.TB), otherText).Credentials(), other
		},
	})
}
