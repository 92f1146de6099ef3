package spf

import (
	"net/netip"
	"strings"
)

// network reads an ip4-network or ip6-network with its prefix length.
func network(k Kind, s string) (netip.Prefix, string) {
	host, length, cut := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil || addr.Zone() != "":
		return netip.Prefix{}, "not an address"
	case addr.Is4() != (k == IP4):
		return netip.Prefix{}, "address of the other family"
	}
	bits := addr.BitLen()
	if cut {
		n, ok := prefixLength(length, bits)
		if !ok {
			return netip.Prefix{}, "bad prefix length"
		}
		bits = n
	}
	return netip.PrefixFrom(addr, bits).Masked(), ""
}

// dualCIDR cuts "/n//m" off the end of s. What it does not know stays for
// domainSpec to refuse, since a slash may also stand inside a macro-string.
func dualCIDR(s string) (rest string, v4, v6 int, reason string) {
	v4, v6 = 32, 128
	var ok bool
	if i := strings.LastIndex(s, "//"); i >= 0 && digits(s[i+2:]) {
		if v6, ok = prefixLength(s[i+2:], 128); !ok {
			return s, v4, v6, "bad prefix length"
		}
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '/'); i >= 0 && digits(s[i+1:]) {
		if v4, ok = prefixLength(s[i+1:], 32); !ok {
			return s, v4, v6, "bad prefix length"
		}
		s = s[:i]
	}
	return s, v4, v6, ""
}

// prefixLength reads a number without leading zeros, from 0 to most.
func prefixLength(s string, most int) (int, bool) {
	if !digits(s) || len(s) > 3 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n, n <= most
}

func digits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

func digit(c byte) bool  { return '0' <= c && c <= '9' }
func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
