package cloudflare_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestStoredAsWritten: data of every type with what must be escaped in it stands
// as it was written, or is refused before anything is sent.
func TestStoredAsWritten(t *testing.T) {
	for _, tc := range []struct {
		typ, data string
		want      providers.Code // "": it stands
	}{
		{typ: "NAPTR", data: `10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@example!" .`},
		{typ: "NAPTR", data: `10 10 "u" "E2U+sip" "!^\"a$!sip:x@example!" .`},
		{typ: "NAPTR", data: `10 10 "" "" "" a\.b.example.`},
		{typ: "NAPTR", data: `10 10 "s" "SIP+D2U" "" _sip._udp.example.com.`},
		{typ: "NAPTR", data: `10 10 "u" "E2U+sip" "!^\255$!x!" .`, want: providers.Invalid},
		{typ: "URI", data: `1 1 "https://x.example/\"q\""`},
		{typ: "URI", data: `1 1 "https://x.example/\195\188"`},
		{typ: "URI", data: `1 1 "https://x.example/\255"`, want: providers.Invalid},
		{typ: "CAA", data: `0 issue "ca.example; x=\\y"`},
		{typ: "CAA", data: `0 issue "ca.example; x=\195\188"`},
		{typ: "CAA", data: `0 issue "ca.example; x=\255"`, want: providers.Invalid},
		{typ: "CAA", data: `0 issue "a\"b"`},
		{typ: "CAA", data: `0 issue "\000"`},
		{typ: "TLSA", data: "3 0 0 " + strings.Repeat("ab", 4093)},
		{typ: "TLSA", data: "3 0 0 " + strings.Repeat("ab", 4094), want: providers.Invalid},
		{typ: "HTTPS", data: `1 . alpn="h2" key65000="a\\b\255"`},
		{typ: "HTTPS", data: `1 . key65000="` + strings.Repeat("x", 4000) + `"`},
		{typ: "HTTPS", data: `1 . key65000="` + strings.Repeat("x", 4100) + `"`, want: providers.Invalid},
		{typ: "HTTPS", data: `0 foo\.bar.example.`},
		{typ: "SRV", data: `0 0 0 .`},
		{typ: "SRV", data: `1 2 3 a\.b.example.`},
		{typ: "MX", data: `1 a\.b.example.`},
		{typ: "CNAME", data: `a\.b.example.`},
		{typ: "TXT", data: `"a\\b\"c\255"`},
		{typ: "SSHFP", data: `4 2 abcd`},
		{typ: "DS", data: `1 13 2 ` + strings.Repeat("ab", 32)},
		{typ: "TLSA", data: `3 1 1 AbCd`},
	} {
		t.Run(tc.typ+" "+tc.data[:min(len(tc.data), 60)], func(t *testing.T) {
			p := newPlace(t)
			r, err := zone.New(at("n"), tc.typ, 3600, tc.data)
			if err != nil {
				t.Fatal(err)
			}
			err = session(t, p).Write(t.Context(), p.find(), adds(r))
			got := p.fake.Zone(apex).Records
			if tc.want != "" {
				if err := code(err, tc.want); err != nil || p.fake.Writes() != 0 {
					t.Errorf("%d writes, %v: %v", p.fake.Writes(), got, err)
				}
				return
			}
			if err != nil || !slices.Equal(got, []zone.Record{r}) {
				t.Errorf("wrote\n%v\nstands\n%v, %v", r, got, err)
			}
		})
	}
}

// TestHandMade: a record that was not made by zone.New, or whose Meta says what
// cannot be stored, is refused before anything is sent.
func TestHandMade(t *testing.T) {
	a := zone.Record{Name: at("n"), Type: "A", TTL: 3600, Data: "192.0.2.1"}
	made := func(typ, data string) zone.Record {
		return zone.Record{Name: at("n"), Type: typ, TTL: 3600, Data: data}
	}
	for _, r := range []zone.Record{
		made("CAA", "0\tissue\t\"x\""), made("HTTPS", "1\t."), made("MX", "10\tmx.example."), made("MX", "x mx.example."), made("A", `\# 4 c0000201`), made("CNAME", "rel"), made("TXT", "bare words"),
		{Name: "N.customer.example", Type: "A", TTL: 3600, Data: "192.0.2.1"},
		with(a, "foo=bar"), with(a, "comment=%zz"), with(a, "comment=%FF"), with(a, "comment"), with(a, "tags=%25FF"), with(a, "tags=%25zz"), with(a, "proxied=TRUE"), with(a, "proxied=false"), with(a, "ttl=600"), with(a, "ipv4_only=1"),
	} {
		t.Run(r.Type+" "+r.Data+" "+r.Meta, func(t *testing.T) {
			p := newPlace(t)
			err := session(t, p).Write(t.Context(), p.find(), adds(r))
			if err := code(err, providers.Invalid); err != nil || p.fake.Writes() != 0 {
				t.Errorf("%d writes, %v: %v", p.fake.Writes(), p.fake.Zone(apex).Records, err)
			}
		})
	}
}

// TestBesideNS: Cloudflare takes nothing beside the name servers of a delegation
// but its DS records.
func TestBesideNS(t *testing.T) {
	ns, ds, txt := rec("sub", "NS", "ns1.example"), rec("sub", "DS", "1 13 2 "+strings.Repeat("ab", 32)), rec("sub", "TXT", `"x"`)
	both := []zone.Record{ns, txt} // as it may stand from before the rule
	for _, tc := range []struct {
		name string
		at   []zone.Record
		edit zone.Edit
		want providers.Code
	}{
		{"an address beside NS", []zone.Record{ns}, adds(rec("sub", "A", "192.0.2.1")), providers.Invalid},
		{"NS beside text", []zone.Record{txt}, adds(ns), providers.Invalid},
		{"NS and text at once", nil, zone.Edit{After: []zone.Record{ns, txt}}, providers.Invalid},
		{"a DS beside NS", []zone.Record{ns}, adds(ds), ""},
		{"NS beside a DS", []zone.Record{ds}, adds(ns), ""},
		{"more NS", []zone.Record{ns}, zone.Edit{Before: []zone.Record{ns}, After: []zone.Record{ns, rec("sub", "NS", "ns2.example")}}, ""},
		{"NS in the place of text", []zone.Record{txt}, zone.Edit{Before: []zone.Record{txt}, After: []zone.Record{ns}}, ""},
		{"text below NS", []zone.Record{ns}, adds(rec("a.sub", "TXT", `"x"`)), ""},
		{"both stand, and one goes", both, zone.Edit{Before: []zone.Record{txt}}, ""},
		{"text at the apex, which has name servers too", nil, adds(rec("@", "TXT", `"x"`)), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t, tc.at...)
			z, want := p.find(), tc.at
			err := session(t, p).Write(t.Context(), z, tc.edit)
			if tc.want == "" {
				want = slices.Concat(zone.Subtract(tc.at, tc.edit.Before), tc.edit.After)
			} else {
				err = code(err, tc.want)
			}
			if err := errors.Join(err, differ(p.fake.Zone(apex), zone.NewSnapshot(apex, want))); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestBesideApexNS: name servers at the apex, which can be made and are not
// served, do not stand in the way of what is.
func TestBesideApexNS(t *testing.T) {
	p := newPlace(t)
	if err := p.fake.Raw(apex, `{"name":"customer.example","type":"NS","content":"ns.example","ttl":3600}`); err != nil {
		t.Fatal(err)
	}
	txt := rec("@", "TXT", `"x"`)
	want := append(p.fake.Zone(apex).Records, txt)
	err := session(t, p).Write(t.Context(), p.find(), adds(txt))
	if err := errors.Join(err, differ(p.fake.Zone(apex), zone.NewSnapshot(apex, want))); err != nil {
		t.Error(err)
	}
}

// TestClashThatStands: a name that is out of order already can be edited.
func TestClashThatStands(t *testing.T) {
	cname, x, y := rec("c", "CNAME", "a.example"), rec("c", "TXT", `"x"`), rec("c", "TXT", `"y"`)
	p := newPlace(t, cname, x)
	err := session(t, p).Write(t.Context(), p.find(), zone.Edit{Before: []zone.Record{x}, After: []zone.Record{y}})
	if err := errors.Join(err, differ(p.fake.Zone(apex), zone.NewSnapshot(apex, []zone.Record{cname, y}))); err != nil {
		t.Error(err)
	}
}

// TestSettingsOfTheProxy: they go with it, and stay with it.
func TestSettingsOfTheProxy(t *testing.T) {
	old := with(rec("b", "A", "192.0.2.1"), "comment=x ipv4_only=true proxied=true ttl=auto")
	for _, tc := range []struct{ name, meta, want string }{
		{"not proxied any more", "", "comment=x"},
		{"proxied still", "proxied=true ttl=auto", "comment=x ipv4_only=true proxied=true ttl=auto"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t, old)
			made := with(rec("b", "A", "192.0.2.2"), tc.meta)
			err := session(t, p).Write(t.Context(), p.find(), zone.Edit{Before: []zone.Record{old}, After: []zone.Record{made}})
			if got := p.fake.Zone(apex).Records; err != nil || len(got) != 1 || got[0].Meta != tc.want {
				t.Errorf("got %+v, %v, want Meta %q", got, err, tc.want)
			}
		})
	}
}

// TestUnlikeText: text does not inherit the comment of text of another kind that
// goes in the same edit.
func TestUnlikeText(t *testing.T) {
	proof := with(rec("@", "TXT", `"site-verification=1"`), "comment=search+console tags=seo")
	for _, made := range []zone.Record{rec("@", "TXT", `"v=spf1 mx -all"`), rec("@", "TXT", `"s1te=1"`), rec("@", "TXT", `"plain"`)} {
		p := newPlace(t, proof)
		err := session(t, p).Write(t.Context(), p.find(), zone.Edit{Before: []zone.Record{proof}, After: []zone.Record{made}})
		if got := p.fake.Zone(apex).Records; err != nil || !slices.Equal(got, []zone.Record{made}) {
			t.Errorf("got %+v, %v, want %+v", got, err, made)
		}
	}
}

// TestWindowOfTwo: an edit by somebody else between the driver's readings of two
// names would be lost: there is one reading.
func TestWindowOfTwo(t *testing.T) {
	a, b := rec("a", "TXT", `"1"`), rec("b", "TXT", `"1"`)
	p := newPlace(t, a, b)
	z, reads := p.find(), 0
	p.fake.SetHook(func(r *http.Request) {
		if r.Method == http.MethodGet {
			if reads++; reads == 2 {
				if err := p.fake.Edit(apex, a, rec("a", "TXT", `"theirs"`)); err != nil {
					t.Error(err)
				}
			}
		}
	})
	edit := zone.Edit{Before: []zone.Record{a, b}, After: []zone.Record{rec("a", "TXT", `"2"`), rec("b", "TXT", `"2"`)}}
	err := session(t, p).Write(t.Context(), z, edit)
	if err := errors.Join(err, differ(p.fake.Zone(apex), zone.NewSnapshot(apex, edit.After))); err != nil || reads != 1 {
		t.Errorf("%d readings: %v", reads, err)
	}
}

// TestOneNameRead: of one name no more is asked for than stands there.
func TestOneNameRead(t *testing.T) {
	p := newPlace(t, hosts(50)...)
	z := p.find()
	var asked []string
	p.fake.SetHook(func(r *http.Request) {
		if r.Method == http.MethodGet {
			asked = append(asked, r.URL.Query().Get("name.exact"))
		}
	})
	if err := session(t, p).Write(t.Context(), z, adds(rec("b", "A", "192.0.2.1"))); err != nil || fmt.Sprint(asked) != "[b.customer.example]" {
		t.Errorf("asked for %q, %v", asked, err)
	}
}

// TestMade: a record that is made has what its Meta says.
func TestMade(t *testing.T) {
	p := newPlace(t)
	made := with(rec("p", "A", "192.0.2.1"), "comment=x ipv4_only=true proxied=true tags=a%253Ab ttl=auto")
	err := session(t, p).Write(t.Context(), p.find(), adds(made))
	if got := p.fake.Zone(apex).Records; err != nil || !slices.Equal(got, []zone.Record{made}) {
		t.Errorf("got %+v, %v, want %+v", got, err, made)
	}
}
