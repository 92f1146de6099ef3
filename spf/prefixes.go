package spf

import (
	"net/netip"
	"slices"
)

// comparePrefix sorts IPv4 before IPv6, by address, wider networks first.
func comparePrefix(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

// aggregate sorts networks, takes out those inside others and joins the halves
// of a network. The same addresses always give the same list. It reuses nets.
func aggregate(nets []netip.Prefix) []netip.Prefix {
	nets = widest(nets)
	out := nets[:0]
	for _, n := range nets {
		out = append(out, n)
		for len(out) > 1 {
			whole, ok := join(out[len(out)-2], out[len(out)-1])
			if !ok {
				break
			}
			out = append(out[:len(out)-2], whole)
		}
	}
	return out
}

// widest sorts networks and takes out those inside others. It reuses nets.
func widest(nets []netip.Prefix) []netip.Prefix {
	slices.SortFunc(nets, comparePrefix)
	out := nets[:0]
	for _, n := range nets {
		if len(out) == 0 || !contains(out[len(out)-1], n) {
			out = append(out, n)
		}
	}
	return out
}

// contains reports whether all of b is in a.
func contains(a, b netip.Prefix) bool {
	return a.Bits() <= b.Bits() && a.Contains(b.Addr())
}

// join returns the network of which a and b are the halves.
func join(a, b netip.Prefix) (netip.Prefix, bool) {
	if a.Bits() != b.Bits() || a.Bits() == 0 || a.Addr().Is4() != b.Addr().Is4() || a == b {
		return netip.Prefix{}, false
	}
	whole := netip.PrefixFrom(a.Addr(), a.Bits()-1).Masked()
	return whole, whole.Contains(b.Addr())
}

// without returns the networks that make up what is in a and not in b, both
// aggregated.
func without(a, b []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range a {
		out = appendWithout(out, n, b)
	}
	return aggregate(out)
}

// appendWithout halves n until each part is wholly in one of b or in none.
func appendWithout(out []netip.Prefix, n netip.Prefix, b []netip.Prefix) []netip.Prefix {
	var near []netip.Prefix
	for _, p := range b {
		if contains(p, n) {
			return out
		}
		if p.Overlaps(n) {
			near = append(near, p)
		}
	}
	if len(near) == 0 {
		return append(out, n)
	}
	low, high := halves(n)
	return appendWithout(appendWithout(out, low, near), high, near)
}

// halves cuts a network of more than one address in two.
func halves(n netip.Prefix) (low, high netip.Prefix) {
	bits := n.Bits()
	low = netip.PrefixFrom(n.Addr(), bits+1)
	raw := n.Addr().AsSlice()
	raw[bits/8] |= 0x80 >> (bits % 8)
	addr, _ := netip.AddrFromSlice(raw) // as many octets as before
	return low, netip.PrefixFrom(addr, bits+1)
}

// networkTerm writes a network as a directive with that qualifier.
func networkTerm(qualifier byte, n netip.Prefix) string {
	kind := "ip6:"
	if n.Addr().Is4() {
		kind = "ip4:"
	}
	kind = qualified(qualifier, kind)
	if n.IsSingleIP() {
		return kind + n.Addr().String()
	}
	return kind + n.String()
}
