// Command porkbun is libdns/porkbun as a plugin.
package main

import (
	"github.com/libdns/porkbun"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

func main() { sdk.ServeLibdns[porkbun.Provider]("porkbun", "api.porkbun.com") }
