package rfc2136

import (
	"context"
	"slices"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Write sends the edit as one UPDATE.
func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	m, err := message(z.Apex, e)
	if err != nil {
		return err
	}
	if len(m.Ns) == 0 {
		return nil
	}
	c, err := s.ask(ctx, m)
	if err != nil {
		return err
	}
	defer c.close()
	in, err := c.answer(ctx)
	if err != nil {
		return err
	}
	if in.Rcode != dns.RcodeSuccess {
		code, why := meaning(in)
		wrote := providers.WroteNo
		if in.Rcode == dns.RcodeServerFailure {
			// RFC 2136 section 3.5 wants the zone restored; what failed may
			// have been just that.
			wrote = providers.WroteUnknown
		}
		return fail(code, wrote, "%s: %s", s.server, why)
	}
	return nil
}

// message is the UPDATE for an edit.
func message(apex zone.Name, e zone.Edit) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetUpdate(apex.FQDN())
	pre, err := prerequisites(e)
	if err != nil {
		return nil, err
	}
	gone, come, err := difference(apex, e)
	if err != nil {
		return nil, err
	}
	m.Answer = pre
	// Deletions come first, for an address next to a CNAME would be ignored
	// (RFC 2136 section 3.4.2.2). At the apex, NS records are added first: the
	// last one cannot be deleted (section 3.4.2.4). One whose TTL changes goes
	// and comes back before the next one goes; BIND would do without, Knot
	// does not change the TTL of a value that stands.
	var late []packed
	for _, r := range come {
		switch old := slices.IndexFunc(gone, func(g packed) bool { return g.record.Data == r.record.Data && apexNS(apex, g.record) }); {
		case !apexNS(apex, r.record):
			late = append(late, r)
		case old < 0:
			m.Ns = append(m.Ns, r.insert())
		default:
			m.Ns = append(m.Ns, gone[old].remove(), r.insert())
			gone = slices.Delete(gone, old, old+1)
		}
	}
	for _, r := range gone {
		m.Ns = append(m.Ns, r.remove())
	}
	for _, r := range late {
		m.Ns = append(m.Ns, r.insert())
	}
	return m, nil
}

func apexNS(apex zone.Name, r zone.Record) bool { return r.Name == apex && r.Type == "NS" }

// packed is a record and its wire form.
type packed struct {
	record zone.Record
	rr     dns.RR
}

func pack(r zone.Record) (packed, error) {
	if r.Opaque {
		return packed{}, fail(providers.Invalid, providers.WroteNo, "%s %s: data that could not be read cannot be written", r.Name.FQDN(), r.Type)
	}
	rr, err := r.RR()
	if err != nil {
		code := providers.Invalid
		if r.Type == zone.TypeAlias || r.Type == zone.TypeRedirect {
			code = providers.Unsupported
		}
		return packed{}, fail(code, providers.WroteNo, "%w", err)
	}
	respell(rr, r.Meta)
	return packed{record: r, rr: rr}, nil
}

// insert is "add to an RRset" (RFC 2136 section 2.5.1).
func (p packed) insert() dns.RR { return p.rr }

// remove is "delete an RR from an RRset" (section 2.5.4).
func (p packed) remove() dns.RR {
	rr := dns.Copy(p.rr)
	rr.Header().Class, rr.Header().Ttl = dns.ClassNONE, 0
	return rr
}

// difference is the records that go and those that come. A record whose TTL
// changes is in both.
func difference(apex zone.Name, e zone.Edit) (gone, come []packed, err error) {
	keeps := false // an NS record at the apex, where the edit has any
	touches := false
	for _, r := range e.Before {
		touches = touches || apexNS(apex, r)
		if standsAs(e.After, r) {
			continue
		}
		if gone, err = appendPacked(gone, apex, r); err != nil {
			return nil, nil, err
		}
	}
	for _, r := range e.After {
		keeps = keeps || apexNS(apex, r)
		if standsAs(e.Before, r) {
			continue
		}
		if come, err = appendPacked(come, apex, r); err != nil {
			return nil, nil, err
		}
	}
	if touches && !keeps {
		return nil, nil, fail(providers.Invalid, providers.WroteNo, "%s would lose its NS records", apex.FQDN())
	}
	return gone, come, nil
}

func appendPacked(list []packed, apex zone.Name, r zone.Record) ([]packed, error) {
	switch {
	case !r.Name.Within(apex):
		return nil, fail(providers.Invalid, providers.WroteNo, "%s is not in zone %s", r.Name.FQDN(), apex.FQDN())
	case r.Type == "SOA":
		return nil, fail(providers.Unsupported, providers.WroteNo, "the SOA record is the server's")
	}
	p, err := pack(r)
	if err != nil {
		return nil, err
	}
	return append(list, p), nil
}

// standsAs reports whether the record is in the list with its TTL and its
// borders: a change of borders alone is a change on the wire.
func standsAs(list []zone.Record, r zone.Record) bool {
	for _, o := range list {
		if o.Name == r.Name && o.Type == r.Type && o.Data == r.Data && o.TTL == r.TTL {
			return true
		}
	}
	return false
}
