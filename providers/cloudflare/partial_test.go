package cloudflare_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestPartialEntries: what an entry lacks, or has of another type than it should,
// is not made up; what can be read of it is, above all that it is kept.
func TestPartialEntries(t *testing.T) {
	for _, tc := range []struct {
		name, fields string
		opaque       bool
		ttl          uint32
		meta         string
	}{
		{"whole", `"type":"TXT","content":"\"x\"","ttl":300`, false, 300, ""},
		{"text without content", `"type":"TXT","ttl":300`, true, 300, ""},
		{"text of null", `"type":"TXT","content":null,"ttl":300`, true, 300, ""},
		{"empty text", `"type":"TXT","content":"","ttl":300`, false, 300, ""},
		{"no TTL", `"type":"A","content":"192.0.2.1"`, true, 0, ""},
		{"a TTL of null", `"type":"A","content":"192.0.2.1","ttl":null,"comment":"c"`, true, 0, "comment=c"},
		{"a TTL of 0", `"type":"A","content":"192.0.2.1","ttl":0`, false, 300, "ttl=auto"},
		{"a TTL below 0", `"type":"A","content":"192.0.2.1","ttl":-1`, true, 0, ""},
		{"a TTL as text", `"type":"A","content":"192.0.2.1","ttl":"300","proxied":true,"meta":{"read_only":true},"comment":"c"`, true, 0, "comment=c proxied=true read_only=true"},
		{"content as a number", `"type":"A","content":5,"ttl":300,"proxied":true,"tags":["a"]`, true, 300, "proxied=true tags=a"},
		{"proxied of null", `"type":"A","content":"192.0.2.1","ttl":300,"proxied":null`, false, 300, ""},
		{"proxied as text", `"type":"A","content":"192.0.2.1","ttl":300,"proxied":"yes"`, true, 300, ""},
		{"locked", `"type":"A","content":"192.0.2.1","ttl":300,"locked":true`, false, 300, "read_only=true"},
		{"not locked", `"type":"A","content":"192.0.2.1","ttl":300,"locked":false,"meta":null`, false, 300, ""},
		{"locked as text", `"type":"A","content":"192.0.2.1","ttl":300,"locked":"yes"`, false, 300, "read_only=true"},
		{"read only as text", `"type":"A","content":"192.0.2.1","ttl":300,"meta":{"read_only":"true"}`, false, 300, "read_only=true"},
		{"of Email Routing", `"type":"MX","content":"mx.example","priority":5,"ttl":300,"meta":{"email_routing":true}`, false, 300, "email_routing=true"},
		{"what is kept cannot be read", `"type":"A","content":"192.0.2.1","ttl":300,"meta":"read_only"`, false, 300, "read_only=true"},
		{"settings that cannot be read", `"type":"A","content":"192.0.2.1","ttl":300,"settings":[],"locked":true`, true, 300, "read_only=true"},
		{"an MX without a priority", `"type":"MX","content":"mx.example","ttl":300`, true, 300, ""},
		{"an SRV without a priority", `"type":"SRV","content":"2 3 a.example","ttl":300`, true, 300, ""},
		{"a URI without a target", `"type":"URI","content":"1 \"https://x\"","priority":1,"data":{"weight":1},"ttl":300`, false, 300, ""},
		{"a URI without a target and content", `"type":"URI","priority":1,"data":{"weight":1},"ttl":300`, true, 300, ""},
		{"a URI without a priority", `"type":"URI","content":"1 \"https://x\"","data":{"weight":1,"target":"https://x"},"ttl":300`, true, 300, ""},
		{"a CAA without a value", `"type":"CAA","data":{"flags":0,"tag":"issue"},"ttl":300`, true, 300, ""},
		{"a CAA of an empty value", `"type":"CAA","data":{"flags":0,"tag":"issue","value":""},"ttl":300`, false, 300, ""},
		{"octets that are no UTF-8", `"type":"TXT","content":"` + "\xff" + `","ttl":300`, true, 300, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			raw := recordJSON(idB, "x."+string(apex), tc.fields)
			l := lies(t, func(r *http.Request) (int, string) {
				if r.Method != http.MethodGet {
					t.Error("something was written")
				}
				return 200, whole(raw)
			})
			snap, err := l.Read(t.Context(), its())
			if err != nil || len(snap.Records) != 1 {
				t.Fatalf("%v, %v", snap, err)
			}
			got := snap.Records[0]
			if got.Opaque != tc.opaque || got.Data == "" || got.TTL != tc.ttl || got.Meta != tc.meta {
				t.Errorf("got %+v, want opaque %t, TTL %d, Meta %q", got, tc.opaque, tc.ttl, tc.meta)
			}
			if strings.Contains(tc.meta, "read_only") || strings.Contains(tc.meta, "email_routing") {
				if err := code(l.Write(t.Context(), its(), zone.Edit{Before: snap.Records}), providers.Unsupported); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestOpaqueIsNotReplaced: a record that could not be read is removed for what
// takes its place, and nothing of it is taken over.
func TestOpaqueIsNotReplaced(t *testing.T) {
	p := newPlace(t)
	if err := p.fake.Raw(apex, `{"name":"f.customer.example","type":"MX","content":"two words","priority":5,"ttl":3600,"comment":"theirs"}`); err != nil {
		t.Fatal(err)
	}
	z, before := p.find(), p.fake.Zone(apex).Records
	ops := p.sent()
	made := rec("f", "MX", "5 mx.example")
	err := session(t, p).Write(t.Context(), z, zone.Edit{Before: before, After: []zone.Record{made}})
	if err := errors.Join(err, differ(p.fake.Zone(apex), zone.NewSnapshot(apex, []zone.Record{made}))); err != nil || len((*ops)["deletes"]) != 1 || len((*ops)["posts"]) != 1 {
		t.Errorf("sent %v: %v", *ops, err)
	}
}

// TestTwins: of two records that say the same, as text with and without quotes
// does, one goes where one is to go.
func TestTwins(t *testing.T) {
	p := newPlace(t)
	for _, content := range []string{`foo`, `\"foo\"`} {
		if err := p.fake.Raw(apex, `{"name":"d.customer.example","type":"TXT","content":"`+content+`","ttl":3600}`); err != nil {
			t.Fatal(err)
		}
	}
	z, s := p.find(), session(t, p)
	twins, err := s.Read(t.Context(), z)
	if err != nil || len(twins.Records) != 2 || twins.Records[0] != twins.Records[1] {
		t.Fatalf("%v, %v", twins.Records, err)
	}
	one := twins.Records[:1]
	if err := code(s.Write(t.Context(), z, zone.Edit{Before: one}), providers.Conflict); err != nil {
		t.Error("one is expected, and two stand:", err)
	}
	if err := s.Write(t.Context(), z, zone.Edit{Before: twins.Records, After: one}); err != nil || !slices.Equal(p.fake.Zone(apex).Records, one) {
		t.Errorf("one of two: %v, %v", p.fake.Zone(apex).Records, err)
	}
	if err := code(s.Write(t.Context(), z, zone.Edit{Before: one, After: twins.Records}), providers.Conflict); err != nil {
		t.Error("two of one, which the host does not take:", err)
	}
}

// TestOddNames: the names of records with octets that zone text escapes are
// compared as what they are, in whichever spelling the host shows them.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"a b", "WWW", `a\\.b`, "it's", "a$b", "*", `a\\032b`} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			if err := p.fake.Raw(apex, `{"name":"`+name+`.customer.example","type":"CNAME","content":"x.example","ttl":3600}`); err != nil {
				t.Fatal(err)
			}
			snap, err := p.read()
			if err != nil || len(snap.Records) != 1 {
				t.Fatalf("%v, %v", snap.Records, err)
			}
			z, s, n := p.find(), session(t, p), snap.Records[0].Name
			txt := zone.NewTXT(n, 3600, "x")
			beside := s.Write(t.Context(), z, adds(txt))
			swap := s.Write(t.Context(), z, zone.Edit{After: []zone.Record{{Name: n, Type: "A", TTL: 3600, Data: "192.0.2.1"}}, Absent: []zone.Key{{Name: n, Type: zone.AnyType}}})
			if err := errors.Join(code(beside, providers.Invalid), code(swap, providers.Conflict)); err != nil || p.fake.Writes() != 0 {
				t.Errorf("%d writes: %v", p.fake.Writes(), err)
			}
			out := p.acct.Apply(t.Context(), z, []zone.Change{{Owner: n, Remove: snap.Records, Add: []zone.Record{txt}, Absent: []string{zone.AnyType}}}, &providers.Run{})
			if err := errors.Join(done(out), differ(p.fake.Zone(apex), zone.NewSnapshot(apex, []zone.Record{txt}))); err != nil {
				t.Error(err)
			}
		})
	}
}
