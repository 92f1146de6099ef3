package referee

import (
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"testing"

	blitiri "blitiri.com.ar/go/spf"

	"github.com/mooring-dns/mooring/spf"
)

const helo = "mail.example.com"

// row is a check of the client 192.0.2.9, who sends as x@Domain.
type row struct {
	Row, Domain string
	Want        spf.Outcome
}

const client = "192.0.2.9"

func rows(t testing.TB) ([]row, spf.Static) {
	data, err := os.ReadFile("../../testdata/bench-inputs.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		CheckHost []row `json:"check_host"`
		TXT       map[string]string
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	s := spf.Static{}
	for name, txt := range file.TXT {
		s[spf.Question{Name: name, Type: "TXT"}] = spf.Answer{Status: spf.Found, Values: []string{txt}}
	}
	if len(file.CheckHost) == 0 {
		t.Fatal("no rows")
	}
	return file.CheckHost, s
}

// ours is what our check_host concludes about mail of x@domain from ip.
func ours(t testing.TB, s spf.Resolver, ip, domain string) spf.Outcome {
	c := spf.Checker{Resolver: s}
	return c.CheckHost(t.Context(), netip.MustParseAddr(ip), domain, "x@"+domain, helo).Outcome
}

// theirs is what blitiri's concludes.
func theirs(t testing.TB, z *zone, ip, domain string) spf.Outcome {
	result, _ := blitiri.CheckHostWithSender(net.ParseIP(ip), helo, "x@"+domain,
		blitiri.WithResolver(z), blitiri.WithContext(t.Context()))
	return spf.Outcome(result)
}

// Which of the two concludes sooner, both right?
func BenchmarkCheckHost(b *testing.B) {
	all, s := rows(b)
	z := newZone(s)
	for _, r := range all {
		right(b, r, s, z)
		b.Run(r.Row+"/mooring", func(b *testing.B) {
			b.ReportAllocs()
			check := mooring(b, r, s)
			for b.Loop() {
				check()
			}
		})
		b.Run(r.Row+"/blitiri", func(b *testing.B) {
			b.ReportAllocs()
			check := other(b, r, z)
			for b.Loop() {
				check()
			}
		})
	}
}

// Time depends on the machine and on its other work; allocations do not.
func TestAllocations(t *testing.T) {
	all, s := rows(t)
	z := newZone(s)
	for _, r := range all {
		t.Run(r.Row, func(t *testing.T) {
			right(t, r, s, z)
			got := testing.AllocsPerRun(100, mooring(t, r, s))
			most := testing.AllocsPerRun(100, other(t, r, z))
			t.Logf("%v allocations, blitiri %v", got, most)
			if got > most {
				t.Errorf("%v allocations, blitiri has %v", got, most)
			}
		})
	}
}

// right requires both to conclude what the row wants.
func right(t testing.TB, r row, s spf.Static, z *zone) {
	t.Helper()
	if got := ours(t, s, client, r.Domain); got != r.Want {
		t.Fatalf("%s: mooring says %s, want %s", r.Row, got, r.Want)
	}
	if got := theirs(t, z, client, r.Domain); got != r.Want {
		t.Fatalf("%s: blitiri says %s, want %s", r.Row, got, r.Want)
	}
}

// mooring returns one check as it is measured: what a mail server knows of a
// message is at hand.
func mooring(t testing.TB, r row, s spf.Static) func() {
	c, ctx, ip, sender := spf.Checker{Resolver: s}, t.Context(), netip.MustParseAddr(client), "x@"+r.Domain
	return func() {
		if got := c.CheckHost(ctx, ip, r.Domain, sender, helo); got.Outcome != r.Want {
			t.Fatalf("%s: %+v, want %s", r.Row, got, r.Want)
		}
	}
}

// other is mooring for blitiri.
func other(t testing.TB, r row, z *zone) func() {
	ip, sender := net.ParseIP(client), "x@"+r.Domain
	resolver, ctx := blitiri.WithResolver(z), blitiri.WithContext(t.Context())
	return func() {
		if got, err := blitiri.CheckHostWithSender(ip, helo, sender, resolver, ctx); spf.Outcome(got) != r.Want {
			t.Fatalf("%s: %s (%v), want %s", r.Row, got, err, r.Want)
		}
	}
}
