package verify_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// tokens are n requests, of which each third is for a record that is there.
func tokens(n int) iter.Seq[verify.Request] {
	return func(yield func(verify.Request) bool) {
		for i := range n {
			name := zone.Name(fmt.Sprintf("_t%d.customer.example", i%3))
			if !yield(verify.Request{Expect: []verify.Expect{{Record: zone.NewTXT(name, 60, "token=1")}}}) {
				return
			}
		}
	}
}

// TestBatch has every report told once, one after the other, and counts them.
func TestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		put(w, record(t, "_t0", "TXT", `"token=1"`), record(t, "_t1", "TXT", `"token=2"`))
		for _, s := range w.Servers() {
			s.SetFault(verifytest.Fault{Delay: 20 * time.Millisecond})
		}
		const n = 300
		got := make(map[string]int)
		var shown verify.Progress
		var telling atomic.Int32
		p, err := watcher(w, generous).Batch(t.Context(), tokens(n), func(r verify.Report) {
			if telling.Add(1) != 1 {
				t.Error("two reports are told at once")
			}
			got[r.Records[0].Expect.Record.Name.FQDN()+" "+string(r.Verdict)]++
			shown.Add(r)
			time.Sleep(time.Millisecond)
			telling.Add(-1)
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{
			"_t0.customer.example. propagated": n / 3,
			"_t1.customer.example. wrong":      n / 3,
			"_t2.customer.example. absent":     n / 3,
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("told (-got +want):\n%s", diff)
		}
		if p.Elapsed < 20*time.Millisecond || p.Asked < n {
			t.Errorf("%d questions in %v", p.Asked, p.Elapsed)
		}
		shown.Elapsed = p.Elapsed
		if diff := cmp.Diff(p, shown); diff != "" {
			t.Errorf("progress (-got +as added up):\n%s", diff)
		}
		if p.Done != n || p.Right != n/3 || p.Verdicts[verify.Absent] != n/3 {
			t.Errorf("progress %+v, want %d reports, %d right", p, n, n/3)
		}
	})
}

// generous has no budget that virtual time would have to wait for.
func generous(o *verify.Options) {
	o.Budget = verify.Budget{Start: 1e6, Most: 1e6, Provider: 1e7, Burst: 1e6}
}

func few(o *verify.Options) { o.Together = 20 }

// TestBatchTakes takes no more requests than it has room for.
func TestBatchTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		const room = 5
		taken, most, done := 0, 0, atomic.Int32{}
		reqs := func(yield func(verify.Request) bool) {
			for req := range tokens(100) {
				taken++
				most = max(most, taken-int(done.Load()))
				if !yield(req) {
					return
				}
			}
		}
		_, err := watcher(w, generous, func(o *verify.Options) { o.Together = room }).Batch(t.Context(), reqs, func(verify.Report) {
			time.Sleep(time.Second) // whoever tells is slow
			done.Add(1)
		})
		// One more is taken and waits for room, and one report is being told.
		if err != nil || taken != 100 || most > room+2 {
			t.Errorf("%d requests taken, up to %d at once, %v; want 100, at most %d", taken, most, err, room+2)
		}
	})
}

// TestBatchMisuse goes on behind requests that nobody could ask for.
func TestBatchMisuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		put(w, record(t, "_t0", "TXT", `"token=1"`))
		bad := make([]verify.Request, 20)
		good := slices.Collect(tokens(1))
		p, err := watcher(w, generous).Batch(t.Context(), slices.Values(slices.Concat(good, bad, good)), func(verify.Report) {})
		if p.Done != 2 || p.Right != 2 || p.Faulty != 20 {
			t.Errorf("progress %+v, want 2 done and right, 20 faulty", p)
		}
		if err == nil || strings.Count(err.Error(), "nothing expected") != 16 || !strings.Contains(err.Error(), "request 2: verify: nothing expected") {
			t.Errorf("got %v, want the first 16 named", err)
		}
	})
}

// TestBatchEnds cancels a Batch whose requests never end.
func TestBatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		for _, s := range w.Servers() {
			s.SetFault(verifytest.Fault{Delay: 20 * time.Millisecond})
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		told := 0
		p, err := watcher(w, generous, few).Batch(ctx, tokens(1<<40), func(verify.Report) {
			if told++; told == 50 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || p.Done != told || told < 50 {
			t.Errorf("%v after %d of %d reports, want canceled after 50 or some more", err, p.Done, told)
		}
		began := time.Now()
		if p, err = watcher(w).Batch(ctx, tokens(1<<40), func(verify.Report) {}); !errors.Is(err, context.Canceled) || p.Done != 0 || time.Since(began) != 0 {
			t.Errorf("%v, %+v after %v, want canceled at once", err, p, time.Since(began))
		}
		if p, err = watcher(w).Batch(t.Context(), tokens(0), func(verify.Report) {}); err != nil || p.Done != 0 {
			t.Errorf("%v, %+v, want nothing done", err, p)
		}
	})
}

// TestBatchSource is left by a source that fails.
func TestBatchSource(t *testing.T) {
	w := watchedWorld(t)
	defer func() {
		if got := recover(); got != "the source is broken" {
			t.Errorf("recovered %v, want the panic of the source", got)
		}
	}()
	_, _ = watcher(w, generous).Batch(t.Context(), func(yield func(verify.Request) bool) {
		for req := range tokens(2) {
			yield(req)
		}
		panic("the source is broken")
	}, func(verify.Report) {})
	t.Error("the panic of the source is lost")
}

// TestBatchFarm proves domains on real sockets, and bounds the memory that
// takes, garbage included.
func TestBatchFarm(t *testing.T) {
	at := startFarm(t, 20*time.Millisecond)
	v := farmVerifier(at, 1, 0)
	many := batchMany
	if os.Getenv("MOORING_LONG") == "1" {
		many = 100_000
	}
	run := func(prefix string, n int) (p verify.Progress, most uint64) {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before := m.HeapInuse + m.StackInuse
		p, err := v.Batch(t.Context(), domains(prefix, n), func(verify.Report) {
			if p.Done++; p.Done%500 == 0 {
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse+m.StackInuse)
			}
		})
		if err != nil || p.Right != n {
			t.Fatalf("%+v, %v, want %d right", p, err, n)
		}
		return p, most - min(most, before)
	}
	run("few", 500)
	p, most := run("many", many)
	t.Logf("%d domains: %.0f domains/s, %.1f questions each, memory above what was before at most %.1f MB",
		many, float64(many)/p.Elapsed.Seconds(), float64(p.Asked)/float64(many), float64(most)/1e6)
	if most > 64e6 {
		t.Errorf("%.1f MB more memory than before, want at most 64 MB", float64(most)/1e6)
	}
}
