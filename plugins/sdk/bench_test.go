package sdk

import (
	"fmt"
	"strings"
	"testing"
)

// How long it takes to clean what was printed when the cache is full: one line,
// and a hundred that wait together.
func BenchmarkCleanFullCache(b *testing.B) {
	s := newSessions(fake{}, fake{}.Info())
	for n := range maxSessions {
		_, done, err := s.open(b.Context(), customer(n))
		if err != nil {
			b.Fatal(err)
		}
		done(nil)
	}
	const line = "2026/11/22 11:00:00 GET https://api.host.example/v1/zones?token=token-of-customer-77 status 200 in 12 ms\n"
	for _, lines := range []int{1, 100} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			text := strings.Repeat(line, lines)
			for b.Loop() {
				if strings.Contains(s.clean(text), "customer-77") {
					b.Fatal("the token is in it")
				}
			}
		})
	}
}

// How long a call takes to get its session, of 10,000 customers who come in turn.
func BenchmarkOpenManyTenants(b *testing.B) {
	s := newSessions(fake{}, fake{}.Info())
	n := 0
	for b.Loop() {
		_, done, err := s.open(b.Context(), customer(n%10_000))
		if err != nil {
			b.Fatal(err)
		}
		done(nil)
		n++
	}
}
