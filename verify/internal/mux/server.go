package mux

import (
	"net/netip"
	"time"
)

const (
	retryFloor  = 300 * time.Millisecond
	forgetAfter = int64(5 * time.Minute) // that a server has no EDNS, or where it was
	fewServers  = 1024                   // that are kept however idle
	manyServers = 65536                  // above that, whatever nobody waits for is forgotten
)

// edns is what is known of a server's EDNS (RFC 6891).
type edns uint8

const (
	ednsUnknown edns = iota
	ednsSpoken       // it has answered a question with EDNS
	ednsBroken       // it takes such a question for broken
	ednsDropped      // it was silent to such questions, and answered one without
)

// server is what is remembered of one address and port.
type server struct {
	addr  netip.AddrPort
	group *group // nil: none

	queue  list // of those over budget
	waking bool // it is in the wheel
	budget pace

	refs       int   // questions that point here
	used       int64 // when it was last asked
	heard      int64 // when it last answered, over UDP
	lined      list  // up for TCP
	turn       bool  // it is in the list of those that are next over TCP
	connected  int   // connections to it
	heardTCP   int64 // when it last answered over one
	rtt        int64 // smoothed, in nanoseconds; 0: not known
	edns       edns
	plainUntil int64 // when ednsBroken and ednsDropped are forgotten
	spoofed    uint16
	garbage    uint16
}

// group is servers with a common budget.
type group struct {
	bucket bucket
	used   int64
}

// serverOf is the server that q asks, as it was left.
func (m *Mux) serverOf(q *Question, now int64) *server {
	addr := q.Server
	if addr.Addr().Is4In6() {
		addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	}
	sv := m.servers[addr]
	if sv == nil {
		m.forget(now)
		sv = &server{addr: addr, budget: pace{rate: m.budget.Start}}
		m.servers[addr] = sv
	}
	sv.used = now
	if sv.group = nil; q.Group != "" && m.budget.Provider > 0 {
		if sv.group = m.groups[q.Group]; sv.group == nil {
			sv.group = &group{}
			m.groups[q.Group] = sv.group
		}
		sv.group.used = now
	}
	return sv
}

// forget bounds the tables of servers and groups: now and then it drops those
// that nobody has asked for minutes.
func (m *Mux) forget(now int64) {
	if len(m.servers) < m.crowd {
		return
	}
	for _, idle := range []int64{forgetAfter, 0} {
		for addr, sv := range m.servers {
			if sv.refs == 0 && !sv.waking && now-sv.used >= idle {
				delete(m.servers, addr)
			}
		}
		if len(m.servers) < manyServers {
			break
		}
	}
	m.crowd = max(fewServers, 2*len(m.servers))
	for name, g := range m.groups {
		if now-g.used >= forgetAfter {
			delete(m.groups, name)
		}
	}
}

// retryAfter is how long a packet has before the next: three times what the
// server takes.
func (sv *server) retryAfter(floor, timeout time.Duration) int64 {
	return min(max(3*sv.rtt, int64(floor)), int64(timeout)/2)
}

// took notes a round trip. After a lost packet it is too long, which only makes
// us more patient; leaving it out would never learn of a server that is slower
// than the first retry.
func (sv *server) took(rtt, now int64) {
	sv.heard = now
	const weight = 8 // of what was, as in RFC 6298 section 2
	if sv.rtt == 0 {
		sv.rtt = rtt
	}
	sv.rtt += (rtt - sv.rtt) / weight
}

// plain reports whether the server is to be asked without EDNS.
func (sv *server) plain(now int64) bool {
	if sv.edns < ednsBroken {
		return false
	}
	if now >= sv.plainUntil {
		sv.edns = ednsUnknown
		return false
	}
	return true
}

func (sv *server) without(e edns, now int64) { sv.edns, sv.plainUntil = e, now+forgetAfter }

// how is what every answer of the server has in common.
func (sv *server) how() How {
	switch sv.edns {
	case ednsBroken:
		return WithoutEDNS
	case ednsDropped:
		return EDNSDropped
	default:
		return 0
	}
}
