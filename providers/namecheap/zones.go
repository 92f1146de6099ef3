package namecheap

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// serverList is the name servers of a domain.
type serverList struct {
	Domain        string   `xml:"Domain,attr"`
	IsUsingOurDNS string   `xml:"IsUsingOurDNS,attr"`
	Nameservers   []string `xml:"Nameserver"`
}

// Find looks a domain up by its name servers: a domain whose DNS is elsewhere
// is no zone of the host.
func (s *session) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	z, err := s.find(ctx, apex)
	return z, s.plain(err)
}

func (s *session) find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	d, ok := split(apex)
	if !ok {
		if ctx.Err() != nil {
			return providers.Zone{}, refuse(providers.Timeout, "given up: %w", context.Cause(ctx))
		}
		return providers.Zone{}, refuse(providers.NoSuchZone, "%s is no domain of a registrar", apex.FQDN())
	}
	res, a, err := s.call(ctx, getServers, d.params(), false)
	if err != nil {
		return providers.Zone{}, err
	}
	list, err := only(a, res.Servers, "DomainDNSGetListResult")
	if err != nil {
		return providers.Zone{}, err
	}
	if err := d.about(a, list.Domain); err != nil {
		return providers.Zone{}, err
	}
	if err := ours(a, list.IsUsingOurDNS, ": "+strings.Join(list.Nameservers, ", ")); err != nil {
		return providers.Zone{}, err
	}
	z := providers.Zone{ID: d.String(), Apex: apex, Caps: caps()}
	for _, ns := range list.Nameservers {
		if n, err := zone.ParseName(strings.TrimSpace(ns)); err == nil {
			z.NameServers = append(z.NameServers, n)
		}
	}
	return z, nil
}

// pageSize is the most domains of one page
// (https://www.namecheap.com/support/api/methods/domains/get-list/).
const pageSize = 100

type domainList struct {
	Domain []struct {
		Name     string `xml:"Name,attr"`
		IsOurDNS string `xml:"IsOurDNS,attr"`
	} `xml:"Domain"`
}

// paging says how many domains there are. It is text here, since encoding/xml
// reads an empty number as 0.
type paging struct {
	TotalItems string `xml:"TotalItems"`
}

// List is the domains of the account whose DNS the host serves. It says nothing
// about their name servers. A domain that appears or goes while the pages are
// read would push another one past their border: then the list is not whole, and
// List fails with Unavailable.
func (s *session) List(ctx context.Context) ([]providers.Zone, error) {
	zones, err := s.list(ctx)
	return zones, s.plain(err)
}

func (s *session) list(ctx context.Context) ([]providers.Zone, error) {
	var out []providers.Zone
	seen, all := map[string]bool{}, -1
	for page := 1; ; page++ {
		list, total, a, err := s.page(ctx, page, pageSize)
		if err != nil {
			return nil, err
		}
		if all >= 0 && total != all {
			return nil, a.Fail(providers.Unavailable, "the list of domains has changed while it was read, from %d to %d: ask again", all, total)
		}
		all = total
		fresh := false
		for _, d := range list.Domain {
			if seen[d.Name] {
				continue
			}
			seen[d.Name], fresh = true, true
			apex, ok := named(d.Name)
			if !ok || strings.ContainsAny(string(apex), inNoDomain) {
				return nil, a.Fail(providers.Unavailable, "the list of domains holds %q, which is none", d.Name)
			}
			if !strings.EqualFold(d.IsOurDNS, "false") {
				out = append(out, providers.Zone{ID: d.Name, Apex: apex, Caps: caps()})
			}
		}
		switch {
		case len(seen) >= all:
			return out, nil
		case !fresh:
			return nil, a.Fail(providers.Unavailable, "the list of domains ends after %d of %d", len(seen), all)
		}
	}
}

// page is one page of the domains of the account, and how many there are.
func (s *session) page(ctx context.Context, n, size int) (list domainList, total int, a httpapi.Answer, err error) {
	res, a, err := s.call(ctx, getDomains, url.Values{"Page": {strconv.Itoa(n)}, "PageSize": {strconv.Itoa(size)}}, false)
	if err != nil {
		return domainList{}, 0, a, err
	}
	if list, err = only(a, res.Domains, "DomainGetListResult"); err != nil {
		return domainList{}, 0, a, err
	}
	p, err := only(a, res.Paging, "Paging")
	if err != nil {
		return domainList{}, 0, a, err
	}
	if total, err = strconv.Atoi(strings.TrimSpace(p.TotalItems)); err != nil || total < 0 {
		return domainList{}, 0, a, a.Fail(providers.Unavailable, "the answer does not say how many domains there are: TotalItems is %q", p.TotalItems)
	}
	return list, total, a, nil
}

// Check lists a few domains: a call that needs all of the credentials and
// changes nothing.
func (s *session) Check(ctx context.Context) error {
	_, _, _, err := s.page(ctx, 1, 10)
	return s.plain(err)
}

var (
	_ providers.Lister  = (*session)(nil)
	_ providers.Checker = (*session)(nil)
)
