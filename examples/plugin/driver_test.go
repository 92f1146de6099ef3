package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	apex   zone.Name = "customer.example"
	second zone.Name = "second.example"
	theirs zone.Name = "theirs.example"
)

// customers are two accounts with zones of their own.
func customers() []harbourtest.Token {
	return []harbourtest.Token{
		{Value: "hbr_4f1c9a7e2b5d8063-customer", Zones: []zone.Name{apex, second}},
		{Value: "hbr_9e8d7c6b5a493827-another", Zones: []zone.Name{theirs}},
	}
}

// start is a fake that ends with the test.
func start(t providertest.TB, o harbourtest.Options) *harbourtest.Fake {
	t.Helper()
	f, err := harbourtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// zones are those of the customers, empty.
func zones() []zone.Snapshot { return []zone.Snapshot{{Zone: apex}, {Zone: second}, {Zone: theirs}} }

// harness runs the suite on the fake that host gives for each case, through the
// driver.
func harness(name string, host func(providertest.TB) *harbourtest.Fake, through func(*harbourtest.Fake) providers.Driver) providertest.Harness {
	var fake *harbourtest.Fake
	writes := 0 // before the case
	return providertest.Harness{
		Name: name,
		New: func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			fake = host(t)
			writes = fake.Writes()
			return through(fake), fake.Credentials(), apex
		},
		Seed: func(_ providertest.TB, recs []zone.Record) { fake.Set(zone.NewSnapshot(apex, recs)) },
		Zone: func(providertest.TB) zone.Snapshot { return fake.Zone(apex) },
		Hang: func(providertest.TB) { fake.SetFault(httpapitest.Fault{Delay: time.Hour}) },
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			if !onlyWrites {
				fake.SetFault(fault(kind))
				return true
			}
			for n := range 100 { // more than any case sends
				fake.FailWrite(n+1, fault(kind))
			}
			return true
		},
		Writes: func() int { return fake.Writes() - writes },
		Second: second,
		Other: func(providertest.TB) (providers.Credentials, zone.Name) {
			return customers()[1].Credentials(), theirs
		},
		Meta: "note=the+shop%27s",
		Lost: 20 * time.Millisecond,
	}
}

// fault is how the API misbehaves. All seven ways are tried.
func fault(kind providertest.Fault) httpapitest.Fault {
	return map[providertest.Fault]httpapitest.Fault{
		providertest.FaultRateLimited: {Status: 429, RetryAfter: "30", Body: `{"error":{"code":"slow_down","message":"6000 requests a minute are allowed"}}`},
		providertest.FaultUnavailable: {Status: 503, Body: `{"error":{"code":"maintenance","message":"back soon"}}`},
		providertest.FaultHTML:        {HTML: true}, // with the status 200
		providertest.FaultDenied:      {Status: 403, Body: `{"error":{"code":"scope_missing","message":"this token lacks the scope dns:write"}}`},
		providertest.FaultHalf:        {Land: true, Half: true},
		providertest.FaultLandedLost:  {Land: true, Drop: true},
		providertest.FaultLost:        {Drop: true},
	}[kind]
}

// direct is the driver itself, on a fake of its own for each case.
func direct() providertest.Harness {
	return harness("harbour", func(t providertest.TB) *harbourtest.Fake {
		return start(t, harbourtest.Options{Tokens: customers(), Zones: zones()})
	}, func(f *harbourtest.Fake) providers.Driver { return driver{Endpoint: f.Endpoint()} })
}

// TestConformance is the contract: on the driver itself, and on the plugin in a
// process of its own, of which the suite must say the same.
func TestConformance(t *testing.T) {
	var here, there providertest.Report
	t.Run("driver", func(t *testing.T) { here = providertest.Run(t, direct()) })
	t.Run("plugin", func(t *testing.T) { there = providertest.Run(t, process(t)) })
	if here.Driver == "" || there.Driver == "" {
		return // -run has chosen one of them
	}
	if diff := cmp.Diff(there.Cases, here.Cases); diff != "" {
		t.Errorf("the plugin - and the driver +:\n%s", diff)
	}
}

// TestConformanceLive runs the suite on a real account, where the environment
// names one: MOORING_LIVE_HARBOUR.
func TestConformanceLive(t *testing.T) { providertest.Live(t, driver{}) }
