package cloudflare_test

import (
	"encoding/json"
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

// sent is the operations of the batches that come from now on.
func (p *place) sent() *map[string][]map[string]any {
	ops := &map[string][]map[string]any{}
	p.fake.SetHook(func(r *http.Request) {
		if r.Method == http.MethodPost {
			if err := json.NewDecoder(r.Body).Decode(ops); err != nil {
				p.t.Error(err)
			}
		}
	})
	return ops
}

// TestInPlace: a value that takes another's place is put into its record, which
// keeps its identifier, comment and tags; what does not change is not sent.
func TestInPlace(t *testing.T) {
	spf := with(rec("@", "TXT", `"v=spf1 include:mail.example -all"`), "comment=mail tags=a%253Ab ttl=auto")
	token := rec("@", "TXT", `"site-verification=1"`)
	p := newPlace(t, spf, token, rec("@", "MX", "10 mx.example"))
	id, ops := p.fake.Identifier(apex, spf), p.sent()
	merged := rec("@", "TXT", `"v=spf1 include:mail.example include:app.example -all"`)
	if err := done(p.apply(zone.Change{Owner: apex, Remove: []zone.Record{spf}, Add: []zone.Record{merged}})); err != nil {
		t.Fatal(err)
	}
	after := with(merged, "comment=mail tags=a%253Ab")
	if got := p.fake.Identifier(apex, after); got != id {
		t.Errorf("it stands as record %q, want %q: %v", got, id, p.fake.Zone(apex))
	}
	if len(*ops) != 1 || len((*ops)["patches"]) != 1 {
		t.Errorf("sent %v, want one patch and nothing else", *ops)
	}
}

// TestTheRightPlace: of several values that change at once, each takes the place
// of the one that it is most like.
func TestTheRightPlace(t *testing.T) {
	spf, dmarc := with(rec("@", "TXT", `"v=spf1 mx -all"`), "comment=spf"), with(rec("@", "TXT", `"v=DMARC1; p=none"`), "comment=dmarc")
	near, far := with(rec("@", "MX", "10 near.example"), "comment=near"), with(rec("@", "MX", "20 far.example"), "comment=far")
	spf.TTL, dmarc.TTL = 3600, 3600
	p := newPlace(t, spf, dmarc, near, far)
	err := done(p.apply(zone.Change{
		Owner: apex, Remove: []zone.Record{spf, dmarc, near, far},
		Add: []zone.Record{rec("@", "TXT", `"v=DMARC1; p=reject"`), rec("@", "TXT", `"v=spf1 mx a -all"`), rec("@", "MX", "5 far.example"), rec("@", "MX", "10 new.example")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []zone.Record{
		with(rec("@", "MX", "10 new.example"), "comment=near"), with(rec("@", "MX", "5 far.example"), "comment=far"),
		with(rec("@", "TXT", `"v=DMARC1; p=reject"`), "comment=dmarc"), with(rec("@", "TXT", `"v=spf1 mx a -all"`), "comment=spf"),
	}
	if err := differ(p.fake.Zone(apex), zone.NewSnapshot(apex, want)); err != nil {
		t.Error(err)
	}
}

// TestWhatStaysIsNotSent: an edit that brings nothing new sends nothing.
func TestWhatStaysIsNotSent(t *testing.T) {
	a := rec("a", "A", "192.0.2.1")
	p := newPlace(t, a)
	z := p.find()
	if err := session(t, p).Write(t.Context(), z, zone.Edit{Before: []zone.Record{a}, After: []zone.Record{a}}); err != nil || p.fake.Writes() != 0 {
		t.Errorf("%d writes, %v", p.fake.Writes(), err)
	}
}

// TestMetaWritten: what a record's Meta says is written with it, and a value that
// takes a proxied one's place is proxied only where its own Meta says so.
func TestMetaWritten(t *testing.T) {
	before := with(rec("www", "A", "192.0.2.1"), "comment=x proxied=true tags=a%253Ab ttl=auto")
	for _, tc := range []struct {
		name string
		to   zone.Record
		want string // Meta of what stands then
	}{
		{"another value", rec("www", "A", "192.0.2.2"), "comment=x tags=a%253Ab"},
		{"another value, proxied too", with(rec("www", "A", "192.0.2.2"), "proxied=true ttl=auto"), "comment=x proxied=true tags=a%253Ab ttl=auto"},
		{"another value, with a comment of its own", with(rec("www", "A", "192.0.2.2"), "comment=y+%3D+%22z%22"), "comment=y+%3D+%22z%22 tags=a%253Ab"},
		{"the same value, not proxied", rec("www", "A", "192.0.2.1"), ""},
		{"the same value, other tags", with(rec("www", "A", "192.0.2.1"), "tags=c%253Ad+e ttl=auto"), "tags=c%253Ad+e ttl=auto"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t, before)
			id := p.fake.Identifier(apex, before)
			if err := done(p.apply(zone.Change{Owner: at("www"), Remove: []zone.Record{before}, Add: []zone.Record{tc.to}})); err != nil {
				t.Fatal(err)
			}
			got := p.fake.Zone(apex).At(at("www"))
			if len(got) != 1 || got[0].Meta != tc.want || got[0].Data != tc.to.Data || got[0].TTL != tc.to.TTL || p.fake.Identifier(apex, got[0]) != id {
				t.Errorf("got %+v, want %+v with %q, under its identifier", got, tc.to, tc.want)
			}
		})
	}
}

// TestRefusedBeforehand: what the host would alter, not serve or not take is
// refused before anything is sent.
func TestRefusedBeforehand(t *testing.T) {
	routed := with(rec("@", "MX", "86 route1.mx.cloudflare.net"), "email_routing=true ttl=auto")
	dkim := with(rec("k._domainkey", "TXT", `"v=DKIM1; p=A"`), "read_only=true ttl=auto")
	www, txt := rec("www", "CNAME", "a.example"), rec("txt", "TXT", `"x"`)
	ttl := func(r zone.Record, ttl uint32) zone.Record { r.TTL = ttl; return r }
	loc := zone.Record{Name: at("l"), Type: "LOC", TTL: 3600, Data: "52 22 23.000 N 4 53 32.000 E -2.00m 1m 10000m 10m"}
	for _, tc := range []struct {
		name string
		edit zone.Edit
		want providers.Code
	}{
		{"a record that Email Routing made goes", zone.Edit{Before: []zone.Record{routed}}, providers.Unsupported},
		{"a record that is read only changes", zone.Edit{Before: []zone.Record{dkim}, After: []zone.Record{rec("k._domainkey", "TXT", `"v=DKIM1; p=B"`)}}, providers.Unsupported},
		{"a record that claims to be read only comes", adds(with(txt, "read_only=true")), providers.Unsupported},
		{"a CNAME beside text", adds(rec("txt", "CNAME", "b.example")), providers.Invalid},
		{"text beside a CNAME", adds(rec("www", "TXT", `"y"`)), providers.Invalid},
		{"a second CNAME", zone.Edit{Before: []zone.Record{www}, After: []zone.Record{www, rec("www", "CNAME", "b.example")}}, providers.Invalid},
		{"two CNAMEs where none stands", zone.Edit{After: []zone.Record{rec("new", "CNAME", "a.example"), rec("new", "CNAME", "b.example")}}, providers.Invalid},
		{"a CNAME and an address at the apex", zone.Edit{After: []zone.Record{rec("@", "CNAME", "a.example"), rec("@", "A", "192.0.2.1")}}, providers.Invalid},
		{"name servers of the apex", adds(rec("@", "NS", "ns.example")), providers.Unsupported},
		{"the SOA record", adds(rec("@", "SOA", "a.example b.example 1 2 3 4 5")), providers.Unsupported},
		{"a name outside", adds(zone.NewTXT("other.example", 3600, "x")), providers.Invalid},
		{"an ALIAS", adds(zone.Record{Name: apex, Type: zone.TypeAlias, TTL: 3600, Data: "a.example."}), providers.Unsupported},
		{"a type that is not written", adds(loc), providers.Unsupported},
		{"a proxied MX", adds(with(rec("m", "MX", "10 mx.example"), "proxied=true ttl=auto")), providers.Invalid},
		{"a proxied record with a TTL of its own", adds(zone.Record{Name: at("p"), Type: "A", TTL: 600, Data: "192.0.2.1", Meta: "proxied=true"}), providers.Invalid},
		{"a TTL of 30 on this plan", adds(ttl(rec("s", "A", "192.0.2.1"), 30)), providers.Invalid},
		{"a TTL of two days", adds(ttl(rec("s", "A", "192.0.2.1"), 172800)), providers.Invalid},
		{"empty text", adds(rec("e", "TXT", `""`)), providers.Invalid},
		{"empty text in several strings", adds(rec("e", "TXT", `"" ""`)), providers.Invalid},
		{"many short strings", adds(rec("e", "TXT", strings.Repeat(`"a" `, 2049))), providers.Invalid},
		{"a value that is not there any more", zone.Edit{Before: []zone.Record{rec("gone", "A", "192.0.2.1")}}, providers.Conflict},
		{"another TTL than was seen", zone.Edit{Before: []zone.Record{ttl(txt, 60)}, After: []zone.Record{rec("txt", "TXT", `"z"`)}}, providers.Conflict},
		{"what must be absent stands", zone.Edit{After: []zone.Record{rec("txt", "A", "192.0.2.1")}, Absent: []zone.Key{{Name: at("txt"), Type: zone.AnyType}}}, providers.Conflict},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t, routed, dkim, www, txt)
			z, before := p.find(), p.fake.Zone(apex)
			err := code(session(t, p).Write(t.Context(), z, tc.edit), tc.want)
			if err := errors.Join(err, differ(p.fake.Zone(apex), before)); err != nil || p.fake.Writes() != 0 {
				t.Errorf("%d writes: %v", p.fake.Writes(), err)
			}
		})
	}
}

// TestBesideKept: what Cloudflare keeps does not stand in the way of an edit
// beside it.
func TestBesideKept(t *testing.T) {
	routed := with(rec("@", "MX", "86 route1.mx.cloudflare.net"), "email_routing=true read_only=true ttl=auto")
	p := newPlace(t, routed)
	if err := p.becomes(zone.Change{Owner: apex, Add: []zone.Record{rec("@", "MX", "10 mx.example"), rec("@", "TXT", `"x"`)}}); err != nil {
		t.Error(err)
	}
}

// TestRareTypes: types that the driver does not write are read, kept, and can be
// removed.
func TestRareTypes(t *testing.T) {
	loc := zone.NewSnapshot(apex, []zone.Record{{Name: at("l"), Type: "LOC", TTL: 3600, Data: "52 22 23.000 N 4 53 32.000 E -2.00m 1m 10000m 10m"}}).Records[0]
	p := newPlace(t, loc, rec("l", "A", "192.0.2.1"))
	err := p.becomes(zone.Change{Owner: at("l"), Remove: []zone.Record{rec("l", "A", "192.0.2.1")}})
	if err := errors.Join(err, p.becomes(zone.Change{Owner: at("l"), Remove: []zone.Record{loc}})); err != nil {
		t.Error(err)
	}
}

// TestManyOperations: an edit of more operations than a batch of the zone's plan
// holds is refused by the driver, and split by the Account.
func TestManyOperations(t *testing.T) {
	p := newPlace(t)
	p.fake.Add(cloudflaretest.Zone{Snapshot: zone.Snapshot{Zone: second}, Plan: "free"})
	z, err := p.acct.Find(t.Context(), second)
	if err != nil || z.Caps.MaxBatch != 200 {
		t.Fatalf("%+v, %v", z.Caps, err)
	}
	var before, after []zone.Record
	var changes []zone.Change
	for i := range 150 {
		n := zone.Name(fmt.Sprintf("n%03d.%s", i, second))
		from, to := zone.NewTXT(n, 3600, "from"), zone.Record{Name: n, Type: "A", TTL: 3600, Data: "192.0.2.1"}
		before, after = append(before, from), append(after, to)
		changes = append(changes, zone.Change{Owner: n, Remove: []zone.Record{from}, Add: []zone.Record{to}})
	}
	p.fake.Set(zone.NewSnapshot(second, before))
	err = session(t, p).Write(t.Context(), z, zone.Edit{Before: before, After: after})
	if err := code(err, providers.Invalid); err != nil || p.fake.Writes() != 0 {
		t.Errorf("%d writes: %v", p.fake.Writes(), err)
	}
	out := p.acct.Apply(t.Context(), z, changes, &providers.Run{})
	if err := errors.Join(done(out), differ(p.fake.Zone(second), zone.NewSnapshot(second, after))); err != nil || p.fake.Writes() < 2 {
		t.Errorf("%d writes: %v", p.fake.Writes(), err)
	}
}

// TestBatchOrder: within one transaction a CNAME gives way before what takes its
// place comes, and a full zone's value is replaced without a record more.
func TestBatchOrder(t *testing.T) {
	p := newPlace(t)
	var full []zone.Record
	for i := range 199 {
		full = append(full, zone.Record{Name: zone.Name(fmt.Sprintf("h%03d.%s", i, second)), Type: "A", TTL: 3600, Data: "192.0.2.1"})
	}
	n := "swap." + second
	cname := zone.Record{Name: n, Type: "CNAME", TTL: 3600, Data: "a.example."}
	p.fake.Add(cloudflaretest.Zone{Snapshot: zone.NewSnapshot(second, append(slices.Clone(full), cname))})
	z, err := p.acct.Find(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	a := zone.Record{Name: n, Type: "A", TTL: 3600, Data: "192.0.2.1"}
	out := p.acct.Apply(t.Context(), z, []zone.Change{{Owner: n, Remove: []zone.Record{cname}, Add: []zone.Record{a}, Absent: []string{zone.AnyType}}}, &providers.Run{})
	if err := errors.Join(done(out), differ(p.fake.Zone(second), zone.NewSnapshot(second, append(full, a)))); err != nil {
		t.Error(err)
	}
	more := zone.NewTXT(n, 3600, "one too many")
	if out = p.acct.Apply(t.Context(), z, []zone.Change{{Owner: n, Add: []zone.Record{more}}}, &providers.Run{}); out[0].State != providers.Rejected || out[0].Code != providers.Unsupported {
		t.Errorf("past the plan's quota: %+v", out[0])
	}
}
