package cloudflare

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/mooring-dns/mooring/providers/zone"
)

// TestPairsOfMany: in an RRset of thousands, what is of the same data is paired
// so, and the rest as it comes, in memory that grows with their number and not
// with its square.
func TestPairsOfMany(t *testing.T) {
	const n, same = 3400, 100
	record := func(i, ttl int) zone.Record {
		return zone.Record{Name: "m.customer.example", Type: "A", TTL: uint32(ttl), Data: fmt.Sprintf("10.%d.%d.%d", i/62500, i/250%250, i%250)}
	}
	var gone []stored
	var come []zone.Record
	for i := range n {
		gone = append(gone, stored{id: fmt.Sprint(i), Record: record(i, 300)})
		come = append(come, record(n-same+i, 600)) // the last ones that go are the first that come
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := pairs(gone, come)
	runtime.ReadMemStats(&after)
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 64 {
		t.Errorf("%d MB for %d records", mb, n)
	}
	ids, alike := map[string]bool{}, 0
	for _, p := range got {
		ids[p.old.id] = true
		if p.old.Data == p.new.Data {
			alike++
		}
	}
	if len(got) != n || len(ids) != n || alike != same {
		t.Errorf("%d pairs of %d records, %d of the same data: want %d, %d and %d", len(got), len(ids), alike, n, n, same)
	}
}

// TestKind: which text takes the place of which.
func TestKind(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"v=spf1 mx -all", "v=spf1"},
		{"V=SPF1", "v=spf1"},
		{"v=DMARC1; p=none", "v=dmarc1"},
		{"v=DKIM1;p=x", "v=dkim1"},
		{"google-site-verification=abc", "google-site-verification"},
		{"MS=ms1", "ms"},
		{"proof:abc", "proof"},
		{"plain", "plain"},
		{"", ""},
	} {
		if got := kind(tc.text); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.text, got, tc.want)
		}
	}
}
