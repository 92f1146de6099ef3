package dkim

import (
	"fmt"
	"iter"
	"strings"
)

// fws is what folding white space is made of (RFC 6376 2.8). Line ends count wherever they stand: panels leave bare ones.
const fws = " \t\r\n"

// Tag is one part of a tag-list: what stands between two semicolons.
type Tag struct {
	Name     string // as written, without the white space around it; empty where the part is no name=value
	Value    string // as written, without the white space around it; empty where Name is
	Raw      string // all octets of the part
	Off      int    // of Raw in the text, in octets
	ValueOff int    // of Value in the text, in octets; Off where Name is empty
}

// Blank reports whether the part holds nothing but white space, as the one behind a closing semicolon does.
func (t Tag) Blank() bool { return leadingSpace(t.Raw) == len(t.Raw) }

// ScanTags yields the parts of a tag-list (RFC 6376 3.2), the grammar that DKIM shares with DMARC, MTA-STS, TLS-RPT and BIMI. It
// leaves nothing out and judges nothing: repeated tags, blank parts and parts that are no name=value come as well, so the Raw of
// all parts, joined with semicolons, is the text. Names keep their case. It takes linear time and allocates nothing.
func ScanTags(txt string) iter.Seq[Tag] {
	return func(yield func(Tag) bool) {
		for off := 0; off <= len(txt); {
			var t Tag
			if t, off = cutTag(txt, off); !yield(t) {
				return
			}
		}
	}
}

// cutTag returns the part that begins at off and where the next one begins, which is beyond the end of txt after the last.
func cutTag(txt string, off int) (t Tag, next int) {
	t = Tag{Raw: txt[off:], Off: off, ValueOff: off}
	if i := strings.IndexByte(t.Raw, ';'); i >= 0 {
		t.Raw = t.Raw[:i]
	}
	next = off + len(t.Raw) + 1

	lead := leadingSpace(t.Raw)
	end := lead + nameLen(t.Raw[lead:])
	eq := end + leadingSpace(t.Raw[end:])
	if end == lead || eq == len(t.Raw) || t.Raw[eq] != '=' {
		return t, next
	}
	value := t.Raw[eq+1:]
	gap := leadingSpace(value)
	t.Name, t.Value, t.ValueOff = t.Raw[lead:end], trimTail(value[gap:]), off+eq+1+gap
	return t, next
}

// scanner reads a tag-list from left to right as a verifier does, who refuses what breaks the grammar. It looks at each octet a
// fixed number of times.
type scanner struct {
	text    string
	off     int
	letters uint64              // names of one letter seen so far: a set without an allocation
	names   map[string]struct{} // longer names seen so far
	high    bool                // an octet of 0x80 or above was there
}

// next returns the next tag, or ok false at the end of the text. spaced tells of white space within the value.
func (s *scanner) next() (t Tag, spaced, ok bool, err error) {
	if s.off > len(s.text) {
		return Tag{}, false, false, nil
	}
	t, s.off = cutTag(s.text, s.off)
	if t.Name == "" {
		if t.Blank() && s.off > len(s.text) { // behind the last semicolon
			return Tag{}, false, false, nil
		}
		return Tag{}, false, false, grammarError(t)
	}
	for i := plainLen(t.Value); i < len(t.Value); i++ {
		switch c := t.Value[i]; {
		case c >= 0x80: // notes in UTF-8 exist, and not every verifier minds
			s.high = true
		case c > ' ' && c != 0x7f:
		case isSpace(c):
			spaced = true
		default:
			return Tag{}, false, false, syntaxError(t.Name, t.ValueOff+i, "a control character is part of the text")
		}
	}
	if !s.isNew(t.Name) {
		return Tag{}, false, false, &Error{
			Code: CodeDuplicate, Tag: clip(t.Name), Offset: t.Off + leadingSpace(t.Raw),
			Detail: fmt.Sprintf("tag %s stands twice", clip(t.Name)),
		}
	}
	return t, spaced, true, nil
}

// plainLen returns how many octets at the beginning of s are surely printable ASCII and no space. It looks at eight at a time, because
// the key takes most of the time of reading a record.
func plainLen(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		// An octet sets its high bit in the first term if it is below '!', in the second if it is DEL, in the third if it is no ASCII.
		if ((x-'!'*ones)|(x+ones)|x)&high != 0 {
			break
		}
		n += 8
	}
	return n
}

// grammarError says why a part is no name=value.
func grammarError(t Tag) error {
	lead := leadingSpace(t.Raw)
	spec, start := t.Raw[lead:], t.Off+lead
	n := nameLen(spec)
	eq := n + leadingSpace(spec[n:])
	switch {
	case spec == "":
		return syntaxError("", start, "a tag is empty")
	case n == 0:
		return syntaxError("", start, "a tag does not begin with a letter")
	case eq == len(spec):
		return syntaxError(spec[:n], start+n, "a tag has no value")
	}
	return syntaxError(spec[:n], start+eq, "a tag has a character in its name that does not belong there")
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
	if len(name) > 10 {
		return name[:6] + "…"
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

// trimTail is strings.TrimRight(s, fws) at a fraction of its price, which counts in front of every value.
func trimTail(s string) string {
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
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
