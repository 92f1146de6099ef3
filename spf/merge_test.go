package spf

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func codes(m Merged) string {
	var all []string
	for _, w := range m.Warnings {
		all = append(all, w.Code)
	}
	return strings.Join(all, " ")
}

func TestMerge(t *testing.T) {
	for _, c := range []struct {
		name     string
		q        MergeRequest
		want     string
		warnings string
		before   string
		after    string
	}{
		{"nothing at all", MergeRequest{}, "", "", "", ""},
		{
			"fragment",
			MergeRequest{Existing: []string{"v=spf1 mx -all"}, Required: []string{"include:a.example  a:b.example"}},
			"v=spf1 mx include:a.example a:b.example -all", "", "-all", "-all",
		},
		{
			"several requirements",
			MergeRequest{Existing: []string{"v=spf1 mx -all"}, Required: []string{"", "include:a.example", "v=spf1 include:b.example ~all"}},
			"v=spf1 mx include:a.example include:b.example ~all", "all-weakened", "-all", "~all",
		},
		{"created from fragments", MergeRequest{Required: []string{"include:a.example", "mx"}}, "v=spf1 include:a.example mx ~all", "", "", "~all"},
		{"created from a null record", MergeRequest{Required: []string{"v=spf1 -all"}}, "v=spf1 -all", "", "", "-all"},
		{"created from a redirect", MergeRequest{Required: []string{"v=spf1 redirect=_spf.a.example"}}, "v=spf1 include:_spf.a.example ~all", "", "", "~all"},
		{
			"created with exclusions",
			MergeRequest{Required: []string{"v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 -all", "mx"}},
			"v=spf1 mx -ip4:192.0.2.1 ip4:192.0.2.0/24 -all", "", "", "-all",
		},
		{"created with exclusions, and a term again", MergeRequest{Required: []string{"a ?mx", "A:cust.example"}}, "v=spf1 a ?mx ~all", "", "", "~all"},
		{
			"a term twice in one requirement and again in the next",
			MergeRequest{Existing: []string{"v=spf1 -all"}, Required: []string{"include:a.example mx include:A.example. ip4:192.0.2.0/24", "+MX ip4:192.0.2.1 include:a.example"}},
			"v=spf1 include:a.example mx ip4:192.0.2.0/24 -all", "null-sender", "-all", "-all",
		},
		{"created with an explicit all", MergeRequest{Required: []string{"mx -all"}, All: Explicit, Explicit: "?ALL"}, "v=spf1 mx ?all", "", "", "?all"},
		{
			"created without exp",
			MergeRequest{Required: []string{"v=spf1 mx exp=why.example moo=cow -all"}},
			"v=spf1 mx -all", "required-exp-dropped required-modifier-dropped", "", "-all",
		},
		{"terms after the required all", MergeRequest{Existing: []string{"v=spf1 mx -all"}, Required: []string{"v=spf1 -all include:a.example"}}, "v=spf1 mx -all", "", "-all", "-all"},
		{"spaces stay if nothing changes", MergeRequest{Existing: []string{"v=spf1  mx  -all "}, Required: []string{"mx"}}, "v=spf1  mx  -all ", "", "-all", "-all"},
		{"all keeps its case", MergeRequest{Existing: []string{"v=spf1 mx -ALL"}, Required: []string{"a -all"}}, "v=spf1 mx a -ALL", "", "-all", "-all"},
		{"bare all", MergeRequest{Existing: []string{"v=spf1 all"}, Required: []string{"mx ~all"}}, "v=spf1 mx all", "pass-all", "+all", "+all"},
		{"explicit stronger", MergeRequest{Existing: []string{"v=spf1 mx ?all"}, Required: []string{"a"}, All: Explicit, Explicit: "-all"}, "v=spf1 mx a -all", "all-strengthened", "?all", "-all"},
		{"explicit added before modifiers", MergeRequest{Existing: []string{"v=spf1 mx moo=cow"}, Required: []string{"a"}, All: Explicit, Explicit: "~all"}, "v=spf1 mx a ~all moo=cow", "default-added", "", "~all"},
		{"explicit beside redirect", MergeRequest{Existing: []string{"v=spf1 redirect=o.example"}, Required: []string{"a"}, All: Explicit, Explicit: "~all"}, "v=spf1 a redirect=o.example", "explicit-ignored", "", ""},
		{"same redirect", MergeRequest{Existing: []string{"v=spf1 mx redirect=O.example."}, Required: []string{"v=spf1 redirect=o.example"}}, "v=spf1 mx redirect=O.example.", "", "", ""},
		{"include of the redirect", MergeRequest{Existing: []string{"v=spf1 redirect=o.example"}, Required: []string{"include:o.example"}}, "v=spf1 redirect=o.example", "", "", ""},
		{
			"redirect behind an exclusion",
			MergeRequest{Existing: []string{"v=spf1 -mx redirect=o.example"}, Required: []string{"include:o.example"}},
			"v=spf1 include:o.example -mx redirect=o.example", "inserted-before-negative", "", "",
		},
		{
			"include of the redirect before another",
			MergeRequest{Existing: []string{"v=spf1 redirect=o.example"}, Required: []string{"include:o.example include:a.example"}},
			"v=spf1 include:o.example include:a.example redirect=o.example", "", "", "",
		},
		{
			"include of the redirect before a network",
			MergeRequest{Existing: []string{"v=spf1 redirect=o.example"}, Required: []string{"include:o.example ip4:192.0.2.1"}},
			"v=spf1 ip4:192.0.2.1 redirect=o.example", "", "", "",
		},
		{"hidden record beside", MergeRequest{Existing: []string{`"v=spf1 a -all"`, "v=spf1 mx -all"}, Required: []string{"mx"}}, "v=spf1 mx -all", "hidden-record", "-all", "-all"},
		{"modifier for a mechanism", MergeRequest{Existing: []string{"v=spf1 ip4=192.0.2.1 -all"}, Required: []string{"mx"}}, "v=spf1 ip4=192.0.2.1 mx -all", "suspicious-modifier null-sender", "-all", "-all"},
		{"size", MergeRequest{Existing: []string{strings.Repeat("x", 440), "v=spf1 -all"}}, "v=spf1 -all", "size", "-all", "-all"},
		{
			"repair without default",
			MergeRequest{Existing: []string{"v=spf1 mx -all", "v=spf1 a exp=why.example moo=cow"}, Repair: true},
			"v=spf1 mx a exp=why.example moo=cow ?all", "multiple-records", "?all", "?all",
		},
		{"repair with redirect", MergeRequest{Existing: []string{"v=spf1 mx -all", "v=spf1 redirect=o.example"}, Repair: true}, "v=spf1 mx include:o.example -all", "multiple-records", "-all", "-all"},
		{"repair of a redirect", MergeRequest{Existing: []string{"v=spf1 redirect=o.example", "v=spf1 mx -all"}, Repair: true}, "v=spf1 mx redirect=o.example", "multiple-records", "", ""},
		{
			"repair with two explanations",
			MergeRequest{Existing: []string{"v=spf1 mx exp=a.example -all", "v=spf1 a EXP=b.example x=1 -all", "v=spf1 ptr x=1 exp=c.example -all"}, Repair: true},
			"v=spf1 mx exp=a.example a ptr x=1 -all", "multiple-records ptr-deprecated", "-all", "-all",
		},
		{
			"an exclusion of the owner's between those required",
			MergeRequest{Existing: []string{"v=spf1 ?ip4:192.0.2.1 -ip4:192.0.2.2 ip4:192.0.2.0/29 -all"}, Required: []string{"?ip4:192.0.2.1 ip4:192.0.2.0/29"}, Subrecords: true, Label: func(string) string { return "_s" }},
			"v=spf1 include:_s.cust.example ?ip4:192.0.2.1 -ip4:192.0.2.2 ip4:192.0.2.0/29 -all", "inserted-before-negative", "-all", "-all",
		},
		{
			"the same length for IPv4 and another for IPv6",
			MergeRequest{Existing: []string{"v=spf1 a:x.example/24 -all"}, Required: []string{"a:x.example/24//64"}},
			"v=spf1 a:x.example/24 a:x.example/24//64 -all", "", "-all", "-all",
		},
		{
			"the same length for IPv6 and another for IPv4",
			MergeRequest{Existing: []string{"v=spf1 mx/24//64 -all"}, Required: []string{"mx//64"}},
			"v=spf1 mx/24//64 mx//64 -all", "", "-all", "-all",
		},
		{"repair of twins", MergeRequest{Existing: []string{"v=spf1 mx -all", "v=spf1  mx -all"}, Repair: true}, "v=spf1 mx -all", "multiple-records", "-all", "-all"},
		{
			"compact",
			MergeRequest{Existing: []string{"v=spf1 a a:cust.example ip4:192.0.2.1 ip4:192.0.2.0/24 -all mx moo=cow"}, Compact: true},
			"v=spf1 a ip4:192.0.2.0/24 -all moo=cow", "terms-after-all", "-all", "-all",
		},
		{
			"compact keeps what passes before DNS is asked",
			MergeRequest{Existing: []string{"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 a ip4:192.0.2.2 -all"}, Required: []string{"ip4:192.0.2.0/24"}, Compact: true},
			"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 a ip4:192.0.2.0/24 -all", "", "-all", "-all",
		},
		{
			"two requirements say the same",
			MergeRequest{Existing: []string{"v=spf1 -all"}, Required: []string{"?mx a", "?mx a"}, Subrecords: true},
			"v=spf1 include:" + hashLabel("v=spf1 ?mx:cust.example a:cust.example -all") + ".cust.example -all", "null-sender", "-all", "-all",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.Domain = "cust.example"
			m, err := Merge(c.q)
			if err != nil {
				t.Fatal(err)
			}
			if m.Record != c.want {
				t.Errorf("got  %q\nwant %q", m.Record, c.want)
			}
			if codes(m) != c.warnings {
				t.Errorf("warnings %q, want %q", codes(m), c.warnings)
			}
			if m.AllBefore != c.before || m.AllAfter != c.after {
				t.Errorf("all %q then %q, want %q then %q", m.AllBefore, m.AllAfter, c.before, c.after)
			}
		})
	}
}

func TestMergeSaysWhatItDid(t *testing.T) {
	existing := []string{"token=x", "v=spf1  mx Include:A.example -ALL"}
	m, err := Merge(MergeRequest{
		Domain: "cust.example", Existing: existing, Subrecords: true,
		Required: []string{"include:a.example ip4:192.0.2.1 ~all", "?mx a"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const text = "v=spf1 ?mx:cust.example a:cust.example -all"
	sub := NamedTXT{hashLabel(text) + ".cust.example", text}
	want := Merged{
		Changed: true, Replaces: existing[1:], Skipped: []string{"include:a.example"},
		AllBefore: "-all", AllAfter: "~all", Extra: []NamedTXT{sub},
	}
	if want := []string{"ip4:192.0.2.1", "include:" + sub.Name}; !slices.Equal(m.Added, want) {
		t.Errorf("added %q, want %q", m.Added, want)
	}
	if want := "v=spf1 mx Include:A.example " + strings.Join(m.Added, " ") + " ~all"; m.Record != want {
		t.Errorf("got  %q\nwant %q", m.Record, want)
	}
	if !slices.Equal(m.Provenance.Added, m.Added) || m.Provenance.AllBefore != "-ALL" || m.Provenance.AllAfter != "~all" {
		t.Errorf("provenance %+v", m.Provenance)
	}
	m.Record, m.Added, m.Warnings, m.Provenance = "", nil, nil, Provenance{}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMergeRefuses(t *testing.T) {
	spf := []string{"v=spf1 mx -all"}
	for _, c := range []struct {
		name   string
		q      MergeRequest
		code   Code
		record string
		offset int
	}{
		{"bad zone", MergeRequest{Existing: []string{"v=spf1 mxx"}, Required: []string{"a"}}, ErrSyntax, "v=spf1 mxx", 7},
		{"bad requirement", MergeRequest{Existing: spf, Required: []string{"a mxx"}}, ErrSyntax, "a mxx", 2},
		{"bad requirement with version", MergeRequest{Existing: spf, Required: []string{"v=spf1 mxx"}}, ErrSyntax, "v=spf1 mxx", 7},
		{"requirement of another version", MergeRequest{Existing: spf, Required: []string{"v=spf2 mx"}}, ErrNotSPF, "v=spf2 mx", 0},
		{"quoted requirement", MergeRequest{Existing: spf, Required: []string{`"v=spf1 a -all"`}}, ErrQuoted, `"v=spf1 a -all"`, 0},
		{"required all", MergeRequest{Existing: spf, Required: []string{"a all"}}, ErrRequiredPassAll, "a all", 9},
		{"explicit +all", MergeRequest{Existing: spf, All: Explicit, Explicit: "+all"}, ErrRequiredPassAll, "+all", 0},
		{"explicit of nothing", MergeRequest{Existing: spf, All: Explicit}, ErrBadPolicy, "", 0},
		{"explicit without its policy", MergeRequest{Existing: spf, Explicit: "-all"}, ErrBadPolicy, "-all", 0},
		{"unknown policy", MergeRequest{Existing: spf, All: 9}, ErrBadPolicy, "", 0},
		{"two records", MergeRequest{Existing: append(spf, "v=spf1 a")}, ErrMultipleRecords, "v=spf1 a", 0},
		{"exclusion", MergeRequest{Existing: spf, Required: []string{"?mx a"}}, ErrNeedsSubrecord, "?mx a", 0},
		{"label that is taken", MergeRequest{Existing: spf, Required: []string{"?mx a", "?a mx"}, Subrecords: true, Label: func(string) string { return "_spf1" }}, ErrNeedsSubrecord, "v=spf1 ?a:cust.example mx:cust.example -all", 0},
		{"exclusion with the name of the client", MergeRequest{Existing: spf, Required: []string{"?mx exists:%{P}.x.example"}, Subrecords: true}, ErrNeedsSubrecord, "v=spf1 ?mx:cust.example exists:%{P}.x.example -all", 0},
		{"exclusion with a macro that leaves one label", MergeRequest{Existing: spf, Required: []string{"?mx exists:%{d1}"}, Subrecords: true}, ErrNeedsSubrecord, "v=spf1 ?mx:cust.example exists:example -all", 24},
		{"broken record that is hidden", MergeRequest{Existing: []string{"v=spf1\tmx -all"}, Required: []string{"a"}}, ErrHidden, "v=spf1\tmx -all", 0},
		{"hidden requirement", MergeRequest{Existing: spf, Required: []string{"“v=spf1 a -all”"}}, ErrHidden, "“v=spf1 a -all”", 0},
		{"label that is no name", MergeRequest{Existing: spf, Required: []string{"?mx a"}, Subrecords: true, Label: func(string) string { return "x y" }}, ErrNeedsSubrecord, "v=spf1 ?mx:cust.example a:cust.example -all", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.Domain = "cust.example"
			m, err := Merge(c.q)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, c.code) {
				t.Fatalf("%q, %v, want %s", m.Record, err, c.code)
			}
			if e.Record != c.record || e.Offset != c.offset {
				t.Errorf("at %d of %q, want %d of %q", e.Offset, e.Record, c.offset, c.record)
			}
		})
	}
}

// A subrecord must stand at a name that DNS can hold.
func TestMergeRefusesSubrecordNames(t *testing.T) {
	long := strings.Repeat("a", 59)
	for _, c := range []struct {
		name, domain, label string
		ok                  bool
	}{
		{"short", "cust.example", "_s", true},
		{"several labels", "cust.example", "_s._spf", true},
		{"longest label", "cust.example", strings.Repeat("b", 63), true},
		{"label too long", "cust.example", strings.Repeat("b", 64), false},
		{"longest name", strings.Repeat(long+".", 4) + "example", "_1234", true},
		{"name too long", strings.Repeat(long+".", 4) + "example", "_12345", false},
		{"no label", "cust.example", "", false},
		{"empty label", "cust.example", ".", false},
		{"empty label between", "cust.example", "a..b", false},
		{"macro", "cust.example", "%{l}", false},
		{"percent sign", "cust.example", "%%", false},
		{"asterisk", "cust.example", "*", false},
		{"below a wildcard", "*.cust.example", "_s", false},
		{"slash", "cust.example", "a/24", false},
		{"backslash", "cust.example", `x\`, false},
		{"octet that is no letter", "cust.example", "\xe4", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Merge(MergeRequest{
				Domain: c.domain, Existing: []string{"v=spf1 mx -all"}, Required: []string{"?ip4:192.0.2.1 ip4:192.0.2.0/24"},
				Subrecords: true, Label: func(string) string { return c.label },
			})
			switch {
			case c.ok && err == nil:
				if want := c.label + "." + c.domain; len(m.Extra) != 1 || m.Extra[0].Name != want {
					t.Errorf("extra %q, want one at %q", m.Extra, want)
				}
			case c.ok || !errors.Is(err, ErrNeedsSubrecord):
				t.Errorf("%q, %v", m.Extra, err)
			}
		})
	}
}

func TestProvenanceJSON(t *testing.T) {
	p := Provenance{Created: true, Before: "b", Added: []string{"a"}, Dropped: []string{"d"}, AllBefore: "-all", AllAfter: "~all", Extra: []NamedTXT{{"n", "t"}}}
	got, err := json.Marshal(p)
	want := `{"created":true,"before":"b","added":["a"],"dropped":["d"],"all_before":"-all","all_after":"~all","extra":[{"name":"n","text":"t"}]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s %v\nwant %s", got, err, want)
	}
}

func drawTerm(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "+"}).Draw(t, "qualifier") + rapid.SampledFrom([]string{
		"a", "mx", "A:cust.example", "mx/24", "ptr", "include:a.example", "include:B.example.", "include:c.example",
		"ip4:192.0.2.1", "ip4:192.0.2.0/28", "ip4:192.0.2.0/24", "ip6:2001:db8::/32", "ip6:2001:DB8::1", "exists:%{i}.x.example",
	}).Draw(t, "mechanism")
}

func drawRequired(t *rapid.T) string {
	terms := rapid.SliceOfN(rapid.Custom(drawTerm), 0, 5).Draw(t, "required")
	return strings.Join(append([]string{"v=spf1"}, append(terms, rapid.SampledFrom([]string{"", "-all", "~all", "?all"}).Draw(t, "all"))...), " ")
}

func drawOwner(t *rapid.T) string {
	terms := []string{rapid.SampledFrom([]string{"v=spf1", "V=spf1"}).Draw(t, "version")}
	for _, term := range rapid.SliceOfN(rapid.Custom(drawTerm), 0, 6).Draw(t, "owner") {
		if !strings.HasPrefix(term, "+") {
			term = rapid.SampledFrom([]string{"", "", "", "-", "?"}).Draw(t, "harsher") + term
		}
		terms = append(terms, term)
	}
	end := rapid.SampledFrom([]string{"", "-all", "~ALL", "?all", "+all", "redirect=r.example", "moo=cow -all", "exp=e.example", "-all mx"}).Draw(t, "end")
	return strings.Join(append(terms, end), rapid.SampledFrom([]string{" ", "  "}).Draw(t, "spaces"))
}

func mustMerge(t *rapid.T, existing, required string) Merged {
	q := MergeRequest{Domain: "cust.example", Required: []string{required}}
	if existing != "" {
		q.Existing = []string{existing}
	}
	m, err := Merge(q)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMergeTwiceIsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawRequired(t)
		once := mustMerge(t, drawOwner(t), q)
		if twice := mustMerge(t, once.Record, q); twice.Record != once.Record || twice.Changed || len(twice.Added) > 0 {
			t.Fatalf("once  %q\ntwice %q", once.Record, twice.Record)
		}
	})
}

// Which of two requirements comes first does not matter for who passes. The
// terms may differ where a network of one covers one of the other.
func TestMergeOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owner, a, b := drawOwner(t), drawRequired(t), drawRequired(t)
		ab := mustMerge(t, mustMerge(t, owner, a).Record, b)
		ba := mustMerge(t, mustMerge(t, owner, b).Record, a)
		if got, want := passSet(t, ab.Record), passSet(t, ba.Record); !slices.Equal(got, want) {
			t.Fatalf("%q then %q: %q\nthe other way: %q", a, b, ab.Record, ba.Record)
		}
		if ab.AllAfter != ba.AllAfter {
			t.Fatalf("all %q or %q", ab.AllAfter, ba.AllAfter)
		}
	})
}

// passSet returns the pass terms in front of every exclusion, in canonical form
// and order, without those inside of another.
func passSet(t *rapid.T, record string) []string {
	r, err := Parse(record)
	if err != nil {
		t.Fatal(err)
	}
	terms, _ := r.live()
	if end := slices.IndexFunc(terms, func(term Term) bool { return !term.passes() }); end >= 0 {
		terms = terms[:end]
	}
	var set []string
	items := newDraft("cust.example", Record{}).wrap(terms, false)
	for _, one := range items {
		if !slices.ContainsFunc(items, func(other *item) bool { return other.covers(one) && !one.covers(other) }) {
			set = append(set, one.key)
		}
	}
	slices.Sort(set)
	return slices.Compact(set)
}

func TestUnmergeUndoesMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owner := drawOwner(t)
		m := mustMerge(t, owner, drawRequired(t))
		u, err := Unmerge("cust.example", m.Record, m.Provenance)
		if err != nil || u.Record != owner {
			t.Fatalf("before %q\nmerged %q\nback   %q %v", owner, m.Record, u.Record, err)
		}
	})
}

// Two services come and go in any order; the second to leave finds the owner's
// record as it was, if the two shared no term.
func TestUnmergeOfTwo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owner := drawOwner(t)
		first := mustMerge(t, owner, "v=spf1 include:one.example")
		second := mustMerge(t, first.Record, "v=spf1 include:two.example ip4:198.51.100.1")
		u, err := Unmerge("cust.example", second.Record, first.Provenance)
		if err != nil {
			t.Fatal(err)
		}
		if u, err = Unmerge("cust.example", u.Record, second.Provenance); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Fields(u.Record), strings.Fields(owner); !slices.Equal(got, want) {
			t.Fatalf("before %q\nback   %q", owner, u.Record)
		}
	})
}

func FuzzMerge(f *testing.F) {
	for _, v := range mergeVectors(f) {
		f.Add(strings.Join(v.Existing, "\n"), v.Required, uint8(v.request(f).All), true)
		f.Add(strings.Join(v.Existing, "\n"), v.Required, uint8(128), true)
	}
	f.Fuzz(func(t *testing.T, existing, required string, policy uint8, more bool) {
		q := MergeRequest{
			Domain: "cust.example", Required: []string{required}, All: AllPolicy(policy % 3),
			Repair: more, Subrecords: more, Compact: policy >= 128,
		}
		if existing != "" {
			q.Existing = strings.Split(existing, "\n")
		}
		m, err := Merge(q)
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("%T", err)
			}
			return
		}
		if m.Record == "" {
			return
		}
		if _, err := Parse(m.Record); err != nil {
			t.Fatalf("%q: %v", m.Record, err)
		}
		if !Satisfies(q.Domain, m.Record, required) && strings.Trim(required, " ") != "" {
			t.Fatalf("%q does not satisfy %q", m.Record, required)
		}
		q.Existing = []string{m.Record}
		if again, err := Merge(q); err != nil || again.Record != m.Record || again.Changed {
			t.Fatalf("once  %q\ntwice %q, %v", m.Record, again.Record, err)
		}
		u, err := Unmerge(q.Domain, m.Record, m.Provenance)
		if err != nil {
			t.Fatal(err)
		}
		if m.Provenance.Before != "" && !q.Compact && u.Record != m.Provenance.Before {
			t.Fatalf("before %q\nmerged %q\nback   %q", m.Provenance.Before, m.Record, u.Record)
		}
	})
}
