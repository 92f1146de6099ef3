package namecheap_test

import (
	"context"
	"fmt"
	"log"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// One text more in a zone whose mail Namecheap forwards. Without Endpoint, the
// driver speaks to Namecheap.
func ExampleDriver() {
	snap := zone.NewSnapshot("customer.example", []zone.Record{{Name: "customer.example", Type: "A", TTL: 1799, Data: "192.0.2.1"}})
	snap.Meta = "email_type=FWD"
	f, err := namecheaptest.Start(namecheaptest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	f.Set(snap)

	acct, err := providers.Open(namecheap.Driver{Endpoint: f.Endpoint()}, f.Credentials(0), providers.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	txt := zone.NewTXT("_challenge.customer.example", 600, "token")
	outcomes := acct.Apply(ctx, z, []zone.Change{{Owner: txt.Name, Add: []zone.Record{txt}}}, &providers.Run{})
	fmt.Println(outcomes[0].State)
	now, err := acct.Read(ctx, z)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range now.Set("customer.example", "MX") {
		fmt.Println(r.Data, r.Meta)
	}
	// Output:
	// applied
	// 10 eforward1.registrar-servers.com. injected=FWD
	// 10 eforward2.registrar-servers.com. injected=FWD
	// 10 eforward3.registrar-servers.com. injected=FWD
	// 15 eforward4.registrar-servers.com. injected=FWD
	// 20 eforward5.registrar-servers.com. injected=FWD
}
