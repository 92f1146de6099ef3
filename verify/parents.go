package verify

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// parentView asks the servers above for their referral. There is none where
// they have both zones.
func (c *call) parentView(ctx context.Context, at cut) []zone.Record {
	q := question{name: at.apex, typ: "NS"}
	r, _, err := c.first(ctx, at.above.servers, q, func(r reply) error {
		if owner, ok := referral(r, at.apex, at.above.apex); !ok || owner != at.apex {
			return fmt.Errorf("no referral to %s", at.apex.FQDN())
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return ofType(r.authority, at.apex, "NS")
}

// childView is who the entry servers name: the seed of the survey where no
// parent server refers.
func (c *call) childView(ctx context.Context, at cut, known bool) []zone.Name {
	if known || at.err != nil {
		return nil
	}
	r, _, err := c.first(ctx, at.servers, question{name: at.apex, typ: "NS"}, func(r reply) error {
		return classify(r, at.apex, at.apex)
	})
	if err != nil {
		return nil
	}
	return targets(ofType(r.answer, at.apex, "NS"))
}

// bystander is a server of the zone above that answers in the place of the
// zone's own: resolvers that ask it are not referred.
type bystander struct {
	name   zone.Name // empty: it was started from
	addr   netip.Addr
	at     netip.AddrPort // where it was asked
	denies bool           // that there is such a zone; else it has a copy
}

var errDenies = errors.New("it has a zone above, and denies that there is this one")

// askParents begins to ask the other servers of the zone above, since one of
// them may only be behind.
func (s *survey) askParents(ctx context.Context) {
	above := s.at.above
	if above == nil {
		return
	}
	s.askAbove(ctx, *above)
	s.widening.Go(func() { s.wide, s.denied = s.call.widened(ctx, *above) })
}

// askAbove asks the servers of that level for the zone.
func (s *survey) askAbove(ctx context.Context, above level) {
	s.above = union(s.above, s.call.askPeers(ctx, above, s.at.referrer(), s.zone))
}

// referrer is the server above whose referral is the level; none where it did
// not refer, so that it is one of those in question.
func (l level) referrer() netip.AddrPort {
	if l.ns == nil {
		return netip.AddrPort{}
	}
	return l.from
}

// widened adds the servers to a level that a resolver may go to and the walk
// did not need: those without glue, those that only another server of the zone
// above or one of its own names, and those above that answer in their place.
// Servers above that deny the zone are bystanders. The start servers are taken
// at their word, and so is what they refer to.
func (c *call) widened(ctx context.Context, l level) (level, []bystander) {
	if l.above == nil {
		return l, nil
	}
	spare := func() {
		if find := c.spare(l, 1); find != nil {
			l.servers = union(l.servers, find(ctx))
		}
	}
	if l.above.above == nil || l.agreed {
		spare()
		return l, nil
	}
	c.askPeers(ctx, l, netip.AddrPort{}, l.apex) // a dead one is waited for together with those above
	above, denied := c.widened(ctx, *l.above)
	before := l
	for f, r := range c.heard(ctx, c.askPeers(ctx, above, l.referrer(), l.apex), l.apex, above.apex) {
		if owner, ok := referral(r, l.apex, above.apex); ok {
			if owner == l.apex {
				l = c.joined(l, ofType(r.authority, owner, "NS"), r.extra)
			}
		} else if apex, ok := soaOwner(r, l.apex, above.apex); ok && apex != l.apex {
			b := c.bystander(above, f.at)
			b.denies = true
			denied = append(denied, b)
		} else if ok || len(ofType(r.answer, l.apex, "NS")) > 0 {
			l.servers = union(l.servers, []netip.AddrPort{f.at})
		}
	}
	agreed := len(denied) == 0 && len(l.servers) == len(before.servers) && len(l.ns) == len(before.ns)
	spare()
	before = l
	own := c.askPeers(ctx, l, netip.AddrPort{}, l.apex)
	for _, r := range c.heard(ctx, own, l.apex, l.apex) {
		l = c.joined(l, ofType(r.answer, l.apex, "NS"), r.extra)
	}
	if len(l.servers) > len(before.servers) || len(l.ns) > len(before.ns) {
		agreed = false
		spare()
	}
	if agreed && ctx.Err() == nil {
		c.v.cache.agree(l.apex)
	}
	for _, f := range own { // who is silent is not waited for twice
		if _, err, ended := f.result(); ended && err != nil {
			l.servers = missing(l.servers, []netip.AddrPort{f.at})
		}
	}
	return l, denied
}

// askPeers begins to ask the servers of the level, but for the one at from, for
// the name servers of that zone.
func (c *call) askPeers(ctx context.Context, l level, from netip.AddrPort, apex zone.Name) []*future {
	var fs []*future
	for _, at := range c.peers(l, from) {
		fs = append(fs, c.once(ctx, query{at, question{name: apex, typ: "NS"}}))
	}
	return fs
}

// heard waits for the answers and yields those that lead on.
func (c *call) heard(ctx context.Context, fs []*future, asked, at zone.Name) iter.Seq2[*future, reply] {
	return func(yield func(*future, reply) bool) {
		if await(ctx, fs) != nil {
			return
		}
		for _, f := range fs {
			if r, err, _ := f.result(); err == nil && classify(r, asked, at) == nil && !yield(f, r) {
				return
			}
		}
	}
}

// agree notes that the servers above a level agree on it.
func (c *cache) agree(apex zone.Name) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.levels[apex]; ok && !k.value.agreed {
		k.value.agreed = true
		c.levels[apex] = k
	}
}

// joined is the level with what another referral to it says.
func (c *call) joined(l level, ns, glue []zone.Record) level {
	l.glue = slices.Concat(l.glue, glue)
	named := targets(l.ns)
	l.ns = slices.Clone(l.ns)
	for _, r := range ns {
		host, ok := r.Target()
		if !ok || len(l.ns) >= maxServers {
			continue
		}
		if !slices.Contains(named, host) {
			l.ns = append(l.ns, r)
		}
		l.servers = union(l.servers, c.reach(addresses(glue, host)))
	}
	return l
}

// heedParents takes up what they say: servers or addresses that were not known,
// and answers where there should be a referral.
func (s *survey) heedParents(ctx context.Context) {
	s.widening.Wait()
	above := s.wide
	for again := true; again; {
		s.askAbove(ctx, above)
		if await(ctx, s.above) != nil {
			return
		}
		left := slices.DeleteFunc(slices.Clone(above.servers), s.refuses)
		again = len(left) < len(above.servers)
		above.servers = left
	}
	s.bystanders = append(s.bystanders, s.denied...)
	if s.at.ns != nil {
		s.parents = append(s.parents, Referral{Server: s.at.from, NS: s.parent})
	}
	all := s.parent
	for _, f := range s.above {
		r, err, _ := f.result()
		if err != nil || classify(r, s.zone, above.apex) != nil {
			continue
		}
		if owner, ok := referral(r, s.zone, above.apex); ok {
			if owner == s.zone {
				ns := few(targets(ofType(r.authority, owner, "NS")))
				s.parents = append(s.parents, Referral{Server: f.at, NS: ns})
				s.glue = append(s.glue, r.extra...)
				all = union(all, ns)
			}
			continue
		}
		b := s.call.bystander(s.wide, f.at)
		if apex, ok := soaOwner(r, s.zone, above.apex); ok && apex != s.zone {
			b.denies = true
			s.parents = append(s.parents, Referral{Server: f.at})
		} else if !ok && len(ofType(r.answer, s.zone, "NS")) == 0 {
			continue
		}
		s.bystanders = append(s.bystanders, b)
	}
	slices.SortFunc(s.parents, func(a, b Referral) int { return a.Server.Compare(b.Server) })
	s.parent = slices.SortedFunc(slices.Values(all), zone.Compare)
}

// refuses reports whether a server above was asked and said nothing that leads
// on: another address of the same name server may be one that does.
func (s *survey) refuses(at netip.AddrPort) bool {
	i := slices.IndexFunc(s.above, func(f *future) bool { return f.at == at })
	if i < 0 {
		return false
	}
	r, err, _ := s.above[i].result()
	return err == nil && classify(r, s.zone, s.at.above.apex) != nil
}

// bystander is the server of the level that is reached there.
func (c *call) bystander(l level, at netip.AddrPort) bystander {
	for _, host := range targets(l.ns) {
		for _, a := range c.addressesIn(l, host) {
			if c.v.reach(a) == at {
				return bystander{name: host, addr: a, at: at}
			}
		}
	}
	return bystander{addr: at.Addr(), at: at}
}
