package verifytest_test

import (
	"testing"

	"github.com/mooring-dns/mooring/verify/verifytest"
)

// BenchmarkExchange is what one question costs a test that runs in memory: an
// answer, and a denial.
func BenchmarkExchange(b *testing.B) {
	w := verifytest.New(b, verifytest.Options{Memory: true, Text: []string{zoneText}})
	for _, name := range []string{"www.customer.example", "x.www.customer.example"} {
		raw, err := query(name, "A").Pack()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Exchange(b.Context(), "udp", w.Server("ns2").Addr(), raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
