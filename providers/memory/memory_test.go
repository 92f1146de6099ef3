package memory_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

func txt(rel, value string) zone.Record {
	name := zone.Name(rel) + "." + apex
	if rel == "@" {
		name = apex
	}
	return zone.NewTXT(name, 300, value)
}

func addr(rel, a string) zone.Record {
	r := txt(rel, "")
	r.Type, r.Data = "A", a
	return r
}

func start(t *testing.T, o memory.Options, recs ...zone.Record) (*memory.Host, providers.Session, providers.Zone) {
	t.Helper()
	o.Zones = []zone.Snapshot{zone.NewSnapshot(apex, recs)}
	h := memory.New(o)
	s, err := h.Driver().Open(providers.Credentials{"token": o.Token})
	if err != nil {
		t.Fatal(err)
	}
	z, err := s.Find(t.Context(), apex)
	if err != nil {
		t.Fatal(err)
	}
	return h, s, z
}

func edit(before []zone.Record, after ...zone.Record) zone.Edit {
	return zone.Edit{Before: before, After: after}
}

func one(r zone.Record) []zone.Record { return []zone.Record{r} }

// TestStrict: what the host refuses, it refuses wholly.
func TestStrict(t *testing.T) {
	record, rrset, batch, whole := providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone
	held := []zone.Record{txt("@", "a"), txt("@", "b"), addr("www", "192.0.2.1"), {Name: "c." + apex, Type: "CNAME", TTL: 300, Data: "x.example."}}
	otherTTL := addr("www", "192.0.2.2")
	otherTTL.TTL = 60
	for _, tt := range []struct {
		name string
		caps providers.Caps
		e    zone.Edit
		code providers.Code
	}{
		{"nothing", providers.Caps{Grain: batch}, zone.Edit{}, providers.Invalid},
		{"two records at once", providers.Caps{Grain: record}, edit(nil, txt("n", "1"), txt("n", "2")), providers.Invalid},
		{"one record for another of another owner", providers.Caps{Grain: record}, edit(one(txt("@", "a")), txt("n", "1")), providers.Invalid},
		{"a whole RRset where one record is written", providers.Caps{Grain: record}, edit(held[:2], txt("@", "c")), providers.Invalid},
		{"a record that is gone cannot be replaced", providers.Caps{Grain: record}, edit(one(txt("@", "gone")), txt("@", "c")), providers.Conflict},
		{"a record that is there cannot be made", providers.Caps{Grain: record}, edit(nil, txt("@", "a")), providers.Conflict},
		{"two RRsets at once", providers.Caps{Grain: rrset}, edit(nil, txt("n", "1"), addr("n", "192.0.2.1")), providers.Invalid},
		{"CNAME beside text", providers.Caps{Grain: batch}, edit(nil, zone.Record{Name: "www." + apex, Type: "CNAME", TTL: 300, Data: "x.example."}), providers.Invalid},
		{"text beside CNAME", providers.Caps{Grain: rrset}, edit(nil, txt("c", "1")), providers.Invalid},
		{"two CNAMEs", providers.Caps{Grain: record}, edit(nil, zone.Record{Name: "c." + apex, Type: "CNAME", TTL: 300, Data: "y.example."}), providers.Invalid},
		{"the same value twice", providers.Caps{Grain: rrset}, edit(nil, txt("n", "1"), zone.Record{Name: "n." + apex, Type: "TXT", TTL: 300, Data: `"" "1"`}), providers.Invalid},
		{"two TTLs in one RRset", providers.Caps{Grain: rrset}, edit(held[2:3], held[2], otherTTL), providers.Invalid},
		{"TTL too low", providers.Caps{Grain: rrset, MinTTL: 600}, edit(nil, txt("n", "1")), providers.Invalid},
		{"TTL not on the list", providers.Caps{Grain: rrset, TTLs: []uint32{1, 600}}, edit(nil, txt("n", "1")), providers.Invalid},
		{"text too long", providers.Caps{Grain: rrset, MaxTXT: 255}, edit(nil, txt("n", strings.Repeat("x", 256))), providers.Invalid},
		{"a refused character", providers.Caps{Grain: rrset, RefusedText: `"`}, edit(nil, txt("n", `say "x"`)), providers.Invalid},
		{"a type it does not store", providers.Caps{Grain: rrset, Types: []string{"A"}}, edit(nil, txt("n", "1")), providers.Unsupported},
		{"a wildcard", providers.Caps{Grain: rrset, NoWildcard: true}, edit(nil, txt("*", "1")), providers.Unsupported},
		{"an alias", providers.Caps{Grain: rrset}, edit(nil, zone.Record{Name: apex, Type: zone.TypeAlias, TTL: 300, Data: "x.example."}), providers.Unsupported},
		{"a redirect", providers.Caps{Grain: rrset}, edit(nil, zone.Record{Name: apex, Type: zone.TypeRedirect, TTL: 300, Data: "https://x.example"}), providers.Unsupported},
		{"NS of the apex", providers.Caps{Grain: rrset}, edit(nil, zone.Record{Name: apex, Type: "NS", TTL: 300, Data: "ns.example."}), providers.Unsupported},
		{"SOA", providers.Caps{Grain: batch}, edit(nil, zone.Record{Name: apex, Type: "SOA", TTL: 300, Data: "a. b. 1 2 3 4 5"}), providers.Unsupported},
		{"compare: a value that is not there", providers.Caps{Grain: rrset, CAS: true}, edit(held[:1], txt("@", "a"), txt("@", "c")), providers.Conflict},
		{"compare: another Meta", providers.Caps{Grain: whole, CAS: true}, zone.Edit{Before: held, Meta: "x=y"}, providers.Conflict},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, s, z := start(t, memory.Options{Caps: tt.caps}, held...)
			before := h.Zone(apex)
			err := s.Write(t.Context(), z, tt.e)
			e, ok := errors.AsType[*providers.Error](err)
			if !ok || e.Code != tt.code || e.Wrote != providers.WroteNo {
				t.Errorf("got %v, want %s and nothing written", err, tt.code)
			}
			if d := cmp.Diff(before, h.Zone(apex)); d != "" {
				t.Errorf("zone (-before +after):\n%s", d)
			}
		})
	}
}

// TestOverwrites: without compare-and-set, what somebody else wrote meanwhile
// at the same grain is lost, as at real hosts.
func TestOverwrites(t *testing.T) {
	for _, tt := range []struct {
		grain providers.Grain
		want  []zone.Record
	}{
		{providers.GrainRRset, []zone.Record{txt("@", "mine"), addr("other", "192.0.2.2")}},
		{providers.GrainBatch, []zone.Record{txt("@", "mine"), addr("other", "192.0.2.2")}},
		{providers.GrainZone, []zone.Record{txt("@", "mine")}},
		{providers.GrainRecord, []zone.Record{txt("@", "mine"), txt("@", "theirs"), addr("other", "192.0.2.2")}},
	} {
		h, s, z := start(t, memory.Options{Caps: providers.Caps{Grain: tt.grain}}, txt("@", "a"))
		h.Change(apex, zone.Change{Owner: apex, Add: one(txt("@", "theirs"))}, zone.Change{Owner: "other." + apex, Add: one(addr("other", "192.0.2.2"))})
		if err := s.Write(t.Context(), z, edit(one(txt("@", "a")), txt("@", "mine"))); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, h.Zone(apex).Records); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.grain, d)
		}
	}
}

func TestClamp(t *testing.T) {
	h, s, z := start(t, memory.Options{ClampTTL: true, Caps: providers.Caps{MinTTL: 600}})
	if err := s.Write(t.Context(), z, edit(nil, txt("@", "a"))); err != nil {
		t.Fatal(err)
	}
	if got := h.Zone(apex).Records[0].TTL; got != 600 {
		t.Errorf("TTL %d, want 600", got)
	}
}

// TestMeta: what the host wants back with a record or a zone is kept, and
// lost by an edit that loses it.
func TestMeta(t *testing.T) {
	proxied := addr("www", "192.0.2.1")
	proxied.Meta = "proxied=true"
	h, s, z := start(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainZone}}, proxied)
	mail := h.Zone(apex)
	mail.Meta = "email_type=MX"
	h.Set(mail)
	snap, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	if snap.Meta != "email_type=MX" || len(snap.Records) != 1 || snap.Records[0].Meta != "proxied=true" {
		t.Errorf("read %+v", snap)
	}
	acct, err := providers.Open(h.Driver(), nil, providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := acct.Apply(t.Context(), z, []zone.Change{{Owner: apex, Add: one(txt("@", "new"))}}, &providers.Run{})
	if !providers.Done(out) {
		t.Fatalf("%+v", out)
	}
	if got := h.Zone(apex); got.Meta != "email_type=MX" || got.Set("www."+apex, "A")[0].Meta != "proxied=true" {
		t.Errorf("after a write: %+v", got)
	}
	if err := s.Write(t.Context(), z, zone.Edit{After: snap.Records}); err != nil {
		t.Fatal(err)
	}
	if got := h.Zone(apex).Meta; got != "" {
		t.Errorf("a zone written without its Meta has %q still", got)
	}
}

func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, z := start(t, memory.Options{Caps: providers.Caps{Settle: 10 * time.Second}})
		shown := func() int {
			snap, err := s.Read(t.Context(), z)
			if err != nil {
				t.Fatal(err)
			}
			return len(snap.Records)
		}
		for i, rel := range []string{"a", "b"} {
			if err := s.Write(t.Context(), z, edit(nil, txt(rel, "x"))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(4 * time.Second)
			if n := shown(); n != 0 {
				t.Errorf("after write %d: %d records show", i+1, n)
			}
		}
		time.Sleep(2 * time.Second)
		if n := shown(); n != 1 {
			t.Errorf("10 s after the first write: %d records show, want 1", n)
		}
		time.Sleep(4 * time.Second)
		if n := shown(); n != 2 {
			t.Errorf("10 s after the second write: %d records show, want 2", n)
		}
	})
}

func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s, z := start(t, memory.Options{})
		h.FailWrite(2, memory.RateLimited(30*time.Second))
		h.FailWrite(3, memory.Lost(true))
		h.FailWrite(4, memory.Lost(false))
		h.FailWrite(5, memory.Slow(time.Hour))
		for i, want := range []struct {
			code   providers.Code
			wrote  providers.Wrote
			landed bool
		}{
			{"", 0, true},
			{providers.RateLimited, providers.WroteNo, false},
			{providers.Timeout, providers.WroteUnknown, true},
			{providers.Timeout, providers.WroteUnknown, false},
			{providers.Timeout, providers.WroteUnknown, false},
			{"", 0, true},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			rel := string(rune('a' + i))
			err := s.Write(ctx, z, edit(nil, txt(rel, "x")))
			cancel()
			if providers.CodeOf(err) != want.code {
				t.Errorf("write %d: %v, want %q", i+1, err, want.code)
			}
			if e, ok := errors.AsType[*providers.Error](err); ok && (e.Wrote != want.wrote || e.Code == providers.RateLimited && e.RetryAfter != 30*time.Second) {
				t.Errorf("write %d: %+v", i+1, e)
			}
			if landed := len(h.Zone(apex).At(zone.Name(rel)+"."+apex)) == 1; landed != want.landed {
				t.Errorf("write %d: landed %t", i+1, landed)
			}
		}
		if h.Writes() != 6 {
			t.Errorf("%d writes, want 6", h.Writes())
		}
		h.SetReadFault(memory.Refused(providers.Unavailable))
		if _, err := s.Find(t.Context(), apex); providers.CodeOf(err) != providers.Unavailable {
			t.Errorf("find: %v", err)
		}
	})
}

func TestToken(t *testing.T) {
	h := memory.New(memory.Options{Token: "right", Zones: []zone.Snapshot{{Zone: apex}}})
	s, err := h.Driver().Open(providers.Credentials{"token": "wrong"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.(providers.Checker).Check(t.Context()); providers.CodeOf(err) != providers.InvalidCredentials {
		t.Errorf("got %v", err)
	}
	if _, err := (memory.Driver{}).Open(nil); providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("a driver without a host: %v", err)
	}
}

func TestSerial(t *testing.T) {
	h, s, z := start(t, memory.Options{}, hostOwn...)
	if err := s.Write(t.Context(), z, edit(nil, txt("@", "a"))); err != nil {
		t.Fatal(err)
	}
	if got := h.Zone(apex).Set(apex, "SOA")[0].Data; !strings.Contains(got, " 2 3600 ") {
		t.Errorf("SOA %s, want serial 2", got)
	}
}

func TestFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zones.json")
	o := memory.Options{File: file, Zones: []zone.Snapshot{{Zone: apex, Records: one(txt("@", "\xff seed"))}}}
	_ = memory.New(o)
	h := memory.New(o)
	s, err := h.Driver().Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), providers.Zone{Apex: apex}, edit(nil, addr("www", "192.0.2.1"))); err != nil {
		t.Fatal(err)
	}
	again := memory.New(memory.Options{File: file})
	if d := cmp.Diff(h.Zone(apex), again.Zone(apex)); d != "" || len(again.Zone(apex).Records) != 2 {
		t.Errorf("read again (-was +is):\n%s", d)
	}
	if err := os.WriteFile(file, []byte(`[{"zone":`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = memory.New(o).Driver().Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(t.Context(), apex); providers.CodeOf(err) != providers.Internal || !strings.Contains(err.Error(), file) {
		t.Errorf("a damaged file: got %v", err)
	}
}
