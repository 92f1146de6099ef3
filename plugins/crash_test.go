package plugins

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// absent is a plugin whose program is not there.
func absent(t *testing.T) *plugin {
	t.Helper()
	s, err := openState(shortDir(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	h := &house{log: Options{}.log(), state: s, key: newAccountKey(), opened: t.Context()}
	t.Cleanup(h.wg.Wait)
	return newPlugin(h, program{id: "absent", path: filepath.Join(t.TempDir(), "absent"), known: &wire.Description{}})
}

func call(ctx context.Context, p *plugin) *providers.Error {
	err := p.Call(ctx, nil, func(context.Context, *wire.Client) error { return errors.New("there is a process") })
	e, _ := errors.AsType[*providers.Error](err)
	return e
}

// TestBackoff: a call to a plugin that is to be left alone for long is told so
// at once, and one that has only to wait for a moment does.
func TestBackoff(t *testing.T) {
	p := absent(t)
	e := call(t.Context(), p)
	if e == nil || e.Code != providers.Unavailable || e.RetryAfter != 0 || !strings.Contains(e.Error(), "plugin absent: it does not start") {
		t.Fatalf("a program that is not there is %v", e)
	}
	cases := []struct {
		name   string
		rest   time.Duration
		within time.Duration // that the caller has
		code   providers.Code
		starts int
		later  bool // it is told when to come back
	}{
		{"a moment", 20 * time.Millisecond, time.Minute, providers.Unavailable, 1, false},
		{"long", time.Hour, 2 * time.Hour, providers.Unavailable, 0, true},
		{"a moment that the caller has not", 900 * time.Millisecond, 100 * time.Millisecond, providers.Unavailable, 0, true},
		{"no time", 0, -1, providers.Timeout, 0, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), c.within)
			defer cancel()
			p.mu.Lock()
			p.failures, p.recent, p.next = 0, nil, time.Now().Add(c.rest)
			before := p.starts
			p.mu.Unlock()
			e := call(ctx, p)
			if e == nil || e.Code != c.code || e.Wrote != providers.WroteNo || e.RetryAfter > 0 != c.later {
				t.Errorf("it is told %+v, want %s, and when to come back: %v", e, c.code, c.later)
			}
			if got := p.status().Starts - before; got != c.starts {
				t.Errorf("it was started %d times, want %d", got, c.starts)
			}
		})
	}
}

// TestCrashes: what is noted of crashes.
func TestCrashes(t *testing.T) {
	p := absent(t)
	fault := errors.New("it ended")
	for n, c := range []struct {
		up    time.Duration
		state State
	}{
		{time.Second, Stopped},
		{time.Second, Backoff},
		{healthy, Stopped}, // the first one again
		{time.Second, Backoff},
		{time.Second, Quarantined}, // the fifth within two minutes
		{time.Second, Quarantined},
	} {
		p.mu.Lock()
		p.crash(fault, c.up)
		p.mu.Unlock()
		if got := p.status(); got.State != c.state || got.Crashes != n+1 || got.Err != "it ended" {
			t.Errorf("after crash %d it is %+v, want it %s", n+1, got, c.state)
		}
	}
	p.mu.Lock()
	for i := range p.recent { // two minutes later
		p.recent[i] = p.recent[i].Add(-crashWindow)
	}
	p.crash(fault, crashWindow)
	p.mu.Unlock()
	if got := p.status(); got.State != Backoff {
		t.Errorf("after a trial that was stood it is %+v, want it backing off", got)
	}
}
