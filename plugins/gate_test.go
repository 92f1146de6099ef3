package plugins

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestGateOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, 1)
		first, err := g.enter(t.Context(), account{1})
		if err != nil {
			t.Fatal(err)
		}
		second, err := g.enter(t.Context(), account{2})
		if err != nil {
			t.Fatal(err)
		}
		var (
			mu    sync.Mutex
			order []byte
			wg    sync.WaitGroup
		)
		for _, of := range []byte{1, 1, 3, 2, 4} {
			wg.Go(func() {
				leave, err := g.enter(t.Context(), account{of})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, of)
				mu.Unlock()
				time.Sleep(time.Second)
				leave(true)
			})
			synctest.Wait() // they come one after the other
		}
		if in, waiting := g.load(); in != 2 || waiting != 5 {
			t.Errorf("%d are in and %d wait, want 2 and 5", in, waiting)
		}
		first(true)
		time.Sleep(time.Millisecond)
		second(true)
		wg.Wait()
		// 3 has waited for room alone; 1 and 2 for those of their own account too.
		if want := []byte{3, 4, 1, 2, 1}; !slices.Equal(order, want) {
			t.Errorf("the order is %v, want %v", order, want)
		}
		if in, waiting := g.load(); in != 0 || waiting != 0 || len(g.accounts) != 0 {
			t.Errorf("%d are in, %d wait and %d accounts are known, want none", in, waiting, len(g.accounts))
		}
	})
}

func TestGateGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 1)
		leave, err := g.enter(t.Context(), account{1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, of := range []byte{1, 2} { // the one waits for its account, the other for room
			if _, err := g.enter(ctx, account{of}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("account %d is told %v, want that its time is over", of, err)
			}
		}
		shut := errors.New("shut")
		var wg sync.WaitGroup
		for _, of := range []byte{1, 2} {
			wg.Go(func() {
				if _, err := g.enter(t.Context(), account{of}); !errors.Is(err, shut) {
					t.Errorf("account %d is told %v, want that it is shut", of, err)
				}
			})
		}
		synctest.Wait()
		g.close(shut)
		wg.Wait()
		leave(true)
		if _, err := g.enter(t.Context(), account{3}); !errors.Is(err, shut) {
			t.Errorf("who comes later is told %v, want that it is shut", err)
		}
		g.open(errors.New("another reason"))
		if _, err := g.enter(t.Context(), account{3}); !errors.Is(err, shut) {
			t.Errorf("a gate that was shut for another reason is open: %v", err)
		}
		g.open(shut)
		leave, err = g.enter(t.Context(), account{3})
		if err != nil {
			t.Fatal(err)
		}
		leave(true)
		if in, waiting := g.load(); in != 0 || waiting != 0 || len(g.accounts) != 0 {
			t.Errorf("%d are in, %d wait and %d accounts are known, want none", in, waiting, len(g.accounts))
		}
	})
}

func TestGateSlow(t *testing.T) {
	g := newGate(40, 100)
	limits := []int{g.all.limit}
	g.slow()
	limits = append(limits, g.all.limit)
	for n := range 100 {
		leave, err := g.enter(t.Context(), account{})
		if err != nil {
			t.Fatal(err)
		}
		leave(n%2 == 0) // every other one fails
		if limits[len(limits)-1] != g.all.limit {
			limits = append(limits, g.all.limit)
		}
	}
	if want := []int{40, 8, 16, 32}; !slices.Equal(limits, want) {
		t.Errorf("the limits are %v, want %v", limits, want)
	}
}

// TestGateShare: however few are let in after a crash, one account is not all of
// them, where it is not all of them otherwise.
func TestGateShare(t *testing.T) {
	cases := []struct {
		name                 string
		most, perAccount     int
		usual, slow, doubled int
	}{
		{"usual", 256, 8, 8, 1, 1},
		{"a quarter for each", 64, 16, 16, 2, 4},
		{"few calls", 4, 2, 2, 2, 2},
		{"one call", 1, 8, 1, 1, 1},
		{"more for each than there are", 16, 100, 16, 8, 16},
		{"no bound for each", 256, math.MaxInt, 256, 8, 16},
		{"no bound", math.MaxInt, math.MaxInt, math.MaxInt, 8, 16},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := newGate(c.most, c.perAccount)
			leave, err := g.enter(t.Context(), account{1})
			if err != nil {
				t.Fatal(err)
			}
			got := []int{g.accounts[account{1}].limit}
			g.slow()
			got = append(got, g.accounts[account{1}].limit)
			g.done = g.all.limit - 1
			g.completed(true)
			got = append(got, g.accounts[account{1}].limit)
			if want := []int{c.usual, c.slow, c.doubled}; !slices.Equal(got, want) {
				t.Errorf("it has %v places, want %v", got, want)
			}
			leave(true)
		})
	}
}

// TestGateHungAccount: calls of one account that never end after a crash keep no
// other one out, and more of it come in when the others have brought the limit up.
func TestGateHungAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(256, 8)
		g.slow()
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if leave, err := g.enter(ctx, account{1}); err == nil {
					<-ctx.Done()
					leave(false)
				}
			})
		}
		synctest.Wait()
		for n := range 300 {
			within, over := context.WithTimeout(t.Context(), time.Second)
			leave, err := g.enter(within, account{2, byte(n), byte(n >> 8)})
			over()
			if err != nil {
				t.Fatalf("account %d: %v", n, err)
			}
			leave(true)
		}
		synctest.Wait()
		if in, waiting := g.load(); in != 8 || waiting != 0 {
			t.Errorf("%d of the hung calls are in and %d wait, want all in", in, waiting)
		}
		cancel()
		wg.Wait()
	})
}

func TestPause(t *testing.T) {
	cases := []struct {
		name        string
		failures    int
		quarantined bool
		from, to    time.Duration
	}{
		{"the first is at once", 1, false, 0, 0},
		{"second", 2, false, 50 * time.Millisecond, 100 * time.Millisecond},
		{"third", 3, false, 100 * time.Millisecond, 200 * time.Millisecond},
		{"tenth", 10, false, 12800 * time.Millisecond, 25600 * time.Millisecond},
		{"twelfth", 12, false, 30 * time.Second, time.Minute},
		{"thousandth", 1000, false, 30 * time.Second, time.Minute},
		{"quarantine", 1, true, 30 * time.Second, time.Minute},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 100 {
				if got := pause(c.failures, c.quarantined); got < c.from || got > c.to {
					t.Fatalf("the pause is %v, want %v to %v", got, c.from, c.to)
				}
			}
		})
	}
}
