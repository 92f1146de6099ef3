package verify

import (
	"context"
	"errors"
	"fmt"
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

var errDenies = errors.New("it has the zone above, and denies that there is this one")

// askParents begins to ask the other servers of the zone above, since one of
// them may only be behind.
func (s *survey) askParents(ctx context.Context) {
	above := s.at.above
	if above == nil {
		return
	}
	from := s.at.from
	if s.at.ns == nil {
		from = netip.AddrPort{} // it did not refer, so it is one of those in question
	}
	for _, at := range s.call.peers(*above, from) {
		s.above = append(s.above, s.call.once(ctx, query{at, question{name: s.zone, typ: "NS"}}))
	}
}

// heedParents takes up what they say: servers or addresses that were not known,
// and answers where there should be a referral.
func (s *survey) heedParents(ctx context.Context) {
	if await(ctx, s.above) != nil {
		return
	}
	if s.at.ns != nil {
		s.parents = append(s.parents, Referral{Server: s.at.from, NS: s.parent})
	}
	all, above := s.parent, *s.at.above
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
		b := s.bystander(f.at)
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

// bystander is the server of the zone above that is reached there.
func (s *survey) bystander(at netip.AddrPort) bystander {
	for _, host := range targets(s.at.above.ns) {
		for _, a := range s.call.addressesIn(*s.at.above, host) {
			if s.call.v.reach(a) == at {
				return bystander{name: host, addr: a, at: at}
			}
		}
	}
	return bystander{addr: at.Addr(), at: at}
}
