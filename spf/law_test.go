package spf_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/spf/internal/lawtest"
)

// judge is our own evaluator, with room for merges that go beyond the limits:
// what they cost is another matter.
func judge(zone spf.Static, domain string, m lawtest.Message) string {
	c := spf.Checker{Resolver: zone, MaxLookups: 100, MaxVoids: 100}
	r := c.CheckHost(context.Background(), m.IP, domain, m.Sender, m.Helo)
	if errors.Is(r.Err, spf.ErrTooManyLookups) || errors.Is(r.Err, spf.ErrTooManyVoids) {
		return lawtest.Limit
	}
	return string(r.Outcome)
}

// A merge passes what some record of it passes alone and nothing else, is
// nowhere harsher than the owner's record, is made once, goes back to the byte,
// and does not depend on the order of requirements.
func TestMergeLaw(t *testing.T) {
	seed := lawtest.Seed(t)
	for _, exclusions := range lawtest.ExclusionRates() {
		t.Run(fmt.Sprint(exclusions), func(t *testing.T) {
			t.Parallel()
			n := lawtest.Times(100_000, 800)
			s := lawtest.Hold(t, seed, lawtest.DrawnForUs(exclusions), n, judge)
			t.Logf("%d pairs, %d messages, %d judged, %d breaches", n, s.Messages, s.Judged, s.Breaches())
			if s.Judged*10 < s.Messages*8 {
				t.Errorf("%d of %d messages judged: too few to say much", s.Judged, s.Messages)
			}
		})
	}
}

// The draws that our merge survives show what is wrong with the rules of others,
// on records with redirects and dead names and on the simplest ones.
func TestRivalsBreakTheLaw(t *testing.T) {
	seed := lawtest.Seed(t)
	for _, rival := range lawtest.Rivals() {
		var all lawtest.Bite
		for _, exclusions := range lawtest.ExclusionRates() {
			drawn := lawtest.Drawn(exclusions)
			for _, rates := range []lawtest.Rates{drawn, {Exclusions: exclusions}} {
				b := lawtest.Catch(t, seed, rates, lawtest.Times(20_000, 400), rival, judge)
				t.Logf("%s, %v do not pass, %v redirects: %v", rival.Name, exclusions, rates.Redirects, b)
				all.Add(b)
			}
		}
		if all.Share() < 0.05 {
			t.Errorf("%s: %v overall, want 5 %% at least", rival.Name, all)
		}
	}
}

// Each of our rules is there for a reason that the draws meet.
func TestMutantsBreakTheLaw(t *testing.T) {
	seed := lawtest.Seed(t)
	for _, mutant := range lawtest.Mutants() {
		t.Run(mutant.Name, func(t *testing.T) {
			t.Parallel()
			var all lawtest.Bite
			for round := uint64(0); all.Wrong == 0 && round < 20; round++ { // few pairs are drawn where each is slow
				for _, exclusions := range lawtest.ExclusionRates() {
					b := lawtest.Catch(t, seed+round, lawtest.Drawn(exclusions), lawtest.Times(10_000, 200), mutant, judge)
					t.Logf("%v do not pass: %v", exclusions, b)
					all.Add(b)
				}
			}
			if all.Wrong == 0 {
				t.Errorf("nobody noticed in %d pairs", all.Pairs)
			}
		})
	}
}

// A new include that leads nowhere is a permerror from where it stands, so that
// it must stand behind all that passes already. That a requirement is asked for
// in DNS before it is planned is the planner's part.
func TestDeadIncludeCostsLittle(t *testing.T) {
	seed := lawtest.Seed(t)
	rivals := lawtest.Rivals()
	for _, exclusions := range lawtest.ExclusionRates() {
		n := lawtest.Times(10_000, 800)
		rates := lawtest.Rates{Exclusions: exclusions, Redirects: 0.12}
		lost := lawtest.Lose(t, seed, rates, n, judge, spf.Merge, rivals[0].Merge, rivals[1].Merge)
		ours, appended, prepended := lost[0], lost[1], lost[2]
		percent := func(lost int) string { return fmt.Sprintf("%.1f %%", 100*float64(lost)/float64(n)) }
		t.Logf("%v do not pass, a pass is lost in: ours %s, appended %s, prepended %s of %d records",
			exclusions, percent(ours), percent(appended), percent(prepended), n)
		if exclusions == 0 && ours > appended {
			t.Errorf("ours loses in %d of %d records without exclusions, appending in %d", ours, n, appended)
		}
		if ours >= prepended || exclusions == 0 && 2*ours > prepended {
			t.Errorf("ours loses in %d of %d records, prepending in %d: too close", ours, n, prepended)
		}
	}
}
