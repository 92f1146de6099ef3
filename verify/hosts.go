package verify

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// hostAddrs is what is known of a name server's addresses.
type hostAddrs struct {
	addrs  []netip.Addr
	alias  bool          // the name is a CNAME, which RFC 2181 section 10.3 forbids
	gone   bool          // the name does not exist
	failed bool          // nobody could say
	err    string        // why there is no address
	stay   time.Duration // how long it may be kept
	sure   bool          // not only one server of its zone was asked
}

// knownHost is what this call or an earlier one has learned of the host.
func (c *call) knownHost(host zone.Name) (hostAddrs, bool) {
	c.mu.Lock()
	h, ok := c.hosts[host]
	c.mu.Unlock()
	if ok {
		return h, true
	}
	return c.v.cache.host(host)
}

// resolve asks for the addresses of a name server where its own zone is.
//
// Only the walk for the zone that is looked at waits for what another call is
// learning. The walks inside of it do not, so no two calls wait for each other.
func (c *call) resolve(ctx context.Context, host zone.Name, depth int) hostAddrs {
	h, known := c.knownHost(host)
	if !known && depth <= 1 {
		if done := c.v.cache.join(ctx, "host "+string(host)); done != nil {
			defer done()
		}
		h, known = c.knownHost(host)
	}
	switch {
	case known:
		return h
	case depth > maxDepth:
		return hostAddrs{failed: true, err: "name servers that need one another to be found"}
	}
	at, err := c.walk(ctx, host, depth)
	if err == nil {
		err = at.err
	}
	if err != nil {
		h = hostAddrs{failed: true, err: err.Error(), stay: failedStay}
	} else {
		h = c.hostAt(ctx, at.level, host)
	}
	c.mu.Lock()
	c.hosts[host] = h
	c.mu.Unlock()
	// That this call may ask no more, or has gone too deep, is no news to others.
	if !h.failed || depth <= 1 && !c.spent() && ctx.Err() == nil {
		c.v.cache.putHost(host, h, h.stay)
	}
	return h
}

// resolveAll is resolve for many at once.
func (c *call) resolveAll(ctx context.Context, hosts []zone.Name, depth int) []hostAddrs {
	out := make([]hostAddrs, len(hosts))
	var rest []int
	for i, h := range hosts {
		var known bool
		if out[i], known = c.knownHost(h); !known {
			rest = append(rest, i)
		}
	}
	each(len(rest), func(i int) { out[rest[i]] = c.resolve(ctx, hosts[rest[i]], depth) })
	return out
}

// hostAt asks the servers of the host's zone.
func (c *call) hostAt(ctx context.Context, at level, host zone.Name) hostAddrs {
	var got [2]hostAddrs
	each(len(got), func(i int) {
		q := question{name: host, typ: []string{"A", "AAAA"}[i]}
		r, _, err := c.first(ctx, at.servers, q, func(r reply) error { return classify(r, host, at.apex) })
		if err != nil {
			got[i] = hostAddrs{failed: true, err: err.Error(), stay: failedStay}
			return
		}
		got[i] = hostIn(r, host)
	})
	h := hostAddrs{
		addrs:  slices.Concat(got[0].addrs, got[1].addrs),
		alias:  got[0].alias || got[1].alias,
		gone:   got[0].gone && got[1].gone,
		failed: got[0].failed || got[1].failed,
		stay:   min(got[0].stay, got[1].stay),
	}
	if len(h.addrs) > 0 {
		return h
	}
	h.err = cmp.Or(got[0].err, got[1].err, "it has no address")
	if h.gone {
		h.err = "its name does not exist"
	}
	return h
}

// confirm adds the addresses that those servers of the host's zone give:
// resolvers that ask them go there.
func (c *call) confirm(ctx context.Context, host zone.Name, h hostAddrs, apex zone.Name, servers []netip.AddrPort) hostAddrs {
	var fs []*future
	for _, at := range servers {
		for _, typ := range []string{"A", "AAAA"} {
			fs = append(fs, c.once(ctx, query{at, question{name: host, typ: typ}}))
		}
	}
	if await(ctx, fs) != nil {
		return h
	}
	for _, f := range fs {
		if r, err, _ := f.result(); err == nil && classify(r, host, apex) == nil {
			h.addrs = union(h.addrs, hostIn(r, host).addrs)
		}
	}
	if len(h.addrs) > 0 {
		h.gone, h.err = false, ""
	}
	h.sure = true
	return h
}

// confirmOutside is confirm with the name servers of a zone that is not looked
// at. One call asks, and the others that want to know wait for it.
func (c *call) confirmOutside(ctx context.Context, host zone.Name, h hostAddrs) hostAddrs {
	done := c.v.cache.join(ctx, "servers of "+string(host))
	if done != nil {
		defer done()
	}
	if known, ok := c.v.cache.host(host); ok && known.sure {
		return known
	}
	at := c.deepest(host)
	if done == nil || !at.final {
		return h
	}
	if find := c.spare(at, 1); find != nil {
		at.servers = union(at.servers, find(ctx))
	}
	h = c.confirm(ctx, host, h, at.apex, c.peers(at, netip.AddrPort{}))
	if h.sure {
		c.v.cache.putHost(host, h, h.stay)
	}
	return h
}

// maxPeers bounds the other name servers of a zone that are asked what one of
// them has answered: top-level domains have up to 13.
const maxPeers = 6

// peers is one address of every name server of the level but of the one at
// from.
func (c *call) peers(l level, from netip.AddrPort) []netip.AddrPort {
	var out []netip.AddrPort
	left := l.servers
	take := func(addrs []netip.AddrPort) {
		rest := missing(left, addrs)
		mine := missing(left, rest)
		left = rest
		if len(mine) > 0 && !slices.Contains(mine, from) && len(out) < maxPeers {
			out = append(out, mine[0])
		}
	}
	for _, host := range targets(l.ns) {
		take(c.reach(c.addressesIn(l, host)))
	}
	for _, at := range left { // nobody says whose they are
		take([]netip.AddrPort{at})
	}
	return out
}

// addressesIn is what is known of the addresses of a level's name server.
func (c *call) addressesIn(l level, host zone.Name) []netip.Addr {
	h, _ := c.knownHost(host)
	return union(addresses(l.glue, host), h.addrs)
}

// hostIn is what one answer says of a host's addresses.
func hostIn(r reply, host zone.Name) hostAddrs {
	h := hostAddrs{
		addrs: addresses(r.answer, host),
		alias: len(ofType(r.answer, host, "CNAME")) > 0,
		gone:  r.rcode == "NXDOMAIN" && len(r.answer) == 0,
	}
	ttl := negativeTTL(r)
	for _, rec := range r.answer {
		if rec.Name == host {
			ttl = rec.TTL
		}
	}
	h.stay = stay(ttl)
	return h
}
