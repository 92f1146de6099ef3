// Package cloudflaretest is a fake of Cloudflare's API v4, as far as the driver
// [github.com/mooring-dns/mooring/providers/cloudflare] and libdns/cloudflare use
// it, with the behaviour of the real one.
//
//	fake, err := cloudflaretest.Start(cloudflaretest.Options{Zones: []cloudflaretest.Zone{{Snapshot: snap}}})
//	defer fake.Close()
//	d := cloudflare.Driver{Endpoint: fake.Endpoint()}
//	acct, err := providers.Open(d, fake.Credentials(), providers.Options{})
//
// It serves zones, records, the batch operation and the checking of tokens on
// 127.0.0.1; it refuses what the real API is known to refuse, normalises what the
// real one normalises, and answers with its codes and texts. Each rule says where
// it is from, and what the documentation does not tell is noted beside the rule. A
// zone can hold what no request could put there, as real zones do. The embedded
// Server makes requests fail in every way that networks and hosts have.
//
// A Bridge serves the zones over DNS as Cloudflare would: proxied names with
// addresses of its own, and a CNAME at the apex flattened.
//
// It knows no zone settings, no DNSSEC, no redirect rules, no Email Routing but
// the records it leaves in a zone, and sends no zone transfer.
package cloudflaretest
