package godaddy_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// spy is every write that a fake is sent from now on: "PUT /records/TXT/@ […]".
func spy(fake *godaddytest.Fake) *[]string {
	out := &[]string{}
	fake.SetHook(func(r *http.Request) {
		if r.Method != http.MethodGet {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			*out = append(*out, strings.TrimSpace(r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), "/v1/domains/"+string(apex))+" "+string(body)))
		}
	})
	return out
}

// TestWrites: what is written of a zone whose records the host shows in ways that
// no client chose, to the letter; and what is not.
func TestWrites(t *testing.T) {
	const (
		none  = ""
		plain = `{"type":"TXT","name":"@","data":"abc","ttl":3600}`
		quote = `{"type":"TXT","name":"@","data":"\"abc\"","ttl":3600}`
		sip   = `"data":"sip.example.net","priority":1,"weight":2,"port":3,"ttl":3600}`
	)
	quoted := zone.Record{Name: apex, Type: "TXT", TTL: 3600, Data: `"abc"`, Meta: "quoted=true"}
	ttl := func(r zone.Record, n uint32) zone.Record { r.TTL = n; return r }
	opaque := func(rel, typ, data string) zone.Record {
		return zone.Record{Name: name(rel), Type: typ, TTL: 3600, Data: data, Opaque: true}
	}
	tcp, other := rec("_sip._tcp", "SRV", "1 2 3 sip.example.net"), rec("_sip._tcp", "SRV", "1 2 3 x.example.net")
	noCNAME := []zone.Key{{Name: tcp.Name, Type: "CNAME"}}
	for _, c := range []struct {
		name  string
		lines []string
		edit  zone.Edit
		want  string // the write; "": none
		code  providers.Code
	}{
		{
			"of two texts that differ in quotes the one that goes",
			[]string{plain, quote},
			zone.Edit{Before: []zone.Record{txt("@", "abc"), quoted}, After: []zone.Record{quoted}},
			`PUT /records/TXT/@ [{"data":"\"abc\"","ttl":3600}]`, "",
		},
		{
			"and the other one",
			[]string{quote, plain},
			zone.Edit{Before: []zone.Record{txt("@", "abc"), quoted}, After: []zone.Record{txt("@", "abc")}},
			`PUT /records/TXT/@ [{"data":"abc","ttl":3600}]`, "",
		},
		{
			"each with another TTL",
			[]string{plain, quote},
			zone.Edit{Before: []zone.Record{txt("@", "abc"), quoted}, After: []zone.Record{ttl(quoted, 600), ttl(txt("@", "abc"), 900)}},
			`PUT /records/TXT/@ [{"data":"abc","ttl":900},{"data":"\"abc\"","ttl":600}]`, "",
		},
		{
			"a value that is there twice goes once",
			[]string{plain, plain},
			zone.Edit{Before: []zone.Record{txt("@", "abc"), txt("@", "abc")}, After: []zone.Record{txt("@", "abc")}},
			`PUT /records/TXT/@ [{"data":"abc","ttl":3600}]`, "",
		},
		{
			"a value that is there twice stays so",
			[]string{plain, plain},
			zone.Edit{Before: []zone.Record{txt("@", "abc"), txt("@", "abc")}, After: []zone.Record{txt("@", "abc"), txt("@", "abc"), txt("@", "mine")}},
			`PUT /records/TXT/@ [{"data":"abc","ttl":3600},{"data":"abc","ttl":3600},{"data":"mine","ttl":3600}]`, providers.Conflict,
		},
		{
			"of two that differ in their TTL the one that goes",
			[]string{`{"type":"TXT","name":"@","data":"abc","ttl":3600,"note":1}`, `{"type":"TXT","name":"@","data":"abc","ttl":600,"note":2}`},
			zone.Edit{Before: []zone.Record{ttl(txt("@", "abc"), 3600), ttl(txt("@", "abc"), 600)}, After: []zone.Record{ttl(txt("@", "abc"), 600)}},
			`PUT /records/TXT/@ [{"data":"abc","note":2,"ttl":600}]`, providers.Invalid,
		},
		{
			"what could not be read goes for what says the same and can",
			[]string{`{"type":"MX","name":"m","data":"10 mx.example.net.","ttl":3600}`},
			zone.Edit{Before: []zone.Record{opaque("m", "MX", "10 mx.example.net.")}, After: []zone.Record{rec("m", "MX", "10 mx.example.net")}},
			`PUT /records/MX/m [{"data":"mx.example.net","ttl":3600,"priority":10}]`, "",
		},
		{
			"another value in the place of the one that is expected, as many as before",
			[]string{plain},
			zone.Edit{Before: []zone.Record{txt("@", "xyz")}, After: []zone.Record{txt("@", "xyz"), txt("@", "mine")}},
			none, providers.Conflict,
		},
		{
			"another priority of what cannot be read",
			[]string{`{"type":"MX","name":"m","data":"intern","priority":20,"ttl":3600}`},
			zone.Edit{Before: []zone.Record{opaque("m", "MX", "10 intern")}},
			none, providers.Conflict,
		},
		{
			"something where nothing may be",
			[]string{`{"type":"A","name":"new","data":"192.0.2.1","ttl":3600}`},
			zone.Edit{After: []zone.Record{rec("new", "CNAME", "x.example.net")}, Absent: []zone.Key{{Name: name("new"), Type: zone.AnyType}}},
			none, providers.Conflict,
		},
		{
			"services below another name stay out of it",
			[]string{`{"type":"SRV","name":"sub","service":"_sip","protocol":"_tcp",` + sip, `{"type":"SRV","name":"@","service":"_sip","protocol":"_udp",` + sip},
			zone.Edit{After: []zone.Record{other}, Absent: noCNAME},
			`PUT /records/SRV/@ [{"data":"sip.example.net","port":3,"priority":1,"protocol":"_udp","service":"_sip","ttl":3600,"weight":2},` +
				`{"data":"x.example.net","ttl":3600,"priority":1,"service":"_sip","protocol":"_tcp","port":3,"weight":2}]`, "",
		},
		{
			"a service that is shown as part of the name is not sent a second time",
			[]string{`{"type":"SRV","name":"_sip._udp","service":"_sip","protocol":"_udp",` + sip},
			zone.Edit{After: []zone.Record{other}, Absent: noCNAME},
			`PUT /records/SRV/@ [{"data":"x.example.net","ttl":3600,"priority":1,"service":"_sip","protocol":"_tcp","port":3,"weight":2}]`, "",
		},
		{
			"nor is it where it has no fields of its own",
			[]string{`{"type":"SRV","name":"_sip._udp",` + sip},
			zone.Edit{After: []zone.Record{other}, Absent: noCNAME},
			`PUT /records/SRV/@ [{"data":"x.example.net","ttl":3600,"priority":1,"service":"_sip","protocol":"_tcp","port":3,"weight":2}]`, "",
		},
		{
			"nor is it edited under a name that it does not have",
			[]string{`{"type":"SRV","name":"_sip._tcp","service":"_sip","protocol":"_tcp",` + sip},
			zone.Edit{Before: []zone.Record{tcp}, After: []zone.Record{tcp, other}},
			none, providers.Conflict,
		},
		{
			"a name keeps its case",
			[]string{`{"type":"TXT","name":"WWW","data":"abc","ttl":3600}`},
			zone.Edit{Before: []zone.Record{txt("www", "abc")}, After: []zone.Record{txt("www", "abc"), txt("www", "mine")}},
			`PUT /records/TXT/WWW [{"data":"abc","ttl":3600},{"data":"mine","ttl":3600}]`, "",
		},
		{
			"two cases of one name",
			[]string{`{"type":"TXT","name":"WWW","data":"abc","ttl":3600}`, `{"type":"TXT","name":"www","data":"xyz","ttl":3600}`},
			zone.Edit{Before: []zone.Record{txt("www", "abc"), txt("www", "xyz")}, After: []zone.Record{txt("www", "abc")}},
			none, providers.Unsupported,
		},
		{
			"a name that is none does not stand in the way of others",
			[]string{`{"type":"A","name":"www.","data":"192.0.2.1","ttl":3600}`, plain},
			zone.Edit{Before: []zone.Record{txt("@", "abc")}, After: []zone.Record{txt("@", "abc"), txt("@", "mine")}},
			`PUT /records/TXT/@ [{"data":"abc","ttl":3600},{"data":"mine","ttl":3600}]`, "",
		},
		{
			"a name that is none, where it is to be edited",
			[]string{`{"type":"A","name":"www.","data":"192.0.2.1","ttl":3600}`},
			zone.Edit{Before: []zone.Record{{Name: name("www"), Type: "A", TTL: 3600, Data: "www. 192.0.2.1", Opaque: true, Meta: "misnamed=true"}}},
			none, providers.Unsupported,
		},
		{
			"a name that is none, where nothing may be",
			[]string{`{"type":"A","name":"www.","data":"192.0.2.1","ttl":3600}`},
			zone.Edit{After: []zone.Record{rec("www", "CNAME", "x.example.net")}, Absent: []zone.Key{{Name: name("www"), Type: zone.AnyType}}},
			none, providers.Conflict,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{})
			fake.SetLines(apex, append([]string{nameServer}, c.lines...)...)
			sent := spy(fake)
			err := session(t, fake).Write(t.Context(), home(), c.edit)
			if providers.CodeOf(err) != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
			if got := strings.Join(*sent, "; "); got != c.want {
				t.Errorf("sent %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestUnfiltered: where the host lists more than it was asked for, none of it is
// sent along to another name.
func TestUnfiltered(t *testing.T) {
	fake := start(t, godaddytest.Options{Unfiltered: true, Zones: []zone.Snapshot{site()}})
	old := site().Set(name("www"), "TXT")
	err := session(t, fake).Write(t.Context(), home(), zone.Edit{Before: old, After: append(slices.Clone(old), txt("www", "mine"))})
	if providers.CodeOf(err) != providers.Unavailable || fake.Writes() != 0 {
		t.Errorf("%v after %d writes, want Unavailable after none", err, fake.Writes())
	}
	z, err := session(t, fake).Find(t.Context(), apex)
	if want := []zone.Name{"ns51.domaincontrol.com", "ns52.domaincontrol.com"}; err != nil || !slices.Equal(z.NameServers, want) {
		t.Errorf("%v, %v; want %v alone", z.NameServers, err, want)
	}
}

// TestSRVAtItsOwnPath: asked for a path, the host shows a record under a name
// that the path does not have: what a write replaces is not known.
func TestSRVAtItsOwnPath(t *testing.T) {
	fake := start(t, godaddytest.Options{Unfiltered: true})
	fake.SetLines(apex, `{"type":"SRV","name":"_sip._udp","service":"_sip","protocol":"_udp","data":"sip.example.net","priority":1,"weight":2,"port":3,"ttl":3600}`)
	fake.SetLines(apex, append(fake.Lines(apex), nameServer)...)
	e := zone.Edit{After: []zone.Record{rec("_sip._tcp", "SRV", "1 2 3 x.example.net")}}
	for _, absent := range [][]zone.Key{nil, {{Name: name("_sip._tcp"), Type: "CNAME"}}} {
		e.Absent = absent
		if err := session(t, fake).Write(t.Context(), home(), e); providers.CodeOf(err) != providers.Unavailable || fake.Writes() != 0 {
			t.Errorf("absent %v: %v after %d writes, want Unavailable after none", absent, err, fake.Writes())
		}
	}
}

// TestOpaqueNumbers: records that cannot be read differ by their numbers.
func TestOpaqueNumbers(t *testing.T) {
	fake := start(t, godaddytest.Options{})
	fake.SetLines(apex, nameServer,
		`{"type":"MX","name":"m","data":"intern","priority":10,"ttl":3600}`,
		`{"type":"MX","name":"m","data":"intern","priority":20,"ttl":3600}`)
	got, err := session(t, fake).Read(t.Context(), home())
	if set := got.Set(name("m"), "MX"); err != nil || len(set) != 2 || set[0] == set[1] || !set[0].Opaque {
		t.Errorf("got %v, %v; want two that differ", set, err)
	}
}
