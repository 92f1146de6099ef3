package verifytest

import (
	"net/netip"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Options says what a World serves. At least one zone must be given.
type Options struct {
	Zones     []zone.Snapshot   // each with a SOA record at its apex
	Text      []string          // more zones, as zone text that names its origin
	Servers   []ServerOptions   // none: ns1 for 127.0.0.1 and ns2 for 127.0.0.2, both with every zone
	Resolvers []ResolverOptions // caching resolvers in front of them; none: none

	Keys []Key // with any key, UPDATE and AXFR need one of them; with none they are open

	// Memory opens no socket and starts no goroutine: the servers are reached
	// by the World's Exchange alone, at port 53 of their addresses in zone
	// data, and all waiting is by timers, so that a World works in the virtual
	// time of testing/synctest.
	Memory bool

	// Heard is called for every message that reaches a server or a resolver;
	// nil: nobody wants to know. It may be called from several goroutines at
	// once.
	Heard func(Heard)
}

// Heard is one message that reached a Server or a Resolver of a World.
type Heard struct {
	Host    string     // the name of the server or resolver
	Addr    netip.Addr // the address it was asked at, as zone data has it
	Network string     // "udp" or "tcp"
	Name    zone.Name  // what the question is about; of an UPDATE, the zone
	Type    string     // of the question: "TXT"; "UPDATE" for an UPDATE
	EDNS    bool       // the question has an OPT record
}

// ServerOptions is one name server of a World.
type ServerOptions struct {
	Name  string       // how the test calls it
	Addrs []netip.Addr // the addresses that zone data gives it, each with a port of its own that World.Map leads to
	Zones []zone.Name  // the zones it serves; none: all
}

func (o Options) servers() []ServerOptions {
	if len(o.Servers) > 0 {
		return o.Servers
	}
	return []ServerOptions{
		{Name: "ns1", Addrs: []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}},
		{Name: "ns2", Addrs: []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 2})}},
	}
}
