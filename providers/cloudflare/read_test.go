package cloudflare_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestForms: records in the forms that the API has had them in.
func TestForms(t *testing.T) {
	for _, tc := range []struct {
		name, object string
		want         zone.Record
	}{
		{"text without quotes", `{"type":"TXT","content":"v=spf1 -all","ttl":3600}`, rec("f", "TXT", `"v=spf1 -all"`)},
		{"long text without quotes", `{"type":"TXT","content":"` + strings.Repeat("x", 300) + `","ttl":3600}`, zone.NewTXT(at("f"), 3600, strings.Repeat("x", 300))},
		{"text in quotes", `{"type":"TXT","content":"\"a\\\"b\\\\c\"","ttl":3600}`, zone.NewTXT(at("f"), 3600, `a"b\c`)},
		{"text in two strings", `{"type":"TXT","content":"\"a\" \"b\"","ttl":3600}`, rec("f", "TXT", `"a" "b"`)},
		{"text as UTF-8", `{"type":"TXT","content":"\"ü\"","ttl":3600}`, zone.NewTXT(at("f"), 3600, "ü")},
		{"text as escapes", `{"type":"TXT","content":"\"\\195\\188\"","ttl":3600}`, zone.NewTXT(at("f"), 3600, "ü")},
		{"text whose quotes do not fit", `{"type":"TXT","content":"\"no end","ttl":3600}`, zone.Record{Name: at("f"), Type: "TXT", TTL: 3600, Data: `"no end`, Opaque: true}},
		{"Auto", `{"type":"A","content":"192.0.2.1","ttl":1}`, with(rec("f", "A", "192.0.2.1"), "ttl=auto")},
		{"a null MX", `{"type":"MX","content":".","priority":0,"ttl":3600}`, rec("f", "MX", "0 .")},
		{"an SRV of its fields", `{"type":"SRV","content":"2 3 a.example","priority":1,"data":{"priority":1,"weight":2,"port":3,"target":"a.example"},"ttl":3600}`, rec("f", "SRV", "1 2 3 a.example")},
		{"an SRV of its content", `{"type":"SRV","content":"2 3 a.example","priority":1,"ttl":3600}`, rec("f", "SRV", "1 2 3 a.example")},
		{"a CAA of its content", `{"type":"CAA","content":"0 issue \"ca.example\"","ttl":3600}`, rec("f", "CAA", `0 issue "ca.example"`)},
		{"an HTTPS record", `{"type":"HTTPS","content":"1 . alpn=\"h2,h3\"","ttl":3600}`, rec("f", "HTTPS", `1 . alpn="h2,h3"`)},
		{"a type that has no name yet", `{"type":"TYPE65400","content":"\\# 1 00","ttl":3600}`, rec("f", "TYPE65400", `\# 1 00`)},
		{"locked", `{"type":"A","content":"192.0.2.1","ttl":3600,"meta":{"read_only":true}}`, with(rec("f", "A", "192.0.2.1"), "read_only=true")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t)
			if err := p.fake.Raw(apex, `{"name":"f.customer.example",`+tc.object[1:]); err != nil {
				t.Fatal(err)
			}
			got, err := p.read()
			if err != nil || !slices.Equal(got.Records, []zone.Record{tc.want}) {
				t.Errorf("got %+v, %v\nwant %+v", got.Records, err, tc.want)
			}
		})
	}
}

// hosts is n address records.
func hosts(n int) []zone.Record {
	var out []zone.Record
	for i := range n {
		out = append(out, rec(fmt.Sprintf("h%03d", i), "A", "192.0.2.1"))
	}
	return out
}

// TestMovingList: a zone that changes while its pages are read is read again, and
// one that never stands still is no zone that was read.
func TestMovingList(t *testing.T) {
	p := newPlace(t, hosts(250)...)
	z, s := p.find(), session(t, p)
	moved := false
	p.fake.SetHook(func(r *http.Request) {
		if r.URL.Query().Get("page") == "2" && !moved { // the count stays, and what is between moves a page ahead
			moved = true
			p.fake.Change(apex, zone.Change{Owner: at("h000"), Remove: []zone.Record{rec("h000", "A", "192.0.2.1")}}, zone.Change{Owner: at("i"), Add: []zone.Record{rec("i", "TXT", `"x"`)}})
		}
	})
	got, err := s.Read(t.Context(), z)
	if err := errors.Join(err, differ(got, p.fake.Zone(apex))); err != nil || !moved {
		t.Errorf("moved once: %v", err)
	}
	p.fake.Set(zone.NewSnapshot(apex, hosts(250)))
	asked := 0
	p.fake.SetHook(func(r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			asked++
			p.fake.Change(apex, zone.Change{Owner: at("new"), Add: []zone.Record{rec("new", "TXT", fmt.Sprintf(`"%d"`, asked))}})
		}
	})
	_, err = s.Read(t.Context(), z)
	if err := code(err, providers.Unavailable); err != nil || asked != 5 {
		t.Errorf("never still: read %d times: %v", asked, err)
	}
}

// TestUnicode: a zone of another script than Latin is found and listed by its
// A-labels, though the API has it in Unicode.
func TestUnicode(t *testing.T) {
	const idn zone.Name = "xn--mnchen-3ya.example"
	p := newPlace(t)
	p.fake.Allow(cloudflaretest.Token{Value: cloudflaretest.AnyToken})
	mine := zone.NewTXT("xn--e28h."+idn, 3600, "x")
	p.fake.Set(zone.NewSnapshot(idn, []zone.Record{mine}))
	z, err := p.acct.Find(t.Context(), idn)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.acct.Read(t.Context(), z)
	if err != nil || !slices.Equal(got.Records, []zone.Record{mine}) {
		t.Errorf("got %v, %v", got.Records, err)
	}
	all, err := session(t, p).(providers.Lister).List(t.Context())
	if err != nil || !slices.ContainsFunc(all, func(z providers.Zone) bool { return z.Apex == idn }) {
		t.Errorf("got %v, %v", all, err)
	}
}

// TestFind: the zone's own plan, name servers and account.
func TestFind(t *testing.T) {
	for _, tc := range []struct {
		name string
		zone cloudflaretest.Zone
		ttl  uint32
		most int
		want providers.Code
	}{
		{name: "free", zone: cloudflaretest.Zone{Plan: "free"}, ttl: 60, most: 200},
		{name: "business", zone: cloudflaretest.Zone{Plan: "business"}, ttl: 60, most: 3500},
		{name: "enterprise", zone: cloudflaretest.Zone{Plan: "enterprise"}, ttl: 30, most: 3500},
		{name: "not yet serving", zone: cloudflaretest.Zone{Status: "pending"}, ttl: 60, most: 200},
		{name: "secondary", zone: cloudflaretest.Zone{Type: "secondary"}, want: providers.Unsupported},
		{name: "partial", zone: cloudflaretest.Zone{Type: "partial"}, want: providers.Unsupported},
		{name: "beside an internal one", zone: cloudflaretest.Zone{Type: "internal"}, ttl: 60, most: 3500},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t)
			tc.zone.Snapshot.Zone = apex
			p.fake.Add(tc.zone)
			z, err := p.acct.Find(t.Context(), apex)
			if tc.want != "" {
				if err := code(err, tc.want); err != nil {
					t.Error(err)
				}
				return
			}
			ns := cloudflaretest.NameServers()
			if err != nil || z.Caps.MinTTL != tc.ttl || z.Caps.MaxBatch != tc.most || !slices.Equal(z.NameServers, ns[:]) || z.ID != p.fake.ID(apex) {
				t.Errorf("%+v, %v", z, err)
			}
		})
	}
}
