package plugins

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// TestClock: how long a call may be, whose plugin asks for turns.
func TestClock(t *testing.T) {
	const most = time.Second
	cases := []struct {
		name  string
		turn  time.Duration // that the call waits for each of its turns
		each  time.Duration // what the plugin takes after it
		turns int
		asks  int // at once
		ended time.Duration
	}{
		{"no turns", 0, 5 * time.Second, 1, 0, most},
		{"long turns", time.Minute, 200 * time.Millisecond, 4, 1, 0},
		{"between turns that it need not wait for", 0, 300 * time.Millisecond, 10, 1, most},
		{"between long turns", time.Minute, 300 * time.Millisecond, 10, 1, 4*time.Minute + most},
		{"between turns that it waits for together", time.Minute, 300 * time.Millisecond, 10, 3, 4*time.Minute + most},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				outer := providers.WithWait(t.Context(), func(context.Context) error { time.Sleep(c.turn); return nil })
				clock, ctx := newClock(outer, most)
				defer clock.stop()
				for range c.turns {
					var wg sync.WaitGroup
					for range c.asks {
						wg.Go(func() { _ = providers.Wait(ctx) })
					}
					wg.Wait()
					select {
					case <-time.After(c.each):
					case <-ctx.Done():
					}
				}
				switch took := time.Since(began); {
				case c.ended == 0 && ctx.Err() != nil:
					t.Errorf("it was ended after %v: %v", took, context.Cause(ctx))
				case c.ended != 0 && (took != c.ended || !errors.Is(context.Cause(ctx), errSilent)):
					t.Errorf("it was ended after %v, want %v: %v", took, c.ended, context.Cause(ctx))
				}
			})
		})
	}
}

// TestClockStopped: a turn that outlasts its call starts no clock.
func TestClockStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer := providers.WithWait(t.Context(), func(context.Context) error { time.Sleep(time.Minute); return nil })
		clock, ctx := newClock(outer, time.Second)
		done := make(chan struct{})
		go func() { defer close(done); _ = providers.Wait(ctx) }()
		synctest.Wait()
		clock.stop()
		<-done
		if clock.timer.Stop() {
			t.Error("the clock of a call that is over runs")
		}
	})
}
