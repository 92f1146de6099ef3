package safehttp_test

import (
	"net/netip"
	"testing"

	"github.com/mooring-dns/mooring/verify/safehttp"
)

// TestSpecial asks for the first and the last address of each block, and for
// those beside it that are hosts.
func TestSpecial(t *testing.T) {
	tests := []struct {
		name, first, last, before, after string // before and after are hosts; "": what is there is another block
		want                             string
	}{
		{"this network", "0.0.0.0", "0.255.255.255", "", "1.0.0.0", "this network (RFC 791)"},
		{"private 10", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0", "private use (RFC 1918)"},
		{"carrier", "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0", "shared by a carrier's customers (RFC 6598)"},
		{"loopback", "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0", "loopback (RFC 1122)"},
		{"link-local and cloud metadata", "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0", "link-local (RFC 3927)"},
		{"private 172", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0", "private use (RFC 1918)"},
		{"protocol assignments", "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0", "protocol assignments (RFC 6890)"},
		{"TEST-NET-1", "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0", "documentation (RFC 5737)"},
		{"AS112", "192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0", "AS112 (RFC 7535)"},
		{"AMT", "192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0", "automatic multicast tunnelling (RFC 7450)"},
		{"6to4 relays", "192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0", "6to4 relays (RFC 7526)"},
		{"private 192", "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0", "private use (RFC 1918)"},
		{"direct AS112", "192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0", "AS112 (RFC 7534)"},
		{"benchmarking", "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0", "benchmarking (RFC 2544)"},
		{"TEST-NET-2", "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0", "documentation (RFC 5737)"},
		{"TEST-NET-3", "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0", "documentation (RFC 5737)"},
		{"multicast", "224.0.0.0", "239.255.255.255", "223.255.255.255", "", "multicast (RFC 5771)"},
		{"reserved", "240.0.0.0", "255.255.255.254", "", "", "reserved (RFC 1112)"},
		{"broadcast", "255.255.255.255", "255.255.255.255", "", "", "limited broadcast (RFC 919)"},

		{"IPv4 in IPv6", "::ffff:127.0.0.1", "::ffff:127.0.0.1", "", "::ffff:1.1.1.1", "loopback (RFC 1122)"},
		{"unspecified", "::", "::", "", "", "unspecified (RFC 4291)"},
		{"loopback 6", "::1", "::1", "", "", "loopback (RFC 4291)"},
		{"IPv4-compatible", "::127.0.0.1", "::255.255.255.255", "", "", "IPv4-compatible (RFC 4291)"},
		{"IPv4-translated", "::ffff:0:127.0.0.1", "::ffff:0:255.255.255.255", "", "", "IPv4-translated (RFC 2765)"},
		{"NAT64", "64:ff9b::", "64:ff9b::7f00:1", "", "", "IPv4/IPv6 translation (RFC 6052)"},
		{"local NAT64", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "", "", "local IPv4/IPv6 translation (RFC 8215)"},
		{"discard", "100::", "100::ffff:ffff:ffff:ffff", "", "", "discard only (RFC 6666)"},
		{"dummy", "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", "", "", "dummy prefix (RFC 9780)"},
		{"Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "", "", "Teredo (RFC 4380)"},
		{"protocol assignments 6", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff::1", "2001:200::", "protocol assignments (RFC 2928)"},
		{"documentation 6", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7::1", "2001:db9::", "documentation (RFC 3849)"},
		{"6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff::1", "2003::", "6to4 (RFC 3056)"},
		{"AS112 6", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:7fff::1", "2620:4f:8001::", "AS112 (RFC 7534)"},
		{"documentation 6, the longer one", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe::1", "3fff:1000::", "documentation (RFC 9637)"},
		{"segment routing", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "", "segment routing (RFC 9602)"},
		{"unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "", "unique local (RFC 4193)"},
		{"link-local 6", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "", "link-local (RFC 4291)"},
		{"site-local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "", "site-local (RFC 3879)"},
		{"multicast 6", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "", "multicast (RFC 4291)"},
		{"below what is given out", "1fff:ffff::", "101::", "", "2000::", "not given out (RFC 4291)"},
		{"above what is given out", "4000::", "fbff::", "3fff:ffff::", "", "not given out (RFC 4291)"},
		{"of an interface", "2600::1%eth0", "fe80::1%lo", "", "", "scoped to a network interface (RFC 4007)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, a := range []string{tt.first, tt.last} {
				if got := safehttp.Special(netip.MustParseAddr(a)); got != tt.want {
					t.Errorf("%s: got %q, want %q", a, got, tt.want)
				}
			}
			for _, a := range []string{tt.before, tt.after} {
				if a == "" {
					continue
				}
				if got := safehttp.Special(netip.MustParseAddr(a)); got != "" {
					t.Errorf("%s, beside it: got %q, want a host", a, got)
				}
			}
		})
	}
	if got := safehttp.Special(netip.Addr{}); got == "" {
		t.Error("no address at all is taken for a host")
	}
}
