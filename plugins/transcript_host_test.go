package plugins_test

import (
	"crypto/rand"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	apex   zone.Name = "customer.example"
	second zone.Name = "second.example"
	theirs zone.Name = "theirs.example" // of another account
)

// harness is what the suite needs to run the driver of this ID, by whichever way.
func harness(t *testing.T, d providers.Driver) providertest.Harness {
	t.Helper()
	switch id := d.Info().ID; {
	case id == "cloudflare-placed":
		return onCloudflare(d)
	case id == "godaddy-placed":
		return onGodaddy(d)
	case id == "namecheap-placed":
		return onNamecheap(d)
	case id == "rfc2136-placed":
		return onServer(t, d)
	case strings.HasPrefix(id, "memory-"):
		return onMemory(d)
	default:
		t.Fatalf("no harness for the driver %s", id)
		return providertest.Harness{}
	}
}

// led is credentials that lead a placed driver to an endpoint.
func led(c providers.Credentials, endpoint string) providers.Credentials {
	c = maps.Clone(c)
	c["endpoint"] = endpoint
	return c
}

// onMemory has no hooks: in two of the three ways the host is where the suite
// does not reach it.
func onMemory(d providers.Driver) providertest.Harness {
	return providertest.Harness{
		New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			return d, led(providers.Credentials{"token": memoryToken}, rand.Text()), apex // a host of its own
		},
		Second: second,
		Lost:   time.Millisecond,
	}
}

// fake is what the three fakes have in common.
type fake interface {
	Set(zone.Snapshot)
	Zone(zone.Name) zone.Snapshot
	SetFault(httpapitest.Fault)
	FailWrite(int, httpapitest.Fault)
	Writes() int
	Close()
}

// hooked is a harness whose hooks are those of the fake that is current.
func hooked(current func() fake, faults map[providertest.Fault]httpapitest.Fault) providertest.Harness {
	return providertest.Harness{
		Seed: func(_ providertest.TB, recs []zone.Record) { current().Set(zone.NewSnapshot(apex, recs)) },
		Zone: func(providertest.TB) zone.Snapshot { return current().Zone(apex) },
		Hang: func(providertest.TB) { current().SetFault(httpapitest.Fault{Delay: time.Hour}) },
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			f, ok := faults[kind]
			if !ok {
				f, ok = commonFaults[kind]
			}
			if !onlyWrites {
				current().SetFault(f)
				return ok
			}
			for n := range 100 { // more than a case sends
				current().FailWrite(n+1, f)
			}
			return ok
		},
		Writes: func() int { return current().Writes() },
		Second: second,
		Lost:   20 * time.Millisecond,
	}
}

var commonFaults = map[providertest.Fault]httpapitest.Fault{
	providertest.FaultUnavailable: {Status: 503, Body: `{"code":"INTERNAL_SERVER_ERROR","message":"Internal server error"}`},
	providertest.FaultHTML:        {Status: 502, HTML: true},
	providertest.FaultHalf:        {Land: true, Half: true},
	providertest.FaultLandedLost:  {Land: true, Drop: true},
	providertest.FaultLost:        {Drop: true},
}

func onCloudflare(d providers.Driver) providertest.Harness {
	const (
		otherAccount = "fedcba9876543210fedcba9876543210"
		otherToken   = "cfat_" + "ElseElseElseElseElseElseElseElseElseElse" + "01234567"
	)
	var f *cloudflaretest.Fake
	h := hooked(func() fake { return f }, map[providertest.Fault]httpapitest.Fault{
		providertest.FaultRateLimited: {Status: 429, RetryAfter: "60", Body: `{"success":false,"errors":[{"code":971,"message":"Please wait"}],"messages":[],"result":null}`},
		providertest.FaultDenied:      {Status: 403, Body: `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`},
	})
	h.New = func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
		var err error
		f, err = cloudflaretest.Start(cloudflaretest.Options{
			Zones: []cloudflaretest.Zone{
				{Snapshot: zone.Snapshot{Zone: apex}, Plan: "pro"},
				{Snapshot: zone.Snapshot{Zone: second}},
				{Snapshot: zone.Snapshot{Zone: theirs}, Account: otherAccount},
			},
			Tokens: []cloudflaretest.Token{
				{Value: cloudflaretest.AnyToken, Zones: []zone.Name{apex, second}}, {Value: otherToken, Account: otherAccount},
			},
			PerPage: 100,
		})
		started(t, f, err)
		return d, led(f.Credentials(), f.Endpoint()), apex
	}
	h.Other = func(providertest.TB) (providers.Credentials, zone.Name) {
		return led(providers.Credentials{"api_token": otherToken}, f.Endpoint()), theirs
	}
	h.Meta, h.MaxRecords = "comment=theirs", 3500
	return h
}

func onGodaddy(d providers.Driver) providertest.Harness {
	customers := []godaddytest.Account{
		{Key: "key-of-the-customer", Secret: "secret-of-the-customer", Zones: []zone.Name{apex, second}},
		{Key: "key-of-another", Secret: "secret-of-another", Zones: []zone.Name{theirs}},
	}
	var f *godaddytest.Fake
	h := hooked(func() fake { return f }, map[providertest.Fault]httpapitest.Fault{
		providertest.FaultRateLimited: {Status: 429, Body: `{"code":"TOO_MANY_REQUESTS","message":"Too many requests","retryAfterSec":30}`},
		providertest.FaultDenied:      {Status: 403, Body: `{"code":"ACCESS_DENIED","message":"Authenticated user is not allowed access"}`},
	})
	h.New = func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
		var err error
		f, err = godaddytest.Start(godaddytest.Options{
			Accounts: customers, Zones: []zone.Snapshot{{Zone: apex}, {Zone: second}, {Zone: theirs}}, Rate: -1,
		})
		started(t, f, err)
		return d, led(customers[0].Credentials(), f.URL()), apex
	}
	h.Other = func(providertest.TB) (providers.Credentials, zone.Name) {
		return led(customers[1].Credentials(), f.URL()), theirs
	}
	return h
}

func onNamecheap(d providers.Driver) providertest.Harness {
	accounts := []namecheaptest.Account{
		{User: "customer", Key: "key-of-the-customer-3f1c", Zones: []zone.Snapshot{{Zone: apex}, {Zone: second}}},
		{User: "neighbour", Key: "key-of-the-neighbour-77aa", Zones: []zone.Snapshot{{Zone: theirs}}},
	}
	var f *namecheaptest.Fake
	h := hooked(func() fake { return f }, map[providertest.Fault]httpapitest.Fault{
		providertest.FaultRateLimited: {Status: 405, RetryAfter: "60", Body: "too many requests"},
		providertest.FaultDenied: {Body: `<?xml version="1.0" encoding="utf-8"?><ApiResponse Status="ERROR" xmlns="http://api.namecheap.com/xml.response">` +
			`<Errors><Error Number="1016103">Parameter UserName is unauthorized</Error></Errors><Warnings /><RequestedCommand /></ApiResponse>`},
	})
	h.New = func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
		var err error
		f, err = namecheaptest.Start(namecheaptest.Options{Accounts: accounts})
		started(t, f, err)
		return d, led(f.Credentials(0), f.Endpoint()), apex
	}
	h.Other = func(providertest.TB) (providers.Credentials, zone.Name) {
		return led(f.Credentials(1), f.Endpoint()), theirs
	}
	h.MaxRecords = 150
	return h
}

// started lets a fake end with the case.
func started(t providertest.TB, f fake, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
}
