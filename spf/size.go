package spf

import "strings"

// Size is what the TXT values of a name take.
type Size struct {
	Octets  int // of the name and all values together, as RFC 7208 section 3.4 counts
	Strings int // of at most StringLimit octets each
	UDP     int // octets of the reply to a TXT question, EDNS included
}

// SizeOf measures the TXT values at a name, strings joined. The reply has a
// header (12 octets), the question (the name's labels with their lengths, the
// root, type and class), for each value a pointer to the name, type, class, TTL
// and length (12) and its strings with one octet of length each, and an OPT
// record (11), by RFC 1035 section 4 and RFC 6891 section 6.1.2.
func SizeOf(name string, values ...string) Size {
	name = strings.TrimSuffix(name, ".")
	s := Size{Octets: len(name), UDP: 12 + len(name) + 6 + 11}
	if name == "" {
		s.UDP--
	}
	for _, v := range values {
		n := max(1, (len(v)+StringLimit-1)/StringLimit)
		s.Octets += len(v)
		s.Strings += n
		s.UDP += 12 + n + len(v)
	}
	return s
}
