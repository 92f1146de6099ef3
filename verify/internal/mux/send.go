package mux

import (
	"cmp"
	"errors"
	"net/netip"
	"syscall"
	"time"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

const (
	longest  = 1232                      // octets of an answer over UDP that survive every path (DNS flag day 2020), and the most that is taken
	header   = 12                        // octets, RFC 1035 section 4.1.1
	maxName  = 255                       // octets, RFC 1035 section 3.1
	maxQuery = header + maxName + 4 + 11 // with the question's type and class, and OPT
	tries    = 3                         // of one question over UDP, at most
	// What is left of the time after a packet is too little for one more.
	tooLate = int64(50 * time.Millisecond)
)

// post sends q, for the first time or again. It is called with the lock held
// and lets go of it.
func (m *Mux) post(q *Question, now int64) {
	m.unlink(q)
	q.state = idle
	sv := q.server
	if q.socket == nil {
		if !m.register(q) {
			m.fail(q, cmp.Or(m.pools[familyOf(q)].err, ErrNoRoute))
			m.mu.Unlock()
			return
		}
	}
	if q.sent == 0 {
		q.first = now
	}
	m.spend(sv, now)
	again, deadline := now+sv.retryAfter(m.floor, m.timeout), q.first+int64(m.timeout)
	last := int(q.sent) >= tries-1 || again+tooLate > deadline
	if last {
		again = deadline
	}
	// A server that is silent may be silent to EDNS only.
	q.plain = sv.plain(now) || q.how&WithoutEDNS != 0 || last && q.sent > 0 && sv.edns == ednsUnknown
	q.sent++
	q.state = asked
	m.wheel.add(q, again)
	if m.asleep {
		m.rouse()
	}

	s, id, salt, to := q.socket, q.id, q.salt, sv.addr
	if s.hold(q) {
		m.mu.Unlock()
		return
	}
	var buf [maxQuery]byte
	packet := q.pack(buf[:0])
	m.mu.Unlock()
	if err := s.send(packet, to); err != nil {
		m.unsent(s, id, salt, err)
	}
}

// pack appends q as it is asked.
func (q *Question) pack(dst []byte) []byte {
	at := len(dst) + header
	query := wire.Query{ID: q.id, Name: q.Name, Type: q.Type, Recurse: q.Recurse, Unchecked: q.Unchecked, DNSSEC: q.DNSSEC}
	if !q.plain {
		query.EDNS = longest
	}
	dst = wire.AppendQuery(dst, query)
	wire.Scramble(dst[at:at+len(q.Name)], spread(q.salt))
	return dst
}

// spread makes 64 bits of 32, each of which follows from many (the finalizer
// of SplitMix64 has such constants).
func spread(salt uint32) uint64 {
	x := uint64(salt) * 0x9e3779b97f4a7c15
	return x ^ x>>32
}

// send writes one datagram.
func (s *socket) send(packet []byte, to netip.AddrPort) error {
	for t := (trials{}); ; s.collect() {
		_, err := s.conn.WriteToUDPAddrPort(packet, to)
		if err == nil || !t.again(err) {
			return err
		}
	}
}

// trials counts how often one datagram was written in vain. Linux tells the
// trouble of an earlier one to whoever writes next, so that what fails is
// written again.
type trials struct{ refused, unreachable int }

// again reports whether err may be about another datagram. That a port is
// closed always is, and while others write it may be told many times.
func (t *trials) again(err error) bool {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		t.refused++
	case unreachable(err):
		t.unreachable++
	default:
		return false
	}
	return t.refused <= 1000 && t.unreachable <= 2
}

// unsent notes that a packet did not leave. What the system may have room for
// in a moment counts as lost, and is sent again when its time comes.
func (m *Mux) unsent(s *socket, id uint16, salt uint32, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := s.at(id)
	if q == nil || q.salt != salt || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ECONNREFUSED) {
		return
	}
	m.fail(q, Trouble(err))
}

// fail leaves it to the clock to answer q with err: an Answer that is called
// from within Ask, and asks, would call itself without end. Call it with the
// lock held.
func (m *Mux) fail(q *Question, err error) {
	m.unlink(q)
	m.release(q)
	q.state = failed
	m.failures[q] = err
	m.rouse()
}

// failAll answers what has failed.
func (m *Mux) failAll() {
	for {
		m.mu.Lock()
		var q *Question
		var err error
		for q, err = range m.failures {
			break
		}
		if q == nil {
			m.mu.Unlock()
			return
		}
		m.end(q, Answer{Err: err})
	}
}

// serve sends from the queue of a server what its budget allows.
func (m *Mux) serve(sv *server) {
	for {
		m.mu.Lock()
		q := sv.queue.head
		if q == nil {
			m.mu.Unlock()
			return
		}
		now := m.now()
		wait := m.delay(sv, now)
		if wait > 0 || m.pools[familyOf(q)].full() {
			m.wheel.wakeServer(sv, now+wait)
			m.mu.Unlock()
			return
		}
		m.post(q, now)
	}
}

// unreachable reports whether there is no way to where a packet should go.
func unreachable(err error) bool {
	for _, e := range []syscall.Errno{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, syscall.ENETDOWN, syscall.EHOSTDOWN,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
