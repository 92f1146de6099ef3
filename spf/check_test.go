package spf

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// zoneOf makes a resolver of lines "NAME TYPE VALUE", where VALUE is FAIL for a
// question that gets no answer and NONE for a type that the name has not.
func zoneOf(t testing.TB, lines ...string) Static {
	t.Helper()
	s := Static{}
	for _, line := range lines {
		name, rest, _ := strings.Cut(line, " ")
		kind, value, ok := strings.Cut(rest, " ")
		if !ok {
			t.Fatalf("zone line %q", line)
		}
		q := Question{Name: name, Type: kind}
		switch value {
		case "FAIL":
			s[q] = Answer{}
		case "NONE":
			s[q] = Answer{Status: NoData}
		default:
			s[q] = Answer{Status: Found, Values: append(s[q].Values, value)}
		}
	}
	return s
}

func TestCheckHostResult(t *testing.T) {
	zone := zoneOf(
		t,
		"plain.example TXT v=spf1 ip4:192.0.2.0/24 ?ip6:2001:db8::/32 ~all",
		"open.example TXT v=spf1 mx",
		"open.example MX NONE",
		"chain.example TXT v=spf1 redirect=end.example",
		"end.example TXT v=spf1 include:plain.example -all",
		"deadend.example TXT v=spf1 redirect=nowhere.example",
		"dead.example TXT v=spf1 ip4:192.0.2.1 include:nowhere.example -all",
		"two.example TXT v=spf1 -all",
		"two.example TXT V=SPF1",
		"bad.example TXT v=spf1 ip4:192.0.2.0/24 foo",
		"down.example TXT FAIL",
		"below.example TXT v=spf1 include:down.example -all",
		"host.example TXT v=spf1 a:down.example -all",
		"down.example A FAIL",
		"many.example TXT v=spf1 mx -all",
		"other.example TXT site-verification=1",
		"above.example TXT v=spf1 include:%{d1} -all",
		"onward.example TXT v=spf1 redirect=%{d1}",
		"user.example TXT v=spf1 include:%{l} -all",
		"example TXT v=spf1 +all",
		"x TXT v=spf1 +all",
	)
	for i := range 11 {
		q := Question{Name: "many.example", Type: "MX"}
		zone[q] = Answer{Status: Found, Values: append(zone[q].Values, "mx"+string(rune('a'+i))+".example")}
	}
	const v4, v6 = "192.0.2.9", "2001:db8::1"
	for name, c := range map[string]struct {
		ip, domain string
		want       Result
		code       Code
	}{
		"a network matches":       {v4, "plain.example", Result{Outcome: Pass, Term: "ip4:192.0.2.0/24", Domain: "plain.example"}, ""},
		"a neutral match":         {v6, "plain.example", Result{Outcome: Neutral, Term: "?ip6:2001:db8::/32", Domain: "plain.example"}, ""},
		"all matches":             {"203.0.113.1", "plain.example", Result{Outcome: SoftFail, Term: "~all", Domain: "plain.example"}, ""},
		"IPv4 inside IPv6":        {"::ffff:192.0.2.9", "plain.example", Result{Outcome: Pass, Term: "ip4:192.0.2.0/24", Domain: "plain.example"}, ""},
		"address with a zone":     {"2001:db8::1%eth0", "plain.example", Result{Outcome: Neutral, Term: "?ip6:2001:db8::/32", Domain: "plain.example"}, ""},
		"final dot, upper case":   {v4, "Plain.EXAMPLE.", Result{Outcome: Pass, Term: "ip4:192.0.2.0/24", Domain: "Plain.EXAMPLE"}, ""},
		"nothing matches":         {v4, "open.example", Result{Outcome: Neutral, Domain: "open.example", Lookups: 1, Voids: 1}, ""},
		"behind a redirect":       {v4, "chain.example", Result{Outcome: Pass, Term: "include:plain.example", Domain: "end.example", Lookups: 2}, ""},
		"fail behind a redirect":  {"203.0.113.1", "chain.example", Result{Outcome: Fail, Term: "-all", Domain: "end.example", Lookups: 2}, ""},
		"redirect without record": {v4, "deadend.example", Result{Outcome: PermError, Term: "redirect=nowhere.example", Domain: "nowhere.example", Lookups: 1}, ErrNoRecord},
		"include without record":  {v4, "dead.example", Result{Outcome: PermError, Term: "include:nowhere.example", Domain: "dead.example", Lookups: 1}, ErrNoRecord},
		"a match in front of it":  {"192.0.2.1", "dead.example", Result{Outcome: Pass, Term: "ip4:192.0.2.1", Domain: "dead.example"}, ""},
		"two records":             {v4, "two.example", Result{Outcome: PermError, Domain: "two.example"}, ErrMultipleRecords},
		"an error behind a match": {v4, "bad.example", Result{Outcome: PermError, Term: "foo", Domain: "bad.example"}, ErrSyntax},
		"no answer":               {v4, "down.example", Result{Outcome: TempError, Domain: "down.example"}, ErrNoAnswer},
		"no answer to an include": {v4, "below.example", Result{Outcome: TempError, Term: "include:down.example", Domain: "down.example", Lookups: 1}, ErrNoAnswer},
		"no answer to an a":       {v4, "host.example", Result{Outcome: TempError, Term: "a:down.example", Domain: "down.example", Lookups: 1}, ErrNoAnswer},
		"eleven mail exchangers":  {v4, "many.example", Result{Outcome: PermError, Term: "mx", Domain: "many.example", Lookups: 1}, ErrTooManyMX},
		"no record":               {v4, "other.example", Result{Outcome: None, Domain: "other.example"}, ErrNoRecord},
		"no such name":            {v4, "no.such.name.example", Result{Outcome: None, Domain: "no.such.name.example"}, ErrNoRecord},
		"one label":               {v4, "localhost", Result{Outcome: None}, ErrBadDomain},
		"empty label":             {v4, "a..example", Result{Outcome: None}, ErrBadDomain},
		"only a dot":              {v4, ".", Result{Outcome: None}, ErrBadDomain},
		"letters beyond ASCII":    {v4, "bücher.example", Result{Outcome: None}, ErrBadDomain},
		"include of one label":    {v4, "above.example", Result{Outcome: PermError, Term: "include:%{d1}", Domain: "above.example", Lookups: 1}, ErrNoRecord},
		"redirect to one label":   {v4, "onward.example", Result{Outcome: PermError, Term: "redirect=%{d1}", Domain: "example", Lookups: 1}, ErrNoRecord},
		"one label of the sender": {v4, "user.example", Result{Outcome: PermError, Term: "include:%{l}", Domain: "user.example", Lookups: 1}, ErrNoRecord},
	} {
		t.Run(name, func(t *testing.T) {
			got := Checker{Resolver: zone}.CheckHost(t.Context(), netip.MustParseAddr(c.ip), c.domain, "x@sender.example", "helo.example")
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Result{}, "Err")); diff != "" {
				t.Errorf("(-want +got)\n%s%v", diff, got.Err)
			}
			if c.code == "" && got.Err != nil || c.code != "" && !errors.Is(got.Err, c.code) {
				t.Errorf("error %v, want code %q", got.Err, c.code)
			}
		})
	}
}

func TestCheckHostIdentity(t *testing.T) {
	zone := zoneOf(
		t,
		"d.example TXT v=spf1 -all exp=say.example",
		"o.example TXT v=spf1 -all exp=say.example",
		"h.example TXT v=spf1 -all exp=say.example",
		"say.example TXT s=%{s} l=%{l} o=%{o} d=%{d} h=%{h}",
	)
	for name, c := range map[string]struct{ domain, sender, helo, want string }{
		"all three given":           {"d.example", "me@o.example", "h.example", "s=me@o.example l=me o=o.example d=d.example h=h.example"},
		"domain of the sender":      {"", "me@o.example", "h.example", "s=me@o.example l=me o=o.example d=o.example h=h.example"},
		"quoted at sign":            {"", `"a@b"@o.example`, "h.example", `s="a@b"@o.example l="a@b" o=o.example d=o.example h=h.example`},
		"empty local part":          {"", "@o.example", "h.example", "s=postmaster@o.example l=postmaster o=o.example d=o.example h=h.example"},
		"no local part":             {"", "o.example", "h.example", "s=postmaster@o.example l=postmaster o=o.example d=o.example h=h.example"},
		"bounce":                    {"", "", "h.example", "s=postmaster@h.example l=postmaster o=h.example d=h.example h=h.example"},
		"bounce with a domain":      {"d.example", "", "h.example", "s=postmaster@h.example l=postmaster o=h.example d=d.example h=h.example"},
		"bounce from nobody":        {"d.example", "", "", "s=postmaster@d.example l=postmaster o=d.example d=d.example h="},
		"HELO name like an address": {"", "", "me@o.example", ""},
		"HELO name without end":     {"d.example", "me@o.example", strings.Repeat("h", 256), "s=me@o.example l=me o=o.example d=d.example h=unknown"},
		"line break in the sender":  {"d.example", "a\r\n250 ok@o.example", "h.example", ""},
		"sender without end":        {"d.example", strings.Repeat("a", 1<<16) + "@o.example", "h.example", ""},
		"nobody at all":             {"", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := Checker{Resolver: zone}.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.9"), c.domain, c.sender, c.helo)
			if got.Explanation != c.want {
				t.Errorf("got %q (%s, %v), want %q", got.Explanation, got.Outcome, got.Err, c.want)
			}
		})
	}
}

// The examples of RFC 7208 section 7.4, and what they leave out.
func TestExpand(t *testing.T) {
	four := evaluation{
		ip: netip.MustParseAddr("192.0.2.3"), helo: "helo.example",
		sender: "strong-bad@email.example.com", local: "strong-bad", origin: "email.example.com",
		host: hostNames{known: true, names: []string{"other.example", "mx.email.example.com", "mail.example.org"}},
	}
	six := four
	six.ip = netip.MustParseAddr("2001:db8::cb01")
	long := strings.Repeat("a", 63) + "."
	for name, c := range map[string]struct {
		e          *evaluation
		spec, want string
	}{
		"sender":                        {&four, "%{s}", "strong-bad@email.example.com"},
		"its domain":                    {&four, "%{o}", "email.example.com"},
		"the domain":                    {&four, "%{d}", "email.example.com"},
		"more parts than there are":     {&four, "%{d4}", "email.example.com"},
		"as many parts as there are":    {&four, "%{d3}", "email.example.com"},
		"two parts":                     {&four, "%{d2}", "example.com"},
		"one part":                      {&four, "%{d1}", "com"},
		"reversed":                      {&four, "%{dr}", "com.example.email"},
		"two parts, reversed":           {&four, "%{d2r}", "example.email"},
		"local part":                    {&four, "%{l}", "strong-bad"},
		"cut at a hyphen":               {&four, "%{l-}", "strong.bad"},
		"reversed without a dot":        {&four, "%{lr}", "strong-bad"},
		"cut and reversed":              {&four, "%{lr-}", "bad.strong"},
		"cut, reversed, one part":       {&four, "%{l1r-}", "strong"},
		"address reversed":              {&four, "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
		"local part reversed":           {&four, "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
		"both":                          {&four, "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
		"both, the other way round":     {&four, "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
		"text behind":                   {&four, "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
		"HELO name":                     {&four, "%{h}", "helo.example"},
		"name below the domain":         {&four, "%{p}", "mx.email.example.com"},
		"escaped for a URL":             {&four, "%{S}", "strong-bad%40email.example.com"},
		"nothing to escape":             {&four, "%{D2R}", "example.email"},
		"percent signs and spaces":      {&four, "a%%b%_c%-d.example", "a%b c%20d.example"},
		"more parts than a number has":  {&four, "%{d999999999999999999999999999}", "email.example.com"},
		"two parts of an address":       {&four, "%{o1}.%{i2}.example.", "com.2.3.example"},
		"every other delimiter":         {&four, "%{l+,/_=.}.example", "strong-bad.example"},
		"two delimiters":                {&four, "%{l2-+}.%{l1+-}.example", "strong.bad.bad.example"},
		"long label":                    {&four, long + "%{d}", long + "email.example.com"},
		"labels cut":                    {&four, strings.Repeat("label.", 60) + "%{d}", strings.Repeat("label.", 39) + "email.example.com"},
		"thousands of macros":           {&four, strings.Repeat("%{d}.", 4_000) + "%{d1}", strings.Repeat("email.example.com.", 14)[6:] + "com"},
		"exactly as long as can be":     {&four, strings.Repeat("a.", 125) + "%{d1}", strings.Repeat("a.", 125) + "com"},
		"one octet too long":            {&four, "a" + strings.Repeat("a.", 125) + "%{d1}", strings.Repeat("a.", 124) + "com"},
		"long label on the left":        {&four, strings.Repeat("%{l}", 30) + ".b.example", "b.example"},
		"long label on the right":       {&four, "b.example" + strings.Repeat("%{l}", 30), ""},
		"thousands of short macros":     {&four, strings.Repeat("a.%%", 1_000) + ".example", shorten(strings.Repeat("a.%", 1_000) + ".example")},
		"long address reversed":         {&six, "%{ir}.%{v}._spf.%{d2}", "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com"},
		"last digits of a long address": {&six, "%{i4}.example", "C.B.0.1.example"},
	} {
		t.Run(name, func(t *testing.T) {
			if reason := domainSpec(c.spec + ".example"); reason != "" {
				t.Fatalf("%.80q: %s", c.spec, reason)
			}
			if got := c.e.expandName(c.spec, "email.example.com"); got != c.want {
				t.Errorf("%.80q: got %q, want %q", c.spec, got, c.want)
			}
		})
	}
}

func TestHostName(t *testing.T) {
	for name, c := range map[string]struct {
		names []string
		want  string
	}{
		"none":                       {nil, "unknown"},
		"the domain itself":          {[]string{"x.example", "a.d.example", "d.example", "b.d.example"}, "d.example"},
		"the first one below it":     {[]string{"x.example", "a.d.example", "b.d.example"}, "a.d.example"},
		"the first one, if all else": {[]string{"x.example", "notd.example"}, "x.example"},
	} {
		if got := (hostNames{known: true, names: c.names}).name("D.example"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAskable(t *testing.T) {
	label := strings.Repeat("a", 63)
	full := strings.Repeat(label+".", 3) + label[:61]
	for name, want := range map[string]bool{
		"a.example": true, "a": true, label + ".example": true, "a." + label: true, full: true,
		"": false, ".": false, ".a": false, "a.": false, "a..b": false, "\x80.example": false,
		label + "a.example": false, "a." + label + "a": false, full + "a": false,
	} {
		if got, ok := askable(strings.ToUpper(name)); ok != want || ok && got != name {
			t.Errorf("%q: got %q, %v, want %v", name, got, ok, want)
		}
	}
}

func TestCheckHostExplanation(t *testing.T) {
	zone := zoneOf(
		t,
		"one.example TXT v=spf1 -all exp=%{d1r}.say.example",
		"one.say.example TXT %{c} %{r} %{t} %{T} %{C} %{i}",
		"long.example TXT v=spf1 exp=long.say.example -all",
		"long.say.example TXT "+strings.Repeat("%{d}", 1000),
		"two.example TXT v=spf1 exp=two.say.example -all",
		"two.say.example TXT a",
		"two.say.example TXT b",
		"none.example TXT v=spf1 exp=none.say.example -all",
		"down.example TXT v=spf1 exp=down.say.example -all",
		"down.say.example TXT FAIL",
		"wrong.example TXT v=spf1 exp=wrong.say.example -all",
		"wrong.say.example TXT %{x}",
		"tab.example TXT v=spf1 exp=tab.say.example -all",
		"tab.say.example TXT a\tb",
		"empty.example TXT v=spf1 exp=empty.say.example -all",
		"empty.say.example TXT ",
		"host.example TXT v=spf1 exp=host.say.example -all",
		"host.say.example TXT from %{p}",
		"9.2.0.192.in-addr.arpa PTR Name.HOST.example.",
		"name.host.example A 192.0.2.9",
		"soft.example TXT v=spf1 exp=two.say.example ~all",
		"outer.example TXT v=spf1 include:one.example -all",
	)
	c := Checker{
		Resolver: zone, Receiver: "mx.receiver.example", Explanation: "not allowed",
		Now: func() time.Time { return time.Unix(1234567890, 0) },
	}
	for domain, want := range map[string]string{
		"one.example":   "192.0.2.9 mx.receiver.example 1234567890 1234567890 192.0.2.9 192.0.2.9",
		"long.example":  "not allowed",
		"two.example":   "not allowed",
		"none.example":  "not allowed",
		"down.example":  "not allowed",
		"wrong.example": "not allowed",
		"tab.example":   "not allowed",
		"empty.example": "",
		"host.example":  "from name.host.example",
		"soft.example":  "",
		"outer.example": "not allowed", // the explanation of an include is not used (RFC 7208 section 6.2)
	} {
		got := c.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.9"), domain, "", "")
		if got.Explanation != want {
			t.Errorf("%s: got %q (%s, %v), want %q", domain, got.Explanation, got.Outcome, got.Err, want)
		}
	}
	c.Receiver, c.Now = "", nil
	got := c.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.9"), "one.example", "", "")
	if words := strings.Fields(got.Explanation); len(words) != 6 || words[1] != "unknown" || len(words[2]) < 10 {
		t.Errorf("without receiver and clock: %q", got.Explanation)
	}
}

// A term with the local part matches nothing if that is beyond ASCII, however
// the macro is written, and is no void (RFC 8616 section 4).
func TestCheckHostLocalPartBeyondASCII(t *testing.T) {
	const escaped = "%c3%a9"
	zone := zoneOf(
		t,
		escaped+".x.example A 192.0.2.1",
		escaped+".x.example TXT v=spf1 +all",
		"user.x.example A 192.0.2.1",
		"user.x.example TXT v=spf1 +all",
		"192.0.2.1.x.example A 127.0.0.2",
	)
	for name, c := range map[string]struct {
		sender, record string
		lookups        int
		want           Outcome
	}{
		"include":                     {"é", "include:%{l}.x.example ?all", 1, Neutral},
		"include, escaped":            {"é", "include:%{L}.x.example ?all", 1, Neutral},
		"exists, escaped":             {"é", "exists:%{L}.x.example ?all", 1, Neutral},
		"a, escaped":                  {"é", "a:%{L}.x.example ?all", 1, Neutral},
		"the part that is ASCII":      {"é-user", "exists:%{l1-}.x.example ?all", 1, Neutral},
		"the sender, cut to ASCII":    {"user-é", "exists:%{s1r-}.x.example ?all", 1, Neutral},
		"with the name of the client": {"é", "exists:%{l}.%{p}.x.example ?all", 1, Neutral},
		"three of them":               {"é", "exists:%{l}.x.example mx:%{s}.x.example ptr:%{l}.y.example ?all", 3, Neutral},
		"octets that are no UTF-8":    {"\xff", "exists:%{L}.x.example include:%{l}.x.example ?all", 2, Neutral},
		"redirect":                    {"é", "redirect=%{l}.x.example", 1, PermError},
		"redirect, escaped":           {"é", "redirect=%{L}.x.example", 1, PermError},
		"redirect to the ASCII part":  {"é-user", "redirect=%{l1-}.x.example", 1, PermError},
		"another macro":               {"é", "exists:%{i}.x.example ?all", 1, Pass},
		"ASCII":                       {"user", "exists:%{l}.x.example ?all", 1, Pass},
	} {
		t.Run(name, func(t *testing.T) {
			zone[Question{Name: "d.example", Type: "TXT"}] = found("v=spf1 " + c.record)
			got := Checker{Resolver: zone}.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.1"), "", c.sender+"@d.example", "h.example")
			if got.Outcome != c.want || got.Lookups != c.lookups || got.Voids != 0 {
				t.Errorf("got %+v, want %s after %d lookups", got, c.want, c.lookups)
			}
		})
	}
	// A text is no name: there the macro is escaped.
	for spec, want := range map[string]string{"%{L}": "otherwise", "%{l1r-}": "otherwise", "%{d1r}": "user-%C3%A9"} {
		zone := zoneOf(
			t,
			"d.example TXT v=spf1 -all exp="+spec+".why.example",
			"d.why.example TXT %{L}",
			"user-"+escaped+".why.example TXT foreign",
			"user.why.example TXT foreign",
		)
		got := Checker{Resolver: zone, Explanation: "otherwise"}.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.1"), "", "user-é@d.example", "h.example")
		if got.Outcome != Fail || got.Explanation != want {
			t.Errorf("exp=%s: %s, %q, want %q", spec, got.Outcome, got.Explanation, want)
		}
	}
}

func TestCheckHostLimits(t *testing.T) {
	zone := zoneOf(
		t,
		"three.example TXT v=spf1 a:x.example a:y.example a:z.example +all",
		"name.example TXT v=spf1 exists:%{p}.x.example +all",
		"upper.example TXT v=spf1 exists:a.%{P1}.x.example +all",
		"4.2.0.192.in-addr.arpa PTR NONE",
	)
	for name, c := range map[string]struct {
		domain         string
		lookups, voids int
		want           Outcome
		code           Code
	}{
		"usual limits":               {"three.example", 0, 0, PermError, ErrTooManyVoids},
		"more voids":                 {"three.example", 0, 3, Pass, ""},
		"as many lookups":            {"three.example", 3, 3, Pass, ""},
		"fewer lookups":              {"three.example", 2, 3, PermError, ErrTooManyLookups},
		"no lookups":                 {"three.example", -1, 3, PermError, ErrTooManyLookups},
		"no voids":                   {"three.example", 0, -1, PermError, ErrTooManyVoids},
		"macro p is a lookup itself": {"name.example", 1, 0, PermError, ErrTooManyLookups},
		"and is allowed":             {"name.example", 2, 0, Pass, ""},
		"so is macro P":              {"upper.example", 1, 0, PermError, ErrTooManyLookups},
	} {
		t.Run(name, func(t *testing.T) {
			checker := Checker{Resolver: zone, MaxLookups: c.lookups, MaxVoids: c.voids}
			got := checker.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.4"), c.domain, "", "")
			if got.Outcome != c.want || c.code != "" && !errors.Is(got.Err, c.code) {
				t.Errorf("got %s (%v), want %s, %q", got.Outcome, got.Err, c.want, c.code)
			}
		})
	}
}

// The names of a client's host that lead back to it decide ptr, and only the
// first ten are looked at.
func TestCheckHostPTR(t *testing.T) {
	zone := zoneOf(
		t,
		"p.example TXT v=spf1 ptr -all",
		"q.example TXT v=spf1 ptr:p.example -all",
		"1.2.0.192.in-addr.arpa PTR liar.p.example",
		"1.2.0.192.in-addr.arpa PTR down.p.example",
		"1.2.0.192.in-addr.arpa PTR Host.P.example.",
		"liar.p.example A 192.0.2.99",
		"down.p.example A FAIL",
		"host.p.example A 192.0.2.1",
		"2.2.0.192.in-addr.arpa PTR notp.example", // ends like the domain, without a dot between
		"notp.example A 192.0.2.2",
		"3.2.0.192.in-addr.arpa PTR FAIL",
		"eleventh.p.example A 192.0.2.4",
	)
	for range 10 {
		q := Question{Name: "4.2.0.192.in-addr.arpa", Type: "PTR"}
		zone[q] = Answer{Status: Found, Values: append(zone[q].Values, "liar.p.example")}
	}
	q := Question{Name: "4.2.0.192.in-addr.arpa", Type: "PTR"}
	zone[q] = Answer{Status: Found, Values: append(zone[q].Values, "eleventh.p.example")}
	for name, c := range map[string]struct {
		ip, domain string
		want       Outcome
	}{
		"one of three names":     {"192.0.2.1", "p.example", Pass},
		"other domain":           {"192.0.2.1", "q.example", Pass},
		"name of somebody else":  {"192.0.2.2", "p.example", Fail},
		"no answer is no match":  {"192.0.2.3", "p.example", Fail},
		"eleventh name":          {"192.0.2.4", "p.example", Fail},
		"no name":                {"192.0.2.5", "p.example", Fail},
		"no name, other address": {"2001:db8::5", "p.example", Fail},
	} {
		t.Run(name, func(t *testing.T) {
			got := Checker{Resolver: zone}.CheckHost(t.Context(), netip.MustParseAddr(c.ip), c.domain, "", "")
			if got.Outcome != c.want {
				t.Errorf("got %s (%v), want %s", got.Outcome, got.Err, c.want)
			}
		})
	}
}

func TestCheckHostWithoutWhatItNeeds(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	zone := zoneOf(t, "d.example TXT v=spf1 -all")
	client := netip.MustParseAddr("192.0.2.1")
	if r := (Checker{}).CheckHost(t.Context(), client, "d.example", "", ""); r.Outcome != TempError || r.Err == nil {
		t.Errorf("no resolver: %+v", r)
	}
	if r := (Checker{Resolver: zone}).CheckHost(t.Context(), netip.Addr{}, "d.example", "", ""); r.Outcome != None || !errors.Is(r.Err, ErrBadIdentity) {
		t.Errorf("no client: %+v", r)
	}
	for n, want := range map[int]Outcome{maxSender: Fail, maxSender + 1: None} {
		sender := strings.Repeat("a", n-len("d.example")) + "@d.example" // the at sign is not counted
		r := Checker{Resolver: zone}.CheckHost(t.Context(), client, "", sender, "")
		if r.Outcome != want || (want == None) != errors.Is(r.Err, ErrBadIdentity) {
			t.Errorf("sender of %d octets: %+v", n, r)
		}
	}
	if r := (Checker{Resolver: zone}).CheckHost(ended, client, "d.example", "", ""); r.Outcome != TempError || !errors.Is(r.Err, context.Canceled) {
		t.Errorf("context ended: %+v", r)
	}
}

// Where nothing matches, a receiver asks for all that the count of a record
// foresees.
func TestCheckHostLookupsAsCounted(t *testing.T) {
	in, s := readBenchInputs(t)
	compared := 0
	for _, row := range in.CheckHost {
		rec, err := Parse(in.TXT[row.Domain])
		if err != nil {
			t.Fatal(err)
		}
		cost, _ := Count(row.Domain, rec, Answers(s))
		if cost.Dynamic || row.Want == Pass {
			continue
		}
		compared++
		r := Checker{Resolver: s}.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.9"), row.Domain, "", "")
		if r.Lookups != cost.Lookups || r.Voids != cost.Voids {
			t.Errorf("%s: %d lookups, %d voids, counted %d and %d", row.Row, r.Lookups, r.Voids, cost.Lookups, cost.Voids)
		}
	}
	if compared < 2 {
		t.Errorf("only %d rows compared", compared)
	}
}
