package spf

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestUnmerge(t *testing.T) {
	sub := []NamedTXT{{"_spf1.cust.example", "v=spf1 ?mx:cust.example -all"}}
	added := Provenance{Added: []string{"include:a.example"}, AllBefore: "-ALL", AllAfter: "~all"}
	created := Provenance{Created: true, Added: []string{"include:a.example", "mx"}, AllAfter: "~all"}
	for _, c := range []struct {
		name    string
		current string
		p       Provenance
		want    Unmerged
	}{
		{
			"as we left it", "v=spf1 mx include:a.example ~all", added,
			Unmerged{Record: "v=spf1 mx -ALL", Changed: true, Removed: []string{"include:a.example"}},
		},
		{
			"respelt since", "v=spf1 mx +Include:A.example. ~All", added,
			Unmerged{Record: "v=spf1 mx -ALL", Changed: true, Removed: []string{"+Include:A.example."}},
		},
		{
			"extended since", "v=spf1 mx include:a.example include:b.example ~all", added,
			Unmerged{Record: "v=spf1 mx include:b.example -ALL", Changed: true, Removed: []string{"include:a.example"}},
		},
		{
			"all changed since", "v=spf1 mx include:a.example ?all", added,
			Unmerged{Record: "v=spf1 mx ?all", Changed: true, Removed: []string{"include:a.example"}, Kept: "?all"},
		},
		{
			"all taken out since", "v=spf1 include:a.example", added,
			Unmerged{Record: "v=spf1", Changed: true, Removed: []string{"include:a.example"}},
		},
		{
			"term gone", "v=spf1  mx -all", added,
			Unmerged{Record: "v=spf1  mx -all", Missing: []string{"include:a.example"}, Kept: "-all"},
		},
		{
			"qualifier changed", "v=spf1 ?include:a.example -all", added,
			Unmerged{Record: "v=spf1 ?include:a.example -all", Missing: []string{"include:a.example"}, Kept: "-all"},
		},
		{"record gone", "", added, Unmerged{Missing: []string{"include:a.example"}}},
		{
			"the first of two", "v=spf1 include:a.example -mx include:a.example -all",
			Provenance{Added: []string{"include:a.example"}, AllBefore: "-all", AllAfter: "-all"},
			Unmerged{Record: "v=spf1 -mx include:a.example -all", Changed: true, Removed: []string{"include:a.example"}},
		},
		{
			"the owner took ours out and kept his",
			"v=spf1 -ip4:192.0.2.1 include:x.example ip4:198.51.100.1 -all",
			Provenance{Before: "v=spf1 -ip4:192.0.2.1 include:x.example -all", Added: []string{"include:x.example"}, AllBefore: "-all", AllAfter: "-all"},
			Unmerged{Record: "v=spf1 -ip4:192.0.2.1 include:x.example ip4:198.51.100.1 -all", Missing: []string{"include:x.example"}},
		},
		{
			"the owner's stands behind all",
			"v=spf1 mx -all include:x.example",
			Provenance{Before: "v=spf1 mx -all include:x.example", Added: []string{"include:x.example"}, AllBefore: "-all", AllAfter: "-all"},
			Unmerged{Record: "v=spf1 mx -all include:x.example", Missing: []string{"include:x.example"}},
		},
		{
			"ours beside one of the owner's behind all",
			"v=spf1 mx include:x.example -all include:x.example",
			Provenance{Before: "v=spf1 mx -all include:x.example", Added: []string{"include:x.example"}, AllBefore: "-all", AllAfter: "-all"},
			Unmerged{Record: "v=spf1 mx -all include:x.example", Changed: true, Removed: []string{"include:x.example"}},
		},
		{
			"ours where Compact took the owner's behind all out",
			"v=spf1 mx include:x.example -all",
			Provenance{Before: "v=spf1 mx -all include:x.example", Added: []string{"include:x.example"}, AllBefore: "-all", AllAfter: "-all"},
			Unmerged{Record: "v=spf1 mx -all", Changed: true, Removed: []string{"include:x.example"}},
		},
		{
			"ours moved behind all",
			"v=spf1 mx -all include:x.example",
			Provenance{Before: "v=spf1 mx -all", Added: []string{"include:x.example"}, AllBefore: "-all", AllAfter: "-all"},
			Unmerged{Record: "v=spf1 mx -all", Changed: true, Removed: []string{"include:x.example"}},
		},
		{
			"default we added", "v=spf1 mx a ~all moo=cow",
			Provenance{Added: []string{"a"}, AllAfter: "~all"},
			Unmerged{Record: "v=spf1 mx moo=cow", Changed: true, Removed: []string{"a"}},
		},
		{
			"created", "v=spf1 include:a.example mx ~all", created,
			Unmerged{Remove: true, Changed: true, Removed: []string{"include:a.example", "mx"}},
		},
		{
			"created and extended", "v=spf1 include:a.example mx include:b.example ~all", created,
			Unmerged{Record: "v=spf1 include:b.example ~all", Changed: true, Removed: []string{"include:a.example", "mx"}},
		},
		{
			"created and given a modifier", "v=spf1 include:a.example mx ~all exp=e.example", created,
			Unmerged{Record: "v=spf1 ~all exp=e.example", Changed: true, Removed: []string{"include:a.example", "mx"}},
		},
		{
			"created and all changed", "v=spf1 include:a.example mx -all", created,
			Unmerged{Remove: true, Changed: true, Removed: []string{"include:a.example", "mx"}},
		},
		{
			"created and emptied by the owner", "v=spf1 -all", created,
			Unmerged{Record: "v=spf1 -all", Missing: []string{"include:a.example", "mx"}},
		},
		{"created without terms", "v=spf1 -all", Provenance{Created: true, AllAfter: "-all"}, Unmerged{Remove: true, Changed: true}},
		{
			"dropped comes back", "v=spf1 ip4:192.0.2.0/24 -all",
			Provenance{Added: []string{"ip4:192.0.2.0/24"}, Dropped: []string{"ip4:192.0.2.1"}},
			Unmerged{Record: "v=spf1 ip4:192.0.2.1 -all", Changed: true, Removed: []string{"ip4:192.0.2.0/24"}},
		},
		{
			"subrecord", "v=spf1 include:_spf1.cust.example -all",
			Provenance{Added: []string{"include:_spf1.cust.example"}, Extra: sub},
			Unmerged{Record: "v=spf1 -all", Changed: true, Removed: []string{"include:_spf1.cust.example"}, Extra: sub},
		},
		{
			"subrecord somebody includes", "v=spf1 include:_spf1.cust.example -mx include:_spf1.cust.example -all",
			Provenance{Added: []string{"include:_spf1.cust.example"}, Extra: sub},
			Unmerged{Record: "v=spf1 -mx include:_spf1.cust.example -all", Changed: true, Removed: []string{"include:_spf1.cust.example"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Unmerge("cust.example", c.current, c.p)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnmergeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, current string
		p             Provenance
		code          Code
	}{
		{"broken record", "v=spf1 mxx", Provenance{}, ErrSyntax},
		{"no record", "hello", Provenance{}, ErrNotSPF},
		{"broken term", "v=spf1 mx", Provenance{Added: []string{"mxx"}}, ErrSyntax},
		{"empty term", "v=spf1 mx", Provenance{Dropped: []string{""}}, ErrSyntax},
		{"broken all", "v=spf1 mx ~all", Provenance{AllBefore: "!all", AllAfter: "~all"}, ErrSyntax},
		{"broken name", "v=spf1 mx", Provenance{Extra: []NamedTXT{{Name: "x"}}}, ErrSyntax},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e *Error
			if _, err := Unmerge("cust.example", c.current, c.p); !errors.As(err, &e) || e.Code != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
}

// What the owner had in one of several records is his after a repair too.
func TestUnmergeOfARepair(t *testing.T) {
	m, err := Merge(MergeRequest{
		Domain: "cust.example", Repair: true, Required: []string{"include:x.example"},
		Existing: []string{"v=spf1 -ip4:192.0.2.1 include:x.example -all", "v=spf1 mx -all"},
	})
	if want := "v=spf1 mx include:x.example -ip4:192.0.2.1 include:x.example -all"; err != nil || m.Record != want {
		t.Fatalf("%q, %v, want %q", m.Record, err, want)
	}
	const repaired = "v=spf1 mx -ip4:192.0.2.1 include:x.example -all"
	for name, current := range map[string]string{"as we left it": m.Record, "the owner took ours out": repaired} {
		t.Run(name, func(t *testing.T) {
			if u, err := Unmerge("cust.example", current, m.Provenance); err != nil || u.Record != repaired {
				t.Errorf("%+v, %v, want %q", u, err, repaired)
			}
		})
	}
}

func TestSatisfies(t *testing.T) {
	sub := hashLabel("v=spf1 ?mx:cust.example a:cust.example -all")
	for _, c := range []struct {
		name, record, required string
		want                   bool
	}{
		{"same", "v=spf1 include:a.example ~all", "v=spf1 include:a.example -all", true},
		{"more, respelt, reordered", "v=spf1 MX +a include:A.EXAMPLE. -all", "v=spf1 include:a.example a:cust.example ~all", true},
		{"missing", "v=spf1 mx ~all", "include:a.example", false},
		{"longer name", "v=spf1 include:a.example.net ~all", "include:a.example", false},
		{"after all", "v=spf1 ~all include:a.example", "include:a.example", false},
		{"other qualifier", "v=spf1 ?include:a.example ~all", "include:a.example", false},
		{"behind an exclusion", "v=spf1 -mx include:a.example ~all", "include:a.example", true},
		{"wider network", "v=spf1 ip4:192.0.2.0/24 ~all", "ip4:192.0.2.16/28", true},
		{"wider network behind an exclusion", "v=spf1 -ip4:192.0.2.17 ip4:192.0.2.0/24 ~all", "ip4:192.0.2.16/28", false},
		{"redirect", "v=spf1 redirect=a.example", "include:a.example", true},
		{"redirect switched off", "v=spf1 redirect=a.example -all", "include:a.example", false},
		{"required redirect", "v=spf1 include:a.example", "v=spf1 redirect=a.example", true},
		{"no terms", "v=spf1 mx", "v=spf1 -all", true},
		{"exclusion in place", "v=spf1 include:b.example ?mx a -all", "?mx a", true},
		{"exclusion in a subrecord", "v=spf1 include:" + sub + ".cust.example -all", "?mx a", true},
		{"exclusion not there", "v=spf1 a ?mx -all", "?mx a", false},
		{"broken record", "v=spf1 mxx", "mx", false},
		{"no record", "", "mx", false},
		{"broken requirement", "v=spf1 mx", "mxx", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Satisfies("cust.example", c.record, c.required); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"v=spf1 a -all", "V=SPF1  +A:cust.example. -ALL", true},
		{"v=spf1 a mx", "v=spf1 mx a", false},
		{"v=spf1 a -all", "v=spf1 a ~all", false},
		{"v=spf1 exists:%{i}.x.example", "v=spf1 exists:%{I}.x.example", false},
		{"v=spf1 ip4:192.0.2.0", "v=spf1 ip4:192.0.2.0/24", false},
	} {
		if got := Equal(mustParse(t, c.a), mustParse(t, c.b), "Cust.example"); got != c.want {
			t.Errorf("Equal(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, value string
		n           int
		want        []int
	}{
		{"empty", "", 255, []int{0}},
		{"fits", strings.Repeat("x", 255), 255, []int{255}},
		{"one more", strings.Repeat("x", 256), 255, []int{255, 1}},
		{"default", strings.Repeat("x", 600), 0, []int{255, 255, 90}},
		{"own size", "abcdefg", 3, []int{3, 3, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			parts := Split(c.value, c.n)
			var got []int
			for _, p := range parts {
				got = append(got, len(p))
			}
			if !slices.Equal(got, c.want) || strings.Join(parts, "") != c.value {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestSubrecordKeepsItsMeaning(t *testing.T) {
	r := mustParse(t, "v=spf1 -A/24 +mx//64 ?ptr a:%{d}/28 include:x.%{d1}.example exists:%{i}.%{dr}%%.example.com a:x%_.%{D2-}")
	got := subrecord(r.Terms, "cust.example")
	want := "v=spf1 -A:cust.example/24 +mx:cust.example//64 ?ptr:cust.example a:cust.example/28 " +
		"include:x.example.example exists:%{i}.example.cust%%.example.com a:x%_.cust.example -all"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	mustParse(t, got)
}
