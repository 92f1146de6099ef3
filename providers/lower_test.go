package providers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
)

const testApex zone.Name = "customer.example"

// recs reads zone text with owners relative to the apex and TTL 300.
func recs(t *testing.T, lines ...string) []zone.Record {
	t.Helper()
	s, err := zone.ReadText(strings.NewReader("$ORIGIN customer.example.\n$TTL 300\n"+strings.Join(lines, "\n")+"\n"), testApex)
	if err != nil {
		t.Fatal(err)
	}
	return s.Records
}

func snapshot(t *testing.T, lines ...string) zone.Snapshot {
	t.Helper()
	s := zone.NewSnapshot(testApex, recs(t, lines...))
	s.Meta, s.Tag = "email=MX", "7"
	return s
}

// change reads "- record" and "+ record" lines of one owner.
func change(t *testing.T, absent string, lines ...string) zone.Change {
	t.Helper()
	c := zone.Change{Absent: strings.Fields(absent)}
	for _, l := range lines {
		r := recs(t, l[2:])
		if l[0] == '-' {
			c.Remove = append(c.Remove, r...)
		} else {
			c.Add = append(c.Add, r...)
		}
		c.Owner = r[0].Name
	}
	return c
}

// printed is an edit as lines: "=" stands on both sides, "-" goes, "+" comes,
// "!" must be absent.
func printed(e zone.Edit) string {
	var out []string
	line := func(sign string, r zone.Record) {
		out = append(out, fmt.Sprintf("%s %s %d %s %s", sign, r.Name.Rel(testApex), r.TTL, r.Type, r.Data))
	}
	for _, r := range e.Before {
		if slices.Contains(e.After, r) {
			line("=", r)
		} else {
			line("-", r)
		}
	}
	for _, r := range e.After {
		if !slices.Contains(e.Before, r) {
			line("+", r)
		}
	}
	for _, k := range e.Absent {
		out = append(out, fmt.Sprintf("! %s %s", k.Name.Rel(testApex), k.Type))
	}
	return strings.Join(out, "\n")
}

func TestLower(t *testing.T) {
	spf := []string{`@ TXT "v=spf1 -all"`, `@ TXT "token"`}
	newSPF := func(t *testing.T) []zone.Change {
		return []zone.Change{change(t, "", `- @ TXT "v=spf1 -all"`, `+ @ TXT "v=spf1 mx -all"`)}
	}
	swap := func(t *testing.T) []zone.Change {
		return []zone.Change{change(t, "ANY", `- www A 192.0.2.1`, `- www A 192.0.2.2`, `- www TXT "x"`, `+ www CNAME edge.app.example.`)}
	}
	swapBack := func(t *testing.T) []zone.Change {
		return []zone.Change{change(t, "ANY", `- www CNAME edge.app.example.`, `+ www A 192.0.2.1`, `+ www A 192.0.2.2`, `+ www TXT "x"`)}
	}
	mixed := func(t *testing.T) []zone.Change {
		return []zone.Change{
			change(t, "", `- z A 192.0.2.9`),
			change(t, "", `- @ TXT "token"`, `+ @ TXT "other"`),
			change(t, "ANY", `- www A 192.0.2.1`, `+ www CNAME edge.app.example.`),
			change(t, "", `+ deep.new A 192.0.2.8`),
			change(t, "", `+ new A 192.0.2.7`),
		}
	}
	mixedZone := []string{`@ TXT "token"`, `www A 192.0.2.1`, `z A 192.0.2.9`, `keep A 192.0.2.5`}
	for _, tt := range []struct {
		name    string
		grain   Grain
		zone    []string
		changes func(*testing.T) []zone.Change
		want    []string
	}{
		{"nothing", GrainBatch, spf, func(*testing.T) []zone.Change { return nil }, nil},
		{"stands already", GrainZone, spf, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "", `+ @ TXT "token"`)}
		}, nil},
		{"spf, record: replaced in place", GrainRecord, spf, newSPF, []string{
			"- @ 300 TXT \"v=spf1 -all\"\n+ @ 300 TXT \"v=spf1 mx -all\"",
		}},
		{"spf, rrset: the neighbour rides along", GrainRRset, spf, newSPF, []string{
			"= @ 300 TXT \"token\"\n- @ 300 TXT \"v=spf1 -all\"\n+ @ 300 TXT \"v=spf1 mx -all\"",
		}},
		{"spf, batch", GrainBatch, spf, newSPF, []string{
			"= @ 300 TXT \"token\"\n- @ 300 TXT \"v=spf1 -all\"\n+ @ 300 TXT \"v=spf1 mx -all\"",
		}},
		{"spf, zone: everything rides along", GrainZone, append([]string{"a A 192.0.2.1"}, spf...), newSPF, []string{
			"= @ 300 TXT \"token\"\n- @ 300 TXT \"v=spf1 -all\"\n= a 300 A 192.0.2.1\n+ @ 300 TXT \"v=spf1 mx -all\"",
		}},
		{"more than before, record: in place, then added", GrainRecord, []string{`a A 192.0.2.1`}, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "", `- a A 192.0.2.1`, `+ a A 192.0.2.2`, `+ a A 192.0.2.3`)}
		}, []string{
			"- a 300 A 192.0.2.1\n+ a 300 A 192.0.2.2",
			"+ a 300 A 192.0.2.3",
		}},
		{"less than before, record: in place, then removed", GrainRecord, []string{`a A 192.0.2.1`, `a A 192.0.2.2`}, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "", `- a A 192.0.2.1`, `- a A 192.0.2.2`, `+ a A 192.0.2.3`)}
		}, []string{
			"- a 300 A 192.0.2.1\n+ a 300 A 192.0.2.3",
			"- a 300 A 192.0.2.2",
		}},
		{"swap to CNAME, rrset: removals, then at once the CNAME", GrainRRset, []string{`www A 192.0.2.1`, `www A 192.0.2.2`, `www TXT "x"`}, swap, []string{
			"- www 300 A 192.0.2.1\n- www 300 A 192.0.2.2",
			"- www 300 TXT \"x\"",
			"+ www 300 CNAME edge.app.example.\n! www ANY",
		}},
		{"swap to CNAME, batch: one write", GrainBatch, []string{`www A 192.0.2.1`, `www A 192.0.2.2`, `www TXT "x"`}, swap, []string{
			"- www 300 A 192.0.2.1\n- www 300 A 192.0.2.2\n- www 300 TXT \"x\"\n+ www 300 CNAME edge.app.example.\n! www ANY",
		}},
		{"swap from CNAME, rrset: only the first may want the owner empty", GrainRRset, []string{`www CNAME edge.app.example.`}, swapBack, []string{
			"- www 300 CNAME edge.app.example.",
			"+ www 300 A 192.0.2.1\n+ www 300 A 192.0.2.2\n! www ANY",
			"+ www 300 TXT \"x\"",
		}},
		{"swap from CNAME, record", GrainRecord, []string{`www CNAME edge.app.example.`}, swapBack, []string{
			"- www 300 CNAME edge.app.example.",
			"+ www 300 A 192.0.2.1\n! www ANY",
			"+ www 300 A 192.0.2.2",
			"+ www 300 TXT \"x\"",
		}},
		{"order, rrset: what adds, what stays, swaps, what goes; short names first", GrainRRset, mixedZone, mixed, []string{
			"+ new 300 A 192.0.2.7",
			"+ deep.new 300 A 192.0.2.8",
			"- @ 300 TXT \"token\"\n+ @ 300 TXT \"other\"",
			"- www 300 A 192.0.2.1",
			"+ www 300 CNAME edge.app.example.\n! www ANY",
			"- z 300 A 192.0.2.9",
		}},
		{"absent types that the change itself removes later are not asked for", GrainRRset, []string{`a A 192.0.2.1`, `a AAAA 2001:db8::1`}, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "A AAAA CNAME", `- a A 192.0.2.1`, `- a AAAA 2001:db8::1`, `+ a A 192.0.2.2`)}
		}, []string{
			"- a 300 A 192.0.2.1\n+ a 300 A 192.0.2.2\n! a A\n! a CNAME",
			"- a 300 AAAA 2001:db8::1",
		}},
		{"absent, batch: what is added and stands already is no obstacle", GrainBatch, []string{`a A 192.0.2.1`, `a TXT "x"`}, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "ANY", `- a TXT "x"`, `+ a A 192.0.2.1`, `+ a TXT "y"`)}
		}, []string{
			"- a 300 TXT \"x\"\n= a 300 A 192.0.2.1\n+ a 300 TXT \"y\"\n! a ANY",
		}},
		{"an alias for an address: the two side by side, texts by themselves", GrainRRset, []string{`@ A 192.0.2.1`, `@ MX 10 m.example.`, `@ TXT "old"`, `@ CAA 0 issue "ca.example"`}, func(t *testing.T) []zone.Change {
			c := change(t, "", `- @ A 192.0.2.1`, `- @ CAA 0 issue "ca.example"`, `- @ MX 10 m.example.`, `+ @ MX 20 n.example.`, `- @ TXT "old"`, `+ @ TXT "new"`)
			c.Add = append(c.Add, zone.Record{Name: testApex, Type: zone.TypeAlias, TTL: 300, Data: "edge.app.example."})
			return []zone.Change{c}
		}, []string{
			"- @ 300 MX 10 m.example.\n+ @ 300 MX 20 n.example.",
			"- @ 300 TXT \"old\"\n+ @ 300 TXT \"new\"",
			"- @ 300 A 192.0.2.1",
			"+ @ 300 ALIAS edge.app.example.",
			"- @ 300 CAA 0 issue \"ca.example\"",
		}},
		{"another family: added before removed", GrainRRset, []string{`a A 192.0.2.1`}, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "", `- a A 192.0.2.1`, `+ a AAAA 2001:db8::1`)}
		}, []string{
			"+ a 300 AAAA 2001:db8::1",
			"- a 300 A 192.0.2.1",
		}},
		{"one owner: by type", GrainRecord, nil, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "", `+ a TXT "x"`, `+ a A 192.0.2.1`, `+ a MX 10 m.example.`)}
		}, []string{
			"+ a 300 A 192.0.2.1",
			"+ a 300 MX 10 m.example.",
			"+ a 300 TXT \"x\"",
		}},
		{"TTL alone, record: in place", GrainRecord, []string{`a A 192.0.2.1`}, func(t *testing.T) []zone.Change {
			return []zone.Change{change(t, "", `- a A 192.0.2.1`, `+ a 60 A 192.0.2.1`)}
		}, []string{"- a 300 A 192.0.2.1\n+ a 60 A 192.0.2.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for i, s := range lower(snapshot(t, tt.zone...), tt.changes(t), Caps{Grain: tt.grain}) {
				tag := "" // the first write makes another version
				if i == 0 {
					tag = "7"
				}
				if s.edit.Meta != "email=MX" || s.edit.Tag != tag {
					t.Errorf("write %d: meta %q, tag %q: want that of the snapshot, and %q", i, s.edit.Meta, s.edit.Tag, tag)
				}
				got = append(got, printed(s.edit))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("writes (-want +got):\n%s", d)
			}
		})
	}
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct {
		name   string
		zone   []string
		c      zone.Change
		cutOff bool
		want   string // "" for none, else a part of the reason
	}{
		{"an addition never conflicts", []string{`@ TXT "a"`}, change(t, "", `+ @ TXT "b"`), false, ""},
		{"a removal of what is gone is done", nil, change(t, "", `- @ TXT "a"`), false, ""},
		{"the value to be replaced is gone", []string{`@ TXT "theirs"`}, change(t, "", `- @ TXT "old"`, `+ @ TXT "new"`), false, "no longer there"},
		{"it is gone, by our own hand", nil, change(t, "", `- @ TXT "old"`, `+ @ TXT "new"`), true, ""},
		{"it is gone, by somebody else's hand", []string{`@ TXT "theirs"`}, change(t, "", `- @ TXT "old"`, `+ @ TXT "new"`), true, "no longer there"},
		{"it is gone by our own hand, and others are yet to go", []string{`@ TXT "new"`, `@ TXT "token"`, `@ TXT "old2"`}, change(t, "", `- @ TXT "old"`, `- @ TXT "old2"`, `+ @ TXT "new"`, `+ @ TXT "new2"`), true, ""},
		{"the replacement stands already", []string{`@ TXT "new"`}, change(t, "", `- @ TXT "old"`, `+ @ TXT "new"`), false, ""},
		{"a change of TTL", []string{`@ TXT "a"`}, change(t, "", `- @ TXT "a"`, `+ @ 60 TXT "a"`), false, ""},
		{"a type that must be absent", []string{`a TXT "x"`}, change(t, "TXT", `+ a A 192.0.2.1`), false, "TXT record stands"},
		{"any type must be absent", []string{`a TXT "x"`}, change(t, "ANY", `+ a CNAME b.example.`), false, "TXT record stands"},
		{"what is removed may stand", []string{`a TXT "x"`}, change(t, "ANY", `- a TXT "x"`, `+ a CNAME b.example.`), false, ""},
		{"another owner does not count", []string{`b TXT "x"`}, change(t, "ANY", `+ a CNAME b.example.`), false, ""},
		{"other borders are the same value", []string{`@ TXT "o" "ld"`}, change(t, "", `- @ TXT "old"`, `+ @ TXT "new"`), false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var begun []SetImage
			if tt.cutOff {
				begun = images(snapshot(t, `@ TXT "old"`, `@ TXT "old2"`, `@ TXT "token"`), []zone.Change{tt.c})
			}
			got := guard(snapshot(t, tt.zone...), tt.c, begun)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSeen(t *testing.T) {
	for _, tt := range []struct {
		name string
		zone []string
		c    zone.Change
		want progress
	}{
		{"added", []string{`@ TXT "a"`}, change(t, "", `+ @ TXT "a"`), complete},
		{"not added", nil, change(t, "", `+ @ TXT "a"`), notBegun},
		{"one of two", []string{`@ TXT "a"`}, change(t, "", `+ @ TXT "a"`, `+ @ TXT "b"`), partly},
		{"removed", nil, change(t, "", `- @ TXT "a"`), complete},
		{"removed, not yet added", nil, change(t, "", `- @ TXT "a"`, `+ @ TXT "b"`), partly},
		{"both stand", []string{`@ TXT "a"`, `@ TXT "b"`}, change(t, "", `- @ TXT "a"`, `+ @ TXT "b"`), partly},
		{"TTL not changed", []string{`@ TXT "a"`}, change(t, "", `- @ TXT "a"`, `+ @ 60 TXT "a"`), notBegun},
		{"TTL changed", []string{`@ 60 TXT "a"`}, change(t, "", `- @ TXT "a"`, `+ @ 60 TXT "a"`), complete},
		{"TTL of a value that is gone", nil, change(t, "", `- @ TXT "a"`, `+ @ 60 TXT "a"`), partly},
		{"TTL of two values, one of which is gone", []string{`@ TXT "b"`}, change(t, "", `- @ TXT "a"`, `+ @ 60 TXT "a"`, `- @ TXT "b"`, `+ @ 60 TXT "b"`), partly},
		{"TTL of a value that has a third one", []string{`@ 9 TXT "a"`}, change(t, "", `- @ TXT "a"`, `+ @ 60 TXT "a"`), notBegun},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := seen(snapshot(t, tt.zone...), tt.c); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// disorder is the first fault in the order of steps: a name that is left
// without values of a type which it had and is to have, a swap of which
// something else comes between the halves, a removal before something comes.
func disorder(snap, plan zone.Snapshot, steps []step) string {
	now := slices.Clone(snap.Records)
	var removed, swapping zone.Name
	for i, s := range steps {
		for _, r := range s.edit.Before {
			now = slices.DeleteFunc(now, r.SameData)
		}
		now = append(now, s.edit.After...)
		owner, goes := s.edit.Keys()[0].Name, true
		for _, k := range s.edit.Keys() {
			goes = goes && len(plan.Set(k.Name, k.Type)) == 0
			left := slices.ContainsFunc(now, func(r zone.Record) bool { return r.Key() == k })
			if !left && len(snap.Set(k.Name, k.Type)) > 0 && len(plan.Set(k.Name, k.Type)) > 0 {
				return fmt.Sprintf("step %d: no %s is left at %s", i, k.Type, owner)
			}
		}
		half := !slices.ContainsFunc(now, func(r zone.Record) bool { return r.Name == owner }) && len(plan.At(owner)) > 0
		switch {
		case swapping != "" && owner != swapping:
			return fmt.Sprintf("step %d: %s waits for the other half of its swap", i, swapping)
		case removed != "" && len(s.edit.After) > 0:
			return fmt.Sprintf("step %d: %s lost something before %s has all", i, removed, owner)
		case half:
			swapping = owner
		case goes && swapping == "":
			removed = owner
		default:
			swapping = ""
		}
	}
	return ""
}

// TestOrder: no write leaves a name worse than the plan has it, but for the
// moment of a swap; other orders do.
func TestOrder(t *testing.T) {
	lines := []string{
		`@ TXT "v=spf1 -all"`, `@ TXT "token"`, `a A 192.0.2.1`, `a A 192.0.2.2`, `b.a A 192.0.2.3`, `go MX 10 m.example.`, `go TXT "x"`,
		`s1 A 192.0.2.4`, `s2 CNAME old.example.`,
	}
	snap := snapshot(t, lines...)
	changes := []zone.Change{
		change(t, "", `- go MX 10 m.example.`, `- go TXT "x"`),
		change(t, "ANY", `- s1 A 192.0.2.4`, `+ s1 CNAME edge.app.example.`),
		change(t, "ANY", `- s2 CNAME old.example.`, `+ s2 A 192.0.2.5`),
		change(t, "", `- @ TXT "v=spf1 -all"`, `+ @ TXT "v=spf1 mx -all"`, `+ @ TXT "new"`, `+ @ MX 10 m.example.`),
		change(t, "", `- a A 192.0.2.1`, `- a A 192.0.2.2`, `+ a A 192.0.2.8`),
		change(t, "", `- b.a A 192.0.2.3`, `+ b.a A 192.0.2.6`, `+ b.a A 192.0.2.7`),
	}
	plan := snap.With(changes...)
	for _, grain := range []Grain{GrainRecord, GrainRRset} {
		steps := lower(snap, changes, Caps{Grain: grain})
		if got := disorder(snap, plan, steps); got != "" {
			t.Errorf("%s: %s", grain, got)
		}
		first := func(rank func(step) int) []step {
			out := slices.Clone(steps)
			slices.SortStableFunc(out, func(a, b step) int { return rank(a) - rank(b) })
			return out
		}
		for name, mutant := range map[string][]step{
			"removes first": first(func(s step) int { return min(len(s.edit.After), 1) }),
			"all removing halves of swaps, then the adding ones": first(func(s step) int {
				switch {
				case !s.swap:
					return 0
				case len(s.edit.After) == 0:
					return -2
				}
				return -1
			}),
			"backwards": func() []step { out := slices.Clone(steps); slices.Reverse(out); return out }(),
		} {
			if disorder(snap, plan, mutant) == "" {
				t.Errorf("%s: an order that %s is not noticed", grain, name)
			}
		}
	}
}
