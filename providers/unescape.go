package providers

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// span is a stretch of a text, in octets.
type span struct{ from, to int }

// depth is how many escapings, one within another, a secret is looked for in: a
// URL in JSON in a text that was quoted has three.
const depth = 3

// escapings is the ways to escape that [layer.unescape] takes back: how an escape
// begins, and what reads one.
func escapings() map[byte]func(string) (meant string, n int) {
	return map[byte]func(string) (string, int){'%': percent, '&': entity, '\\': backslash}
}

// needles is the values that are looked for, by how they begin, so that a text is
// gone through once and not once for each of them. None is shorter than that.
type needles map[[shortSecret]byte][]string

func newNeedles(values []string) needles {
	out := needles{}
	for _, v := range values {
		begin := [shortSecret]byte([]byte(v[:shortSecret]))
		out[begin] = append(out[begin], v)
	}
	return out
}

// find is where any of the values stands in a text, as it is or escaped.
func find(text string, values needles) []span {
	if len(values) == 0 {
		return nil
	}
	return layer{text: text}.find(values, depth)
}

// layer is a text without some of its escapings.
type layer struct {
	text string
	from []int // where each octet, and the end, stands in the text as it was; nil: at the same place
}

func (l layer) octet(i int) int {
	if l.from == nil {
		return i
	}
	return l.from[i]
}

// find looks into the layer and those within it. One escaping is taken off at a
// time, in every order: what one has written is not to be read as another's.
func (l layer) find(values needles, deeper int) (found []span) {
	for at := range max(0, len(l.text)-shortSecret+1) {
		for _, v := range values[[shortSecret]byte([]byte(l.text[at:at+shortSecret]))] {
			if strings.HasPrefix(l.text[at:], v) {
				found = append(found, span{l.octet(at), l.octet(at + len(v))})
			}
		}
	}
	if deeper == 0 {
		return found
	}
	for begin, read := range escapings() {
		if within, changed := l.unescape(begin, read); changed {
			found = append(found, within.find(values, deeper-1)...)
		}
	}
	return found
}

// unescape takes one escaping off: what is no escape stays.
func (l layer) unescape(begin byte, read func(string) (string, int)) (out layer, changed bool) {
	if strings.IndexByte(l.text, begin) < 0 {
		return l, false
	}
	var b strings.Builder
	out.from = make([]int, 0, len(l.text)+1)
	for i := 0; i < len(l.text); {
		meant, n := l.text[i:i+1], 1
		if l.text[i] == begin {
			if m, long := read(l.text[i:]); long > 0 {
				meant, n, changed = m, long, true
			}
		}
		b.WriteString(meant)
		for range len(meant) {
			out.from = append(out.from, l.octet(i))
		}
		i += n
	}
	out.text, out.from = b.String(), append(out.from, l.octet(len(l.text)))
	return out, changed
}

// percent reads an escape of a URL (RFC 3986 section 2.1). Like the others it
// says how long the escape is, and 0 where none begins there.
func percent(s string) (meant string, n int) {
	if v, ok := hexadecimal(s, 1, 2); ok {
		return string([]byte{byte(v)}), 3
	}
	return "", 0
}

// entity reads a character reference of HTML. The longest one of an ASCII
// character, "&DiacriticalGrave;", has 18 octets.
func entity(s string) (meant string, n int) {
	end := strings.IndexByte(s[:min(len(s), 18)], ';')
	if end < 0 {
		return "", 0
	}
	if meant = html.UnescapeString(s[:end+1]); meant == s[:end+1] {
		return "", 0
	}
	return meant, end + 1
}

// backslash reads an escape of JSON (RFC 8259 section 7) or of a Go string
// literal. A character beyond U+FFFF is two escapes in JSON.
func backslash(s string) (meant string, n int) {
	if len(s) < 2 {
		return "", 0
	}
	if i := strings.IndexByte(`abfnrtv\/"'`, s[1]); i >= 0 {
		return "\a\b\f\n\r\t\v\\/\"'"[i : i+1], 2
	}
	switch s[1] {
	case 'x':
		if v, ok := hexadecimal(s, 2, 2); ok {
			return string([]byte{byte(v)}), 4
		}
	case 'u':
		v, ok := hexadecimal(s, 2, 4)
		if !ok {
			return "", 0
		}
		if low, ok := hexadecimal(s, 8, 4); ok && s[6:8] == `\u` {
			if r := utf16.DecodeRune(v, low); r != utf8.RuneError {
				return string(r), 12
			}
		}
		return string(v), 6
	case 'U':
		if v, ok := hexadecimal(s, 2, 8); ok {
			return string(v), 10
		}
	}
	return "", 0
}

// hexadecimal reads so many digits of either case.
func hexadecimal(s string, from, digits int) (rune, bool) {
	if len(s) < from+digits {
		return 0, false
	}
	v, err := strconv.ParseUint(s[from:from+digits], 16, 31)
	return rune(v), err == nil
}
