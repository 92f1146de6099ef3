package mux

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
)

const (
	ids        = 1 << 16
	firstSlots = 64
	socketFull = ids/2 - 1 // questions on one socket, so that a free id is found soon
)

// socket is one UDP port of ours and the questions on it, by their ids.
type socket struct {
	mux    *Mux
	family family
	conn   *net.UDPConn
	train  train            // of many messages at once; nil where they go one by one
	table  []*Question      // by id; a power of two, half full at most
	ids    [ids / 64]uint64 // a bit for each id that was used
	load   int
	until  int64 // when it makes room for another
	gone   bool  // from its pool's open ones
}

// at is the question of that id, nil where there is none.
func (s *socket) at(id uint16) *Question {
	if q := *s.slot(id); q != nil && q.id == id {
		return q
	}
	return nil
}

// slot is where the question of that id is. Ids are ours to choose, so that a
// question takes one whose slot is free, and none has to be looked for.
func (s *socket) slot(id uint16) **Question { return &s.table[int(id)&(len(s.table)-1)] }

// grow keeps half of the slots free.
func (s *socket) grow() {
	if 2*s.load < len(s.table) {
		return
	}
	old := s.table
	s.table = make([]*Question, max(firstSlots, 2*len(old)))
	for _, q := range old {
		if q != nil {
			*s.slot(q.id) = q
		}
	}
}

// used reports whether the socket has had a question of that id: what comes
// with it comes late, or twice, and is nobody's forgery.
func (s *socket) used(id uint16) bool { return s.ids[id/64]&(1<<(id%64)) != 0 }

// register gives q a socket and a free id of it, both at random, and a case
// for its letters. It reports whether there was one.
func (m *Mux) register(q *Question) bool {
	p := &m.pools[familyOf(q)]
	if len(p.open) == 0 || p.full() {
		return false
	}
	r := rand.Uint64() //nolint:gosec // ChaCha8 with a seed of the system's: nobody guesses the next from those before
	s := p.open[uint(r>>48)%uint(len(p.open))]
	for s.load >= socketFull {
		s = p.open[rand.IntN(len(p.open))] //nolint:gosec // the same generator
	}
	s.grow()
	q.id, q.salt = uint16(r), uint32(r>>16)
	for *s.slot(q.id) != nil {
		q.id = uint16(rand.Uint32()) //nolint:gosec // the same generator
	}
	*s.slot(q.id) = q
	q.again = s.used(q.id)
	s.ids[q.id/64] |= 1 << (q.id % 64)
	q.socket = s
	s.load++
	p.load++
	return true
}

// release takes q off its socket.
func (m *Mux) release(q *Question) {
	s := q.socket
	if s == nil {
		return
	}
	*s.slot(q.id) = nil
	q.socket = nil
	s.load--
	if !s.gone {
		m.pools[s.family].load--
	} else if s.load == 0 {
		m.drained = append(m.drained, s)
		m.rouse()
	}
}

// listen reads until the socket is closed.
func (s *socket) listen() {
	defer s.mux.left(s)
	const mostFailures = 64 // in a row, of which the system gives no account
	var scratch [maxName]byte
	one := make([]byte, longest+1)
	for failures := 0; failures < mostFailures; {
		var err error
		if s.train != nil {
			err = s.train.receive(s)
		} else {
			var n int
			var from netip.AddrPort
			if n, from, err = s.conn.ReadFromUDPAddrPort(one); err == nil {
				s.accept(one[:n], from, scratch[:0])
			}
		}
		switch {
		case err == nil:
			failures = 0
		case errors.Is(err, net.ErrClosed):
			return
		case s.collect() == 0:
			failures++
		}
	}
}
