package spf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// subrecord writes terms so that they mean the same at another name.
func subrecord(terms []Term, domain string) string {
	parts := []string{version}
	for _, t := range terms {
		parts = append(parts, explicit(t, domain))
	}
	return strings.Join(append(parts, "-all"), " ")
}

// elsewhere tells why terms, written as the record text, would not mean the same
// at another name: %{p} prefers a name of the client that is at or below the
// record's own (RFC 7208 section 7.3), and a macro alone can become one label.
func elsewhere(terms []Term, text string) error {
	for _, t := range terms {
		if usesHost(t.Domain) {
			return &Error{
				Code: ErrNeedsSubrecord, Record: text, Term: t.Text,
				Reason: "means something else in the record of its own that an exclusion needs",
			}
		}
	}
	_, err := Parse(text)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Code, e.Reason = ErrNeedsSubrecord, "with its macros spelt out: "+e.Reason
		return e
	}
	return nil
}

// explicit names the domain that t takes from the place where it stands.
func explicit(t Term, domain string) string {
	if t.Domain != "" {
		start := strings.IndexByte(t.Text, ':') + 1
		spec, _ := expandDomain(t.Domain, domain, false)
		return t.Text[:start] + spec + t.Text[start+len(t.Domain):]
	}
	if t.Kind == A || t.Kind == MX || t.Kind == PTR {
		name, cidr, cut := strings.Cut(t.Text, "/")
		if cut {
			cidr = "/" + cidr
		}
		return name + ":" + domain + cidr
	}
	return t.Text
}

// storable reports whether a record can stand at name. A name with an asterisk
// would be one, but a policy at a wildcard has no one name that its subrecord
// could be below.
func storable(name string) bool {
	_, ok := askable(name)
	return ok && hostLike(name) && strings.IndexByte(name, '%') < 0
}

// hashLabel makes the name follow from the content, so that the subrecords of
// two requirements never meet and a second merge finds the first one's.
func hashLabel(record string) string {
	sum := sha256.Sum256([]byte(record))
	return "_spf-" + hex.EncodeToString(sum[:5])
}

func joinTexts(terms []Term) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = t.Text
	}
	return strings.Join(parts, " ")
}
