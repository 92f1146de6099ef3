// Command rfc2136 is libdns/rfc2136 as a plugin.
package main

import (
	"github.com/libdns/rfc2136"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

func main() { sdk.ServeLibdns[rfc2136.Provider]("rfc2136") }
