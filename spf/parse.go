package spf

import "strings"

// Parse reads one SPF record from the joined strings of a TXT record, by the
// grammar of RFC 7208 section 12. The error is an *[Error]: ErrNotSPF,
// ErrQuoted, ErrLeadingSpace or ErrHidden if receivers do not see a record,
// ErrSyntax if they answer permerror.
func Parse(txt string) (Record, error) {
	if !IsRecord(txt) {
		return Record{}, notRecord(txt)
	}
	terms, off, reason := readTerms(txt)
	if reason != "" {
		text, _, _ := strings.Cut(txt[off:], " ")
		return Record{}, &Error{
			Code: ErrSyntax, Record: txt, Term: text, Offset: off,
			Reason: reason, Suggestion: suggest(txt[off:]),
		}
	}
	return Record{Raw: txt, Terms: terms}, nil
}

// maxRoom is for how many terms there is room from the start. Each has a space
// in front, but a long text of spaces must not cost a hundred times its length.
const maxRoom = 128

// readTerms reads the terms of txt, which [IsRecord]. A reason other than ""
// says why the term at off is none.
func readTerms(txt string) (terms []Term, off int, reason string) {
	room := min(strings.Count(txt, " "), maxRoom)
	terms = make([]Term, 0, room)
	var redirect, exp bool
	for off = len(version); off < len(txt); {
		if txt[off] == ' ' {
			off++
			continue
		}
		if len(terms) < room {
			terms = terms[:len(terms)+1] // zero, since make made it
		} else {
			terms = append(terms, Term{})
		}
		t := &terms[len(terms)-1]
		end, reason := t.fill(txt, off)
		if t.Kind == Redirect && redirect || t.Kind == Exp && exp {
			reason = twice
		}
		if reason != "" {
			return terms, off, reason
		}
		redirect = redirect || t.Kind == Redirect
		exp = exp || t.Kind == Exp
		off = end
	}
	return terms, off, ""
}
