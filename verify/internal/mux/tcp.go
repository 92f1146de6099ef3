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
	line    list
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
	m.tcp.line.push(q)
	if !m.closed && m.tcp.workers < connections {
		m.tcp.workers++
		m.wg.Go(m.work)
	}
	m.mu.Unlock()
}

// work asks over TCP until there is nothing to ask.
func (m *Mux) work() {
	for {
		m.mu.Lock()
		q := m.tcp.line.head
		for q != nil && q.server.connected >= toOneServer {
			q = q.next
		}
		if q == nil {
			m.tcp.workers--
			m.mu.Unlock()
			return
		}
		m.unlink(q)
		q.state = connected
		ctx, cancel := context.WithTimeout(context.Background(), m.timeout)
		j := &job{cancel}
		m.tcp.jobs[q] = j
		sv, to, lined := q.server, q.server.addr, m.now()
		sv.connected++
		sv.refs++ // until the connection ends
		m.spend(q.server, m.now())
		q.id, q.salt = uint16(rand.Uint32()), rand.Uint32() //nolint:gosec // ChaCha8 with a seed of the system's
		q.plain = q.plain || q.how&WithoutEDNS != 0
		packet, typ := q.pack(make([]byte, 2, 2+maxQuery)), q.Type
		name := packet[2+12:][:len(q.Name)]
		m.mu.Unlock()

		began := time.Now()
		msg, err := exchange(ctx, to, packet, name, typ)
		cancel()
		m.mu.Lock()
		sv.connected--
		sv.refs--
		if m.tcp.jobs[q] != j { // it was canceled
			m.mu.Unlock()
			continue
		}
		silent := errors.Is(err, ErrTimeout)
		if !silent && err == nil {
			sv.heardTCP = m.now()
		}
		m.settle(q, msg, err, time.Since(began), 1)
		if silent {
			m.hangUp(sv, lined, err)
		}
	}
}

// hangUp ends what is lined up for a server since before it was silent over
// TCP, if it has answered nobody there since.
func (m *Mux) hangUp(sv *server, asked int64, err error) {
	for {
		m.mu.Lock()
		q := m.tcp.line.head
		for q != nil && (q.server != sv || q.first > asked || q.first <= sv.heardTCP) {
			q = q.next
		}
		if q == nil {
			m.mu.Unlock()
			return
		}
		m.settle(q, nil, err, 0, 0)
	}
}

// settle answers q with what came over TCP. It lets go of the lock.
func (m *Mux) settle(q *Question, msg wire.Message, err error, rtt time.Duration, sent int) {
	sv, now := q.server, m.now()
	a := Answer{Sent: sent, RTT: rtt, How: OverTCP}
	reason := "truncated over UDP"
	if q.how&truncated == 0 {
		reason = "in another case than the question over UDP"
	}
	switch {
	case err != nil:
		a.How, a.Err = 0, fmt.Errorf("%s, and over TCP: %w", reason, err)
		for _, its := range []error{ErrTimeout, ErrRefused, ErrBroken, ErrMangled} {
			if errors.Is(err, its) { // others are troubles of this machine
				a.How = NoTCP
			}
		}
	case msg.Truncated():
		a.How, a.Err = NoTCP, ErrTooLong
	default:
		a.Msg = msg
		sv.bore(now, m.budget, msg.HeaderRcode() == wire.Refused)
		if q.how&truncated != 0 && len(msg) <= smallAnswer {
			a.How |= RateLimited
			sv.budget.cut(now)
		}
	}
	m.end(q, a)
}

// exchange asks over one connection, until ctx ends. packet begins with room
// for the length that TCP puts before it.
func exchange(ctx context.Context, to netip.AddrPort, packet, name []byte, typ uint16) (wire.Message, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, trouble(err)
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
		return nil, trouble(err)
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, trouble(err)
	}
	msg := make(wire.Message, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, msg); err != nil {
		return nil, trouble(err)
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

// trouble is err in words that name no socket, so that the same failure reads
// the same each time.
func trouble(err error) error {
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
