package plan_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// world answers questions from zones, as their servers would.
type world []zone.Snapshot

func (w world) answer(q plan.Question) plan.Fact {
	name := q.Name
	for range 8 {
		f, alias := w.once(plan.Question{Name: name, Type: q.Type})
		if alias == "" {
			f.Question = q
			return f
		}
		name = alias
	}
	return plan.Fact{Question: q, Status: plan.Failed}
}

func (w world) once(q plan.Question) (f plan.Fact, alias zone.Name) {
	f = plan.Fact{Question: q, Status: plan.NXDomain}
	for _, z := range w {
		if !q.Name.Within(z.Zone) {
			continue
		}
		name := q.Name
		if star, ok := z.Wildcard(name); ok {
			name = star
		}
		if z.Exists(name) {
			f.Status = plan.NoData
		}
		if c := z.Set(name, "CNAME"); len(c) > 0 && q.Type != "CNAME" {
			alias, _ = c[0].Target()
			return f, alias
		}
		if set := z.Set(name, q.Type); len(set) > 0 {
			f.Status, f.Records = plan.Found, set
		}
	}
	return f, ""
}

// make asks until the plan has no question, and fails the test if that does
// not end.
func (w world) make(t testing.TB, req plan.Request) plan.Plan {
	t.Helper()
	for range 50 {
		p, err := plan.New(req)
		if err != nil {
			t.Fatalf("plan.New: %v", err)
		}
		if len(p.Questions) == 0 {
			return p
		}
		for _, q := range p.Questions {
			req.Facts = append(req.Facts, w.answer(q))
		}
	}
	t.Fatal("the plan asks without end")
	return plan.Plan{}
}

func readZone(t testing.TB, file, origin string) zone.Snapshot {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return zoneOf(t, string(data), origin)
}

// zoneOf reads zone text; a line "= type owner data" cannot be written in it,
// so host features are added by the tests themselves.
func zoneOf(t testing.TB, text, origin string) zone.Snapshot {
	t.Helper()
	s, err := zone.ReadText(strings.NewReader(text), zone.Name(origin))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func lines(recs []zone.Record) []string {
	var out []string
	for _, r := range recs {
		data := r.Data
		if r.Type == "TXT" {
			data = r.Text()
		}
		out = append(out, r.Name.FQDN()+" "+r.Type+" "+data)
	}
	return out
}
