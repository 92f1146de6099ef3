package cloudflare_test

import (
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	apex   zone.Name = "customer.example"
	second zone.Name = "second.example"
	other  zone.Name = "other-account.example"
)

const otherAccount = "fedcba9876543210fedcba9876543210"

// otherToken reaches the zones of another account alone.
const otherToken = "cfat_" + "ElseElseElseElseElseElseElseElseElseElse" + "01234567"

// start is a fake with a zone of the customer's, another one of the same account,
// and one of another account.
func start(t providertest.TB, plan string) *cloudflaretest.Fake {
	fake, err := cloudflaretest.Start(cloudflaretest.Options{
		Zones: []cloudflaretest.Zone{
			{Snapshot: zone.Snapshot{Zone: apex}, Plan: plan},
			{Snapshot: zone.Snapshot{Zone: second}},
			{Snapshot: zone.Snapshot{Zone: other}, Account: otherAccount},
		},
		Tokens: []cloudflaretest.Token{
			{Value: cloudflaretest.AnyToken, Zones: []zone.Name{apex, second}},
			{Value: otherToken, Account: otherAccount},
		},
		PerPage: 100, // so that a zone has several pages
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

// fault is the suite's fault as the API would misbehave.
func fault(kind providertest.Fault) httpapitest.Fault {
	switch kind {
	case providertest.FaultRateLimited:
		return httpapitest.Fault{Status: 429, RetryAfter: "60", Body: `{"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling your request speed"}],"messages":[],"result":null}`}
	case providertest.FaultUnavailable:
		return httpapitest.Fault{Status: 503, Body: `{"success":false,"errors":[{"code":10001,"message":"Service temporarily unavailable"}],"messages":[],"result":null}`}
	case providertest.FaultHTML:
		return httpapitest.Fault{Status: 502, HTML: true}
	case providertest.FaultDenied:
		return httpapitest.Fault{Status: 403, Body: `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`}
	case providertest.FaultHalf:
		return httpapitest.Fault{Land: true, Half: true}
	case providertest.FaultLandedLost:
		return httpapitest.Fault{Land: true, Drop: true}
	case providertest.FaultLost:
		return httpapitest.Fault{Drop: true}
	}
	panic("no such fault: " + kind)
}

// harness runs the suite on a fake, through whichever driver.
func harness(name string, driver func(*cloudflaretest.Fake) providers.Driver) providertest.Harness {
	var fake *cloudflaretest.Fake
	return providertest.Harness{
		Name: name,
		New: func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			fake = start(t, "pro")
			return driver(fake), fake.Credentials(), apex
		},
		Seed: func(_ providertest.TB, recs []zone.Record) { fake.Set(zone.NewSnapshot(apex, recs)) },
		Zone: func(providertest.TB) zone.Snapshot { return fake.Zone(apex) },
		Hang: func(providertest.TB) { fake.SetFault(httpapitest.Fault{Delay: time.Hour}) },
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			if !onlyWrites {
				fake.SetFault(fault(kind))
				return true
			}
			for n := range 50 { // more than a case sends
				fake.FailWrite(n+1, fault(kind))
			}
			return true
		},
		Writes: func() int { return fake.Writes() },
		Second: second,
		Other: func(providertest.TB) (providers.Credentials, zone.Name) {
			return providers.Credentials{"api_token": otherToken}, other
		},
		Meta:       "comment=theirs",
		MaxRecords: 3500,
		Lost:       time.Millisecond,
	}
}

func TestConformance(t *testing.T) {
	providertest.Run(t, harness("cloudflare", func(f *cloudflaretest.Fake) providers.Driver {
		return cloudflare.Driver{Endpoint: f.Endpoint()}
	}))
}

// TestConformanceLive runs the suite on a real account, where the environment
// names one.
func TestConformanceLive(t *testing.T) { providertest.Live(t, cloudflare.Driver{}) }
