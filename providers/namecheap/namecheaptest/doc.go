// Package namecheaptest is a fake of Namecheap's API, for tests and for demos:
// accounts with keys and allowed addresses, their zones, and name servers that
// answer what the zones hold.
//
//	f, err := namecheaptest.Start(namecheaptest.Options{Accounts: []namecheaptest.Account{{
//		User: "customer", Key: "secret", Allowed: []string{"192.0.2.1"}, Zones: []zone.Snapshot{snap},
//	}}})
//	defer f.Close()
//	acct, err := providers.Open(namecheap.Driver{Endpoint: f.Endpoint()}, f.Credentials(0), providers.Options{})
//
// It knows the commands domains.getList, domains.getTldList, domains.dns.getList,
// getHosts, setHosts, getsrvrecords and setsrvrecords. Each rule in it says where
// it comes from. Where nobody documents what the real API does and it matters,
// there is an option for either way (DropSRV, OneMX). Which number it has for
// which wrong value is not documented either: all such errors are 2050900 or
// 2011170 here, numbers that it is known to use.
//
// The Server inside misbehaves when it is told to.
package namecheaptest
