package cloudflare

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// official is the API (https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/).
const official = "https://api.cloudflare.com/client/v4"

// Driver is the driver. The zero value speaks to the real API.
type Driver struct {
	Endpoint string       // base URL without a final slash; empty: the real API. Without https only to this machine.
	HTTP     *http.Client // nil: one that all drivers share
}

// newToken opens the form of a new token with the permissions filled in
// (https://developers.cloudflare.com/fundamentals/api/how-to/account-owned-token-template/).
const newToken = "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=" +
	"%5B%7B%22key%22%3A%22zone%22%2C%22type%22%3A%22read%22%7D%2C%7B%22key%22%3A%22dns%22%2C%22type%22%3A%22edit%22%7D%5D" +
	"&accountId=%2A&zoneId=all&name=Mooring"

// Info describes Cloudflare, with the Caps of a zone on the Free plan, the
// tightest: Find knows the zone's own.
func (d Driver) Info() providers.Info {
	i := providers.Known("cloudflare")
	i.ID, i.Name = "cloudflare", "Cloudflare"
	i.Fields = fields()
	i.Caps = caps("free")
	return i
}

// fields is the credentials.
func fields() []providers.Field {
	return []providers.Field{
		{
			Name: "api_token", Label: "API token", Secret: true, URL: newToken,
			Help: "A token, not the Global API Key, with the permissions Zone: Zone: Read and Zone: DNS: Edit for the zones to be connected. The link opens the form with both filled in.",
		},
		{
			Name: "account_id", Label: "Account ID", Optional: true, URL: "https://dash.cloudflare.com/?to=/:account/home",
			Help: "32 hexadecimal digits. Needed where the token reaches several accounts that hold a zone of the same name.",
		},
	}
}

// types is what the API stores and the driver writes
// (https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/).
// CERT, DNSKEY, LOC and OPENPGPKEY are read and removed, not written.
func types() []string {
	return []string{
		"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR",
		"SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
	}
}

// Limits of one record and of one RRset, in octets of rdata on the wire and in
// characters of content (dns-record-types, as of cloudflare-docs#29286, March
// 2026; error texts 9015 and 83011 in cisagov/manage.get.gov#5244). Text of 4080
// octets takes 16 strings, and so 4096 octets.
const (
	maxWire    = 4096
	maxContent = 8192
	maxText    = 4080
)

// autoTTL is what a record with the TTL "Auto" is answered with, in seconds
// (https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/).
const autoTTL = 300

// TTLs in seconds, on the plan that allows the most
// (https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/).
const (
	minTTL = 30
	maxTTL = 86400
)

// caps is what a zone of this plan can do; plans as the API's legacy_id names
// them, and the tightest for any other.
func caps(plan string) providers.Caps {
	c := providers.Caps{
		Grain: providers.GrainBatch,
		Types: types(),
		// .../reference/ttl/: 60 seconds to a day, 30 on Enterprise.
		MinTTL: 60, MaxTTL: maxTTL,
		MaxTXT:    maxText,
		ApexAlias: "CNAME", // flattened: .../dns/cname-flattening/
		// .../how-to/batch-record-changes/
		MaxBatch: 200,
		// .../fundamentals/api/reference/limits/: 1200 in five minutes for a
		// user or account token.
		Rates:  []providers.Rate{{Requests: 1200, Per: 5 * time.Minute}},
		Source: "https://developers.cloudflare.com/dns/manage-dns-records/",
		Date:   "2026-11-22",
	}
	switch plan {
	case "enterprise":
		c.MinTTL, c.MaxBatch = minTTL, 3500
	case "pro", "business":
		c.MaxBatch = 3500
	}
	return c
}

var (
	// globalKey is the Global API Key in its forms of before and since 2026
	// (https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/).
	globalKey = regexp.MustCompile(`^(cfk_.*|[0-9a-f]{37})$`)
	// headerSafe is what a bearer token is made of (RFC 6750 section 2.1).
	headerSafe = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]+$`)
	identifier = regexp.MustCompile(`^[0-9a-f]{32}$`)
	mnemonic   = regexp.MustCompile(`^[A-Za-z0-9-]{1,16}$`) // of a record type
)

// Open makes a session for one token.
func (d Driver) Open(c providers.Credentials) (providers.Session, error) {
	if err := c.Missing(fields()); err != nil {
		return nil, err
	}
	endpoint, err := httpapi.Endpoint(d.Endpoint, official)
	if err != nil {
		return nil, err
	}
	token, account := strings.TrimSpace(c["api_token"]), strings.ToLower(strings.TrimSpace(c["account_id"]))
	switch {
	case globalKey.MatchString(token):
		return nil, fail(providers.InvalidCredentials, "api_token: this is the Global API Key: make an API token instead")
	case !headerSafe.MatchString(token):
		return nil, fail(providers.InvalidCredentials, "api_token: it holds a character that no token has")
	case account != "" && !identifier.MatchString(account):
		return nil, fail(providers.InvalidCredentials, "account_id: want 32 hexadecimal digits")
	}
	return &session{api: httpapi.Client{Endpoint: endpoint, HTTP: d.HTTP}, creds: maps.Clone(c), token: token, account: account}, nil
}

// session is one token. It holds nothing of what it has read.
type session struct {
	api     httpapi.Client
	creds   providers.Credentials // as they were given
	token   string
	account string // empty: whichever the token reaches
}

// Format prints no token, whatever the verb.
func (s *session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "session at cloudflare") }
