package godaddy_test

import (
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	apex   zone.Name = "customer.example"
	second zone.Name = "second.example"
	theirs zone.Name = "theirs.example"
)

// unhurried is the driver without the host's rate limit, which a test of many
// requests would wait for.
type unhurried struct{ providers.Driver }

func (u unhurried) Info() providers.Info {
	i := u.Driver.Info()
	i.Caps.Rates = nil
	return i
}

// start is a fake that ends with the test.
func start(t providertest.TB, o godaddytest.Options) *godaddytest.Fake {
	t.Helper()
	if o.Rate == 0 {
		o.Rate = -1
	}
	f, err := godaddytest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// customers are two accounts with zones of their own.
func customers() []godaddytest.Account {
	return []godaddytest.Account{
		{Key: "key-of-the-customer", Secret: "secret-of-the-customer", Zones: []zone.Name{apex, second}},
		{Key: "key-of-another", Secret: "secret-of-another", Zones: []zone.Name{theirs}},
	}
}

func harness(wrap func(*godaddytest.Fake) providers.Driver, creds func(godaddytest.Account) providers.Credentials) providertest.Harness {
	var fake *godaddytest.Fake
	return providertest.Harness{
		New: func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			fake = start(t, godaddytest.Options{Accounts: customers(), Zones: []zone.Snapshot{{Zone: apex}, {Zone: second}, {Zone: theirs}}})
			return wrap(fake), creds(customers()[0]), apex
		},
		Seed: func(_ providertest.TB, recs []zone.Record) { fake.Set(zone.NewSnapshot(apex, recs)) },
		Zone: func(providertest.TB) zone.Snapshot { return fake.Zone(apex) },
		Hang: func(providertest.TB) { fake.SetFault(httpapitest.Fault{Delay: time.Hour}) },
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			f, ok := fault(kind)
			if !onlyWrites {
				fake.SetFault(f)
				return ok
			}
			for n := range 100 { // more than any case sends
				fake.FailWrite(n+1, f)
			}
			return ok
		},
		Writes: func() int { return fake.Writes() },
		Second: second,
		Other: func(providertest.TB) (providers.Credentials, zone.Name) {
			return creds(customers()[1]), theirs
		},
		Lost: 20 * time.Millisecond,
	}
}

// fault is how the API misbehaves.
func fault(kind providertest.Fault) (f httpapitest.Fault, ok bool) {
	switch kind {
	case providertest.FaultRateLimited:
		return httpapitest.Fault{Status: 429, Body: `{"code":"TOO_MANY_REQUESTS","message":"Too many requests received within interval","retryAfterSec":30}`}, true
	case providertest.FaultUnavailable:
		return httpapitest.Fault{Status: 503, Body: `{"code":"INTERNAL_SERVER_ERROR","message":"Internal server error"}`}, true
	case providertest.FaultHTML:
		return httpapitest.Fault{Status: 502, HTML: true}, true
	case providertest.FaultDenied:
		return httpapitest.Fault{Status: 403, Body: `{"code":"ACCESS_DENIED","message":"Authenticated user is not allowed access"}`}, true
	case providertest.FaultHalf:
		return httpapitest.Fault{Land: true, Half: true}, true
	case providertest.FaultLandedLost:
		return httpapitest.Fault{Land: true, Drop: true}, true
	case providertest.FaultLost:
		return httpapitest.Fault{Drop: true}, true
	}
	return f, false
}

func TestConformance(t *testing.T) {
	h := harness(
		func(f *godaddytest.Fake) providers.Driver { return unhurried{godaddy.Driver{Endpoint: f.URL()}} },
		godaddytest.Account.Credentials,
	)
	h.Name = "godaddy"
	providertest.Run(t, h)
}
