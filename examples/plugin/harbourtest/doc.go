// Package harbourtest is a fake of the DNS API of Harbour, an imaginary
// registrar, on a free port of 127.0.0.1.
//
//	fake, err := harbourtest.Start(harbourtest.Options{Zones: []zone.Snapshot{snap}})
//	defer fake.Close()
//	acct, err := providers.Open(Driver{Endpoint: fake.URL()}, fake.Credentials(), providers.Options{})
//	...
//	fake.Zone("customer.example") // as the host itself holds it
//
// The zones live in memory. [Fake.Bridge] serves them over DNS; Harbour's ALIAS
// and REDIRECT are left out there. Faults are told as to every
// [httpapitest.Server].
//
// Being imaginary, the host is what this package says it is. A request carries
// "Authorization: Bearer TOKEN", and these are all there are:
//
//	GET   /v2/token                  what the token may do
//	GET   /v2/zones?cursor=          zones of the account, page by page
//	GET   /v2/zones/{zone}           one zone
//	GET   /v2/zones/{zone}/sets      its RRsets, page by page; name= (several) picks owners
//	PATCH /v2/zones/{zone}/sets      RRsets become these, all or none; one without values goes
//
// A zone has a version, a number that grows with every change. Each page of a
// list names it, a cursor of an older version is answered with 409, and a PATCH
// names it in If-Match: 412 where the zone has moved on. What is refused has a
// body of {"error": {"code", "message"}}, and 429 a Retry-After of seconds.
package harbourtest
