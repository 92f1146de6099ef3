package sdk_test

import (
	"fmt"

	"github.com/libdns/godaddy"

	"github.com/mooring-dns/mooring/plugins/sdk"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/rfc2136"
)

// The whole main of a plugin.
func ExampleOptions_Serve() {
	sdk.Options{Hosts: []string{"api.cloudflare.com"}}.Serve(cloudflare.Driver{HTTP: sdk.Client()})
}

// The whole main of a plugin that speaks no HTTP.
func ExampleServe() {
	sdk.Serve(rfc2136.Driver{})
}

// The whole main of a plugin around a libdns module.
func ExampleServeLibdns() {
	sdk.ServeLibdns[godaddy.Provider]("godaddy", "api.godaddy.com")
}

// A module as a driver, with what its author knows of the host beside it.
func ExampleLibdns() {
	d := sdk.Libdns[godaddy.Provider]("godaddy")
	d.Host.Fields[0].Help = "API key and secret, with a colon between them."
	d.Host.Caps.MinTTL = 600
	for _, f := range d.Info().Fields {
		fmt.Printf("%s (%s), secret %v, optional %v\n", f.Label, f.Name, f.Secret, f.Optional)
	}
	// Output:
	// API token (api_token), secret true, optional false
}

// A program that carries its drivers calls this first.
func ExampleCarry() {
	sdk.Carry(func([]string) []providers.Driver {
		return []providers.Driver{cloudflare.Driver{HTTP: sdk.Client()}, rfc2136.Driver{}}
	})
	fmt.Println("the program itself")
	// Output:
	// the program itself
}

func ExampleClient() {
	d := cloudflare.Driver{HTTP: sdk.Client()} // the zero value would use a client of its own, past the list of hosts
	fmt.Println(d.Info().Name)
	// Output:
	// Cloudflare
}
