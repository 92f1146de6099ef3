package spf

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// unknownName is what a macro becomes whose name cannot be told (RFC 7208
// section 7.3).
const unknownName = "unknown"

const (
	maxName  = 253 // octets of a domain name in text, without the final dot
	maxHELO  = 255 // octets; more is no name of a host
	longSpec = 512 // octets of a domain-spec that are expanded without looking first
)

// target is the name that a term of the record at domain is about: its
// domain-spec for this message, or domain itself.
func (e *evaluation) target(ctx context.Context, domain string, t *step) (string, *verdict) {
	if t.domain == "" {
		return domain, nil
	}
	macro := strings.IndexByte(t.domain, '%')
	if macro < 0 {
		return shorten(t.domain), nil
	}
	if usesHost(t.domain[macro:]) {
		// RFC 7208 section 4.6.4 counts what macro p asks for as a term.
		if stop := e.spend(domain, t); stop != nil {
			return "", stop
		}
		if stop := e.resolveHost(ctx); stop != nil {
			return "", stop
		}
	}
	return e.expandName(t.domain, domain), nil
}

// usesHost reports whether a macro-string needs the name of the client.
func usesHost(s string) bool { return uses(s, "p") }

// uses reports whether a macro-string has a macro of one of the letters.
func uses(s, letters string) bool {
	for s != "" {
		var macro string
		if _, macro, s = cutMacro(s); len(macro) > 2 && hasOctet(letters, macro[2]|0x20) {
			return true
		}
	}
	return false
}

// unnameable reports whether a domain-spec has macro s or l, and the local part
// is beyond ASCII and so no label of DNS. Such a term matches nothing, even if
// transformers or escapes leave only ASCII of it (RFC 8616 section 4).
func (e *evaluation) unnameable(spec string) bool { return !ascii(e.local) && uses(spec, "sl") }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// cutMacro cuts s, whose syntax was checked, at its first macro.
func cutMacro(s string) (before, macro, after string) {
	i := 0
	for i < len(s) && s[i] != '%' {
		i++
	}
	end := min(i+2, len(s))
	if i+1 < len(s) && s[i+1] == '{' {
		for end < len(s) && s[end-1] != '}' {
			end++
		}
	}
	return s[:i], s[i:end], s[end:]
}

// expandName expands a domain-spec of the record at domain, to no name if it is
// unnameable: then a redirect has no record and an explanation no text.
func (e *evaluation) expandName(spec, domain string) string {
	if e.unnameable(spec) {
		return ""
	}
	var room [maxName + 1]byte
	b := room[:0]
	if len(spec) > longSpec {
		spec = e.lastPart(spec, domain)
	}
	for spec != "" {
		b, spec = e.appendNext(b, spec, domain)
	}
	b = bytes.TrimSuffix(b, []byte("."))
	return string(b[len(b)-tail(b):])
}

// lastPart returns the end of a long domain-spec from which the name comes,
// since of the expansion only its end counts. Records can hold thousands of
// macros, and senders be long.
func (e *evaluation) lastPart(spec, domain string) string {
	var starts []int
	for rest := spec; rest != ""; {
		starts = append(starts, len(spec)-len(rest))
		_, _, rest = cutMacro(rest)
	}
	var b []byte
	n, end := 0, len(spec)
	for _, start := range slices.Backward(starts) {
		b, _ = e.appendNext(b[:0], spec[start:end], domain)
		if n += len(b); n > maxName+1 {
			return spec[start:]
		}
		end = start
	}
	return spec
}

// shorten takes the final dot off a name, and labels from its left until it
// has a length that DNS knows (RFC 7208 section 7.3).
func shorten(name string) string {
	name = strings.TrimSuffix(name, ".")
	return name[len(name)-tail(name):]
}

// tail is the length of what shorten leaves of a name. Without a dot in the
// right place nothing is left.
func tail[T string | []byte](name T) int {
	if len(name) <= maxName {
		return len(name)
	}
	for i := len(name) - maxName - 1; i < len(name); i++ {
		if name[i] == '.' {
			return len(name) - i - 1
		}
	}
	return 0
}

// appendNext expands s, whose syntax was checked, up to and with its first
// macro, and returns the rest.
func (e *evaluation) appendNext(b []byte, s, domain string) ([]byte, string) {
	before, macro, after := cutMacro(s)
	b = append(b, before...)
	switch text := unescaped(macro); {
	case macro == "":
	case text != "":
		b = append(b, text...)
	default:
		from := len(b)
		b = e.appendMacro(b, macro[2], macro[3:len(macro)-1], domain)
		if macro[2]&0x20 == 0 {
			b = escapeURL(b, from)
		}
	}
	return b, after
}

// appendMacro appends what a macro stands for (RFC 7208 section 7.3).
func (e *evaluation) appendMacro(b []byte, letter byte, how, domain string) []byte {
	var room [maxName + 1]byte
	value := ""
	switch letter | 0x20 {
	case 's':
		if e.sender == "" {
			return appendTransformed(b, e.local+"@"+e.origin, how)
		}
		value = e.sender
	case 'l':
		value = e.local
	case 'o':
		value = e.origin
	case 'd':
		value = domain
	case 'h':
		if value = e.helo; len(value) > maxHELO {
			value = unknownName
		}
	case 'p':
		value = e.host.name(domain)
	case 'i':
		return appendTransformed(b, appendDotted(room[:0], e.ip), how)
	case 'v':
		if value = "in-addr"; !e.ip.Is4() {
			value = "ip6"
		}
	case 'c': // this one and the next two stand in explanations only
		return appendTransformed(b, e.ip.AppendTo(room[:0]), how)
	case 'r':
		if value = e.receiver; value == "" {
			value = unknownName
		}
	case 't':
		return appendTransformed(b, strconv.AppendInt(room[:0], e.now().Unix(), 10), how)
	}
	return appendTransformed(b, value, how)
}

// appendDotted appends the address in the form of macro i: IPv6 as 32 digits.
func appendDotted(b []byte, ip netip.Addr) []byte {
	if ip.Is4() {
		return ip.AppendTo(b)
	}
	for i, octet := range ip.As16() {
		if i > 0 {
			b = append(b, '.')
		}
		b = append(b, hexDigits[octet>>4], '.', hexDigits[octet&15])
	}
	return b
}

// hexDigits are those of macro i and of URL escapes (RFC 3986 section 2.1).
const hexDigits = "0123456789ABCDEF"

// appendReverse appends the name whose PTR records tell of the address.
func appendReverse(b []byte, ip netip.Addr) []byte {
	var room [64]byte
	dotted := appendDotted(room[:0], ip)
	b = appendTransformed(b, dotted, "r")
	if ip.Is4() {
		return append(b, ".in-addr.arpa"...)
	}
	return append(b, ".ip6.arpa"...)
}

// escapeURL escapes b[from:] but for the unreserved characters of RFC 3986
// section 2.3.
func escapeURL(b []byte, from int) []byte {
	plain := 0
	for _, c := range b[from:] {
		if unreserved(c) {
			plain++
		}
	}
	if plain == len(b)-from {
		return b
	}
	raw := string(b[from:])
	b = b[:from]
	for i := range len(raw) {
		if c := raw[i]; unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}

func unreserved(c byte) bool {
	return letter(c) || digit(c) || strings.IndexByte("-._~", c) >= 0
}
