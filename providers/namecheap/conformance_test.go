package namecheap_test

import (
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const second zone.Name = "second.example"

// accounts is two customers, the first with two zones.
func accounts() []namecheaptest.Account {
	return []namecheaptest.Account{
		{User: "customer", Key: "key-of-the-customer-3f1c", Zones: []zone.Snapshot{{Zone: second}}},
		{User: "neighbour", Key: "key-of-the-neighbour-77aa", Zones: []zone.Snapshot{{Zone: "neighbour.example"}}},
	}
}

// harness is what the suite needs of a fake, with the driver that open makes.
func harness(name string, open func(*namecheaptest.Fake) providers.Driver) providertest.Harness {
	var f *namecheaptest.Fake
	return providertest.Harness{
		Name: name,
		New: func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			f = start(t, namecheaptest.Options{Accounts: accounts()})
			return open(f), f.Credentials(0), apex
		},
		Seed:  func(_ providertest.TB, recs []zone.Record) { f.Set(zone.NewSnapshot(apex, recs)) },
		Zone:  func(providertest.TB) zone.Snapshot { return f.Zone(apex) },
		Hang:  func(providertest.TB) { f.SetFault(httpapitest.Fault{Delay: time.Hour}) },
		Other: func(providertest.TB) (providers.Credentials, zone.Name) { return f.Credentials(1), "neighbour.example" },
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			if !onlyWrites {
				f.SetFault(fault(kind))
				return true
			}
			f.SetFault(httpapitest.Fault{})
			for n := range 100 {
				f.FailWrite(n+1, fault(kind))
			}
			return true
		},
		Writes:     func() int { return f.Writes() },
		Second:     second,
		MaxRecords: 150,
		Lost:       time.Millisecond,
	}
}

// fault is a fault as the API has it.
func fault(kind providertest.Fault) httpapitest.Fault {
	switch kind {
	case providertest.FaultRateLimited:
		return httpapitest.Fault{Status: 405, RetryAfter: "60", Body: "too many requests"}
	case providertest.FaultUnavailable:
		return httpapitest.Fault{Status: 503, Body: "down for maintenance"}
	case providertest.FaultHTML:
		return httpapitest.Fault{Status: 502, HTML: true}
	case providertest.FaultDenied:
		return httpapitest.Fault{Body: problem("1016103", "Parameter UserName is unauthorized")}
	case providertest.FaultHalf:
		return httpapitest.Fault{Land: true, Half: true}
	case providertest.FaultLandedLost:
		return httpapitest.Fault{Land: true, Drop: true}
	default:
		return httpapitest.Fault{Drop: true}
	}
}

// problem is the body of an answer with an error number.
func problem(number, text string) string {
	return `<?xml version="1.0" encoding="utf-8"?><ApiResponse Status="ERROR" xmlns="http://api.namecheap.com/xml.response">` +
		`<Errors><Error Number="` + number + `">` + text + `</Error></Errors><Warnings /><RequestedCommand /></ApiResponse>`
}

// TestConformance runs the whole suite on the fake.
func TestConformance(t *testing.T) {
	providertest.Run(t, harness("namecheap", func(f *namecheaptest.Fake) providers.Driver { return driver(f) }))
}
