package spf

import (
	"strconv"
	"strings"
)

// Canonical writes the record so that two records that mean the same, term by
// term, are the same string: names lower-case, "+" left out, domains
// lower-case without the final dot, networks masked (ip6 as RFC 5952 has it),
// full prefix lengths left out, and bare a, mx and ptr with the domain at which
// the record stands. The letter of a macro keeps its case, which has a meaning
// (RFC 7208 section 7.3). It is for comparing; publish Raw.
func (r Record) Canonical(domain string) string {
	b := append(make([]byte, 0, len(r.Raw)+len(domain)), version...)
	domain = foldName(domain)
	for _, t := range r.Terms {
		b = append(b, ' ')
		b = appendTerm(b, t, domain)
	}
	return string(b)
}

// Equal reports whether a and b, standing at domain, have equal terms in the
// same order.
func Equal(a, b Record, domain string) bool {
	return a.Canonical(domain) == b.Canonical(domain)
}

// EqualTerm reports whether a and b, standing at domain, are the same but for
// spelling. The qualifier counts.
func EqualTerm(a, b Term, domain string) bool {
	if a.Kind != b.Kind || a.Qualifier != b.Qualifier {
		return false
	}
	domain = foldName(domain)
	return string(appendTerm(nil, a, domain)) == string(appendTerm(nil, b, domain))
}

// termKey is the canonical form of t without its qualifier; domain is folded.
func termKey(t Term, domain string) string {
	t.Qualifier = 0
	return string(appendTerm(nil, t, domain))
}

// foldName brings a domain name into the form in which names are compared.
func foldName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

func appendTerm(b []byte, t Term, domain string) []byte {
	if t.Qualifier != 0 && t.Qualifier != '+' {
		b = append(b, t.Qualifier)
	}
	switch t.Kind {
	case Modifier:
		b = append(b, strings.ToLower(t.Name)...)
		b = append(b, '=')
		return append(b, t.Value...)
	case Redirect, Exp:
		b = append(b, t.Kind.String()...)
		b = append(b, '=')
		return appendSpec(b, t.Domain)
	case IP4, IP6:
		b = append(b, t.Kind.String()...)
		b = append(b, ':')
		if t.Prefix.IsSingleIP() {
			return t.Prefix.Addr().AppendTo(b)
		}
		return t.Prefix.AppendTo(b)
	default:
		return appendMechanism(b, t, domain)
	}
}

func appendMechanism(b []byte, t Term, domain string) []byte {
	b = append(b, t.Kind.String()...)
	if t.Domain != "" {
		b = append(b, ':')
		b = appendSpec(b, t.Domain)
	} else if domain != "" && (t.Kind == A || t.Kind == MX || t.Kind == PTR) {
		b = append(b, ':')
		b = append(b, domain...)
	}
	if t.Kind == A || t.Kind == MX {
		b = appendCIDR(b, t)
	}
	return b
}

func appendCIDR(b []byte, t Term) []byte {
	if t.V4Len != 32 {
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(t.V4Len), 10)
	}
	if t.V6Len != 128 {
		b = append(b, "//"...)
		b = strconv.AppendInt(b, int64(t.V6Len), 10)
	}
	return b
}

// appendSpec folds a domain-spec but for the letters of its macros.
func appendSpec(b []byte, spec string) []byte {
	spec = strings.TrimSuffix(spec, ".")
	for i := range len(spec) {
		c := spec[i]
		if 'A' <= c && c <= 'Z' && (i < 2 || spec[i-2:i] != "%{") {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}
