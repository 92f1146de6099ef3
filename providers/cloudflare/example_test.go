package cloudflare_test

import (
	"context"
	"fmt"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A record is added beside what stands there. Without the Endpoint, the same
// lines speak to Cloudflare.
func ExampleDriver() {
	mail := zone.Record{Name: "customer.example", Type: "MX", TTL: 300, Data: "10 mx.mail.example.", Meta: "ttl=auto"}
	fake, err := cloudflaretest.Start(cloudflaretest.Options{
		Zones: []cloudflaretest.Zone{{Snapshot: zone.NewSnapshot("customer.example", []zone.Record{mail})}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fake.Close()

	ctx := context.Background()
	acct, err := providers.Open(cloudflare.Driver{Endpoint: fake.Endpoint()}, fake.Credentials(), providers.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(z.Caps.Grain, z.NameServers)
	add := zone.Change{Owner: z.Apex, Add: []zone.Record{zone.NewTXT(z.Apex, 3600, "v=spf1 include:app.example -all")}}
	for _, o := range acct.Apply(ctx, z, []zone.Change{add}, &providers.Run{}) {
		fmt.Println(o.Owner, o.State)
	}
	for _, r := range fake.Zone(z.Apex).Records {
		fmt.Println(r)
	}
	// Output:
	// batch [amy.ns.cloudflare.com bob.ns.cloudflare.com]
	// customer.example applied
	// customer.example. 300 MX 10 mx.mail.example.
	// customer.example. 3600 TXT "v=spf1 include:app.example -all"
}
