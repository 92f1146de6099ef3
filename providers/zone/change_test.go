package zone_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
)

func TestWith(t *testing.T) {
	www := "www." + apex
	ttl := func(r zone.Record, ttl uint32) zone.Record { r.TTL = ttl; return r }
	for _, c := range []struct {
		name         string
		before, want []zone.Record
		changes      []zone.Change
	}{
		{
			"others at the owner stay",
			[]zone.Record{rec(apex, "TXT", `"spf"`), rec(apex, "TXT", `"token"`)},
			[]zone.Record{rec(apex, "TXT", `"new"`), rec(apex, "TXT", `"token"`)},
			[]zone.Change{{Owner: apex, Remove: []zone.Record{rec(apex, "TXT", `"spf"`)}, Add: []zone.Record{rec(apex, "TXT", `"new"`)}}},
		},
		{
			"removal goes by data",
			[]zone.Record{ttl(rec(apex, "TXT", `"a" "b"`), 5)},
			nil,
			[]zone.Change{{Owner: apex, Remove: []zone.Record{rec(apex, "TXT", `"ab"`)}}},
		},
		{
			"what is added again stands once, as it is added",
			[]zone.Record{ttl(rec(www, "A", "192.0.2.1"), 5)},
			[]zone.Record{rec(www, "A", "192.0.2.1")},
			[]zone.Change{{Owner: www, Add: []zone.Record{rec(www, "A", "192.0.2.1")}}, {Owner: www, Add: []zone.Record{rec(www, "A", "192.0.2.1")}}},
		},
		{
			"an opaque record of the same bytes stays",
			[]zone.Record{{Name: www, Type: "A", TTL: 300, Data: "192.0.2.1", Opaque: true}},
			[]zone.Record{{Name: www, Type: "A", TTL: 300, Data: "192.0.2.1", Opaque: true}},
			[]zone.Change{{Owner: www, Remove: []zone.Record{rec(www, "A", "192.0.2.1")}}},
		},
		{
			"removing what is not there",
			[]zone.Record{rec(www, "A", "192.0.2.1")},
			[]zone.Record{rec(www, "A", "192.0.2.1")},
			[]zone.Change{{Owner: www, Remove: []zone.Record{rec(www, "A", "192.0.2.2")}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := zone.NewSnapshot(apex, c.before)
			s.Meta, s.Tag = "email_type=MX", "7"
			before := slices.Clone(s.Records)
			got := s.With(c.changes...)
			if d := cmp.Diff(got, zone.Snapshot{Zone: apex, Records: append([]zone.Record{}, c.want...), Meta: "email_type=MX", Tag: "7"}); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
			if d := cmp.Diff(s.Records, before); d != "" {
				t.Errorf("the snapshot before was changed (-got +want):\n%s", d)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	www := "www." + apex
	ttl := func(r zone.Record, ttl uint32) zone.Record { r.TTL = ttl; return r }
	proxied := func(r zone.Record) zone.Record { r.Meta = "proxied=true"; return r }
	for _, c := range []struct {
		name string
		a, b []zone.Record
		want []zone.Change
	}{
		{"nothing", []zone.Record{rec(www, "A", "192.0.2.1")}, []zone.Record{rec(www, "A", "192.0.2.1")}, nil},
		{
			"one value of several",
			[]zone.Record{rec(apex, "TXT", `"a"`), rec(apex, "TXT", `"b"`)},
			[]zone.Record{rec(apex, "TXT", `"b"`), rec(apex, "TXT", `"c"`)},
			[]zone.Change{{Owner: apex, Remove: []zone.Record{rec(apex, "TXT", `"a"`)}, Add: []zone.Record{rec(apex, "TXT", `"c"`)}}},
		},
		{
			"owners only here and only there",
			[]zone.Record{rec("a."+apex, "A", "192.0.2.1"), rec("c."+apex, "A", "192.0.2.1")},
			[]zone.Record{rec("b."+apex, "A", "192.0.2.1"), rec("c."+apex, "A", "192.0.2.1"), rec("d."+apex, "A", "192.0.2.1")},
			[]zone.Change{
				{Owner: "a." + apex, Remove: []zone.Record{rec("a."+apex, "A", "192.0.2.1")}},
				{Owner: "b." + apex, Add: []zone.Record{rec("b."+apex, "A", "192.0.2.1")}},
				{Owner: "d." + apex, Add: []zone.Record{rec("d."+apex, "A", "192.0.2.1")}},
			},
		},
		{
			"TTL, Meta and borders are differences",
			[]zone.Record{rec(www, "A", "192.0.2.1"), rec(www, "AAAA", "2001:db8::1"), rec(www, "TXT", `"ab"`)},
			[]zone.Record{ttl(rec(www, "A", "192.0.2.1"), 60), proxied(rec(www, "AAAA", "2001:db8::1")), rec(www, "TXT", `"a" "b"`)},
			[]zone.Change{{
				Owner:  www,
				Remove: []zone.Record{rec(www, "A", "192.0.2.1"), rec(www, "AAAA", "2001:db8::1"), rec(www, "TXT", `"ab"`)},
				Add:    []zone.Record{ttl(rec(www, "A", "192.0.2.1"), 60), proxied(rec(www, "AAAA", "2001:db8::1")), rec(www, "TXT", `"a" "b"`)},
			}},
		},
		{
			"one of two records of the same data goes",
			[]zone.Record{ttl(rec(www, "A", "192.0.2.1"), 60), rec(www, "A", "192.0.2.1")},
			[]zone.Record{rec(www, "A", "192.0.2.1")},
			[]zone.Change{{
				Owner:  www,
				Remove: []zone.Record{ttl(rec(www, "A", "192.0.2.1"), 60), rec(www, "A", "192.0.2.1")},
				Add:    []zone.Record{rec(www, "A", "192.0.2.1")},
			}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := zone.NewSnapshot(apex, c.a), zone.NewSnapshot(apex, c.b)
			changes := zone.Diff(a, b)
			if d := cmp.Diff(changes, c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
			checkDiff(t, a, b)
		})
	}
}

// checkDiff goes from a to b and back.
func checkDiff(t testing.TB, a, b zone.Snapshot) {
	t.Helper()
	changes := zone.Diff(a, b)
	if d := cmp.Diff(a.With(changes...).Records, b.Records); d != "" {
		t.Fatalf("a with its difference to b (-got +want):\n%s", d)
	}
	var back []zone.Change
	for _, c := range changes {
		back = append(back, c.Inverse())
	}
	if d := cmp.Diff(b.With(back...).Records, a.Records); d != "" {
		t.Fatalf("b with the inverse (-got +want):\n%s", d)
	}
}

func TestEditKeys(t *testing.T) {
	www := "www." + apex
	e := zone.Edit{
		Before: []zone.Record{rec(www, "CNAME", "a.example."), rec(apex, "TXT", `"b"`), rec(apex, "TXT", `"a"`)},
		After:  []zone.Record{rec(www, "A", "192.0.2.1"), rec(apex, "TXT", `"c"`)},
		Absent: []zone.Key{{Name: "other." + apex, Type: "A"}},
	}
	want := []zone.Key{{Name: apex, Type: "TXT"}, {Name: www, Type: "A"}, {Name: www, Type: "CNAME"}}
	if d := cmp.Diff(e.Keys(), want); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	if keys := (zone.Edit{}).Keys(); keys != nil {
		t.Errorf("of nothing: got %v, want none", keys)
	}
}

func TestSubtract(t *testing.T) {
	a := []zone.Record{rec(apex, "TXT", `"b"`), rec(apex, "TXT", `"a"`), rec(apex, "A", "192.0.2.1")}
	got := zone.Subtract(a, []zone.Record{{Name: apex, Type: "TXT", Data: `"a"`}})
	if d := cmp.Diff(got, []zone.Record{a[0], a[2]}); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
}
