package wire

import "fmt"

const (
	maxLabel = 63  // octets, RFC 1035 section 2.3.4
	maxName  = 255 // octets with their lengths and the root's, the same section
)

// AppendName appends the wire form of an absolute name, in lower case. The
// presentation may end in its dot; \DDD and \X are escapes (RFC 1035 section
// 5.1). dst is returned as it was with an error: an empty label, a label over
// 63 octets, a name over 255, an escape cut short, or an octet outside ASCII.
func AppendName(dst []byte, presentation string) ([]byte, error) {
	if presentation == "." {
		return append(dst, 0), nil
	}
	start := len(dst)
	length := start // where the length of the present label goes
	out := append(dst, 0)
	for i := 0; i < len(presentation); i++ {
		c := presentation[i]
		if c == '.' {
			if err := closeLabel(out, length); err != nil {
				return dst, fmt.Errorf("name %q: %w", presentation, err)
			}
			length = len(out)
			out = append(out, 0)
			continue
		}
		if c == '\\' {
			v, n, ok := unescape(presentation[i:])
			if !ok {
				return dst, fmt.Errorf("name %q: an escape that is neither \\DDD up to 255 nor \\X", presentation)
			}
			c, i = v, i+n-1
		} else if c >= 0x80 {
			return dst, fmt.Errorf("name %q: not ASCII: give the A-label (xn--…) form", presentation)
		}
		out = append(out, lower(c))
	}
	if len(out) > length+1 { // no final dot
		if err := closeLabel(out, length); err != nil {
			return dst, fmt.Errorf("name %q: %w", presentation, err)
		}
		out = append(out, 0)
	}
	switch n := len(out) - start; {
	case n < 2:
		return dst, fmt.Errorf("name %q: empty", presentation)
	case n > maxName:
		return dst, fmt.Errorf("name %q: %w", presentation, errLong)
	}
	return out, nil
}

// closeLabel writes the length of the label that ends out.
func closeLabel(out []byte, length int) error {
	n := len(out) - length - 1
	if n == 0 || n > maxLabel {
		return fmt.Errorf("a label of %d octets: from 1 to %d", n, maxLabel)
	}
	out[length] = byte(n)
	return nil
}

// unescape reads the escape that s starts with; n is the bytes it takes.
func unescape(s string) (c byte, n int, ok bool) {
	if len(s) < 2 {
		return 0, 0, false
	}
	if s[1] < '0' || s[1] > '9' {
		return s[1], 2, s[1] < 0x80
	}
	v := 0
	for i := 1; i < 4; i++ {
		if i >= len(s) || s[i] < '0' || s[i] > '9' {
			return 0, 0, false
		}
		v = v*10 + int(s[i]-'0')
	}
	return byte(v), 4, v <= 255
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Scramble gives every letter of a wire name the case of one bit of random, so
// that only who saw the question can repeat it (the idea of
// draft-vixie-dnsext-dns0x20). The bits serve again after 64 octets. Lengths of
// labels are below every letter and stay.
func Scramble(name []byte, random uint64) {
	for i, c := range name {
		if l := c | 0x20; l >= 'a' && l <= 'z' {
			name[i] = l ^ byte(random>>(i&63)&1)<<5
		}
	}
}
