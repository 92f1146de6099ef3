package spf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type realWorldFile struct {
	Zone map[string]struct {
		TXT []string `json:"txt"`
	}
	Lookups map[string]int
}

func realWorld(t testing.TB) realWorldFile {
	var f realWorldFile
	readJSON(t, "real-world-spf.json", &f)
	return f
}

func (f realWorldFile) zone() map[string][]string {
	z := map[string][]string{}
	for name, v := range f.Zone {
		z[name] = v.TXT
	}
	return z
}

// zone is a Resolver over TXT values and, where nothing is set for a question,
// says that the name does not exist.
type zone struct {
	answers Answers
	asked   []Question
}

func newZone(txt map[string][]string) *zone {
	z := &zone{answers: Answers{}}
	for name, values := range txt {
		z.answers[Question{name, "TXT"}] = Answer{Status: Found, Values: values}
	}
	return z
}

func (z *zone) Lookup(_ context.Context, q Question) Answer {
	z.asked = append(z.asked, q)
	if a, ok := z.answers[q]; ok {
		return a
	}
	return Answer{Status: NXDomain}
}

func mustParse(t testing.TB, txt string) Record {
	t.Helper()
	r, err := Parse(txt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func walk(t testing.TB, z *zone, domain, txt string) Cost {
	t.Helper()
	cost, known, err := Walk(t.Context(), z, domain, mustParse(t, txt))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Question]bool{}
	for _, q := range z.asked {
		if seen[q] {
			t.Errorf("%v asked twice", q)
		}
		seen[q] = true
	}
	again, questions := Count(domain, mustParse(t, txt), known)
	if diff := cmp.Diff(cost, again); diff != "" || len(questions) > 0 {
		t.Errorf("count with what the walk learnt: %v %s", questions, diff)
	}
	return cost
}

func TestCountRealWorld(t *testing.T) {
	f := realWorld(t)
	if len(f.Lookups) == 0 {
		t.Fatal("no counts")
	}
	for name, want := range f.Lookups {
		t.Run(name, func(t *testing.T) {
			cost := walk(t, newZone(f.zone()), name, f.zone()[name][0])
			if cost.Lookups != want || len(cost.Problems) > 0 || len(cost.Unknown) > 0 {
				t.Errorf("%d lookups, want %d; %v %v", cost.Lookups, want, cost.Problems, cost.Unknown)
			}
			sum := 0
			for _, term := range cost.Terms {
				sum += term.Lookups
			}
			if sum != cost.Lookups {
				t.Errorf("terms cost %d, record %d", sum, cost.Lookups)
			}
			if dynamic := strings.Contains(f.zone()[name][0], "%{"); cost.Dynamic != dynamic {
				t.Errorf("dynamic %v", cost.Dynamic)
			}
		})
	}
}

// The boundary suite is made for receivers; the zone's numbers are in the names.
func TestCountLimits(t *testing.T) {
	var file struct {
		Scenarios []struct {
			Zone map[string][]struct {
				Type    string
				Strings []string
				Value   string
			}
		}
	}
	readJSON(t, "limits-tests.json", &file)
	z := newZone(nil)
	for _, s := range file.Scenarios {
		for name, records := range s.Zone {
			for _, r := range records {
				q, value := Question{name, r.Type}, r.Value
				if r.Type == "TXT" {
					value = strings.Join(r.Strings, "")
					z.answers[Question{name, "A"}] = Answer{Status: NoData}
				}
				z.answers[q] = Answer{Status: Found, Values: []string{value}}
			}
		}
	}
	check := func(name string, lookups, voids int, problems ...Code) {
		t.Helper()
		z.asked = nil
		cost := walk(t, z, name, z.answers[Question{name, "TXT"}].Values[0])
		var codes []Code
		for _, p := range cost.Problems {
			codes = append(codes, p.Code)
		}
		if cost.Lookups != lookups || cost.Voids != voids || cmp.Diff(problems, codes) != "" {
			t.Errorf("%s: %d lookups, %d voids, %v; want %d, %d, %v", name, cost.Lookups, cost.Voids, codes, lookups, voids, problems)
		}
		if over := lookups > LookupLimit || voids > VoidLimit; cost.Over() != over {
			t.Errorf("%s: over %v", name, cost.Over())
		}
		if loop := slices.Contains(problems, ErrLoop); cost.AtLeast() != loop {
			t.Errorf("%s: at least %v, want %v", name, cost.AtLeast(), loop)
		}
	}
	for _, kind := range []string{"inc", "a", "ex", "redir"} {
		for _, n := range []int{9, 10, 11} {
			check(fmt.Sprintf("%s%d.example.com", kind, n), n, 0)
		}
	}
	check("tail11.example.com", 10, 0)
	check("mid.example.com", 11, 0)
	check("loop.example.com", 1, 0, ErrLoop)
	check("ping.example.com", 2, 0, ErrLoop)
	check("incself.example.com", 1, 0, ErrLoop)
	check("chain0.example.com", 10, 0)
	check("chainx.example.com", 11, 0)
	check("v2.example.com", 2, 2)
	check("v3.example.com", 3, 3)
	check("v3last.example.com", 3, 3)
	check("vx.example.com", 3, 3)
}

func TestCountTerms(t *testing.T) {
	z := newZone(map[string][]string{
		"two.example":   {"v=spf1 mx -all", "v=spf1 a -all"},
		"none.example":  {"hello"},
		"bad.example":   {"v=spf1 nclude:x.example"},
		"deep.example":  {"other", "v=spf1 a:%{d} include:leaf.example -all"},
		"leaf.example":  {"v=spf1 ip4:192.0.2.1 ?all"},
		"loopy.example": {"v=spf1 include:deep.example include:loopy.example"},
		"empty.example": {},
	})
	many := make([]string, 11)
	z.answers[Question{"cust.example", "MX"}] = Answer{Status: Found, Values: many}
	z.answers[Question{"six.example", "A"}] = Answer{Status: NoData}
	z.answers[Question{"six.example", "AAAA"}] = Answer{Status: Found, Values: []string{"2001:db8::1"}}
	z.answers[Question{"deep.example", "A"}] = Answer{Status: Found, Values: []string{"192.0.2.1"}}
	z.answers[Question{"down.example", "TXT"}] = Answer{}
	for _, c := range []struct {
		name, record string
		lookups      int
		voids        int
		dynamic      bool
		unknown      []string
		problems     []Code
		asked        []string
	}{
		{name: "nothing to ask", record: "ip4:192.0.2.1 exp=why.example moo=cow -all"},
		{name: "terms after all", record: "-all include:leaf.example redirect=leaf.example"},
		{name: "redirect before all", record: "redirect=leaf.example -all"},
		{name: "redirect", record: "redirect=leaf.example", lookups: 1, asked: []string{"TXT leaf.example"}},
		{
			name: "below an include", record: "include:Deep.Example.", lookups: 3,
			asked: []string{"TXT deep.example", "A deep.example", "TXT leaf.example"},
		},
		{name: "each occurrence counts", record: "include:leaf.example ?include:leaf.example", lookups: 2, asked: []string{"TXT leaf.example"}},
		{name: "ptr", record: "ptr ptr:x.example", lookups: 2},
		{name: "too many mx", record: "mx", lookups: 1, problems: []Code{ErrTooManyMX}, asked: []string{"MX cust.example"}},
		{name: "ip6 only", record: "a:six.example", lookups: 1, asked: []string{"A six.example", "AAAA six.example"}},
		{name: "exists asks for A", record: "exists:six.example", lookups: 1, voids: 1, asked: []string{"A six.example"}},
		{
			name: "no such name", record: "include:nx.example a:nx.example mx:nx.example", lookups: 3, voids: 3,
			problems: []Code{ErrNoRecord}, asked: []string{"TXT nx.example", "A nx.example", "MX nx.example"},
		},
		{name: "found nothing", record: "include:empty.example", lookups: 1, voids: 1, problems: []Code{ErrNoRecord}, asked: []string{"TXT empty.example"}},
		{name: "no record", record: "include:none.example", lookups: 1, problems: []Code{ErrNoRecord}, asked: []string{"TXT none.example"}},
		{name: "two records", record: "include:two.example", lookups: 1, problems: []Code{ErrMultipleRecords}, asked: []string{"TXT two.example"}},
		{name: "syntax", record: "include:bad.example", lookups: 1, problems: []Code{ErrSyntax}, asked: []string{"TXT bad.example"}},
		{name: "loop at the top", record: "include:cust.example", lookups: 1, problems: []Code{ErrLoop}},
		{
			name: "loop below", record: "include:loopy.example", lookups: 5, problems: []Code{ErrLoop},
			asked: []string{"TXT loopy.example", "TXT deep.example", "A deep.example", "TXT leaf.example"},
		},
		{
			name: "no answer", record: "include:down.example mx:x.example -all", lookups: 2, voids: 1,
			unknown: []string{`include "down.example": no answer`}, asked: []string{"TXT down.example", "MX x.example"},
		},
		{name: "macro include", record: "include:%{i}.x.example", lookups: 1, dynamic: true},
		{name: "macro redirect", record: "redirect=%{l}.x.example", lookups: 1, dynamic: true},
		{name: "macro exists", record: "exists:%{i}.x.example", lookups: 1},
		{
			name: "macro of the domain", record: "include:%{d1r}.%{D2}", lookups: 1, voids: 1,
			problems: []Code{ErrNoRecord}, asked: []string{"TXT cust.cust.example"},
		},
		{
			name: "one label has no policy", record: "include:%{d1} a:%{d1} redirect=%{D1}", lookups: 3, voids: 1,
			problems: []Code{ErrNoRecord, ErrNoRecord}, asked: []string{"A example"},
		},
		{name: "macro p asks too", record: "exists:%{P}.x.example", lookups: 2},
		{name: "a percent sign before what looks like macro p", record: "exists:%%{p}.x.example", lookups: 1, voids: 1, asked: []string{"A %{p}.x.example"}},
		{
			name: "a name too long for DNS loses labels from its left", record: "a:" + strings.Repeat(strings.Repeat("x", 59)+".", 5) + "six.example", lookups: 1, voids: 1,
			asked: []string{"A " + strings.Repeat(strings.Repeat("x", 59)+".", 4) + "six.example"},
		},
		{
			name: "impossible name", record: "a:x..example include:" + strings.Repeat("x", 64) + ".example", lookups: 2, voids: 2,
			problems: []Code{ErrNoRecord},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			z.asked = nil
			cost := walk(t, z, "Cust.Example.", "v=spf1 "+c.record)
			var codes []Code
			for _, p := range cost.Problems {
				codes = append(codes, p.Code)
			}
			var asked []string
			for _, q := range z.asked {
				asked = append(asked, q.String())
			}
			if cost.Lookups != c.lookups || cost.Voids != c.voids || cost.Dynamic != c.dynamic {
				t.Errorf("%d lookups, %d voids, dynamic %v", cost.Lookups, cost.Voids, cost.Dynamic)
			}
			if diff := cmp.Diff(c.unknown, cost.Unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, codes); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.asked, asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProblemNamesItsTerm(t *testing.T) {
	z := newZone(map[string][]string{"mid.example": {"v=spf1 include:gone.example"}})
	cost := walk(t, z, "cust.example", "v=spf1 mx include:mid.example -all")
	want := Problem{ErrNoRecord, "include:mid.example", "gone.example", `include "gone.example": no such name`}
	if len(cost.Problems) != 1 || cost.Problems[0] != want || !errors.Is(cost.Problems[0], ErrNoRecord) {
		t.Errorf("%+v, want %+v", cost.Problems, want)
	}
	if got := cost.Terms[1]; got.Lookups != 2 || got.Voids != 1 || got.Text != "include:mid.example" {
		t.Errorf("%+v", got)
	}
}

// bush answers every TXT question with a record of includes that nobody asked
// for before.
type bush struct{ asked int }

func (b *bush) Lookup(_ context.Context, q Question) Answer {
	b.asked++
	if q.Type != "TXT" {
		return Answer{Status: NoData}
	}
	terms := []string{"v=spf1"}
	for i := range 5 {
		terms = append(terms, fmt.Sprintf("a:h%d.%d.example include:s%d.%d.example", i, b.asked, i, b.asked))
	}
	return Answer{Status: Found, Values: []string{strings.Join(terms, " ")}}
}

func TestWalkEnds(t *testing.T) {
	b := &bush{}
	cost, known, err := Walk(t.Context(), b, "cust.example", mustParse(t, "v=spf1 include:a.example include:b.example -all"))
	if err != nil {
		t.Fatal(err)
	}
	if cost.Lookups != countBudget || !cost.AtLeast() || len(cost.Problems) != 1 || cost.Problems[0].Code != ErrTooBig {
		t.Errorf("%d lookups, %v", cost.Lookups, cost.Problems)
	}
	if err := Fits("cust.example", mustParse(t, "v=spf1 include:a.example include:b.example -all"), nil, known, Limits{}); err == nil || !strings.Contains(err.Error(), "at least 100") {
		t.Errorf("%v", err)
	}
	if b.asked > 2*countBudget || b.asked != len(known) {
		t.Errorf("asked %d questions, knows %d", b.asked, len(known))
	}
}

func TestWalkStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := lookup(func(q Question) Answer { cancel(); return Answer{} })
	_, known, err := Walk(ctx, r, "cust.example", mustParse(t, "v=spf1 a mx -all"))
	if !errors.Is(err, context.Canceled) || len(known) != 0 {
		t.Errorf("%v, %v", err, known)
	}
}

// A chain is followed far enough to know that receivers give up on it, and no
// further: whoever asks has to come back for each record of it.
func TestChainIsFollowedTwelveDeep(t *testing.T) {
	chain := lookup(func(q Question) Answer {
		return Answer{Status: Found, Values: []string{"v=spf1 include:x" + q.Name + " -all"}}
	})
	cost, known, err := Walk(t.Context(), chain, "cust.example", mustParse(t, "v=spf1 include:x.example -all"))
	if err != nil {
		t.Fatal(err)
	}
	if !cost.Over() || !cost.AtLeast() || len(known) > depthBudget+1 || len(cost.Problems) != 1 || cost.Problems[0].Code != ErrTooBig {
		t.Errorf("%d questions: %+v", len(known), cost)
	}
}

type lookup func(Question) Answer

func (f lookup) Lookup(_ context.Context, q Question) Answer { return f(q) }
