// Command gandi is libdns/gandi as a plugin.
package main

import (
	"github.com/libdns/gandi"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

func main() { sdk.ServeLibdns[gandi.Provider]("gandi", "api.gandi.net") }
