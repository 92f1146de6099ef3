package namecheap

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Read is two requests: the SRV records stand in a list of their own.
func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	r, err := s.read(ctx, z.Apex)
	if err != nil {
		return zone.Snapshot{}, s.plain(err)
	}
	return r.snap, nil
}

// reading is a zone as it was read, with its hosts and SRV records as the API
// spells them: what a write keeps goes back just so.
type reading struct {
	snap     zone.Snapshot
	domain   domain
	hosts    []host
	of       map[zone.Record][]host // those of hosts that snap shows as this record
	services []service
}

// read reads a zone. The hosts come last, so that what is written next was
// compared a moment ago.
func (s *session) read(ctx context.Context, apex zone.Name) (reading, error) {
	d, ok := split(apex)
	if !ok {
		return reading{}, refuse(providers.NoSuchZone, "%s is no domain of a registrar", apex.FQDN())
	}
	services, err := s.services(ctx, d)
	if err != nil {
		return reading{}, err
	}
	list, err := s.hosts(ctx, d)
	if err != nil {
		return reading{}, err
	}
	r := reading{domain: d, services: services, of: map[zone.Record][]host{}}
	var recs []zone.Record
	for _, l := range list.Hosts {
		h, rec, err := l.read(apex)
		if err != nil {
			return reading{}, refuse(providers.Unavailable, "the list of hosts cannot be read: %w", err)
		}
		if rec.Type == "MX" && isService(list.EmailType) {
			rec.Meta = strings.Join(sorted(append(strings.Fields(rec.Meta), metaService+list.EmailType)), " ")
		}
		rec = zone.NewSnapshot(apex, []zone.Record{rec}).Records[0] // as the zone will have it
		r.hosts, r.of[rec] = append(r.hosts, h), append(r.of[rec], h)
		recs = append(recs, rec)
	}
	if err := whole(list.EmailType, recs); err != nil {
		return reading{}, err
	}
	for _, v := range services {
		rec, err := v.record(apex)
		if err != nil {
			return reading{}, refuse(providers.Unavailable, "the list of SRV records cannot be read: %w", err)
		}
		recs = append(recs, rec)
	}
	r.snap = zone.NewSnapshot(apex, slices.Concat(recs, injected(apex, list.EmailType, recs)))
	r.snap.Meta = metaEmail + list.EmailType
	return r, nil
}

// whole refuses a list of hosts that lacks what its mail setting stands for: it
// is not all of the zone. Namecheap's own go-namecheap-sdk refuses to set such a
// list (domains_dns_set_hosts.go).
func whole(emailType string, recs []zone.Record) error {
	if (emailType == mailMX || emailType == mailMXE) && !slices.ContainsFunc(recs, func(r zone.Record) bool { return r.Type == emailType }) {
		return refuse(providers.Unavailable, "the list of hosts holds no %s record, and the mail setting is %s: the list is not whole", emailType, emailType)
	}
	return nil
}

// hosts is the answer of getHosts, if it is one for this domain and the domain
// is served by the host. That it is empty says little: see Write.
func (s *session) hosts(ctx context.Context, d domain) (hostList, error) {
	res, a, err := s.call(ctx, getHosts, d.params(), false)
	if err != nil {
		return hostList{}, err
	}
	list, err := only(a, res.Hosts, "DomainDNSGetHostsResult")
	if err != nil {
		return hostList{}, err
	}
	if err := d.about(a, list.Domain); err != nil {
		return hostList{}, err
	}
	if err := ours(a, list.IsUsingOurDNS, ""); err != nil {
		return hostList{}, err
	}
	list.EmailType = strings.ToUpper(strings.TrimSpace(list.EmailType))
	if strings.ContainsFunc(list.EmailType, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' }) {
		return hostList{}, a.Fail(providers.Unavailable, "the mail setting is %q, which is none", list.EmailType)
	}
	return list, nil
}

// about wants an answer to be about this domain.
func (d domain) about(a httpapi.Answer, name string) error {
	if d.is(name) {
		return nil
	}
	return a.Fail(providers.Unavailable, "the answer is about the domain %q", name)
}

// ours wants the host to say that it serves the domain, in IsUsingOurDNS; more
// is said where it does not.
func ours(a httpapi.Answer, using, more string) error {
	switch {
	case strings.EqualFold(using, "true"):
		return nil
	case strings.EqualFold(using, "false"):
		return a.Fail(providers.NoSuchZone, "%s%s", elsewhere, more)
	}
	return a.Fail(providers.Unavailable, "the answer does not say whether the host serves the domain: IsUsingOurDNS is %q", using)
}

// params is the domain as most commands want it.
func (d domain) params() url.Values { return url.Values{"SLD": {d.sld}, "TLD": {d.tld}} }
