package verify

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// ednsSize is the answer size that survives every path (DNS flag day 2020).
const ednsSize = 1232

type question struct {
	name      zone.Name
	typ       string
	recurse   bool // for a resolver
	unchecked bool // CD: the resolver is not to validate
}

// reply is what a server said, in our words.
type reply struct {
	rcode     string
	aa        bool
	answer    []zone.Record
	authority []zone.Record
	extra     []zone.Record
	why       string // what the server says itself of a failure (RFC 8914)
}

var (
	errTimeout = errors.New("no answer in time")
	errRefused = errors.New("port closed")
	errNoRoute = errors.New("no route from here")
	errNowhere = errors.New("its address is not mapped to anything")
	errTooLong = errors.New("truncated over UDP and over TCP")
	errBudget  = errors.New("too many questions in one look")
	errCrowd   = errors.New("more name servers than one look asks")
)

// ask puts one question to one server: over UDP, once more without EDNS where
// the server does not know it, and over TCP where the answer does not fit.
func (c *call) ask(ctx context.Context, at netip.AddrPort, q question) (reply, error) {
	if !at.IsValid() {
		return reply{}, errNowhere
	}
	select {
	case c.v.slots <- struct{}{}:
		defer func() { <-c.v.slots }()
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	plain := new(dns.Msg)
	plain.SetQuestion(q.name.FQDN(), typeNumber(q.typ))
	plain.RecursionDesired, plain.CheckingDisabled = q.recurse, q.unchecked
	full := plain.Copy()
	full.SetEdns0(ednsSize, false)

	m, err := c.overUDP(ctx, at, full, plain)
	if err == nil {
		switch m.Rcode {
		case dns.RcodeFormatError, dns.RcodeNotImplemented, dns.RcodeBadVers: // RFC 6891 section 7
			m, err = c.overUDP(ctx, at, plain, plain)
		}
	}
	if err == nil && m.Truncated {
		switch m, err = c.overTCP(ctx, at, plain); {
		case err != nil:
			err = fmt.Errorf("truncated over UDP, and over TCP: %w", err)
		case m.Truncated:
			err = errTooLong
		}
	}
	if err != nil {
		return reply{}, err
	}
	return read(m), nil
}

// dial connects, and lets the end of ctx end every wait on the connection. The
// caller must call the returned function.
func (c *call) dial(ctx context.Context, network string, at netip.AddrPort) (net.Conn, func(), error) {
	if c.queries.Add(1) > int64(c.v.opts.maxQueries()) {
		return nil, nil, errBudget
	}
	d := net.Dialer{Timeout: c.v.opts.timeout()}
	conn, err := d.DialContext(ctx, network, at.String())
	if err != nil {
		return nil, nil, trouble(ctx, err)
	}
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_ = conn.SetDeadline(time.Unix(1, 0))
	})
	return conn, func() {
		if !stop() {
			<-woken
		}
		_ = conn.Close()
	}, nil
}

// overUDP sends first and, halfway through the time, second: one packet may be
// lost, and some servers drop what has EDNS. Only an answer of the same id to
// the same question from the server's own address and port counts.
func (c *call) overUDP(ctx context.Context, at netip.AddrPort, first, second *dns.Msg) (*dns.Msg, error) {
	conn, done, err := c.dial(ctx, "udp", at)
	if err != nil {
		return nil, err
	}
	defer done()
	buf := make([]byte, dns.MaxMsgSize)
	last := errTimeout
	for _, m := range []*dns.Msg{first, second} {
		packet, err := m.Pack()
		if err != nil {
			return nil, err
		}
		_ = conn.SetDeadline(time.Now().Add(c.v.opts.timeout() / 2))
		if ctx.Err() != nil { // it may have ended before that deadline was set
			return nil, ctx.Err()
		}
		if _, err := conn.Write(packet); err != nil {
			return nil, trouble(ctx, err)
		}
		for {
			n, err := conn.Read(buf)
			if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
				break
			}
			if err != nil {
				return nil, trouble(ctx, err)
			}
			r := new(dns.Msg)
			if err := r.Unpack(buf[:n]); err != nil {
				last = errors.New("an answer that is no DNS message")
				continue
			}
			if answers(r, m) {
				return r, nil
			}
		}
	}
	return nil, last
}

func (c *call) overTCP(ctx context.Context, at netip.AddrPort, m *dns.Msg) (*dns.Msg, error) {
	conn, done, err := c.dial(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	defer done()
	packet, err := m.Pack()
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(c.v.opts.timeout()))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(packet))), packet...)
	if _, err := conn.Write(framed); err != nil {
		return nil, trouble(ctx, err)
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, trouble(ctx, err)
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, buf); err != nil {
		return nil, trouble(ctx, err)
	}
	r := new(dns.Msg)
	if err := r.Unpack(buf); err != nil || !answers(r, m) {
		return nil, errors.New("an answer that is no DNS message, or to another question")
	}
	return r, nil
}

// answers reports whether r is an answer to m. A server that could not read
// the question need not repeat it.
func answers(r, m *dns.Msg) bool {
	if r.Id != m.Id || !r.Response {
		return false
	}
	if len(r.Question) == 0 {
		return r.Rcode != dns.RcodeSuccess && r.Rcode != dns.RcodeNameError
	}
	q, w := r.Question[0], m.Question[0]
	return len(r.Question) == 1 && q.Qtype == w.Qtype && q.Qclass == w.Qclass && sameName(q.Name, w.Name)
}

// sameName compares names in whatever spelling: package dns writes some octets
// otherwise than zone.Name does.
func sameName(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	x, err := zone.ParseName(a)
	y, err2 := zone.ParseName(b)
	return err == nil && err2 == nil && x == y
}

// trouble is err in words that name no socket, so that the same failure reads
// the same in every look.
func trouble(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, syscall.ECONNREFUSED):
		return errRefused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return errNoRoute
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return errors.New("connection closed before the answer")
	}
	return err
}

func read(m *dns.Msg) reply {
	r := reply{
		rcode:     dns.RcodeToString[m.Rcode],
		aa:        m.Authoritative,
		answer:    records(m.Answer),
		authority: records(m.Ns),
		extra:     records(m.Extra),
	}
	if r.rcode == "" {
		r.rcode = fmt.Sprintf("RCODE%d", m.Rcode)
	}
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if ede, ok := o.(*dns.EDNS0_EDE); ok {
				r.why = strings.TrimSpace(dns.ExtendedErrorCodeToString[ede.InfoCode] + " " + ede.ExtraText)
			}
		}
	}
	return r
}

// records is a section in our words. Data that has no canonical form is kept
// as it is, so that a report can show it.
func records(rrs []dns.RR) []zone.Record {
	var out []zone.Record
	for _, rr := range rrs {
		h := rr.Header()
		if h.Rrtype == dns.TypeOPT || h.Class != dns.ClassINET {
			continue
		}
		rec, err := zone.FromRR(rr)
		if err != nil {
			name, err := zone.ParseName(h.Name)
			if err != nil {
				continue
			}
			rec = zone.Record{
				Name: name, Type: dns.Type(h.Rrtype).String(), TTL: h.Ttl, Opaque: true,
				Data: strings.TrimPrefix(rr.String(), h.String()),
			}
		}
		out = append(out, rec)
	}
	return out
}

// typeNumber is 0 for what is no DNS type: a host's own feature.
func typeNumber(typ string) uint16 {
	if n, ok := dns.StringToType[typ]; ok {
		return n
	}
	var n uint16
	if _, err := fmt.Sscanf(typ, "TYPE%d", &n); err != nil {
		return 0
	}
	return n
}
