package godaddytest_test

import (
	"fmt"
	"log"

	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A fake needs no test: here it shows how the host spells a zone.
func ExampleStart() {
	const apex zone.Name = "customer.example"
	fake, err := godaddytest.Start(godaddytest.Options{Zones: []zone.Snapshot{
		zone.NewSnapshot(apex, []zone.Record{
			{Name: "www." + apex, Type: "CNAME", TTL: 3600, Data: "customer.example."},
			{Name: "_sip._tls." + apex, Type: "SRV", TTL: 3600, Data: "100 1 443 sipdir.example."},
		}),
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer fake.Close()
	for _, l := range fake.Lines(apex) {
		fmt.Println(l)
	}
	// Output:
	// {"data":"","name":"@","ttl":600,"type":"SOA"}
	// {"data":"@","name":"www","ttl":3600,"type":"CNAME"}
	// {"data":"ns51.domaincontrol.com","name":"@","ttl":3600,"type":"NS"}
	// {"data":"ns52.domaincontrol.com","name":"@","ttl":3600,"type":"NS"}
	// {"data":"sipdir.example","name":"@","port":443,"priority":100,"protocol":"_tls","service":"_sip","ttl":3600,"type":"SRV","weight":1}
}
