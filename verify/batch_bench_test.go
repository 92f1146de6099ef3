package verify_test

import (
	"fmt"
	"iter"
	"net/netip"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// farmVerifier knows the farm and asks it as fast as it can: that is what is
// measured, and the farm is ours.
func farmVerifier(at []netip.AddrPort, rounds, together int) *verify.Verifier {
	return verify.New(verify.Options{
		Start: at[:1],
		Map: func(a netip.Addr) netip.AddrPort {
			if i := int(a.As4()[3]); a.Is4() && i >= 1 && i <= len(at) {
				return at[i-1]
			}
			return netip.AddrPort{}
		},
		Rounds:   rounds,
		Timeout:  20 * time.Second,
		Budget:   verify.Budget{Start: 1e6, Most: 1e6, Provider: 1e7, Burst: 1e6},
		Together: together,
	})
}

// domains are n requests for the token of domains that nobody has asked for.
func domains(prefix string, n int) iter.Seq[verify.Request] {
	return func(yield func(verify.Request) bool) {
		for i := range n {
			name := zone.Name(fmt.Sprintf("_t.%s%d.example", prefix, i))
			rec := zone.NewTXT(name, 3600, "token=1")
			if !yield(verify.Request{Expect: []verify.Expect{{Record: rec}}}) {
				return
			}
		}
	}
}

// BenchmarkBatch answers how many domains a second can be proven: 2,000
// together, one TXT record each on two servers that answer after 20 ms, what
// is above the domains known already, the budget of the servers opened.
func BenchmarkBatch(b *testing.B) {
	at := startFarm(b, 20*time.Millisecond)
	const many = 2000
	for _, rounds := range []int{1, 3} {
		b.Run(fmt.Sprintf("rounds=%d", rounds), func(b *testing.B) {
			v := farmVerifier(at, rounds, many)
			for req := range domains("warm", 1) {
				if r, err := v.Check(b.Context(), req); err != nil || r.Verdict != verify.Propagated {
					b.Fatalf("%s, %v", r.Verdict, err)
				}
			}
			var total verify.Progress
			n := 0
			cpu := cpuTime()
			for b.Loop() {
				n++
				p, err := v.Batch(b.Context(), domains(fmt.Sprintf("r%dn%dx", rounds, n), many), func(verify.Report) {})
				if err != nil || p.Right != many {
					b.Fatalf("%+v, %v", p, err)
				}
				total.Done += p.Done
				total.Asked += p.Asked
				total.Elapsed += p.Elapsed
			}
			each := float64(total.Done)
			b.ReportMetric(each/total.Elapsed.Seconds(), "domains/s")
			b.ReportMetric(float64(total.Asked)/each, "questions/domain")
			b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/each, "cpu-µs/domain")
		})
	}
}
