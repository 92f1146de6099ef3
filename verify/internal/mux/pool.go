package mux

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"
)

const (
	socketLoad  = 128                    // questions on each socket at which the next one is opened
	socketLife  = int64(2 * time.Minute) // after which a socket makes room for one on another port; up to half as long again
	socketAgain = int64(time.Second)     // after a socket could not be opened
	readBuffer  = 1 << 20                // octets that the system is asked to keep for us; it may give less
)

// family is of addresses.
type family uint8

const (
	ipv4 family = iota
	ipv6
	families
)

func familyOf(q *Question) family {
	if a := q.Server.Addr(); a.Is4() || a.Is4In6() {
		return ipv4
	}
	return ipv6
}

// pool is the sockets of a family.
type pool struct {
	open    []*socket
	leaving []*socket // that get no new questions
	load    int       // questions on all of open
	opening bool
	stalled []*server // whose questions wait for the first socket
	err     error     // of the last one that could not be opened
	again   int64     // when opening one more may be tried
}

// full reports whether a question has to wait for a socket, or for an id.
func (p *pool) full() bool {
	if len(p.open) == 0 {
		return p.opening
	}
	return p.load >= socketFull*len(p.open)
}

// open sees to it that the family has a socket, and opens one more where there
// is much to do or where one has served its time. It is called with the lock
// held, and lets go of it meanwhile.
func (m *Mux) open(f family) error {
	p := &m.pools[f]
	if m.closed {
		return nil
	}
	n := len(p.open)
	if n == 0 && p.opening {
		return nil
	}
	if n > 0 {
		more := p.load > socketLoad*n && n < m.sockets
		if !more && p.load&63 != 0 { // the clock need not be read for each question
			return nil
		}
		now := m.now()
		if p.opening || now < p.again || !more && now < p.open[0].until {
			return nil
		}
	}
	p.opening = true
	m.mu.Unlock()
	conn, err := listen(f)
	m.mu.Lock()
	p.opening = false
	defer m.serveStalled(p)
	switch {
	case m.closed:
		if err == nil {
			m.mu.Unlock()
			_ = conn.Close()
			m.mu.Lock()
		}
		return nil
	case err != nil:
		p.again, p.err = m.now()+socketAgain, Trouble(fmt.Errorf("open a UDP socket: %w", err))
		if len(p.open) > 0 {
			return nil
		}
		return p.err
	}
	now := m.now()
	if len(p.open) > 0 && (now >= p.open[0].until || len(p.open) >= m.sockets) {
		m.leave(p.open[0])
	}
	s := &socket{mux: m, family: f, conn: conn, table: make([]*Question, firstSlots), until: now + socketLife + rand.Int64N(socketLife/2)} //nolint:gosec // when a port is left is no secret
	if m.batch {
		s.train = newTrain(conn)
	}
	p.open = append(p.open, s)
	m.wg.Go(s.listen)
	return nil
}

// serveStalled sends what came while the first socket was being opened. The
// lock is held, but not meanwhile.
func (m *Mux) serveStalled(p *pool) {
	stalled := p.stalled
	p.stalled = nil
	if len(stalled) == 0 {
		return
	}
	m.mu.Unlock()
	for _, sv := range stalled {
		m.serve(sv)
	}
	m.mu.Lock()
}

// leave takes the oldest socket of its family out of use; it is closed when it
// has its last answer.
func (m *Mux) leave(s *socket) {
	p := &m.pools[s.family]
	p.open = p.open[1:]
	p.load -= s.load
	s.gone = true
	p.leaving = append(p.leaving, s)
	if s.load == 0 {
		m.drained = append(m.drained, s)
		m.rouse()
	}
}

// listen opens a socket on a port that the system chooses at random.
func listen(f family) (*net.UDPConn, error) {
	network := [...]string{ipv4: "udp4", ipv6: "udp6"}[f]
	config := net.ListenConfig{Control: reportErrors}
	conn, err := config.ListenPacket(context.Background(), network, ":0")
	if err != nil {
		return nil, err
	}
	udp, ok := conn.(*net.UDPConn)
	if !ok {
		_ = conn.Close()
		return nil, errors.New("not a UDP socket")
	}
	_ = udp.SetReadBuffer(readBuffer)
	return udp, nil
}

// left forgets a socket that is closed, or broken.
func (m *Mux) left(s *socket) {
	_ = s.conn.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.pools[s.family]
	if !s.gone {
		s.gone = true
		p.load -= s.load
		p.open = slices.DeleteFunc(p.open, func(t *socket) bool { return t == s })
	}
	p.leaving = slices.DeleteFunc(p.leaving, func(t *socket) bool { return t == s })
}
