package verify

import (
	"net/netip"
	"slices"
)

// special is the addresses that the Internet does not route to one host: the
// IANA IPv4 and IPv6 Special-Purpose Address Registries
// (https://www.iana.org/assignments/iana-ipv4-special-registry,
// https://www.iana.org/assignments/iana-ipv6-special-registry), what they say
// is not globally reachable, and multicast.
var special = [...]struct {
	prefix string
	local  bool // this machine's own, or for examples: what a set-up of its own stands on
}{
	{"127.0.0.0/8", true},
	{"192.0.2.0/24", true},
	{"198.51.100.0/24", true},
	{"203.0.113.0/24", true},
	{"::1/128", true},
	{"2001:db8::/32", true},
	{"3fff::/20", true},
	{"0.0.0.0/8", false},
	{"10.0.0.0/8", false},
	{"100.64.0.0/10", false},
	{"169.254.0.0/16", false},
	{"172.16.0.0/12", false},
	{"192.0.0.0/29", false},
	{"192.0.0.8/32", false},
	{"192.0.0.170/31", false},
	{"192.168.0.0/16", false},
	{"198.18.0.0/15", false},
	{"224.0.0.0/4", false},
	{"240.0.0.0/4", false},
	{"::/128", false},
	{"64:ff9b:1::/48", false},
	{"100::/64", false},
	{"100:0:0:1::/64", false},
	{"2001::/32", false},
	{"2001:2::/48", false},
	{"2001:10::/28", false},
	{"5f00::/16", false},
	{"fc00::/7", false},
	{"fe80::/10", false},
	{"ff00::/8", false},
}

// ground is which special addresses count as the Internet's here: those of the
// start servers, and, in a set-up of its own, this machine's.
type ground struct {
	own    bool // servers are reached through Map, or start at a special address
	closed []netip.Prefix
}

func (o Options) ground() ground {
	g := ground{own: o.Map != nil}
	starts := func(p netip.Prefix) bool {
		return slices.ContainsFunc(o.Start, func(at netip.AddrPort) bool { return p.Contains(at.Addr().Unmap()) })
	}
	for _, s := range special {
		g.own = g.own || starts(netip.MustParsePrefix(s.prefix))
	}
	for _, s := range special {
		if p := netip.MustParsePrefix(s.prefix); !starts(p) && !(g.own && s.local) {
			g.closed = append(g.closed, p)
		}
	}
	return g
}

// private reports whether the Internet does not route the address.
func (g ground) private(a netip.Addr) bool {
	a = a.Unmap()
	return slices.ContainsFunc(g.closed, func(p netip.Prefix) bool { return p.Contains(a) })
}

// reach is where the server of that address is asked. Without a set-up of its
// own, what stands at a private address is a stranger in this machine's own
// network, whose word says nothing of what the world sees: it is not asked.
func (v *Verifier) reach(a netip.Addr) netip.AddrPort {
	if !v.ground.own && v.ground.private(a) {
		return netip.AddrPort{}
	}
	return v.opts.at(a)
}
