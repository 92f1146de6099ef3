package memory_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers/zone"
)

// randomPlan is a zone and changes at some of its owners.
func randomPlan(rt *rapid.T) (zone.Snapshot, []zone.Change) {
	var before, after []zone.Record
	for i := range 6 {
		name := zone.Name(fmt.Sprintf("n%d.%s", i, apex))
		if i == 5 {
			name = "deep." + name
		}
		at := randomOwner(rt, name)
		before = append(before, at...)
		if rapid.Bool().Draw(rt, "change") {
			at = randomChange(rt, name, at)
		}
		after = append(after, at...)
	}
	start := zone.NewSnapshot(apex, before)
	changes := zone.Diff(start, zone.NewSnapshot(apex, after))
	for i, c := range changes {
		if slices.ContainsFunc(slices.Concat(c.Add, c.Remove), func(r zone.Record) bool { return r.Type == "CNAME" }) {
			changes[i].Absent = []string{zone.AnyType}
		}
	}
	return start, rapid.Permutation(changes).Draw(rt, "order")
}

// randomChange keeps some records of an owner, or none.
func randomChange(rt *rapid.T, name zone.Name, at []zone.Record) []zone.Record {
	others := randomOwner(rt, name)
	cname := func(r zone.Record) bool { return r.Type == "CNAME" }
	if slices.ContainsFunc(at, cname) || slices.ContainsFunc(others, cname) {
		return others
	}
	for _, r := range at {
		if !zone.Contains(others, r) && rapid.Bool().Draw(rt, "keep") {
			others = append(others, r)
		}
	}
	return others
}

func randomOwner(rt *rapid.T, name zone.Name) []zone.Record {
	if rapid.IntRange(0, 3).Draw(rt, "kind") == 0 {
		return []zone.Record{{Name: name, Type: "CNAME", TTL: 300, Data: fmt.Sprintf("t%d.example.", rapid.IntRange(0, 3).Draw(rt, "target"))}}
	}
	var out []zone.Record
	add := func(typ string, data func(int) string) {
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 3, rapid.ID[int]).Draw(rt, typ) {
			out = append(out, zone.Record{Name: name, Type: typ, TTL: 300, Data: data(n)})
		}
	}
	add("A", func(n int) string { return fmt.Sprintf("192.0.2.%d", n) })
	add("TXT", func(n int) string { return fmt.Sprintf(`"v%d" "tail"`, n) })
	add("MX", func(n int) string { return fmt.Sprintf("%d mx%d.example.", n, n) })
	return out
}
