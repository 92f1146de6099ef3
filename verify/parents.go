package verify

import (
	"context"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// maxParents bounds the servers of the zone above that are asked for their
// referral, where the first one does not say what the zone says.
const maxParents = 8

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

// disputed reports whether the zone names other servers than the zone above.
func (s *survey) disputed() bool {
	return s.at.ns != nil && len(s.child) > 0 && !slices.Equal(s.parent, s.child)
}

// askParents asks the other servers of the zone above too, since one of them
// may only be behind. They may name servers, or give addresses, that were not
// known.
func (s *survey) askParents(ctx context.Context) {
	c, above := s.call, s.at.above
	var fs []*future
	for _, at := range above.servers {
		if at != s.at.from && len(fs) < maxParents {
			fs = append(fs, c.once(ctx, query{at, question{name: s.zone, typ: "NS"}}))
		}
	}
	if await(ctx, fs) != nil {
		return
	}
	s.parents = append(s.parents, Referral{Server: s.at.from, NS: s.parent})
	all := s.parent
	for _, f := range fs {
		r, err, _ := f.result()
		if owner, ok := referral(r, s.zone, above.apex); err != nil || !ok || owner != s.zone {
			continue
		}
		ns := few(targets(ofType(r.authority, s.zone, "NS")))
		s.parents = append(s.parents, Referral{Server: f.at, NS: ns})
		s.glue = append(s.glue, r.extra...)
		all = union(all, ns)
	}
	slices.SortFunc(s.parents, func(a, b Referral) int { return a.Server.Compare(b.Server) })
	s.parent = slices.SortedFunc(slices.Values(all), zone.Compare)
}
