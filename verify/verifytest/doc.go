// Package verifytest is the DNS with behaviour, for tests and for demos: zones
// served by several name servers, and resolvers in front of them, that can be
// transferred, updated, and made to fail in the ways that real ones do.
//
//	w, err := verifytest.Start(verifytest.Options{Text: []string{zoneText}})
//	defer w.Close()
//	v := verify.New(verify.Options{Start: w.Start(), Map: w.Map})
//
// A World listens on loopback, each address that zone data gives a server at a
// port of its own, or works without a socket (Options.Memory), so that a test
// runs in the virtual time of testing/synctest:
//
//	v := verify.New(verify.Options{Start: w.Start(), Map: w.Map, Transport: w})
//
// Answers follow RFC 1034, 2308 (negative answers), 4592 (wildcards) and 6891
// (EDNS); UPDATE follows RFC 2136 in its order of checks, is atomic and bumps
// the serial; AXFR follows RFC 5936; TSIG follows RFC 8945. The first server is
// the primary. The others follow it at once, unless they are frozen or hold a
// zone of their own. A Resolver keeps what it heard as RFC 2308, 8198, 8767 and
// 9520 say, and gives reasons as RFC 8914 has them.
//
// It signs nothing (a zone that a Resolver takes for signed has NSEC records
// without signatures), knows no IXFR, NOTIFY or DNAME, and is no server for a
// network: it listens on 127.0.0.1, and on ::1 for IPv6, only.
package verifytest
