// Package godaddytest is a fake of GoDaddy's Domains API: what of it concerns
// DNS records, on a free port of 127.0.0.1, as strict and as odd as the host
// itself.
//
//	fake, err := godaddytest.Start(godaddytest.Options{Zones: []zone.Snapshot{snap}})
//	defer fake.Close()
//	acct, err := providers.Open(godaddy.Driver{Endpoint: fake.Endpoint()}, fake.Credentials(), providers.Options{})
//	...
//	fake.Zone("customer.example") // as the host itself holds it
//
// The zones live in memory. [Fake.Bridge] serves them over DNS. Each rule cites
// where it is known from. Three things no source says, and the fake takes the
// strict side: the words of some errors, that a field it does not know is
// refused, and that a TTL of more than a week is. Nor does any say what a write
// of SRV records replaces, here all of them below one name; which names the host
// shows in capitals, and which texts in quotes. [Fake.SetLines] has it show
// whatever a test wants, and Options has the ways to cut a list into pages.
// Faults are told as to every [httpapitest.Server].
package godaddytest
