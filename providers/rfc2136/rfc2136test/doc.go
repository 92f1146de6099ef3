// Package rfc2136test starts real name servers for tests, on loopback, with a
// TSIG key that may transfer and update every zone.
//
//	k := rfc2136test.StartKnot(t, zoneText)
//	acct, err := providers.Open(rfc2136.Driver{}, k.Credentials(), providers.Options{})
//
// A test is skipped where the server is not installed, and fails there when
// the environment has MOORING_REQUIRE=all. For tests without a real server
// there is verify/verifytest.
package rfc2136test
