package memory_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	apex   zone.Name = "customer.example"
	second zone.Name = "second.example"
)

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

// seeded is the zone with what the host keeps of it beside records.
func seeded(recs []zone.Record) zone.Snapshot {
	snap := zone.NewSnapshot(apex, slices.Concat(hostOwn, recs))
	snap.Meta = "mail=theirs"
	return snap
}

func harness(name string, o memory.Options) providertest.Harness {
	var host *memory.Host
	return providertest.Harness{
		Name: name,
		New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			o.Token = "token-of-the-customer"
			o.Zones = []zone.Snapshot{seeded(nil), {Zone: second}}
			host = memory.New(o)
			return host.Driver(), providers.Credentials{"token": o.Token}, apex
		},
		Seed: func(_ providertest.TB, recs []zone.Record) { host.Set(seeded(recs)) },
		Zone: func(providertest.TB) zone.Snapshot { return host.Zone(apex) },
		Hang: func(providertest.TB) {
			host.SetFault(memory.Slow(1 << 40))
			host.SetReadFault(memory.Slow(1 << 40))
		},
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			f, ok := fault(kind)
			host.SetFault(f)
			if !onlyWrites {
				f.Wrote = providers.WroteNo
				host.SetReadFault(f)
			}
			return ok
		},
		// What this host is sent and would change nothing leaves the zone at its
		// version.
		Writes: func() int {
			n, _ := strconv.Atoi(host.Zone(apex).Tag) // the host's own, a number
			return n
		},
		Second: second,
		Meta:   "proxied=true",
		Lost:   time.Millisecond,
	}
}

// fault is the memory host's own form of a fault, where it has one.
func fault(kind providertest.Fault) (f memory.Fault, ok bool) {
	switch kind {
	case providertest.FaultRateLimited:
		return memory.RateLimited(time.Minute), true
	case providertest.FaultUnavailable:
		return memory.Refused(providers.Unavailable), true
	case providertest.FaultDenied:
		return memory.Refused(providers.AccessDenied), true
	case providertest.FaultLandedLost:
		return memory.Lost(true), true
	case providertest.FaultLost:
		return memory.Lost(false), true
	default: // it speaks no HTTP
		return memory.Fault{}, false
	}
}

func TestConformance(t *testing.T) {
	for _, grain := range grains {
		for _, cas := range []bool{false, true} {
			name := "memory-" + string(grain)
			if cas {
				name += "-cas"
			}
			t.Run(name, func(t *testing.T) {
				providertest.Run(t, harness(name, memory.Options{Caps: providers.Caps{Grain: grain, CAS: cas}}))
			})
		}
	}
}

// TestConformanceTight runs the suite on a host that can do little.
func TestConformanceTight(t *testing.T) {
	providertest.Run(t, harness("memory-tight", memory.Options{Caps: providers.Caps{
		Grain:           providers.GrainRRset,
		Types:           []string{"A", "AAAA", "CNAME", "MX", "NS", "TXT"},
		TTLs:            []uint32{600, 3600, 86400},
		MaxTXT:          500,
		RefusedText:     `"\`,
		NoWildcard:      true,
		NoDelegation:    true,
		NoNullMX:        true,
		NoCAAParameters: true,
	}}))
}

// TestConformanceWide runs it on one that can do more than DNS.
func TestConformanceWide(t *testing.T) {
	for _, alias := range []string{zone.TypeAlias, "CNAME"} {
		name := "memory-wide-" + map[string]string{zone.TypeAlias: "alias", "CNAME": "cname"}[alias]
		t.Run(name, func(t *testing.T) {
			providertest.Run(t, harness(name, memory.Options{Caps: providers.Caps{
				Grain: providers.GrainBatch, CAS: true, ApexAlias: alias, ApexNS: true, Redirects: true, MinTTL: 60, MaxTTL: 604800,
			}}))
		})
	}
}
