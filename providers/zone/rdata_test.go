package zone_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
)

// canonicalCases are spellings and the one that is compared; want is empty
// where there is none.
var canonicalCases = []struct{ name, typ, data, want string }{
	{"A", "A", "192.0.2.1", "192.0.2.1"},
	{"A with blanks around", "A", " 192.0.2.1\t", "192.0.2.1"},
	{"A with leading zeros, which readers take for octal", "A", "192.0.2.01", ""},
	{"A that is none", "A", "192.0.2", ""},
	{"A with an IPv6 address", "A", "2001:db8::1", ""},
	{"A mapped into IPv6", "A", "::ffff:192.0.2.1", ""},
	{"A as RFC 3597 data", "A", `\# 4 c0000201`, "192.0.2.1"},
	{"A as RFC 3597 data of a wrong length", "A", `\# 3 c00002`, ""},
	{"AAAA", "AAAA", "2001:DB8:0:0::0001", "2001:db8::1"},
	{"AAAA of an IPv4 address", "AAAA", "192.0.2.1", ""},
	{"AAAA with a zone", "AAAA", "fe80::1%eth0", ""},
	{"AAAA that maps IPv4", "AAAA", "::ffff:192.0.2.1", "::ffff:192.0.2.1"},

	{"TXT bare", "TXT", "token", `"token"`},
	{"TXT bare with a semicolon, which is no comment here", "TXT", "v=DKIM1;p=", `"v=DKIM1;p="`},
	{"TXT two bare strings", "TXT", "a  b", `"a" "b"`},
	{"TXT quoted", "TXT", `"a b"`, `"a b"`},
	{"TXT borders stay", "TXT", `"v=spf1 "   "-all"`, `"v=spf1 " "-all"`},
	{"TXT strings without a blank between", "TXT", `"a""b"`, `"a" "b"`},
	{"TXT empty string", "TXT", `""`, `""`},
	{"TXT of no string", "TXT", "", ""},
	{"TXT escapes", "TXT", `"\"\\\065\a\200"`, `"\"\\Aa\200"`},
	{"TXT raw octets", "TXT", "\"ü\x01\"", `"\195\188\001"`},
	{"TXT escape out of range", "TXT", `"\256"`, ""},
	{"TXT escape cut short", "TXT", `"\01"`, ""},
	{"TXT lone backslash", "TXT", `a\`, ""},
	{"TXT open quote", "TXT", `"a`, ""},
	{"TXT quote inside", "TXT", `a"b"`, ""},
	{"TXT of a string no wire holds", "TXT", `"` + strings.Repeat("x", 300) + `"`, `"` + strings.Repeat("x", 255) + `" "` + strings.Repeat("x", 45) + `"`},
	{"TXT as RFC 3597 data", "TXT", `\# 3 026162`, `"ab"`},
	{"SPF", "SPF", `"v=spf1 -all"`, `"v=spf1 -all"`},

	{"CNAME", "CNAME", "Edge.App.Example", "edge.app.example."},
	{"CNAME with its dot", "CNAME", "edge.app.example.", "edge.app.example."},
	{"CNAME of the root", "CNAME", ".", "."},
	{"CNAME of an origin nobody gave", "CNAME", "@", ""},
	{"CNAME of a U-label", "CNAME", "bücher.example.", ""},
	{"CNAME of two", "CNAME", "a. b.", ""},
	{"CNAME of none", "CNAME", "", ""},
	{"CNAME in quotes", "CNAME", `"edge.app.example."`, ""},
	{"CNAME with a comment", "CNAME", "edge.app.example.;mine", ""},
	{"CNAME with an escaped blank", "CNAME", `a\ b.example.`, `a\032b.example.`},
	{"CNAME after a blank that is none of DNS", "CNAME", "\u00a0a.example.", ""},
	{"NS", "NS", "NS1.example", "ns1.example."},
	{"PTR", "PTR", "Host.example", "host.example."},
	{"DNAME", "DNAME", "Other.example", "other.example."},
	{"ALIAS", "ALIAS", "Edge.app.example", "edge.app.example."},
	{"REDIRECT is the host's own text", "REDIRECT", " 301 https://X.example/ ", " 301 https://X.example/ "},
	{"MX", "MX", "010\tMail.Example", "10 mail.example."},
	{"MX null", "MX", "0 .", "0 ."},
	{"MX without preference", "MX", "mail.example.", ""},
	{"MX above 16 bits", "MX", "65536 mail.example.", ""},
	{"MX with a sign", "MX", "+10 mail.example.", ""},
	{"SRV", "SRV", "01 2 5060 Sip.example", "1 2 5060 sip.example."},
	{"SRV short", "SRV", "1 2 sip.example", ""},
	{"SOA", "SOA", "NS1.example Host.example 2026010101 3600 600 86400 0300", "ns1.example. host.example. 2026010101 3600 600 86400 300"},
	{"SOA with units", "SOA", "ns1.example host.example 1 1h 600 86400 300", ""},
	{"CAA", "CAA", `0 ISSUE "ca.example"`, `0 issue "ca.example"`},
	{"CAA bare value", "CAA", "128 issue ca.example", `128 issue "ca.example"`},
	{"CAA with tabs", "CAA", "0\tissue\t\"ca.example\"", `0 issue "ca.example"`},
	{"CAA that forbids", "CAA", `0 issue ";"`, `0 issue ";"`},
	{"CAA empty value", "CAA", `0 issue ""`, `0 issue ""`},
	{"CAA no value", "CAA", "0 issue", ""},
	{"CAA two values", "CAA", `0 issue "a" "b"`, ""},
	{"CAA flags above 255", "CAA", `256 issue "a"`, ""},
	{"CAA tag with a hyphen", "CAA", `0 is-sue "a"`, ""},

	{"HTTPS parameters in key order", "HTTPS", `1 . port=8443 ipv4hint=192.0.2.1 alpn=h2,h3`, `1 . alpn="h2,h3" port="8443" ipv4hint="192.0.2.1"`},
	{"HTTPS alias", "HTTPS", "0 edge.app.example", "0 edge.app.example."},
	{"TLSA", "TLSA", "3 1 1 ABCDEF01", "3 1 1 abcdef01"},
	{"TLSA with a comment, which would be lost", "TLSA", "3 1 1 abcdef01 ; mine", ""},
	{"TLSA in a group", "TLSA", "3 1 1 ( abcdef01 )", ""},
	{"TLSA on two lines", "TLSA", "3 1 1\nabcdef01", ""},
	{"TLSA empty", "TLSA", "", ""},
	{"NAPTR", "NAPTR", `100 010 "u" "sip+E2U" "!^.*$!sip:info@example.com!" .`, `100 10 "u" "sip+E2U" "!^.*$!sip:info@example.com!" .`},
	{"SSHFP", "SSHFP", "4 2 AB CD", "4 2 ABCD"},
	{"DS", "DS", "12345 8 2 ab cd", "12345 8 2 ABCD"},
	{"LOC", "LOC", "52 22 23.000 N 4 53 32.000 E -2m 0m 10000m 10m", "52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m"},
	{"URI", "URI", `10 1 "https://x.example/;a(b)"`, `10 1 "https://x.example/;a(b)"`},
	{"a type DNS does not know", "TYPE65400", `\#  4 DEAD beef`, `\# 4 deadbeef`},
	{"a type DNS does not know, empty", "TYPE65400", `\# 0`, `\# 0`},
	{"a type DNS does not know, of a wrong length", "TYPE65400", `\# 3 deadbeef`, ""},
	{"a type without text form", "NULL", `\# 2 0102`, `\# 2 0102`},
	{"a type that is a question", "ANY", "", ""},
	{"a type nobody knows", "WORKER", "x", ""},
	{"a type that is two words", "TXT IN", "x", ""},
}

func TestCanonical(t *testing.T) {
	for _, c := range canonicalCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := zone.Canonical(c.typ, c.data)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("Canonical(%q, %q) = %q, %v; want %q", c.typ, c.data, got, err, c.want)
			}
			if again, err := zone.Canonical(c.typ, got); c.want != "" && (again != got || err != nil) {
				t.Errorf("Canonical(%q, %q) = %q, %v; want it unchanged", c.typ, got, again, err)
			}
		})
	}
}

func TestCanonicalType(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"cname", "CNAME"},
		{" Txt ", "TXT"},
		{"TYPE5", "CNAME"},
		{"type16", "TXT"},
		{"TYPE65400", "TYPE65400"},
		{"TYPE065400", "TYPE65400"},
		{"TYPE65536", "TYPE65536"},
		{"alias", "ALIAS"},
		{"", ""},
	} {
		if got := zone.CanonicalType(c.in); got != c.want {
			t.Errorf("CanonicalType(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNewError(t *testing.T) {
	_, err := zone.New("www.customer.example", "mx", 300, "mail")
	want := `zone: www.customer.example. MX: "mail" has 1 fields, MX wants 2`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRR(t *testing.T) {
	for _, c := range canonicalCases {
		if c.want == "" || c.typ == zone.TypeAlias || c.typ == zone.TypeRedirect {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			r, err := zone.New("a.customer.example", c.typ, 300, c.data)
			if err != nil {
				t.Fatal(err)
			}
			rr, err := r.RR()
			if err != nil {
				t.Fatal(err)
			}
			back, err := zone.FromRR(rr)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(back, r); d != "" {
				t.Errorf("through the wire form (-got +want):\n%s", d)
			}
		})
	}
	for _, r := range []zone.Record{
		{Name: "a.example", Type: "A", Data: "what?", Opaque: true},
		{Name: "a.example", Type: "ALIAS", Data: "b.example."},
	} {
		if rr, err := r.RR(); err == nil {
			t.Errorf("%v: got %v, want an error", r, rr)
		}
	}
}

func TestParseStrings(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"one", `"a b"`, []string{"a b"}},
		{"bare and quoted", "a \"b c\"\td", []string{"a", "b c", "d"}},
		{"empty", `"" ""`, []string{"", ""}},
		{"escaped quote in a bare string", `a\"b`, []string{`a"b`}},
		{"octets", `"\000\255"`, []string{"\x00\xff"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := zone.ParseStrings(c.data)
			if d := cmp.Diff(got, c.want); d != "" || err != nil {
				t.Errorf("ParseStrings(%q), error %v (-got +want):\n%s", c.data, err, d)
			}
			again, err := zone.ParseStrings(zone.QuoteStrings(got...))
			if d := cmp.Diff(again, got); d != "" || err != nil {
				t.Errorf("quoted and read again, error %v (-got +want):\n%s", err, d)
			}
		})
	}
}

func TestQuoteText(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		want []int
	}{
		{"empty", 0, []int{0}},
		{"full", 255, []int{255}},
		{"one more", 256, []int{255, 1}},
		{"two full", 510, []int{255, 255}},
		{"766", 766, []int{255, 255, 255, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			strs, err := zone.ParseStrings(zone.QuoteText(strings.Repeat("\xff", c.n)))
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, s := range strs {
				got = append(got, len(s))
			}
			if d := cmp.Diff(got, c.want); d != "" {
				t.Errorf("string lengths (-got +want):\n%s", d)
			}
		})
	}
}

func TestSameData(t *testing.T) {
	txt := func(data string) zone.Record {
		return zone.Record{Name: "a.example", Type: "TXT", TTL: 60, Data: data}
	}
	opaque := func(r zone.Record) zone.Record { r.Opaque = true; return r }
	for _, c := range []struct {
		name string
		a, b zone.Record
		want bool
	}{
		{"TXT borders do not count", txt(`"ab"`), txt(`"a" "b"`), true},
		{"TXT blanks do", txt(`"ab"`), txt(`"a b"`), false},
		{"TTL and Meta do not count", txt(`"a"`), zone.Record{Name: "a.example", Type: "TXT", TTL: 5, Data: `"a"`, Meta: "x=1"}, true},
		{"another owner", txt(`"a"`), zone.Record{Name: "b.example", Type: "TXT", Data: `"a"`}, false},
		{"another type", txt(`"a"`), zone.Record{Name: "a.example", Type: "SPF", Data: `"a"`}, false},
		{"opaque data is compared to the byte", opaque(txt(`"ab"`)), opaque(txt(`"a" "b"`)), false},
		{"opaque data is not the same as read data", opaque(txt(`"ab"`)), txt(`"ab"`), false},
		{"opaque data is the same as itself", opaque(txt(`"a`)), opaque(txt(`"a`)), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.a.SameData(c.b); got != c.want {
				t.Errorf("%v, %v: got %t, want %t", c.a, c.b, got, c.want)
			}
			if got := c.b.SameData(c.a); got != c.want {
				t.Errorf("the other way round: got %t, want %t", got, c.want)
			}
		})
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		typ, data string
		want      zone.Name
		ok        bool
	}{
		{"CNAME", "a.example.", "a.example", true},
		{"MX", "10 a.example.", "a.example", true},
		{"MX", "0 .", zone.Root, true},
		{"SRV", "1 2 3 a.example.", "a.example", true},
		{"ALIAS", "a.example.", "a.example", true},
		{"TXT", `"a.example."`, "", false},
		{"MX", "a.example.", "", false},
	} {
		got, ok := zone.Record{Name: "x.example", Type: c.typ, Data: c.data}.Target()
		if got != c.want || ok != c.ok {
			t.Errorf("%s %s: got %q, %t; want %q, %t", c.typ, c.data, got, ok, c.want, c.ok)
		}
	}
	if n, ok := (zone.Record{Name: "x.example", Type: "CNAME", Data: "a.example.", Opaque: true}).Target(); ok {
		t.Errorf("opaque data: got %q, want none", n)
	}
}

// TestLongCAA: a value that could not be written again has no canonical form, and its
// record is kept as it is.
func TestLongCAA(t *testing.T) {
	for n, ok := range map[int]bool{255: true, 256: false} {
		data := `0 issue "` + strings.Repeat("x", n) + `"`
		if _, err := zone.Canonical("CAA", data); (err == nil) != ok {
			t.Errorf("%d octets: got %v, want it to be accepted: %v", n, err, ok)
		}
		s := zone.NewSnapshot("a.example", []zone.Record{{Name: "a.example", Type: "CAA", Data: data}})
		if r := s.Records[0]; r.Data != data || r.Opaque == ok {
			t.Errorf("%d octets: kept as %+v", n, r)
		}
	}
}
