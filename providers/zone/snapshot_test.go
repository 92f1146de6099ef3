package zone_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
)

const apex = zone.Name("customer.example")

func rec(name zone.Name, typ, data string) zone.Record {
	return zone.Record{Name: name, Type: typ, TTL: 300, Data: data}
}

// What cannot be read stays to the byte, and nothing else that a host gave is
// lost either.
func TestNewSnapshot(t *testing.T) {
	got := zone.NewSnapshot("customer.example", []zone.Record{
		{Name: "www.customer.example", Type: "cname", TTL: 60, Data: "Edge.App.Example", Meta: "proxied=true"},
		{Name: "WWW2.Customer.Example.", Type: "A", TTL: 60, Data: "192.0.2.1"},
		{Name: "customer.example", Type: "mx", TTL: 60, Data: "Mail", Meta: "id=1"},
		{Name: "customer.example", Type: "A", TTL: 60, Data: " 192.0.2.1 ", Opaque: true},
		{Name: "customer.example", Type: "A", TTL: 60, Data: "192.0.2.2"},
		{Name: "customer.example", Type: "WORKER", TTL: 1, Data: "script\x00"},
		{Name: "bad..name", Type: "A", TTL: 1, Data: "192.0.2.3"},
	})
	want := []zone.Record{
		{Name: "customer.example", Type: "A", TTL: 60, Data: " 192.0.2.1 ", Opaque: true},
		{Name: "customer.example", Type: "A", TTL: 60, Data: "192.0.2.2"},
		{Name: "customer.example", Type: "MX", TTL: 60, Data: "Mail", Meta: "id=1", Opaque: true},
		{Name: "customer.example", Type: "WORKER", TTL: 1, Data: "script\x00", Opaque: true},
		{Name: "www.customer.example", Type: "CNAME", TTL: 60, Data: "edge.app.example.", Meta: "proxied=true"},
		{Name: "www2.customer.example", Type: "A", TTL: 60, Data: "192.0.2.1"},
		{Name: "bad..name", Type: "A", TTL: 1, Data: "192.0.2.3"},
	}
	if d := cmp.Diff(got.Records, want); d != "" {
		t.Errorf("records (-got +want):\n%s", d)
	}
}

func TestLookups(t *testing.T) {
	s := zone.NewSnapshot(apex, []zone.Record{
		rec(apex, "A", "192.0.2.1"),
		rec(apex, "TXT", `"a"`),
		rec(apex, "TXT", `"b"`),
		rec("a."+apex, "A", "192.0.2.2"),
		rec("c.b."+apex, "A", "192.0.2.3"),
		rec("b-."+apex, "A", "192.0.2.4"),
	})
	data := func(recs []zone.Record) []string {
		var out []string
		for _, r := range recs {
			out = append(out, r.Data)
		}
		return out
	}
	for _, c := range []struct {
		name string
		got  []zone.Record
		want []string
	}{
		{"at the apex", s.At(apex), []string{"192.0.2.1", `"a"`, `"b"`}},
		{"at an empty non-terminal", s.At("b." + apex), nil},
		{"at a name after all others", s.At("z.example"), nil},
		{"set", s.Set(apex, "TXT"), []string{`"a"`, `"b"`}},
		{"set of a type before all others", s.Set(apex, "A"), []string{"192.0.2.1"}},
		{"set of a type between", s.Set(apex, "MX"), nil},
		{"set of a type after all others", s.Set(apex, "URI"), nil},
		{"below the apex", s.Below(apex), []string{"192.0.2.2", "192.0.2.3", "192.0.2.4"}},
		{"below an empty non-terminal", s.Below("b." + apex), []string{"192.0.2.3"}},
		{"below a leaf", s.Below("a." + apex), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(data(c.got), c.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	}
	// What is returned must not be a way into the snapshot.
	_ = append(s.At("a."+apex), rec("x."+apex, "A", "192.0.2.66"))
	_ = append(s.Set(apex, "A"), rec("x."+apex, "A", "192.0.2.66"))
	if d := cmp.Diff(s, zone.NewSnapshot(apex, s.Records)); d != "" {
		t.Errorf("appending to a part changed the whole (-got +want):\n%s", d)
	}
}

// The zone of RFC 4592 section 2.2.1, and what its section 3.3.1 says of it.
func TestWildcard(t *testing.T) {
	s := zone.NewSnapshot("example", []zone.Record{
		rec("example", "SOA", "ns.example.com. host.example.com. 1 1 1 1 1"),
		rec("example", "NS", "ns.example.com."),
		rec("*.example", "TXT", `"this is a wildcard"`),
		rec("sub.*.example", "TXT", `"this is not a wildcard"`),
		rec("host1.example", "A", "192.0.2.1"),
		rec("_ssh._tcp.host1.example", "SRV", "0 0 22 host1.example."),
		rec("subdel.example", "NS", "ns.example.com."),
		rec("ghost.*.void.example", "TXT", `"a wildcard name without records"`),
	})
	for _, c := range []struct {
		name   string
		n      zone.Name
		exists bool
		want   zone.Name
		ok     bool
	}{
		{"any new name", "host3.example", false, "*.example", true},
		{"a name two labels below", "foo.bar.example", false, "*.example", true},
		{"an existing name", "host1.example", true, "", false},
		{"the wildcard itself", "*.example", true, "", false},
		{"below the wildcard, existing", "sub.*.example", true, "", false},
		{"below the wildcard, its closest encloser", "new.*.example", false, "*.*.example", false},
		{"an empty non-terminal", "_tcp.host1.example", true, "", false},
		{"below an existing name", "_telnet._tcp.host1.example", false, "*._tcp.host1.example", false},
		{"below a host", "x.host1.example", false, "*.host1.example", false},
		{"below a delegation", "host.subdel.example", false, "*.subdel.example", false},
		{"below a wildcard name that has no records", "x.void.example", false, "*.void.example", false},
		{"the apex", "example", true, "", false},
		{"outside the zone", "other", false, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := s.Exists(c.n); got != c.exists {
				t.Errorf("Exists(%q) = %t, want %t", c.n, got, c.exists)
			}
			got, ok := s.Wildcard(c.n)
			if ok != c.ok || ok && got != c.want {
				t.Errorf("Wildcard(%q) = %q, %t; want %q, %t", c.n, got, ok, c.want, c.ok)
			}
		})
	}
	root := zone.NewSnapshot(zone.Root, []zone.Record{rec("*", "A", "192.0.2.1"), rec(zone.Root, "NS", "ns.")})
	if got, ok := root.Wildcard("a.b"); got != "*" || !ok {
		t.Errorf("in the root: got %q, %t; want *", got, ok)
	}
}
