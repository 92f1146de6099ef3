package mux

import (
	"net/netip"
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	var b bucket
	const rate, burst = 10, 3
	var passed []int64 // in tenths of a second
	for now := int64(0); now < int64(time.Second); now += int64(100 * time.Millisecond) {
		for b.wait(now, rate, burst) == 0 {
			b.take(now, rate, burst)
			passed = append(passed, now/int64(100*time.Millisecond))
		}
	}
	if len(passed) != burst+9 || passed[2] != 0 || passed[3] != 1 {
		t.Errorf("passed at %v, want 3 at 0 and one in each tenth of a second after", passed)
	}
	for range 1000 { // what is sent again takes without waiting
		b.take(0, rate, burst)
	}
	if wait := time.Duration(b.wait(0, rate, burst)); wait > time.Second/rate {
		t.Errorf("the next one waits %v, want one interval at most", wait)
	}
}

// TestPace follows the rate of a server through what it does.
func TestPace(t *testing.T) {
	b := Budget{}.filled()
	times := func(n int, do func(sv *server, now int64)) func(sv *server) {
		return func(sv *server) {
			for i := range n {
				do(sv, int64(i)*int64(10*time.Millisecond))
			}
		}
	}
	good := func(sv *server, now int64) { sv.bore(now, b, false) }
	for _, tc := range []struct {
		why  string
		do   func(sv *server)
		want func(rate float64) bool
	}{
		{"one second of answers at the first rate", times(20, good), func(r float64) bool { return r > 27 && r <= 30 }},
		{"answers for ever", times(10_000, good), func(r float64) bool { return r == 200 }},
		{"silence for a while", times(32, (*server).silent), func(r float64) bool { return r == 10 }},
		{"silence for ever", times(10_000, (*server).silent), func(r float64) bool { return r == leastRate }},
		{"one in a hundred lost", times(1000, func(sv *server, now int64) {
			if now%int64(time.Second) == 0 {
				sv.missed(now)
			} else {
				good(sv, now)
			}
		}), func(r float64) bool { return r > 100 }},
		{"a few refusals", times(15, func(sv *server, now int64) { sv.bore(now, b, true) }), func(r float64) bool { return r > 20 }},
		{"refusals without end", times(16, func(sv *server, now int64) { sv.bore(now, b, true) }), func(r float64) bool { return r < 15 }},
		{"cut twice at once", func(sv *server) {
			sv.budget.cut(0)
			sv.budget.cut(1)
		}, func(r float64) bool { return r == 10 }},
		{"cut below the least rate", func(sv *server) {
			sv.budget.rate = leastRate / 2.0
			sv.budget.cut(0)
		}, func(r float64) bool { return r == leastRate/2.0 }},
	} {
		sv := &server{budget: pace{rate: b.Start}}
		if tc.do(sv); !tc.want(sv.budget.rate) {
			t.Errorf("%s: %v questions a second", tc.why, sv.budget.rate)
		}
	}
	sv := &server{budget: pace{rate: 5}}
	if got := sv.budget.burst(b); got != 25 {
		t.Errorf("a burst of %v at a quarter of the rate, want 25", got)
	}
}

func (sv *server) silent(now int64) { sv.missed(now) }

// TestBudget counts the time that questions above a budget take, at the least.
func TestBudget(t *testing.T) {
	for _, tc := range []struct {
		why    string
		budget Budget
		least  time.Duration // of 30 questions to two servers of a group
	}{
		{"of a server", Budget{Start: 50, Most: 50, Burst: 5}, 170 * time.Millisecond},
		{"of a group", Budget{Start: -1, Provider: 100, Burst: 10}, 170 * time.Millisecond},
		{"none", Budget{Start: -1, Provider: -1}, 0},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			servers := []netip.AddrPort{newFake(t, right, nil).at, newFake(t, right, nil).at}
			m := newMux(t, Options{Timeout: patience, Budget: tc.budget})
			began := time.Now()
			var all []chan Answer
			for i := range 30 {
				q, got := newQuestion(servers[i%2])
				q.Group = "provider"
				m.Ask(q)
				all = append(all, got)
			}
			for _, got := range all {
				if a := <-got; a.Err != nil {
					t.Error(a.Err)
				}
			}
			if took := time.Since(began); took < tc.least {
				t.Errorf("%v, want at least %v", took, tc.least)
			}
		})
	}
}

// TestForget bounds the table of servers.
func TestForget(t *testing.T) {
	m := newMux(t, Options{})
	m.mu.Lock()
	defer m.mu.Unlock()
	at := func(i int) *Question {
		return &Question{Group: "g", Server: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(i >> 16), byte(i >> 8), byte(i)}), 53)}
	}
	busy := m.serverOf(at(0), 0)
	busy.refs = 1
	for i := range 3 * fewServers {
		m.serverOf(at(i+1), int64(i)*forgetAfter/fewServers)
	}
	if len(m.servers) > 2*fewServers+1 || m.servers[busy.addr] != busy {
		t.Errorf("%d servers are kept, the one that is asked among them: %v", len(m.servers), m.servers[busy.addr] == busy)
	}
	for i := range 2 * manyServers {
		m.serverOf(at(i+1), 0)
	}
	if len(m.servers) > 2*manyServers {
		t.Errorf("%d servers", len(m.servers))
	}
}

// TestWheel turns it past what is due soon and what is due after a whole turn,
// also where the ticks begin again.
func TestWheel(t *testing.T) {
	for _, start := range []uint32{0, 1<<32 - 3, 1<<32 - wheelSlots, 1<<32 - 2*wheelSlots} {
		testWheel(t, start)
	}
}

func testWheel(t *testing.T, start uint32) {
	t.Helper()
	w := wheel{now: start}
	at := func(tick uint32) int64 { return (int64(start) + int64(tick)) * tickLength }
	ticks := []uint32{1, 5, wheelSlots - 1, wheelSlots, wheelSlots + 5, 3*wheelSlots + 7}
	questions := make([]Question, len(ticks))
	for i, tick := range ticks {
		questions[i].state = asked
		w.add(&questions[i], at(tick))
	}
	sv := &server{}
	w.wakeServer(sv, at(9))
	w.wakeServer(sv, at(3))
	gone := &Question{state: asked}
	w.add(gone, at(5))
	w.remove(gone)
	var due list
	var servers []*server
	next := 0
	for now := uint32(1); now <= 4*wheelSlots; now++ {
		before := len(servers)
		if servers = w.turn(start+now, &due, servers); len(servers) > before && now != 9 {
			t.Errorf("from %d: the server is woken after %d, want 9", start, now)
		}
		for q := due.pop(); q != nil; q = due.pop() {
			if next == len(ticks) || q != &questions[next] || ticks[next] != now {
				t.Errorf("from %d: a question is due after %d, want %v", start, now, ticks[next:])
			}
			next++
		}
	}
	if next != len(ticks) || len(servers) != 1 || w.n != 0 {
		t.Errorf("from %d: %d questions and %d servers came, %d remain", start, next, len(servers), w.n)
	}
}
