package mux

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

const (
	connections = 64  // over TCP at once
	toOneServer = 8   // of them
	smallAnswer = 512 // octets that every server can send over UDP (RFC 1035 section 4.2.1)
)

// tcp is the questions that UDP could not answer.
type tcp struct {
	next    []*server          // in turn: those with questions lined up, and room for a connection
	jobs    map[*Question]*job // those that a goroutine asks
	workers int
}

// job is one connection.
type job struct{ cancel context.CancelFunc }

// connect lines q up for TCP. It is called with the lock held and lets go of
// it.
func (m *Mux) connect(q *Question) {
	m.unlink(q)
	m.release(q)
	q.state, q.first = lined, m.now()
	q.server.lined.push(q)
	m.takeTurn(q.server)
	if !m.closed && m.tcp.workers < connections {
		m.tcp.workers++
		m.wg.Go(m.work)
	}
	m.mu.Unlock()
}

// takeTurn has a server be the last of those that are next over TCP, if it has
// anything to be asked there. Call it with the lock held.
func (m *Mux) takeTurn(sv *server) {
	if !sv.turn && sv.lined.n > 0 && sv.connected < toOneServer {
		sv.turn = true
		m.tcp.next = append(m.tcp.next, sv)
	}
}

// nextOverTCP is the question to ask next, nil where there is none. The servers
// take turns, so that none that is silent keeps others from being asked. Call
// it with the lock held.
func (m *Mux) nextOverTCP() *Question {
	for len(m.tcp.next) > 0 {
		sv := m.tcp.next[0]
		m.tcp.next[0] = nil
		m.tcp.next = m.tcp.next[1:]
		sv.turn = false
		if q := sv.lined.pop(); q != nil {
			sv.connected++
			m.takeTurn(sv)
			return q
		}
	}
	return nil
}

// work asks over TCP until there is nothing to ask.
func (m *Mux) work() {
	for {
		m.mu.Lock()
		q := m.nextOverTCP()
		if q == nil {
			m.tcp.workers--
			m.mu.Unlock()
			return
		}
		q.state = connected
		ctx, cancel := context.WithTimeout(context.Background(), m.timeout)
		j := &job{cancel}
		m.tcp.jobs[q] = j
		sv, to, now := q.server, q.server.addr, m.now()
		sv.refs++ // until the connection ends
		m.spend(sv, now)
		q.id, q.salt = uint16(rand.Uint32()), rand.Uint32() //nolint:gosec // ChaCha8 with a seed of the system's
		q.plain = q.plain || q.how&WithoutEDNS != 0
		packet, typ := q.pack(make([]byte, 2, 2+maxQuery)), q.Type
		name := packet[2+header:][:len(q.Name)]
		m.mu.Unlock()

		began := time.Now()
		msg, err := exchange(ctx, to, packet, name, typ)
		cancel()
		m.mu.Lock()
		sv.connected--
		sv.refs--
		m.takeTurn(sv)
		if m.tcp.jobs[q] != j { // it was canceled
			m.mu.Unlock()
			continue
		}
		if err == nil {
			sv.heardTCP = m.now()
		}
		m.settle(q, msg, err, time.Since(began), 1)
		if errors.Is(err, ErrTimeout) {
			m.hangUp(sv, now)
		}
	}
}

// hangUp ends what is lined up for a server since before it was asked over TCP
// in vain, if it has answered nobody there since: it was as silent to them.
func (m *Mux) hangUp(sv *server, asked int64) {
	for {
		m.mu.Lock()
		q := sv.lined.waitedSince(asked, sv.heardTCP)
		if q == nil {
			m.mu.Unlock()
			return
		}
		m.settle(q, nil, ErrSilent, 0, 0)
	}
}

// settle answers q with what came over TCP. It lets go of the lock.
func (m *Mux) settle(q *Question, msg wire.Message, err error, rtt time.Duration, sent int) {
	sv, now := q.server, m.now()
	a := Answer{Msg: msg, How: OverTCP}
	switch {
	case err != nil:
		a = FailedOverTCP(err, q.how&truncated != 0)
	case msg.Truncated():
		a = Answer{Err: ErrTooLong, How: NoTCP}
	default:
		sv.bore(now, m.budget, msg.HeaderRcode() == wire.Refused)
		if q.how&truncated != 0 && len(msg) <= smallAnswer {
			a.How |= RateLimited
			sv.budget.cut(now)
		}
	}
	a.Sent, a.RTT = sent, rtt
	m.end(q, a)
}

// FailedOverTCP is the Answer where TCP failed with err, after an answer over
// UDP that was truncated, or had another case than the question. It is NoTCP
// where the server failed, and not where this machine did, as without
// descriptors. Its error wraps err: no server that answered over UDP is silent.
func FailedOverTCP(err error, truncated bool) Answer {
	a := Answer{Err: fmt.Errorf("in another case than the question over UDP, and over TCP: %w", err)}
	if truncated {
		a.Err = fmt.Errorf("truncated over UDP, and over TCP: %w", err)
	}
	for _, its := range []error{ErrTimeout, ErrSilent, ErrRefused, ErrBroken, ErrMangled} {
		if errors.Is(err, its) {
			a.How = NoTCP
		}
	}
	return a
}

// exchange asks over one connection, until ctx ends. packet begins with room
// for the length that TCP puts before it.
func exchange(ctx context.Context, to netip.AddrPort, packet, name []byte, typ uint16) (wire.Message, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, Trouble(err)
	}
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_ = conn.SetDeadline(time.Unix(1, 0))
	})
	defer func() {
		if !stop() {
			<-woken
		}
		_ = conn.Close()
	}()
	binary.BigEndian.PutUint16(packet, uint16(len(packet)-2))
	if _, err := conn.Write(packet); err != nil {
		return nil, Trouble(err)
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, Trouble(err)
	}
	msg := make(wire.Message, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, msg); err != nil {
		return nil, Trouble(err)
	}
	// Whoever answers here has our connection: the case of the letters proves
	// nothing more.
	switch kind := wire.Match(msg, binary.BigEndian.Uint16(packet[2:]), name, typ); kind {
	case wire.Same, wire.OtherCase:
		if msg.Check() != nil {
			return nil, ErrMangled
		}
		return msg, nil
	case wire.NoQuestion:
		return msg, nil
	default:
		return nil, ErrMangled
	}
}

// Trouble is err of the network in words that name no socket, so that the same
// failure reads the same each time.
func Trouble(err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return ErrRefused
	case unreachable(err):
		return ErrNoRoute
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, syscall.ETIMEDOUT):
		return ErrTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ErrBroken
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}
