package verify

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// looksBy counts the looks after the first one, by some times.
func looksBy(o Options, by ...time.Duration) []int {
	counts := make([]int, len(by))
	for at := o.gap(0); at <= by[len(by)-1]; at += o.gap(at) {
		for i, end := range by {
			if at <= end {
				counts[i]++
			}
		}
	}
	return counts
}

func TestSchedule(t *testing.T) {
	by := []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour, 72 * time.Hour}
	for _, tc := range []struct {
		name string
		opts Options
		want []int
	}{
		{"the default", Options{}, []int{17, 33, 46, 96, 192}},
		{"Entri's", Options{Schedule: Entri}, []int{1, 3, 5, 10, 12}},
	} {
		if diff := cmp.Diff(looksBy(tc.opts, by...), tc.want); diff != "" {
			t.Errorf("%s: looks by %v (-got +want):\n%s", tc.name, by, diff)
		}
	}
}

func TestEntri(t *testing.T) {
	for _, tc := range []struct{ lasted, want time.Duration }{
		{0, time.Minute},
		{time.Second, 59 * time.Second},
		{time.Minute, 2 * time.Minute},
		{90 * time.Second, 90 * time.Second},
		{3 * time.Minute, 4 * time.Minute},
		{2047 * time.Minute, 2048 * time.Minute},
	} {
		if got := Entri(tc.lasted); got != tc.want {
			t.Errorf("after %v: %v, want %v", tc.lasted, got, tc.want)
		}
	}
	_ = Entri(math.MaxInt64) // ends
}

func TestGap(t *testing.T) {
	for _, tc := range []struct {
		name   string
		opts   Options
		lasted time.Duration
		want   time.Duration
	}{
		{"first", Options{}, 0, 2 * time.Second},
		{"later", Options{}, 100 * time.Second, 15 * time.Second},
		{"at last", Options{}, 71 * time.Hour, 30 * time.Minute},
		{"bounds of the caller", Options{MinDelay: time.Minute, MaxDelay: time.Second}, time.Hour, time.Minute},
		{"a schedule of the caller", Options{Schedule: func(d time.Duration) time.Duration { return d / 2 }}, time.Hour, 30 * time.Minute},
		{"a schedule that stands still", Options{Schedule: func(time.Duration) time.Duration { return 0 }}, time.Hour, time.Millisecond},
	} {
		if got := tc.opts.gap(tc.lasted); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// partial is a report in which a secondary lags.
func partial(refresh uint32) Report {
	return Report{
		Verdict:     Partial,
		Records:     []RecordState{{Verdict: Partial, Zone: "customer.example"}},
		Delegations: []Delegation{{Apex: "customer.example", SOA: SOA{Refresh: refresh}}, {Apex: "other.example", SOA: SOA{Refresh: 7}}},
	}
}

// TestDue tells when the look after the last of some looks is due.
func TestDue(t *testing.T) {
	type step struct {
		began, ended time.Duration
		report       Report
		changed      bool
	}
	const s, m, h = time.Second, time.Minute, time.Hour
	soon := Report{Verdict: Published, NextLook: 1}
	for _, tc := range []struct {
		name  string
		looks []step
		want  time.Duration
	}{
		{"nothing known", []step{{began: 100 * s, ended: 100 * s}}, 115 * s},
		{"the look itself counts", []step{{began: 100 * s, ended: 103 * s}}, 115 * s},
		{"a long look", []step{{began: 100 * s, ended: 114 * s}}, 121500 * time.Millisecond},
		{"a resolver forgets sooner", []step{{began: h, ended: h + s, report: Report{NextLook: 30}}}, h + 31*s},
		{"a resolver forgets a little later", []step{{began: 100 * s, ended: 100 * s, report: Report{NextLook: 16}}}, 115 * s},
		{"a resolver forgets less than a second later", []step{{began: 100 * s, ended: 100*s + s/2, report: Report{NextLook: 15}}}, 115*s + s/2},
		{"a resolver forgets later", []step{{began: m, ended: m, report: Report{NextLook: 300}}}, 69 * s},
		{"a resolver forgets at once", []step{{began: h, ended: h, report: soon}}, h + 2*s},
		{"a prediction that failed", []step{{h, h, soon, true}, {h + 2*s, h + 2*s, soon, false}}, h + 6*s},
		{"two that failed", []step{{h, h, soon, true}, {h + 2*s, h + 2*s, soon, false}, {h + 6*s, h + 6*s, soon, false}}, h + 14*s},
		{"one that held after one that failed", []step{{h, h, soon, true}, {h + 2*s, h + 2*s, soon, false}, {h + 6*s, h + 6*s, soon, true}}, h + 8*s},
		{"a secondary asks again", []step{{3 * h, 3 * h, partial(600), true}}, 3*h + 601*s},
		{"it was seen to lag before", []step{{3 * h, 3 * h, partial(1000), true}, {3*h + 500*s, 3*h + 500*s, partial(1000), false}}, 3*h + 1001*s},
		{"it has asked and lags still", []step{{3 * h, 3 * h, partial(600), true}, {3*h + 601*s, 3*h + 602*s, partial(600), false}}, 3*h + 601*s + growing(3*h+601*s)},
		{"it lags anew", []step{{3 * h, 3 * h, partial(600), true}, {4 * h, 4 * h, Report{}, true}, {5 * h, 5 * h, partial(60), true}}, 5*h + 61*s},
	} {
		p := pace{lagging: -1}
		var got time.Duration
		for _, l := range tc.looks {
			got = p.due(Options{}, l.began, l.ended, l.report, l.changed)
		}
		if got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func growing(d time.Duration) time.Duration { return time.Duration(float64(d) * growth) }

// TestDetectionDelay publishes at random times, in no time at all: what is
// seen by the first look after is seen soon enough.
func TestDetectionDelay(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	var worst time.Duration
	for range 10000 {
		published := logUniform(rnd, time.Second, 72*time.Hour)
		p, at := pace{lagging: -1}, time.Duration(0)
		for at < published {
			at = p.due(Options{}, at, at, Report{Verdict: Absent}, false)
		}
		worst = max(worst, at-published)
		if late := at - published; late > tolerated(published) {
			t.Fatalf("published after %v, seen %v later", published, late)
		}
	}
	if worst < 20*time.Minute {
		t.Errorf("worst delay %v, want near 30 min: the times drawn show nothing", worst)
	}
}

// tolerated is how long after a change it must be seen.
func tolerated(after time.Duration) time.Duration {
	return min(max(2*time.Second, growing(after)), 30*time.Minute)
}

// logUniform draws a time whose logarithm is evenly distributed.
func logUniform(rnd *rand.Rand, least, most time.Duration) time.Duration {
	a, b := math.Log(float64(least)), math.Log(float64(most))
	return time.Duration(math.Exp(a + rnd.Float64()*(b-a)))
}

func TestStopwatch(t *testing.T) {
	for _, tc := range []struct {
		name  string
		since time.Time
		want  time.Duration
	}{
		{"begins now", time.Time{}, 0},
		{"goes on", time.Now().Add(-time.Hour), time.Hour},
		{"goes on from storage", time.Now().Add(-time.Hour).Round(0).UTC(), time.Hour},
		{"the clock was set back", time.Now().Add(time.Hour), 0},
		{"more than 292 years ago", time.Date(1, 1, 1, 1, 0, 0, 0, time.UTC), math.MaxInt64 / 2},
	} {
		w := newStopwatch(tc.since)
		if got := w.lasted(); got < tc.want || got-tc.want > time.Minute {
			t.Errorf("%s: lasted %v, want %v", tc.name, got, tc.want)
		}
		if !strings.Contains(w.start.String(), " m=") {
			t.Errorf("%s: no monotonic reading: setting the clock would change the watch", tc.name)
		}
	}
}
