package safehttp

import "net/netip"

// A block is addresses that are no host of the Internet.
type block struct {
	prefix netip.Prefix
	use    string // what for, and by which document
}

// blocks4 is from the IANA IPv4 Special-Purpose Address Registry
// (https://www.iana.org/assignments/iana-ipv4-special-registry/), and multicast.
// Those that are routed and have no web host of anybody's, such as the sinks of
// AS112, are here too. Narrow ones come before those that hold them.
func blocks4() []block {
	return []block{
		{prefix("0.0.0.0/8"), "this network (RFC 791)"},
		{prefix("10.0.0.0/8"), "private use (RFC 1918)"},
		{prefix("100.64.0.0/10"), "shared by a carrier's customers (RFC 6598)"},
		{prefix("127.0.0.0/8"), "loopback (RFC 1122)"},
		{prefix("169.254.0.0/16"), "link-local (RFC 3927)"},
		{prefix("172.16.0.0/12"), "private use (RFC 1918)"},
		{prefix("192.0.0.0/24"), "protocol assignments (RFC 6890)"},
		{prefix("192.0.2.0/24"), "documentation (RFC 5737)"},
		{prefix("192.31.196.0/24"), "AS112 (RFC 7535)"},
		{prefix("192.52.193.0/24"), "automatic multicast tunnelling (RFC 7450)"},
		{prefix("192.88.99.0/24"), "6to4 relays (RFC 7526)"},
		{prefix("192.168.0.0/16"), "private use (RFC 1918)"},
		{prefix("192.175.48.0/24"), "AS112 (RFC 7534)"},
		{prefix("198.18.0.0/15"), "benchmarking (RFC 2544)"},
		{prefix("198.51.100.0/24"), "documentation (RFC 5737)"},
		{prefix("203.0.113.0/24"), "documentation (RFC 5737)"},
		{prefix("224.0.0.0/4"), "multicast (RFC 5771)"},
		{prefix("255.255.255.255/32"), "limited broadcast (RFC 919)"},
		{prefix("240.0.0.0/4"), "reserved (RFC 1112)"},
	}
}

// blocks6 is from the IANA IPv6 Special-Purpose Address Registry
// (https://www.iana.org/assignments/iana-ipv6-special-registry/), and what is
// deprecated since. Addresses that hold an IPv4 address are refused whatever that
// address is: who translates them is not known here.
func blocks6() []block {
	return []block{
		{prefix("::/128"), "unspecified (RFC 4291)"},
		{prefix("::1/128"), "loopback (RFC 4291)"},
		{prefix("::ffff:0:0:0/96"), "IPv4-translated (RFC 2765)"},
		{prefix("::/96"), "IPv4-compatible (RFC 4291)"},
		{prefix("64:ff9b::/96"), "IPv4/IPv6 translation (RFC 6052)"},
		{prefix("64:ff9b:1::/48"), "local IPv4/IPv6 translation (RFC 8215)"},
		{prefix("100::/64"), "discard only (RFC 6666)"},
		{prefix("100:0:0:1::/64"), "dummy prefix (RFC 9780)"},
		{prefix("2001::/32"), "Teredo (RFC 4380)"},
		{prefix("2001::/23"), "protocol assignments (RFC 2928)"},
		{prefix("2001:db8::/32"), "documentation (RFC 3849)"},
		{prefix("2002::/16"), "6to4 (RFC 3056)"},
		{prefix("2620:4f:8000::/48"), "AS112 (RFC 7534)"},
		{prefix("3fff::/20"), "documentation (RFC 9637)"},
		{prefix("5f00::/16"), "segment routing (RFC 9602)"},
		{prefix("fc00::/7"), "unique local (RFC 4193)"},
		{prefix("fe80::/10"), "link-local (RFC 4291)"},
		{prefix("fec0::/10"), "site-local (RFC 3879)"},
		{prefix("ff00::/8"), "multicast (RFC 4291)"},
	}
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// Special says what an address is for that is no host of the Internet:
// "loopback (RFC 1122)". It is "" for an address that is one. An IPv4 address
// within an IPv6 one (::ffff:192.0.2.1) counts as the IPv4 address; any other
// IPv6 address is a host only within 2000::/3, of which alone the Internet's
// addresses are given out (RFC 4291 section 2.4 and the IANA registry).
func Special(a netip.Addr) string {
	if !a.IsValid() {
		return "no address"
	}
	if a.Zone() != "" {
		return "scoped to a network interface (RFC 4007)"
	}
	a = a.Unmap()
	table := blocks6()
	if a.Is4() {
		table = blocks4()
	}
	for _, b := range table {
		if b.prefix.Contains(a) {
			return b.use
		}
	}
	if a.Is6() && !prefix("2000::/3").Contains(a) {
		return "not given out (RFC 4291)"
	}
	return ""
}
