package providers_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// slowly makes the n-th write land after a while, its answer lost.
func (w *walk) slowly(n int, after time.Duration, c zone.Change) {
	w.host.SetHooks(memory.Hooks{Before: func(m int, _ zone.Edit) error {
		if m != n {
			return nil
		}
		go func() {
			time.Sleep(after)
			w.host.Change(apex, c)
		}()
		return &providers.Error{Code: providers.Timeout, Wrote: providers.WroteUnknown}
	}})
}

// TestLost: a write lands some time after its answer was given up.
func TestLost(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lost   time.Duration // 0: the default
		settle time.Duration
		lands  time.Duration
		want   string
		least  time.Duration // that it took
		most   time.Duration
	}{
		{"at once", 0, 0, 0, "applied", 0, 200 * time.Millisecond},
		{"soon", 0, 0, time.Second, "applied", time.Second, 2 * time.Second},
		{"just in time", 0, 0, 2999 * time.Millisecond, "applied", 3 * time.Second, 3 * time.Second},
		{"too late", 0, 0, 4 * time.Second, "failed/Timeout", 3 * time.Second, 3 * time.Second},
		{"with more patience", time.Minute, 0, 40 * time.Second, "applied", 40 * time.Second, time.Minute},
		{"the host's settle time is longer", 0, time.Minute, 40 * time.Second, "applied", 40 * time.Second, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := begin(t, providers.Caps{Grain: providers.GrainRRset, Settle: tt.settle}, startZone...)
				var err error
				if w.acct, err = providers.Open(w.host.Driver(), nil, providers.Options{Journal: w.journal, Lost: tt.lost}); err != nil {
					t.Fatal(err)
				}
				change := threeChanges(t)[2]
				w.slowly(1, tt.lands, change)
				start := time.Now()
				got := w.acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{})
				if s := states(got); s != tt.want {
					t.Errorf("got %s %+v, want %s", s, got, tt.want)
				}
				if took := time.Since(start); took < tt.least || took > tt.most {
					t.Errorf("took %s, want %s to %s", took, tt.least, tt.most)
				}
				time.Sleep(tt.lands)
				w.holds(t, change)
				if w.host.Writes() != 1 {
					t.Errorf("%d writes, want the lost one alone", w.host.Writes())
				}
			})
		})
	}
}

// TestLostNot: what is known to have failed is not waited for.
func TestLostNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, providers.Caps{}, startZone...)
		acct, err := providers.Open(w.host.Driver(), nil, providers.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.host.FailWrite(1, memory.Refused(providers.Unavailable))
		start := time.Now()
		if got := acct.Apply(t.Context(), w.zone, threeChanges(t), &providers.Run{}); providers.Done(got) || time.Since(start) != 0 {
			t.Errorf("got %s after %s", states(got), time.Since(start))
		}
	})
}

// TestLostCutOff: the process ends with its first write under way, which lands
// while the run is recovered.
func TestLostCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
		w.cutAt(1, false)
		changes := threeChanges(t)
		w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
		w.host.SetHooks(memory.Hooks{})
		w.host.SetReadFault(memory.Fault{})
		acct, err := providers.Open(w.host.Driver(), nil, providers.Options{Journal: w.journal})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second)
			w.host.Change(apex, changes[2])
		}()
		how, got, err := acct.Recover(t.Context(), w.open(t)[0])
		if err != nil || how != providers.Finished {
			t.Errorf("got %q %+v %v, want finished", how, got, err)
		}
		w.holds(t, changes...)
	})
}
