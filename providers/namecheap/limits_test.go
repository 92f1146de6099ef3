package namecheap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestLimits: what the host would not hold is refused before anything is sent.
func TestLimits(t *testing.T) {
	many := []zone.Record{rec("@", "A", "192.0.2.1")}
	for i := range 149 {
		many = append(many, rec(fmt.Sprintf("h%d", i), "A", "192.0.2.1"))
	}
	one := many[:1]
	at := func(rel string, add ...zone.Record) zone.Change {
		return zone.Change{Owner: rec(rel, "A", "192.0.2.1").Name, Add: add}
	}
	beside := func(r zone.Record) []zone.Record { return append(slices.Clone(one), r) }
	opaque := func(rel, typ, data string) zone.Record {
		return zone.Record{Name: rec(rel, "A", "192.0.2.1").Name, Type: typ, TTL: 600, Data: data}
	}
	for _, c := range []struct {
		name   string
		zone   []zone.Record
		change zone.Change
	}{
		{"the 151st record", many, challengeChange()},
		{"the last record", one, remove(one...)},
		{"another status", one, zone.Change{Owner: "go." + apex, Add: []zone.Record{rec("go", zone.TypeRedirect, "307 https://a.example/")}}},
		{"a redirect to nowhere", one, zone.Change{Owner: "go." + apex, Add: []zone.Record{rec("go", zone.TypeRedirect, "301 ftp://a.example/")}}},
		{"another CAA tag", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "CAA", `0 issuemail "ca.example"`)}}},
		{"iodef without a URL", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "CAA", `0 iodef "somebody"`)}}},
		{"a null MX", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "MX", "0 .")}}},
		{"the 151st record, one of them SRV", append(slices.Clone(many[:149]), sip()), challengeChange()},
		{"another CAA flag", one, at("@", rec("@", "CAA", `7 issue "ca.example"`))},
		{"iodef with a URL of nothing", one, at("@", rec("@", "CAA", `0 iodef "https://"`))},
		{"iodef with a mailbox of nobody", one, at("@", rec("@", "CAA", `0 iodef "mailto:@"`))},
		{"a CAA value with a backslash", one, at("@", rec("@", "CAA", `0 issue "a\\b"`))},
		{"a CAA value with a quote", one, at("@", rec("@", "CAA", `0 issue "a\"b"`))},
		{"a redirect to no host", one, at("go", rec("go", zone.TypeRedirect, "301 http://"))},
		{"a redirect that is too long", one, at("go", rec("go", zone.TypeRedirect, "301 https://a.example/"+strings.Repeat("x", 238)))},
		{"a redirect beside an address", one, at("@", rec("@", zone.TypeRedirect, "301 https://a.example/"))},
		{"an ALIAS beside an address", one, at("@", rec("@", "ALIAS", "a.example"))},
		{"an address beside an ALIAS", beside(rec("x", "ALIAS", "a.example")), at("x", rec("x", "AAAA", "2001:db8::1"))},
		{"a second ALIAS", beside(rec("x", "ALIAS", "a.example")), at("x", rec("x", "ALIAS", "b.example"))},
		{"a second redirect", beside(rec("x", zone.TypeRedirect, "302 https://b.example/")), at("x", rec("x", zone.TypeRedirect, "301 https://a.example/"))},
		{"a CNAME to the root", one, at("x", rec("x", "CNAME", "."))},
		{"name servers that are the root", one, at("x", rec("x", "NS", "."))},
		{"an ALIAS to the root", one, at("x", rec("x", "ALIAS", "."))},
		{"a target with a dot in a label", one, at("x", rec("x", "CNAME", `a\046b.example`))},
		{"an owner with a dot in a label", one, at(`a\046b`, rec(`a\046b`, "A", "192.0.2.1"))},
		{"a text with U+FFFD", one, at("x", rec("x", "TXT", "a\uFFFD"))},
		{"a text with U+FFFE", one, at("x", rec("x", "TXT", "a\uFFFE"))},
		{"a text with U+FFFF", one, at("x", rec("x", "TXT", "a\uFFFF"))},
		{"a text with an octet that is no UTF-8", one, at("x", opaque("x", "TXT", `"a\255"`))},
		{"name servers of the apex", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "NS", "ns.other.example")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{}, c.zone...)
			before := f.Zone(apex)
			o := apply(t, account(t, f, providers.Options{}), c.change)[0]
			if err := same(f.Zone(apex), before); o.State != providers.Rejected || err != nil || f.Writes() != 0 {
				t.Errorf("%s %s %s, %d writes, %v", o.State, o.Code, o.Detail, f.Writes(), err)
			}
		})
	}
}

// TestAtTheLimit: what the host does hold is not refused.
func TestAtTheLimit(t *testing.T) {
	var many []zone.Record
	for i := range 152 {
		many = append(many, rec(fmt.Sprintf("h%d", i), "A", "192.0.2.1"))
	}
	text := rec("x", "TXT", "instead")
	for _, c := range []struct {
		name    string
		zone    []zone.Record
		changes []zone.Change
	}{
		{"the 150th record", many[:149], []zone.Change{challengeChange()}},
		{"the 150th record, one of them SRV", append(slices.Clone(many[:148]), sip()), []zone.Change{challengeChange()}},
		{"one for another where there are too many", many, []zone.Change{remove(many[0]), {Owner: text.Name, Add: []zone.Record{text}}}},
		{"one less where there are too many", many, []zone.Change{remove(many[0])}},
		{"a redirect as long as it may be", many[:1], []zone.Change{{Owner: "go." + apex, Add: []zone.Record{rec("go", zone.TypeRedirect, "301 https://a.example/"+strings.Repeat("x", 237))}}}},
		{"a report to a mailbox", many[:1], []zone.Change{{Owner: apex, Add: []zone.Record{rec("@", "CAA", `128 iodef "mailto:a@ca.example"`)}}}},
		{"a report to a web server", many[:1], []zone.Change{{Owner: apex, Add: []zone.Record{rec("@", "CAA", `0 iodef "https://ca.example/"`)}}}},
		{"a text beside a redirect", []zone.Record{rec("go", zone.TypeRedirect, "301 https://a.example/")}, []zone.Change{{Owner: "go." + apex, Add: []zone.Record{rec("go", "TXT", "x")}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{}, c.zone...)
			if err := becomes(t, f, account(t, f, providers.Options{}), c.changes...); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestForwardingAtTheLimit: five MX records in the place of those that the host
// serves without listing them are five records more.
func TestForwardingAtTheLimit(t *testing.T) {
	var many, own []zone.Record
	for i := range 148 {
		many = append(many, rec(fmt.Sprintf("h%d", i), "A", "192.0.2.1"))
	}
	for i := range 5 {
		own = append(own, rec("@", "MX", fmt.Sprintf("10 mx%d.mail.example", i)))
	}
	f := start(t, namecheaptest.Options{})
	s := zone.NewSnapshot(apex, many)
	s.Meta = "email_type=FWD"
	f.Set(s)
	change := zone.Change{Owner: apex, Remove: f.Zone(apex).At(apex), Add: own}
	if err := refused(t, f, account(t, f, providers.Options{}), providers.Rejected, providers.Unsupported, change); err != nil || f.Writes() != 0 {
		t.Errorf("%d writes, %v", f.Writes(), err)
	}
}

// TestTwice: a record that a plan would write beside itself is refused.
func TestTwice(t *testing.T) {
	f := start(t, namecheaptest.Options{}, mailZone()...)
	s := session(t, f)
	snap, err := s.Read(t.Context(), whole())
	if err != nil {
		t.Fatal(err)
	}
	e := challengeEdit(snap)
	again := challengeChange().Add[0]
	again.TTL++
	e.After = append(slices.Clone(e.After), again)
	if err := s.Write(t.Context(), whole(), e); providers.CodeOf(err) != providers.Invalid || f.Writes() != 0 {
		t.Errorf("%d writes, %v", f.Writes(), err)
	}
}
