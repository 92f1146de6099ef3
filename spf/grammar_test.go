package spf_test

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/spf"
)

// rule matches s from i on and calls then with each place where a match may
// end, until it returns true: slow, and as the grammar is written.
type rule func(s string, i int, then func(end int) bool) bool

func text(want string) rule {
	return func(s string, i int, then func(int) bool) bool {
		return len(s)-i >= len(want) && strings.EqualFold(s[i:i+len(want)], want) && then(i+len(want))
	}
}

func octets(low, high byte) rule {
	return func(s string, i int, then func(int) bool) bool {
		return i < len(s) && low <= s[i] && s[i] <= high && then(i+1)
	}
}

func either(rules ...rule) rule {
	return func(s string, i int, then func(int) bool) bool {
		for _, r := range rules {
			if r(s, i, then) {
				return true
			}
		}
		return false
	}
}

func chain(rules ...rule) rule {
	if len(rules) == 1 {
		return rules[0]
	}
	rest := chain(rules[1:]...)
	return func(s string, i int, then func(int) bool) bool {
		return rules[0](s, i, func(end int) bool { return rest(s, end, then) })
	}
}

// times is r at least least and at most most times, without end if most is -1.
func times(least, most int, r rule) rule {
	return func(s string, i int, then func(int) bool) bool {
		if most != 0 && r(s, i, func(end int) bool { return times(max(0, least-1), most-1, r)(s, end, then) }) {
			return true
		}
		return least == 0 && then(i)
	}
}

func optional(r rule) rule { return times(0, 1, r) }

func any1(texts string) rule {
	var rules []rule
	for _, c := range texts {
		rules = append(rules, text(string(c)))
	}
	return either(rules...)
}

func (r rule) matches(s string) bool {
	return r(s, 0, func(end int) bool { return end == len(s) })
}

// grammar is that of RFC 7208 section 12, rule by rule, with what the text adds:
// some macro letters are for explanations (section 7.2), a number of labels is
// not zero (section 7.1), and prefix lengths have a range.
type grammar struct {
	domainSpec, macroString, name rule
	ip4Network, ip6Network        rule
	ip4CIDR, ip6CIDR              rule
}

func newGrammar() grammar {
	digit := octets('0', '9')
	alpha := either(octets('a', 'z'), octets('A', 'Z'))
	alphanum := either(alpha, digit)
	positive := octets('1', '9')

	number := chain(times(0, -1, text("0")), positive, times(0, -1, digit))
	transformers := chain(optional(number), optional(text("r")))
	delimiter := any1(".-+,/_=")
	expand := func(letters string) rule {
		return either(chain(text("%{"), any1(letters), transformers, times(0, -1, delimiter), text("}")),
			text("%%"), text("%_"), text("%-"))
	}
	literal := either(octets(0x21, 0x24), octets(0x26, 0x7e))
	topLabel := either(
		chain(times(0, -1, alphanum), alpha, times(0, -1, alphanum)),
		chain(times(1, -1, alphanum), text("-"), times(0, -1, either(alphanum, text("-"))), alphanum))
	domainEnd := either(chain(text("."), topLabel, optional(text("."))), expand("slodiphv"))

	octet := either(digit, chain(positive, digit), chain(text("1"), digit, digit),
		chain(text("2"), octets('0', '4'), digit), chain(text("25"), octets('0', '5')))
	ip4 := chain(octet, text("."), octet, text("."), octet, text("."), octet)

	return grammar{
		domainSpec:  chain(times(0, -1, either(expand("slodiphv"), literal)), domainEnd),
		macroString: times(0, -1, either(expand("slodiphcrtv"), literal)),
		name:        chain(alpha, times(0, -1, either(alpha, digit, any1("-_.")))),
		ip4Network:  ip4,
		ip6Network:  ip6Rule(either(digit, octets('a', 'f'), octets('A', 'F')), ip4),
		ip4CIDR:     chain(text("/"), either(digit, chain(octets('1', '2'), digit), chain(text("3"), octets('0', '2')))),
		ip6CIDR: chain(text("/"), either(digit, chain(positive, digit), chain(text("1"), octets('0', '1'), digit),
			chain(text("12"), octets('0', '8')))),
	}
}

// ip6Rule is the text form of RFC 4291 section 2.2: eight groups, the last two
// perhaps as an IPv4 address, and "::" once for one group or more.
func ip6Rule(hex, ip4 rule) rule {
	group := times(1, 4, hex)
	// list is n groups with colons between, counting an address as two.
	list := func(n int, tail bool) rule {
		var rules []rule
		if n == 0 {
			return text("")
		}
		rules = append(rules, chain(group, times(n-1, n-1, chain(text(":"), group))))
		if tail && n == 2 {
			rules = append(rules, ip4)
		}
		if tail && n > 2 {
			rules = append(rules, chain(group, times(n-3, n-3, chain(text(":"), group)), text(":"), ip4))
		}
		return either(rules...)
	}
	forms := []rule{list(8, true)}
	for before := range 8 {
		for after := range 8 - before {
			forms = append(forms, chain(list(before, false), text("::"), list(after, true)))
		}
	}
	return either(forms...)
}

// readings are the terms that s can be read as: one if it is a term.
func (g grammar) readings(s string) []spf.Term {
	var all []spf.Term
	qualifier, rest := byte('+'), s
	if s != "" && strings.Contains("+-?~", s[:1]) {
		qualifier, rest = s[0], s[1:]
	}
	add := func(t spf.Term) {
		if t.Kind.Directive() {
			t.Qualifier = qualifier
		}
		t.Text = s
		all = append(all, t)
	}
	if strings.EqualFold(rest, "all") {
		add(spf.Term{Kind: spf.All})
	}
	for _, k := range []spf.Kind{spf.Include, spf.Exists, spf.PTR} {
		arg, ok := cutName(rest, k)
		switch {
		case ok && k == spf.PTR && arg == "":
			add(spf.Term{Kind: k})
		case ok && strings.HasPrefix(arg, ":") && g.domainSpec.matches(arg[1:]):
			add(spf.Term{Kind: k, Domain: arg[1:]})
		}
	}
	for _, k := range []spf.Kind{spf.A, spf.MX} {
		if arg, ok := cutName(rest, k); ok {
			g.hosts(k, arg, add)
		}
	}
	for _, k := range []spf.Kind{spf.IP4, spf.IP6} {
		if arg, ok := cutName(rest, k); ok && strings.HasPrefix(arg, ":") {
			g.network(k, arg[1:], add)
		}
	}
	g.modifier(s, add)
	return all
}

func cutName(s string, k spf.Kind) (arg string, ok bool) {
	n := len(k.String())
	if len(s) < n || !strings.EqualFold(s[:n], k.String()) {
		return "", false
	}
	return s[n:], true
}

// hosts tries each place between the domain and the prefix lengths.
func (g grammar) hosts(k spf.Kind, arg string, add func(spf.Term)) {
	for i := range len(arg) + 1 {
		name, lengths := arg[:i], arg[i:]
		if name != "" && (name[0] != ':' || !g.domainSpec.matches(name[1:])) {
			continue
		}
		for j := range len(lengths) + 1 {
			t := spf.Term{Kind: k, Domain: strings.TrimPrefix(name, ":"), V4Len: 32, V6Len: 128}
			four, six := lengths[:j], lengths[j:]
			if four != "" && !g.ip4CIDR.matches(four) || six != "" && !chain(text("/"), g.ip6CIDR).matches(six) {
				continue
			}
			if four != "" {
				t.V4Len, _ = strconv.Atoi(four[1:])
			}
			if six != "" {
				t.V6Len, _ = strconv.Atoi(six[2:])
			}
			add(t)
		}
	}
}

func (g grammar) network(k spf.Kind, arg string, add func(spf.Term)) {
	address, length := g.ip4Network, g.ip4CIDR
	if k == spf.IP6 {
		address, length = g.ip6Network, g.ip6CIDR
	}
	for i := range len(arg) + 1 {
		if !address.matches(arg[:i]) || i < len(arg) && !length.matches(arg[i:]) {
			continue
		}
		addr := netip.MustParseAddr(arg[:i])
		bits := addr.BitLen()
		if i < len(arg) {
			bits, _ = strconv.Atoi(arg[i+1:])
		}
		add(spf.Term{Kind: k, Prefix: netip.PrefixFrom(addr, bits).Masked()})
	}
}

func (g grammar) modifier(s string, add func(spf.Term)) {
	name, value, ok := strings.Cut(s, "=")
	if !ok || !g.name.matches(name) {
		return
	}
	t := spf.Term{Name: name, Value: value}
	switch {
	case strings.EqualFold(name, "redirect"):
		t.Kind, t.Domain = spf.Redirect, value
	case strings.EqualFold(name, "exp"):
		t.Kind, t.Domain = spf.Exp, value
	case g.macroString.matches(value):
		t.Kind = spf.Modifier
		add(t)
		return
	}
	if t.Kind != 0 && g.domainSpec.matches(value) {
		add(t)
	}
}

// read reads a record; bad is where the first term that is none begins, or -1.
func (g grammar) read(txt string) (terms []spf.Term, bad int, ambiguous bool) {
	seen := map[spf.Kind]bool{}
	for off := len("v=spf1"); off < len(txt); {
		if txt[off] == ' ' {
			off++
			continue
		}
		word, _, _ := strings.Cut(txt[off:], " ")
		all := g.readings(word)
		if len(all) == 0 {
			return terms, off, false
		}
		t := all[0]
		if t.Kind == spf.Redirect || t.Kind == spf.Exp {
			if seen[t.Kind] { // section 6
				return terms, off, false
			}
			seen[t.Kind] = true
		}
		t.Off = off
		terms = append(terms, t)
		if len(all) > 1 {
			return terms, off, true
		}
		off += len(word)
	}
	return terms, -1, false
}
