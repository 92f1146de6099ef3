package spf_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/spf/internal/lawtest"
)

// A record of a zone may have 64 KB. What is done with it must cost little more
// than to read it: each of these took seconds, some half a minute, when terms
// were compared with each other. The measure is reading on the same machine, at
// the same time, so that no slow machine fails.
func TestHugeRecords(t *testing.T) {
	each := func(n int, format string) string {
		var b strings.Builder
		b.WriteString("v=spf1")
		for i := range n {
			fmt.Fprintf(&b, format, i/250, i%250)
		}
		return b.String()
	}
	n := lawtest.Times(5000, 5000)
	same, names := "v=spf1"+strings.Repeat(" a", 6*n), each(n, " a:x%d.y%d")
	for _, c := range []struct {
		name string
		q    spf.MergeRequest
	}{
		{"one term, often", spf.MergeRequest{Existing: []string{same + " -all"}, Required: []string{"include:a.example include:b.example"}}},
		{"one term, often, compacted", spf.MergeRequest{Existing: []string{same + " -all"}, Compact: true}},
		{"names", spf.MergeRequest{Existing: []string{names + " -all"}, Required: []string{each(50, " a:z%d.y%d")}}},
		{"names, compacted", spf.MergeRequest{Existing: []string{names + " -all"}, Required: []string{"mx"}, Compact: true}},
		{"networks, compacted", spf.MergeRequest{Existing: []string{each(n, " ip4:10.%d.%d.1") + " ip4:10.0.0.0/8 -all"}, Required: []string{"mx"}, Compact: true}},
		{"two of names, repaired", spf.MergeRequest{Existing: []string{names + " -all", each(n, " a:z%d.y%d") + " -all"}, Repair: true}},
		{"two of names behind exclusions, repaired", spf.MergeRequest{Existing: []string{"v=spf1" + strings.Repeat(" -a", n) + " -all", names + " -all"}, Repair: true}},
		{"two of modifiers, repaired", spf.MergeRequest{Existing: []string{each(n, " x%d.%d=") + " -all", each(n, " y%d.%d=") + " -all"}, Repair: true}},
		{"exclusions in front of a redirect", spf.MergeRequest{Existing: []string{"v=spf1" + strings.Repeat(" -a", 4*n) + " redirect=r.example"}, Required: []string{"include:r.example a:b.example"}}},
		{"the redirect, often", spf.MergeRequest{Existing: []string{"v=spf1 a redirect=r.example"}, Required: []string{"v=spf1" + strings.Repeat(" include:r.example a", 2*n)}}},
		{"exclusions on both sides", spf.MergeRequest{Existing: []string{each(n, " -a:x%d.y%d") + " -all"}, Required: []string{each(50, " a:x%d.y%d")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.Domain = "cust.example"
			var m spf.Merged
			merging := fastest(func() {
				var err error
				if m, err = spf.Merge(c.q); err != nil {
					t.Fatal(err)
				}
			})
			back := fastest(func() {
				if _, err := spf.Unmerge(c.q.Domain, m.Record, m.Provenance); err != nil {
					t.Fatal(err)
				}
			})
			satisfied := fastest(func() {
				for _, required := range c.q.Required {
					if !spf.Satisfies(c.q.Domain, m.Record, required) {
						t.Fatalf("%.80q is not satisfied", required)
					}
				}
			})
			reading := fastest(func() {
				for _, text := range slices.Concat(c.q.Existing, []string{m.Record}, c.q.Required) {
					if _, err := spf.Parse(text); err != nil && strings.HasPrefix(text, "v=") {
						t.Fatal(err)
					}
				}
			})
			t.Logf("reading %v, merging %v, back %v, satisfied %v", reading, merging, back, satisfied)
			const most = 200
			if merging > most*reading || back > most*reading || satisfied > most*reading {
				t.Errorf("reading takes %v, merging %v, taking back %v, looking whether it is satisfied %v", reading, merging, back, satisfied)
			}
		})
	}
}

// fastest is the shortest of three times, since a machine may be busy in one.
func fastest(f func()) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 3 {
		began := time.Now()
		f()
		best = min(best, time.Since(began))
	}
	return best
}
