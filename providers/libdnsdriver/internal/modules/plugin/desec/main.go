// Command desec is libdns/desec as a plugin.
package main

import (
	"github.com/libdns/desec"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

func main() { sdk.ServeLibdns[desec.Provider]("desec", "desec.io") }
