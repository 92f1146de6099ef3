package zone

import (
	"errors"
	"fmt"
	"strings"
)

// Name is an absolute domain name: lower case, A-labels, no final dot. The
// root is ".". Octets that mean something in zone text are written \DDD, so a
// '.' in a Name always ends a label.
type Name string

// Root is the name of the DNS root.
const Root Name = "."

const (
	maxLabel = 63  // octets, RFC 1035 section 2.3.4
	maxName  = 255 // octets on the wire, the same section
)

// ParseName reads an absolute name, with or without its final dot, in any
// case. It refuses empty labels, labels over 63 octets, names over 255 octets
// and octets outside ASCII: a U-label must be converted to its A-label (IDNA)
// by the caller first. A bare "@" is refused: what it stands for is its
// reader's to know, see [Abs].
func ParseName(s string) (Name, error) {
	if s == "" {
		return "", errors.New("zone: empty name")
	}
	if s == "." {
		return Root, nil
	}
	if s == "@" {
		return "", errors.New(`zone: name "@": it stands for an apex: give the name itself`)
	}
	if bare := strings.TrimSuffix(s, "."); canonicalName(bare) {
		return Name(bare), nil
	}
	var b strings.Builder
	b.Grow(len(s))
	label, wire := 0, 1
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '.' {
			if label == 0 {
				return "", fmt.Errorf("zone: name %q: empty label", s)
			}
			wire += label + 1
			label = 0
			if i < len(s)-1 {
				b.WriteByte('.')
			}
			continue
		}
		if c >= 0x80 || c == '\\' && i+1 < len(s) && s[i+1] >= 0x80 {
			return "", fmt.Errorf("zone: name %q: not ASCII: give the A-label (xn--…) form", s)
		}
		if c == '\\' {
			v, n, err := unescape(s[i:])
			if err != nil {
				return "", fmt.Errorf("zone: name %q: %w", s, err)
			}
			c, i = v, i+n-1
		}
		writeNameOctet(&b, c)
		if label++; label > maxLabel {
			return "", fmt.Errorf("zone: name %q: label longer than %d octets", s, maxLabel)
		}
	}
	if label > 0 {
		wire += label + 1
	}
	if wire > maxName {
		return "", fmt.Errorf("zone: name %q: longer than %d octets", s, maxName)
	}
	return Name(b.String()), nil
}

// canonicalName reports whether s is a Name already: the usual case, and the
// one that must not allocate.
func canonicalName(s string) bool {
	if len(s) > maxName-2 {
		return false
	}
	label := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
			continue
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '*':
		default:
			return false
		}
		if label++; label > maxLabel {
			return false
		}
	}
	return label > 0
}

// writeNameOctet writes one octet of a label in canonical form.
func writeNameOctet(b *strings.Builder, c byte) {
	switch {
	case c >= 'A' && c <= 'Z':
		b.WriteByte(c + 'a' - 'A')
	case c <= ' ' || c >= 0x7f || strings.IndexByte(`."\;()@$'`, c) >= 0:
		fmt.Fprintf(b, "\\%03d", c)
	default:
		b.WriteByte(c)
	}
}

// unescape reads the escape that s starts with: \DDD or \X (RFC 1035 section
// 5.1). n is the number of bytes it takes.
func unescape(s string) (c byte, n int, err error) {
	if len(s) < 2 {
		return 0, 0, errors.New(`a lone \ at the end`)
	}
	if s[1] < '0' || s[1] > '9' {
		return s[1], 2, nil
	}
	if len(s) < 4 {
		return 0, 0, fmt.Errorf(`escape %q: three digits wanted`, s)
	}
	v := 0
	for _, d := range []byte(s[1:4]) {
		if d < '0' || d > '9' {
			return 0, 0, fmt.Errorf(`escape %q: three digits wanted`, s[:4])
		}
		v = v*10 + int(d-'0')
	}
	if v > 255 {
		return 0, 0, fmt.Errorf(`escape %q: above 255`, s[:4])
	}
	return byte(v), 4, nil
}

// Abs reads a host as people write it in front of a zone: "@" or "" is the
// apex, a final dot makes it absolute, everything else is relative to apex.
func Abs(host string, apex Name) (Name, error) {
	switch {
	case host == "@" || host == "":
		return apex, nil
	case endsInDot(host):
		return ParseName(host)
	case apex == Root:
		return ParseName(host)
	}
	return ParseName(host + "." + string(apex))
}

// endsInDot reports whether host ends in a dot that is not escaped.
func endsInDot(host string) bool {
	rest, ok := strings.CutSuffix(host, ".")
	return ok && (len(rest)-len(strings.TrimRight(rest, `\`)))%2 == 0
}

// FQDN is the name with its final dot, as zone text has it.
func (n Name) FQDN() string {
	if n == Root {
		return "."
	}
	return string(n) + "."
}

// Within reports whether n is apex or below it.
func (n Name) Within(apex Name) bool {
	if apex == Root || n == apex {
		return true
	}
	return n.Below(apex)
}

// Below reports whether n is a proper descendant of apex.
func (n Name) Below(apex Name) bool {
	if apex == Root {
		return n != Root
	}
	d := len(n) - len(apex)
	return d > 1 && n[d-1] == '.' && n[d:] == apex
}

// Parent is n without its first label; the parent of a single label, and of
// the root, is the root.
func (n Name) Parent() Name {
	if i := strings.IndexByte(string(n), '.'); i >= 0 && n != Root {
		return n[i+1:]
	}
	return Root
}

// Label is the first label of n, "" for the root.
func (n Name) Label() string {
	if n == Root {
		return ""
	}
	l, _, _ := strings.Cut(string(n), ".")
	return l
}

// Rel is n as people write it in front of apex: "@" for the apex itself, and
// the absolute form with its final dot for a name that is not within apex.
func (n Name) Rel(apex Name) string {
	switch {
	case n == apex:
		return "@"
	case apex == Root:
		return string(n)
	case n.Below(apex):
		return string(n[:len(n)-len(apex)-1])
	}
	return n.FQDN()
}

// Compare orders names by label from the right (RFC 4034 section 6.1), so a
// name is followed at once by everything below it.
func Compare(a, b Name) int {
	if a == b {
		return 0
	}
	if a == Root {
		return -1
	}
	if b == Root {
		return 1
	}
	i, j, end := len(a), len(b), 0
	for i > 0 && j > 0 && a[i-1] == b[j-1] {
		i, j = i-1, j-1
		if a[i] == '.' {
			end = len(a) - i
		}
	}
	if i == 0 && b[j-1] == '.' {
		return -1
	}
	if j == 0 && a[i-1] == '.' {
		return 1
	}
	la, lb := a[:len(a)-end], b[:len(b)-end]
	if k := strings.LastIndexByte(string(la), '.'); k >= 0 {
		la = la[k+1:]
	}
	if k := strings.LastIndexByte(string(lb), '.'); k >= 0 {
		lb = lb[k+1:]
	}
	return strings.Compare(string(la), string(lb))
}
