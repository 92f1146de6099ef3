package verify

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	maxSteps = 64              // questions in one walk: referrals and names climbed
	maxTries = 6               // name servers without glue looked up for one step of a walk
	maxDepth = 4               // walks inside walks, for name servers without glue
	hedge    = time.Second / 3 // after which a slow server is helped by the next
)

// call is what one look at DNS has learned and spent. The lock is held for map
// access only, never while a question is under way.
type call struct {
	v       *Verifier
	queries atomic.Int64

	mu     sync.Mutex
	levels map[zone.Name]level
	stuck  map[zone.Name]error // levels none of whose servers leads on
	hosts  map[zone.Name]hostAddrs
}

// begin starts a call; the function returned ends it, and with the last call
// every socket and goroutine.
func (v *Verifier) begin() (*call, func()) {
	return &call{
		v:      v,
		levels: make(map[zone.Name]level),
		stuck:  make(map[zone.Name]error),
		hosts:  make(map[zone.Name]hostAddrs),
	}, func() {}
}

// spent reports whether no further question is allowed.
func (c *call) spent() bool { return c.queries.Load() >= int64(c.v.opts.maxQueries()) }

// level is a zone on the way down and the servers to ask there. At the start
// it is the root, whatever zones the start servers really have.
type level struct {
	apex    zone.Name
	servers []netip.AddrPort
	ns      []zone.Record // as the parent zone's server refers; nil where nobody referred
	glue    []zone.Record
	above   *level // whose servers referred, or answered, for this zone; nil at the start
}

// cut is where a walk ended.
type cut struct {
	level
	err error // no server of the level answers for it; level is then where the walk got stuck
}

// walk finds the zone of name by asking for its SOA from the start, or from
// the deepest level known, and following referrals. Zones are told by the SOA's
// owner, because servers that have both parent and child never refer.
func (c *call) walk(ctx context.Context, name zone.Name, depth int) (cut, error) {
	at := c.deepest(name)
	asked := name
	for range maxSteps {
		if err := c.stuckAt(at.apex); err != nil {
			return cut{level: at, err: err}, nil
		}
		r, from, err := c.first(ctx, at.servers, question{name: asked, typ: "SOA"}, func(r reply) error {
			return classify(r, asked, at.apex)
		})
		if ctx.Err() != nil {
			return cut{}, ctx.Err()
		}
		if err != nil {
			return c.stay(ctx, at, asked, err)
		}
		if owner, ok := referral(r, asked, at.apex); ok {
			next := level{apex: owner, ns: ofType(r.authority, owner, "NS"), glue: r.extra, above: new(at)}
			next.servers = c.entry(ctx, next, depth)
			c.remember(next)
			at, asked = next, name
			continue
		}
		apex, ok := soaOwner(r, asked, at.apex)
		if !ok {
			// A CNAME, or an answer without its SOA: such a name is no
			// apex, so its zone is that of the name above.
			if asked == at.apex || asked == zone.Root {
				return cut{level: at, err: fmt.Errorf("no SOA record at %s", asked.FQDN())}, nil
			}
			asked = asked.Parent()
			continue
		}
		if apex != at.apex {
			next := level{apex: apex, servers: prefer(at.servers, from), above: new(at)}
			c.remember(next)
			return cut{level: next}, nil
		}
		return cut{level: at}, nil
	}
	return cut{level: at, err: fmt.Errorf("no end after %d steps", maxSteps)}, nil
}

// deepest is the lowest known level that holds name.
func (c *call) deepest(name zone.Name) level {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := name; ; n = n.Parent() {
		if l, ok := c.levels[n]; ok {
			return l
		}
		if n == zone.Root {
			return level{apex: zone.Root, servers: c.v.opts.start()}
		}
	}
}

func (c *call) remember(l level) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.levels[l.apex] = l
}

// stay ends a walk whose question about asked no server of the level answered.
// Where one is sound for the zone itself, the trouble is with that name only.
// Where none is, the walks to the zone's own name servers are spared the same
// timeouts.
func (c *call) stay(ctx context.Context, at level, asked zone.Name, err error) (cut, error) {
	none := new(noneUseful)
	answered := errors.As(err, &none) && none.answered
	switch {
	case at.above == nil && answered:
		return cut{level: at, err: err}, nil // a start server need not have the zones of other names
	case at.above != nil && answered && asked != at.apex:
		r, _, err := c.first(ctx, at.servers, question{name: at.apex, typ: "SOA"}, func(r reply) error {
			return classify(r, at.apex, at.apex)
		})
		if ctx.Err() != nil {
			return cut{}, ctx.Err()
		}
		if _, ok := soaOwner(r, at.apex, at.apex); err == nil && ok {
			return cut{level: at}, nil
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stuck[at.apex] = err
	return cut{level: at, err: err}, nil
}

func (c *call) stuckAt(apex zone.Name) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stuck[apex]
}

// entry is enough addresses to go on with: all glue, and without glue the
// addresses of the first two name servers that have some. A survey looks up
// the others, all at once.
func (c *call) entry(ctx context.Context, l level, depth int) []netip.AddrPort {
	var addrs []netip.Addr
	for _, r := range l.ns {
		if host, ok := r.Target(); ok {
			addrs = append(addrs, addresses(l.glue, host)...)
		}
	}
	found, tried := 0, 0
	for _, r := range l.ns {
		host, ok := r.Target()
		// Without glue, a name server inside its own zone cannot be found.
		if len(addrs) > 0 && found == 0 || found == 2 || tried == maxTries || !ok || host.Within(l.apex) {
			continue
		}
		tried++
		if h := c.resolve(ctx, host, depth+1); len(h.addrs) > 0 {
			addrs = append(addrs, h.addrs...)
			found++
		}
	}
	return c.reach(addrs)
}

// reach is where the servers of those addresses listen, IPv4 first: a machine
// without IPv6 is common.
func (c *call) reach(addrs []netip.Addr) []netip.AddrPort {
	var out []netip.AddrPort
	for _, four := range []bool{true, false} {
		for _, a := range addrs {
			if at := c.v.opts.at(a); a.Is4() == four && at.IsValid() && !slices.Contains(out, at) {
				out = append(out, at)
			}
		}
	}
	return out
}

func prefer(servers []netip.AddrPort, first netip.AddrPort) []netip.AddrPort {
	out := []netip.AddrPort{first}
	for _, s := range servers {
		if s != first {
			out = append(out, s)
		}
	}
	return out
}
