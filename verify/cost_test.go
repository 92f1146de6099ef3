package verify_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// lean is a root, a top-level domain, and a zone on two servers with one
// address each, in memory: time is virtual, so nothing is ever asked twice
// because the machine is slow.
func lean(t *testing.T, delay time.Duration) *verifytest.World {
	t.Helper()
	w := verifytest.New(t, verifytest.Options{
		Memory: true,
		Text: []string{
			". 3600 SOA a.root. nstld.example. 1 1800 900 604800 86400\n. 3600 NS a.root.\na.root. 3600 A 127.0.0.8\nexample. 3600 NS a.nic.example.\na.nic.example. 3600 A 127.0.0.9\n",
			tld, text(t, "customer.example.txt"),
		},
		Servers: []verifytest.ServerOptions{
			{Name: "root", Addrs: []netip.Addr{addr("127.0.0.8")}, Zones: []zone.Name{zone.Root}},
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1")}, Zones: []zone.Name{apex}},
			{Name: "ns2", Addrs: []netip.Addr{addr("127.0.0.2")}, Zones: []zone.Name{apex}},
		},
	})
	for _, s := range w.Servers() {
		s.SetFault(verifytest.Fault{Delay: delay})
	}
	return w
}

func inMemory(w *verifytest.World, change ...func(*verify.Options)) *verify.Verifier {
	o := verify.Options{Start: w.Start(), Map: w.Map, Transport: w}
	for _, f := range change {
		f(&o)
	}
	return verify.New(o)
}

func asked(w *verifytest.World) int {
	n := 0
	for _, s := range w.Servers() {
		n += s.Queries()
	}
	return n
}

// TestQueries counts the messages that reach the servers.
func TestQueries(t *testing.T) {
	for _, tc := range []struct {
		why          string
		e            func(*testing.T) verify.Expect
		rounds       int
		cold, warmed int // at most, for the first look and for the next one of the same Verifier
	}{
		{"TXT", func(t *testing.T) verify.Expect { return expect(t, "_token", "TXT", `"token=1"`) }, 1, 9, 8},
		{"TXT at the apex", func(t *testing.T) verify.Expect { return expect(t, "@", "TXT", `"token=1"`) }, 1, 9, 8},
		{"A", func(t *testing.T) verify.Expect { return expect(t, "www", "A", "192.0.2.10") }, 1, 9, 8},
		// Where an alias leads is looked at too.
		{"CNAME", func(t *testing.T) verify.Expect { return expect(t, "cname", "CNAME", "www.customer.example.") }, 1, 9 + 1, 8 + 1},
		{"further rounds", func(t *testing.T) verify.Expect { return expect(t, "_token", "TXT", `"token=1"`) }, 3, 9 + 2*2, 8 + 2*2},
	} {
		t.Run(tc.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := lean(t, 20*time.Millisecond)
				put(w, record(t, "_token", "TXT", `"token=1"`), record(t, "@", "TXT", `"token=1"`), record(t, "cname", "CNAME", "www.customer.example."))
				v := inMemory(w, func(o *verify.Options) { o.Rounds = tc.rounds })
				for i, most := range []int{tc.cold, tc.warmed} {
					before := asked(w)
					r, err := v.Check(t.Context(), verify.Request{Expect: []verify.Expect{tc.e(t)}})
					if err != nil || r.Verdict != verify.Propagated {
						t.Fatalf("look %d: %s %v, want propagated: %s", i+1, r.Verdict, err, dump(r))
					}
					n := asked(w) - before
					t.Logf("look %d: %d messages", i+1, n)
					if n > most || r.Queries != n {
						t.Errorf("look %d: %d messages, reported %d, want at most %d", i+1, n, r.Queries, most)
					}
				}
			})
		})
	}
}

// TestFurtherLooks: while a record is waited for, a look between two full ones
// asks each server once and the zone above once.
func TestFurtherLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := lean(t, 20*time.Millisecond)
		v := inMemory(w, func(o *verify.Options) { o.MinDelay = 2 * time.Second })
		ctx, cancel := context.WithCancel(t.Context())
		var looks []int
		before := asked(w)
		_, err := v.Wait(ctx, verify.Request{Expect: []verify.Expect{expect(t, "_token", "TXT", `"token=1"`)}}, func(verify.Report) {
			now := asked(w)
			looks = append(looks, now-before)
			if before = now; len(looks) == 7 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || len(looks) != 7 {
			t.Fatalf("%v after %d looks", err, len(looks))
		}
		t.Logf("messages in each look: %v", looks)
		for i, n := range looks[1:] {
			if n > 3 {
				t.Errorf("look %d: %d messages, want at most 3", i+2, n)
			}
		}
	})
}

// TestLookupQueries: a name that does not exist costs one message where the
// zone is known, however often it is asked for, and a name that does exist too.
func TestLookupQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := lean(t, 20*time.Millisecond)
		v := inMemory(w)
		v.Lookup(t.Context(), apex, "SOA")
		for i := range 20 {
			for name, want := range map[zone.Name]verify.Status{
				zone.Name(fmt.Sprintf("missing%d.www.customer.example", i)): verify.NXDomain,
				"www.customer.example": verify.Found,
			} {
				before := asked(w)
				a := v.Lookup(t.Context(), name, "A")
				if n := asked(w) - before; n != 1 || a.Status != want || a.Zone != apex {
					t.Errorf("%s: %d messages, %+v, want 1 and %s", name, n, a, want)
				}
			}
		}
	})
}

// TestDelay: one server that does not answer delays a report by at most a
// second beyond the slowest one that does, wherever it stands.
func TestDelay(t *testing.T) {
	took := func(t *testing.T, slowest time.Duration, harm func(*verifytest.World)) (lasted time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			w := lean(t, slowest)
			put(w, record(t, "_token", "TXT", `"token=1"`))
			harm(w)
			began := time.Now()
			r, err := inMemory(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{expect(t, "_token", "TXT", `"token=1"`)}})
			if err != nil || r.Verdict != verify.Propagated {
				t.Errorf("%s %v, want propagated: %s", r.Verdict, err, dump(r))
			}
			lasted = time.Since(began)
		})
		return lasted
	}
	for _, slowest := range []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond, 90 * time.Millisecond, 150 * time.Millisecond, 300 * time.Millisecond} {
		healthy := took(t, slowest, func(*verifytest.World) {})
		for _, dead := range []string{"ns1", "ns2"} {
			got := took(t, slowest, func(w *verifytest.World) { w.Server(dead).SetFault(verifytest.Fault{Drop: true}) })
			t.Logf("answers take %v, %s is dead: %v, healthy %v", slowest, dead, got, healthy)
			if got > healthy+time.Second {
				t.Errorf("answers take %v, %s is dead: %v, want at most a second more than %v", slowest, dead, got, healthy)
			}
		}
	}
}
