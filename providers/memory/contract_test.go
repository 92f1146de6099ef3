package memory_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

var grains = []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone}

// hostOwn is what a host keeps of a zone by itself.
var hostOwn = []zone.Record{
	record("SOA", "ns1.memory.example. host.memory.example. 1 3600 600 86400 300"),
	record("NS", "ns1.memory.example."),
	record("NS", "ns2.memory.example."),
}

func record(typ, data string) zone.Record {
	return zone.Record{Name: apex, Type: typ, TTL: 3600, Data: data}
}

func harness(o memory.Options) providertest.Harness {
	var host *memory.Host
	return providertest.Harness{
		New: func(t testing.TB) (providers.Driver, providers.Credentials, zone.Name) {
			o.Token = "token-of-the-customer"
			o.Zones = []zone.Snapshot{zone.NewSnapshot(apex, hostOwn)}
			host = memory.New(o)
			return host.Driver(), providers.Credentials{"token": o.Token}, apex
		},
		Seed: func(t testing.TB, recs []zone.Record) {
			host.Set(zone.NewSnapshot(apex, slices.Concat(hostOwn, recs)))
		},
		Zone: func(testing.TB) zone.Snapshot { return host.Zone(apex) },
		Hang: func(testing.TB) {
			host.SetFault(memory.Slow(1 << 40))
			host.SetReadFault(memory.Slow(1 << 40))
		},
	}
}

func TestContract(t *testing.T) {
	for _, grain := range grains {
		for _, cas := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s cas=%t", grain, cas), func(t *testing.T) {
				providertest.Run(t, harness(memory.Options{Caps: providers.Caps{Grain: grain, CAS: cas}}))
			})
		}
	}
}

// TestContractTight runs the suite on a host that can do little.
func TestContractTight(t *testing.T) {
	providertest.Run(t, harness(memory.Options{Caps: providers.Caps{
		Grain:       providers.GrainRRset,
		Types:       []string{"A", "AAAA", "CNAME", "MX", "NS", "TXT"},
		TTLs:        []uint32{600, 3600, 86400},
		MaxTXT:      500,
		RefusedText: `"\`,
		NoWildcard:  true,
	}}))
}
