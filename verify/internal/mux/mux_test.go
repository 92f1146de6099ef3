package mux

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func silent(*fake, int, []byte) [][]byte { return nil }

func TestTimeout(t *testing.T) {
	f := newFake(t, silent, nil)
	m := newMux(t, Options{Timeout: 30 * time.Millisecond})
	if got := ask(t, m, f.at); !errors.Is(got.Err, ErrTimeout) || got.Sent == 0 || got.How != 0 {
		t.Errorf("%+v, want a timeout", got)
	}
}

func TestAskRefuses(t *testing.T) {
	m := newMux(t, Options{})
	for _, name := range []string{"", "\x03abc", "\x04abc\x00", "\x00\x00", "\x40" + string(make([]byte, 64)) + "\x00", string(bytesOf(300))} {
		q, got := newQuestion(netip.MustParseAddrPort("127.0.0.1:53"))
		q.Name = []byte(name)
		m.Ask(q)
		if a := <-got; !errors.Is(a.Err, ErrName) || a.Sent != 0 {
			t.Errorf("%q: %+v, want %v", name, a, ErrName)
		}
	}
}

// bytesOf is a name of sound labels, but too long.
func bytesOf(n int) []byte {
	var name []byte
	for len(name) < n {
		name = append(name, "\x03abc"...)
	}
	return append(name, 0)
}

func TestCancel(t *testing.T) {
	dead, over := newFake(t, silent, nil), newFake(t, func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} },
		func(f *fake, _ int, _ []byte) [][]byte {
			f.asked.Add(1000) // it is over TCP now
			return nil
		})
	m := newMux(t, Options{Timeout: patience, Budget: Budget{Burst: 1, Start: 0.001}})
	sent, got := newQuestion(dead.at)
	m.Ask(sent)
	queued, gotQueued := newQuestion(dead.at)
	m.Ask(queued)
	for _, tc := range []struct {
		q   *Question
		got chan Answer
	}{{queued, gotQueued}, {sent, got}} {
		m.Cancel(tc.q)
		if a := <-tc.got; !errors.Is(a.Err, ErrCanceled) {
			t.Errorf("%+v, want %v", a, ErrCanceled)
		}
		m.Cancel(tc.q)
		if len(tc.got) > 0 {
			t.Error("a second answer")
		}
	}

	m = newMux(t, Options{Timeout: patience})
	q, got := newQuestion(over.at)
	m.Ask(q)
	for len(got) == 0 && over.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	m.Cancel(q)
	<-got
	if len(got) > 0 {
		t.Error("a second answer")
	}
}

// TestCancelWithin cancels other questions, and the one that is answered, from
// within an answer, and asks again there.
func TestCancelWithin(t *testing.T) {
	live, dead := newFake(t, right, nil), newFake(t, silent, nil)
	m := newMux(t, Options{Timeout: patience})
	other, canceled := newQuestion(dead.at)
	m.Ask(other)
	done, times := make(chan struct{}), 0
	q := &Question{Server: live.at, Name: nameOf(1), Type: 16}
	q.Answer = func(q *Question, a Answer) {
		m.Cancel(other)
		m.Cancel(q)
		if times++; times == 3 {
			close(done)
			return
		}
		m.Ask(q)
	}
	m.Ask(q)
	<-done
	if a := <-canceled; !errors.Is(a.Err, ErrCanceled) {
		t.Errorf("%+v, want %v", a, ErrCanceled)
	}
}

func TestClose(t *testing.T) {
	f := newFake(t, silent, nil)
	m := New(Options{Timeout: patience, Budget: Budget{Burst: 3}})
	var all []chan Answer
	for range 6 {
		q, got := newQuestion(f.at)
		m.Ask(q)
		all = append(all, got)
	}
	m.Close()
	q, late := newQuestion(f.at)
	m.Ask(q)
	for i, got := range append(all, late) {
		if a := <-got; !errors.Is(a.Err, ErrClosed) {
			t.Errorf("question %d: %+v, want %v", i, a, ErrClosed)
		}
	}
	m.Close()
}

// TestLoad has many goroutines ask, cancel and ask again until the Mux is
// closed under them: each question has one answer.
func TestLoad(t *testing.T) {
	bothPaths(t, func(t *testing.T, o Options) {
		var servers []netip.AddrPort
		for _, f := range []over{right, silent, func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} }, nil} {
			servers = append(servers, newFake(t, f, right).at)
		}
		o.Budget = Budget{Start: 2000, Most: 3000, Provider: 5000}
		m := New(o)
		var asked, answers, good atomic.Int64
		var wg sync.WaitGroup
		enough := make(chan struct{})
		var once sync.Once
		for g := range 4 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(g), 1))
				questions := make([]Question, 200)
				free := make(chan *Question, len(questions))
				for i := range questions {
					questions[i] = Question{Name: nameOf(i), Type: 16, Group: "all", Answer: func(q *Question, a Answer) {
						answers.Add(1)
						if a.Err == nil && good.Add(1) == 1000 {
							once.Do(func() { close(enough) })
						}
						free <- q
					}}
					free <- &questions[i]
				}
				for {
					select {
					case <-enough:
						for range len(questions) {
							<-free
						}
						return
					case q := <-free:
						q.Server = servers[r.IntN(len(servers))]
						asked.Add(1)
						m.Ask(q)
					default:
						time.Sleep(100 * time.Microsecond) // or none would live to be answered
						m.Cancel(&questions[r.IntN(len(questions))])
					}
				}
			})
		}
		<-enough
		m.Close()
		wg.Wait()
		if asked.Load() != answers.Load() {
			t.Errorf("%d questions, %d answers", asked.Load(), answers.Load())
		}
		for _, sv := range m.servers {
			if sv.refs != 0 || sv.queue.n != 0 {
				t.Errorf("%v: %d questions point to it, %d wait", sv.addr, sv.refs, sv.queue.n)
			}
		}
		for _, s := range m.pools[ipv4].open {
			if s.load != 0 {
				t.Errorf("%d questions are on a closed socket", s.load)
			}
		}
	})
}

// TestSockets opens them as load grows, uses all, and leaves them when they
// are old.
func TestSockets(t *testing.T) {
	var mu sync.Mutex
	ports := map[uint16]bool{}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	m := newMux(t, Options{Timeout: patience, Sockets: 4, Budget: Budget{Start: -1}})
	m.setFloor(patience / 2)
	sockets := func() []*socket {
		m.mu.Lock()
		defer m.mu.Unlock()
		return slices.Clone(m.pools[ipv4].open)
	}
	ids := map[uint16]bool{}
	receive := func(n int) {
		buf := make([]byte, 512)
		for range n {
			_, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			ports[from.Port()] = true
			ids[uint16(buf[0])<<8|uint16(buf[1])] = true
			mu.Unlock()
		}
	}
	var all []*Question
	for i := range 700 {
		q, _ := newQuestion(at)
		m.Ask(q)
		receive(1)
		if all = append(all, q); i == 9 && len(sockets()) != 1 {
			t.Errorf("%d sockets for ten questions, want 1", len(sockets()))
		}
	}
	if len(sockets()) != 4 || len(ports) != 4 {
		t.Errorf("%d sockets, %d ports, want 4", len(sockets()), len(ports))
	}
	if len(ids) < 600 {
		t.Errorf("%d ids for 700 questions: they are not random", len(ids))
	}

	m.mu.Lock()
	old := m.pools[ipv4].open[0]
	old.until = m.now()
	m.mu.Unlock()
	for _, q := range all {
		m.Cancel(q)
	}
	q, _ := newQuestion(at)
	m.Ask(q)
	if slices.Contains(sockets(), old) || len(sockets()) != 4 {
		t.Error("a socket outlives its time")
	}
	// It has no questions any more, so that it is closed.
	for {
		m.mu.Lock()
		n := len(m.pools[ipv4].leaving)
		m.mu.Unlock()
		if n == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
}

// TestIPv6 asks over ::1, and a closed port there.
func TestIPv6(t *testing.T) {
	conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUDPAddrPort(answered(buf[:n]), from)
		}
	})
	bothPaths(t, func(t *testing.T, o Options) {
		m := newMux(t, o)
		m.setFloor(patience)
		// The second question is asked from an answer: the way of batches.
		q, got := newQuestion(at)
		answer, first := q.Answer, true
		q.Answer = func(q *Question, a Answer) {
			if first {
				first = false
				m.Ask(q)
				return
			}
			answer(q, a)
		}
		m.Ask(q)
		if a := <-got; a.Err != nil || a.Sent != 1 {
			t.Errorf("%+v, want an answer", a)
		}
	})
	conn.Close()
	wg.Wait()
	if reportsErrors {
		if got := ask(t, newMux(t, Options{Timeout: patience}), at); !errors.Is(got.Err, ErrRefused) {
			t.Errorf("%+v from a closed port, want %v", got, ErrRefused)
		}
	}
}

// TestMapped asks an IPv4 server by its address in IPv6 form.
func TestMapped(t *testing.T) {
	f := newFake(t, right, nil)
	m := newMux(t, Options{Timeout: patience})
	at := netip.AddrPortFrom(netip.AddrFrom16(f.at.Addr().As16()), f.at.Port())
	if got := ask(t, m, at); got.Err != nil {
		t.Error(got.Err)
	}
}

// TestFirst has many ask at once before there is a socket: they share the one
// that the first of them opens.
func TestFirst(t *testing.T) {
	f := newFake(t, right, nil)
	m := newMux(t, Options{Timeout: patience})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if got := ask(t, m, f.at); got.Err != nil {
				t.Error(got.Err)
			}
		})
	}
	wg.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.pools[ipv4].open); n != 1 {
		t.Errorf("%d sockets, want 1", n)
	}
}

// TestAsleep asks when the clock has gone to sleep.
func TestAsleep(t *testing.T) {
	t.Parallel()
	f, live := newFake(t, silent, nil), newFake(t, right, nil)
	m := newMux(t, Options{Timeout: 30 * time.Millisecond})
	for range 2 {
		for asleep := false; !asleep; time.Sleep(time.Millisecond) {
			m.mu.Lock()
			asleep = m.asleep
			m.mu.Unlock()
		}
		if got := ask(t, m, f.at); !errors.Is(got.Err, ErrTimeout) {
			t.Errorf("%+v, want %v", got, ErrTimeout)
		}
	}
	before := m.now()
	if got := ask(t, m, live.at); got.Err == nil && got.RTT > time.Duration(m.now()-before) {
		t.Errorf("a round trip of %v, longer than it took", got.RTT)
	}
}

// TestManyOverTCP bounds the connections.
func TestManyOverTCP(t *testing.T) {
	f := newFake(t, func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} }, right)
	m := newMux(t, Options{Timeout: patience, Budget: Budget{Start: -1}})
	var all []chan Answer
	for range 300 {
		q, got := newQuestion(f.at)
		m.Ask(q)
		all = append(all, got)
	}
	for i, got := range all {
		a := <-got
		if a.Err != nil || a.How != OverTCP|RateLimited {
			t.Errorf("question %d: %+v, want an answer over TCP", i, a)
		}
		m.mu.Lock()
		if m.tcp.workers > connections || len(m.tcp.jobs) > connections {
			t.Errorf("%d connections, want %d at most", len(m.tcp.jobs), connections)
		}
		m.mu.Unlock()
	}
}
