package sdk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

func customer(n int) providers.Credentials {
	return providers.Credentials{"token": fmt.Sprintf("token-of-customer-%d", n)}
}

// sizes is how much a cache holds.
type sizes struct{ kept, order, live, gone int }

func sizesOf(s *sessions) sizes {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sizes{len(s.kept), s.order.Len(), len(s.live), len(s.gone)}
}

// Whoever asks is answered by the session of his own credentials.
func TestTenantsDoNotMeet(t *testing.T) {
	client, _ := connect(t, fake{})
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for n := range 60 {
				c := customer((worker + n) % 23)
				z, err := client.Find(t.Context(), c, apex)
				if want := "of " + c["token"]; err != nil || z.ID != want {
					t.Errorf("got %q, %v, want %q", z.ID, err, want)
				}
			}
		})
	}
	wg.Wait()
}

// Credentials that spell alike when they are put together open sessions of their
// own, whatever becomes of those of others meanwhile.
func TestTenantsThatSpellAlike(t *testing.T) {
	s := newSessions(fake{}, fake{}.Info())
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for n := range 1500 {
				number := fmt.Sprint(10_000 + (n*7+worker)%3000)
				cut := 1 + n%4
				session, done, err := s.open(t.Context(), providers.Credentials{"token": number[:cut], "account": number[cut:]})
				if err != nil {
					t.Error(err)
					return
				}
				z, err := session.Find(t.Context(), apex)
				if err != nil || z.ID != "of "+number[:cut] {
					t.Errorf("%s at %d got %q, %v", number, cut, z.ID, err)
				}
				if n%5 == 0 {
					err = &providers.Error{Code: providers.InvalidCredentials}
				}
				done(err)
				if n%300 == 0 {
					s.clean("x")
				}
			}
		})
	}
	wg.Wait()
	if got := sizesOf(s); got.kept > maxSessions || got.gone > maxSessions || len(s.slots) > 0 {
		t.Errorf("got %+v and %d calls", got, len(s.slots))
	}
}

// Credentials that spell alike when they are put together are different ones.
func TestDigest(t *testing.T) {
	s := newSessions(fake{}, fake{}.Info())
	seen := map[digest]string{}
	for _, c := range []map[string]string{
		{},
		{"a": ""},
		{"": "a"},
		{"a": "b"},
		{"ab": ""},
		{"a": "bc", "d": "e"},
		{"a": "b", "cd": "e"},
		{"a": "b", "c": "de"},
		{"a": "bcde"},
		{"a": "b=c"},
	} {
		d := s.digest(c)
		if other, ok := seen[d]; ok {
			t.Errorf("%v and %s have one digest", c, other)
		}
		seen[d] = fmt.Sprint(c)
	}
	if a, b := s.digest(customer(1)), newSessions(fake{}, fake{}.Info()).digest(customer(1)); a == b {
		t.Error("two processes have one digest: it could be looked up")
	}
}

func TestManyTenants(t *testing.T) {
	var opened atomic.Int64
	s := newSessions(fake{opened: &opened}, fake{}.Info())
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := worker; n < 10_000; n += 8 {
				session, done, err := s.open(t.Context(), customer(n))
				if err != nil {
					t.Error(err)
					return
				}
				if z, err := session.Find(t.Context(), apex); err != nil || z.ID != "of "+customer(n)["token"] {
					t.Errorf("customer %d got %q, %v", n, z.ID, err)
				}
				done(nil)
			}
		})
	}
	wg.Wait()
	if got, want := sizesOf(s), (sizes{kept: maxSessions, order: maxSessions, live: maxSessions}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := opened.Load(); got != 10_000 {
		t.Errorf("opened %d sessions for 10000 customers", got)
	}
}

func TestOneSessionForOneCustomer(t *testing.T) {
	var opened atomic.Int64
	s := newSessions(fake{opened: &opened}, fake{}.Info())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_, done, err := s.open(t.Context(), customer(1))
			if err != nil {
				t.Error(err)
				return
			}
			done(nil)
		})
	}
	wg.Wait()
	if got := opened.Load(); got != 1 {
		t.Errorf("opened %d sessions for one customer", got)
	}
}

// A session in use stays though others press; one that is dropped in a call is
// not given to the next one, and its secrets are known until the call is over.
func TestSessionInUse(t *testing.T) {
	var opened atomic.Int64
	s := newSessions(fake{opened: &opened}, fake{}.Info())
	_, done, err := s.open(t.Context(), customer(0))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 * maxSessions {
		_, done, err := s.open(t.Context(), customer(n+1))
		if err != nil {
			t.Fatal(err)
		}
		done(nil)
	}
	before := opened.Load()
	_, again, err := s.open(t.Context(), customer(0))
	if err != nil || opened.Load() != before {
		t.Fatalf("the session of a call under way was evicted (%v)", err)
	}
	again(&providers.Error{Code: providers.InvalidCredentials})
	if got := s.clean("it was token-of-customer-0!"); strings.Contains(got, "customer-0") {
		t.Errorf("got %q while a call is under way", got)
	}
	_, third, err := s.open(t.Context(), customer(0))
	if err != nil || opened.Load() != before+1 {
		t.Errorf("the session of refused credentials is used again (%v)", err)
	}
	third(nil)
	done(nil)
}

func TestSessionsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSessions(fake{}, fake{}.Info())
		use := func(n int, after error) {
			_, done, err := s.open(t.Context(), customer(n))
			if err != nil {
				t.Fatal(err)
			}
			done(after)
		}
		use(1, nil)
		time.Sleep(sessionTime - time.Minute)
		use(2, nil)
		use(3, &providers.Error{Code: providers.InvalidCredentials})
		time.Sleep(time.Minute + time.Second)
		if got := s.count(); got != 1 {
			t.Errorf("got %d sessions, want that of customer 2", got)
		}
		// What a call has printed may be read after it is over.
		if got := s.clean("token-of-customer-3"); got != "[redacted]" {
			t.Errorf("got %q for a customer who was refused a minute ago", got)
		}
		time.Sleep(sessionTime)
		synctest.Wait()
		if got := sizesOf(s); got != (sizes{}) {
			t.Errorf("got %+v, want none", got)
		}
		_, done, err := s.open(t.Context(), customer(1))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * sessionTime)
		if got := s.count(); got != 1 {
			t.Errorf("got %d sessions while a call is under way, want 1", got)
		}
		done(nil)
		time.Sleep(2 * sessionTime)
		synctest.Wait()
		if got := sizesOf(s); got != (sizes{}) {
			t.Errorf("got %+v, want none", got)
		}
	})
}

func TestRefusedCredentialsDoNotPileUp(t *testing.T) {
	s := newSessions(fake{}, fake{}.Info())
	for n := range 3 * maxSessions {
		_, done, err := s.open(t.Context(), customer(n))
		if err != nil {
			t.Fatal(err)
		}
		done(&providers.Error{Code: providers.InvalidCredentials})
	}
	if got, want := sizesOf(s), (sizes{live: maxSessions, gone: maxSessions}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// More calls than there may be wait for their place, and no longer than they can.
func TestCallsAreBounded(t *testing.T) {
	s := newSessions(fake{}, fake{}.Info())
	var ends []func(error)
	for n := range maxCalls {
		_, done, err := s.open(t.Context(), customer(n))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, done)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, _, err := s.open(ctx, customer(maxCalls))
	if providers.CodeOf(err) != providers.Timeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want Timeout", err)
	}
	ends[0](nil)
	_, done, err := s.open(t.Context(), customer(maxCalls))
	if err != nil {
		t.Fatal(err)
	}
	done(nil)
}

// One customer's calls, which never end though their host has given them up, leave
// room for others.
func TestCallsOfOneCustomerAreBounded(t *testing.T) {
	s := newSessions(fake{}, fake{}.Info())
	var ends []func(error)
	for range maxOwn {
		_, done, err := s.open(t.Context(), customer(1))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, done)
	}
	if _, _, err := s.open(t.Context(), customer(1)); providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
	if got := len(s.slots); got != maxOwn {
		t.Errorf("%d calls have their places, want %d", got, maxOwn)
	}
	_, done, err := s.open(t.Context(), customer(2))
	if err != nil {
		t.Fatalf("another customer: %v", err)
	}
	done(nil)
	ends[0](nil)
	if _, _, err := s.open(t.Context(), customer(1)); err != nil {
		t.Errorf("when one has ended: %v", err)
	}
}

// A process is of no use when many calls go on long after their callers have
// given up, and that many are given up at once is not yet it.
func TestChoked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSessions(fake{}, fake{}.Info())
		var choked atomic.Int64
		s.choked = func() { choked.Add(1) }
		ctx, cancel := context.WithCancel(t.Context())
		var ends []func(error)
		for n := range 2 * maxStuck {
			_, done, err := s.open(ctx, customer(n))
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, done)
		}
		time.Sleep(time.Hour)
		cancel()
		time.Sleep(overtime - time.Second)
		for _, done := range ends[maxStuck-1:] {
			done(nil)
		}
		time.Sleep(time.Hour)
		if got := s.stuck.Load(); got != maxStuck-1 || choked.Load() > 0 {
			t.Errorf("%d calls are stuck, want %d; choked %d times, want none", got, maxStuck-1, choked.Load())
		}
		_, last, err := s.open(ctx, customer(0))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(overtime + time.Second)
		if got := choked.Load(); got != 1 {
			t.Errorf("choked %d times, want once", got)
		}
		for _, done := range append(ends[:maxStuck-1], last) {
			done(nil)
		}
		synctest.Wait()
		if got := s.stuck.Load(); got != 0 {
			t.Errorf("%d calls are stuck when all have ended", got)
		}
		time.Sleep(2 * sessionTime) // until the sweep has nothing to come back for
	})
}
