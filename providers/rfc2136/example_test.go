package rfc2136_test

import (
	"context"
	"fmt"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

func Example() {
	ctx := context.Background()
	w, err := verifytest.Start(verifytest.Options{
		Text: []string{"$ORIGIN customer.example.\n@ 300 SOA ns1 host 1 3600 600 86400 300\n@ 300 NS ns1\nns1 300 A 127.0.0.1\n"},
		Keys: []verifytest.Key{{Name: "customer.", Secret: "c2VjcmV0LW9mLXRoZS1jdXN0b21lcg=="}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	acct, err := providers.Open(rfc2136.Driver{}, providers.Credentials{
		"server": w.Start()[0].String(), "key_name": "customer.", "key": "c2VjcmV0LW9mLXRoZS1jdXN0b21lcg==",
	}, providers.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(z.Apex, z.NameServers, z.Caps.Grain, z.Caps.CAS)
	cname, _ := zone.New("www.customer.example", "CNAME", 300, "edge.app.example")
	for _, o := range acct.Apply(ctx, z, []zone.Change{{Owner: cname.Name, Add: []zone.Record{cname}, Absent: []string{zone.AnyType}}}, &providers.Run{}) {
		fmt.Println(o.Owner, o.State)
	}
	fmt.Println(w.Zone("customer.example").At("www.customer.example"))
	// Output:
	// customer.example [ns1.customer.example] batch true
	// www.customer.example applied
	// [www.customer.example. 300 CNAME edge.app.example.]
}
