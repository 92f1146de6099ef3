package zone_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/mooring-dns/mooring/providers/zone"
)

// manyRecords is a zone in the order of a host that does not sort: mostly
// addresses, some aliases, texts and mail.
func manyRecords(n int) []zone.Record {
	recs := make([]zone.Record, n)
	for i := range recs {
		name := zone.Name(fmt.Sprintf("host-%d.%d.customer.example", i, i%7))
		switch i % 10 {
		case 0, 1:
			recs[i] = rec(name, "CNAME", fmt.Sprintf("target-%d.example.net.", i))
		case 2:
			recs[i] = rec(name, "TXT", fmt.Sprintf(`"token=%d"`, i))
		case 3:
			recs[i] = rec(name, "MX", fmt.Sprintf("10 mail-%d.example.net.", i))
		default:
			recs[i] = rec(name, "A", fmt.Sprintf("192.0.%d.%d", i/250%250, i%250))
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(n, func(i, j int) { recs[i], recs[j] = recs[j], recs[i] })
	return recs
}

// Is reading a large zone cheap beside the host's answer? The aim is at most
// 10 ms for 10,000 records.
func BenchmarkNewSnapshot(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		recs := manyRecords(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				zone.NewSnapshot(apex, recs)
			}
		})
	}
}

// What does one look into a large zone cost a planner?
func BenchmarkSearch(b *testing.B) {
	s := zone.NewSnapshot(apex, manyRecords(10_000))
	name := s.Records[len(s.Records)/3].Name
	for b.Loop() {
		s.Set(name, "A")
	}
}
