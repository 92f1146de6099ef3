package verify

import (
	"context"
	"net/netip"
	"time"
)

// Options says where a Verifier starts and how patient it is. The zero value
// walks from the root servers.
type Options struct {
	// Start are authoritative servers to start each walk from; empty: the
	// root servers.
	Start []netip.AddrPort
	// Port is the port of every server found on the way. 0 is the port of
	// the first Start server that does not listen on 53, else 53.
	Port uint16
	// Map leads from the address that DNS gives a server to where it is
	// really reached; the zero AddrPort says nowhere. nil: the address and
	// Port.
	Map func(netip.Addr) netip.AddrPort
	// Resolvers are asked only once the authoritative servers agree: asking
	// earlier plants the negative answer that one then waits for. None:
	// agreement of all authoritative servers is propagated.
	Resolvers []netip.AddrPort
	// Vantages look from other places, once the look from here is all right.
	Vantages []Vantage

	// Transport carries the messages; nil: UDP and TCP from this machine.
	Transport Transport

	// Timeout is for one question to one server over one transport, with
	// what is sent again in it; 0: 900 ms. A server that is silent for that
	// long is dead, so it delays a report by no more.
	Timeout    time.Duration
	Rounds     int    // how often in a row a server must give the value before it counts, at most 16; 0: 3
	Parallel   int    // questions under way at once; 0: 4096
	MaxQueries int    // messages in one look after which no question begins; servers that then remain are Unknown; 0: 2000
	Budget     Budget // what is sent to one server and to one provider

	MinDelay time.Duration // between two looks of Wait and Watch; 0: 2 s
	MaxDelay time.Duration // 0: 30 min
	Schedule Schedule      // in place of MinDelay and MaxDelay, where nothing is predicted; nil: they count
	Deadline time.Duration // of Watch, from its beginning; 0: 72 h
	Together int           // requests of one Batch under way at once; 0: 768
}

// Transport carries one DNS message to a server and brings what comes back: a
// network of its own, such as one in memory, or a tunnel.
type Transport interface {
	// Exchange sends the message over "udp" or "tcp" (without the length that
	// TCP puts before it) and returns the first message that comes from that
	// server. The answer is checked by the caller. It ends with ctx.
	Exchange(ctx context.Context, network string, server netip.AddrPort, message []byte) ([]byte, error)
}

// Budget bounds what is sent, in questions per second. An address begins at
// Start and gets more while it answers, up to Most; it gets half where more
// than 3 in 100 questions time out, where it refuses in bursts, or where it
// truncates what is small, as servers do that limit their rate.
type Budget struct {
	Start    float64 // to one address; 0: 20; less than 0: no bound, and Most does not matter
	Most     float64 // to one address; 0: 200
	Provider float64 // to all addresses of one provider; 0: 1000; less than 0: no bound
	Burst    int     // at once, before Start and Provider count; 0: 100
}

func (o Options) timeout() time.Duration  { return or(o.Timeout, 900*time.Millisecond) }
func (o Options) parallel() int           { return or(o.Parallel, 4096) }
func (o Options) maxQueries() int         { return or(o.MaxQueries, 2000) }
func (o Options) rounds() int             { return min(or(o.Rounds, 3), 16) }
func (o Options) together() int           { return or(o.Together, 768) }
func (o Options) deadline() time.Duration { return or(o.Deadline, 72*time.Hour) }
func (o Options) minDelay() time.Duration { return or(o.MinDelay, 2*time.Second) }

func (o Options) maxDelay() time.Duration {
	return max(or(o.MaxDelay, 30*time.Minute), o.minDelay())
}

func or[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

func (o Options) start() []netip.AddrPort {
	if len(o.Start) > 0 {
		return o.Start
	}
	out := make([]netip.AddrPort, 0, len(roots))
	for _, r := range roots {
		if at := o.at(netip.MustParseAddr(r.addr)); at.IsValid() {
			out = append(out, at)
		}
	}
	return out
}

// at is where the server of that address is reached.
func (o Options) at(a netip.Addr) netip.AddrPort {
	if o.Map != nil {
		return o.Map(a)
	}
	return netip.AddrPortFrom(a, o.port())
}

func (o Options) port() uint16 {
	const dnsPort = 53
	if o.Port != 0 {
		return o.Port
	}
	for _, s := range o.Start {
		if s.Port() != dnsPort && s.Port() != 0 {
			return s.Port()
		}
	}
	return dnsPort
}
