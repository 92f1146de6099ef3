package namecheap_test

import (
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

// start is a fake with one zone of the first account.
func start(t providertest.TB, o namecheaptest.Options, records ...zone.Record) *namecheaptest.Fake {
	t.Helper()
	f, err := namecheaptest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.Set(zone.NewSnapshot(apex, records))
	return f
}

// account is an account at the fake, without the host's rate limits.
func account(t providertest.TB, f *namecheaptest.Fake, o providers.Options) *providers.Account {
	t.Helper()
	if o.Rates == nil {
		o.Rates = []providers.Rate{}
	}
	if o.Lost == 0 {
		o.Lost = 1
	}
	acct, err := providers.Open(driver(f), f.Credentials(0), o)
	if err != nil {
		t.Fatal(err)
	}
	return acct
}

func driver(f *namecheaptest.Fake) namecheap.Driver { return namecheap.Driver{Endpoint: f.Endpoint()} }

// session is a bare session of the driver.
func session(t providertest.TB, f *namecheaptest.Fake) providers.Session {
	t.Helper()
	s, err := driver(f).Open(f.Credentials(0))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rec is a record of the zone with a TTL of an hour.
func rec(rel, typ, data string) zone.Record {
	name := apex
	if rel != "@" {
		name = zone.Name(rel + "." + string(apex))
	}
	if typ == "TXT" {
		return zone.NewTXT(name, 3600, data)
	}
	r, err := zone.New(name, typ, 3600, data)
	if err != nil {
		panic(err)
	}
	return r
}

func driverCaps() providers.Caps { return namecheap.Driver{}.Info().Caps }
