package verify

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// pair is one question to one server.
type pair struct {
	key  zone.Key
	addr netip.Addr
	got  []sight
}

// atOnce is how many of the rounds after the first go together. More of the
// same question at once is what servers limit the rate of.
const atOnce = 2

// askServers asks the sound servers of each zone for the records that lie in
// it, but those that had them right already in this look. What a server has
// right is asked until it was so in all rounds.
func (c *call) askServers(ctx context.Context, l *look, rounds int) {
	var pairs []*pair
	for key := range l.seen {
		for _, s := range l.cuts[l.zones[key]].Servers {
			same := func(q *pair) bool { return q.key == key && q.addr == s.Addr }
			if s.State == Sound && !l.right(key, l.seen[key][s.Addr]) && !slices.ContainsFunc(pairs, same) {
				pairs = append(pairs, &pair{key: key, addr: s.Addr, got: make([]sight, 0, rounds)})
			}
		}
	}
	asking := pairs
	for n, times := 0, 1; n < rounds; n, times = n+times, min(atOnce, rounds-n-times) {
		c.seeAll(ctx, l, asking, n+1, times)
		if n == 0 {
			c.askTargets(ctx, l, pairs)
		}
		asking = slices.DeleteFunc(slices.Clone(asking), func(p *pair) bool { return !l.anyRight(p.key, p.got[len(p.got)-1]) })
	}
	for _, p := range pairs {
		l.seen[p.key][p.addr] = p.got
	}
}

// askResolvers asks the resolvers for what all servers agree on, but those
// that had it right already in this look.
func (c *call) askResolvers(ctx context.Context, l *look, rounds int) {
	var keys []zone.Key
	for key := range l.seen {
		if len(l.views) > 0 && l.agreed(key) {
			keys = append(keys, key)
		}
	}
	got := make([][]sight, len(keys)*len(l.views))
	each(len(got), func(i int) {
		key, view := keys[i/len(l.views)], l.views[i%len(l.views)]
		if got[i] = l.heard[key][view]; !l.right(key, got[i]) {
			got[i] = c.seeView(ctx, l, view, key, rounds, got[i])
		}
	})
	for i := range got {
		l.listen(keys[i/len(l.views)], l.views[i%len(l.views)], got[i]...)
	}
}

// listen notes all that a resolver has said.
func (l *look) listen(key zone.Key, view netip.AddrPort, sights ...sight) {
	if l.heard[key] == nil {
		l.heard[key] = make(map[netip.AddrPort][]sight)
	}
	l.heard[key][view] = sights
}

// right reports whether one server had all that is expected under a key.
func (l *look) right(key zone.Key, sights []sight) bool {
	for _, e := range l.expect {
		if e.Record.Key() == key && l.test(e).state(witness{sights: sights}).State != Right {
			return false
		}
	}
	return true
}

// anyRight reports whether the answer is what an expectation of that key wants.
func (l *look) anyRight(key zone.Key, s sight) bool {
	return slices.ContainsFunc(l.expect, func(e Expect) bool {
		return e.Record.Key() == key && s.status != Failed && l.test(e).says(s) == Right
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
		if ev.record().Verdict != Propagated {
			return false
		}
	}
	return true
}

// seeAll asks all pairs so many times, from that round on. What follows upon an
// answer that is not right is as if it had not been asked.
func (c *call) seeAll(ctx context.Context, l *look, pairs []*pair, round, times int) {
	sent := l.lasted()
	qs := make([]query, 0, times*len(pairs))
	for _, p := range pairs {
		q := query{c.v.reach(p.addr), question{name: p.key.Name, typ: p.key.Type}}
		for range times {
			qs = append(qs, q)
		}
	}
	got := c.askAll(ctx, qs)
	for i, p := range pairs {
		for n := range times {
			s := seen(got[times*i+n].r, got[times*i+n].err, p.key, l.zones[p.key])
			if s.status == NoData && p.key.Type == "CNAME" && len(l.peers(p.key)) > 0 {
				s.instead(func(typ string) sight {
					return c.see(ctx, qs[times*i].at, zone.Key{Name: p.key.Name, Type: typ}, l.zones[p.key])
				})
			}
			s.round, s.at = round+n, sent
			p.got = append(p.got, s)
			if !l.anyRight(p.key, s) {
				break
			}
		}
	}
}

// instead puts into the answer about a CNAME the addresses that stand in
// its place: a host that flattens answers with those of the target.
func (s *sight) instead(ask func(typ string) sight) {
	var there []sight
	var failed *sight
	for _, typ := range []string{"A", "AAAA"} {
		switch o := ask(typ); {
		case o.status == Failed:
			failed = &o
		case o.status == Found && !o.vague && o.recs[0].Type == typ:
			there = append(there, o)
		}
	}
	switch {
	case len(there) == 0:
	case failed != nil: // the other half of the addresses may be anybody's
		*s = *failed
	default:
		s.status, s.recs, s.ttl = Found, nil, there[0].ttl
		for _, o := range there {
			s.recs, s.ttl = append(s.recs, o.recs...), min(s.ttl, o.ttl)
		}
	}
}

// see asks one server of the zone once and reads its answer.
func (c *call) see(ctx context.Context, at netip.AddrPort, key zone.Key, apex zone.Name) sight {
	r, err := c.ask(ctx, at, question{name: key.Name, typ: key.Type})
	return seen(r, err, key, apex)
}

// seen is what an authoritative server's reply says.
func seen(r reply, err error, key zone.Key, apex zone.Name) sight {
	if err != nil {
		// It answers for its zone. Servers that limit their rate are silent
		// to questions about what does not exist: those that lag.
		return sight{status: Failed, state: Unknown, err: err.Error()}
	}
	if err := classify(r, key.Name, apex); err != nil {
		// It is sound for the zone: what it does not tell now may be that it lags.
		return sight{status: Failed, state: Unknown, err: err.Error(), rcode: r.rcode, extended: r.ede}
	}
	owner, ok := referral(r, key.Name, apex)
	if !ok {
		return sightOf(r, key)
	}
	ns := ofType(r.authority, owner, "NS")
	return sight{status: Found, rcode: r.rcode, recs: ns, ttl: ns[0].TTL, vague: owner != key.Name || key.Type != "NS"}
}

func sightOf(r reply, key zone.Key) sight {
	s := sight{status: Found, rcode: r.rcode, extended: r.ede, authority: r.aa, recs: ofType(r.answer, key.Name, key.Type)}
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
		switch {
		case rec.Type == "SOA":
			s.ttl = readSOA(rec).NegativeTTL
		case strings.HasPrefix(rec.Type, "NSEC") && (s.denial == 0 || rec.TTL < s.denial):
			s.denial = rec.TTL
		}
	}
	return s
}

// lasted is the seconds since the look began.
func (l *look) lasted() float64 { return time.Since(l.began).Seconds() }
