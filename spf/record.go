package spf

import "net/netip"

const version = "v=spf1"

// IsRecord reports whether receivers take txt, the joined strings of one TXT
// record, for an SPF record: "v=spf1" in any case, then the end or a space
// (RFC 7208 section 4.5). It says nothing about the terms.
func IsRecord(txt string) bool {
	return len(txt) >= len(version) &&
		txt[0]|0x20 == 'v' && txt[1] == '=' && txt[2]|0x20 == 's' && txt[3]|0x20 == 'p' && txt[4]|0x20 == 'f' &&
		txt[5] == '1' && (len(txt) == len(version) || txt[len(version)] == ' ')
}

// Record is a parsed SPF record. Raw has the owner's bytes.
type Record struct {
	Raw   string
	Terms []Term
}

// String returns the record as it was written.
func (r Record) String() string { return r.Raw }

// Kind tells the terms of RFC 7208 sections 5 and 6 apart.
type Kind uint8

// Kinds of terms: eight mechanisms and three modifiers.
const (
	All Kind = iota + 1
	Include
	A
	MX
	PTR
	IP4
	IP6
	Exists
	Redirect
	Exp
	Modifier // one that RFC 7208 does not define; receivers ignore it
)

// String returns the name as RFC 7208 writes it, or "modifier".
func (k Kind) String() string {
	switch k {
	case All:
		return "all"
	case Include:
		return "include"
	case A:
		return "a"
	case MX:
		return "mx"
	case PTR:
		return "ptr"
	case IP4:
		return "ip4"
	case IP6:
		return "ip6"
	case Exists:
		return "exists"
	case Redirect:
		return "redirect"
	case Exp:
		return "exp"
	case Modifier:
		return "modifier"
	}
	return "unknown"
}

// Directive reports whether k is a mechanism, which matches or does not; the
// rest are modifiers.
func (k Kind) Directive() bool { return k >= All && k <= Exists }

// asksDNS reports whether k counts against LookupLimit (RFC 7208 4.6.4).
func (k Kind) asksDNS() bool {
	switch k {
	case Include, A, MX, PTR, Exists, Redirect:
		return true
	default:
		return false
	}
}

// Term is one directive or modifier. Its strings are parts of Record.Raw and
// keep their case; compare terms with [EqualTerm].
type Term struct {
	Kind      Kind
	Qualifier byte         // '+' (also where none is written), '-', '~' or '?'; 0 for modifiers
	Domain    string       // the domain-spec of all but all, ip4, ip6 and unknown modifiers; empty if left out
	Prefix    netip.Prefix // ip4 and ip6, masked
	V4Len     int          // a and mx: 0 to 32, 32 if left out
	V6Len     int          // a and mx: 0 to 128, 128 if left out
	Name      string       // modifiers
	Value     string       // modifiers
	Text      string       // the term as written
	Off       int          // of Text in Record.Raw, in octets
}

// passes reports whether a match of t authorises the sender.
func (t Term) passes() bool { return t.Kind.Directive() && t.Qualifier == '+' }

// dead reports whether receivers never reach t, term i of a record whose first
// all is term end, or -1.
func (t Term) dead(i, end int) bool {
	return end >= 0 && (i > end && t.Kind.Directive() || t.Kind == Redirect)
}

// firstAll returns the index of the first all, which ends the evaluation, or -1.
func (r Record) firstAll() int {
	for i, t := range r.Terms {
		if t.Kind == All {
			return i
		}
	}
	return -1
}

// live returns the directives that can be reached, without all, and the
// redirect if it can: an all anywhere switches it off (RFC 7208 section 6.1).
func (r Record) live() (directives []Term, redirect *Term) {
	end := r.firstAll()
	for i, t := range r.Terms {
		switch {
		case t.Kind == Redirect && end < 0:
			redirect = &r.Terms[i]
		case t.Kind.Directive() && (end < 0 || i < end):
			directives = append(directives, t)
		}
	}
	return directives, redirect
}
