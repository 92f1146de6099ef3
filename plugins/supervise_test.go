package plugins_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// TestClose: the processes of all plugins are stopped, with calls in them, and
// Close is there in six seconds all the same.
func TestClose(t *testing.T) {
	o := plugins.Options{State: stateDir(t), Drain: 300 * time.Millisecond}
	if os.Getenv("MOORING_LONG") == "1" {
		o.Drain = time.Hour
	}
	for _, grain := range []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone} {
		o.Carried = append(o.Carried, remembered("memory-"+string(grain), providers.Caps{Grain: grain}))
	}
	h := load(t, o)
	var (
		calls    sync.WaitGroup
		sessions []providers.Session
		pids     []int
	)
	for _, d := range h.Drivers() {
		s, err := d.Open(providers.Credentials{"token": memoryToken, "endpoint": "x"})
		if err != nil {
			t.Fatal(err)
		}
		sessions = append(sessions, s)
	}
	for i, st := range h.Status() {
		freeze(t, st.PID)
		pids = append(pids, st.PID)
		calls.Go(func() {
			if _, err := sessions[i].Find(t.Context(), apex); providers.CodeOf(err) != providers.Unavailable {
				t.Errorf("a call of a stopped process is %v, want Unavailable", err)
			}
		})
	}
	eventually(t, "each has a call", func() bool {
		busy := 0
		for _, st := range h.Status() {
			busy += st.Calls
		}
		return busy == len(pids)
	})
	began := time.Now()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("Close has taken %v", time.Since(began))
	calls.Wait()
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("process %d still lives", pid)
		}
	}
	if left := sockets(t, o.State); len(left) > 0 {
		t.Errorf("sockets are left: %v", left)
	}
}

// sockets is every socket below a directory.
func sockets(t testing.TB, dir string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type() == fs.ModeSocket {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestPaced: thousands of accounts come back to a plugin that has crashed, and
// are let in by eight, by sixteen, and so on.
func TestPaced(t *testing.T) {
	h, d := carrying(t, plugins.Options{})
	sessions := make([]providers.Session, 2000)
	for i := range sessions {
		s, err := d.Open(providers.Credentials{"do": "busy", "token": fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		sessions[i] = s
	}
	kill(t, h.Status()[0].PID)
	eventually(t, "the crash is seen", func() bool { return h.Status()[0].State != plugins.Ready })
	var (
		wg   sync.WaitGroup
		most atomic.Int32
	)
	for _, s := range sessions {
		wg.Go(func() {
			z, err := s.Find(t.Context(), evilZone.Apex)
			var now, before int32 // calls under way, and those over, when it came
			if err == nil {
				_, err = fmt.Sscan(z.ID, &now, &before)
			}
			if err != nil {
				t.Error(err)
			}
			if limit := paced(before); now > limit {
				t.Errorf("after %d calls %d were under way at once, want at most %d", before, now, limit)
			}
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
		})
	}
	wg.Wait()
	t.Logf("at most %d calls at once", most.Load())
	if most.Load() <= 8 || most.Load() > 256 {
		t.Errorf("at most %d calls were under way at once, want more than 8, and 256 at most", most.Load())
	}
	if got := h.Status()[0]; got.Crashes != 1 || got.Starts != 2 {
		t.Errorf("the status is %+v, want one crash", got)
	}
}

// paced is how many calls there may be at once after so many: eight, twice as
// many when those are over, and so on.
func paced(done int32) int32 {
	limit := int32(8)
	for ; done >= limit && limit < 256; limit *= 2 {
		done -= limit
	}
	return limit
}

// TestSingleFlight: whoever comes while a plugin starts waits for the one start,
// and who has no time does not end it for the others.
func TestSingleFlight(t *testing.T) {
	h, d := carrying(t, plugins.Options{})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if _, err := d.Open(providers.Credentials{"do": "nothing", "token": fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := h.Status()[0]; got.Starts != 1 {
		t.Errorf("%d processes were started, want one", got.Starts)
	}
	s := session(t, d, "nothing")
	kill(t, h.Status()[0].PID)
	eventually(t, "the crash is seen", func() bool { return h.Status()[0].State != plugins.Ready })
	ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
	defer cancel()
	_, err := s.Find(ctx, evilZone.Apex)
	want(t, err, providers.Timeout, providers.WroteNo, "plugin evil")
	if _, err := s.Find(t.Context(), evilZone.Apex); err != nil {
		t.Error(err)
	}
}

// TestQuarantine: a plugin that crashes again and again is left alone longer
// each time, and then long; a call says so at once.
func TestQuarantine(t *testing.T) {
	h, d := carrying(t, plugins.Options{Crashes: 3})
	bad := session(t, d, "exit")
	var states []plugins.State
	for range 3 {
		if _, err := bad.Find(t.Context(), evilZone.Apex); providers.CodeOf(err) != providers.Unavailable {
			t.Fatalf("a crash is %v", err)
		}
		states = append(states, h.Status()[0].State)
	}
	if states[0] != plugins.Stopped || states[2] != plugins.Quarantined {
		t.Errorf("the states are %v, want it stopped, backing off, and in quarantine", states)
	}
	got := h.Status()[0]
	if rest := time.Until(got.Next); rest < 20*time.Second || rest > time.Minute {
		t.Errorf("it is started again in %v, want half a minute to one", rest)
	}
	_, err := bad.Find(t.Context(), evilZone.Apex)
	want(t, err, providers.Unavailable, providers.WroteNo, "plugin evil", "exit status 3")
	if providers.CodeOf(err) == providers.Unavailable && strings.Count(err.Error(), "exit status") != 1 {
		t.Errorf("the error is %v", err)
	}
}

// TestIdle: a plugin without calls is stopped, and the next call starts it.
func TestIdle(t *testing.T) {
	h, d := carrying(t, plugins.Options{Idle: time.Millisecond, Probe: 250 * time.Millisecond})
	s := session(t, d, "nothing")
	first := h.Status()[0].PID
	eventually(t, "it is stopped", func() bool { return h.Status()[0].State == plugins.Stopped })
	if _, err := s.Find(t.Context(), evilZone.Apex); err != nil {
		t.Error(err)
	}
	if got := h.Status()[0]; got.Crashes != 0 || got.Starts < 2 || got.PID == first {
		t.Errorf("the status is %+v, want another process and no crash", got)
	}
}

// TestTurns: a driver in a process waits for the turns of its host.
func TestTurns(t *testing.T) {
	_, d := carrying(t, plugins.Options{})
	s := session(t, d, "turns")
	turns := 0
	ctx := providers.WithWait(t.Context(), func(context.Context) error { turns++; return nil })
	if _, err := s.Find(ctx, evilZone.Apex); err != nil {
		t.Error(err)
	}
	if turns != 4 {
		t.Errorf("it has had %d turns, want 4", turns)
	}
}
