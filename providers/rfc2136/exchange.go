package rfc2136

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
)

// conn is one connection that carries one question.
type conn struct {
	s    *session
	tcp  net.Conn
	dns  *dns.Conn
	stop func() bool
	v    verifier
	id   uint16
	sent bool // some of the question has left this machine
}

// ask signs the question, connects, and sends it. What cannot be sent fails
// before the server is spoken to.
func (s *session) ask(ctx context.Context, m *dns.Msg) (*conn, error) {
	wire, mac, err := s.key.sign(m)
	if err != nil {
		return nil, fail(providers.Invalid, providers.WroteNo, "the message cannot be packed: %w", err)
	}
	if len(wire) > dns.MaxMsgSize {
		return nil, fail(providers.Invalid, providers.WroteNo, "the edit takes %d octets on the wire, and one message holds %d: make it smaller", len(wire), dns.MaxMsgSize)
	}
	c := &conn{s: s, v: verifier{key: s.key, mac: mac}, id: m.Id}
	if ctx.Err() != nil {
		return nil, c.broken(ctx, ctx.Err())
	}
	d := net.Dialer{Timeout: s.timeout}
	if c.tcp, err = d.DialContext(ctx, "tcp", s.server); err != nil {
		return nil, c.broken(ctx, err)
	}
	c.dns = &dns.Conn{Conn: c.tcp}
	// A context that ends ends the reading and writing under way too.
	c.stop = context.AfterFunc(ctx, func() { _ = c.tcp.Close() })
	_ = c.tcp.SetDeadline(time.Now().Add(s.timeout))
	c.sent = true
	if _, err := c.dns.Write(wire); err != nil {
		c.close()
		return nil, c.broken(ctx, err)
	}
	return c, nil
}

func (c *conn) close() {
	c.stop()
	_ = c.tcp.Close()
}

// answer reads the next message of the answer and verifies it.
func (c *conn) answer(ctx context.Context) (*dns.Msg, error) {
	_ = c.tcp.SetReadDeadline(time.Now().Add(c.s.timeout))
	wire, err := c.dns.ReadMsgHeader(nil)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		return nil, fail(providers.Unavailable, c.wrote(), "%s: an answer that cannot be read: %w", c.s.server, err)
	}
	if m.Id != c.id || !m.Response {
		return nil, fail(providers.Unavailable, c.wrote(), "%s: the answer to another question", c.s.server)
	}
	if err := keyError(m, c.s); err != nil {
		return nil, err
	}
	switch err := c.v.check(wire, m); {
	case err == nil:
		return m, nil
	case errors.Is(err, dns.ErrTime):
		return nil, fail(providers.InvalidCredentials, c.wrote(), "%s: its clock and ours are more than %d s apart: set both by NTP", c.s.server, fudge)
	case m.Rcode != dns.RcodeSuccess:
		// Servers refuse without a signature when they do not know the key.
		// It could be anybody's answer, so the zone must be looked at.
		code, why := meaning(m)
		return nil, fail(code, c.wrote(), "%s: %s (not signed, so not proven)", c.s.server, why)
	default:
		return nil, fail(providers.Unavailable, c.wrote(), "%s: the answer is not signed with key %s: %w", c.s.server, c.s.key, err)
	}
}

// wrote is what is known of a question whose answer was not understood.
func (c *conn) wrote() providers.Wrote {
	if c.sent {
		return providers.WroteUnknown
	}
	return providers.WroteNo
}

// broken is the error of a connection that was not made, or was lost.
func (c *conn) broken(ctx context.Context, err error) error {
	var ne net.Error
	switch {
	case ctx.Err() != nil:
		return fail(providers.Timeout, c.wrote(), "%s: %w", c.s.server, context.Cause(ctx))
	case !c.sent:
		return fail(providers.Unavailable, providers.WroteNo, "%s: no connection: %w", c.s.server, cause(err))
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &ne) && ne.Timeout():
		return fail(providers.Timeout, c.wrote(), "%s: no answer within %s", c.s.server, c.s.timeout)
	}
	return fail(providers.Unavailable, c.wrote(), "%s: the connection was lost: %w", c.s.server, cause(err))
}

// cause drops the addresses that net adds, which the caller has named already.
func cause(err error) error {
	if oe, ok := errors.AsType[*net.OpError](err); ok && oe.Err != nil {
		return oe.Err
	}
	return err
}

func fail(code providers.Code, wrote providers.Wrote, format string, args ...any) error {
	return &providers.Error{Code: code, Wrote: wrote, Err: fmt.Errorf(format, args...)}
}
