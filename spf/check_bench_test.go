package spf

import (
	"net/netip"
	"testing"
)

// benchInputs are the rows on which implementations are compared.
type benchInputs struct {
	CheckHost []struct {
		Row, Domain string
		Want        Outcome
	} `json:"check_host"`
	TXT map[string]string
}

func readBenchInputs(t testing.TB) (in benchInputs, s Static) {
	readJSON(t, "bench-inputs.json", &in)
	s = Static{}
	for name, txt := range in.TXT {
		s[Question{Name: name, Type: "TXT"}] = Answer{Status: Found, Values: []string{txt}}
	}
	return in, s
}

// How long does a receiver need, with DNS in memory and no record parsed
// before?
func BenchmarkCheckHost(b *testing.B) {
	in, s := readBenchInputs(b)
	for _, row := range in.CheckHost {
		b.Run(row.Row, func(b *testing.B) {
			c := Checker{Resolver: s}
			ctx, client, sender := b.Context(), netip.MustParseAddr("192.0.2.9"), "x@"+row.Domain
			b.ReportAllocs()
			for b.Loop() {
				if r := c.CheckHost(ctx, client, row.Domain, sender, "mail.example.com"); r.Outcome != row.Want {
					b.Fatalf("got %+v, want %s", r, row.Want)
				}
			}
		})
	}
}

// Allocations do not depend on the machine, so the benchmark's rows are held
// to them here. Each name that has macros is one; nothing else is.
func TestCheckHostAllocations(t *testing.T) {
	most := map[string]float64{
		"one ip4, pass":                             0,
		"Google chain of 2018, softfail":            0,
		"typical, 9 lookups, 47 networks, softfail": 0,
		"macro include, pass":                       1,
	}
	in, s := readBenchInputs(t)
	if len(in.CheckHost) != len(most) {
		t.Fatalf("%d rows, %d figures", len(in.CheckHost), len(most))
	}
	for _, row := range in.CheckHost {
		c, client, sender := Checker{Resolver: s}, netip.MustParseAddr("192.0.2.9"), "x@"+row.Domain
		ctx := t.Context()
		n := testing.AllocsPerRun(100, func() {
			if r := c.CheckHost(ctx, client, row.Domain, sender, "mail.example.com"); r.Outcome != row.Want {
				t.Errorf("%s: got %+v, want %s", row.Row, r, row.Want)
			}
		})
		if n > most[row.Row] {
			t.Errorf("%s: %v allocations, want at most %v", row.Row, n, most[row.Row])
		}
	}
}
