package verify_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// watchedWorld is a top-level domain, a zone on two servers and one on a single
// server, all in memory.
const (
	watchedTLD = `
$ORIGIN example.
$TTL 3600
@ SOA a.nic hostmaster.nic 1 3600 600 86400 300
@ NS a.nic
a.nic A 192.0.2.9
customer NS ns1.customer
customer NS ns2.customer
ns1.customer A 192.0.2.1
ns2.customer A 192.0.2.2
lone NS ns.lone
ns.lone A 192.0.2.3
`
	watchedZone = `
$ORIGIN customer.example.
$TTL 3600
@ SOA ns1 hostmaster 1 7200 600 86400 300
@ NS ns1
@ NS ns2
ns1 A 192.0.2.1
ns2 A 192.0.2.2
`
	loneZone = `
$ORIGIN lone.example.
$TTL 3600
@ SOA ns hostmaster 1 7200 600 86400 300
@ NS ns
ns A 192.0.2.3
`
)

func watchedWorld(t *testing.T, resolvers ...verifytest.ResolverOptions) *verifytest.World {
	t.Helper()
	return verifytest.New(t, verifytest.Options{
		Memory: true,
		Text:   []string{watchedTLD, watchedZone, loneZone},
		Servers: []verifytest.ServerOptions{
			{Name: "a.nic", Addrs: []netip.Addr{addr("192.0.2.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("192.0.2.1")}, Zones: []zone.Name{apex}},
			{Name: "ns2", Addrs: []netip.Addr{addr("192.0.2.2")}, Zones: []zone.Name{apex}},
			{Name: "ns.lone", Addrs: []netip.Addr{addr("192.0.2.3")}, Zones: []zone.Name{"lone.example"}},
		},
		Resolvers: resolvers,
	})
}

// watcher is a verifier in virtual time, with the patience it has by default.
func watcher(w *verifytest.World, change ...func(*verify.Options)) *verify.Verifier {
	o := verify.Options{Start: w.Start(), Map: w.Map, Transport: w}
	for _, f := range change {
		f(&o)
	}
	return verify.New(o)
}

func hasFinding(r verify.Report, code verify.Code) bool {
	return slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Code == code && f.Hint != "" })
}

// told is one yield of a Watch.
type told struct {
	at      time.Duration // since the watch began
	verdict verify.Verdict
	digest  string
	err     error
}

// TestWatchDelay publishes records at random times up to 72 h (1,000 of them
// with MOORING_LONG=1) and sees each one soon enough after. TestDetectionDelay
// does the same for the schedule alone.
func TestWatchDelay(t *testing.T) {
	publications := publications
	if os.Getenv("MOORING_LONG") == "1" {
		publications = 1000
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	after := make([]time.Duration, publications)
	for i := range after {
		after[i] = time.Duration(math.Exp(math.Log(1e9) + rnd.Float64()*(math.Log(float64(72*time.Hour))-math.Log(1e9))))
	}
	var worst float64
	var mu sync.Mutex
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		v := watcher(w)
		var all sync.WaitGroup
		for i, after := range after {
			e := verify.Expect{Record: zone.NewTXT(zone.Name(fmt.Sprintf("_t%d.lone.example", i)), 60, "token=1")}
			began := time.Now()
			time.AfterFunc(after, func() {
				w.Change("lone.example", zone.Change{Owner: e.Record.Name, Add: []zone.Record{e.Record}})
			})
			all.Go(func() {
				r, at := lastOf(t, v, verify.Request{Expect: []verify.Expect{e}}, began)
				late := at - after
				most := min(max(2*time.Second, after*15/100), 30*time.Minute)
				if r.Verdict != verify.Propagated || late < 0 || late > most {
					t.Errorf("published after %v: %s %v later, want propagated at most %v later", after, r.Verdict, late, most)
				}
				mu.Lock()
				defer mu.Unlock()
				worst = max(worst, late.Seconds()/most.Seconds())
			})
		}
		all.Wait()
	})
	t.Logf("%d publish times, the worst detection took %.0f %% of what is tolerated", publications, 100*worst)
}

// lastOf is the last report of a watch, and when it came.
func lastOf(t *testing.T, v *verify.Verifier, req verify.Request, began time.Time) (last verify.Report, at time.Duration) {
	for r, err := range v.Watch(t.Context(), req) {
		if err != nil {
			t.Error(err)
		}
		last, at = r, time.Since(began)
	}
	return last, at
}

// TestWatchResolver has resolvers keep the news that a record does not exist,
// or its old value, from before it was published.
func TestWatchResolver(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	between := func(least, most time.Duration) time.Duration {
		return least + time.Duration(rnd.Int64N(int64(most-least)))
	}
	const rounding = time.Millisecond // of times that were seconds in between
	predicted := 0
	for n := range 100 {
		primed := between(0, 4*time.Minute)
		published := primed + between(0, 4*time.Minute)
		old := n%2 == 0
		keeps := 300 * time.Second // the SOA's minimum
		synctest.Test(t, func(t *testing.T) {
			w := watchedWorld(t, verifytest.ResolverOptions{Name: "resolver", Addr: addr("192.0.2.53")})
			v := watcher(w, func(o *verify.Options) { o.Resolvers = []netip.AddrPort{w.Resolver("resolver").Addr()} })
			e := expect(t, "_t", "TXT", `"token=1"`)
			if old {
				keeps = 60 * time.Second // the TTL of record
				put(w, record(t, "_t", "TXT", `"token=0"`))
			}
			began := time.Now()
			time.AfterFunc(primed, func() { w.Resolver("resolver").Prime(e.Record.Name, "TXT") })
			time.AfterFunc(published, func() {
				if old {
					w.Change(apex, zone.Change{Owner: e.Record.Name, Remove: []zone.Record{record(t, "_t", "TXT", `"token=0"`)}})
				}
				put(w, e.Record)
			})
			forgets := began.Add(primed + keeps)
			var until time.Time // as the last report that was not right yet says
			var looked time.Time
			end, err := v.Wait(t.Context(), verify.Request{Expect: []verify.Expect{e}}, func(r verify.Report) {
				switch looked = time.Now(); r.Verdict {
				case verify.Published:
					until = r.Records[0].Resolvers[0].Until
					if early := forgets.Sub(until); early < -rounding || early > time.Second {
						t.Errorf("it has the record not before %v, by the TTL; really from %v on", until.Sub(began), forgets.Sub(began))
					}
					if looked.After(until.Add(time.Second + rounding)) {
						t.Errorf("a look %v after what was predicted does not see the record", looked.Sub(until))
					}
				case verify.Propagated:
					if looked.Before(until) {
						t.Errorf("seen %v before the predicted time", until.Sub(looked))
					}
				default:
				}
			})
			if err != nil || end.Verdict != verify.Propagated {
				t.Fatalf("%s, %v", end.Verdict, err)
			}
			// The schedule looks at most one second later than the resolver
			// has it, which is at most one second after what was predicted;
			// but no sooner than two seconds after the look before.
			if late := looked.Sub(until); !until.IsZero() && late > 3*time.Second {
				t.Errorf("primed %v, published %v: seen %v after the predicted time", primed, published, late)
			}
			if !until.IsZero() {
				predicted++
			}
		})
	}
	if predicted < 10 {
		t.Errorf("only %d of 100 resolvers kept what was old: the times drawn show nothing", predicted)
	}
}

// collect watches until the end and remembers what it was told. stop may end
// it earlier.
func collect(ctx context.Context, v *verify.Verifier, req verify.Request, began time.Time, stop func(verify.Report) bool) []told {
	var out []told
	for r, err := range v.Watch(ctx, req) {
		out = append(out, told{time.Since(began), r.Verdict, r.Digest(), err})
		if stop != nil && stop(r) {
			break
		}
	}
	return out
}

// TestWatchTells follows a record from absent through partial to propagated:
// one report for each, however often it looked.
func TestWatchTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		e := expect(t, "_t", "TXT", `"token=1"`)
		began := time.Now()
		time.AfterFunc(10*time.Minute, func() {
			w.Server("ns2").Freeze()
			put(w, e.Record)
		})
		time.AfterFunc(5*time.Hour, w.Server("ns2").Thaw)
		var got []verify.Verdict
		for _, told := range collect(t.Context(), watcher(w), verify.Request{Expect: []verify.Expect{e}}, began, nil) {
			got = append(got, told.verdict)
		}
		if diff := cmp.Diff(got, []verify.Verdict{verify.Absent, verify.Partial, verify.Propagated}); diff != "" {
			t.Errorf("told (-got +want):\n%s", diff)
		}
	})
}

// TestWatchTransfer sees a lagging secondary catch up when the zone has told
// it to ask again, long before the schedule would look.
func TestWatchTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		e := expect(t, "_t", "TXT", `"token=1"`)
		w.Server("ns2").Freeze()
		put(w, e.Record)
		began := time.Now()
		time.AfterFunc(7200*time.Second, w.Server("ns2").Thaw)
		slow := func(o *verify.Options) { o.Schedule = verify.Entri }
		_, at := lastOf(t, watcher(w, slow), verify.Request{Expect: []verify.Expect{e}}, began)
		if want := 7201 * time.Second; at != want {
			t.Errorf("seen after %v, want %v: one second after SOA refresh", at, want)
		}
	})
}

// blind is a vantage point that sees nothing until some time.
type blind struct {
	*verify.Verifier
	until time.Time
}

func (b blind) Name() string { return "elsewhere" }

func (b blind) Observe(ctx context.Context, req verify.Request) (verify.Observations, error) {
	if time.Now().Before(b.until) {
		return verify.Observations{}, errors.New("not up yet")
	}
	return b.Verifier.Observe(ctx, req)
}

// TestWatchVantage asks a vantage point again with every look, not only with
// the full ones.
func TestWatchVantage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		e := expect(t, "_t", "TXT", `"token=1"`)
		put(w, e.Record)
		began := time.Now()
		const up = time.Hour
		v := watcher(w, func(o *verify.Options) { o.Vantages = []verify.Vantage{blind{watcher(w), began.Add(up)}} })
		var got []verify.Verdict
		var last time.Duration
		for _, told := range collect(t.Context(), v, verify.Request{Expect: []verify.Expect{e}}, began, nil) {
			got, last = append(got, told.verdict), told.at
		}
		if diff := cmp.Diff(got, []verify.Verdict{verify.Published, verify.Propagated}); diff != "" {
			t.Errorf("told (-got +want):\n%s", diff)
		}
		if late := last - up; late < 0 || late > up*15/100 {
			t.Errorf("seen %v after the vantage point was up, want at most 15 %% of that hour", late)
		}
	})
}

// TestWatchDeadline never publishes.
func TestWatchDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		req := verify.Request{Expect: []verify.Expect{expect(t, "_t", "TXT", `"token=1"`)}}
		began := time.Now()
		var last verify.Report
		got := collect(t.Context(), watcher(w), req, began, func(r verify.Report) bool { last = r; return false })
		if len(got) != 2 || got[0].err != nil || !errors.Is(got[1].err, verify.ErrDeadline) || got[1].at != 72*time.Hour {
			t.Fatalf("told %+v, want one report at once and one at 72 h", got)
		}
		if !hasFinding(last, verify.CodeDeadline) || last.Verdict != verify.Absent {
			t.Errorf("the last report is %s with %+v, want absent with %s", last.Verdict, last.Findings, verify.CodeDeadline)
		}
		for _, tc := range []struct {
			name string
			seen string
			want int
		}{
			{"the process ended before it was told", got[0].digest, 1},
			{"the process ended after it was told", got[1].digest, 0},
		} {
			req.Since, req.Seen = began.Round(0), tc.seen
			again := collect(t.Context(), watcher(w), req, began, nil)
			if len(again) != tc.want || tc.want == 1 && !errors.Is(again[0].err, verify.ErrDeadline) {
				t.Errorf("%s: told %+v, want %d", tc.name, again, tc.want)
			}
		}
	})
}

// TestWatchRestart kills the process at random times: all in all the same is
// told as without that, nothing twice, and the end comes at the same time.
func TestWatchRestart(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 20 {
		var lives []time.Duration
		for range 4 {
			lives = append(lives, time.Duration(rnd.Int64N(int64(4*time.Hour))))
		}
		synctest.Test(t, func(t *testing.T) {
			w := watchedWorld(t)
			e := expect(t, "_t", "TXT", `"token=1"`)
			began := time.Now()
			published, thawed := 2*time.Hour, 5*time.Hour
			time.AfterFunc(published, func() {
				w.Server("ns2").Freeze()
				put(w, e.Record)
			})
			time.AfterFunc(thawed, w.Server("ns2").Thaw)
			req := verify.Request{Expect: []verify.Expect{e}, Since: began.Round(0)}
			var all []told
			for n := 0; len(all) == 0 || all[len(all)-1].verdict != verify.Propagated; n++ {
				ctx, kill := t.Context(), context.CancelFunc(func() {})
				if n < len(lives) {
					ctx, kill = context.WithTimeout(ctx, lives[n])
				}
				for _, told := range collect(ctx, watcher(w), req, began, nil) {
					if told.err == nil {
						all = append(all, told)
						req.Seen = told.digest
					}
				}
				kill()
			}
			var got []verify.Verdict
			for _, told := range all {
				got = append(got, told.verdict)
			}
			if diff := cmp.Diff(got, []verify.Verdict{verify.Absent, verify.Partial, verify.Propagated}); diff != "" {
				t.Errorf("lives %v, told (-got +want):\n%s", lives, diff)
			}
			for i, change := range []time.Duration{0, published, thawed} {
				if late := all[i].at - change; late > min(max(2*time.Second, change*15/100), 30*time.Minute) {
					t.Errorf("lives %v: %s told %v after it was so", lives, all[i].verdict, late)
				}
			}
		})
	}
}

// TestWatchMoved moves the domain to another server in mid-watch: what that one
// has is seen as soon as anything else is.
func TestWatchMoved(t *testing.T) {
	for _, after := range []time.Duration{20 * time.Second, 3 * time.Minute, 13 * time.Minute, time.Hour, 10 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := estate(t)
			began := time.Now()
			e := expect(t, "_t", "TXT", `"token=1"`)
			time.AfterFunc(after, func() {
				w.Server("ns1").Freeze()
				w.Server("ns2").Freeze()
				move(t, w)
				put(w, e.Record)
			})
			r, at := lastOf(t, inMemory(w), verify.Request{Expect: []verify.Expect{e}}, began)
			if most := max(2*time.Second, after*15/100); r.Verdict != verify.Propagated || at-after > most {
				t.Errorf("moved after %v: %s %v later, want propagated at most %v later", after, r.Verdict, at-after, most)
			}
		})
	}
}

// TestWatchManner has a server with an unusual manner that is right, so that
// most looks do not ask it: nothing has changed, so nothing more is told.
func TestWatchManner(t *testing.T) {
	for why, f := range map[string]verifytest.Fault{"drops EDNS": {DropEDNS: true}, "case": {CaseMangled: true}, "no EDNS": {NoEDNS: true}} {
		synctest.Test(t, func(t *testing.T) {
			w := watchedWorld(t)
			w.Server("ns2").Freeze()
			e := expect(t, "_t", "TXT", `"token=1"`)
			put(w, e.Record)
			w.Server("ns1").SetFault(f)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Hour)
			defer cancel()
			got := collect(ctx, watcher(w), verify.Request{Expect: []verify.Expect{e}}, time.Now(), nil)
			if len(got) != 2 || got[0].err != nil || !errors.Is(got[1].err, context.DeadlineExceeded) {
				t.Errorf("%s: told %+v, want one report and the end of the context", why, got)
			}
		})
	}
}

// TestWatchSeenOfAnother goes on from the digest of a report on another value
// of the same record set: that report says nothing of this one.
func TestWatchSeenOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := watcher(watchedWorld(t))
		old, err := v.Check(t.Context(), verify.Request{Expect: []verify.Expect{expect(t, "_t", "TXT", `"token=1"`)}})
		if err != nil {
			t.Fatal(err)
		}
		req := verify.Request{Expect: []verify.Expect{expect(t, "_t", "TXT", `"token=2"`)}, Seen: old.Digest()}
		if got := collect(t.Context(), v, req, time.Now(), nil); len(got) != 2 {
			t.Errorf("told %+v, want the first report and the deadline", got)
		}
	})
}

// TestWatchClockSetBack goes on with a watch that began in the future: the
// clock was set back while no process watched. It has its 72 h again.
func TestWatchClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		began := time.Now()
		req := verify.Request{Expect: []verify.Expect{expect(t, "_t", "TXT", `"token=1"`)}, Since: began.Add(1000 * time.Hour).Round(0)}
		got := collect(t.Context(), watcher(w), req, began, nil)
		if len(got) != 2 || got[1].at != 72*time.Hour {
			t.Errorf("told %+v, want the deadline after 72 h", got)
		}
	})
}

func TestWatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchedWorld(t)
		req := verify.Request{Expect: []verify.Expect{expect(t, "_t", "TXT", `"token=1"`)}}
		began := time.Now()

		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		got := collect(ctx, watcher(w), req, began, nil)
		if len(got) != 2 || !errors.Is(got[1].err, context.DeadlineExceeded) || got[1].at != time.Hour || got[1].digest != got[0].digest {
			t.Errorf("told %+v, want the last report again with the end of the context after an hour", got)
		}
		got = collect(ctx, watcher(w), req, began, nil)
		if len(got) != 1 || !errors.Is(got[0].err, context.DeadlineExceeded) || got[0].verdict != "" {
			t.Errorf("told %+v, want no report: the context had ended", got)
		}
		got = collect(t.Context(), watcher(w), req, began, func(verify.Report) bool { return true })
		if len(got) != 1 || got[0].err != nil {
			t.Errorf("told %+v, want one report", got)
		}
		got = collect(t.Context(), watcher(w), verify.Request{}, began, nil)
		if len(got) != 1 || got[0].err == nil || !strings.Contains(got[0].err.Error(), "nothing expected") {
			t.Errorf("told %+v, want what is wrong with the request", got)
		}
	})
}

// TestDigest changes one thing at a time.
func TestDigest(t *testing.T) {
	fresh := func() verify.Report {
		return verify.Report{
			Verdict: verify.Absent,
			Records: []verify.RecordState{{
				Expect: expect(t, "_t", "TXT", `"token=1"`), Verdict: verify.Absent,
				Servers:   []verify.ServerState{{Server: "ns1.customer.example", Addr: addr("192.0.2.1"), State: verify.Missing, TTL: 300}},
				Resolvers: []verify.ServerState{{Addr: addr("192.0.2.53"), State: verify.Missing, TTL: 200}},
			}},
			Delegations: []verify.Delegation{{Apex: apex, Parent: []zone.Name{"ns1.customer.example"}, SOA: verify.SOA{Serial: 1}}},
			Findings:    []verify.Finding{{Code: verify.CodeDead, Severity: verify.Warning, Server: "ns2", Detail: "no answer"}},
			NextLook:    201, Queries: 9,
		}
	}
	was := fresh().Digest()
	for _, tc := range []struct {
		name   string
		change func(*verify.Report)
		same   bool
	}{
		{"nothing", func(*verify.Report) {}, true},
		{"a countdown", func(r *verify.Report) { r.NextLook--; r.Records[0].Resolvers[0].TTL-- }, true},
		{"the questions", func(r *verify.Report) { r.Queries = 2 }, true},
		{"a serial", func(r *verify.Report) { r.Delegations[0].SOA.Serial++ }, true},
		{"the words of a finding", func(r *verify.Report) { r.Findings[0].Detail = "port closed" }, true},
		{"mere information", func(r *verify.Report) {
			r.Findings = append(r.Findings, verify.Finding{Code: verify.CodeSerial, Severity: verify.Info})
		}, true},
		{"the verdict", func(r *verify.Report) { r.Verdict = verify.Wrong }, false},
		{"a server's state", func(r *verify.Report) { r.Records[0].Servers[0].State = verify.Dead }, false},
		{"a resolver's state", func(r *verify.Report) { r.Records[0].Resolvers[0].State = verify.Right }, false},
		{"what a server shows", func(r *verify.Report) { r.Records[0].Servers[0].Seen = []string{"TXT x"} }, false},
		{"the delegation", func(r *verify.Report) { r.Delegations[0].Parent = []zone.Name{"ns3.customer.example"} }, false},
		{"the value expected", func(r *verify.Report) { r.Records[0].Expect = expect(t, "_t", "TXT", `"token=2"`) }, false},
		{"a finding", func(r *verify.Report) { r.Findings[0].Severity, r.Findings[0].Code = verify.Error, verify.CodeLame }, false},
	} {
		r := fresh()
		tc.change(&r)
		if got := r.Digest() == was; got != tc.same {
			t.Errorf("%s changed: the digest is the same: %v, want %v", tc.name, got, tc.same)
		}
	}
}
