// Package wire reads and writes the DNS messages that the verifier exchanges
// by the hundred thousand: queries, and answers of the few types it looks at.
//
//	query := wire.AppendQuery(buf[:0], wire.Query{ID: id, Name: name, Type: wire.TypeTXT, EDNS: 1232})
//	...
//	if wire.Match(msg, id, name, wire.TypeTXT) == wire.Same {
//		for recs := wire.Message(msg).Records(); recs.Next(); {
//			rec, ok := wire.Record(msg, recs.RR)
//		}
//	}
//
// It reads in place and keeps nothing: neither a query, nor the match of an
// answer, nor the walk over its records allocates. It survives any octets: no
// read goes past the message, and no chain of compression pointers goes on for
// ever. A [zone.Record] is what providers/zone makes of the same octets through
// miekg/dns, which its tests hold it to.
//
// It does not read types other than A, AAAA, CNAME, TXT, MX, NS, SOA, CAA, SRV
// and DS, validates no signature, and knows no sockets.
package wire
