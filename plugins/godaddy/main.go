// Command godaddy is the plugin for GoDaddy. Build it with the name that a host
// looks for, put it into a directory of plugins.Options.Dirs and pin it:
//
//	go build -o mooring-plugin-godaddy_v0.1.0_p1_linux_amd64 ./plugins/godaddy
//
// It sends requests to api.godaddy.com alone. For a sandbox or a test, -endpoint in
// plugins.Options.Args is another base URL, and then the only one.
package main

import (
	"cmp"
	"flag" //nolint:depguard // this is a program
	"net/url"

	"github.com/mooring-dns/mooring/plugins/sdk"
	"github.com/mooring-dns/mooring/providers/godaddy"
)

func main() {
	endpoint := flag.String("endpoint", "", "base `URL` of the API; \"\": the real one")
	flag.Parse()
	u, err := url.Parse(*endpoint)
	if err != nil {
		u = &url.URL{} // the driver says what is wrong with it
	}
	options := sdk.Options{Version: "0.1.0", Hosts: []string{cmp.Or(u.Host, "api.godaddy.com")}}
	options.Serve(godaddy.Driver{Endpoint: *endpoint, HTTP: sdk.Client()})
}
