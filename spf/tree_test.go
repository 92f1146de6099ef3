package spf

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// know answers all that Trace asks for.
func know(t testing.TB, r Resolver, domain, record string) (Tree, Answers) {
	t.Helper()
	known := Answers{}
	for range countBudget + 1 {
		tree, questions := Trace(domain, mustParse(t, record), known)
		if len(questions) == 0 {
			return tree, known
		}
		for _, q := range questions {
			known[q] = r.Lookup(t.Context(), q)
		}
	}
	t.Fatal("questions without end")
	return Tree{}, nil
}

func TestTraceNodes(t *testing.T) {
	z := newZone(map[string][]string{
		"_spf.app.example":  {"v=spf1 a:out.app.example include:deep.app.example ?all mx"},
		"deep.app.example":  {"v=spf1 redirect=gone.app.example"},
		"_spf.late.example": {"v=spf1 -all"},
	})
	z.answers[Question{Name: "_spf.app.example", Type: "TXT"}] = Answer{Status: Found, Values: []string{"v=spf1 a:out.app.example include:deep.app.example ?all mx"}, TTL: 300}
	z.answers[Question{Name: "down.example", Type: "MX"}] = Answer{}
	tree, known := know(t, z, "Cust.Example.", "v=spf1 include:_SPF.app.example mx:down.example include:%{i}.x.example -all a redirect=_spf.late.example")
	if tree.Domain != "cust.example" {
		t.Errorf("domain %q", tree.Domain)
	}
	app := tree.Nodes[0]
	if app.Name != "_spf.app.example" || app.Own != (Tally{1, 0}) || app.Total != (Tally{4, 2}) || app.TTL != 300 || app.Below == nil {
		t.Errorf("include: %+v", app)
	}
	out, deep := app.Below.Nodes[0], app.Below.Nodes[1]
	if out.Name != "out.app.example" || out.Own.Voids != 1 || deep.Total != (Tally{2, 1}) || !app.Below.Nodes[3].Dead {
		t.Errorf("below: %+v %+v", out, deep)
	}
	gone := deep.Below.Nodes[0]
	want := Problem{ErrNoRecord, "include:_SPF.app.example", "gone.app.example", `redirect "gone.app.example": no such name`}
	if gone.Problem == nil || *gone.Problem != want || gone.Below != nil {
		t.Errorf("redirect: %+v", gone)
	}
	if n := tree.Nodes[1]; n.Unknown != `mx "down.example": no answer` || n.Own.Lookups != 1 {
		t.Errorf("mx: %+v", n)
	}
	if n := tree.Nodes[2]; !n.Dynamic || n.Name != "" || n.Total.Lookups != 1 {
		t.Errorf("macro: %+v", n)
	}
	for _, i := range []int{4, 5} {
		if n := tree.Nodes[i]; !n.Dead || n.Total != (Tally{}) {
			t.Errorf("dead: %+v", n)
		}
	}
	cost, questions := Count("cust.example", tree.Record, known)
	if diff := cmp.Diff(tree.Cost(), cost); diff != "" || len(questions) > 0 {
		t.Errorf("count is not the cost of the tree: %v %s", questions, diff)
	}
	delete(known, Question{Name: "deep.app.example", Type: "TXT"})
	open, questions := Trace("cust.example", tree.Record, known)
	if n := open.Nodes[0].Below.Nodes[1]; !n.Open || len(questions) != 1 {
		t.Errorf("open: %+v, %v", n, questions)
	}
}

func TestTreePrints(t *testing.T) {
	z := newZone(map[string][]string{
		"_spf.app.example": {"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 ip4:192.0.2.3 ip6:2001:db8::/32 a:gone.app.example include:_spf.app.example -all"},
		"bad.example":      {"v=spf1 ipv4:192.0.2.1"},
	})
	z.answers[Question{Name: "down.example", Type: "A"}] = Answer{}
	tree, _ := know(t, z, "cust.example", "v=spf1 include:_spf.app.example include:bad.example a:down.example include:%{i}.x.example -all ptr")
	want := `cust.example: 6 lookups of 10, 1 void one of 2
    3 include:_spf.app.example
       0 4 networks, ip4:192.0.2.1 to ip6:2001:db8::/32
       1 a:gone.app.example (finds nothing)
       1 include:_spf.app.example ! include "_spf.app.example": leads back to itself
       0 -all
    1 include:bad.example ! include "bad.example": "ipv4:192.0.2.1" at octet 7: unknown mechanism; perhaps "ip4:192.0.2.1"
    1 a:down.example (no answer)
    1 include:%{i}.x.example (depends on the message, so it may cost more)
    0 -all
    0 ptr (never reached)
`
	if diff := cmp.Diff(want, tree.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	part, _ := Trace("cust.example", mustParse(t, "v=spf1 mx"), nil)
	if got := part.String(); !strings.Contains(got, "1 mx (not asked yet)") {
		t.Errorf("%s", got)
	}
}

// Every count of the file holds for the tree as well, and the tree adds up at
// each level.
func TestTraceRealWorld(t *testing.T) {
	f := realWorld(t)
	n := 0
	for name, want := range f.Lookups {
		tree, _ := know(t, newZone(f.zone()), name, f.zone()[name][0])
		if got := tree.Cost().Lookups; got != want {
			t.Errorf("%s: %d lookups, want %d\n%v", name, got, want, tree)
		}
		lines := strings.Count(tree.String(), "\n")
		if lines < 1+len(tree.Nodes) {
			t.Errorf("%s: %d lines for %d terms", name, lines, len(tree.Nodes))
		}
		n++
	}
	if n < 30 {
		t.Errorf("%d counts only", n)
	}
}

// heavy answers each TXT question with a record as long as DNS carries.
type heavy struct{ asked int }

func (h *heavy) Lookup(_ context.Context, q Question) Answer {
	h.asked++
	if q.Type != "TXT" {
		return Answer{Status: NXDomain}
	}
	tail := fmt.Sprintf(" include:n%d.example include:m%d.example", h.asked, h.asked)
	return Answer{Status: Found, Values: []string{"v=spf1" + strings.Repeat(" ip4:192.0.2.1", 4000) + tail}}
}

func TestTraceOfLongRecordsEnds(t *testing.T) {
	h := &heavy{}
	tree, _ := know(t, h, "cust.example", "v=spf1 include:a.example include:b.example -all")
	cost := tree.Cost()
	if h.asked > 20 || len(cost.Problems) != 1 || cost.Problems[0].Code != ErrTooBig {
		t.Errorf("asked %d questions, %v", h.asked, cost.Problems)
	}
}

func TestSizeOf(t *testing.T) {
	for _, c := range []struct {
		name   string
		owner  string
		values []string
		want   Size
	}{
		{"no value", "cust.example", nil, Size{12, 0, 12 + 18 + 11}},
		{"empty value", "cust.example", []string{""}, Size{12, 1, 12 + 18 + 11 + 13}},
		{"one string", "cust.example.", []string{strings.Repeat("x", 255)}, Size{267, 1, 12 + 18 + 11 + 12 + 256}},
		{"two strings", "cust.example", []string{strings.Repeat("x", 256)}, Size{268, 2, 12 + 18 + 11 + 12 + 258}},
		{"two values", "cust.example", []string{"a", "bc"}, Size{15, 2, 12 + 18 + 11 + 14 + 15}},
		{"the root", ".", []string{"a"}, Size{1, 1, 12 + 5 + 11 + 14}},
	} {
		if got := SizeOf(c.owner, c.values...); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
