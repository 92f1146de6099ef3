package providers_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
)

// TestTurnsGivenUp: callers who have given up hold nobody back, wherever in the
// queue they were.
func TestTurnsGivenUp(t *testing.T) {
	const wait = time.Second + time.Microsecond
	for name, stays := range map[string]int{"all of them": -1, "all but the first": 0, "all but the last": 59, "all but one in the middle": 30} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &counter{rates: []providers.Rate{{Requests: 1, Per: time.Second}}}
				acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{})
				if _, err := acct.Find(t.Context(), apex); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				var all sync.WaitGroup
				for i := range 60 {
					of, want := ctx, providers.Timeout
					if i == stays {
						of, want = t.Context(), ""
					}
					all.Go(func() {
						if _, err := acct.Find(of, apex); providers.CodeOf(err) != want {
							t.Errorf("caller %d: got %v, want %q", i, err, want)
						}
					})
					synctest.Wait() // in this order
				}
				time.Sleep(100 * time.Millisecond)
				cancel()
				synctest.Wait()
				want := wait
				if stays >= 0 {
					want = 2 * wait
				}
				next, stop := context.WithTimeout(t.Context(), want)
				defer stop()
				if _, err := acct.Find(next, apex); err != nil || time.Since(start) != want {
					t.Errorf("the next: %v after %s, want its turn after %s", err, time.Since(start), want)
				}
				all.Wait()
			})
		})
	}
}

// TestTurnsOrder: turns are had in the order of asking.
func TestTurnsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{rates: []providers.Rate{{Requests: 3, Per: time.Minute}}}
		acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{})
		var all sync.WaitGroup
		var mu sync.Mutex
		next := 0
		for i := range 40 {
			all.Go(func() {
				_, err := acct.Find(t.Context(), apex)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || i != next && i >= 2 { // the first two have theirs at once
					t.Errorf("caller %d is number %d: %v", i, next, err)
				}
				next++
			})
			synctest.Wait()
		}
		all.Wait()
	})
}

// TestTurnsUsed: with callers who give up at random, no stretch sees more than
// its rate, and the rate is used by those who stay as if they were alone.
func TestTurnsUsed(t *testing.T) {
	seed := drawtest.Seed(t)
	for n := range drawtest.Times(2000, 200) {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		rate := providers.Rate{Requests: 1 + r.IntN(8), Per: time.Duration(1+r.IntN(2000)) * time.Millisecond}
		patience := make([]time.Duration, 8)
		synctest.Test(t, func(t *testing.T) {
			c := &counter{rates: []providers.Rate{rate}}
			acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{})
			start := time.Now()
			var all sync.WaitGroup
			all.Go(func() { // one who stays asks the whole time
				for time.Since(start) < 20*rate.Per {
					if _, err := acct.Find(t.Context(), apex); err != nil {
						t.Errorf("case %d: the one who stays: %v", n, err)
					}
				}
			})
			for i := range patience {
				mine := rand.New(rand.NewPCG(seed^uint64(n), uint64(i)))
				all.Go(func() {
					for time.Since(start) < 20*rate.Per {
						time.Sleep(1 + time.Duration(mine.Int64N(int64(rate.Per))))
						ctx, cancel := context.WithCancel(t.Context())
						stop := time.AfterFunc(time.Duration(mine.Int64N(int64(2*rate.Per))), cancel)
						_, _ = acct.Find(ctx, apex)
						stop.Stop()
						cancel()
					}
				})
			}
			all.Wait()
			sent := c.sent[""]
			if got := most(sent, rate.Per); got > rate.Requests {
				t.Errorf("case %d: %d requests within %s, want at most %d", n, got, rate.Per, rate.Requests)
			}
			// As many as fit, but for the part of them that no stretch may see at once.
			if least := 20 * (rate.Requests - (rate.Requests+1)/2 + 1); len(sent) < least {
				t.Errorf("case %d: %d requests in 20 times %s at %d each, want at least %d", n, len(sent), rate.Per, rate.Requests, least)
			}
		})
		if t.Failed() {
			return
		}
	}
}
