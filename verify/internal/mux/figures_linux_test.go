package mux

import (
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

const (
	inFlight = 512    // questions at once
	oneRun   = 20_000 // lookups in one turn of a benchmark
)

// unbounded lets a benchmark's one server be asked as fast as it can answer.
func unbounded(batch bool) Options {
	return Options{Budget: Budget{Start: -1, Provider: -1}, Batch: batch, Timeout: patience}
}

// asker has many questions asked, each again as soon as it is answered.
type asker struct {
	mux       *Mux
	questions []Question
	left      atomic.Int64
	wrong     atomic.Int64
	resent    atomic.Int64 // packets, after the first of a question
	running   sync.WaitGroup
}

func newAsker(tb testing.TB, m *Mux, at netip.AddrPort, n int) *asker {
	tb.Helper()
	a := &asker{mux: m, questions: make([]Question, n)}
	for i := range a.questions {
		a.questions[i] = Question{Server: at, Name: nameOf(i), Type: 16, Answer: a.answered}
	}
	return a
}

// run asks n questions, as many at once as there are.
func (a *asker) run(n int) {
	a.left.Store(int64(n))
	for i := range a.questions {
		if a.left.Add(-1) < 0 {
			break
		}
		a.running.Add(1)
		a.mux.Ask(&a.questions[i])
	}
	a.running.Wait()
}

func (a *asker) answered(q *Question, got Answer) {
	if got.Err != nil || len(got.Msg) < 12 || got.Msg[7] != 1 {
		a.wrong.Add(1)
	}
	if got.Sent > 1 {
		a.resent.Add(int64(got.Sent - 1))
	}
	left := a.left.Add(-1)
	if left < 0 {
		a.running.Done()
		return
	}
	number(q.Name, int(left))
	a.mux.Ask(q)
}

// usage is the CPU time of this process.
func usage(tb testing.TB) time.Duration {
	tb.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// measured runs lookups in turns of oneRun and reports what one costs.
func measured(b *testing.B, run func(n int)) {
	b.Helper()
	run(oneRun) // sockets, tables, what is known of the server
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, began, n := usage(b), time.Now(), 0
	for b.Loop() {
		run(oneRun)
		n += oneRun
	}
	took := time.Since(began)
	cpu = usage(b) - cpu
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(cpu.Nanoseconds())/1e3/float64(n), "cpu-µs/lookup")
	b.ReportMetric(float64(n)/took.Seconds(), "lookups/s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(n), "allocs/lookup")
}

func benchmarkLookup(b *testing.B, batch bool) {
	at := startServer(b)
	m := New(unbounded(batch))
	defer m.Close()
	a := newAsker(b, m, at, inFlight)
	measured(b, a.run)
	if wrong := a.wrong.Load(); wrong > 0 {
		b.Errorf("%d lookups failed", wrong)
	}
	b.ReportMetric(float64(a.resent.Load()), "resent")
}

func BenchmarkLookup(b *testing.B)      { benchmarkLookup(b, false) }
func BenchmarkLookupBatch(b *testing.B) { benchmarkLookup(b, true) }

// BenchmarkOne answers how long one question takes while nothing else is under
// way.
func BenchmarkOne(b *testing.B) {
	for name, batch := range map[string]bool{"portable": false, "batch": true} {
		b.Run(name, func(b *testing.B) {
			m := New(unbounded(batch))
			defer m.Close()
			answered := make(chan struct{})
			q := &Question{Server: startServer(b), Name: nameOf(0), Type: 16, Answer: func(*Question, Answer) { answered <- struct{}{} }}
			for b.Loop() {
				m.Ask(q)
				<-answered
			}
		})
	}
}

// BenchmarkNaive is what one writes first: a goroutine and a new socket for
// each lookup.
func BenchmarkNaive(b *testing.B) {
	for _, goroutines := range []int{64, 512} {
		b.Run(map[int]string{64: "64", 512: "512"}[goroutines], func(b *testing.B) {
			at := startServer(b).String()
			var failed atomic.Int64
			measured(b, func(n int) { naive(at, goroutines, n, &failed) })
			if n := failed.Load(); n > 0 {
				b.Logf("%d lookups failed", n)
			}
		})
	}
}

func naive(at string, goroutines, n int, failed *atomic.Int64) {
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			c := dns.Client{Timeout: 5 * time.Second}
			for {
				i := left.Add(-1)
				if i < 0 {
					return
				}
				q := new(dns.Msg)
				name := nameOf(int(i))
				q.SetQuestion(string(name[1:9])+".customer.example.", dns.TypeTXT)
				r, _, err := c.Exchange(q, at)
				if err != nil || len(r.Answer) != 1 {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
}

// TestFigures compares what a lookup costs with the naive way, in one run. The
// goals are the benchmarks' to show; here the margin is wide, since other
// processes may be at work.
func TestFigures(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector multiplies the cost")
	}
	at := startServer(t)
	cost := func(run func(n int)) (cpu time.Duration, allocs float64) {
		run(oneRun)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cpu = usage(t)
		run(oneRun)
		cpu = (usage(t) - cpu) / oneRun
		runtime.ReadMemStats(&after)
		return cpu, float64(after.Mallocs-before.Mallocs) / oneRun
	}
	var failed atomic.Int64
	base, allocs := cost(func(n int) { naive(at.String(), inFlight, n, &failed) })
	t.Logf("naive: %v CPU and %.1f allocations per lookup, %d failed", base, allocs, failed.Load())
	for _, batch := range []bool{false, true} {
		m := New(unbounded(batch))
		a := newAsker(t, m, at, inFlight)
		ours, allocs := cost(a.run)
		m.Close()
		t.Logf("batch %v: %v CPU and %.4f allocations per lookup, 1/%.1f of naive", batch, ours, allocs, float64(base)/float64(ours))
		if allocs > 0.05 {
			t.Errorf("batch %v: %.4f allocations per lookup, want none", batch, allocs)
		}
		if 2*ours > base {
			t.Errorf("batch %v: %v CPU per lookup, more than half of naive %v", batch, ours, base)
		}
		if n := a.wrong.Load(); n > 0 {
			t.Errorf("batch %v: %d lookups failed", batch, n)
		}
	}
}

// BenchmarkFloor is what the system takes for one datagram out and one in,
// with nobody else and nothing of ours: how busy the machine is.
func BenchmarkFloor(b *testing.B) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		b.Fatal(err)
	}
	self, err := unix.Getsockname(fd)
	if err != nil {
		b.Fatal(err)
	}
	packet := make([]byte, 60)
	measured(b, func(n int) {
		for range n {
			if err := unix.Sendto(fd, packet, 0, self); err != nil {
				b.Fatal(err)
			}
			if _, _, err := unix.Recvfrom(fd, packet, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
}
