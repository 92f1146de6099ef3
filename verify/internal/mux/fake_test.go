package mux

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patience is a timeout that a slow machine does not reach.
const patience = time.Minute

// reportsErrors: a closed port is known at once.
const reportsErrors = runtime.GOOS == "linux"

// fake is a server that does what a test wants.
type fake struct {
	at    netip.AddrPort
	conn  *net.UDPConn
	asked atomic.Int64 // over UDP
}

// over says what a fake does with the nth question: what it sends back, in
// order. A nil function is a closed port.
type over func(f *fake, nth int, query []byte) [][]byte

func newFake(t *testing.T, udp, tcp over) *fake {
	t.Helper()
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	var conn *net.UDPConn
	var listener net.Listener
	for { // the same port must be free for both
		var err error
		if conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			t.Fatal(err)
		}
		if listener, err = net.Listen("tcp4", conn.LocalAddr().String()); err == nil {
			break
		}
		conn.Close()
	}
	f := &fake{at: conn.LocalAddr().(*net.UDPAddr).AddrPort(), conn: conn}
	t.Cleanup(func() { conn.Close() })
	if tcp == nil {
		listener.Close()
	} else {
		t.Cleanup(func() { listener.Close() })
		wg.Go(func() { f.serveTCP(listener, tcp) })
	}
	if udp == nil {
		conn.Close()
		return f
	}
	wg.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			for _, msg := range udp(f, int(f.asked.Add(1)), append([]byte(nil), buf[:n]...)) {
				if msg != nil {
					_, _ = conn.WriteToUDPAddrPort(msg, from)
					continue
				}
				// nil: the true answer, from elsewhere
				other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
				if err == nil {
					_, _ = other.WriteToUDPAddrPort(answered(buf[:n]), from)
					other.Close()
				}
			}
		}
	})
	return f
}

func (f *fake) serveTCP(l net.Listener, tcp over) {
	for nth := 1; ; nth++ {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err == nil {
			query := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(conn, query); err == nil {
				for _, msg := range tcp(f, nth, query) {
					_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...))
				}
			}
		}
		conn.Close()
	}
}

// answered is the right answer to a query.
func answered(query []byte) []byte { return reply(append([]byte(nil), query...)) }

// changed is the right answer, but for what change does to it.
func changed(query []byte, change func(msg []byte)) []byte {
	msg := answered(query)
	change(msg)
	return msg
}

// failing is an answer that repeats the question and has no record.
func failing(query []byte, rcode byte) []byte {
	msg := answered(query)
	msg = msg[:questionEnd(msg)]
	msg[3], msg[7] = rcode, 0
	return msg
}

func questionEnd(msg []byte) int {
	end := 12
	for msg[end] != 0 {
		end += 1 + int(msg[end])
	}
	return end + 5
}

// withEDNS reports whether a query has an OPT record.
func withEDNS(query []byte) bool { return query[11] == 1 }

func right(_ *fake, _ int, query []byte) [][]byte { return [][]byte{answered(query)} }

// flipped changes the case of the first letter of the question.
func flipped(msg []byte) { msg[13] ^= 0x20 }

// small is a truncated answer.
func small(query []byte) []byte {
	msg := failing(query, 0)
	msg[2] |= 2
	return msg
}

// large is a right answer of n records.
func large(query []byte, n int) []byte {
	msg := answered(query)
	record := append([]byte(nil), msg[questionEnd(msg):]...)
	for range n - 1 {
		msg = append(msg, record...)
	}
	binary.BigEndian.PutUint16(msg[6:], uint16(n))
	return msg
}

// newQuestion is a question whose answers go to the channel.
func newQuestion(at netip.AddrPort) (*Question, chan Answer) {
	got := make(chan Answer, 2)
	return &Question{Server: at, Name: nameOf(0), Type: 16, Answer: func(_ *Question, a Answer) {
		a.Msg = append([]byte(nil), a.Msg...)
		got <- a
	}}, got
}

// ask waits for the answer.
func ask(t *testing.T, m *Mux, at netip.AddrPort) Answer {
	t.Helper()
	q, got := newQuestion(at)
	m.Ask(q)
	return <-got
}

// bothPaths runs a test with and without batches.
func bothPaths(t *testing.T, test func(t *testing.T, o Options)) {
	t.Helper()
	t.Run("portable", func(t *testing.T) { test(t, Options{Timeout: patience}) })
	t.Run("batch", func(t *testing.T) { test(t, Options{Timeout: patience, Batch: true}) })
}

// newMux makes a Mux for the time of the test.
func newMux(t *testing.T, o Options) *Mux {
	t.Helper()
	m := New(o)
	t.Cleanup(m.Close)
	return m
}

// setFloor sets when a packet may be sent again: after half of the patience, a
// slow machine changes no counts.
func (m *Mux) setFloor(floor time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.floor = floor
}
