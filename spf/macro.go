package spf

import (
	"slices"
	"strconv"
	"strings"
)

// domainSpec checks s against domain-spec of RFC 7208 section 12: a
// macro-string that ends in a macro or in a dot and a top label. One label
// alone is refused, as there.
func domainSpec(s string) (reason string) {
	tail, reason := macroString(s, "slodiphv")
	if reason != "" {
		return reason
	}
	if tail == len(s) && s != "" {
		return ""
	}
	last := strings.TrimSuffix(s[tail:], ".")
	dot := strings.LastIndexByte(last, '.')
	if dot < 0 || !topLabel(last[dot+1:]) {
		return "not a domain name"
	}
	return ""
}

func topLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' || digits(s) {
		return false
	}
	for i := range len(s) {
		if !letter(s[i]) && !digit(s[i]) && s[i] != '-' {
			return false
		}
	}
	return true
}

// macroString checks s, whose characters are known to be printable, and
// returns where the text after its last macro begins.
func macroString(s, letters string) (tail int, reason string) {
	for i := strings.IndexByte(s, '%'); i >= 0; {
		n := macroLen(s[i:], letters)
		if n == 0 {
			return 0, "bad macro"
		}
		tail = i + n
		next := strings.IndexByte(s[tail:], '%')
		if next < 0 {
			break
		}
		i = tail + next
	}
	return tail, ""
}

// macroLen returns the length of the macro-expand that s begins with, or 0.
func macroLen(s, letters string) int {
	if len(s) < 2 {
		return 0
	}
	if strings.IndexByte("%_-", s[1]) >= 0 {
		return 2
	}
	end := strings.IndexByte(s, '}')
	if s[1] != '{' || end < 3 || strings.IndexByte(letters, s[2]|0x20) < 0 {
		return 0
	}
	count, _, delimiters := transformers(s[3:end])
	if strings.Trim(delimiters, ".-+,/_=") != "" {
		return 0
	}
	if count != "" && strings.Trim(count, "0") == "" { // RFC 7208 section 7.1: must be nonzero
		return 0
	}
	return end + 1
}

func transformers(s string) (count string, reverse bool, delimiters string) {
	rest := strings.TrimLeft(s, "0123456789")
	count = s[:len(s)-len(rest)]
	if rest != "" && rest[0]|0x20 == 'r' {
		return count, true, rest[1:]
	}
	return count, false, rest
}

// expandDomain replaces the macros of spec that depend on nothing but the
// domain being evaluated: %{d} in all its forms. Others stay, and static is
// false. The escapes stay as they are if escapes is false.
func expandDomain(spec, domain string, escapes bool) (name string, static bool) {
	var b strings.Builder
	static = true
	for {
		i := strings.IndexByte(spec, '%')
		if i < 0 || i+1 >= len(spec) {
			b.WriteString(spec)
			return b.String(), static
		}
		b.WriteString(spec[:i])
		spec = spec[i:]
		n := max(2, strings.IndexByte(spec, '}')+1)
		if spec[1] != '{' {
			n = 2
		}
		switch macro := spec[:n]; {
		case n == 2 && !escapes:
			b.WriteString(macro)
		case n == 2:
			b.WriteString(map[byte]string{'%': "%", '_': " ", '-': "%20"}[macro[1]])
		case macro[2]|0x20 == 'd' && domain != "":
			b.WriteString(transform(domain, macro[3:n-1]))
		default:
			static = false
			b.WriteString(macro)
		}
		spec = spec[n:]
	}
}

// transform applies the transformers of RFC 7208 section 7.3. The upper-case
// letter's URL escaping changes nothing in a domain name.
func transform(value, how string) string {
	count, reverse, delimiters := transformers(how)
	if delimiters == "" {
		delimiters = "."
	}
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(delimiters, r) })
	if reverse {
		slices.Reverse(parts)
	}
	if n, err := strconv.Atoi(count); err == nil && n < len(parts) {
		parts = parts[len(parts)-n:]
	}
	return strings.Join(parts, ".")
}
