package connect

import (
	"context"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// SetupType is how the records of a site are set.
type SetupType string

// The set-up types.
const (
	Automatic SetupType = "automatic" // by a driver
	Manual    SetupType = "manual"    // by a person, from instructions
)

// Site is a customer's domain and who hosts its DNS.
type Site struct {
	Name         zone.Name         `json:"name"`      // as entered
	Domain       zone.Name         `json:"domain"`    // the registrable domain of Name: what hosts are relative to
	Subdomain    string            `json:"subdomain"` // what stands before it
	Zone         zone.Name         `json:"zone"`      // that holds Domain
	NameZone     zone.Name         `json:"name_zone"` // that holds Name, where it is delegated by itself
	SetupType    SetupType         `json:"setup_type"`
	Provider     string            `json:"provider,omitempty"` // driver ID; "" where no loaded driver speaks to the host
	ProviderName string            `json:"provider_name"`      // for people; "unknown"
	Host         string            `json:"host,omitempty"`     // ID in providers.Catalogue, whether or not a driver speaks to it
	Fields       []providers.Field `json:"fields,omitempty"`   // credentials to ask for
	NameServers  []zone.Name       `json:"name_servers"`
	Confidence   Confidence        `json:"confidence,omitempty"` // that the provider was recognised rightly; "" where none was
	Others       []string          `json:"others,omitempty"`     // names of other hosts that some of the name servers belong to: what is set at one is not set there
	Evidence     []string          `json:"evidence"`             // what the provider was recognised by, one sentence each
}

// unknown is how a provider that was not recognised is called in events.
const unknown = "unknown"

// Detect finds the zone of a domain and who hosts it, by asking DNS. The name
// may be a subdomain. It fails with *entri.Error for a name that is none, and
// with an error of code NoSuchZone when DNS delegates no such domain.
func (e *Engine) Detect(ctx context.Context, name string) (Site, error) {
	d, err := entri.Split(name)
	if err != nil {
		return Site{}, err
	}
	site := Site{Name: d.Name(), Domain: d.Domain, Subdomain: d.Subdomain, SetupType: Manual, ProviderName: unknown}
	top, err := e.delegation(ctx, site.Domain)
	if err != nil {
		return Site{}, err
	}
	site.Zone, site.NameZone = top.Apex, top.Apex
	of := top // a name that is a zone of its own may have a host of its own
	if site.Name != site.Domain {
		below, err := e.delegation(ctx, site.Name)
		if err != nil {
			return Site{}, err
		}
		if site.NameZone = below.Apex; site.NameZone != site.Zone {
			of = below
		}
	}
	if zone.Name(d.TLD).Within(site.Zone) {
		return Site{}, undelegated(site.Domain, top)
	}
	e.recognise(&site, of)
	e.event(Event{Type: Detected, Site: site})
	return site, nil
}

func undelegated(name zone.Name, d verify.Delegation) error {
	return &providers.Error{Code: providers.NoSuchZone, Err: fmt.Errorf("%s is not delegated: DNS leads no further than the zone %s", name.FQDN(), d.Apex.FQDN())}
}

// delegation is verify's, with an error where nobody answered.
func (e *Engine) delegation(ctx context.Context, name zone.Name) (verify.Delegation, error) {
	d, err := e.dns.Delegation(ctx, name)
	if err != nil {
		return d, fmt.Errorf("connect: %s: %w", name.FQDN(), err)
	}
	if d.Apex == "" {
		return d, &providers.Error{Code: providers.Unavailable, Err: fmt.Errorf("DNS could not be asked for %s: %s", name.FQDN(), d.Err)}
	}
	return d, nil
}

func (e *Engine) infos() []providers.Info {
	out := make([]providers.Info, len(e.opts.Drivers))
	for i, d := range e.opts.Drivers {
		out[i] = d.Info()
	}
	return out
}

// host is what is known of a site's host: from the catalogue, else from its
// driver.
func (e *Engine) host(site Site) providers.Info {
	if h := providers.Known(site.Host); h.ID != "" {
		return h
	}
	if d, err := e.driver(site.Provider); err == nil {
		return d.Info()
	}
	return providers.Info{}
}

func (e *Engine) assign(site *Site, info providers.Info) {
	site.SetupType, site.Provider, site.ProviderName, site.Fields = Automatic, info.ID, info.Name, info.Fields
}

// Use is the site with a provider that the host app or its customer chooses,
// whatever was recognised. Where that is another one, the evidence says so.
func (e *Engine) Use(site Site, provider string) (Site, error) {
	d, err := e.driver(provider)
	if err != nil {
		return Site{}, err
	}
	if info := d.Info(); info.ID != site.Provider {
		site.Evidence = append(slices.Clone(site.Evidence), info.Name+" was chosen, and not recognised")
		site.Confidence = ""
	}
	e.assign(&site, d.Info())
	return site, nil
}

// ByHand is the site for a set-up from instructions.
func (s Site) ByHand() Site {
	s.SetupType, s.Fields = Manual, nil
	return s
}
