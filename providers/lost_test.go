package providers_test

import (
	"context"
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
		{"the host settles slowly", 0, time.Minute, 40 * time.Second, "applied", 40 * time.Second, 63 * time.Second},
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

// TestLostSuccess: the host answers success, and shows the change some time
// after its settle time, or never.
func TestLostSuccess(t *testing.T) {
	for _, tt := range []struct {
		name   string
		settle time.Duration
		lands  time.Duration // 0: never
		want   string
		most   time.Duration // that it took
	}{
		{"at once", 0, time.Nanosecond, "applied", time.Second},
		{"late", 0, time.Second, "applied", 2 * time.Second},
		{"later than it settles", time.Second, 2 * time.Second, "applied", 4 * time.Second},
		{"while it settles", time.Minute, 2 * time.Second, "applied", time.Minute},
		{"never", 0, 0, "failed/Internal", 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := begin(t, providers.Caps{Grain: providers.GrainRRset, Settle: tt.settle}, startZone...)
				change := threeChanges(t)[2]
				acct, err := providers.Open(lying{w.host.Driver(), func() {
					if tt.lands > 0 {
						time.Sleep(tt.lands)
						w.host.Change(apex, change)
					}
				}}, nil, providers.Options{Journal: w.journal})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				got := acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{})
				if s := states(got); s != tt.want || time.Since(start) > tt.most {
					t.Errorf("got %s %+v after %s, want %s within %s", s, got, time.Since(start), tt.want, tt.most)
				}
			})
		})
	}
}

// lying is a driver whose writes are success at once; land is what becomes of
// them.
type lying struct {
	providers.Driver
	land func()
}

func (l lying) Open(c providers.Credentials) (providers.Session, error) {
	s, err := l.Driver.Open(c)
	return lyingSession{s, l.land}, err
}

type lyingSession struct {
	providers.Session
	land func()
}

func (s lyingSession) Write(context.Context, providers.Zone, zone.Edit) error {
	go s.land()
	return nil
}

// TestLostSettles: a write whose answer was lost lands as late as it may, and
// shows when the host has settled.
func TestLostSettles(t *testing.T) {
	for _, cut := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := begin(t, providers.Caps{Grain: providers.GrainRRset, Settle: 5 * time.Second}, startZone...)
			acct, err := providers.Open(late{w.host.Driver(), 2900 * time.Millisecond}, nil, providers.Options{Journal: w.journal})
			if err != nil {
				t.Fatal(err)
			}
			change := threeChanges(t)[2]
			if cut {
				w.cutOffLate(t, change)
				if how, got, err := acct.Recover(t.Context(), w.open(t)[0]); err != nil || how != providers.WasDone {
					t.Errorf("got %q %+v %v, want was-done", how, got, err)
				}
			} else if got := acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{}); states(got) != "applied" {
				t.Errorf("got %+v, want applied", got)
			}
			w.holds(t, change)
		})
	}
}

// cutOffLate leaves a run behind whose only write is under way.
func (w *walk) cutOffLate(t *testing.T, c zone.Change) {
	t.Helper()
	acct, err := providers.Open(late{w.host.Driver(), 2900 * time.Millisecond}, nil, providers.Options{Journal: onlyBegins{w.journal}, Lost: 1, ReadBack: 1})
	if err != nil {
		t.Fatal(err)
	}
	acct.Apply(t.Context(), w.zone, []zone.Change{c}, &providers.Run{})
}

// late is a driver whose writes land after a while, their answers lost.
type late struct {
	providers.Driver
	after time.Duration
}

func (l late) Open(c providers.Credentials) (providers.Session, error) {
	s, err := l.Driver.Open(c)
	return lateSession{s, l.after}, err
}

type lateSession struct {
	providers.Session
	after time.Duration
}

func (s lateSession) Write(_ context.Context, z providers.Zone, e zone.Edit) error {
	go func() {
		time.Sleep(s.after)
		_ = s.Session.Write(context.Background(), z, e)
	}()
	return &providers.Error{Code: providers.Timeout, Wrote: providers.WroteUnknown}
}

// TestHarm: a driver that knows that its write did harm beside the change is
// heard, though the change stands.
func TestHarm(t *testing.T) {
	host := memory.New(memory.Options{Zones: []zone.Snapshot{zone.NewSnapshot("customer.example", nil)}})
	host.FailWrite(1, memory.Fault{Land: true, Code: providers.Internal, Wrote: providers.WroteYes})
	acct, err := providers.Open(host.Driver(), nil, providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := acct.Find(t.Context(), "customer.example")
	if err != nil {
		t.Fatal(err)
	}
	mine := zone.NewTXT("x.customer.example", 300, "mine")
	got := acct.Apply(t.Context(), z, []zone.Change{{Owner: mine.Name, Add: []zone.Record{mine}}}, &providers.Run{})
	if len(got) != 1 || got[0].State != providers.Applied || got[0].Code != providers.Internal || got[0].Detail == "" {
		t.Errorf("got %+v, want it applied, with the driver's word", got)
	}
}
