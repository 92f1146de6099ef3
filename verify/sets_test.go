package verify_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// TestSets has two servers with sets of records by chance, one of them behind
// the other now and then, and expectations by chance: the verdicts are what
// comparing the sets gives.
func TestSets(t *testing.T) {
	seeds := 200
	if os.Getenv("MOORING_LONG") == "1" {
		seeds = 1000
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, fault{})
			defer s.Close()
			d := draw{rand.New(rand.NewPCG(uint64(seed), 0))}
			records := d.records(t)
			old, now := d.some(records, 2), d.some(records, 2)
			s.put(old...)
			views := [][]zone.Record{now, now}
			if d.IntN(2) == 0 {
				s.Server("ns2").Freeze()
				views[1] = old
			}
			s.drop(old...)
			s.put(now...)
			s.expect()
			var peers []zone.Record
			for _, r := range d.some(records, 3) {
				e := verify.Expect{Record: r, Gone: d.IntN(4) == 0, Exclusive: d.IntN(4) == 0}
				s.req.Expect = append(s.req.Expect, e)
				if !e.Gone {
					peers = append(peers, r)
				}
			}
			if len(s.req.Expect) == 0 {
				return
			}
			r := s.check()
			for i, e := range s.req.Expect {
				if got, want := r.Records[i].Verdict, ofSets(e, peers, views); !slices.Contains(want, got) {
					t.Errorf("seed %d: %+v where the servers have %v: %s, want one of %s", seed, e, views, got, want)
				}
			}
		})
	}
}

// ofSets is the verdicts that are true of what the servers have.
func ofSets(e verify.Expect, peers []zone.Record, views [][]zone.Record) []verify.Verdict {
	right, foreign := 0, false
	for _, v := range views {
		strangers := len(zone.Subtract(v, peers)) > 0
		foreign = foreign || strangers
		if zone.Contains(v, e.Record) != e.Gone && (!e.Exclusive || !strangers) {
			right++
		}
	}
	switch {
	case right == len(views):
		return []verify.Verdict{verify.Propagated}
	case right > 0:
		return []verify.Verdict{verify.Partial}
	case e.Gone:
		return []verify.Verdict{verify.Wrong}
	case !foreign:
		return []verify.Verdict{verify.Absent}
	}
	return []verify.Verdict{verify.Absent, verify.Wrong}
}

type draw struct{ *rand.Rand }

// records is what may stand at one name.
func (d draw) records(t *testing.T) []zone.Record {
	t.Helper()
	sets := [][]string{
		{"TXT", `"token=1"`, `"token=2"`, `"abc"`, `"def"`, `"v=spf1 a -all"`, `"x" "y"`},
		{"A", "192.0.2.20", "192.0.2.21", "192.0.2.22"},
		{"AAAA", "2001:db8::1", "2001:db8::2"},
		{"MX", "10 www.customer.example.", "20 mx.app.example.", "10 mx.app.example."},
		{"CAA", `0 issue "ca.example"`, `0 issue "b.example"`},
	}
	set, hosts := sets[d.IntN(len(sets))], []string{"@", "h", "a.b", "www2"}
	host := hosts[d.IntN(len(hosts))]
	var out []zone.Record
	for _, data := range set[1:] {
		out = append(out, record(t, host, set[0], data))
	}
	return out
}

// some is each with a chance of one in n.
func (d draw) some(recs []zone.Record, n int) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(zone.Record) bool { return d.IntN(n) > 0 })
}
