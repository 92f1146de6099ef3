package entri_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/providers/zone"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ in, domain, subdomain, sld, tld string }{
		{"example.com", "example.com", "", "example", "com"},
		{"blog.example.com", "example.com", "blog", "example", "com"},
		{"a.b.example.co.uk", "example.co.uk", "a.b", "example", "co.uk"},
		{" Customer.Example.\t", "customer.example", "", "customer", "example"},
		{"https://www.example.com/shop?x=1#top", "example.com", "www", "example", "com"},
		{"HTTP://example.com:8080", "example.com", "", "example", "com"},
		{"//example.com/", "example.com", "", "example", "com"},
		{"example.com/path", "example.com", "", "example", "com"},
		{"example.com:443", "example.com", "", "example", "com"},
		{"shop.uk.com", "shop.uk.com", "", "shop", "uk.com"},                             // private suffix: CentralNic
		{"www.customer.github.io", "customer.github.io", "www", "customer", "github.io"}, // private suffix
		{"a.city.kawasaki.jp", "city.kawasaki.jp", "a", "city", "kawasaki.jp"},           // exception rule
		{"a.b.c.kawasaki.jp", "b.c.kawasaki.jp", "a", "b", "c.kawasaki.jp"},              // wildcard rule
		{"machine.corp.internal", "corp.internal", "machine", "corp", "internal"},        // not in the list
		{"bücher.example", "xn--bcher-kva.example", "", "xn--bcher-kva", "example"},
		{"XN--BCHER-KVA.example", "xn--bcher-kva.example", "", "xn--bcher-kva", "example"},
		{"Faß。de", "xn--fa-hia.de", "", "xn--fa-hia", "de"}, // not fass.de: IDNA 2008, and an ideographic full stop
		{"例え.テスト", "xn--r8jz45g.xn--zckzah", "", "xn--r8jz45g", "xn--zckzah"},
		{"食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn", "", "xn--85x722f", "xn--55qx5d.cn"},
		{"_app.example.com", "example.com", "_app", "example", "com"},
		{"r3---sn-abc.example.com", "example.com", "r3---sn-abc", "example", "com"},
		{"123.example.com", "example.com", "123", "example", "com"},
	} {
		got, err := entri.Split(c.in)
		want := entri.Domain{Domain: zone.Name(c.domain), Subdomain: c.subdomain, SLD: c.sld, TLD: c.tld}
		if err != nil || got != want {
			t.Errorf("Split(%q) = %+v, %v, want %+v", c.in, got, err, want)
		}
	}
}

func TestSplitErrors(t *testing.T) {
	for _, c := range []struct {
		in   string
		code entri.Code
		want string
	}{
		{"", entri.EmptyName, `entri: empty; enter a domain, such as customer.example`},
		{" \u00a0", entri.EmptyName, "entri: \"\u0020\\u00a0\": empty; enter a domain, such as customer.example"},
		{"com", entri.SuffixName, `entri: "com": no domain but a single word; enter it with its ending, such as "com.com"`},
		{"localhost", entri.SuffixName, `entri: "localhost": no domain but a single word; enter it with its ending, such as "localhost.com"`},
		{"co.uk", entri.SuffixName, `entri: "co.uk": an ending under which others register; enter the domain below it, such as "customer.co.uk"`},
		{"github.io", entri.SuffixName, `entri: "github.io": an ending under which others register; enter the domain below it, such as "customer.github.io"`},
		{"192.0.2.1", entri.AddressName, `entri: "192.0.2.1": an IP address; enter the domain that leads to it`},
		{"http://192.0.2.1:80/", entri.AddressName, `entri: "http://192.0.2.1:80/": an IP address; enter the domain that leads to it`},
		{"2001:db8::1", entri.AddressName, `entri: "2001:db8::1": an IP address; enter the domain that leads to it`},
		{"https://[2001:db8::1]:443/", entri.AddressName, `entri: "https://[2001:db8::1]:443/": an IP address; enter the domain that leads to it`},
		{"999.999.999.999", entri.InvalidName, `entri: "999.999.999.999": no top-level domain is a number; enter a domain, such as customer.example`},
		{"me@example.com", entri.EmailName, `entri: "me@example.com": an e-mail address; enter the domain after the @ ("example.com")`},
		{"*.example.com", entri.WildcardName, `entri: "*.example.com": a wildcard; enter the name without the *`},
		{"example..com", entri.InvalidName, `entri: "example..com": no domain name: nothing between two dots, or a dot at its start or end; enter a domain, such as customer.example`},
		{".example.com", entri.InvalidName, `entri: ".example.com": no domain name: nothing between two dots, or a dot at its start or end; enter a domain, such as customer.example`},
		{"my shop.com", entri.InvalidName, `entri: "my shop.com": no domain name: "my shop" holds what no name may; enter a domain, such as customer.example`},
		{"-a.com", entri.InvalidName, `entri: "-a.com": no domain name: "-a" begins or ends with a hyphen; enter a domain, such as customer.example`},
		{"_app.com", entri.InvalidName, `entri: "_app.com": nobody can register a name with an underscore; enter the domain below which "_app.com" stands`},
		{"xn--a.com", entri.InvalidName, `entri: "xn--a.com": no domain name: invalid label "\u0080"; enter a domain, such as customer.example`},
		{strings.Repeat("a.", 126) + "com", entri.InvalidName, `entri: "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."…: longer than the 253 characters that DNS allows; enter a domain, such as customer.example`},
	} {
		got, err := entri.Split(c.in)
		if fmt.Sprint(err) != c.want {
			t.Errorf("Split(%q) = %+v\ngot  %v\nwant %s", c.in, got, err, c.want)
			continue
		}
		if e := err.(*entri.Error); e.Code != c.code { //nolint:errorlint // the documented type
			t.Errorf("Split(%q): code %s, want %s", c.in, e.Code, c.code)
		}
	}
}

// FuzzSplit wants every name that is accepted to be a name that DNS takes,
// split where the public suffix list says, and the same when split again.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"example.com", "https://www.example.co.uk:8080/path", "bücher。example", "xn--bcher-kva.example", "[::1]:80", "me@example.com",
		"*.example.com", "a..b", "192.0.2.1", "\u200bexample.com", "ﷺ.com", "xn--.com", "א0.com", "ß.de", "a\u0301.com", "www.city.kawasaki.jp",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := entri.Split(s)
		if err != nil {
			if d != (entri.Domain{}) || !strings.HasPrefix(err.Error(), "entri: ") {
				t.Fatalf("Split(%q) = %+v, %v", s, d, err)
			}
			return
		}
		name, err := zone.ParseName(string(d.Name()))
		if err != nil || name != d.Name() {
			t.Fatalf("Split(%q).Name() = %q, which is %q, %v", s, d.Name(), name, err)
		}
		if again, err := entri.Split(string(d.Name())); err != nil || again != d {
			t.Fatalf("Split(%q) = %+v, again %+v, %v", s, d, again, err)
		}
		if registered, err := publicsuffix.EffectiveTLDPlusOne(string(d.Name())); err != nil || registered != string(d.Domain) {
			t.Fatalf("Split(%q) = %+v, the list says %q, %v", s, d, registered, err)
		}
		if d.SLD+"."+d.TLD != string(d.Domain) || d.SLD == "" || strings.Contains(d.SLD, ".") {
			t.Fatalf("Split(%q) = %+v", s, d)
		}
	})
}
