package providers_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A change goes through an Account, which says for each owner what became of it.
func ExampleAccount_Apply() {
	ctx := context.Background()
	host := memory.New(memory.Options{Zones: []zone.Snapshot{zone.NewSnapshot("customer.example", []zone.Record{
		zone.NewTXT("customer.example", 3600, "somebody=else"),
	})}})
	acct, err := providers.Open(host.Driver(), nil, providers.Options{})
	if err != nil {
		log.Fatal(err)
	}
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	outcomes := acct.Apply(ctx, z, []zone.Change{{
		Owner: "customer.example",
		Add:   []zone.Record{zone.NewTXT("customer.example", 3600, "ours=1")},
	}}, &providers.Run{})
	for _, o := range outcomes {
		fmt.Println(o.Owner, o.State)
	}
	snap, err := acct.Read(ctx, z)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range snap.Set("customer.example", "TXT") {
		fmt.Println(r)
	}
	// Output:
	// customer.example applied
	// customer.example. 3600 TXT "ours=1"
	// customer.example. 3600 TXT "somebody=else"
}

// A run is in the journal before its first write, and stays there.
func ExampleJournalDir() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "journal-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	host := memory.New(memory.Options{Zones: []zone.Snapshot{zone.NewSnapshot("customer.example", nil)}})
	acct, err := providers.Open(host.Driver(), nil, providers.Options{Journal: providers.JournalDir(dir)})
	if err != nil {
		log.Fatal(err)
	}
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	www := zone.NewAddress("www.customer.example", 300, netip.MustParseAddr("192.0.2.1"))
	acct.Apply(ctx, z, []zone.Change{{Owner: www.Name, Add: []zone.Record{www}}}, &providers.Run{ID: "first"})
	runs, err := providers.JournalDir(dir).List(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range runs {
		fmt.Println(r.ID, r.Zone.Apex, providers.Done(r.End.Outcomes))
	}
	// Output: first customer.example true
}

// Credentials do not print.
func ExampleCredentials() {
	fmt.Println(providers.Credentials{"token": "hunter2"})
	// Output: [redacted]
}
