// Package rfc2136 is the driver for any authoritative server that speaks DNS
// UPDATE (RFC 2136) and AXFR (RFC 5936), signed with TSIG (RFC 8945): BIND,
// Knot, PowerDNS, Windows and many a host that offers "dynamic DNS" access.
//
//	acct, err := providers.Open(rfc2136.Driver{}, providers.Credentials{
//		"server": "ns1.host.example", "key_name": "customer.", "key": "c2VjcmV0…",
//	}, providers.Options{})
//
// An edit is one UPDATE message, whose prerequisites hold every RRset that it
// touches whole. So the server compares and sets in one step, and an edit by
// somebody else in between is a Conflict, not a loss. Everything goes over
// TCP, and an answer whose signature does not verify is never believed. A
// write is never sent twice.
//
// What prerequisites cannot compare: a TTL (they carry none), and types that
// the driver does not know by name at an owner that must hold nothing else. An
// edit that does not fit one message (64 KiB) is refused. The driver does not
// touch SOA records, does no zone transfer over TLS, and no GSS-TSIG.
package rfc2136
