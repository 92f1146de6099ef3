package libdnsdriver_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

// theirs is records of somebody else.
func theirs() []libdns.Record {
	return []libdns.Record{
		libdns.TXT{Name: "@", TTL: time.Hour, Text: "v=spf1 -all"},
		libdns.TXT{Name: "@", TTL: time.Hour, Text: "site-verification"},
		libdns.MX{Name: "@", TTL: time.Hour, Preference: 10, Target: "mx1.mail.example."},
		libdns.MX{Name: "@", TTL: time.Hour, Preference: 20, Target: "mx2.mail.example."},
		libdns.SRV{Service: "sip", Transport: "tcp", Name: "@", TTL: time.Hour, Priority: 1, Weight: 2, Port: 5060, Target: "a.example."},
		libdns.SRV{Service: "sip", Transport: "tcp", Name: "@", TTL: time.Hour, Priority: 2, Weight: 2, Port: 5060, Target: "b.example."},
		libdns.RR{Name: "www", TTL: time.Hour, Type: "A", Data: "192.0.2.1"},
		libdns.RR{Name: "www", TTL: time.Hour, Type: "TXT", Data: "beside"},
	}
}

func txt(rel string, ttl uint32, text string) zone.Record {
	n, err := zone.Abs(rel, apex)
	if err != nil {
		panic(err)
	}
	return zone.NewTXT(n, ttl, text)
}

// rrset is an edit of one RRset from the zone as it is read.
func rrset(t *testing.T, s providers.Session, z providers.Zone, k zone.Key, change zone.Change) (zone.Snapshot, zone.Edit) {
	t.Helper()
	snap, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	change.Owner = k.Name
	return snap, zone.Edit{Before: snap.Set(k.Name, k.Type), After: snap.With(change).Set(k.Name, k.Type)}
}

// lost is the records of before that a module no longer holds.
func lost(t *testing.T, m *module, before zone.Snapshot, gone ...zone.Record) []zone.Record {
	t.Helper()
	m.set(faults{})
	s, z := open(t, driver(m))
	now, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(before.Records), func(r zone.Record) bool {
		return slices.Contains(now.Records, r) || slices.Contains(gone, r)
	})
}

// TestFaultyModules writes one edit through modules with one fault each. The
// bare module loses records and reports success; untrusted, the records stand
// in the end, and the error says what happened, or that it could not be mended.
func TestFaultyModules(t *testing.T) {
	spf, verification := txt("@", 3600, "v=spf1 -all"), txt("@", 3600, "site-verification")
	mine := txt("@", 3600, "mine")
	srv, err := zone.New("_sip._tcp."+apex, "SRV", 3600, "1 2 5060 a.example.")
	if err != nil {
		t.Fatal(err)
	}
	apexText := zone.Key{Name: apex, Type: "TXT"}
	for _, c := range []struct {
		name     string
		faults   faults
		key      zone.Key
		change   zone.Change
		bareLost int    // that the bare module loses, and reports success
		lost     int    // that are lost in spite of us
		says     string // the error, untrusted
	}{
		{
			name: "delete removes the RRset (C3, G4)", faults: faults{DeleteWhole: true}, key: srv.Key(),
			change: zone.Change{Remove: []zone.Record{srv}}, bareLost: 1, says: "all were put back",
		},
		{
			name: "delete removes the owner", faults: faults{DeleteAt: true}, key: apexText,
			change: zone.Change{Remove: []zone.Record{spf}}, bareLost: 5, says: "all were put back",
		},
		{
			name: "append replaces the RRset (G1)", faults: faults{AppendReplaces: true}, key: apexText,
			change: zone.Change{Add: []zone.Record{mine}}, bareLost: 2, says: "all were put back",
		},
		{
			name: "append and set keep one value (G1, G2)", faults: faults{AppendReplaces: true, SetLast: true}, key: apexText,
			change: zone.Change{Add: []zone.Record{mine}}, bareLost: 2, lost: 2, says: "could not be put back: ",
		},
		{
			name: "any write drops mail (N2)", faults: faults{DropsMail: true}, key: zone.Key{Name: "new." + apex, Type: "TXT"},
			change: zone.Change{Add: []zone.Record{txt("new", 3600, "mine")}}, bareLost: 2, lost: 2, says: "could not be put back: ",
		},
		{
			name: "lost mail cannot be added", faults: faults{DeleteAt: true, Forgetful: true}, key: apexText,
			change: zone.Change{Remove: []zone.Record{verification}}, bareLost: 5, lost: 2, says: "could not be put back: ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newModule(theirs()...)
			s, z := open(t, driver(m, mode(libdnsdriver.BareAppend)))
			before, e := rrset(t, s, z, c.key, c.change)
			m.set(c.faults)
			if err := s.Write(t.Context(), z, e); err != nil {
				t.Fatalf("bare: %v", err)
			}
			gone := lost(t, m, before, c.change.Remove...)
			if len(gone) != c.bareLost {
				t.Errorf("bare: %d records are lost, want %d: %v", len(gone), c.bareLost, gone)
			}

			m = newModule(theirs()...)
			s, z = open(t, driver(m))
			before, e = rrset(t, s, z, c.key, c.change)
			m.set(c.faults)
			err := s.Write(t.Context(), z, e)
			pe, ok := errors.AsType[*providers.Error](err)
			if !ok || pe.Code != providers.Internal || pe.Wrote != providers.WroteYes || !strings.Contains(err.Error(), c.says) {
				t.Errorf("untrusted: %v (%+v), want Internal, WroteYes, %q", err, pe, c.says)
			}
			after := lost(t, m, before, c.change.Remove...)
			if len(after) != c.lost {
				t.Errorf("untrusted: %d records are lost, want %d: %v", len(after), c.lost, after)
			}
			t.Logf("bare: lost %d and said nothing; untrusted: %d, and said: %v", len(gone), len(after), err)
		})
	}
}

// TestWriteOutcomes is what one edit comes to, by what the module does.
func TestWriteOutcomes(t *testing.T) {
	spf, mine := txt("@", 3600, "v=spf1 -all"), txt("@", 3600, "v=spf1 mx -all")
	replace := zone.Change{Remove: []zone.Record{spf}, Add: []zone.Record{mine}}
	two := zone.Change{Add: []zone.Record{mine, txt("@", 3600, "more")}}
	longer := txt("@", 600, "v=spf1 -all")
	for _, c := range []struct {
		name   string
		faults faults
		change zone.Change
		code   providers.Code // "": no error
		wrote  providers.Wrote
		stands bool // the change
		says   string
	}{
		{name: "it does as it is told", change: replace, stands: true},
		{name: "reported and not done", faults: faults{Deaf: true}, change: replace, code: providers.Internal, wrote: providers.WroteUnknown, says: "reports success"},
		{name: "the answer is lost", faults: faults{Error: errors.New("EOF")}, change: zone.Change{Add: []zone.Record{mine}}, stands: true, code: providers.Unavailable, wrote: providers.WroteYes, says: "holds the edit"},
		{name: "refused half-way", faults: faults{Strict: true}, change: two, code: providers.Invalid, wrote: providers.WroteNo, says: "taken back"},
		{name: "refused", faults: faults{Deaf: true, Error: errors.New("got error status: HTTP 403: no")}, change: replace, code: providers.Internal, wrote: providers.WroteUnknown},
		{name: "no connection", faults: faults{Before: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}, change: replace, code: providers.Unavailable, wrote: providers.WroteNo},
		{name: "no connection for the second value", faults: faults{Strict: true, Refusal: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}, change: two, code: providers.Unavailable, wrote: providers.WroteNo, says: "taken back"},
		{name: "a panic with a value", faults: faults{Panic: secret}, change: replace, code: providers.Internal, wrote: providers.WroteUnknown, says: "the module panicked: with a string"},
		{name: "a TTL alone", change: zone.Change{Remove: []zone.Record{spf}, Add: []zone.Record{longer}}, stands: true},
		{name: "a TTL that the host shares", faults: faults{OneTTL: true}, change: zone.Change{Remove: []zone.Record{spf}, Add: []zone.Record{longer}}, code: providers.Internal, wrote: providers.WroteUnknown, says: "does not hold"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newModule(theirs()...)
			s, z := open(t, driver(m))
			before, e := rrset(t, s, z, zone.Key{Name: apex, Type: "TXT"}, c.change)
			m.set(c.faults)
			err := s.Write(t.Context(), z, e)
			var pe *providers.Error
			if errors.As(err, &pe); (pe == nil) != (c.code == "") || pe != nil && (pe.Code != c.code || pe.Wrote != c.wrote || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("error %v (%+v), want code %q, wrote %d, %q", err, pe, c.code, c.wrote, c.says)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows the secret: %v", err)
			}
			m.set(faults{})
			now, err := s.Read(t.Context(), z)
			if err != nil {
				t.Fatal(err)
			}
			c.change.Owner = apex
			want := before
			if c.stands {
				want = before.With(c.change)
			}
			if got := zone.Diff(want, now); len(got) > 0 && c.name != "a TTL that the host shares" {
				t.Errorf("the zone differs: %+v", got)
			}
		})
	}
}

// TestConflict refuses an edit of a zone that somebody has changed, and sends
// nothing.
func TestConflict(t *testing.T) {
	m := newModule(theirs()...)
	s, z := open(t, driver(m))
	_, e := rrset(t, s, z, zone.Key{Name: apex, Type: "TXT"}, zone.Change{Add: []zone.Record{txt("@", 3600, "mine")}})
	if _, err := m.AppendRecords(t.Context(), string(apex), []libdns.Record{libdns.TXT{Name: "@", TTL: time.Hour, Text: "a stranger's"}}); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), z, e)
	if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != providers.Conflict || pe.Wrote != providers.WroteNo {
		t.Errorf("error %v, want Conflict and nothing written", err)
	}
	if got := m.count("append") + m.count("delete") + m.count("set"); got != 1 {
		t.Errorf("%d writes, want the stranger's alone", got)
	}
}

// TestUnreadable keeps its hands off an RRset that holds a value it cannot
// read, and says so; the rest of the zone is written.
func TestUnreadable(t *testing.T) {
	m := newModule(append(theirs(), libdns.RR{Name: "@", TTL: time.Hour, Type: "CAA", Data: "nonsense"})...)
	s, z := open(t, driver(m))
	caa, err := zone.New(apex, "CAA", 3600, `0 issue "ca.example"`)
	if err != nil {
		t.Fatal(err)
	}
	snap, e := rrset(t, s, z, caa.Key(), zone.Change{Add: []zone.Record{caa}})
	if set := snap.Set(apex, "CAA"); len(set) != 1 || !set[0].Opaque || set[0].Data != "nonsense" {
		t.Fatalf("CAA %+v, want the module's own text, opaque", set)
	}
	err = s.Write(t.Context(), z, e)
	if providers.CodeOf(err) != providers.Invalid || !strings.Contains(err.Error(), "could not be read") {
		t.Errorf("error %v, want Invalid that says a value could not be read", err)
	}
	_, e = rrset(t, s, z, zone.Key{Name: apex, Type: "TXT"}, zone.Change{Add: []zone.Record{txt("@", 3600, "mine")}})
	if err := s.Write(t.Context(), z, e); err != nil {
		t.Errorf("another RRset: %v", err)
	}
	if gone := lost(t, m, snap); len(gone) > 0 {
		t.Errorf("lost: %v", gone)
	}
}

// TestCallsOneAtATime: a module that does not hear of an ended context (libdns
// porkbun v1.1.0, godaddy v1.1.0; G8) does not keep the caller, and gets no
// other call before it has come back. What it lost meanwhile is put back, and
// the reading after it says so, once.
func TestCallsOneAtATime(t *testing.T) {
	m := newModule(theirs()...)
	s, z := open(t, driver(m, func(d *libdnsdriver.Driver) { d.Patience = 200 * time.Millisecond }))
	before, e := rrset(t, s, z, zone.Key{Name: apex, Type: "TXT"}, zone.Change{Remove: []zone.Record{txt("@", 3600, "v=spf1 -all")}})
	m.set(faults{IgnoresContext: true, DeleteWhole: true})
	ctx, cancel := context.WithCancel(t.Context())
	reached := make(chan struct{})
	var release func()
	m.onWrite(func() {
		release = m.block(t)
		close(reached)
	})
	answer := make(chan error, 1)
	go func() { answer <- s.Write(ctx, z, e) }()
	<-reached
	cancel()
	err := <-answer
	if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != providers.Timeout || pe.Wrote != providers.WroteUnknown {
		t.Errorf("error %v, want Timeout and not known what was written", err)
	}
	calls := m.count("get")
	if _, err := s.Read(t.Context(), z); providers.CodeOf(err) != providers.Unavailable || !strings.Contains(err.Error(), "has not come back") {
		t.Errorf("a second call: %v, want Unavailable", err)
	}
	if got := m.count("get"); got != calls {
		t.Errorf("%d calls reached the module while one was under way", got-calls)
	}
	release()
	told := 0
	for { // bounded by the test's own deadline; the read waits for the write to come back
		now, err := s.Read(t.Context(), z)
		if pe, ok := errors.AsType[*providers.Error](err); ok && pe.Wrote == providers.WroteYes {
			told++
			if pe.Code != providers.Internal || !strings.Contains(pe.Error(), "site-verification") {
				t.Errorf("the reading after it: %v, want it to name what the write has lost", err)
			}
		}
		if err == nil {
			if d := zone.Diff(before.With(zone.Change{Owner: apex, Remove: e.Before[:0:0]}), now); len(d) > 1 || len(d) == 1 && len(d[0].Add) > 0 {
				t.Errorf("the zone differs: %+v", d)
			}
			break
		}
	}
	m.set(faults{})
	_, e = rrset(t, s, z, zone.Key{Name: "www." + apex, Type: "TXT"}, zone.Change{Add: []zone.Record{txt("www", 3600, "mine")}})
	if err := s.Write(t.Context(), z, e); err != nil || told != 1 {
		t.Errorf("the next write: %v, and the harm was told %d times; want it done, and once", err, told)
	}
}
