package zone_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers/zone"
)

// names near each other: few labels, all the ways in which one is above,
// beside or a mere suffix of another.
var names = rapid.Custom(func(t *rapid.T) zone.Name {
	labels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "-", "a-b", "*", "_x", `\046`, `a\046b`, "0", "xn--a"}), 0, 4).Draw(t, "labels")
	return zone.Name(strings.Join(append(labels, string(apex)), "."))
})

var records = rapid.Custom(func(t *rapid.T) zone.Record {
	k := rapid.SampledFrom([][2]string{
		{"A", "192.0.2.1"},
		{"A", "192.0.2.2"},
		{"AAAA", "2001:db8::1"},
		{"TXT", `"ab"`},
		{"TXT", `"a" "b"`},
		{"TXT", `"\200\"; ("`},
		{"MX", "10 mail.customer.example."},
		{"MX", "opaque"},
		{"CAA", `0 issue "ca.example"`},
		{"TYPE65400", `\# 1 ff`},
		{"REDIRECT", "https://x.example/"},
	}).Draw(t, "data")
	return zone.Record{
		Name: names.Draw(t, "name"), Type: k[0], Data: k[1],
		TTL:  rapid.SampledFrom([]uint32{60, 300}).Draw(t, "ttl"),
		Meta: rapid.SampledFrom([]string{"", "", "proxied=true"}).Draw(t, "meta"),
	}
})

// snapshots hold no record twice, but may hold one data with two TTLs.
var snapshots = rapid.Custom(func(t *rapid.T) zone.Snapshot {
	return zone.NewSnapshot(apex, rapid.SliceOfNDistinct(records, 0, 20, func(r zone.Record) zone.Record { return r }).Draw(t, "records"))
})

func TestDiffProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := snapshots.Draw(rt, "a")
		b := snapshots.Draw(rt, "b")
		if rapid.Bool().Draw(rt, "related") {
			b = zone.NewSnapshot(apex, append(b.Records, zone.Subtract(a.Records, b.Records)...))
		}
		checkDiff(t, a, b)
		for i, c := range zone.Diff(a, b) {
			for _, r := range slices.Concat(c.Remove, c.Add) {
				if r.Name != c.Owner {
					rt.Fatalf("change %d of %q holds %v", i, c.Owner, r)
				}
			}
		}
	})
}

// The order of the records given does not matter.
func TestNewSnapshotProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := snapshots.Draw(rt, "snapshot")
		again := zone.NewSnapshot(apex, rapid.Permutation(s.Records).Draw(rt, "shuffled"))
		if !slices.Equal(again.Records, s.Records) {
			rt.Fatalf("got %v, want %v", again.Records, s.Records)
		}
	})
}

// lookups must find what a walk through all records finds.
func TestLookupsProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := snapshots.Draw(rt, "snapshot")
		n := names.Draw(rt, "name")
		filter := func(keep func(zone.Record) bool) []zone.Record {
			return slices.DeleteFunc(slices.Clone(s.Records), func(r zone.Record) bool { return !keep(r) })
		}
		at := filter(func(r zone.Record) bool { return r.Name == n })
		below := filter(func(r zone.Record) bool { return strings.HasSuffix(string(r.Name), "."+string(n)) })
		if got := s.At(n); !slices.Equal(got, at) {
			rt.Fatalf("At(%q) = %v, want %v", n, got, at)
		}
		if got := s.Below(n); !slices.Equal(got, below) {
			rt.Fatalf("Below(%q) = %v, want %v", n, got, below)
		}
		if got := s.Set(n, "TXT"); !slices.Equal(got, filter(func(r zone.Record) bool { return r.Name == n && r.Type == "TXT" })) {
			rt.Fatalf("Set(%q, TXT) = %v", n, got)
		}
		if got := s.Exists(n); got != (len(at)+len(below) > 0) {
			rt.Fatalf("Exists(%q) = %t", n, got)
		}
	})
}

func TestCompareProperty(t *testing.T) {
	// RFC 4034 section 6.1, label by label from the right.
	reference := func(a, b zone.Name) int {
		la, lb := strings.Split(string(a), "."), strings.Split(string(b), ".")
		slices.Reverse(la)
		slices.Reverse(lb)
		return slices.CompareFunc(la, lb, strings.Compare)
	}
	rapid.Check(t, func(rt *rapid.T) {
		ns := rapid.SliceOfN(names, 2, 20).Draw(rt, "names")
		for _, a := range ns {
			for _, b := range ns {
				if got, want := zone.Compare(a, b), reference(a, b); got != want {
					rt.Fatalf("Compare(%q, %q) = %d, want %d", a, b, got, want)
				}
			}
		}
		slices.SortFunc(ns, zone.Compare)
		for i, a := range ns {
			end := i
			for end < len(ns) && ns[end].Within(a) {
				end++
			}
			for _, b := range ns[end:] {
				if b.Within(a) {
					rt.Fatalf("%q stands apart from %q in %q", b, a, ns)
				}
			}
		}
	})
}

func TestTextProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := snapshots.Draw(rt, "snapshot")
		s.Records = slices.DeleteFunc(s.Records, func(r zone.Record) bool { return r.Opaque || r.Type == "REDIRECT" })
		for i := range s.Records {
			s.Records[i].Meta = "" // zone text has no place for it
		}
		s.Records = slices.Compact(s.Records)
		checkRoundTrip(t, s)
	})
}

func TestStringsProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		strs := rapid.SliceOfN(rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 300), func(b []byte) string { return string(b) }), 1, 4).Draw(rt, "strings")
		data := zone.QuoteStrings(strs...)
		got, err := zone.ParseStrings(data)
		if err != nil || !slices.Equal(got, strs) {
			rt.Fatalf("%q quoted and parsed is %q, %v", strs, got, err)
		}
		value := strings.Join(strs, "")
		r := zone.NewTXT(apex, 300, value)
		if r.Text() != value {
			rt.Fatalf("Text() = %q, want %q", r.Text(), value)
		}
		canon, err := zone.Canonical("TXT", data)
		if err != nil || !r.SameData(zone.Record{Name: apex, Type: "TXT", Data: canon}) {
			rt.Fatalf("Canonical(%q) = %q, %v: not the same data as %q", data, canon, err, r.Data)
		}
	})
}

func TestRecordOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := snapshots.Draw(rt, "snapshot")
		if rapid.Bool().Draw(rt, "bad name") {
			s = zone.NewSnapshot(apex, append(s.Records, rec("a..b", "A", "192.0.2.1"), rec("a\x00."+apex, "A", "192.0.2.1")))
		}
		if !slices.IsSortedFunc(s.Records, func(a, b zone.Record) int {
			return cmp.Or(zone.Compare(a.Name, b.Name), strings.Compare(a.Type, b.Type), strings.Compare(a.Data, b.Data))
		}) {
			rt.Fatal(fmt.Sprint(s.Records))
		}
	})
}
