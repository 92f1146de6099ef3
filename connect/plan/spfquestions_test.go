package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestSPFQuestions: whatever somebody else's SPF records lead to, a plan takes
// few rounds of questions, which the engine bounds, and not many questions: 200
// for the record before and after, and 100 for each of five includes that
// could be replaced by networks.
func TestSPFQuestions(t *testing.T) {
	const maxRounds, maxQuestions = 24, 2*200 + 5*100
	var wide, deep strings.Builder
	own := "v=spf1"
	for i := range 10 {
		own += fmt.Sprintf(" include:s%d.vendor.example", i)
		fmt.Fprintf(&wide, "s%d TXT \"v=spf1\"", i)
		for j := range 98 {
			fmt.Fprintf(&wide, " \" mx:m%dx%d.vendor.example\"", i, j)
		}
		wide.WriteString(" \" -all\"\n")
		for j := range 98 {
			for k := range 10 {
				fmt.Fprintf(&wide, "m%dx%d MX 10 h%dx%dx%d\n", i, j, i, j, k)
			}
		}
	}
	for i := range 60 {
		fmt.Fprintf(&deep, "s%d TXT \"v=spf1 include:s%d.vendor.example -all\"\n", i, i+1)
	}
	for _, tt := range []struct{ name, own, vendor string }{
		{"ten includes of a hundred mx", own + " -all", wide.String()},
		{"a chain of sixty includes", "v=spf1 include:s0.vendor.example -all", deep.String()},
		{"ten chains", own + " -all", deep.String()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := plan.Request{
				Domain: domain, Snapshot: zone.NewSnapshot(domain, []zone.Record{zone.NewTXT(domain, 300, tt.own)}),
				Intents: []plan.Intent{plan.SPF("@", "include:_spf.app.example")},
			}
			vendor := zoneOf(t, "$ORIGIN vendor.example.\n$TTL 60\n@ SOA ns1 host 1 1 1 1 1\n"+tt.vendor, "vendor.example")
			w := append(world{req.Snapshot, vendor}, elsewhere(t)...)
			for rounds := 0; ; rounds++ {
				p, err := plan.New(req)
				if err != nil {
					t.Fatal(err)
				}
				if rounds > maxRounds || len(req.Facts) > maxQuestions {
					t.Fatalf("%d questions in %d rounds, and no end", len(req.Facts), rounds)
				}
				if len(p.Questions) == 0 {
					if !slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.SPFLookups }) {
						t.Errorf("no conflict:\n%s", p.Text())
					}
					t.Logf("%d questions in %d rounds", len(req.Facts), rounds)
					return
				}
				for _, q := range p.Questions {
					req.Facts = append(req.Facts, w.answer(q))
				}
			}
		})
	}
}
