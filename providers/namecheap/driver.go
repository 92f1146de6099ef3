package namecheap

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// The API's two addresses. What is tried out on the sandbox has accounts,
// domains and keys of its own.
const (
	Production = "https://api.namecheap.com/xml.response"
	Sandbox    = "https://api.sandbox.namecheap.com/xml.response"
)

// Driver is the driver. The zero value works.
type Driver struct {
	// Endpoint is the API's address with its path. "": Production. It must be
	// https unless it leads to this machine, since the key travels to it.
	Endpoint string
	HTTP     *http.Client // nil: one that all drivers share
}

// panel is where a customer edits the records of a domain by hand.
const panel = "the domain's Advanced DNS page at https://ap.www.namecheap.com/domains/list/"

// access is where a customer switches the API on, copies the key and allows
// addresses.
const access = "https://ap.www.namecheap.com/settings/tools/apiaccess/"

// Info is what is known of Namecheap, with the credentials that it wants.
func (d Driver) Info() providers.Info {
	i := providers.Known("namecheap")
	i.Fields = []providers.Field{
		{Name: "api_user", Label: "User name", Help: "The name you sign in to Namecheap with.", URL: access},
		{
			Name: "api_key", Label: "API key", URL: access, Secret: true,
			Help: "Under Profile, Tools, API Access: switch the API on, then copy the key. Namecheap asks for 20 domains in the account, 50 US dollars on it, or 50 spent in the last two years.",
		},
		{
			Name: "client_ip", Label: "Allowed address", URL: access,
			Help: "The IPv4 address that requests come from. It must stand in the list of allowed addresses on the same page.",
		},
		{Name: "username", Label: "Account", Help: "The account to work on, where it is not that of the user name.", Optional: true},
	}
	i.Caps = caps()
	if strings.HasPrefix(d.Endpoint, "http://") {
		i.Caps.Rates = nil // on this machine, so a fake: it has limits of its own
	}
	return i
}

// caps is what the host stores through its API.
func caps() providers.Caps {
	return providers.Caps{
		Grain:  providers.GrainZone,
		Types:  []string{"A", "AAAA", "ALIAS", "CAA", "CNAME", "MX", "NS", "REDIRECT", "TXT"},
		MinTTL: 60, MaxTTL: 60000,
		MaxTXT:      2500,
		RefusedText: refusedText,
		ApexAlias:   "ALIAS",
		NoNullMX:    true,
		UniqueMX:    true, // the sandbox keeps the first and says nothing; nobody tells of the real API
		Redirects:   true,
		Rates: []providers.Rate{
			{Requests: 20, Per: time.Minute},
			{Requests: 700, Per: time.Hour},
			{Requests: 8000, Per: 24 * time.Hour},
		},
		Source: "https://www.namecheap.com/support/api/methods/domains-dns/set-hosts/ (types, TTL); " +
			"https://www.namecheap.com/support/knowledgebase/article.aspx/10058/10/namecheap-dns-limits/ (lengths, 150 records); " +
			"dnscontrol providers/namecheap (quotes, null MX, rates as Namecheap's support gave them)",
		Date: "2026-11-22",
	}
}

// Open checks the form of the credentials.
func (d Driver) Open(c providers.Credentials) (providers.Session, error) {
	if err := c.Missing(d.Info().Fields); err != nil {
		return nil, err
	}
	endpoint, err := httpapi.Endpoint(d.Endpoint, Production)
	if err != nil {
		return nil, err
	}
	field := func(name string) string { return strings.TrimSpace(c[name]) }
	addr, err := netip.ParseAddr(field("client_ip"))
	if err != nil || !addr.Is4() {
		return nil, malformed("client_ip", "want an IPv4 address: the API knows no others")
	}
	for _, name := range []string{"api_user", "api_key", "username"} {
		if strings.ContainsFunc(field(name), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return nil, malformed(name, "blanks or characters that are not ASCII")
		}
	}
	return &session{
		api:  httpapi.Client{Endpoint: endpoint, HTTP: d.HTTP},
		user: field("api_user"), key: field("api_key"), account: cmp.Or(field("username"), field("api_user")), ip: addr.String(),
	}, nil
}

func malformed(field, what string) error {
	return &providers.Error{Code: providers.InvalidCredentials, Err: fmt.Errorf("%s: %w", field, errors.New(what))}
}

// session is one account. It holds no connection and remembers nothing.
type session struct {
	api                    httpapi.Client
	user, key, account, ip string
}

// Format keeps the key from being printed.
func (s *session) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("namecheap session")) }
