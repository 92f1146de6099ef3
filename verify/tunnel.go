package verify

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
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
		p := &passage{tunnel: t, q: &f.mux}
		f.mux.Answer(&f.mux, p.run(ctx))
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
		began, truncated := time.Now(), msg.Truncated()
		msg, err = p.overTCP(ctx)
		switch {
		case err != nil:
			failed := mux.FailedOverTCP(err, truncated)
			p.answer.How |= failed.How
			err = failed.Err
		case msg.Truncated():
			err = mux.ErrTooLong
		default:
			if truncated && len(msg) <= small {
				p.answer.How |= mux.RateLimited
			}
			p.answer.How |= mux.OverTCP
			p.answer.RTT = time.Since(began)
		}
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
	msg, err := p.race(ctx)
	if err != nil || p.answer.How&mux.EDNSDropped != 0 {
		return msg, err
	}
	switch msg.Rcode() {
	case wire.FormErr, wire.NotImp, wire.BadVers:
		p.answer.How |= mux.WithoutEDNS
		return p.take(p.try(ctx, "udp", 0, p.timeout))
	default:
		return msg, nil
	}
}

// race is the first answer, to a question with EDNS or to the plain one that
// follows after half of the time.
func (p *passage) race(ctx context.Context) (wire.Message, error) {
	ctx, cancel := context.WithCancel(ctx)
	ends, under := make(chan mux.Answer, 2), 0
	begin := func(edns uint16, patience time.Duration, how mux.How) {
		under++
		p.running.Go(func() {
			a := p.try(ctx, "udp", edns, patience)
			a.How |= how
			ends <- a
		})
	}
	defer func() {
		cancel()
		for ; under > 0; under-- {
			p.count(<-ends)
		}
	}()
	half := time.NewTimer(p.timeout / 2)
	defer half.Stop()
	begin(ednsSize, p.timeout, 0)
	for {
		select {
		case <-half.C:
			begin(0, p.timeout-p.timeout/2, mux.EDNSDropped)
		case a := <-ends:
			under--
			if a.Err == nil || under == 0 {
				return p.take(a)
			}
			p.count(a)
		}
	}
}

func (p *passage) overTCP(ctx context.Context) (wire.Message, error) {
	size := uint16(ednsSize)
	if p.answer.How&(mux.WithoutEDNS|mux.EDNSDropped) != 0 {
		size = 0
	}
	return p.take(p.try(ctx, "tcp", size, p.timeout))
}

// count adds what a try has cost.
func (p *passage) count(a mux.Answer) {
	p.answer.Sent += a.Sent
	p.answer.Garbage += a.Garbage
	p.answer.Spoofed += a.Spoofed
}

// take counts the try whose end is that of all under way.
func (p *passage) take(a mux.Answer) (wire.Message, error) {
	p.count(a)
	if a.Err == nil {
		p.answer.How |= a.How
	}
	return a.Msg, a.Err
}

// try sends once, and again for every message that comes and is no answer.
func (p *passage) try(ctx context.Context, network string, edns uint16, patience time.Duration) (a mux.Answer) {
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
		a.Sent++
		got, err := p.carry.Exchange(ctx, network, p.q.Server, packet)
		switch {
		case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
			a.Err = mux.ErrTimeout
			return a
		case err != nil:
			a.Err = mux.Trouble(err)
			return a
		}
		switch wire.Match(got, query.ID, name, query.Type) {
		case wire.Same, wire.NoQuestion:
			if network == "tcp" || wire.Message(got).Check() == nil {
				a.Msg = got
				return a
			}
			a.Garbage++
		case wire.OtherCase:
			a.How |= mux.CaseMangled
			a.Msg = got
			return a
		case wire.Garbage:
			a.Garbage++
		default:
			a.Spoofed++
		}
		if network == "tcp" {
			break
		}
	}
	a.Err = mux.ErrMangled
	return a
}
