package spf

import (
	"strings"
	"unicode"
)

// marks stand around values that were copied with their quotation marks.
const marks = "\"'`´“”„‟‘’‚‛«»‹›\\"

// notRecord tells the ways in which a record gets hidden from the rest. What
// was meant is suggested if it parses.
func notRecord(txt string) *Error {
	e := &Error{Code: ErrNotSPF, Record: txt, Reason: `no "v=spf1" at the start`}
	if len(txt) < len(version) {
		return e
	}
	bare := strings.TrimSpace(txt)
	front := strings.TrimLeftFunc(txt, unicode.IsSpace)
	unquoted := strings.TrimSpace(strings.ReplaceAll(bare, `"`, ""))
	switch {
	case IsRecord(front):
		e.Code, e.Reason = ErrLeadingSpace, "space in front of v=spf1: receivers see no record"
	case unquoted != bare && IsRecord(unquoted):
		bare = unquoted
		e.Code, e.Reason = ErrQuoted, "quotes stored as part of the value: receivers see no record"
	default:
		if bare = revealed(txt); bare == "" {
			return e
		}
		e.Code, e.Reason = ErrHidden, "no plain v=spf1 with a space behind it at the start: receivers see no record"
	}
	if _, err := Parse(bare); err == nil {
		e.Suggestion = bare
	}
	return e
}

// revealed returns the record that a person sees in txt and a receiver does not:
// behind quotation marks of any kind or what is not shown at all, such as a byte
// order mark, or with a tab, a comma or nothing where the first space belongs. It
// is empty if there is none.
func revealed(txt string) string {
	seen := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == unicode.ReplacementChar: // which stands for octets that are no UTF-8
			return ' '
		case strings.ContainsRune(marks, r), !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, txt)
	seen = strings.Join(strings.Fields(seen), " ")
	if len(seen) < len(version) || !strings.EqualFold(seen[:len(version)], version) {
		return ""
	}
	if IsRecord(seen) {
		return seen
	}
	start, rest := seen[:len(version)], seen[len(version):]
	bare := strings.TrimLeft(rest, ",;: ")
	commas := strings.Join(strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(",; ", r) }), " ")
	for _, guess := range []string{start + " " + bare, start + " " + commas} {
		if _, err := Parse(guess); err == nil {
			return guess
		}
	}
	if bare == rest {
		return "" // "v=spf10" is another word
	}
	return start + " " + bare
}
