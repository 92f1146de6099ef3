package verify

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// pair is one question to one server.
type pair struct {
	key  zone.Key
	addr netip.Addr
	got  []sight
}

// askServers asks the sound servers of each zone for the records that lie in
// it, but those that had them right already in this look. What a server has
// right is asked until it was so in all rounds.
func (c *call) askServers(ctx context.Context, l *look, rounds int) {
	var pairs []pair
	for key := range l.seen {
		for _, s := range l.cuts[l.zones[key]].Servers {
			p := pair{key: key, addr: s.Addr}
			same := func(q pair) bool { return q.key == p.key && q.addr == p.addr }
			if s.State == Sound && !l.right(key, l.seen[key][s.Addr]) && !slices.ContainsFunc(pairs, same) {
				pairs = append(pairs, p)
			}
		}
	}
	each(len(pairs), func(i int) {
		p := &pairs[i]
		at := c.v.opts.at(p.addr)
		p.got = c.seeRounds(ctx, l, at, p.key, rounds, false)
	})
	for _, p := range pairs {
		l.seen[p.key][p.addr] = p.got
	}
}

// askResolvers asks the resolvers for what all servers agree on, but those
// that had it right already in this look.
func (c *call) askResolvers(ctx context.Context, l *look, rounds int) {
	for key := range l.seen {
		if !l.agreed(key) {
			continue
		}
		resolvers := c.v.opts.Resolvers
		got := make([][]sight, len(resolvers))
		each(len(resolvers), func(i int) {
			if got[i] = l.heard[key][resolvers[i]]; !l.right(key, got[i]) {
				got[i] = c.seeRounds(ctx, l, resolvers[i], key, rounds, true)
			}
		})
		for i, r := range resolvers {
			l.heard[key][r] = got[i]
		}
	}
}

func (c *call) seeRounds(ctx context.Context, l *look, at netip.AddrPort, key zone.Key, rounds int, resolver bool) []sight {
	var out []sight
	for range rounds {
		s := c.see(ctx, at, key, l.zones[key], resolver)
		out = append(out, s)
		if !l.anyRight(key, s) {
			break
		}
	}
	return out
}

// right reports whether one server had all that is expected under a key.
func (l *look) right(key zone.Key, sights []sight) bool {
	for _, e := range l.expect {
		ev := evidence{expect: e, peers: l.peers(key)}
		if e.Record.Key() == key && ev.state(witness{sights: sights}).State != Right {
			return false
		}
	}
	return true
}

// anyRight reports whether the answer is what an expectation of that key wants.
func (l *look) anyRight(key zone.Key, s sight) bool {
	return slices.ContainsFunc(l.expect, func(e Expect) bool {
		return e.Record.Key() == key && s.status != Failed && s.says(e, l.peers(key)) == Right
	})
}

// agreed reports whether every sound server has every expectation of that key.
func (l *look) agreed(key zone.Key) bool {
	for _, e := range l.expect {
		if e.Record.Key() != key {
			continue
		}
		ev := l.evidence(e)
		ev.silent = true
		if rs, _ := judge(ev); rs.Verdict != Propagated {
			return false
		}
	}
	return true
}

// see asks one server once and reads its answer.
func (c *call) see(ctx context.Context, at netip.AddrPort, key zone.Key, apex zone.Name, resolver bool) sight {
	q := question{name: key.Name, typ: key.Type, recurse: resolver}
	r, err := c.ask(ctx, at, q)
	switch {
	case err != nil && resolver:
		return sight{status: Failed, state: Dead, err: err.Error()}
	case err != nil:
		// It answers for its zone. Servers that limit their rate are silent
		// to questions about what does not exist: those that lag.
		return sight{status: Failed, state: Unknown, err: err.Error()}
	case resolver && r.rcode == "SERVFAIL":
		q.unchecked = true
		if free, err := c.ask(ctx, at, q); err == nil && free.rcode == "NOERROR" {
			return sight{status: Failed, state: Bogus, err: strings.TrimSpace("SERVFAIL, and an answer where validation is off " + r.why)}
		}
	}
	if resolver {
		// It has no authority and needs none, and what it says that does not
		// exist may be the zone itself.
		r.aa, apex = true, zone.Root
	}
	if err := classify(r, key.Name, apex); err != nil {
		return sight{status: Failed, state: Lame, err: err.Error()}
	}
	owner, ok := referral(r, key.Name, apex)
	if !ok || resolver {
		return sightOf(r, key)
	}
	ns := ofType(r.authority, owner, "NS")
	return sight{status: Found, recs: ns, ttl: ns[0].TTL, vague: owner != key.Name || key.Type != "NS"}
}

func sightOf(r reply, key zone.Key) sight {
	s := sight{status: Found, recs: ofType(r.answer, key.Name, key.Type)}
	if len(s.recs) == 0 && key.Type != "CNAME" {
		s.recs = ofType(r.answer, key.Name, "CNAME")
	}
	if len(s.recs) > 0 {
		s.ttl = s.recs[0].TTL
		// Under NXDOMAIN only a CNAME may stand, whose target it is about (RFC
		// 6604 section 3); resolvers take anything else for there or for gone.
		s.vague = r.rcode == "NXDOMAIN" && s.recs[0].Type != "CNAME"
		return s
	}
	s.status = NoData
	if r.rcode == "NXDOMAIN" {
		s.status = NXDomain
	}
	for _, rec := range r.authority {
		if rec.Type == "SOA" {
			s.ttl = readSOA(rec).NegativeTTL
		}
	}
	return s
}
