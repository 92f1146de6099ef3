package spf

import "strings"

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
	switch s[1] {
	case '%', '_', '-':
		return 2
	}
	end := 2
	for end < len(s) && s[end] != '}' {
		end++
	}
	if s[1] != '{' || end < 3 || end == len(s) || !hasOctet(letters, s[2]|0x20) {
		return 0
	}
	count, _, delimiters := transformers(s[3:end])
	for i := range len(delimiters) {
		if !everyCut.has(delimiters[i]) {
			return 0
		}
	}
	if count != "" && strings.Trim(count, "0") == "" { // RFC 7208 section 7.1: must be nonzero
		return 0
	}
	return end + 1
}

// hasOctet is strings.IndexByte, for texts of a few octets.
func hasOctet(s string, c byte) bool {
	for i := range len(s) {
		if s[i] == c {
			return true
		}
	}
	return false
}

func transformers(s string) (count string, reverse bool, delimiters string) {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	count, rest := s[:n], s[n:]
	if rest != "" && rest[0]|0x20 == 'r' {
		return count, true, rest[1:]
	}
	return count, false, rest
}

// expandDomain replaces the macros of spec that depend on nothing but the
// domain being evaluated: %{d} in all its forms. Others stay, and static is
// false. The escapes stay as they are if escapes is false.
func expandDomain(spec, domain string, escapes bool) (name string, static bool) {
	var b []byte
	static = true
	for spec != "" {
		var before, macro string
		before, macro, spec = cutMacro(spec)
		b = append(b, before...)
		switch text := unescaped(macro); {
		case macro == "", text != "" && !escapes:
			b = append(b, macro...)
		case text != "":
			b = append(b, text...)
		case macro[2]|0x20 == 'd' && domain != "":
			b = appendTransformed(b, domain, macro[3:len(macro)-1])
		default:
			static = false
			b = append(b, macro...)
		}
	}
	return string(b), static
}

// unescaped is what an escape stands for (RFC 7208 section 7.1), or "" if macro
// is none.
func unescaped(macro string) string {
	switch macro {
	case "%%":
		return "%"
	case "%_":
		return " "
	case "%-":
		return "%20"
	}
	return ""
}

// appendTransformed appends value after the transformers of RFC 7208 section
// 7.3: cut at the delimiters, perhaps reversed, of which the last count parts
// are kept, and joined with dots. Two delimiters in a row have an empty part
// between them.
func appendTransformed[T string | []byte](b []byte, value T, how string) []byte {
	if how == "" {
		return append(b, value...)
	}
	count, reverse, delimiters := transformers(how)
	cuts := cutsOf(delimiters)
	parts := 1
	for i := range len(value) {
		if cuts.has(value[i]) {
			parts++
		}
	}
	skip := parts - keptParts(count, parts)
	if reverse {
		return appendReversed(b, value, cuts, skip)
	}
	for i := range len(value) {
		cut := cuts.has(value[i])
		switch {
		case skip > 0 && cut:
			skip--
		case skip > 0:
		case cut:
			b = append(b, '.')
		default:
			b = append(b, value[i])
		}
	}
	return b
}

func appendReversed[T string | []byte](b []byte, value T, cuts cutSet, skip int) []byte {
	end := len(value)
	for i := end - 1; i >= -1; i-- {
		if i >= 0 && !cuts.has(value[i]) {
			continue
		}
		if skip--; skip < 0 {
			b = append(b, value[i+1:end]...)
			if i >= 0 {
				b = append(b, '.')
			}
		}
		end = i
	}
	return b
}

// keptParts reads digits; none, or a number above most, is most.
func keptParts(digits string, most int) int {
	n := 0
	for i := range len(digits) {
		if n = 10*n + int(digits[i]-'0'); n > most {
			return most
		}
	}
	if digits == "" {
		return most
	}
	return n
}

// cutSet is a set of delimiters, one bit for each: they lie between firstCut
// and the underscore, which are 52 apart.
type cutSet uint64

const firstCut = '+'

// everyCut has the seven delimiters of RFC 7208 section 7.1.
const everyCut cutSet = 1<<('.'-firstCut) | 1<<('-'-firstCut) | 1<<('+'-firstCut) | 1<<(','-firstCut) |
	1<<('/'-firstCut) | 1<<('_'-firstCut) | 1<<('='-firstCut)

// cutsOf is the set of the delimiters of a macro; a dot if it names none.
func cutsOf(delimiters string) cutSet {
	if delimiters == "" {
		delimiters = "."
	}
	var s cutSet
	for i := range len(delimiters) {
		s |= 1 << (delimiters[i] - firstCut)
	}
	return s
}

func (s cutSet) has(c byte) bool { return s>>(c-firstCut)&1 == 1 }
