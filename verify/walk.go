package verify

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	maxSteps = 64 // questions in one walk: referrals and names climbed
	maxTries = 6  // name servers without glue looked up for one step of a walk
	maxDepth = 4  // walks inside walks, for name servers without glue
)

// level is a zone on the way down and the servers to ask there. At the start
// it is the root, whatever zones the start servers really have.
type level struct {
	apex    zone.Name
	servers []netip.AddrPort
	ns      []zone.Record // as the parent zone's server refers; nil where nobody referred
	glue    []zone.Record
	above   *level         // whose servers referred, or answered, for this zone; nil at the start
	from    netip.AddrPort // which of them
	cached  bool           // not learned in this call
	final   bool           // the zone of a name that was looked at, and not only on the way to one
	agreed  bool           // the other servers above were asked too, and lead nowhere else
}

// cut is where a walk ended.
type cut struct {
	level
	name  zone.Name // whose zone it is
	asked zone.Name // the last SOA record that was asked for
	err   error     // no server of the level answers for it; level is then where the walk got stuck
}

// walk finds the zone of name by asking for its SOA from the start, or from
// the deepest level known, and following referrals. Zones are told by the SOA's
// owner, because servers that have both parent and child never refer. A level
// from the cache whose servers do not answer is walked to again.
func (c *call) walk(ctx context.Context, name zone.Name, depth int) (cut, error) {
	at, asked, waited := c.deepest(name), name, depth > 0
	widened := make(map[zone.Name]bool)
	release, learns := func() {}, zone.Name("")
	defer func() { release() }()
	end := func(l level, err error) (cut, error) {
		if err == nil {
			c.finish(l.apex)
		}
		return cut{level: l, name: name, asked: asked, err: err}, nil
	}
	for range maxSteps {
		if at.above == nil && !waited {
			// All who come from the start at once need the same top-level domains.
			waited = true
			learns = below(at.apex, name)
			if done := c.v.cache.join(ctx, "zone "+string(learns)); done != nil {
				release = done
			}
			at = c.deepest(name)
		}
		if err := c.stuckAt(at.apex); err != nil {
			return end(at, err)
		}
		r, from, err := c.firstOf(ctx, at.servers, question{name: asked, typ: "SOA"}, func(r reply) error {
			return classify(r, asked, at.apex)
		}, c.spare(at, depth))
		switch {
		case ctx.Err() != nil:
			return cut{}, ctx.Err()
		case err != nil && at.cached:
			c.v.cache.drop(at.apex)
			c.pass(at.apex)
			at, asked = c.deepest(name), name
			continue
		case err != nil && !widened[at.apex]:
			widened[at.apex] = true
			if more := c.others(ctx, at, depth); len(more) > 0 {
				at.servers = slices.Concat(at.servers, more)
				c.remember(at, at.ns[0].TTL)
				continue
			}
			return c.stay(ctx, at, name, asked, err)
		case err != nil:
			return c.stay(ctx, at, name, asked, err)
		}
		if !slices.Contains(at.servers, from) { // spare has found it
			at.servers = prefer(at.servers, from)
			c.remember(at, at.ns[0].TTL)
		}
		if owner, ok := referral(r, asked, at.apex); ok {
			ns := ofType(r.authority, owner, "NS")
			if owner != learns {
				release() // what the others wait for is not learned here: the start servers have it
			}
			next := level{apex: owner, ns: ns, glue: r.extra, above: new(at), from: from}
			next.servers = c.entry(ctx, next, depth)
			c.remember(next, ns[0].TTL)
			release()
			at, asked = next, name
			continue
		}
		apex, ok := soaOwner(r, asked, at.apex)
		if !ok {
			// A CNAME, or an answer without its SOA: such a name is no
			// apex, so its zone is that of the name above.
			switch {
			case asked == at.apex || asked == zone.Root:
				return end(at, fmt.Errorf("no SOA record at %s", asked.FQDN()))
			case asked.Parent() == at.apex && at.ns != nil:
				return end(at, nil)
			}
			asked = asked.Parent()
			continue
		}
		if apex != at.apex {
			next := level{apex: apex, servers: prefer(at.servers, from), above: new(at), from: from}
			c.remember(next, 0)
			return end(next, nil)
		}
		return end(at, nil)
	}
	return end(at, fmt.Errorf("no end after %d steps", maxSteps))
}

// below is the name one label below apex on the way to name.
func below(apex, name zone.Name) zone.Name {
	for name.Below(apex) && name.Parent() != apex {
		name = name.Parent()
	}
	return name
}

// deepest is the lowest known level that holds name.
func (c *call) deepest(name zone.Name) level {
	for n := name; ; n = n.Parent() {
		if l, ok := c.knownLevel(n); ok {
			return l
		}
		if n == zone.Root {
			return level{apex: zone.Root, servers: c.v.opts.start()}
		}
	}
}

func (c *call) knownLevel(apex zone.Name) (level, bool) {
	c.mu.Lock()
	l, ok := c.levels[apex]
	passed := c.passed[apex]
	c.mu.Unlock()
	if ok || passed {
		return l, ok
	}
	l, ok = c.v.cache.level(apex)
	l.cached = true
	return l, ok
}

// pass makes the call learn a level itself.
func (c *call) pass(apex zone.Name) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed[apex] = true
}

func (c *call) remember(l level, ttl uint32) {
	c.mu.Lock()
	c.levels[l.apex] = l
	c.mu.Unlock()
	if len(l.servers) > 0 {
		c.v.cache.putLevel(l, stay(ttl))
	}
}

// finish notes that a walk has ended at a level.
func (c *call) finish(apex zone.Name) {
	c.mu.Lock()
	if l, ok := c.levels[apex]; ok && !l.final {
		l.final = true
		c.levels[apex] = l
	}
	c.mu.Unlock()
	c.v.cache.finish(apex)
}

// stay ends a walk whose question about asked no server of the level answered.
// Where one is sound for the zone itself, the trouble is with that name only.
// Where none is, the walks to the zone's own name servers are spared the same
// timeouts.
func (c *call) stay(ctx context.Context, at level, name, asked zone.Name, err error) (cut, error) {
	none := new(noneUseful)
	answered := errors.As(err, &none) && none.answered
	out := cut{level: at, name: name, asked: asked, err: err}
	switch {
	case at.above == nil && answered:
		return out, nil // a start server need not have the zones of other names
	case at.above != nil && answered && asked != at.apex:
		r, _, err := c.first(ctx, at.servers, question{name: at.apex, typ: "SOA"}, func(r reply) error {
			return classify(r, at.apex, at.apex)
		})
		if ctx.Err() != nil {
			return cut{}, ctx.Err()
		}
		if _, ok := soaOwner(r, at.apex, at.apex); err == nil && ok {
			out.asked, out.err = at.apex, nil
			return out, nil
		}
	}
	c.v.cache.drop(at.apex) // what nobody answers for is walked to again by the next call
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stuck[at.apex] = err
	return out, nil
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
	const together = 2
	outside := l.outside()
	for len(addrs) == 0 && len(outside) > 0 {
		n := min(together, len(outside))
		addrs = c.addressesOf(ctx, outside[:n], depth)
		outside = outside[n:]
	}
	return c.reach(addrs)
}

// outside is the name servers that can be looked up without asking one of the
// level: glue alone leads to those inside. At most maxTries.
func (l level) outside() []zone.Name {
	var out []zone.Name
	for _, r := range l.ns {
		if host, ok := r.Target(); ok && !host.Within(l.apex) && len(out) < maxTries {
			out = append(out, host)
		}
	}
	return out
}

// spare finds the servers that entry left out because others have glue, for a
// walk whose servers are late; nil where there are none.
func (c *call) spare(l level, depth int) func(context.Context) []netip.AddrPort {
	bare := slices.DeleteFunc(l.outside(), func(host zone.Name) bool { return len(addresses(l.glue, host)) > 0 })
	if len(bare) == 0 {
		return nil
	}
	return func(ctx context.Context) []netip.AddrPort { return c.reach(c.addressesOf(ctx, bare, depth)) }
}

// others is the addresses that entry left out, for a level none of whose
// servers leads on: of name servers without glue that were not needed, and of
// those whose glue is not what their own zone says.
func (c *call) others(ctx context.Context, l level, depth int) []netip.AddrPort {
	return missing(c.reach(c.addressesOf(ctx, l.outside(), depth)), l.servers)
}

// addressesOf looks up name servers for a walk at that depth.
func (c *call) addressesOf(ctx context.Context, hosts []zone.Name, depth int) []netip.Addr {
	var addrs []netip.Addr
	for _, h := range c.resolveAll(ctx, hosts, depth+1) {
		addrs = append(addrs, h.addrs...)
	}
	return addrs
}

// reach is where the servers of those addresses listen, IPv4 first: a machine
// without IPv6 is common.
func (c *call) reach(addrs []netip.Addr) []netip.AddrPort {
	var out []netip.AddrPort
	for _, four := range []bool{true, false} {
		for _, a := range addrs {
			if at := c.v.reach(a); a.Is4() == four && at.IsValid() && !slices.Contains(out, at) {
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
