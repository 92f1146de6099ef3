package libdnsdriver_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A libdns module, here one that drops mail whenever it writes, as a driver.
func ExampleDriver() {
	module := newModule(libdns.MX{Name: "@", TTL: time.Hour, Preference: 10, Target: "mx.mail.example."})
	module.faults.DropsMail = true
	d := libdnsdriver.Driver{
		Host: providers.Info{ID: "somehost", Name: "Some Host", Fields: []providers.Field{{Name: "token", Label: "API token", Secret: true}}},
		New:  func(c providers.Credentials) (any, error) { return module, nil }, // &somehost.Provider{APIToken: c["token"]}
	}
	ctx := context.Background()
	s, err := d.Open(providers.Credentials{"token": "of the customer"})
	if err != nil {
		log.Fatal(err)
	}
	z, err := s.Find(ctx, "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	err = s.Write(ctx, z, zone.Edit{After: []zone.Record{zone.NewTXT("app.customer.example", 3600, "mine")}})
	fmt.Println(err)
	// Output:
	// Internal: the module lost or changed customer.example. 3600 MX 10 mx.mail.example., which it was not asked to touch; these could not be put back: customer.example. 3600 MX 10 mx.mail.example.
}

// challenges is what certmagic.DNSManager asks of its DNSProvider.
type challenges interface {
	libdns.RecordAppender
	libdns.RecordDeleter
}

// Any driver as a libdns provider, such as certmagic and Caddy use. With
// certmagic the last lines are
//
//	certmagic.DNS01Solver{DNSManager: certmagic.DNSManager{DNSProvider: p}}
func ExampleProvider() {
	zoneBefore := zone.NewSnapshot("customer.example", []zone.Record{zone.NewTXT("_acme-challenge.customer.example", 3600, "somebody else's")})
	host := memory.New(memory.Options{Zones: []zone.Snapshot{zoneBefore}})
	var p challenges = &libdnsdriver.Provider{Driver: host.Driver()}

	ctx := context.Background()
	made, err := p.AppendRecords(ctx, "customer.example.", []libdns.Record{
		libdns.TXT{Name: "_acme-challenge", TTL: 2 * time.Minute, Text: "token"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(made), "made,", len(host.Zone("customer.example").Records), "there")
	if _, err := p.DeleteRecords(ctx, "customer.example.", made); err != nil {
		log.Fatal(err)
	}
	for _, r := range host.Zone("customer.example").Records {
		fmt.Println(r)
	}
	// Output:
	// 1 made, 2 there
	// _acme-challenge.customer.example. 3600 TXT "somebody else's"
}
