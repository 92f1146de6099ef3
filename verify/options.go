package verify

import (
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

	Timeout    time.Duration // for one question to one server over one transport; 0: 2 s
	Rounds     int           // how often in a row a server must give the value before it counts, at most 16; 0: 2
	Parallel   int           // questions under way at once; 0: 64
	MaxQueries int           // in one look; servers that then remain are Unknown; 0: 2000

	MinDelay time.Duration // between two looks of Wait; 0: 2 s
	MaxDelay time.Duration // 0: 30 min
}

func (o Options) timeout() time.Duration { return or(o.Timeout, 2*time.Second) }
func (o Options) parallel() int          { return or(o.Parallel, 64) }
func (o Options) maxQueries() int        { return or(o.MaxQueries, 2000) }
func (o Options) rounds() int            { return min(or(o.Rounds, 2), 16) }
func (o Options) minDelay() time.Duration {
	return or(o.MinDelay, 2*time.Second)
}

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

// Verifier asks DNS. It is safe for concurrent use; its calls share nothing
// but the bound on questions under way.
type Verifier struct {
	opts  Options
	slots chan struct{}
}

// New makes a Verifier. It asks nothing yet.
func New(o Options) *Verifier {
	return &Verifier{opts: o, slots: make(chan struct{}, o.parallel())}
}
