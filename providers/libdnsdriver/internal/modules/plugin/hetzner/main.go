// Command hetzner is libdns/hetzner as a plugin.
package main

import (
	"github.com/libdns/hetzner"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

func main() { sdk.ServeLibdns[hetzner.Provider]("hetzner", "dns.hetzner.com") }
