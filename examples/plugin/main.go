// Plugin is a Mooring plugin as somebody writes it who has nothing of Mooring
// but its exported packages: a driver for the DNS API of Harbour, an imaginary
// registrar, and this main. See README.md.
//
//	mooring-plugin-harbour_v1.0.0_p1_linux_amd64 [-endpoint URL]
package main

import (
	"flag"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

// version is that of the plugin, and stands in the name of its file too.
const version = "1.0.0"

func main() {
	endpoint := flag.String("endpoint", "", "base `URL` of the API, such as its sandbox, in place of "+production)
	flag.Parse()
	d := driver{Endpoint: *endpoint, HTTP: sdk.Client()}
	sdk.Options{Version: version, Hosts: d.hosts()}.Serve(d)
}
