package spf

import "testing"

type parseInput struct{ name, txt string }

// parseInputs are the records whose parsing is measured.
func parseInputs(t testing.TB) []parseInput {
	var file struct{ Parse map[string]string }
	readJSON(t, "bench-inputs.json", &file)
	var inputs []parseInput
	for _, name := range []string{"short", "typical", "netblock", "macro"} {
		if file.Parse[name] == "" {
			t.Fatalf("no input %q", name)
		}
		inputs = append(inputs, parseInput{name, file.Parse[name]})
	}
	return inputs
}

// What does it cost to read a record?
func BenchmarkParse(b *testing.B) {
	for _, in := range parseInputs(b) {
		b.Run(in.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(in.txt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// And to read its terms one by one, as an evaluation does?
func BenchmarkReadTerm(b *testing.B) {
	for _, in := range parseInputs(b) {
		b.Run(in.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, reason := readAll(in.txt); n == 0 {
					b.Fatal(reason)
				}
			}
		})
	}
}

func readAll(txt string) (n int, reason string) {
	for off := len(version); off < len(txt); n++ {
		for txt[off] == ' ' {
			off++
		}
		var t Term
		if off, reason = t.fill(txt, off); reason != "" {
			return 0, reason
		}
	}
	return n, ""
}

// Allocations can be counted exactly, and time cannot.
func TestParseAllocations(t *testing.T) {
	for _, in := range parseInputs(t) {
		if got := testing.AllocsPerRun(100, func() {
			if _, err := Parse(in.txt); err != nil {
				t.Fatal(err)
			}
		}); got > 2 {
			t.Errorf("%s: %v allocations, want 2 at most", in.name, got)
		}
		if got := testing.AllocsPerRun(100, func() { readAll(in.txt) }); got != 0 {
			t.Errorf("%s: %v allocations term by term, want 0", in.name, got)
		}
	}
}
