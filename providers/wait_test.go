package providers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// counter is a host that notes when it got each request, by credential.
type counter struct {
	rates  []providers.Rate
	answer func() error // nil: all is well

	mu   sync.Mutex
	sent map[string][]time.Time
}

func (c *counter) driver(host *memory.Host) hooked {
	c.sent = map[string][]time.Time{}
	return hooked{
		Driver: host.Driver(),
		info: func(i *providers.Info) {
			i.Caps.Rates = c.rates
			i.Fields = []providers.Field{{Name: "token", Secret: true, Optional: true}}
		},
		hook: func(ctx context.Context, method string, creds providers.Credentials) error {
			if method == "Open" {
				return nil
			}
			if err := providers.Wait(ctx); err != nil {
				return err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.sent[creds["token"]] = append(c.sent[creds["token"]], time.Now())
			if c.answer != nil {
				return c.answer()
			}
			return nil
		},
	}
}

// most is the largest number of requests in any stretch of this length.
func most(sent []time.Time, per time.Duration) (n int) {
	for i, from := range sent {
		in := slices.IndexFunc(sent[i:], func(t time.Time) bool { return t.Sub(from) >= per })
		if in < 0 {
			in = len(sent) - i
		}
		n = max(n, in)
	}
	return n
}

func memoryHost(t testing.TB, caps providers.Caps) *memory.Host {
	return memory.New(memory.Options{Caps: caps, Zones: []zone.Snapshot{zone.NewSnapshot(apex, recs(t, startZone...))}})
}

func openWith(t testing.TB, d providers.Driver, token string, o providers.Options) *providers.Account {
	t.Helper()
	acct, err := providers.Open(d, providers.Credentials{"token": token}, o)
	if err != nil {
		t.Fatal(err)
	}
	return acct
}

// TestWaitBare: outside an Account nothing bounds a driver but its context.
func TestWaitBare(t *testing.T) {
	if err := providers.Wait(t.Context()); err != nil {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := providers.Wait(ctx); providers.CodeOf(err) != providers.Timeout {
		t.Errorf("got %v, want Timeout", err)
	}
}

// TestRates: accounts of one credential share what the host allows it, whatever
// they do at once, and those of others do not wait for it.
func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const requests, per = 20, time.Minute
		c := &counter{rates: []providers.Rate{{Requests: requests, Per: per}, {Requests: 100, Per: time.Hour}}}
		d := c.driver(memoryHost(t, providers.Caps{}))
		var limits providers.Limits
		var all sync.WaitGroup
		start := time.Now()
		for i := range 120 {
			acct := openWith(t, d, "busy", providers.Options{Limits: &limits})
			all.Go(func() {
				if _, err := acct.Find(t.Context(), apex); err != nil {
					t.Errorf("request %d: %v", i, err)
				}
			})
		}
		synctest.Wait()
		if n := len(c.sent["busy"]); n != requests/2 {
			t.Errorf("%d requests at once, want half of %d", n, requests)
		}
		if _, err := openWith(t, d, "idle", providers.Options{Limits: &limits}).Find(t.Context(), apex); err != nil || time.Since(start) > 0 {
			t.Errorf("another credential waited %s: %v", time.Since(start), err)
		}
		all.Wait()
		sent := c.sent["busy"]
		if n, h := most(sent, per), most(sent, time.Hour); len(sent) != 120 || n > requests || h > 100 {
			t.Errorf("%d requests, up to %d in a minute and %d in an hour; want 120, at most %d and 100", len(sent), n, h, requests)
		}
		if took := time.Since(start); took > 90*time.Minute {
			t.Errorf("took %s: the host would have allowed it in little more than an hour", took)
		}
	})
}

// TestRatesRandom: no stretch sees more than its rate, whenever the requests
// come and however many give up.
func TestRatesRandom(t *testing.T) {
	seed := drawtest.Checks(t, drawtest.Times(5000, 500))
	rapid.Check(t, func(rt *rapid.T) {
		rates := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) providers.Rate {
			return providers.Rate{
				Requests: rapid.IntRange(1, 30).Draw(rt, "requests"),
				Per:      time.Duration(rapid.IntRange(1, 100_000).Draw(rt, "per")) * time.Millisecond,
			}
		}), 1, 3).Draw(rt, "rates")
		pauses := rapid.SliceOfN(rapid.IntRange(0, 10_000), 1, 60).Draw(rt, "pauses")
		patience := time.Duration(rapid.IntRange(1, 200_000).Draw(rt, "patience")) * time.Millisecond
		closes := rapid.IntRange(0, 60).Draw(rt, "closes")
		wrong := ""
		synctest.Test(t, func(t *testing.T) {
			n := 0
			c := &counter{rates: rates, answer: func() error {
				if n++; n == closes {
					return &providers.Error{Code: providers.RateLimited, RetryAfter: 10 * time.Second}
				}
				return nil
			}}
			acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{})
			var all sync.WaitGroup
			for _, ms := range pauses {
				time.Sleep(time.Duration(ms) * time.Millisecond)
				all.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					_, _ = acct.Find(ctx, apex)
				})
			}
			all.Wait()
			for _, r := range rates {
				if got := most(c.sent[""], r.Per); got > r.Requests {
					wrong = fmt.Sprintf("%d requests within %s, want at most %d", got, r.Per, r.Requests)
				}
			}
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
	t.Logf("seed %d", seed)
}

// TestRatesWriters: writers of one zone and one credential wait for each other
// and for the host, and get through.
func TestRatesWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
		c := &counter{rates: []providers.Rate{{Requests: 5, Per: time.Minute}}}
		d := c.driver(w.host)
		o := providers.Options{Journal: w.journal, Locks: &providers.Locks{}, Limits: &providers.Limits{}, ReadBack: time.Hour}
		var all sync.WaitGroup
		var changes []zone.Change
		for i := range 20 {
			change := zone.Change{Owner: zone.Name(fmt.Sprintf("n%d.%s", i, apex)), Add: recs(t, fmt.Sprintf(`n%d TXT "x"`, i))}
			changes = append(changes, change)
			acct := openWith(t, d, "", o)
			all.Go(func() {
				if got := acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{}); states(got) != "applied" {
					t.Errorf("got %+v", got)
				}
			})
		}
		all.Wait()
		if n := most(c.sent[""], time.Minute); n > 5 || len(c.sent[""]) != 60 {
			t.Errorf("%d requests, up to %d in a minute; want 60 (to read, write and read back), at most 5", len(c.sent[""]), n)
		}
		w.holds(t, changes...)
	})
}

// TestRateDeadline: who cannot wait long enough hears so at once, how long it
// would have been, and leaves the turn to others.
func TestRateDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{rates: []providers.Rate{{Requests: 1, Per: time.Minute}}}
		acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{})
		if _, err := acct.Find(t.Context(), apex); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			_, err := acct.Find(ctx, apex)
			cancel()
			wantError(t, err, providers.RateLimited, time.Minute+time.Microsecond)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("took %s, want an answer at once", took)
		}
		if _, err := acct.Find(t.Context(), apex); err != nil || time.Since(start) != time.Minute+time.Microsecond {
			t.Errorf("got %v after %s, want the next turn after a minute", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start = time.Now()
		_, err := acct.Find(ctx, apex)
		if wantError(t, err, providers.Timeout, 0); time.Since(start) != time.Second {
			t.Errorf("heard of the cancelled context after %s", time.Since(start))
		}
		if _, err := acct.Find(t.Context(), apex); err != nil || time.Since(start) != time.Minute+time.Microsecond {
			t.Errorf("got %v after %s, want the turn that was given back, after a minute", err, time.Since(start))
		}
	})
}

// TestRateImpatient: that somebody would have to wait for long closes nothing
// for those who wait already.
func TestRateImpatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{rates: []providers.Rate{{Requests: 1, Per: time.Minute}}}
		acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{})
		start := time.Now()
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if _, err := acct.Find(t.Context(), apex); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := acct.Find(ctx, apex)
		wantError(t, err, providers.RateLimited, 2*(time.Minute+time.Microsecond))
		if all.Wait(); time.Since(start) > time.Minute+time.Second {
			t.Errorf("the second one waited %s for its turn, want a minute", time.Since(start))
		}
	})
}

func wantError(t *testing.T, err error, code providers.Code, after time.Duration) {
	t.Helper()
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e.Code != code || e.Wrote != providers.WroteNo || e.RetryAfter != after {
		t.Errorf("got %v %+v, want %s, not written, retry after %s", err, e, code, after)
	}
}

// TestRetryAfterCloses: what the host says to one it says to everybody with the
// same credential, and for an hour at most.
func TestRetryAfterCloses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rates []providers.Rate // of Options
		after time.Duration
		want  time.Duration
	}{
		{"a minute", nil, time.Minute, time.Minute},
		{"without a rate", []providers.Rate{}, time.Minute, time.Minute},
		{"for ever", nil, 1 << 60, time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refuse := true
				c := &counter{rates: []providers.Rate{{Requests: 100, Per: time.Minute}}, answer: func() error {
					if refuse {
						return &providers.Error{Code: providers.RateLimited, RetryAfter: tt.after}
					}
					return nil
				}}
				d := c.driver(memoryHost(t, providers.Caps{}))
				var limits providers.Limits
				open := func(token string) *providers.Account {
					return openWith(t, d, token, providers.Options{Limits: &limits, Rates: tt.rates})
				}
				_, err := open("a").Find(t.Context(), apex)
				wantError(t, err, providers.RateLimited, tt.after)
				refuse = false
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err = open("a").Find(ctx, apex)
				wantError(t, err, providers.RateLimited, tt.want)
				if _, err := open("b").Find(t.Context(), apex); err != nil || time.Since(start) > 0 {
					t.Errorf("another credential: %v after %s", err, time.Since(start))
				}
				if _, err := open("a").Find(t.Context(), apex); err != nil || time.Since(start) != tt.want {
					t.Errorf("got %v after %s, want %s", err, time.Since(start), tt.want)
				}
			})
		})
	}
}

// TestRatesNone: an empty list takes the driver's limits away.
func TestRatesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{rates: []providers.Rate{{Requests: 1, Per: time.Hour}}}
		acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{Rates: []providers.Rate{}})
		start := time.Now()
		for range 100 {
			if _, err := acct.Find(t.Context(), apex); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("took %s", took)
		}
	})
}

// TestLimitsSecret: nothing in Limits can be read.
func TestLimitsSecret(t *testing.T) {
	var limits providers.Limits
	c := &counter{rates: []providers.Rate{{Requests: 1, Per: time.Hour}}}
	acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "s3cr3t-value", providers.Options{Limits: &limits})
	if _, err := acct.Find(t.Context(), apex); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v", &limits, &limits, &limits); strings.Contains(text, "s3cr3t") {
		t.Errorf("the secret is in %s", text)
	}
}

func TestWithWait(t *testing.T) {
	var heard []string
	say := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			heard = append(heard, name)
			return providers.Wait(ctx)
		}
	}
	inner := providers.WithWait(providers.WithWait(t.Context(), say("outer")), say("inner"))
	type key struct{}
	if err := providers.Wait(context.WithValue(inner, key{}, 1)); err != nil || !slices.Equal(heard, []string{"inner", "outer"}) {
		t.Errorf("heard %v, %v", heard, err)
	}
	ended, cancel := context.WithCancel(inner)
	cancel()
	if err := providers.Wait(ended); providers.CodeOf(err) != providers.Timeout || len(heard) != 2 {
		t.Errorf("a context that has ended: heard %v, %v", heard, err)
	}
}
