package verify

import (
	"net/netip"
	"slices"
)

// proxies are the networks from which hosts answer for records that they
// proxy, in place of what was written. Cloudflare publishes its own at
// https://www.cloudflare.com/ips-v4 and https://www.cloudflare.com/ips-v6.
func proxies() []netip.Prefix {
	ranges := []string{
		"173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18",
		"108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17",
		"162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22",
		"2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32",
		"2a06:98c0::/29", "2c0f:f248::/32",
	}
	out := make([]netip.Prefix, len(ranges))
	for i, r := range ranges {
		out[i] = netip.MustParsePrefix(r)
	}
	return out
}

// proxied reports whether all the addresses, and at least one, are a proxy's.
func proxied(addrs []netip.Addr) bool {
	known := proxies()
	return len(addrs) > 0 && !slices.ContainsFunc(addrs, func(a netip.Addr) bool {
		return !slices.ContainsFunc(known, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
	})
}
