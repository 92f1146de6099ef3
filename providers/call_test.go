package providers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// failing answers the n-th call of a method with what answer says; nil is that
// all is well.
func failing(host *memory.Host, answer func(method string, n int) error) hooked {
	calls := map[string]int{}
	return hooked{Driver: host.Driver(), hook: func(_ context.Context, method string, _ providers.Credentials) error {
		calls[method]++
		return answer(method, calls[method])
	}}
}

// TestReadAgain: what only reads is asked for again while the host is busy or
// out of reach, as long as that makes sense to the caller.
func TestReadAgain(t *testing.T) {
	busy := func(after time.Duration) *providers.Error {
		return &providers.Error{Code: providers.RateLimited, RetryAfter: after}
	}
	down := &providers.Error{Code: providers.Unavailable}
	for _, tt := range []struct {
		name     string
		fails    int // so many calls
		err      *providers.Error
		deadline time.Duration
		want     providers.Code
		calls    int
		least    time.Duration
		most     time.Duration
	}{
		{"healthy", 0, nil, time.Minute, "", 1, 0, 0},
		{"busy once", 1, busy(7 * time.Second), time.Minute, "", 2, 7 * time.Second, 7 * time.Second},
		{"busy three times", 3, busy(7 * time.Second), time.Minute, "", 4, 21 * time.Second, 21 * time.Second},
		{"busy for ever", 1000, busy(7 * time.Second), time.Minute, providers.RateLimited, 4, 21 * time.Second, 21 * time.Second},
		{"busy for longer than the caller has", 1, busy(7 * time.Second), 6 * time.Second, providers.RateLimited, 1, 0, 0},
		{"busy for longer than anybody waits", 1, busy(31 * time.Second), time.Hour, providers.RateLimited, 1, 0, 0},
		{"busy, and does not say how long", 2, busy(0), time.Minute, "", 3, 375 * time.Millisecond, 1125 * time.Millisecond},
		{"down for a moment", 3, down, time.Minute, "", 4, 875 * time.Millisecond, 2625 * time.Millisecond},
		{"down for ever", 1000, down, time.Minute, providers.Unavailable, 4, 875 * time.Millisecond, 2625 * time.Millisecond},
		{"down, and the caller has no time", 1000, down, time.Millisecond, providers.Unavailable, 1, 0, 0},
		{"refused", 1, &providers.Error{Code: providers.AccessDenied}, time.Minute, providers.AccessDenied, 1, 0, 0},
		{"too slow", 1, &providers.Error{Code: providers.Timeout}, time.Minute, providers.Timeout, 1, 0, 0},
	} {
		for _, method := range []string{"Find", "Check", "Read"} {
			t.Run(tt.name+"/"+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					calls := 0
					d := failing(memoryHost(t, providers.Caps{}), func(m string, n int) error {
						if m != method {
							return nil
						}
						if calls = n; n <= tt.fails {
							return tt.err
						}
						return nil
					})
					acct := openWith(t, d, "", providers.Options{})
					ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
					defer cancel()
					start := time.Now()
					var err error
					switch method {
					case "Find":
						_, err = acct.Find(ctx, apex)
					case "Check":
						err = acct.Check(ctx)
					default:
						_, err = acct.Read(ctx, providers.Zone{Apex: apex})
					}
					took := time.Since(start)
					if providers.CodeOf(err) != tt.want || calls != tt.calls || took < tt.least || took > tt.most {
						t.Errorf("got %v, %d calls in %s; want %q, %d calls in %s to %s", err, calls, took, tt.want, tt.calls, tt.least, tt.most)
					}
				})
			})
		}
	}
}

// TestWriteOnce: a write is never sent twice, whatever it is answered with.
func TestWriteOnce(t *testing.T) {
	for _, wrote := range []providers.Wrote{providers.WroteNo, providers.WroteYes, providers.WroteUnknown} {
		for _, code := range []providers.Code{providers.RateLimited, providers.Unavailable, providers.Timeout} {
			synctest.Test(t, func(t *testing.T) {
				w := begin(t, providers.Caps{}, startZone...)
				writes := 0
				acct := openWith(t, failing(w.host, func(method string, n int) error {
					if method != "Write" {
						return nil
					}
					writes = n
					return &providers.Error{Code: code, Wrote: wrote}
				}), "", providers.Options{Journal: w.journal})
				got := acct.Apply(t.Context(), w.zone, threeChanges(t)[2:], &providers.Run{})
				if writes != 1 || states(got) != "failed/"+string(code) {
					t.Errorf("%s wrote %d: %d writes, %+v", code, wrote, writes, got)
				}
				w.holds(t)
			})
		}
	}
}

// TestNothingSent: a write that the host has not taken is not waited for, though
// the host cannot be read either.
func TestNothingSent(t *testing.T) {
	for _, refusal := range []*providers.Error{
		{Code: providers.Unavailable}, {Code: providers.RateLimited, RetryAfter: 20 * time.Second}, {Code: providers.RateLimited}, {Code: providers.AccessDenied},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := begin(t, providers.Caps{}, startZone...)
			down := false
			d := hooked{Driver: w.host.Driver(), hook: func(ctx context.Context, method string, _ providers.Credentials) error {
				if err := providers.Wait(ctx); err != nil {
					return err
				}
				if down = down || method == "Write"; down {
					return refusal
				}
				return nil
			}}
			start := time.Now()
			got := openWith(t, d, "", providers.Options{Journal: w.journal}).Apply(t.Context(), w.zone, threeChanges(t), &providers.Run{})
			if want := string("failed/" + refusal.Code); states(got) != want+" "+want+" "+want {
				t.Errorf("got %+v, want %s", got, want)
			}
			if took := time.Since(start); took > 0 {
				t.Errorf("%v: took %s", refusal, took)
			}
			w.holds(t)
			if len(w.open(t)) > 0 {
				t.Error("the run is open, though nothing was sent")
			}
		})
	}
}

// TestReadBackStorm: right after a good write the host cannot be read for a
// while. The outcome is the true one as long as that is less than ReadBack.
func TestReadBackStorm(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   *providers.Error
		lasts time.Duration
		want  string
	}{
		{"rate limited, and says until when", &providers.Error{Code: providers.RateLimited, RetryAfter: 12 * time.Second}, 12 * time.Second, "applied"},
		{"rate limited again and again", &providers.Error{Code: providers.RateLimited, RetryAfter: time.Second}, 25 * time.Second, "applied"},
		{"rate limited, and does not say", &providers.Error{Code: providers.RateLimited}, 20 * time.Second, "applied"},
		{"out of reach", &providers.Error{Code: providers.Unavailable}, 20 * time.Second, "applied"},
		{"slow", &providers.Error{Code: providers.Timeout}, 20 * time.Second, "applied"},
		{"rate limited for longer than we read back", &providers.Error{Code: providers.RateLimited, RetryAfter: time.Minute}, time.Minute, "unknown/RateLimited"},
		{"out of reach for longer than we read back", &providers.Error{Code: providers.Unavailable}, time.Minute, "unknown/Unavailable"},
	} {
		for _, landed := range []string{"answered", "lost"} {
			t.Run(tt.name+"/"+landed, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := begin(t, providers.Caps{}, startZone...)
					if landed == "lost" {
						w.host.FailWrite(1, memory.Lost(true))
					}
					var until time.Time
					acct := openWith(t, failing(w.host, func(method string, _ int) error {
						switch {
						case method == "Write":
							until = time.Now().Add(tt.lasts)
						case time.Now().Before(until):
							return tt.err
						}
						return nil
					}), "", providers.Options{Journal: w.journal})
					changes := threeChanges(t)[2:]
					start := time.Now()
					got := acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
					if s := states(got); s != tt.want {
						t.Errorf("got %s %+v, want %s", s, got, tt.want)
					}
					if took := time.Since(start); took > 34*time.Second {
						t.Errorf("took %s, want ReadBack and Lost at most", took)
					}
					w.holds(t, changes...)
				})
			})
		}
	}
}

// TestPanics: a driver that panics fails its own call alone, says nothing secret
// and leaves the zone free for the next.
func TestPanics(t *testing.T) {
	const secret = "s3cr3t-canary/value"
	for name, value := range map[string]any{
		"error": fmt.Errorf("bad token %q", secret), "text": "bad token " + secret,
		"bytes": []byte(secret), "struct": struct{ Token string }{secret}, "nothing": nil,
	} {
		for _, method := range []string{"Open", "Find", "Check", "Read", "Write"} {
			t.Run(method+"/"+name, func(t *testing.T) {
				w := begin(t, providers.Caps{}, startZone...)
				on := method
				d := failing(w.host, func(m string, _ int) error {
					if m == on {
						panic(value)
					}
					return nil
				})
				d.info = func(i *providers.Info) { i.Fields = []providers.Field{{Name: "token", Secret: true}} }
				var limits providers.Limits
				o := providers.Options{Journal: w.journal, Lost: 1, Limits: &limits}
				acct, err := providers.Open(d, providers.Credentials{"token": secret}, o)
				if method != "Open" && err != nil {
					t.Fatal(err)
				}
				var got []providers.Outcome
				switch method {
				case "Find":
					_, err = acct.Find(t.Context(), apex)
				case "Check":
					err = acct.Check(t.Context())
				case "Read":
					_, err = acct.Read(t.Context(), w.zone)
				case "Write":
					got = acct.Apply(t.Context(), w.zone, threeChanges(t)[2:], &providers.Run{})
					if s := states(got); s != "failed/Internal" {
						t.Errorf("got %s", s)
					}
					err = &providers.Error{Code: got[0].Code, Err: errors.New(got[0].Detail)}
				}
				text := fmt.Sprintf("%v %+v %#v", err, err, err)
				if providers.CodeOf(err) != providers.Internal || !strings.Contains(text, "the driver panicked in "+method) {
					t.Errorf("got %v, want Internal that says who panicked", err)
				}
				if strings.Contains(text, secret) || strings.Contains(text, "goroutine") || strings.Contains(text, "115 51 99") {
					t.Errorf("the error says too much: %s", text)
				}
				w.holds(t)
				if on = ""; method == "Open" {
					return
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if got := acct.Apply(ctx, w.zone, threeChanges(t)[2:], &providers.Run{}); states(got) != "applied" {
					t.Errorf("afterwards: got %+v, want applied", got)
				}
			})
		}
	}
}

// TestPanicWrote: a write that panicked may have landed, and the zone is asked.
func TestPanicWrote(t *testing.T) {
	w := begin(t, providers.Caps{}, startZone...)
	w.host.SetHooks(memory.Hooks{After: func(int, zone.Edit) error { panic("after the write") }})
	changes := threeChanges(t)[2:]
	if got := w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{}); states(got) != "applied" {
		t.Errorf("got %+v, want applied", got)
	}
	w.holds(t, changes...)
}

// TestWindow: the run says how long others' edits could have been lost.
func TestWindow(t *testing.T) {
	for _, dir := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
			if dir {
				w.journal = providers.JournalDir(t.TempDir())
			}
			w.host.SetFault(memory.Slow(time.Second))
			failed := false
			acct := openWith(t, failing(w.host, func(method string, _ int) error {
				if method != "Read" {
					return nil
				}
				time.Sleep(3 * time.Second)
				if !failed {
					failed = true // what failed was no ground for the run
					return &providers.Error{Code: providers.Unavailable}
				}
				return nil
			}), "", providers.Options{Journal: w.journal, Lease: noLease})
			run := &providers.Run{}
			if got := acct.Apply(t.Context(), w.zone, threeChanges(t)[1:], run); !providers.Done(got) {
				t.Fatalf("got %+v", got)
			}
			// A CNAME takes an address's place in two writes, and a TXT comes in one.
			kept, err := w.journal.Load(t.Context(), run.ID)
			if err != nil || run.End.Window != 6*time.Second || kept.End.Window != run.End.Window {
				t.Errorf("got %s, and %s in the journal, %v; want 3 s of reading and 3 of writing", run.End.Window, kept.End.Window, err)
			}
		})
	}
}

// noLease lets everybody in: a file lock may wait outside of the bubble.
func noLease(ctx context.Context, _ string) (held context.Context, release func(), err error) {
	return context.WithoutCancel(ctx), func() {}, nil
}
