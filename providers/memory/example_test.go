package memory_test

import (
	"context"
	"fmt"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

func ExampleNew() {
	ctx := context.Background()
	host := memory.New(memory.Options{
		Caps:  providers.Caps{Grain: providers.GrainRecord},
		Zones: []zone.Snapshot{zone.NewSnapshot("customer.example", []zone.Record{zone.NewTXT("customer.example", 300, "token")})},
	})
	acct, err := providers.Open(host.Driver(), nil, providers.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	add := zone.Change{Owner: "customer.example", Add: []zone.Record{zone.NewTXT("customer.example", 300, "mine")}}

	host.FailWrite(1, memory.Lost(true)) // the answer never comes; reading tells
	for _, o := range acct.Apply(ctx, z, []zone.Change{add}, &providers.Run{}) {
		fmt.Println(o.Owner, o.State)
	}
	for _, r := range host.Zone("customer.example").Records {
		fmt.Println(r)
	}
	// Output:
	// customer.example applied
	// customer.example. 300 TXT "mine"
	// customer.example. 300 TXT "token"
}

func ExampleHost_SetHooks() {
	host := memory.New(memory.Options{Zones: []zone.Snapshot{{Zone: "customer.example"}}})
	host.SetHooks(memory.Hooks{After: func(n int, _ zone.Edit) error {
		fmt.Println("write", n, "landed:", host.Zone("customer.example").Records)
		return nil
	}})
	s, _ := host.Driver().Open(nil)
	_ = s.Write(context.Background(), providers.Zone{Apex: "customer.example"}, zone.Edit{After: []zone.Record{zone.NewTXT("a.customer.example", 60, "x")}})
	// Output:
	// write 1 landed: [a.customer.example. 60 TXT "x"]
}
