package zone

import (
	"errors"
	"fmt"
	"strings"
)

// maxString is the most octets one character-string holds (RFC 1035 section
// 3.3).
const maxString = 255

// QuoteText is the rdata of a TXT record that holds value, in strings of at
// most 255 octets.
func QuoteText(value string) string {
	if len(value) <= maxString {
		return QuoteStrings(value)
	}
	return QuoteStrings(short([]string{value})...)
}

// short cuts what no character-string can hold. Readers join the strings of a
// TXT record, so the value stays (RFC 7208 section 3.3, RFC 6376 section
// 3.6.2.2).
func short(strs []string) []string {
	var out []string
	for _, s := range strs {
		for len(s) > maxString {
			out, s = append(out, s[:maxString]), s[maxString:]
		}
		out = append(out, s)
	}
	return out
}

// QuoteStrings is the rdata of a TXT record of exactly these strings.
func QuoteStrings(strs ...string) string {
	var b strings.Builder
	for i, s := range strs {
		if i > 0 {
			b.WriteByte(' ')
		}
		writeQuoted(&b, s)
	}
	return b.String()
}

func quote(s string) string { return QuoteStrings(s) }

func writeQuoted(b *strings.Builder, s string) {
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}

// ParseStrings reads the character-strings of TXT rdata, quoted or bare.
func ParseStrings(data string) ([]string, error) {
	var strs []string
	for i := 0; i < len(data); {
		if data[i] == ' ' || data[i] == '\t' {
			i++
			continue
		}
		quoted := data[i] == '"'
		if quoted {
			i++
		}
		var b strings.Builder
		b.Grow(min(len(data)-i, 256)) // a string is at most 255 octets long
		closed := !quoted
	octets:
		for i < len(data) {
			c := data[i]
			switch {
			case c == '"':
				if !quoted {
					return nil, fmt.Errorf("a quote inside the bare string %q", b.String())
				}
				closed = true
				i++
				break octets
			case !quoted && (c == ' ' || c == '\t'):
				break octets
			case c == '\\':
				v, n, err := unescape(data[i:])
				if err != nil {
					return nil, err
				}
				b.WriteByte(v)
				i += n
			default:
				b.WriteByte(c)
				i++
			}
		}
		if !closed {
			return nil, errors.New("a string without its closing quote")
		}
		strs = append(strs, b.String())
	}
	if len(strs) == 0 {
		return nil, errors.New("no string")
	}
	return strs, nil
}

func canonicalText(data string) (string, error) {
	if plainString(data) {
		return data, nil
	}
	strs, err := ParseStrings(data)
	if err != nil {
		return "", err
	}
	return QuoteStrings(short(strs)...), nil
}

// plainString reports whether data is one quoted string in canonical form
// without escapes: the usual case.
func plainString(data string) bool {
	if len(data) < 2 || len(data) > maxString+2 || data[0] != '"' || data[len(data)-1] != '"' {
		return false
	}
	for _, c := range []byte(data[1 : len(data)-1]) {
		if c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
