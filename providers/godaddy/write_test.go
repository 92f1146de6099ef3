package godaddy_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestRequests: what is sent for an edit, to the letter.
func TestRequests(t *testing.T) {
	parked := zone.Record{Name: apex, Type: "A", TTL: 600, Data: "Parked", Opaque: true}
	sip := func(rel string) zone.Record { return rec(rel, "SRV", "1 2 3 sip.example.net") }
	later := txt("www", "somebody's")
	later.TTL = 600
	for _, c := range []struct {
		name  string
		seed  []zone.Record
		edit  zone.Edit
		wants []string // requests; of writes with their body
	}{
		{
			"a value beside others", nil,
			zone.Edit{Before: site().Set(apex, "TXT"), After: append(site().Set(apex, "TXT"), txt("@", "mine"))},
			[]string{
				"GET /records/TXT/@?limit=500",
				`PUT /records/TXT/@ [{"data":"site-verification=1","ttl":3600},{"data":"v=spf1 include:mail.example -all","ttl":3600},{"data":"mine","ttl":3600}]`,
			},
		},
		{
			"the last value goes", nil,
			zone.Edit{Before: site().Set(name("a"), "TXT")},
			[]string{"GET /records/TXT/a?limit=500", "DELETE /records/TXT/a "},
		},
		{
			"a type that must be absent is looked for in the same reading", nil,
			zone.Edit{After: []zone.Record{rec("new", "CNAME", "x.example.net")}, Absent: []zone.Key{{Name: name("new"), Type: zone.AnyType}}},
			[]string{"GET /records?limit=500", `PUT /records/CNAME/new [{"data":"x.example.net","ttl":3600}]`},
		},
		{
			"an address takes the place of one that is parked",
			[]zone.Record{parked},
			zone.Edit{Before: []zone.Record{parked}, After: []zone.Record{rec("@", "A", "192.0.2.1")}},
			[]string{"GET /records/A/@?limit=500", `PUT /records/A/@ [{"data":"192.0.2.1","ttl":3600}]`},
		},
		{
			"other services below the name are sent along",
			[]zone.Record{sip("_sip._tcp.x"), sip("_sip._udp.x"), sip("_sip._tcp")},
			zone.Edit{Before: []zone.Record{sip("_sip._tcp.x")}, After: []zone.Record{rec("_sip._tcp.x", "SRV", "0 0 443 other.example.net")}},
			[]string{
				"GET /records/SRV/x?limit=500",
				`PUT /records/SRV/x [{"data":"sip.example.net","port":3,"priority":1,"protocol":"_udp","service":"_sip","ttl":3600,"weight":2},` +
					`{"data":"other.example.net","ttl":3600,"priority":0,"service":"_sip","protocol":"_tcp","port":443,"weight":0}]`,
			},
		},
		{
			"a service goes, and others stay",
			[]zone.Record{sip("_sip._tcp"), sip("_sip._udp")},
			zone.Edit{Before: []zone.Record{sip("_sip._tcp")}},
			[]string{
				"GET /records/SRV/@?limit=500",
				`PUT /records/SRV/@ [{"data":"sip.example.net","port":3,"priority":1,"protocol":"_udp","service":"_sip","ttl":3600,"weight":2}]`,
			},
		},
		{
			"the TTL alone changes", nil,
			zone.Edit{Before: site().Set(name("www"), "TXT"), After: []zone.Record{later}},
			[]string{"GET /records/TXT/www?limit=500", `PUT /records/TXT/www [{"data":"somebody's","ttl":600}]`},
		},
		{
			"the domain as a target, and a priority of 0", nil,
			zone.Edit{After: []zone.Record{rec("m", "MX", "0 "+string(apex))}},
			[]string{"GET /records/MX/m?limit=500", `PUT /records/MX/m [{"data":"@","ttl":3600,"priority":0}]`},
		},
		{
			"a wildcard", nil,
			zone.Edit{After: []zone.Record{rec("*.w", "A", "192.0.2.1")}},
			[]string{"GET /records/A/%2A.w?limit=500", `PUT /records/A/%2A.w [{"data":"192.0.2.1","ttl":3600}]`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{zone.NewSnapshot(apex, append(site().Records, c.seed...))}})
			var got []string
			fake.SetHook(func(r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				line := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/v1/domains/"+string(apex))
				if r.Method != http.MethodGet {
					line += " " + string(body)
				}
				got = append(got, line)
			})
			if err := session(t, fake).Write(t.Context(), home(), c.edit); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.wants) {
				t.Errorf("sent %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.wants, "\n     "))
			}
		})
	}
}

// TestRefusals: what the host could not keep as it is meant is refused before
// anything is sent.
func TestRefusals(t *testing.T) {
	edit := func(recs ...zone.Record) zone.Edit { return zone.Edit{After: recs} }
	ttl := func(n uint32) zone.Record { r := txt("t", "x"); r.TTL = n; return r }
	meta := func(data, meta string) zone.Record {
		return zone.Record{Name: name("t"), Type: "TXT", TTL: 600, Data: data, Meta: meta}
	}
	for _, c := range []struct {
		name string
		edit zone.Edit
		code providers.Code
	}{
		{"nothing", zone.Edit{}, providers.Invalid},
		{"two RRsets", edit(txt("a1", "x"), txt("b1", "x")), providers.Invalid},
		{"outside", edit(zone.NewTXT("other.example", 3600, "x")), providers.Invalid},
		{"SOA", edit(rec("@", "SOA", "a.example. b.example. 1 2 3 4 5")), providers.Unsupported},
		{"CAA", edit(rec("@", "CAA", `0 issue "ca.example"`)), providers.Unsupported},
		{"name servers of the apex", edit(rec("@", "NS", "ns1.example.net")), providers.Unsupported},
		{"CNAME at the apex", edit(rec("@", "CNAME", "x.example.net")), providers.Unsupported},
		{"SRV without a service", edit(rec("sip", "SRV", "1 2 3 x.example.net")), providers.Unsupported},
		{"a TTL too low", edit(ttl(599)), providers.Invalid},
		{"a TTL too high", edit(ttl(86401)), providers.Invalid},
		{"a text too long", edit(txt("t", strings.Repeat("x", 1025))), providers.Invalid},
		{"a text with a quote", edit(txt("t", `a"b`)), providers.Invalid},
		{"a text beyond ASCII", edit(txt("t", "grüße")), providers.Invalid},
		{"a text with a line end", edit(txt("t", "a\nb")), providers.Invalid},
		{"no mail", edit(rec("m", "MX", "0 .")), providers.Invalid},
		{"a target of one label", edit(rec("c", "CNAME", "intern.")), providers.Invalid},
		{"a target that is no host name", edit(rec("c", "CNAME", `a\.b.example.net.`)), providers.Invalid},
		{"an odd name", edit(zone.NewTXT(`a\.b.`+apex, 3600, "x")), providers.Invalid},
		{"a name that ends with a hyphen", edit(txt("a-", "x")), providers.Invalid},
		{"an odd service", edit(zone.Record{Name: `_a\032b._tcp.` + apex, Type: "SRV", TTL: 3600, Data: "1 2 3 x.example.net."}), providers.Invalid},
		{"an odd protocol", edit(zone.Record{Name: `_a._t\064p.` + apex, Type: "SRV", TTL: 3600, Data: "1 2 3 x.example.net."}), providers.Invalid},
		{"two CNAMEs", edit(rec("c", "CNAME", "x.example.net"), rec("c", "CNAME", "y.example.net")), providers.Invalid},
		{"one value twice", edit(txt("t", "x"), txt("t", "x")), providers.Invalid},
		{"one value with two TTLs", edit(txt("t", "x"), ttl(600)), providers.Invalid},
		{"no address", edit(zone.Record{Name: name("a"), Type: "A", TTL: 600, Data: "Parked"}), providers.Invalid},
		{"no name server", edit(zone.Record{Name: name("a"), Type: "NS", TTL: 600}), providers.Invalid},
		{"a port too high", edit(zone.Record{Name: name("_a._tcp"), Type: "SRV", TTL: 600, Data: "1 2 70000 x.example.net."}), providers.Invalid},
		{"a priority below zero", edit(zone.Record{Name: name("m"), Type: "MX", TTL: 600, Data: "-1 x.example.net."}), providers.Invalid},
		{"half a string", edit(zone.Record{Name: name("t"), Type: "TXT", TTL: 600, Data: `"a" "b`}), providers.Invalid},
		{"Meta of another host", edit(zone.Record{Name: name("a"), Type: "A", TTL: 600, Data: "192.0.2.1", Meta: "proxied=true"}), providers.Invalid},
		{"Meta of another type", edit(zone.Record{Name: name("a"), Type: "A", TTL: 600, Data: "192.0.2.1", Meta: "quoted=true"}), providers.Invalid},
		{"a raw text too long", edit(meta(`"`+strings.Repeat(`x\"`, 513)+`"`, "raw=true")), providers.Invalid},
		{"a raw text beyond ASCII", edit(meta(`"gr\195\188\195\159e"`, "raw=true")), providers.Invalid},
		{"a raw text in quotes", edit(meta(`"\"a\""`, "raw=true")), providers.Invalid},
		{"a raw text that is plain", edit(meta(`"a"`, "raw=true")), providers.Invalid},
		{"a quoted text too long", edit(meta(zone.QuoteText(strings.Repeat("x", 1020)), "quoted=true")), providers.Invalid},
		{"a quoted text beyond ASCII", edit(meta(`"grüße"`, "quoted=true")), providers.Invalid},
		{"opaque", edit(zone.Record{Name: apex, Type: "A", TTL: 600, Data: "Parked", Opaque: true}), providers.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
			err := session(t, fake).Write(t.Context(), home(), c.edit)
			if providers.CodeOf(err) != c.code || fake.Requests() != 0 {
				t.Errorf("%v after %d requests; want %s after none", err, fake.Requests(), c.code)
			}
		})
	}
}

// TestOddService: service and protocol are held to the same letters as names.
func TestOddService(t *testing.T) {
	fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
	for _, owner := range []zone.Name{`_a\032b._tcp.` + apex, `_a._t\064p.` + apex, `_a._tcp.x\032y.` + apex} {
		e := zone.Edit{After: []zone.Record{{Name: owner, Type: "SRV", TTL: 3600, Data: "1 2 3 x.example.net."}}}
		if err := session(t, fake).Write(t.Context(), home(), e); err == nil || !strings.Contains(err.Error(), "letters, digits, hyphens and underscores") {
			t.Errorf("%s: %v, want to be told of which letters names are", owner, err)
		}
	}
}

// TestStays: what stands may be what no new record may, and goes back as it was.
func TestStays(t *testing.T) {
	own := []zone.Record{
		{Name: apex, Type: "TXT", TTL: 604800, Data: `"own " "borders"`, Meta: "quoted=true"},
		{Name: apex, Type: "TXT", TTL: 604800, Data: `"say \"hi\""`, Meta: "raw=true"},
		zone.NewTXT(apex, 604800, strings.Repeat("long ", 200)),
	}
	fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{zone.NewSnapshot(apex, own)}})
	before, lines := fake.Zone(apex), fake.Lines(apex)
	acct := open(t, fake, fake.Credentials(), providers.Options{})
	for _, c := range []zone.Change{
		{Owner: apex, Add: []zone.Record{txt("@", "mine")}},
		{Owner: apex, Remove: before.Set(apex, "TXT")},
	} {
		for _, c := range []zone.Change{c, c.Inverse()} {
			start := fake.Zone(apex)
			for i, r := range c.Add {
				c.Add[i].TTL = min(r.TTL, 86400) // of what comes back, which is new
			}
			if o := acct.Apply(t.Context(), home(), []zone.Change{c}, &providers.Run{}); !providers.Done(o) {
				t.Fatalf("%+v: %+v", c, o)
			}
			if wrong := differ(fake.Zone(apex), start.With(c)); wrong != "" {
				t.Errorf("%+v: %s", c, wrong)
			}
		}
	}
	for i, l := range lines {
		lines[i] = strings.Replace(l, "604800", "86400", 1)
	}
	slices.Sort(lines)
	if got := fake.Lines(apex); !slices.Equal(got, lines) {
		t.Errorf("got %q\nwant %q", got, lines)
	}
}

// TestUnknownFields: what a record holds that no one knows of goes back with it.
func TestUnknownFields(t *testing.T) {
	fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
	fake.FailNext(1, httpapitest.Fault{Body: `[{"type":"TXT","name":"a","data":"somebody's","ttl":3600,"note":{"a":[1,2]}}]`})
	var sent []map[string]json.RawMessage
	fake.SetHook(func(r *http.Request) {
		if r.Method == http.MethodPut {
			_ = json.NewDecoder(r.Body).Decode(&sent)
		}
	})
	old := site().Set(name("a"), "TXT")
	_ = session(t, fake).Write(t.Context(), home(), zone.Edit{Before: old, After: append(slices.Clone(old), txt("a", "mine"))})
	if len(sent) != 2 || string(sent[0]["note"]) != `{"a":[1,2]}` {
		t.Errorf("sent %s", sent)
	}
}

// TestRemovedMeanwhile: what somebody else has removed just before is no
// success of ours.
func TestRemovedMeanwhile(t *testing.T) {
	fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
	old := site().Set(name("a"), "TXT")
	fake.SetHook(func(r *http.Request) {
		if r.Method == http.MethodDelete {
			fake.Change(apex, zone.Change{Owner: name("a"), Remove: old})
		}
	})
	if err := session(t, fake).Write(t.Context(), home(), zone.Edit{Before: old}); providers.CodeOf(err) != providers.Conflict {
		t.Errorf("got %v, want Conflict", err)
	}
}

// TestAbsentInLargeZone: in a zone of several pages the RRset is read after
// them.
func TestAbsentInLargeZone(t *testing.T) {
	fake := long(t, false)
	cname := rec("new", "CNAME", "x.example.net")
	e := zone.Edit{After: []zone.Record{cname}, Absent: []zone.Key{{Name: cname.Name, Type: zone.AnyType}}}
	if err := session(t, fake).Write(t.Context(), home(), e); err != nil || fake.Requests() != 6 {
		t.Errorf("%v after %d requests, want two pages twice, the RRset and the write", err, fake.Requests())
	}
	e = zone.Edit{After: []zone.Record{rec("h600", "TXT", `"x"`)}, Absent: []zone.Key{{Name: name("h600"), Type: "A"}}}
	if err := session(t, fake).Write(t.Context(), home(), e); providers.CodeOf(err) != providers.Conflict {
		t.Errorf("got %v, want Conflict", err)
	}
}

// TestPutAnswers: a write is done where the host says nothing but success. What
// else it says with success is none, and then nobody knows.
func TestPutAnswers(t *testing.T) {
	for body, ok := range map[string]bool{
		"\n": true, " null ": true, "[]": true, "[ ]": true, "{}": true, "{\r\n}": true,
		`{"error":"no"}`: false, `{"message":"no"}`: false, `{"errors":[1]}`: false, `{"success":false}`: false,
		`{"code":"ODD"}`: false, `[{}]`: false, `"no"`: false, `false`: false, `0`: false, `no JSON`: false, `<html></html>`: false,
	} {
		fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
		fake.FailWrite(1, httpapitest.Fault{Body: body})
		err := session(t, fake).Write(t.Context(), home(), zone.Edit{After: []zone.Record{txt("new", "mine")}})
		e, _ := errors.AsType[*providers.Error](err)
		if ok && err != nil || !ok && (e == nil || e.Code != providers.Unavailable || e.Wrote != providers.WroteUnknown) {
			t.Errorf("%q: %v, want it done: %t", body, err, ok)
		}
	}
}

// TestNoContent: the API's description answers a write with 204.
func TestNoContent(t *testing.T) {
	fake := start(t, godaddytest.Options{NoContent: true, Zones: []zone.Snapshot{site()}})
	if err := session(t, fake).Write(t.Context(), home(), zone.Edit{After: []zone.Record{txt("new", "mine")}}); err != nil {
		t.Error(err)
	}
}
