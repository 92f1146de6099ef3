package cloudflaretest_test

import (
	"context"
	"fmt"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// The answer to a write is lost, and reading tells that it landed.
func ExampleStart() {
	fake, err := cloudflaretest.Start(cloudflaretest.Options{
		Zones: []cloudflaretest.Zone{{Snapshot: zone.Snapshot{Zone: "customer.example"}, Plan: "pro"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fake.Close()
	acct, err := providers.Open(cloudflare.Driver{Endpoint: fake.Endpoint()}, fake.Credentials(), providers.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	fake.FailWrite(1, httpapitest.Fault{Land: true, Drop: true})
	www := zone.Record{Name: "www.customer.example", Type: "CNAME", TTL: 3600, Data: "edge.app.example."}
	for _, o := range acct.Apply(ctx, z, []zone.Change{{Owner: www.Name, Add: []zone.Record{www}}}, &providers.Run{}) {
		fmt.Println(o.Owner, o.State)
	}
	fmt.Println(fake.Zone("customer.example").Records)
	// Output:
	// www.customer.example applied
	// [www.customer.example. 3600 CNAME edge.app.example.]
}
