// Command rfc2136 is the plugin for name servers with dynamic updates
// (RFC 2136). Build it with the name that a host looks for, put it into a
// directory of plugins.Options.Dirs and pin it:
//
//	go build -o mooring-plugin-rfc2136_v0.1.0_p1_linux_amd64 ./plugins/rfc2136
//
// It sends no HTTP requests. It speaks to the servers that customers name with
// their credentials, so where it may connect to is for a firewall to say.
package main

import (
	"github.com/mooring-dns/mooring/plugins/sdk"
	"github.com/mooring-dns/mooring/providers/rfc2136"
)

func main() { sdk.Options{Version: "0.1.0"}.Serve(rfc2136.Driver{}) }
