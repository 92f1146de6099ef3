package plugins_test

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestReload: another version takes the place of the one that runs, under load,
// and no call fails.
func TestReload(t *testing.T) {
	o := install(t, "1.0.0")
	h := load(t, o)
	d := h.Drivers()[0]
	var (
		wg     sync.WaitGroup
		stop   atomic.Bool
		calls  atomic.Int32
		failed atomic.Int32
	)
	for i := range 4 {
		s, err := d.Open(providers.Credentials{"do": "slow", "token": fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for !stop.Load() && t.Context().Err() == nil {
				if err := s.Write(t.Context(), evilZone, zone.Edit{}); err != nil {
					t.Errorf("a call in the upgrade: %v", err)
					failed.Add(1)
				}
				calls.Add(1)
			}
		})
	}
	first := h.Status()[0]
	for _, version := range []string{"1.1.0-rc.1", "1.1.0"} {
		copyFile(t, os.Args[0], binary(t, o, version))
		pin(t, o)
		if err := h.Reload(); err != nil {
			t.Errorf("Reload to %s: %v", version, err)
		}
		before := calls.Load()
		eventually(t, "calls go on", func() bool { return calls.Load() >= before+8 })
	}
	stop.Store(true)
	wg.Wait()
	last := h.Status()[0]
	t.Logf("%d calls, %d failed, over %d processes", calls.Load(), failed.Load(), last.Starts)
	if last.PID == first.PID || last.Starts != 3 || last.Crashes != 0 {
		t.Errorf("the status is %+v, want the third process without a crash", last)
	}
}

// TestReloadRefused: a new version that is not as it is pinned does not take the
// place of the one that runs, and a plugin that is gone answers so.
func TestReloadRefused(t *testing.T) {
	o := install(t, "1.0.0")
	h := load(t, o)
	s := session(t, h.Drivers()[0], "nothing")
	before := h.Status()[0].PID
	copyFile(t, os.Args[0], binary(t, o, "1.0.1"))
	pin(t, o)
	change(t, binary(t, o, "1.0.1"))
	if err := h.Reload(); err == nil {
		t.Error("a changed binary is taken")
	}
	if _, err := s.Find(t.Context(), evilZone.Apex); err != nil || h.Status()[0].PID != before {
		t.Errorf("after a refusal: %v, %+v", err, h.Status())
	}
	for _, file := range []string{binary(t, o, "1.0.0"), binary(t, o, "1.0.1"), o.Lock} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := (plugins.Lock{}).Write(o.Lock); err != nil {
		t.Fatal(err)
	}
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if len(h.Drivers()) != 0 {
		t.Errorf("there are drivers: %v", h.Drivers())
	}
	_, err := s.Find(t.Context(), evilZone.Apex)
	want(t, err, providers.Unavailable, providers.WroteNo, "plugin evil", "not among the plugins any more")
	copyFile(t, os.Args[0], binary(t, o, "1.0.0"))
	pin(t, o)
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(t.Context(), evilZone.Apex); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}
