package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// zonePage is the most zones the API puts on a page
// (https://developers.cloudflare.com/api/resources/zones/methods/list/).
const zonePage = 50

// zoneEntry is a zone as the API describes it.
type zoneEntry struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Status  string `json:"status"` // initializing, pending, active, moved
	Type    string `json:"type"`   // full, partial, secondary
	Account struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"account"`
	Plan struct {
		Legacy string `json:"legacy_id"` // free, pro, business, enterprise
	} `json:"plan"`
	NameServers []string `json:"name_servers"`
	Permissions []string `json:"permissions"`
}

// shown is a zone's name as the API has it: the names of zones are in Unicode,
// those of records are A-labels (cloudflare/cloudflare-go#347, #690).
func shown(apex zone.Name) string {
	if u, err := idna.ToUnicode(string(apex)); err == nil {
		return u
	}
	return string(apex)
}

// apex is the name that shown was made of.
func (z zoneEntry) apex() (zone.Name, error) {
	a, err := idna.ToASCII(strings.ToLower(z.Name))
	if err != nil {
		return "", err
	}
	return zone.ParseName(a)
}

func (z zoneEntry) zone(apex zone.Name) providers.Zone {
	out := providers.Zone{ID: z.ID, Apex: apex, Caps: caps(z.Plan.Legacy)}
	for _, ns := range z.NameServers {
		if n, err := zone.ParseName(ns); err == nil {
			out.NameServers = append(out.NameServers, n)
		}
	}
	slices.SortFunc(out.NameServers, zone.Compare)
	return out
}

// zones is the zones that the token reaches, of one name or of all.
func (s *session) zones(ctx context.Context, name string) ([]zoneEntry, error) {
	q := url.Values{}
	if name != "" {
		q.Set("name", name)
	}
	if s.account != "" {
		q.Set("account.id", s.account)
	}
	raw, err := s.pages(ctx, "/zones", q, zonePage)
	if err != nil {
		return nil, err
	}
	var out []zoneEntry
	for _, r := range raw {
		var z zoneEntry
		if err := json.Unmarshal(r, &z); err != nil || !identifier.MatchString(z.ID) {
			return nil, odd("a zone cannot be read")
		}
		if s.account == "" || z.Account.ID == s.account {
			out = append(out, z)
		}
	}
	return out, nil
}

// Find asks for the zones of this name. A zone that does not serve yet, because
// its name servers have not been changed at the registrar, is found: NameServers
// says where it must point.
func (s *session) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	all, err := s.zones(ctx, shown(apex))
	if err != nil {
		return providers.Zone{}, err
	}
	all = slices.DeleteFunc(all, func(z zoneEntry) bool { n, err := z.apex(); return err != nil || n != apex })
	switch {
	case len(all) == 0:
		return providers.Zone{}, fail(providers.NoSuchZone, "the token reaches no zone %s: it is not at Cloudflare, or the token does not cover it", apex.FQDN())
	case len(all) > 1:
		var where []string
		for _, z := range all {
			where = append(where, fmt.Sprintf("%s (%s, %s)", z.Account.ID, printable(z.Account.Name), printable(z.Status)))
		}
		slices.Sort(where)
		return providers.Zone{}, fail(providers.Ambiguous, "%s is in %d accounts, choose one with account_id: %s", apex.FQDN(), len(all), strings.Join(where, ", "))
	case all[0].Type == "secondary":
		// https://developers.cloudflare.com/dns/zone-setups/zone-transfers/cloudflare-as-secondary/
		return providers.Zone{}, fail(providers.Unsupported, "%s is a secondary zone at Cloudflare: it is edited where it is transferred from", apex.FQDN())
	}
	return all[0].zone(apex), nil
}

// List implements providers.Lister.
func (s *session) List(ctx context.Context) ([]providers.Zone, error) {
	all, err := s.zones(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []providers.Zone
	for _, z := range all {
		apex, err := z.apex()
		if err != nil {
			return nil, odd("a zone's name cannot be read")
		}
		out = append(out, z.zone(apex))
	}
	slices.SortStableFunc(out, func(a, b providers.Zone) int { return zone.Compare(a.Apex, b.Apex) })
	return out, nil
}

// fail is an error of a request that was not sent, or that only asked.
func fail(code providers.Code, format string, args ...any) *providers.Error {
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}
