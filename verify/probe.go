package verify

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/mux"
)

// probe is what one address says of the zone.
type probe struct {
	state State
	code  Code // of what is wrong
	err   error
	soa   SOA
	ns    []zone.Name
	extra []zone.Record // beside its name servers: their addresses, where it gives them
}

func unknown(err error) probe { return probe{state: Unknown, code: CodeUnknown, err: err} }

// askAll asks those addresses for the zone's SOA record and its name servers,
// all at once. Who does not answer the first question is not waited for with
// the second.
func (s *survey) askAll(ctx context.Context, addrs []netip.Addr) {
	soas, names := make([]*future, len(addrs)), make([]*future, len(addrs))
	for i, a := range addrs {
		at := s.call.v.reach(a)
		names[i] = s.call.once(ctx, query{at, question{name: s.zone, typ: "NS"}})
		if soas[i] = s.walked(at); soas[i] == nil {
			soas[i] = s.call.once(ctx, query{at, question{name: s.zone, typ: "SOA"}})
		}
	}
	_ = await(ctx, soas) // the end of ctx shows in the futures that have not ended
	var alive []*future
	for i, f := range soas {
		if _, err, ended := f.result(); ended && err == nil {
			alive = append(alive, names[i])
		}
	}
	_ = await(ctx, alive)
	for i, a := range addrs {
		p := s.read(a, soas[i], names[i])
		s.said[a] = p
		s.child = append(s.child, p.ns...)
	}
	slices.SortFunc(s.child, zone.Compare)
	s.child = slices.Compact(s.child)
}

// walked is the last question of the walk, if that server has answered it for
// this zone: the SOA record in its answer is the zone's, whatever name the
// question was about.
func (s *survey) walked(at netip.AddrPort) *future {
	s.call.mu.Lock()
	f := s.call.asked[query{at, question{name: s.at.asked, typ: "SOA"}}]
	s.call.mu.Unlock()
	if f == nil {
		return nil
	}
	r, err, ended := f.result()
	if !ended || err != nil || classify(r, s.at.asked, s.zone) != nil {
		return nil
	}
	if owner, ok := soaOwner(r, s.at.asked, s.zone); !ok || owner != s.zone {
		return nil
	}
	return f
}

// read is what one address says by its two answers.
func (s *survey) read(a netip.Addr, soa, names *future) probe {
	if v := s.call.v; !v.ground.own && v.ground.private(a) {
		return probe{state: Dead, code: CodeNSPrivate, err: errPrivate}
	}
	r, err, ended := soa.result()
	if !ended {
		err = mux.ErrCanceled
	}
	switch err {
	case nil:
	case mux.ErrNoRoute: //nolint:errorlint // what wraps one of these came over TCP: a server that has answered over UDP is not dead
		return probe{state: Dead, code: CodeNoRoute, err: err}
	case mux.ErrTimeout, mux.ErrRefused, errNowhere:
		return probe{state: Dead, code: CodeDead, err: err}
	default: // nor is one that could not be asked, as without file descriptors
		return unknown(err)
	}
	if err := classify(r, soa.name, s.zone); err != nil {
		p := probe{state: Lame, code: CodeLame, err: err}
		if l, ok := errors.AsType[*lameness](err); ok {
			p.code = l.code
		}
		return p
	}
	recs := ofType(r.answer, s.zone, "SOA")
	if soa.name != s.zone {
		recs = ofType(r.authority, s.zone, "SOA")
	}
	if len(recs) == 0 {
		return probe{state: Lame, code: CodeLame, err: fmt.Errorf("no SOA record at %s", s.zone.FQDN())}
	}
	p := probe{state: Sound, soa: readSOA(recs[0])}
	switch r, err, ended := names.result(); {
	case !ended || err != nil: // it may name a server that nobody else does
		if err == nil {
			err = mux.ErrCanceled
		}
		p.state, p.code, p.err = Unknown, CodeUnknown, fmt.Errorf("its name servers: %w", err)
	case r.aa:
		p.ns = few(targets(ofType(r.answer, s.zone, "NS")))
		p.extra = r.extra
	}
	return p
}
