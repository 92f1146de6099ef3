package namecheap

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Read is two requests: the SRV records stand in a list of their own.
func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	snap, _, err := s.read(ctx, z.Apex)
	return snap, err
}

// read is the zone, and its SRV records as the API spells them. The hosts come
// last, so that what is written next was compared a moment ago.
func (s *session) read(ctx context.Context, apex zone.Name) (zone.Snapshot, []service, error) {
	none := zone.Snapshot{}
	d, ok := split(apex)
	if !ok {
		return none, nil, refuse(providers.NoSuchZone, "%s is no domain of a registrar", apex.FQDN())
	}
	services, err := s.services(ctx, d)
	if err != nil {
		return none, nil, err
	}
	list, err := s.hosts(ctx, d)
	if err != nil {
		return none, nil, err
	}
	var recs []zone.Record
	for _, h := range list.Hosts {
		if !strings.EqualFold(h.XMLName.Local, "host") {
			return none, nil, refuse(providers.Unavailable, "the list of hosts holds a %q, which this driver does not know", h.XMLName.Local)
		}
		r, err := h.record(apex)
		if err != nil {
			return none, nil, refuse(providers.Unavailable, "the list of hosts cannot be read: %w", err)
		}
		if r.Type == "MX" && isService(list.EmailType) {
			r.Meta = strings.Join(sorted(append(strings.Fields(r.Meta), metaService+list.EmailType)), " ")
		}
		recs = append(recs, r)
	}
	for _, v := range services {
		r, err := v.record(apex)
		if err != nil {
			return none, nil, refuse(providers.Unavailable, "the list of SRV records cannot be read: %w", err)
		}
		recs = append(recs, r)
	}
	snap := zone.NewSnapshot(apex, slices.Concat(recs, injected(apex, list.EmailType, recs)))
	snap.Meta = metaEmail + list.EmailType
	return snap, services, nil
}

// hosts is the answer of getHosts, if it is one for this domain and the domain
// is served by the host: an empty answer must never pass for an empty zone.
func (s *session) hosts(ctx context.Context, d domain) (*hostList, error) {
	res, a, err := s.call(ctx, getHosts, d.params(), false)
	if err != nil {
		return nil, err
	}
	list := res.Hosts
	switch {
	case list == nil:
		return nil, incomplete(a, "DomainDNSGetHostsResult")
	case !d.is(list.Domain):
		return nil, a.Fail(providers.Unavailable, "the answer is about the domain %q", list.Domain)
	case strings.EqualFold(list.IsUsingOurDNS, "false"):
		return nil, a.Fail(providers.NoSuchZone, elsewhere)
	case !strings.EqualFold(list.IsUsingOurDNS, "true"):
		return nil, incomplete(a, "IsUsingOurDNS")
	}
	list.EmailType = strings.ToUpper(list.EmailType)
	return list, nil
}

// params is the domain as most commands want it.
func (d domain) params() url.Values { return url.Values{"SLD": {d.sld}, "TLD": {d.tld}} }
