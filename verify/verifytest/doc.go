// Package verifytest is a DNS server with behaviour, for tests and for demos:
// zones served by several name servers on loopback, over UDP and TCP, that can
// be transferred, updated, and made to fail in the ways that real ones do.
//
//	w, err := verifytest.Start(verifytest.Options{Text: []string{zoneText}})
//	defer w.Close()
//	v := verify.New(verify.Options{Start: w.Start(), Map: w.Map})
//
// Answers follow RFC 1034, 2308 (negative answers), 4592 (wildcards) and 6891
// (EDNS); UPDATE follows RFC 2136 in its order of checks, is atomic and bumps
// the serial; AXFR follows RFC 5936; TSIG follows RFC 8945. The first server is
// the primary. The others follow it at once, unless they are frozen.
//
// It signs nothing (no DNSSEC), knows no IXFR, NOTIFY or DNAME, and is no
// server for a network: it listens on 127.0.0.1 only.
package verifytest
