package godaddy_test

import (
	"context"
	"fmt"
	"log"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A TXT record is added at the apex, beside those that are there. Against the
// real API the Endpoint is left out, and the credentials are the customer's.
func ExampleDriver() {
	const apex zone.Name = "customer.example"
	fake, err := godaddytest.Start(godaddytest.Options{Zones: []zone.Snapshot{
		zone.NewSnapshot(apex, []zone.Record{zone.NewTXT(apex, 3600, "v=spf1 include:mail.example -all")}),
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()

	ctx := context.Background()
	acct, err := providers.Open(godaddy.Driver{Endpoint: fake.URL()}, fake.Credentials(), providers.Options{})
	if err != nil {
		log.Fatal(err)
	}
	z, err := acct.Find(ctx, apex)
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range acct.Apply(ctx, z, []zone.Change{{Owner: apex, Add: []zone.Record{zone.NewTXT(apex, 3600, "site-verification=1")}}}, &providers.Run{}) {
		fmt.Println(o.Owner, o.State)
	}
	for _, r := range fake.Zone(apex).Set(apex, "TXT") {
		fmt.Println(r)
	}
	// Output:
	// customer.example applied
	// customer.example. 3600 TXT "site-verification=1"
	// customer.example. 3600 TXT "v=spf1 include:mail.example -all"
}

// What a person is told whose account GoDaddy gives no API.
func ExampleDriver_noAccess() {
	fake, err := godaddytest.Start(godaddytest.Options{
		Zones:    []zone.Snapshot{{Zone: "customer.example"}},
		Accounts: []godaddytest.Account{{Key: "e4hN3Y4pDXEA", Secret: "Xx1N6bSqjTHs", Access: godaddytest.Closed}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()

	acct, err := providers.Open(godaddy.Driver{Endpoint: fake.URL()}, fake.Credentials(), providers.Options{})
	if err != nil {
		log.Fatal(err)
	}
	err = acct.Check(context.Background())
	fmt.Println(providers.CodeOf(err))
	// Output:
	// AccessDenied
}
