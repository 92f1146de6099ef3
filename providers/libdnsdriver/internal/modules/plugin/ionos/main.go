// Command ionos is libdns/ionos as a plugin.
package main

import (
	"github.com/libdns/ionos"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

func main() { sdk.ServeLibdns[ionos.Provider]("ionos", "api.hosting.ionos.com") }
