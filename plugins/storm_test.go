package plugins

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// forgive makes the next crash the first one.
func (p *plugin) forgive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures, p.recent, p.next, p.quarantined = 0, nil, time.Time{}, false
}

// TestCrashesLeaveNothing: no file, goroutine or socket of processes that have
// crashed is left.
func TestCrashesLeaveNothing(t *testing.T) {
	p := ownPlugin(t, Options{})
	crash := func() {
		p.forgive()
		proc := started(t, p)
		proc.runner.kill()
		<-proc.gone
	}
	crash()
	settled := func(files int) bool { return runtime.GOOS != "linux" || open(t) <= files }
	files, before := open(t), goleak.IgnoreCurrent()
	times := 8
	if os.Getenv("MOORING_LONG") == "1" {
		times = 700
	}
	for range times {
		crash()
	}
	goleak.VerifyNone(t, before)
	for end := time.Now().Add(time.Minute); !settled(files) && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if !settled(files) {
		t.Errorf("after %d crashes %d files are open, and %d before them", times, open(t), files)
	}
	sockets, err := filepath.Glob(filepath.Join(p.state.runDir(), "*", "*"))
	if err != nil || len(sockets) > 0 {
		t.Errorf("after %d crashes there are %v, %v", times, sockets, err)
	}
}

// open is how many files this program has open; 0 where that is not to be known.
func open(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestStorm: calls that end in any way, with processes that are killed, replaced
// and stopped for want of calls meanwhile. All places are free when it is over.
func TestStorm(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	length := time.Second
	if os.Getenv("MOORING_LONG") == "1" {
		length = 20 * time.Second
	}
	p := ownPlugin(t, Options{Crashes: 1 << 30, Calls: 8, CallsPerAccount: 2, Idle: 20 * time.Millisecond, Probe: 100 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var (
		wg      sync.WaitGroup
		ok, bad atomic.Int64
		d       = wire.NewDriver(p)
	)
	for i := range 40 {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		wg.Go(func() {
			for ctx.Err() == nil {
				within, over := context.WithTimeout(ctx, time.Duration(r.IntN(60))*time.Millisecond)
				s, err := d.Open(providers.Credentials{"do": "slow", "token": fmt.Sprint(i % 10)})
				if err == nil {
					_, err = s.Find(within, "customer.example")
				}
				over()
				if err == nil {
					ok.Add(1)
				} else {
					bad.Add(1)
				}
			}
		})
	}
	wg.Go(func() { p.trouble(ctx, t, rand.New(rand.NewPCG(seed, 40))) })
	wg.Wait()
	t.Logf("%d calls have succeeded and %d have not, over %d processes", ok.Load(), bad.Load(), p.status().Starts)
	p.gate.mu.Lock()
	accounts := len(p.gate.accounts)
	p.gate.mu.Unlock()
	if in, waiting := p.gate.load(); in != 0 || waiting != 0 || accounts != 0 {
		t.Errorf("%d calls are in, %d wait and %d accounts are known, want none", in, waiting, accounts)
	}
	_, err := d.Open(providers.Credentials{"do": "slow"})
	for end := time.Now().Add(time.Minute); err != nil && time.Now().Before(end); _, err = d.Open(providers.Credentials{"do": "slow"}) {
		p.forgive() // the last process may have been killed at the end
	}
	if err != nil {
		t.Errorf("when it is over: %v", err)
	}
}

// trouble kills and replaces processes until ctx ends.
func (p *plugin) trouble(ctx context.Context, t *testing.T, r *rand.Rand) {
	for ctx.Err() == nil {
		time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
		p.forgive()
		p.mu.Lock()
		current := p.current
		p.mu.Unlock()
		if current != nil && r.IntN(2) == 0 {
			current.runner.kill()
		} else if err := p.replace(ownProgram(t)); err != nil {
			t.Errorf("replace: %v", err)
		}
	}
}
