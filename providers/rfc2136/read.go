package rfc2136

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Find asks for the SOA record and the NS records of the apex.
func (s *session) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	soa, err := s.query(ctx, apex, dns.TypeSOA)
	if err != nil {
		return providers.Zone{}, err
	}
	if len(soa) != 1 {
		return providers.Zone{}, fail(providers.NoSuchZone, providers.WroteNo, "%s: %s is no zone of its own there", s.server, apex.FQDN())
	}
	z := providers.Zone{ID: string(apex), Apex: apex, Caps: Driver{}.Info().Caps}
	ns, err := s.query(ctx, apex, dns.TypeNS)
	if err != nil {
		return providers.Zone{}, err
	}
	for _, rr := range ns {
		n, err := zone.ParseName(rr.(*dns.NS).Ns)
		if err != nil {
			return providers.Zone{}, fail(providers.Internal, providers.WroteNo, "%s: %w", s.server, err)
		}
		z.NameServers = append(z.NameServers, n)
	}
	slices.SortFunc(z.NameServers, zone.Compare)
	return z, nil
}

// query asks for one RRset at the apex of a zone that the server must be
// authoritative for.
func (s *session) query(ctx context.Context, apex zone.Name, typ uint16) ([]dns.RR, error) {
	m := new(dns.Msg)
	m.SetQuestion(apex.FQDN(), typ)
	m.RecursionDesired = false
	c, err := s.ask(ctx, m)
	if err != nil {
		return nil, readOnly(err)
	}
	defer c.close()
	in, err := c.answer(ctx)
	// A server that does not have the zone answers REFUSED, NOTAUTH, NXDOMAIN
	// from above, or without AA.
	lame := in != nil && (in.Rcode == dns.RcodeRefused || in.Rcode == dns.RcodeNotAuth || in.Rcode == dns.RcodeNameError || in.Rcode == dns.RcodeSuccess && !in.Authoritative)
	switch {
	case providers.CodeOf(err) == providers.AccessDenied || lame:
		return nil, fail(providers.NoSuchZone, providers.WroteNo, "%s is not authoritative for %s", s.server, apex.FQDN())
	case err != nil:
		return nil, readOnly(err)
	case in.Rcode != dns.RcodeSuccess:
		code, why := meaning(in)
		return nil, fail(code, providers.WroteNo, "%s: %s", s.server, why)
	}
	var set []dns.RR
	for _, rr := range in.Answer {
		if h := rr.Header(); h.Rrtype == typ && dns.CanonicalName(h.Name) == apex.FQDN() {
			set = append(set, rr)
		}
	}
	return set, nil
}

// readOnly is an error of a request that writes nothing, whatever became of it.
func readOnly(err error) error {
	if e, ok := err.(*providers.Error); ok { //nolint:errorlint // made here, never wrapped
		e.Wrote = providers.WroteNo
	}
	return err
}

// Read transfers the zone. It ends with the SOA record it began with, or it is
// an error (RFC 5936 section 2.2).
func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	m := new(dns.Msg)
	m.SetAxfr(z.Apex.FQDN())
	c, err := s.ask(ctx, m)
	if err != nil {
		return zone.Snapshot{}, readOnly(err)
	}
	defer c.close()
	t := transfer{apex: z.Apex}
	for !t.ended {
		in, err := c.answer(ctx)
		if err != nil {
			return zone.Snapshot{}, readOnly(err)
		}
		if in.Rcode != dns.RcodeSuccess {
			code, why := meaning(in)
			return zone.Snapshot{}, fail(code, providers.WroteNo, "%s: zone transfer: %s", s.server, why)
		}
		for _, rr := range in.Answer {
			if err := t.add(rr); err != "" {
				return zone.Snapshot{}, fail(providers.Unavailable, providers.WroteNo, "%s: zone transfer: %s", s.server, err)
			}
		}
	}
	if !c.v.done() {
		return zone.Snapshot{}, fail(providers.Unavailable, providers.WroteNo, "%s: zone transfer: the end is not signed", s.server)
	}
	snap := zone.NewSnapshot(z.Apex, t.records)
	snap.Tag = strconv.FormatUint(uint64(t.soa.Serial), 10)
	return snap, nil
}

// transfer collects the records of a zone transfer.
type transfer struct {
	apex    zone.Name
	soa     *dns.SOA // the first record
	records []zone.Record
	ended   bool
}

// add takes the next record; its answer is what is wrong with it.
func (t *transfer) add(rr dns.RR) string {
	soa, isSOA := rr.(*dns.SOA)
	switch {
	case t.ended:
		return "records after the end"
	case t.soa == nil && !isSOA:
		return "it does not begin with an SOA record"
	case rr.Header().Class != dns.ClassINET:
		return "a record of another class than IN"
	case t.soa == nil:
		t.soa = soa
	case isSOA && soa.Serial != t.soa.Serial:
		return "the zone changed under way"
	case isSOA:
		t.ended = true
		return ""
	}
	r, err := record(rr)
	if err != nil {
		return err.Error()
	}
	t.records = append(t.records, r)
	return ""
}

// record is one record of the zone. What has no canonical form is kept as the
// wire reads, for zone.NewSnapshot to mark as opaque: no record is lost.
func record(rr dns.RR) (zone.Record, error) {
	r, err := zone.FromRR(rr)
	if err == nil {
		r.Meta = spelling(rr)
		return r, nil
	}
	h := rr.Header()
	name, err := zone.ParseName(h.Name)
	if err != nil {
		return zone.Record{}, err
	}
	data := strings.TrimPrefix(rr.String(), h.String())
	return zone.Record{Name: name, Type: dns.Type(h.Rrtype).String(), TTL: h.Ttl, Data: data, Opaque: true}, nil
}
