package verify

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Verifier asks DNS. It is safe for concurrent use. Its calls share what it
// has learned of the zones above those that they look at and of the addresses
// of name servers, each for as long as its TTL says but for 10 seconds at least
// and an hour at most, the sockets, and the bounds on what is sent. With the
// last call that runs its sockets and goroutines end.
type Verifier struct {
	opts   Options
	slots  chan struct{} // one for each question under way
	cache  cache
	pace   paces
	ground ground

	mu      sync.Mutex
	running int  // calls
	line    line // nil while no call runs
}

// New makes a Verifier. It asks nothing yet.
func New(o Options) *Verifier {
	return &Verifier{opts: o, slots: make(chan struct{}, o.parallel()), ground: o.ground()}
}

// call is what one call has learned and spent. The lock is held for map access
// only, never while a question is under way.
type call struct {
	v       *Verifier
	line    line
	queries atomic.Int64
	beside  sync.WaitGroup // what nobody waits for until the call ends

	mu       sync.Mutex
	levels   map[zone.Name]level
	passed   map[zone.Name]bool  // levels not to be taken from the Verifier's cache
	stuck    map[zone.Name]error // levels none of whose servers leads on
	hosts    map[zone.Name]hostAddrs
	asked    map[query]*future         // what is asked once
	credited map[query]bool            // and has served as an answer
	sent     []*future                 // all
	groups   map[netip.AddrPort]string // the provider of a server
	manners  map[netip.AddrPort]manner
	cancels  []context.CancelFunc // of what goes on beside
}

// begin starts a call; the function returned ends it, and with the last call
// every socket and goroutine of the Verifier.
func (v *Verifier) begin() (*call, func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.running++; v.line == nil {
		v.line = v.opts.line()
	}
	c := &call{
		v:        v,
		line:     v.line,
		levels:   make(map[zone.Name]level),
		passed:   make(map[zone.Name]bool),
		stuck:    make(map[zone.Name]error),
		hosts:    make(map[zone.Name]hostAddrs),
		asked:    make(map[query]*future),
		credited: make(map[query]bool),
		groups:   make(map[netip.AddrPort]string),
		manners:  make(map[netip.AddrPort]manner),
	}
	return c, sync.OnceFunc(c.end)
}

// aside does what nobody waits for, until the call ends.
func (c *call) aside(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	c.cancels = append(c.cancels, cancel)
	c.mu.Unlock()
	c.beside.Go(func() { do(ctx) })
}

// end gives up what is still under way.
func (c *call) end() {
	c.mu.Lock()
	cancels := c.cancels
	c.cancels = nil
	c.mu.Unlock()
	for _, cancel := range cancels {
		cancel()
	}
	c.beside.Wait() // from here on nothing is sent
	c.mu.Lock()
	sent := c.sent
	c.sent = nil
	c.mu.Unlock()
	for _, f := range sent {
		if _, _, ended := f.result(); !ended {
			c.line.cancel(f)
		}
	}

	v := c.v
	v.mu.Lock()
	var last line
	if v.running--; v.running == 0 {
		last, v.line = v.line, nil
	}
	v.mu.Unlock()
	if last != nil {
		last.close()
	}
}

// spentQueries is how many messages were sent; a question that could not be
// sent counts as one. It may be more than MaxQueries: no question begins after
// that many, and those under way may be sent again.
func (c *call) spentQueries() int { return int(c.queries.Load()) }

// spent reports whether no further question is allowed.
func (c *call) spent() bool { return c.queries.Load() >= int64(c.v.opts.maxQueries()) }
