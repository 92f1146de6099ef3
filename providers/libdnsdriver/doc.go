// Package libdnsdriver makes any libdns module a driver, and any driver a
// libdns provider.
//
// A [Driver] is a module that is not believed:
//
//	d := libdnsdriver.Driver{
//		Host: providers.Info{ID: "desec", Name: "deSEC", Fields: []providers.Field{{Name: "token", Label: "Token", Secret: true}}},
//		New: func(c providers.Credentials) (any, error) { return &desec.Provider{Token: c["token"]}, nil },
//	}
//	acct, err := providers.Open(d, providers.Credentials{"token": token}, providers.Options{})
//
// A write reads the zone, refuses it where it is not as the edit expects,
// removes and adds exact values, and reads the whole zone back. What the module
// has lost on the way, anywhere in the zone, is put back at once, and the error
// names it; what it reports and has not done is an error; what the host refused
// half-way is taken back; and a host that needs Caps.Settle until a write shows
// has that time before anything is said of it. A panic of a module is an error,
// and a module that does not hear of an ended context keeps neither its caller
// nor gets a second call before it has come back. Harm that comes to light after
// the caller of the write has gone, or when the zone can be read again, is the
// error of the next call that reads. Each call to the module is a turn of
// [providers.Wait]; a call of which the module makes several requests is one turn,
// so leave room for them in Caps.Rates. Nothing a module says is repeated before
// credentials are taken out of it.
//
// A [Provider] is any driver for whoever speaks libdns:
//
//	solver := certmagic.DNS01Solver{DNSManager: certmagic.DNSManager{
//		DNSProvider: &libdnsdriver.Provider{Driver: cloudflare.Driver{}, Credentials: creds},
//	}}
//
// What a Driver cannot do: libdns has no compare-and-set, so an edit that
// somebody else makes between the reading and the write can be lost, and one
// that takes a record away between the write and the reading back is taken for
// the module's doing and undone. It sees what the module reads: records that a
// module leaves out of its reading (libdns/porkbun v1.1.0 leaves out MX and NS)
// cannot be guarded. A module whose every write replaces (libdns/godaddy
// v1.1.0) cannot be repaired through itself; the error then names what is gone.
// The borders between the strings of a TXT record, and what a host keeps beside
// a record, do not pass through libdns. A change of TTL removes the value for a
// moment. While the caller's context has ended and a module has not come back,
// one goroutine waits for it.
package libdnsdriver
