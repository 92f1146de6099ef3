// Package sdk makes a driver a plugin: a program of its own that a host starts,
// asks over gRPC and stops. A whole plugin is
//
//	package main
//
//	import (
//		"example.com/registrar"
//		"github.com/mooring-dns/mooring/plugins/sdk"
//	)
//
//	func main() {
//		sdk.Options{Version: "1.0.0", Hosts: []string{"api.registrar.example"}}.Serve(registrar.Driver{HTTP: sdk.Client()})
//	}
//
// and one around an unmodified libdns module
//
//	func main() { sdk.ServeLibdns[hetzner.Provider]("hetzner", "dns.hetzner.com") }
//
// README.md beside this file goes from nothing to a plugin that is pinned and
// tested.
//
// What a driver gets from it: one session for one customer's credentials, kept
// between calls and never given to another; a panic in the goroutine of a call
// that fails this call alone; requests that take their turn at the host's limits;
// [Client], and with it net/http's default client, that sends nothing to names
// that Options.Hosts leaves out; standard output, standard error and package log
// that reach the host's log without credentials; and an end together with its
// host's.
//
// What it cannot do: a panic in a goroutine that the driver started ends the
// process, and its trace goes out as it is. A list of hosts guards against
// mistakes, not against malice: code that opens connections of its own is not
// asked. Whoever must not reach the network at all is put into a container.
package sdk
