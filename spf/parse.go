package spf

import "strings"

// Parse reads one SPF record from the joined strings of a TXT record, by the
// grammar of RFC 7208 section 12. The error is an *[Error]: ErrNotSPF,
// ErrQuoted or ErrLeadingSpace if receivers do not see a record, ErrSyntax if
// they answer permerror.
func Parse(txt string) (Record, error) {
	if !IsRecord(txt) {
		return Record{}, notRecord(txt)
	}
	r := Record{Raw: txt, Terms: make([]Term, 0, strings.Count(txt, " "))}
	var redirect, exp bool
	for off := len(version); off < len(txt); {
		if txt[off] == ' ' {
			off++
			continue
		}
		end := len(txt)
		if n := strings.IndexByte(txt[off:], ' '); n >= 0 {
			end = off + n
		}
		t, reason := parseTerm(txt[off:end])
		switch {
		case t.Kind == Redirect && redirect, t.Kind == Exp && exp:
			reason = "stands twice" // RFC 7208 section 6
		case t.Kind == Redirect:
			redirect = true
		case t.Kind == Exp:
			exp = true
		}
		if reason != "" {
			return Record{}, &Error{
				Code: ErrSyntax, Record: txt, Term: txt[off:end], Offset: off,
				Reason: reason, Suggestion: suggest(txt[off:]),
			}
		}
		t.Off = off
		r.Terms = append(r.Terms, t)
		off = end
	}
	return r, nil
}

// notRecord tells the two ways in which a record gets hidden from the rest.
func notRecord(txt string) *Error {
	e := &Error{Code: ErrNotSPF, Record: txt, Reason: `no "v=spf1" at the start`}
	bare := strings.TrimSpace(txt)
	if IsRecord(bare) {
		e.Code, e.Reason = ErrLeadingSpace, "space in front of v=spf1: receivers see no record"
	} else if bare = strings.TrimSpace(strings.ReplaceAll(bare, `"`, "")); IsRecord(bare) {
		e.Code, e.Reason = ErrQuoted, "quotes stored as part of the value: receivers see no record"
	} else {
		return e
	}
	if _, err := Parse(bare); err == nil {
		e.Suggestion = bare
	}
	return e
}

// parseTerm reads one term; a reason other than "" says why it is none.
func parseTerm(text string) (t Term, reason string) {
	t.Text = text
	for i := range len(text) {
		if text[i] < 0x21 || text[i] > 0x7e {
			return t, "character outside printable ASCII"
		}
	}
	rest := text
	if strings.IndexByte("+-?~", rest[0]) >= 0 {
		t.Qualifier, rest = rest[0], rest[1:]
	}
	name, arg := rest, ""
	if i := strings.IndexAny(rest, ":/="); i >= 0 {
		name, arg = rest[:i], rest[i:]
	}
	if arg != "" && arg[0] == '=' {
		return parseModifier(t, name, arg[1:])
	}
	if t.Qualifier == 0 {
		t.Qualifier = '+'
	}
	t.Kind = mechanism(name)
	return parseMechanism(t, arg)
}

// mechanism looks name up by its length, which leaves at most four to compare.
func mechanism(name string) Kind {
	var like []Kind
	switch len(name) {
	case 1:
		like = []Kind{A}
	case 2:
		like = []Kind{MX}
	case 3:
		like = []Kind{IP4, IP6, All, PTR}
	case 6:
		like = []Kind{Exists}
	case 7:
		like = []Kind{Include}
	}
	for _, k := range like {
		if strings.EqualFold(name, k.String()) {
			return k
		}
	}
	return 0
}

// parseMechanism reads what follows the name, with its colon or slash.
func parseMechanism(t Term, arg string) (Term, string) {
	switch t.Kind {
	case All:
		if arg != "" {
			return t, "all takes no argument"
		}
		return t, ""
	case Include, Exists:
		if len(arg) < 2 || arg[0] != ':' {
			return t, "needs a domain name"
		}
		t.Domain = arg[1:]
		return t, domainSpec(t.Domain)
	case PTR:
		if arg == "" {
			return t, ""
		}
		t.Domain = arg[1:]
		if arg[0] != ':' {
			return t, "takes a domain name only"
		}
		return t, domainSpec(t.Domain)
	case A, MX:
		var reason string
		if arg, t.V4Len, t.V6Len, reason = dualCIDR(arg); reason != "" || arg == "" {
			return t, reason
		}
		if arg[0] != ':' {
			return t, "bad prefix length"
		}
		t.Domain = arg[1:]
		return t, domainSpec(t.Domain)
	case IP4, IP6:
		if len(arg) < 2 || arg[0] != ':' {
			return t, "needs an address"
		}
		var reason string
		t.Prefix, reason = network(t.Kind, arg[1:])
		return t, reason
	default:
		return t, "unknown mechanism"
	}
}

func parseModifier(t Term, name, value string) (Term, string) {
	if t.Qualifier != 0 {
		return t, "a modifier takes no qualifier"
	}
	if !modifierName(name) {
		return t, "bad modifier name"
	}
	t.Kind, t.Name, t.Value = Modifier, name, value
	switch {
	case strings.EqualFold(name, "redirect"):
		t.Kind = Redirect
	case strings.EqualFold(name, "exp"):
		t.Kind = Exp
	default:
		_, reason := macroString(value, "slodiphcrtv")
		return t, reason
	}
	t.Domain = value
	return t, domainSpec(value)
}

func modifierName(s string) bool {
	if s == "" || !letter(s[0]) {
		return false
	}
	for i := range len(s) {
		if !letter(s[i]) && !digit(s[i]) && strings.IndexByte("-_.", s[i]) < 0 {
			return false
		}
	}
	return true
}
