package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/mooring-dns/mooring/verify/internal/mux"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

const (
	// ednsSize is the answer size that survives every path (DNS flag day 2020).
	ednsSize = 1232
	// small is what fits into UDP without EDNS (RFC 1035 section 4.2.1).
	small = 512
	// maxStrays bounds the messages that one question drops: somebody who
	// sends more of them than that is in the way.
	maxStrays = 16
)

// tunnel is the line through Options.Transport, with the same care as over
// sockets: nothing is an answer that does not repeat id and question, lost
// messages are sent again, without EDNS the second time, and TCP brings what
// does not fit.
type tunnel struct {
	carry   Transport
	timeout time.Duration
	running sync.WaitGroup
}

func (t *tunnel) ask(ctx context.Context, f *future) {
	ctx, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	t.running.Go(func() {
		defer f.stop()
		e := &passage{tunnel: t, q: &f.mux}
		f.mux.Answer(&f.mux, e.run(ctx))
	})
}

func (t *tunnel) cancel(f *future) {
	if f.stop != nil {
		f.stop()
	}
}

func (t *tunnel) close() { t.running.Wait() }

// passage is one question on its way through a tunnel.
type passage struct {
	*tunnel
	q      *mux.Question
	answer mux.Answer
}

func (p *passage) run(ctx context.Context) mux.Answer {
	began := time.Now()
	msg, err := p.overUDP(ctx)
	p.answer.RTT = time.Since(began)
	if err == nil && (msg.Truncated() || p.answer.How&mux.CaseMangled != 0) {
		began, tcp := time.Now(), wire.Message(nil)
		switch tcp, err = p.overTCP(ctx); {
		case err != nil && msg.Truncated():
			p.answer.How |= mux.NoTCP
			err = fmt.Errorf("truncated over UDP, and over TCP: %w", err)
		case err != nil:
			p.answer.How |= mux.NoTCP
			err = fmt.Errorf("another case over UDP, and over TCP: %w", err)
		case tcp.Truncated():
			err = mux.ErrTooLong
		default:
			if msg.Truncated() && len(tcp) <= small {
				p.answer.How |= mux.RateLimited
			}
			p.answer.How |= mux.OverTCP
			p.answer.RTT = time.Since(began)
		}
		msg = tcp
	}
	if ctx.Err() != nil {
		err = mux.ErrCanceled
	}
	if err != nil {
		msg = nil
	}
	p.answer.Msg, p.answer.Err = msg, err
	return p.answer
}

// overUDP tries twice, the second time without EDNS and beside the first: what
// is slow has all the time there is. It tries once more where the server says
// that it does not know EDNS (RFC 6891 section 7).
func (p *passage) overUDP(ctx context.Context) (wire.Message, error) {
	msg, err, plain := p.race(ctx)
	switch {
	case err != nil:
		return nil, err
	case plain:
		p.answer.How |= mux.EDNSDropped
		return msg, nil
	}
	switch msg.Rcode() {
	case wire.FormErr, wire.NotImp, wire.BadVers:
		p.answer.How |= mux.WithoutEDNS
		return p.try(ctx, "udp", 0, p.timeout/2)
	default:
		return msg, nil
	}
}

// race is the first answer, to a question with EDNS or to the plain one that
// follows after half of the time.
func (p *passage) race(ctx context.Context) (msg wire.Message, err error, plain bool) { //nolint:revive // as result
	ctx, cancel := context.WithCancel(ctx)
	type end struct {
		of    *passage
		msg   wire.Message
		err   error
		plain bool
	}
	ends := make(chan end, 2)
	under := 0
	begin := func(edns uint16, patience time.Duration) {
		under++
		e := &passage{tunnel: p.tunnel, q: p.q}
		p.running.Go(func() {
			msg, err := e.try(ctx, "udp", edns, patience)
			ends <- end{e, msg, err, edns == 0}
		})
	}
	hear := func(e end) {
		under--
		p.answer.Sent += e.of.answer.Sent
		p.answer.Garbage += e.of.answer.Garbage
		p.answer.Spoofed += e.of.answer.Spoofed
	}
	defer func() {
		cancel()
		for under > 0 {
			hear(<-ends)
		}
	}()
	half := time.NewTimer(p.timeout / 2)
	defer half.Stop()
	begin(ednsSize, p.timeout)
	for {
		select {
		case <-half.C:
			begin(0, p.timeout-p.timeout/2)
		case e := <-ends:
			hear(e)
			if e.err == nil {
				p.answer.How |= e.of.answer.How
			}
			if e.err == nil || under == 0 {
				return e.msg, e.err, e.plain
			}
		}
	}
}

func (p *passage) overTCP(ctx context.Context) (wire.Message, error) {
	size := uint16(ednsSize)
	if p.answer.How&(mux.WithoutEDNS|mux.EDNSDropped) != 0 {
		size = 0
	}
	return p.try(ctx, "tcp", size, p.timeout)
}

// try sends once, and again for every message that comes and is no answer.
func (p *passage) try(ctx context.Context, network string, edns uint16, patience time.Duration) (wire.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	name := append([]byte(nil), p.q.Name...)
	wire.Scramble(name, rand.Uint64()) //nolint:gosec // a tunnel has no strangers in it; the case is to show what servers do with it
	query := wire.Query{
		ID: uint16(rand.Uint32()), Name: name, Type: p.q.Type, //nolint:gosec // as above
		Recurse: p.q.Recurse, Unchecked: p.q.Unchecked, DNSSEC: p.q.DNSSEC, EDNS: edns,
	}
	packet := wire.AppendQuery(nil, query)
	for range maxStrays {
		p.answer.Sent++
		got, err := p.carry.Exchange(ctx, network, p.q.Server, packet)
		switch {
		case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
			return nil, mux.ErrTimeout
		case err != nil:
			return nil, trouble(err)
		}
		switch wire.Match(got, query.ID, name, query.Type) {
		case wire.Same, wire.NoQuestion:
			if network == "tcp" || wire.Message(got).Check() == nil {
				return got, nil
			}
			p.answer.Garbage++
		case wire.OtherCase:
			p.answer.How |= mux.CaseMangled
			return got, nil
		case wire.Garbage:
			p.answer.Garbage++
		default:
			p.answer.Spoofed++
		}
		if network == "tcp" {
			break
		}
	}
	return nil, mux.ErrMangled
}

// trouble is err in words that name no socket, so that the same failure reads
// the same in every look.
func trouble(err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return mux.ErrRefused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return mux.ErrNoRoute
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return mux.ErrTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return mux.ErrBroken
	}
	return err
}
