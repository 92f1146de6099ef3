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
	Type    string `json:"type"`   // typeFull and the others
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

// Types of zones. An internal zone is answered in private networks only, and may
// have the name of a public zone of the same account
// (https://developers.cloudflare.com/dns/internal-dns/internal-zones/setup/). A
// secondary zone is edited where it is transferred from
// (.../dns/zone-setups/zone-transfers/cloudflare-as-secondary/), and for a partial
// one another host answers (.../dns/zone-setups/partial-setup/).
const (
	typeFull      = "full"
	typeInternal  = "internal"
	typePartial   = "partial"
	typeSecondary = "secondary"
)

// elsewhere is nil for a zone that is served as it is edited here.
func (z zoneEntry) elsewhere(apex zone.Name) error {
	switch z.Type {
	case typeFull:
		return nil
	case typeSecondary:
		return fail(providers.Unsupported, "%s is a secondary zone at Cloudflare: it is edited where it is transferred from", apex.FQDN())
	case typePartial:
		return fail(providers.Unsupported, "%s is a partial zone at Cloudflare: another host answers for it, and it is edited there", apex.FQDN())
	}
	return fail(providers.Unsupported, "%s is a zone of a type at Cloudflare that is not known", apex.FQDN())
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

// zones is the public zones that the token reaches, of one name or of all.
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
		if z.Type != typeInternal && (s.account == "" || z.Account.ID == s.account) {
			out = append(out, z)
		}
	}
	return out, nil
}

// Find asks for the zones of this name. A zone that does not serve yet, because
// its name servers have not been changed at the registrar, is found: NameServers
// says where it must point.
func (s *session) Find(ctx context.Context, apex zone.Name) (z providers.Zone, err error) {
	defer s.clean(&err)
	all, err := s.zones(ctx, shown(apex))
	if err != nil {
		return providers.Zone{}, err
	}
	all = slices.DeleteFunc(all, func(z zoneEntry) bool { n, err := z.apex(); return err != nil || n != apex })
	switch len(all) {
	case 0:
		return providers.Zone{}, fail(providers.NoSuchZone, "the token reaches no zone %s: it is not at Cloudflare, or the token does not cover it", apex.FQDN())
	case 1:
		if err := all[0].elsewhere(apex); err != nil {
			return providers.Zone{}, err
		}
		return all[0].zone(apex), nil
	}
	var where []string
	for _, z := range all {
		where = append(where, fmt.Sprintf("%s (%s, %s)", s.quoted(z.Account.ID), s.quoted(z.Account.Name), s.quoted(z.Status)))
	}
	slices.Sort(where)
	return providers.Zone{}, fail(providers.Ambiguous, "there are %d zones %s, choose one by its account with account_id: %s", len(all), apex.FQDN(), strings.Join(where, ", "))
}

// List implements providers.Lister. It names the zones that Find finds: not those
// that are served from elsewhere, nor one whose name cannot be read.
func (s *session) List(ctx context.Context) (zones []providers.Zone, err error) {
	defer s.clean(&err)
	all, err := s.zones(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, z := range all {
		if apex, err := z.apex(); err == nil && z.elsewhere(apex) == nil {
			zones = append(zones, z.zone(apex))
		}
	}
	slices.SortStableFunc(zones, func(a, b providers.Zone) int { return zone.Compare(a.Apex, b.Apex) })
	return zones, nil
}
