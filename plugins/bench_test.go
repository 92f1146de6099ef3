package plugins_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// BenchmarkHop asks what it costs that a driver is in another process: eight
// callers, at 5,000 calls a second together, and as fast as they can. The bare
// ones are what the way alone costs on the same machine: go-plugin as it comes,
// and a call that does nothing.
func BenchmarkHop(b *testing.B) {
	const callers = 8
	for _, c := range []struct {
		name  string
		every time.Duration // that each caller calls
	}{
		{"paced", callers * time.Second / 5000},
		{"unpaced", 0},
	} {
		b.Run(c.name, func(b *testing.B) { hop(b, findCalls(b, callers), c.every) })
		b.Run(c.name+"-bare", func(b *testing.B) { hop(b, slices.Repeat([]func() error{bareCall(b)}, callers), c.every) })
	}
}

// findCalls is a call for each of so many accounts.
func findCalls(b *testing.B, accounts int) (calls []func() error) {
	b.Helper()
	_, d := carrying(b, plugins.Options{})
	for i := range accounts {
		s, err := d.Open(providers.Credentials{"do": "nothing", "token": fmt.Sprint(i)})
		if err != nil {
			b.Fatal(err)
		}
		calls = append(calls, func() error {
			_, err := s.Find(b.Context(), evilZone.Apex)
			return err
		})
	}
	return calls
}

func hop(b *testing.B, calls []func() error, every time.Duration) {
	b.Helper()
	var (
		wg   sync.WaitGroup
		left atomic.Int64
		all  = make([][]time.Duration, len(calls))
	)
	left.Store(int64(b.N))
	b.ResetTimer()
	for i, call := range calls {
		wg.Go(func() {
			next := time.Now().Add(every * time.Duration(i) / time.Duration(len(calls)))
			for left.Add(-1) >= 0 {
				if every > 0 {
					time.Sleep(time.Until(next))
					next = next.Add(every)
				}
				began := time.Now()
				if err := call(); err != nil {
					b.Error(err)
					return
				}
				all[i] = append(all[i], time.Since(began))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	percentiles(b, slices.Concat(all...), time.Microsecond, "µs")
}

// percentiles reports the median and the 99th of 100 of what was measured.
func percentiles(b *testing.B, took []time.Duration, unit time.Duration, name string) {
	b.Helper()
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(took[min(len(took)*p/100, len(took)-1)])/float64(unit), fmt.Sprintf("p%d-%s", p, name))
	}
}

// BenchmarkStart asks how long the first call of a pinned plugin takes, whose
// binary is hashed, started and asked who it is before.
func BenchmarkStart(b *testing.B) {
	o := install(b, "1.0.0")
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		h, err := plugins.Load(o)
		if err != nil {
			b.Fatal(err)
		}
		d := h.Drivers()[0]
		b.StartTimer()
		began := time.Now()
		_, err = d.Open(providers.Credentials{"do": "nothing"})
		took = append(took, time.Since(began))
		b.StopTimer()
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	percentiles(b, took, time.Millisecond, "ms")
	if info, err := os.Stat(binary(b, o, "1.0.0")); err == nil {
		b.ReportMetric(float64(info.Size())/(1<<20), "MiB-binary")
	}
}

// BenchmarkRecovery asks how long it is from the death of a process until
// another one has answered a call.
func BenchmarkRecovery(b *testing.B) {
	var took []time.Duration
	o := plugins.Options{State: stateDir(b), Carried: []providers.Driver{evil{}}}
	for b.Loop() {
		b.StopTimer()
		h, err := plugins.Load(o)
		if err != nil {
			b.Fatal(err)
		}
		s := session(b, h.Drivers()[0], "nothing")
		pid := h.Status()[0].PID
		b.StartTimer()
		began := time.Now()
		kill(b, pid)
		for _, err = s.Find(b.Context(), evilZone.Apex); err != nil || h.Status()[0].PID == pid; {
			_, err = s.Find(b.Context(), evilZone.Apex)
		}
		took = append(took, time.Since(began))
		b.StopTimer()
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	percentiles(b, took, time.Millisecond, "ms")
}

// BenchmarkTenants asks what one process needs that reads the zones of 10,000
// tenants, 64 at a time.
func BenchmarkTenants(b *testing.B) {
	h, d := carrying(b, plugins.Options{})
	const tenants, atOnce = 10_000, 64
	for b.Loop() {
		var (
			wg   sync.WaitGroup
			next atomic.Int64
		)
		for range atOnce {
			wg.Go(func() {
				for n := next.Add(1); n <= tenants; n = next.Add(1) {
					if err := tenant(b.Context(), d, n); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(tenants*float64(b.N)/b.Elapsed().Seconds(), "tenants/s")
	b.ReportMetric(resident(b, h.Status()[0].PID), "MiB-resident")
}

func tenant(ctx context.Context, d providers.Driver, n int64) error {
	token := fmt.Sprintf("token-of-tenant-%d", n)
	s, err := d.Open(providers.Credentials{"do": "nothing", "token": token})
	if err != nil {
		return err
	}
	z, err := s.Find(ctx, evilZone.Apex)
	if err != nil {
		return err
	}
	snap, err := s.Read(ctx, z)
	if err == nil && (len(snap.Records) != 50 || !strings.Contains(snap.Records[0].Data, token+`"`)) {
		err = fmt.Errorf("tenant %d is shown the zone of another: %v", n, snap.Records[:1])
	}
	return err
}

// resident is the most memory that a process has had, in MiB (proc_pid_status(5)).
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("there is no /proc")
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib / 1024
		}
	}
	b.Fatal("the system does not tell the memory of a process")
	return 0
}
