package spf

import (
	"fmt"
	"strings"
)

// passTerms returns the directives that together match exactly the senders
// whom rec passes, and its redirect, which passes more if there is one. They
// can stand in the place of an include of rec, with its qualifier: an include
// matches if the record passes and does not if it says anything else (RFC 7208
// section 5.2). A reason says why rec has no such terms.
func passTerms(rec Record) (terms []Term, redirect *Term, reason string) {
	directives, redirect := rec.live()
	if end := rec.firstAll(); end >= 0 && rec.Terms[end].Qualifier == '+' {
		return nil, nil, rec.Terms[end].Text + " lets everybody send"
	}
	var exclusion string
	for _, t := range directives {
		switch {
		case !t.passes():
			if exclusion == "" {
				exclusion = t.Text
			}
		case exclusion != "":
			return nil, nil, fmt.Sprintf("%s takes senders away from %s", exclusion, t.Text)
		default:
			terms = append(terms, t)
		}
	}
	if redirect != nil && exclusion != "" {
		return nil, nil, fmt.Sprintf("%s takes senders away from %s", exclusion, redirect.Text)
	}
	return terms, redirect, ""
}

// moved writes t, which stands at domain, so that it means the same at another
// name and has the qualifier given. A reason says why that cannot be.
func moved(t Term, domain string, qualifier byte) (Term, string) {
	if usesHost(t.Domain) {
		return t, t.Text + " looks for a name of the sender's that fits the record's own" // RFC 7208 section 7.3
	}
	if !storable(domain) {
		return t, fmt.Sprintf("%q is not the name of a host", domain)
	}
	out, ok := termOf(qualified(qualifier, strings.TrimLeft(explicit(t, domain), "+-~?")))
	if !ok || out.Kind != t.Kind {
		return t, t.Text + " cannot be written with the name spelt out"
	}
	return out, ""
}

// qualified writes a qualifier, if it says more than none, in front of a term
// without one.
func qualified(qualifier byte, term string) string {
	if qualifier == '+' {
		return term
	}
	return string(qualifier) + term
}

// termOf reads one term.
func termOf(text string) (Term, bool) {
	t, reason := parseTerm(text)
	return t, reason == ""
}

// rebuild writes a record of other terms with the version as it was; a record
// whose terms are the same keeps its bytes.
func rebuild(rec Record, terms []Term) Record {
	same := len(terms) == len(rec.Terms)
	parts := []string{version}
	if len(rec.Raw) >= len(version) {
		parts[0] = rec.Raw[:len(version)]
	}
	for i, t := range terms {
		parts = append(parts, t.Text)
		same = same && t.Text == rec.Terms[i].Text
	}
	if same {
		return rec
	}
	out, err := Parse(strings.Join(parts, " "))
	if err != nil { // each term parsed alone; only two redirects or exps could clash, and then nothing changes
		return rec
	}
	return out
}
