package lawtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/spf"
)

// ExclusionRates are the shares of directives that do not pass at which the
// laws are tried.
func ExclusionRates() []float64 { return []float64{0, 0.15, 0.4} }

// Drawn are the rates at which the laws are tried before any evaluator.
func Drawn(exclusions float64) Rates {
	return Rates{Exclusions: exclusions, Redirects: 0.12, Dead: 0.02, Wide: true}
}

// DrawnForUs are those with what not every evaluator reads as ours does.
func DrawnForUs(exclusions float64) Rates {
	r := Drawn(exclusions)
	r.Mapped = true
	return r
}

// Times is n with MOORING_LONG=1 and fewer otherwise: a sixteenth of them where
// the race detector makes each some ten times as slow.
func Times(n, fewer int) int {
	switch {
	case raced:
		return max(1, fewer/16)
	case os.Getenv("MOORING_LONG") == "1":
		return n
	}
	return fewer
}

// Seed is MOORING_SEED, or a new one where that is not set or 0. It is logged,
// and MOORING_SEED draws the same cases again.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed, _ := strconv.ParseUint(os.Getenv("MOORING_SEED"), 10, 64)
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("MOORING_SEED=%d draws the same cases again", seed)
	return seed
}

// source makes pair i of a seed and a rate the same whoever draws it, and
// however many others are drawn.
func source(seed uint64, exclusions float64, i int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(100*exclusions)<<32|uint64(i)))
}

// Hold tries all laws on so many pairs. The first breach fails the test.
func Hold(t testing.TB, seed uint64, rates Rates, pairs int, judge Judge) Score {
	t.Helper()
	var sum Score
	for i := range pairs {
		score, err := Draw(source(seed, rates.Exclusions, i), rates).Try(judge).Laws()
		if err != nil {
			t.Fatalf("pair %d: %v", i, err)
		}
		if sum.Add(score); sum.Breaches() > 0 {
			t.Fatalf("pair %d: %s", i, score.First)
		}
	}
	return sum
}

// A Bite says in how many pairs a mutant was wrong at least once.
type Bite struct{ Pairs, Wrong, Lost, Gained, Harsher int }

// String gives the shares in percent.
func (b Bite) String() string {
	of := func(n int) float64 { return 100 * float64(n) / float64(b.Pairs) }
	return fmt.Sprintf("%.1f %% of %d pairs wrong (%.1f %% lose a pass, %.1f %% gain one, %.1f %% are harsher or broken)",
		of(b.Wrong), b.Pairs, of(b.Lost), of(b.Gained), of(b.Harsher))
}

// Share is the part of the pairs that are wrong.
func (b Bite) Share() float64 { return float64(b.Wrong) / float64(b.Pairs) }

// Add sums up.
func (b *Bite) Add(o Bite) {
	b.Pairs += o.Pairs
	b.Wrong += o.Wrong
	b.Lost += o.Lost
	b.Gained += o.Gained
	b.Harsher += o.Harsher
}

// Catch draws plain pairs and counts those that the mutant merges wrongly.
func Catch(t testing.TB, seed uint64, rates Rates, pairs int, mutant Mutant, judge Judge) Bite {
	t.Helper()
	rates.Plain = true
	sum := Bite{Pairs: pairs}
	for i := range pairs {
		c := Draw(source(seed, rates.Exclusions, i), rates)
		m, err := mutant.Merge(c.Request)
		if err != nil {
			t.Fatalf("%s: %v", mutant.Name, err)
		}
		score := c.Try(judge).Score(m)
		sum.Lost += min(1, score.Lost)
		sum.Gained += min(1, score.Gained)
		sum.Harsher += min(1, score.Harsher+score.Broken)
		sum.Wrong += min(1, score.Breaches())
	}
	return sum
}

// A Merge is a rule for merging.
type Merge func(spf.MergeRequest) (spf.Merged, error)

// Lose counts, for each of several rules, the records in which the merge of an
// include that leads nowhere loses a message that passed.
func Lose(t testing.TB, seed uint64, rates Rates, records int, judge Judge, rules ...Merge) []int {
	t.Helper()
	rates.Plain = true
	lost := make([]int, len(rules))
	for i := range records {
		c := Draw(source(seed, rates.Exclusions, i), rates)
		c.Required = []string{"v=spf1 include:none" + net + " ~all"}
		c.Request.Required = c.Required
		trial := c.Try(judge)
		for r, rule := range rules {
			m, err := rule(c.Request)
			if err != nil {
				t.Fatal(err)
			}
			for j, outcome := range trial.outcomes(m.Record, m.Extra) {
				if trial.owners[0][j] == "pass" && outcome != "pass" {
					lost[r]++
					break
				}
			}
		}
	}
	return lost
}
