package spf

import "strings"

const unprintable = "character outside printable ASCII"

// parseTerm reads one term that is all of text; a reason other than "" says
// why it is none.
func parseTerm(text string) (t Term, reason string) {
	if strings.Contains(text, " ") {
		return t, unprintable
	}
	_, reason = t.fill(text, 0)
	return t, reason
}

// fill makes t, which is zero, the term of txt that begins at off, up to a space
// or the end, and returns where it ends. A reason other than "" says why it is
// none; then the end is not known, and Kind is Redirect or Exp if the term is a
// bad one of these.
func (t *Term) fill(txt string, off int) (end int, reason string) {
	t.Off = off
	end, reason = t.scan(txt, off)
	if reason == "" && at(txt, end) == ' ' {
		t.Text = txt[off:end]
		return end, ""
	}
	if reason == "" || hidden(txt[off:]) {
		t.Kind = 0
		return off, unprintable
	}
	return off, reason
}

// hidden reports whether the term that txt begins with has a character that
// cannot be seen, which is said before anything else is.
func hidden(txt string) bool {
	end, _, _ := word(txt, 0)
	return at(txt, end) != ' '
}

// scan reads the qualifier and the name, and lets the kind read the rest.
func (t *Term) scan(txt string, off int) (end int, reason string) {
	i := off
	switch qualifier := at(txt, i); qualifier {
	case '+', '-', '~', '?':
		t.Qualifier = qualifier
		i++
	}
	start := i
	var key uint64 // of the name, see kindOfKey
	for i < len(txt) && nameChar(txt[i]) {
		key = key<<8 | uint64(txt[i]|0x20)
		i++
	}
	if i-start > longestName {
		key = 0
	}
	switch at(txt, i) {
	case '=':
		return t.modifier(txt, start, i, key)
	case ' ', ':', '/':
	default:
		return i, t.strange(txt[i:])
	}
	if t.Qualifier == 0 {
		t.Qualifier = '+'
	}
	t.Kind = kindOfKey(key)
	return t.argument(txt, i)
}

// strange says what is wrong with a name that goes on with rest.
func (t *Term) strange(rest string) string {
	rest, _, _ = strings.Cut(rest, " ")
	switch i := strings.IndexAny(rest, ":/="); {
	case i < 0 || rest[i] != '=':
		return "unknown mechanism"
	case t.Qualifier != 0:
		return "a modifier takes no qualifier"
	}
	return "bad modifier name"
}

// argument reads what follows the name of a mechanism, which ends at i.
func (t *Term) argument(txt string, i int) (end int, reason string) {
	c := at(txt, i)
	switch t.Kind {
	case All:
		if c != ' ' {
			return i, "all takes no argument"
		}
		return i, ""
	case Include, Exists:
		if c != ':' || at(txt, i+1) == ' ' {
			return i, "needs a domain name"
		}
		t.Domain, reason = readDomain(txt, i+1)
		return i + 1 + len(t.Domain), reason
	case PTR:
		switch c {
		case ' ':
			return i, ""
		case '/':
			return i, "takes a domain name only"
		}
		t.Domain, reason = readDomain(txt, i+1)
		return i + 1 + len(t.Domain), reason
	case A, MX:
		t.V4Len, t.V6Len = 32, 128
		if c == ' ' {
			return i, ""
		}
		return t.hosts(txt, i)
	case IP4, IP6:
		if c != ':' || at(txt, i+1) == ' ' {
			return i, "needs an address"
		}
		t.Prefix, end, reason = network(t.Kind, txt, i+1)
		return end, reason
	default:
		return i, "unknown mechanism"
	}
}

// hosts reads the domain and the prefix lengths of an a or mx.
func (t *Term) hosts(txt string, i int) (end int, reason string) {
	end, macros, slash := word(txt, i)
	arg := txt[i:end]
	if slash {
		if arg, t.V4Len, t.V6Len, reason = dualCIDR(arg); reason != "" || arg == "" {
			return end, reason
		}
	}
	if arg[0] != ':' {
		return end, "bad prefix length"
	}
	t.Domain = arg[1:]
	return end, domainName(t.Domain, macros)
}

// modifier reads a modifier whose name stands from start to i.
func (t *Term) modifier(txt string, start, i int, key uint64) (end int, reason string) {
	switch {
	case t.Qualifier != 0:
		return i, "a modifier takes no qualifier"
	case !letter(txt[start]): // it may also be the equals sign itself
		return i, "bad modifier name"
	}
	end, macros, _ := word(txt, i+1)
	t.Kind, t.Name, t.Value = Modifier, txt[start:i], txt[i+1:end]
	switch key {
	case keyRedirect:
		t.Kind = Redirect
	case keyExp:
		t.Kind = Exp
	default:
		if macros {
			_, reason = macroString(t.Value, "slodiphcrtv")
		}
		return end, reason
	}
	t.Domain = t.Value
	return end, domainName(t.Domain, macros)
}

// readDomain reads a domain-spec up to the end of the term.
func readDomain(txt string, i int) (spec, reason string) {
	end, macros, _ := word(txt, i)
	return txt[i:end], domainName(txt[i:end], macros)
}

// word returns where the printable characters from i on end, and whether a
// percent sign or a slash is among them.
func word(txt string, i int) (end int, percent, slash bool) {
	for ; i < len(txt) && printable(txt[i]); i++ {
		switch txt[i] {
		case '%':
			percent = true
		case '/':
			slash = true
		}
	}
	return i, percent, slash
}

// printable reports whether c is a visible character of ASCII.
func printable(c byte) bool { return c-0x21 <= 0x7e-0x21 }

// at returns the octet of txt at i, or a space behind its end.
func at(txt string, i int) byte {
	if i < len(txt) {
		return txt[i]
	}
	return ' '
}
