package harbourtest_test

import (
	"fmt"
	"log"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A fake needs no test. Here somebody edits a zone on the host's web page.
func ExampleFake_Change() {
	const apex zone.Name = "customer.example"
	fake, err := harbourtest.Start(harbourtest.Options{Zones: []zone.Snapshot{{Zone: apex}}})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	fake.Change(apex, zone.Change{Owner: apex, Add: []zone.Record{zone.NewTXT(apex, 3600, "v=spf1 -all")}})
	for _, r := range fake.Zone(apex).Records {
		fmt.Println(r)
	}
	// Output:
	// customer.example. 3600 NS a.ns.harbour.example.
	// customer.example. 3600 NS b.ns.harbour.example.
	// customer.example. 3600 SOA a.ns.harbour.example. hostmaster.harbour.example. 2 7200 3600 1209600 300
	// customer.example. 3600 TXT "v=spf1 -all"
}
