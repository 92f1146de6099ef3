package providers_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"time"

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

// Where a driver can list, nobody has to type the name of a zone.
func ExampleAccount_List() {
	host := memory.New(memory.Options{Zones: []zone.Snapshot{
		zone.NewSnapshot("customer.example", nil), zone.NewSnapshot("shop.example", nil),
	}})
	acct, err := providers.Open(host.Driver(), nil, providers.Options{})
	if err != nil {
		log.Fatal(err)
	}
	zones, err := acct.List(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, z := range zones {
		fmt.Println(z.Apex)
	}
	// Output:
	// customer.example
	// shop.example
}

// What a host answers may spell a credential in its own way.
func ExampleCredentials_Redact() {
	creds := providers.Credentials{"token": "abcd/efgh+=="}
	fields := []providers.Field{{Name: "token", Secret: true}}
	fmt.Println(creds.Redact(fields, `{"error":"bad token abcd\/efgh+=="}`))
	// Output: {"error":"bad token [redacted]"}
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

// Programs that share a directory keep out of each other's zones. An account
// with a journal in a directory does so by itself.
func ExampleLeaseDir() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "leases-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	held, release, err := providers.LeaseDir(dir)(ctx, "memory 1 customer.example")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("held:", held.Err() == nil)

	brief, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, _, err = providers.LeaseDir(dir)(brief, "memory 1 customer.example")
	fmt.Println("had by another:", err == nil)
	release()
	// Output:
	// held: true
	// had by another: false
}

// What a process that was killed has left on a zone is settled before anything
// else is written there.
func ExampleAccount_RecoverAll() {
	ctx := context.Background()
	host := memory.New(memory.Options{Zones: []zone.Snapshot{zone.NewSnapshot("customer.example", nil)}})
	journal := providers.JournalMemory()
	acct, err := providers.Open(host.Driver(), nil, providers.Options{Journal: journal})
	if err != nil {
		log.Fatal(err)
	}
	z, err := acct.Find(ctx, "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	a, b := zone.NewTXT("a.customer.example", 300, "1"), zone.NewTXT("b.customer.example", 300, "2")
	changes := []zone.Change{{Owner: a.Name, Add: []zone.Record{a}}, {Owner: b.Name, Add: []zone.Record{b}}}
	// Written down before the process was killed, after its first write.
	if err := journal.Begin(ctx, providers.Run{ID: "killed", Driver: "memory", Zone: z, Changes: changes}); err != nil {
		log.Fatal(err)
	}
	host.Change("customer.example", changes[0])

	fmt.Println(acct.Apply(ctx, z, changes, &providers.Run{})[0].Code)
	settled, err := acct.RecoverAll(ctx, z)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range settled {
		fmt.Println(r.Run, r.How, len(host.Zone("customer.example").Records), r.Err)
	}
	// Output:
	// Conflict
	// killed finished 2 <nil>
}

// Credentials do not print.
func ExampleCredentials() {
	fmt.Println(providers.Credentials{"token": "hunter2"})
	// Output: [redacted]
}

// A driver asks before each request to its host. Within a call of an Account
// this is where it waits for its turn.
func ExampleWait() {
	request := func(ctx context.Context, path string) error {
		if err := providers.Wait(ctx); err != nil {
			return err
		}
		fmt.Println("GET", path)
		return nil
	}
	if err := request(context.Background(), "/v1/domains"); err != nil {
		fmt.Println(err)
	}
	// Output: GET /v1/domains
}
