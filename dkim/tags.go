package dkim

import (
	"fmt"
	"strings"
)

// fws is what folding white space is made of (RFC 6376 2.8). Line ends count wherever they stand: panels leave bare ones.
const fws = " \t\r\n"

// tag is one name=value of a tag-list, without the white space around name and value.
type tag struct {
	name   string
	value  string
	off    int  // of the value in the text
	spaced bool // there is white space within the value
}

// scanner reads a tag-list (RFC 6376 3.2) from left to right, each octet a fixed number of times.
type scanner struct {
	text    string
	off     int
	letters uint64              // names of one letter seen so far: a set without an allocation
	names   map[string]struct{} // longer names seen so far
}

// next returns the next tag, or ok false at the end of the text.
func (s *scanner) next() (t tag, ok bool, err error) {
	start := s.off + leadingSpace(s.text[s.off:])
	if start == len(s.text) {
		return tag{}, false, nil
	}
	spec := s.text[start:]
	s.off = len(s.text)
	if i := strings.IndexByte(spec, ';'); i >= 0 {
		spec = spec[:i]
		s.off = start + i + 1
	}

	n := nameLen(spec)
	eq := n + leadingSpace(spec[n:])
	switch {
	case spec == "":
		return tag{}, false, syntaxError("", start, "a tag is empty")
	case n == 0:
		return tag{}, false, syntaxError("", start, "a tag does not begin with a letter")
	case eq == len(spec):
		return tag{}, false, syntaxError(spec[:n], start+n, "a tag has no value")
	case spec[eq] != '=':
		return tag{}, false, syntaxError(spec[:n], start+eq, "a tag has a character in its name that does not belong there")
	}

	value := spec[eq+1:]
	lead := leadingSpace(value)
	t = tag{name: spec[:n], value: strings.TrimRight(value[lead:], fws), off: start + eq + 1 + lead}
	for i := range len(t.value) {
		switch c := t.value[i]; {
		case c > ' ' && c != 0x7f: // octets of 0x80 and above pass: notes in UTF-8 exist and harm nobody
		case isSpace(c):
			t.spaced = true
		default:
			return tag{}, false, syntaxError(t.name, t.off+i, "a control character is part of the text")
		}
	}
	if !s.isNew(t.name) {
		return tag{}, false, &Error{
			Code: CodeDuplicate, Tag: clip(t.name), Offset: start,
			Detail: fmt.Sprintf("tag %s stands twice", clip(t.name)),
		}
	}
	return t, true, nil
}

// isNew notes name and reports whether it is there for the first time.
func (s *scanner) isNew(name string) bool {
	if len(name) == 1 {
		bit := uint64(1) << (name[0] - 'A') // letters only, by nameLen: 'A' to 'z' are 58 places
		old := s.letters
		s.letters |= bit
		return old&bit == 0
	}
	if _, ok := s.names[name]; ok {
		return false
	}
	if s.names == nil {
		s.names = make(map[string]struct{})
	}
	s.names[name] = struct{}{}
	return true
}

func syntaxError(name string, off int, detail string) *Error {
	if name = clip(name); name != "" {
		detail += fmt.Sprintf(" (tag %s)", name)
	}
	return &Error{Code: CodeSyntax, Tag: name, Offset: off, Detail: fmt.Sprintf("%s, at octet %d", detail, off)}
}

// clip keeps errors and warnings readable and free of key data where a broken record makes a name or a type of it.
func clip(name string) string {
	if len(name) > 16 {
		return name[:8] + "…"
	}
	return name
}

// nameLen returns how many octets of s are a tag-name: ALPHA *(ALPHA / DIGIT / "_").
func nameLen(s string) int {
	for i := range len(s) {
		c := s[i]
		if !isAlpha(c) && (i == 0 || !isDigit(c) && c != '_') {
			return i
		}
	}
	return len(s)
}

func leadingSpace(s string) int {
	for i := range len(s) {
		if !isSpace(s[i]) {
			return i
		}
	}
	return len(s)
}

// wordLen returns how many octets of s are a hyphenated-word (RFC 6376 2.10), the form of every registered key type.
func wordLen(s string) int {
	for i := range len(s) {
		c := s[i]
		if !isAlpha(c) && (i == 0 || !isDigit(c) && (c != '-' || i == len(s)-1)) {
			return i
		}
	}
	return len(s)
}

// words splits a colon-separated list. Empty items are dropped: nothing can be meant by them.
func words(list string) []string {
	var out []string
	for w := range strings.SplitSeq(list, ":") {
		if w = strings.Trim(w, fws); w != "" {
			out = append(out, strings.ToLower(w))
		}
	}
	return out
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
