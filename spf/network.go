package spf

import (
	"net/netip"
	"strings"
)

// network reads the ip4-network or ip6-network of txt that begins at i, with
// its prefix length, and returns where it ends.
func network(k Kind, txt string, i int) (p netip.Prefix, end int, reason string) {
	if k == IP4 {
		if addr, bits, end, ok := readIP4(txt, i); ok {
			addr &= ^uint32(0) << (32 - bits)
			octets := [4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}
			return netip.PrefixFrom(netip.AddrFrom4(octets), bits), end, ""
		}
	}
	end, _, _ = word(txt, i)
	host, length, cut := strings.Cut(txt[i:end], "/")
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil || addr.Zone() != "":
		return netip.Prefix{}, end, "not an address"
	case addr.Is4() != (k == IP4):
		return netip.Prefix{}, end, "address of the other family"
	}
	bits := addr.BitLen()
	if cut {
		n, ok := prefixLength(length, bits)
		if !ok {
			return netip.Prefix{}, end, "bad prefix length"
		}
		bits = n
	}
	return netip.PrefixFrom(addr, bits).Masked(), end, ""
}

// readIP4 reads four numbers without leading zeros and perhaps a prefix
// length. It only knows what is right; what is wrong, network finds out.
func readIP4(txt string, i int) (addr uint32, bits, end int, ok bool) {
	for part := range 4 {
		if part > 0 {
			if at(txt, i) != '.' {
				return 0, 0, i, false
			}
			i++
		}
		n, next := readNumber(txt, i)
		if next == i || n > 255 {
			return 0, 0, i, false
		}
		addr, i = addr<<8|n, next
	}
	if at(txt, i) != '/' {
		return addr, 32, i, at(txt, i) == ' '
	}
	n, next := readNumber(txt, i+1)
	return addr, int(n), next, next > i+1 && n <= 32 && at(txt, next) == ' '
}

// readNumber reads up to three digits without leading zeros and returns where
// they end: at i if there are none.
func readNumber(txt string, i int) (n uint32, end int) {
	start := i
	for ; i < len(txt) && i < start+3 && digit(txt[i]); i++ {
		if i == start+1 && n == 0 {
			return 0, start
		}
		n = 10*n + uint32(txt[i]-'0')
	}
	return n, i
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
