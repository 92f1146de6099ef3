package libdnsdriver_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	otherSecret           = "secret-of-another-customer"
	others      zone.Name = "others.example"
)

// TestConformance runs the contract over a module that keeps the promises of
// libdns, as values and as pointers, with and without a list of zones.
func TestConformance(t *testing.T) {
	// libdns leaves a CNAME beside other records to the module, and this one
	// stores what it is told.
	believed := map[string]string{"refuse-cname": "nobody looks at what stands beside a new CNAME"}
	believedSet := maps.Clone(believed)
	believedSet["fault-write-denied"] = "SetRecords of several values may have set some of them before one was refused"
	for _, c := range []struct {
		name   string
		wrap   func(*module) any
		more   []func(*libdnsdriver.Driver)
		faults faults
		fails  map[string]string
	}{
		{name: "libdns-values", wrap: func(m *module) any { return m }},
		{name: "libdns-pointers", wrap: func(m *module) any { return m }, faults: faults{Pointers: true}, more: []func(*libdnsdriver.Driver){
			func(d *libdnsdriver.Driver) { d.Pointers = true },
		}},
		{name: "libdns-batch", wrap: func(m *module) any { return lister{m} }, more: []func(*libdnsdriver.Driver){
			func(d *libdnsdriver.Driver) { d.Host.Caps.Grain = providers.GrainBatch },
		}},
		{name: "libdns-record", wrap: func(m *module) any { return lister{m} }, more: []func(*libdnsdriver.Driver){
			func(d *libdnsdriver.Driver) { d.Host.Caps.Grain = providers.GrainRecord },
		}},
		{name: "libdns-zone", wrap: func(m *module) any { return lister{m} }, more: []func(*libdnsdriver.Driver){
			func(d *libdnsdriver.Driver) { d.Host.Caps.Grain = providers.GrainZone },
		}},
		{name: "libdns-bare-set", wrap: func(m *module) any { return m }, more: []func(*libdnsdriver.Driver){mode(libdnsdriver.BareSet)}, fails: believedSet},
		{name: "libdns-bare-append", wrap: func(m *module) any { return m }, more: []func(*libdnsdriver.Driver){mode(libdnsdriver.BareAppend)}, fails: believed},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m, other *module
			providertest.Run(t, providertest.Harness{
				Name: c.name, Fails: c.fails,
				New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
					m, other = newModule(), newModule()
					m.faults, other.faults = c.faults, c.faults
					delete(other.zones, string(apex))
					other.zones[string(others)] = other.zones[string(second)]
					delete(other.zones, string(second))
					d := driver(nil, c.more...)
					d.New = func(creds providers.Credentials) (any, error) {
						if creds["token"] == otherSecret {
							return c.wrap(other), nil
						}
						if creds["token"] != secret {
							return c.wrap(&module{faults: faults{ReadError: errors.New("Unauthorized (401)")}}), nil
						}
						return c.wrap(m), nil
					}
					return d, providers.Credentials{"token": secret}, apex
				},
				Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
					return m.fault(kind, onlyWrites)
				},
				Writes: func() int { return m.count("append") + m.count("set") + m.count("delete") },
				Second: second,
				Lost:   100 * time.Millisecond,
				Other: func(providertest.TB) (providers.Credentials, zone.Name) {
					return providers.Credentials{"token": otherSecret}, others
				},
				Seed: func(_ providertest.TB, recs []zone.Record) { m.fill(recs) },
				Hang: func(t providertest.TB) { m.block(t) },
			})
		})
	}
}
