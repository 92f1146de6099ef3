package spf

import (
	"errors"
	"strings"
	"testing"
)

func TestIsRecord(t *testing.T) {
	for txt, want := range map[string]bool{
		"v=spf1": true, "v=spf1 ": true, "V=SPF1 -all": true, "v=spf1 \x00": true,
		"": false, "v=spf10": false, " v=spf1": false, `"v=spf1"`: false, "v\x1dspf1": false, "v=spf1\t-all": false,
		"v=spf": false, "spf2.0/pra mx": false, "v=ſpf1": false,
	} {
		if got := IsRecord(txt); got != want {
			t.Errorf("IsRecord(%q) = %v, want %v", txt, got, want)
		}
	}
}

func TestParseTerm(t *testing.T) {
	for _, c := range []struct{ name, term, canonical string }{
		{"all", "ALL", "all"},
		{"softfail", "~All", "~all"},
		{"explicit plus", "+mx", "mx:cust.example"},
		{"a with prefix", "a/24", "a:cust.example/24"},
		{"a with both prefixes", "a:H.example./32//64", "a:h.example//64"},
		{"a with ip6 prefix", "a//128", "a:cust.example"},
		{"a with prefix 0", "?a/0", "?a:cust.example/0"},
		{"ptr bare", "PTR", "ptr:cust.example"},
		{"ptr", "ptr:Example.org", "ptr:example.org"},
		{"ip4 masked", "ip4:192.0.2.77/24", "ip4:192.0.2.0/24"},
		{"ip4 host", "ip4:192.0.2.77/32", "ip4:192.0.2.77"},
		{"ip6", "-ip6:2001:DB8:0:0::1/128", "-ip6:2001:db8::1"},
		{"ip6 network", "ip6:2001:db8::ffff/32", "ip6:2001:db8::/32"},
		{"ip6 mapped", "ip6:::ffff:192.0.2.1", "ip6:::ffff:192.0.2.1"},
		{"exists with macros", "exists:%{I2R.-}.%{v}.Example.ORG", "exists:%{I2r.-}.%{v}.example.org"},
		{"macro at the end", "include:%{d2}", "include:%{d2}"},
		{"escapes", "include:a%%b%_c%-.Example.org", "include:a%%b%_c%-.example.org"},
		{"colon is a literal", "include:include:x.example", "include:include:x.example"},
		{"slash in a macro", "a:%{d1/}/24", "a:%{d1/}/24"},
		{"slash before a macro", "a:x/%{d}.example", "a:x/%{d}.example"},
		{"digits with hyphen", "a:x.1-2", "a:x.1-2"},
		{"redirect", "Redirect=_SPF.Example.net.", "redirect=_spf.example.net"},
		{"exp", "EXP=why.example", "exp=why.example"},
		{"unknown modifier", "Moo.cow-far_out=Man:dog/cat", "moo.cow-far_out=Man:dog/cat"},
		{"empty modifier", "moo=", "moo="},
		{"modifier with the macros of exp", "moo=%{c}%{R}%{t}", "moo=%{c}%{R}%{t}"},
		{"modifier whose name ends as another's", "xredirect=X.Example", "xredirect=X.Example"},
		{"all glued to a name is a name", "include:x.example-all", "include:x.example-all"},
		{"version again", "v=spf1", "v=spf1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Parse("v=spf1  " + c.term)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Terms) != 1 || r.Terms[0].Text != c.term || r.Terms[0].Off != len("v=spf1  ") {
				t.Fatalf("terms %+v", r.Terms)
			}
			if got := r.Canonical("Cust.Example."); got != "v=spf1 "+c.canonical {
				t.Errorf("canonical %q, want %q", got, c.canonical)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, term, suggestion string }{
		{"letter missing", "nclude:spf.protection.outlook.com", "include:spf.protection.outlook.com"},
		{"letters swapped", "-inlcude:x.example", "-include:x.example"},
		{"space after the colon", "include: trustpilotservice.com", "include:trustpilotservice.com"},
		{"space after the qualifier", "~ all", "~all"},
		{"all glued on", "ip4:8.8.8.8~all", "ip4:8.8.8.8 ~all"},
		{"ip4 in ip6", "ip6:78.46.96.236", "ip4:78.46.96.236"},
		{"ip6 in ip4", "?ip4:2001:db8::/32", "?ip6:2001:db8::/32"},
		{"no family", "ip:192.0.2.1", "ip4:192.0.2.1"},
		{"family spelt out", "ipv6:2001:db8::1", "ip6:2001:db8::1"},
		{"bare address", "192.0.2.0/24", "ip4:192.0.2.0/24"},
		{"address as a name", "a:192.0.2.1", "ip4:192.0.2.1"},
		{"address as an include", "include:192.0.2.1", "ip4:192.0.2.1"},
		{"name as an address", "ip4:mail.example.com", "a:mail.example.com"},
		{"prefix too long", "ip4:78.46.96.236/99", ""},
		{"prefix with a zero", "a/08", ""},
		{"prefix of a", "a/33", ""},
		{"ip6 prefix of a", "mx//129", ""},
		{"prefix without digits", "ip4:192.0.2.0/", ""},
		{"zone", "ip6:fe80::1%eth0", ""},
		{"leading zeros", "ip4:192.0.02.1", ""},
		{"comma at the end", "include:x.example,", "include:x.example"},
		{"semicolons", "mx;a;~all", "mx a ~all"},
		{"long dash", "–all", "-all"},
		{"quote at the end", `~all"`, "~all"},
		{"redirect with a colon", "redirect:_spf.example.com", "redirect=_spf.example.com"},
		{"redirect with a qualifier", "-redirect=_spf.example.com", "redirect=_spf.example.com"},
		{"all with an argument", "-all:x", ""},
		{"include without a name", "include", ""},
		{"include of a top label", "include:example", ""},
		{"include with a prefix", "include:x.example/24", ""},
		{"exists bare", "exists:", ""},
		{"ptr with a prefix", "ptr/24", ""},
		{"numeric top label", "a:x.123", ""},
		{"hyphen at the end", "a:x.example-", ""},
		{"no dot after the macro", "include:%{d}com", ""},
		{"undefined macro", "exists:%{x}.example", ""},
		{"macro of exp", "exists:%{c}.example", ""},
		{"macro for no label", "exists:%{d0}.example", ""},
		{"macro not closed", "exists:%{d.example", ""},
		{"percent alone", "exists:50%.example", ""},
		{"percent at the end", "exists:x.example%", ""},
		{"tab", "a\tmx", ""},
		{"modifier without a name", "=x", ""},
		{"modifier with a bad name", "1x=y", ""},
		{"modifier with a bad macro", "moo=%abc", ""},
		{"redirect empty", "redirect=", ""},
		{"redirect twice", "redirect=a.example redirect=b.example", ""},
		{"exp twice", "exp=a.example exp=a.example", ""},
		{"sender id", "spf2.0/pra", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			record := "v=spf1 mx " + c.term
			_, err := Parse(record)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrSyntax) {
				t.Fatalf("%v, want a syntax error", err)
			}
			if e.Suggestion != c.suggestion {
				t.Errorf("suggestion %q, want %q", e.Suggestion, c.suggestion)
			}
			if e.Record != record || !strings.HasPrefix(record[e.Offset:], e.Term) || e.Term == "" {
				t.Errorf("%q at %d of %q", e.Term, e.Offset, e.Record)
			}
		})
	}
}

func TestParseReasons(t *testing.T) {
	for _, c := range []struct{ name, term, reason string }{
		{"mechanism", "+mxx", "unknown mechanism"},
		{"mechanism of a long name", "excellinclude:x.example", "unknown mechanism"},
		{"no name", ":x.example", "unknown mechanism"},
		{"qualifier alone", "-", "unknown mechanism"},
		{"two qualifiers", "--all", "unknown mechanism"},
		{"name with a bad character", "a%:x.example", "unknown mechanism"},
		{"name of a modifier with a bad character", "a%=x.example", "bad modifier name"},
		{"name of a modifier that begins with a digit", "4=x", "bad modifier name"},
		{"modifier without a name", "=x", "bad modifier name"},
		{"modifier with a qualifier", "+moo=x", "a modifier takes no qualifier"},
		{"modifier with a qualifier and a bad name", "+%=x", "a modifier takes no qualifier"},
		{"modifier with a bad macro", "moo=%", "bad macro"},
		{"redirect with a bad macro", "redirect=%{q}.example", "bad macro"},
		{"redirect to a label", "redirect=example", "not a domain name"},
		{"second redirect", "redirect=x.example redirect=example", "stands twice"},
		{"all", "all/", "all takes no argument"},
		{"include", "include:", "needs a domain name"},
		{"include with a slash", "include/x.example", "needs a domain name"},
		{"exists", "exists/24", "needs a domain name"},
		{"ptr", "ptr:", "not a domain name"},
		{"ptr with a slash", "ptr/x.example", "takes a domain name only"},
		{"a", "a:", "not a domain name"},
		{"a with an empty prefix", "a/", "bad prefix length"},
		{"a with a long prefix", "a:x.example/033", "bad prefix length"},
		{"a with prefixes in disorder", "a//64/24", "bad prefix length"},
		{"ip4", "ip4", "needs an address"},
		{"ip4 with a slash", "ip4/24", "needs an address"},
		{"ip4 of three numbers", "ip4:192.0.2", "not an address"},
		{"ip4 of five numbers", "ip4:192.0.2.1.1", "not an address"},
		{"ip4 above 255", "ip4:192.0.2.256", "not an address"},
		{"ip4 of four digits", "ip4:1920.0.2.1", "not an address"},
		{"ip4 with a zero in front", "ip4:192.0.2.01", "not an address"},
		{"ip4 with ip6", "ip4:2001:db8::", "address of the other family"},
		{"ip4 with a prefix above 32", "ip4:192.0.2.0/33", "bad prefix length"},
		{"ip4 with a prefix of four digits", "ip4:192.0.2.0/0024", "bad prefix length"},
		{"ip4 with two prefixes", "ip4:192.0.2.0/24/24", "bad prefix length"},
		{"ip6 with ip4", "ip6:192.0.2.0/24", "address of the other family"},
		{"ip6 with a prefix above 128", "ip6:2001:db8::/129", "bad prefix length"},
		{"control character behind a name", "all\t", "character outside printable ASCII"},
		{"control character like a letter", "a\x1amx", "character outside printable ASCII"},
		{"control character in a name", "include:x.exa\x7fmple", "character outside printable ASCII"},
		{"control character behind an address", "ip4:192.0.2.1\n", "character outside printable ASCII"},
		{"beyond ASCII behind another fault", "nclude:bücher.example", "character outside printable ASCII"},
		{"beyond ASCII in a second redirect", "redirect=x.example redirect=ü", "character outside printable ASCII"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("v=spf1 " + c.term + " -all")
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Code != ErrSyntax || e.Reason != c.reason {
				t.Errorf("got %v, want %q", err, c.reason)
			}
		})
	}
}

func TestParseHiddenRecord(t *testing.T) {
	for _, c := range []struct {
		name, txt  string
		code       Code
		suggestion string
	}{
		{"other", "google-site-verification=x", ErrNotSPF, ""},
		{"empty", "", ErrNotSPF, ""},
		{"quoted", `"v=spf1 mx ~all"`, ErrQuoted, "v=spf1 mx ~all"},
		{"quoted strings", `"v=spf1 mx " "~all"`, ErrQuoted, "v=spf1 mx  ~all"},
		{"quoted and broken", `"v=spf1 nclude:x.example"`, ErrQuoted, ""},
		{"leading space", " v=spf1 mx ~all", ErrLeadingSpace, "v=spf1 mx ~all"},
		{"leading tab", "\tv=spf1", ErrLeadingSpace, "v=spf1"},
		{"tab behind the version", "v=spf1\tmx -all", ErrHidden, "v=spf1 mx -all"},
		{"line break behind the version", "v=spf1\r\nmx -all", ErrHidden, "v=spf1 mx -all"},
		{"line break at the end", "v=spf1\n", ErrHidden, "v=spf1"},
		{"no-break space", "v=spf1\u00a0mx -all", ErrHidden, "v=spf1 mx -all"},
		{"no-break space of Latin 1", "v=spf1\xa0mx -all", ErrHidden, "v=spf1 mx -all"},
		{"zero-width space", "v=spf1\u200bmx -all", ErrHidden, "v=spf1 mx -all"},
		{"byte order mark", "\ufeffV=SPF1 mx -all", ErrHidden, "V=SPF1 mx -all"},
		{"single quotes", "'v=spf1 mx -all'", ErrHidden, "v=spf1 mx -all"},
		{"typographic quotes", "“v=spf1 mx -all”", ErrHidden, "v=spf1 mx -all"},
		{"escaped quotes", `\"v=spf1 mx -all\"`, ErrHidden, "v=spf1 mx -all"},
		{"commas", "v=spf1,mx,-all", ErrHidden, "v=spf1 mx -all"},
		{"comma and space", "v=spf1, mx -all", ErrHidden, "v=spf1 mx -all"},
		{"semicolon", "v=spf1; exists:%{l1,}.x.example; -all", ErrHidden, ""},
		{"comma before a macro with one", "v=spf1,exists:%{l1,}.x.example -all", ErrHidden, "v=spf1 exists:%{l1,}.x.example -all"},
		{"no space behind the version", "v=spf1mx -all", ErrHidden, "v=spf1 mx -all"},
		{"hidden and broken", "'v=spf1 nclude:x.example'", ErrHidden, ""},
		{"in a sentence", "our record is 'v=spf1 mx'", ErrNotSPF, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.txt)
			var e *Error
			if !errors.As(err, &e) || e.Code != c.code || e.Suggestion != c.suggestion {
				t.Errorf("%#v, want %s with suggestion %q", err, c.code, c.suggestion)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	_, err := Parse("v=spf1 nclude:x.example -all")
	want := `spf: "nclude:x.example" at octet 7: unknown mechanism; perhaps "include:x.example"`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestParseLong(t *testing.T) {
	const pairs = 1000
	r, err := Parse("v=spf1" + strings.Repeat(" ?mx:m.example -ip4:192.0.2.1", pairs))
	if err != nil || len(r.Terms) != 2*pairs {
		t.Fatalf("%d terms, want %d: %v", len(r.Terms), 2*pairs, err)
	}
	for i := 0; i < 2*pairs; i += 2 {
		mx, ip4 := r.Terms[i], r.Terms[i+1]
		mx.Off, ip4.Off = r.Terms[0].Off, r.Terms[1].Off
		if mx != r.Terms[0] || ip4 != r.Terms[1] {
			t.Fatalf("terms %d: %+v, %+v", i, mx, ip4)
		}
	}
	r, err = Parse("v=spf1" + strings.Repeat(" ", 1<<20))
	if err != nil || len(r.Terms) != 0 || cap(r.Terms) > maxRoom {
		t.Errorf("%d terms in room for %d: %v", len(r.Terms), cap(r.Terms), err)
	}
}

func TestRealWorldRecordsParse(t *testing.T) {
	for name, texts := range realWorld(t).zone() {
		for _, txt := range texts {
			if r, err := Parse(txt); err != nil || r.String() != txt {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range mergeVectors(f) {
		for _, txt := range append(v.Existing, v.Required, v.Want) {
			f.Add(txt)
		}
	}
	for _, texts := range realWorld(f).zone() {
		f.Add(texts[0])
	}
	f.Fuzz(func(t *testing.T, txt string) {
		r, err := Parse(txt)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T", err)
			}
			if s := e.Suggestion; s != "" && e.Code == ErrSyntax {
				if _, err := Parse("v=spf1 " + s); err != nil {
					t.Fatalf("suggestion %q for %q: %v", s, e.Term, err)
				}
			}
			return
		}
		canonical := r.Canonical("cust.example")
		again, err := Parse(canonical)
		if err != nil {
			t.Fatalf("%q from %q: %v", canonical, txt, err)
		}
		if got := again.Canonical("cust.example"); got != canonical {
			t.Fatalf("canonical %q, then %q", canonical, got)
		}
		if len(again.Terms) != len(r.Terms) || !Equal(r, again, "cust.example") {
			t.Fatalf("%q is not equal to %q", canonical, txt)
		}
		for i, term := range r.Terms {
			if r.Raw[term.Off:term.Off+len(term.Text)] != term.Text {
				t.Fatalf("%q is not at %d of %q", term.Text, term.Off, r.Raw)
			}
			if !EqualTerm(term, again.Terms[i], "cust.example") {
				t.Fatalf("%q is not equal to %q", term.Text, again.Terms[i].Text)
			}
		}
	})
}
