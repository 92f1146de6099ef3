package main

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// production is where the API is.
const production = "https://api.harbour.example/v2"

// driver speaks to Harbour. The zero value works.
type driver struct {
	// Endpoint is the base URL of the API. "": production. It must be https, but
	// for an address of this machine.
	Endpoint string
	// HTTP is what requests are sent with; nil: what httpapi has.
	HTTP *http.Client
}

// hosts is where the driver's requests go: the host of its endpoint. The SDK
// lets no request go elsewhere, and operators see the list before they trust
// the plugin.
func (d driver) hosts() []string {
	endpoint := d.Endpoint
	if endpoint == "" {
		endpoint = production
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		u = &url.URL{Host: "api.harbour.example"} // Open says what is wrong with the endpoint
	}
	return []string{u.Host}
}

// Info is what is known of Harbour before anybody has logged in.
func (d driver) Info() providers.Info {
	return providers.Info{
		ID:          "harbour",
		Name:        "Harbour",
		Fields:      fields(),
		NameServers: []string{"*.ns.harbour.example"},
		Panel:       "https://my.harbour.example/dns",
		Caps:        caps(),
	}
}

// tokensURL is where a customer makes tokens.
const tokensURL = "https://my.harbour.example/tokens" //nolint:gosec // the address of a page, and no token

func fields() []providers.Field {
	return []providers.Field{{
		Name: "token", Label: "API token", Secret: true, URL: tokensURL,
		Help: "Make one with the scopes dns:read and dns:write.",
	}}
}

const (
	maxSets = 50   // RRsets of one PATCH
	maxText = 4096 // octets of a TXT, joined
	maxNote = 100  // octets of what stands beside a value
)

// ttls is the only ones that a new RRset may have, in seconds.
func ttls() []uint32 { return []uint32{60, 300, 900, 1800, 3600, 14400, 86400} }

// types is what the API stores. SOA, and NS of the apex, it shows and keeps to
// itself.
func types() []string {
	return []string{
		"A", "AAAA", "ALIAS", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "REDIRECT",
		"SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
	}
}

// caps is what Mooring must know to make plans that Harbour can hold. A driver
// of a real host names its sources.
func caps() providers.Caps {
	list := ttls()
	return providers.Caps{
		Grain:     providers.GrainBatch, // one PATCH is many RRsets, all or none
		CAS:       true,                 // If-Match, in the same step
		Types:     types(),
		MinTTL:    list[0],
		MaxTTL:    list[len(list)-1],
		TTLs:      list,
		MaxTXT:    maxText,
		MaxBatch:  maxSets, // counted in records, which are never fewer than their RRsets
		ApexAlias: "ALIAS",
		Redirects: true,
		Rates:     []providers.Rate{{Requests: 6000, Per: time.Minute}},
		Source:    "examples/plugin/harbourtest",
		Date:      "2026-11-22",
	}
}

// Open checks the form of the token. Whether it is the right one the first
// request shows.
func (d driver) Open(c providers.Credentials) (providers.Session, error) {
	if err := c.Missing(fields()); err != nil {
		return nil, err
	}
	token := strings.TrimSpace(c["token"])
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fail(providers.InvalidCredentials, "token: it holds a space or a character that no token has: copy it again")
	}
	endpoint, err := httpapi.Endpoint(d.Endpoint, production)
	if err != nil {
		return nil, err
	}
	return &session{
		api:   httpapi.Client{Endpoint: endpoint, HTTP: d.HTTP},
		creds: providers.Credentials{"token": token},
	}, nil
}
