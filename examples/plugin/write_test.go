package main

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

func txt(rel, text string) zone.Record { return zone.NewTXT(zone.Name(rel)+"."+apex, 3600, text) }

func add(r zone.Record) zone.Change { return zone.Change{Owner: r.Name, Add: []zone.Record{r}} }

// open is a session of the first customer.
func open(t *testing.T, f *harbourtest.Fake) providers.Session {
	t.Helper()
	s, err := driver{Endpoint: f.Endpoint()}.Open(f.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// site is a zone with something of somebody else's in it.
func site() zone.Snapshot {
	return zone.NewSnapshot(apex, []zone.Record{txt("t", "theirs"), zone.NewTXT(apex, 300, "v=spf1 -all")})
}

// TestPassed: another program writes between our reading and our PATCH. Where
// that is beside the edit, nothing is lost and nobody is asked again; where it
// is not, nothing is written.
func TestPassed(t *testing.T) {
	mine := txt("t", "mine")
	edit := zone.Edit{Before: []zone.Record{txt("t", "theirs")}, After: []zone.Record{txt("t", "theirs"), mine}}
	for _, c := range []struct {
		name   string
		times  int // how often somebody writes
		change func(n int) zone.Change
		code   providers.Code
		writes int
	}{
		{"nobody", 0, nil, "", 1},
		{"elsewhere, once", 1, func(int) zone.Change { return add(txt("other", "new")) }, "", 2},
		{"elsewhere, three times", 3, func(n int) zone.Change { return add(txt("other", "new "+strconv.Itoa(n))) }, "", 4},
		{"elsewhere, all the time", 1000, func(n int) zone.Change { return add(txt("other", "new "+strconv.Itoa(n))) }, providers.Conflict, 4},
		{"the same RRset", 1, func(int) zone.Change { return add(txt("t", "somebody's")) }, providers.Conflict, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}})
			s, n := open(t, fake), 0
			want := site()
			fake.SetHook(func(r *http.Request) {
				if r.Method == http.MethodPatch && n < c.times {
					n++
					fake.Change(apex, c.change(n))
					want = want.With(c.change(n))
				}
			})
			err := s.Write(t.Context(), providers.Zone{Apex: apex}, edit)
			if providers.CodeOf(err) != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
			if e, ok := errors.AsType[*providers.Error](err); ok && e.Wrote != providers.WroteNo {
				t.Errorf("got Wrote %d of a write that was refused", e.Wrote)
			}
			if c.code == "" {
				want = want.With(add(mine))
			}
			if fake.Writes() != c.writes {
				t.Errorf("got %d writes, want %d", fake.Writes(), c.writes)
			}
			if diff := cmp.Diff(rest(fake.Zone(apex)), rest(want)); diff != "" {
				t.Errorf("got - and want +:\n%s", diff)
			}
		})
	}
}

// rest is a zone without what is the host's own.
func rest(s zone.Snapshot) []zone.Record {
	return slices.DeleteFunc(slices.Clone(s.Records), func(r zone.Record) bool {
		return r.Type == "SOA" || r.Type == "NS" && r.Name == s.Zone
	})
}

// TestSpelling: what stays in an RRset goes back as the host spelled it, also
// what nobody can read, what says the same twice, and a TTL that could not be
// given today.
func TestSpelling(t *testing.T) {
	fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}})
	fake.Spell(apex, "Mail", "MX", 7200, "010 MX.Mail.Example.", "10 mx.mail.example.", "ten mx.mail.example.")
	acct, err := providers.Open(driver{Endpoint: fake.Endpoint()}, fake.Credentials(), providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := acct.Find(t.Context(), apex)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zone.New("mail."+apex, "MX", 7200, "20 mx2.mail.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		change zone.Change
		want   []string
	}{
		{add(r), []string{"010 MX.Mail.Example.", "10 mx.mail.example.", "20 mx2.mail.example.", "ten mx.mail.example."}},
		{add(r).Inverse(), []string{"010 MX.Mail.Example.", "10 mx.mail.example.", "ten mx.mail.example."}},
	} {
		out := acct.Apply(t.Context(), z, []zone.Change{step.change}, &providers.Run{})
		got := slices.Sorted(slices.Values(fake.Values(apex, "mail", "MX")))
		if !providers.Done(out) || !slices.Equal(got, step.want) {
			t.Errorf("got %q, want %q; outcomes %+v", got, step.want, out)
		}
	}
}

// TestBatch: a plan of several owners is one request.
func TestBatch(t *testing.T) {
	fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}})
	acct, err := providers.Open(driver{Endpoint: fake.Endpoint()}, fake.Credentials(), providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := acct.Apply(t.Context(), providers.Zone{Apex: apex, Caps: caps()}, []zone.Change{add(txt("a", "1")), add(txt("b", "2")), add(txt("c", "3"))}, &providers.Run{})
	if !providers.Done(out) || fake.Writes() != 1 {
		t.Errorf("got %d writes and %+v, want one write", fake.Writes(), out)
	}
}

// TestRefusedEdits: what Harbour would refuse or alter is not sent.
func TestRefusedEdits(t *testing.T) {
	with := func(r zone.Record, f func(*zone.Record)) zone.Edit {
		f(&r)
		return zone.Edit{After: []zone.Record{r}}
	}
	var many []zone.Record
	for n := range maxSets + 1 {
		many = append(many, txt("n"+strconv.Itoa(n), "x"))
	}
	two := []zone.Record{txt("t", "a"), txt("t", "b")}
	two[1].TTL = 300
	for _, c := range []struct {
		name string
		edit zone.Edit
		code providers.Code
	}{
		{"a TTL between two", with(txt("n", "x"), func(r *zone.Record) { r.TTL = 600 }), providers.Invalid},
		{"two TTLs", zone.Edit{After: two}, providers.Invalid},
		{"a Meta of another host", with(txt("n", "x"), func(r *zone.Record) { r.Meta = "proxied=true" }), providers.Invalid},
		{"a Meta of two pairs", with(txt("n", "x"), func(r *zone.Record) { r.Meta = "note=a proxied=true" }), providers.Invalid},
		{"data in capitals", with(txt("n", "x"), func(r *zone.Record) { r.Type, r.Data = "CNAME", "Target.Example." }), providers.Invalid},
		{"a CNAME at the apex", with(txt("n", "x"), func(r *zone.Record) { r.Name, r.Type, r.Data = apex, "CNAME", "target.example." }), providers.Unsupported},
		{"the apex's name servers", with(txt("n", "x"), func(r *zone.Record) { r.Name, r.Type, r.Data = apex, "NS", "ns.example." }), providers.Unsupported},
		{"too many RRsets", zone.Edit{After: many}, providers.Invalid},
		{"nothing", zone.Edit{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}})
			err := open(t, fake).Write(t.Context(), providers.Zone{Apex: apex}, c.edit)
			if providers.CodeOf(err) != c.code || fake.Requests() != 0 {
				t.Errorf("got %v and %d requests, want %q and none", err, fake.Requests(), c.code)
			}
		})
	}
}

// TestWriteAnswers: success is what says that the zone has a new version.
func TestWriteAnswers(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault httpapitest.Fault
		code  providers.Code
		wrote providers.Wrote
	}{
		{"an error as success", httpapitest.Fault{Body: `{"error":{"code":"version_passed"}}`}, providers.Unavailable, providers.WroteUnknown},
		{"null", httpapitest.Fault{Body: `null`}, providers.Unavailable, providers.WroteUnknown},
		{"the old version", httpapitest.Fault{Body: `{"version":1}`}, providers.Unavailable, providers.WroteUnknown},
		{"412 of a proxy", httpapitest.Fault{Status: 412, Body: `precondition failed`}, providers.Conflict, providers.WroteNo},
		{"refused", httpapitest.Fault{Status: 422, Body: `{"error":{"code":"set_invalid"}}`}, providers.Invalid, providers.WroteNo},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}})
			fake.FailWrite(1, c.fault)
			err := open(t, fake).Write(t.Context(), providers.Zone{Apex: apex}, zone.Edit{After: []zone.Record{txt("n", "x")}})
			e, ok := errors.AsType[*providers.Error](err)
			if !ok || e.Code != c.code || e.Wrote != c.wrote || fake.Writes() != 1 {
				t.Errorf("got %v, want %s and Wrote %d, of one write", err, c.code, c.wrote)
			}
		})
	}
}
