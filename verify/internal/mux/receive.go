package mux

import (
	"net/netip"
	"time"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// accept does with one datagram what it deserves. scratch is room for a name.
func (s *socket) accept(packet []byte, from netip.AddrPort, scratch []byte) {
	m, msg := s.mux, wire.Message(packet)
	m.mu.Lock()
	var q *Question
	if len(msg) >= 2 {
		q = s.at(msg.ID())
	}
	switch {
	case q == nil:
		s.stray(msg, from)
	case q.server.addr != from:
		q.forged()
	default:
		s.answer(q, msg, scratch)
		return
	}
	m.mu.Unlock()
}

// forged counts a message with q's id that is no answer to q, where nobody was
// asked by that id before.
func (q *Question) forged() {
	if !q.again {
		q.server.spoofed++
	}
}

// stray counts what comes with an id that nobody waits for. What comes late,
// or twice, is not held against its server.
func (s *socket) stray(msg wire.Message, from netip.AddrPort) {
	sv := s.mux.servers[from]
	switch {
	case sv == nil:
	case len(msg) < header || len(msg) > longest:
		sv.garbage++
	case !s.used(msg.ID()):
		sv.spoofed++
	}
}

// answer takes a message from q's server with q's id. It lets go of the lock.
func (s *socket) answer(q *Question, msg wire.Message, scratch []byte) {
	m, sv := s.mux, q.server
	kind := wire.Garbage
	if len(msg) <= longest {
		name := append(scratch, q.Name...)
		wire.Scramble(name, spread(q.salt))
		kind = wire.Match(msg, q.id, name, q.Type)
	}
	if kind == wire.Same && !msg.Truncated() && msg.Check() != nil {
		kind = wire.Garbage
	}
	now := m.now()
	switch kind {
	case wire.Garbage:
		sv.garbage++
		m.mu.Unlock()
		return
	case wire.OtherCase:
		q.how |= CaseMangled
		m.connect(q)
		return
	case wire.Same, wire.NoQuestion:
	default:
		q.forged()
		m.mu.Unlock()
		return
	}
	rtt := now - q.first
	sv.took(rtt, now)
	switch {
	case refusesEDNS(msg):
		// After several packets it may be about one with EDNS.
		if !q.plain || q.sent > 1 && q.how&WithoutEDNS == 0 {
			m.withoutEDNS(q, now)
			return
		}
		q.how &^= WithoutEDNS // it is not EDNS that it cannot read
	case q.how&WithoutEDNS != 0:
		sv.without(ednsBroken, now)
	case !q.plain:
		sv.edns = ednsSpoken
	case q.sent > 1 && sv.edns == ednsUnknown:
		if _, ok := msg.OPT(); ok { // a late answer to an earlier packet
			sv.edns = ednsSpoken
		} else {
			sv.without(ednsDropped, now)
		}
	}
	if msg.Truncated() {
		q.how |= truncated
		m.connect(q)
		return
	}
	sv.bore(now, m.budget, msg.HeaderRcode() == wire.Refused)
	m.end(q, Answer{Msg: msg, RTT: time.Duration(rtt)})
}

// refusesEDNS reports whether the server could not read a question because of
// its EDNS (RFC 6891 section 7; NOTIMP is what some send instead). BADVERS is
// the one that needs the whole rcode; it comes without records.
func refusesEDNS(msg wire.Message) bool {
	switch msg.HeaderRcode() {
	case wire.FormErr, wire.NotImp:
		return true
	case wire.NoError:
		_, answers, _, additional := msg.Counts()
		return answers == 0 && additional > 0 && msg.Rcode() == wire.BadVers
	default:
		return false
	}
}

// withoutEDNS asks q once more, without EDNS and by another id: a second
// refusal of the first question may be on its way. The server is not silent, so
// it has all of the time again. It lets go of the lock.
func (m *Mux) withoutEDNS(q *Question, now int64) {
	m.unlink(q)
	m.release(q)
	q.state, q.first = idle, now
	q.how |= WithoutEDNS
	m.post(q, now)
}
