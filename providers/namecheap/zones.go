package namecheap

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
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
	list := res.Servers
	switch {
	case list == nil:
		return providers.Zone{}, incomplete(a, "DomainDNSGetListResult")
	case !d.is(list.Domain):
		return providers.Zone{}, a.Fail(providers.Unavailable, "the answer is about the domain %q", list.Domain)
	case !strings.EqualFold(list.IsUsingOurDNS, "true"):
		return providers.Zone{}, a.Fail(providers.NoSuchZone, "%s: %s", elsewhere, strings.Join(list.Nameservers, ", "))
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

// List is the domains of the account whose DNS the host serves. It says nothing
// about their name servers.
func (s *session) List(ctx context.Context) ([]providers.Zone, error) {
	var out []providers.Zone
	seen := map[string]bool{}
	for page := 1; ; page++ {
		res, a, err := s.call(ctx, getDomains, url.Values{"Page": {strconv.Itoa(page)}, "PageSize": {strconv.Itoa(pageSize)}}, false)
		if err != nil {
			return nil, err
		}
		if res.Domains == nil || res.Paging.TotalItems == nil {
			return nil, incomplete(a, "DomainGetListResult with Paging")
		}
		fresh := false
		for _, d := range res.Domains.Domain {
			if seen[d.Name] {
				continue
			}
			seen[d.Name], fresh = true, true
			if apex, ok := named(d.Name); ok && !strings.EqualFold(d.IsOurDNS, "false") {
				out = append(out, providers.Zone{ID: d.Name, Apex: apex, Caps: caps()})
			}
		}
		switch {
		case len(seen) >= *res.Paging.TotalItems:
			return out, nil
		case !fresh:
			return nil, a.Fail(providers.Unavailable, "the list of domains ends after %d of %d", len(seen), *res.Paging.TotalItems)
		}
	}
}

// Check lists a few domains: a call that needs all of the credentials and
// changes nothing.
func (s *session) Check(ctx context.Context) error {
	_, _, err := s.call(ctx, getDomains, url.Values{"Page": {"1"}, "PageSize": {"10"}}, false)
	return err
}

var (
	_ providers.Lister  = (*session)(nil)
	_ providers.Checker = (*session)(nil)
)
