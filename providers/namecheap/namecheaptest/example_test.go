package namecheaptest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// A zone whose mail is forwarded, as the fake's name servers answer it.
func ExampleFake_Bridge() {
	snap := zone.NewSnapshot("customer.example", []zone.Record{{Name: "customer.example", Type: "A", TTL: 1799, Data: "192.0.2.1"}})
	snap.Meta = "email_type=FWD"
	f, err := namecheaptest.Start(namecheaptest.Options{Accounts: []namecheaptest.Account{{User: "customer", Key: "made-up-key", Zones: []zone.Snapshot{snap}}}})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	b, err := f.Bridge()
	if err != nil {
		log.Fatal(err)
	}
	v := verify.New(verify.Options{Start: b.World().Start(), Map: b.World().Map})
	for _, r := range v.Lookup(context.Background(), "customer.example", "TXT").Records {
		fmt.Println(r.Text())
	}
	// Output: v=spf1 include:spf.efwd.registrar-servers.com ~all
}
