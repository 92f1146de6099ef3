package cloudflare_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	bare "github.com/libdns/cloudflare"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/providertest"
)

// redirect sends the module's requests, whose host is a constant, to the fake.
type redirect struct {
	to   *url.URL
	http *http.Client
}

func (r redirect) Do(req *http.Request) (*http.Response, error) {
	req.URL.Scheme, req.URL.Host, req.Host = r.to.Scheme, r.to.Host, ""
	return r.http.Do(req)
}

// module is libdns/cloudflare v0.2.2 at the fake.
func module(fake *cloudflaretest.Fake, token string) *bare.Provider {
	to, err := url.Parse(fake.URL())
	if err != nil {
		panic(err) // the fake's own
	}
	return &bare.Provider{APIToken: token, HTTPClient: redirect{to, http.DefaultClient}}
}

// bareDriver is the module as its users have it: its word is believed.
func bareDriver(fake *cloudflaretest.Fake) providers.Driver {
	host := cloudflare.Driver{}.Info()
	host.Caps.Grain = providers.GrainRRset
	return libdnsdriver.Driver{
		Host: host,
		New:  func(c providers.Credentials) (any, error) { return module(fake, c["api_token"]), nil },
		Mode: libdnsdriver.BareSet,
	}
}

func TestConformanceBare(t *testing.T) {
	h := harness("cloudflare-bare", bareDriver)
	h.Fails = map[string]string{}
	for _, d := range bareDefects {
		for name := range strings.FieldsSeq(d.cases) {
			h.Fails[name] = d.what
		}
	}
	providertest.Run(t, h)
}

// bareDefects is why the bare module fails the cases that it fails, by the names
// that TestDefects gives.
var bareDefects = []struct{ what, cases string }{
	{
		"C1: the last of several values wins",
		`set-new text-254 text-255 text-256 text-509 text-510 text-511 text-764 text-766 text-dkim-4096 text-2048
		text-quoted-whole text-quote-space text-single-quote text-backtick text-backslash text-backslash-runs text-percent
		text-markup text-punctuation text-semicolon text-spaces text-space-last text-only-spaces text-case text-utf8
		text-binary text-empty type-caa type-aaaa type-delegation swap-cname-a two-zones-at-once`,
	},
	{
		"C2: an RRset of several values cannot be set",
		`set-1 set-2 set-10 add-beside remove-one replace-one apex several replay one-mx one-srv one-https one-caa one-ns
		one-aaaa one-text-case one-text-prefix owner-apex-many text-borders type-mx-preference type-mx-zero ttl-change ttl-joined
		write-replay fault-write-rate-limited fault-write-denied`,
	},
	{"C2 and C17: an RRset of several values cannot be set, and writers at once overtake each other", "concurrent"},
	{"C2 and C8: an RRset of several values cannot be set, and what the host keeps beside a record is not carried", "meta-record"},
	{"C7: a 0 is left out: a preference, a priority, a weight", "type-mx type-mx-null type-srv"},
	{"C7: the fields of types that the module does not know are left out", "type-tlsa"},
	{"C11: one record that cannot be parsed fails the reading of all", "rare-types"},
	{"C12: names are sent relative, and one that reads like the zone is taken for it", "owner-zone-name"},
	{"C13: text in quotes is not quoted again", "text-quotes text-quote-first"},
	{"C14: text of several strings is not found again to be removed", "one-text-long"},
	{"C18: errors are words, without a code and without Retry-After", "credential-wrong credential-check find-unknown find-inside two-accounts fault-read-rate-limited"},
	{"C1 and C2: nobody looks at what stands beside a new CNAME, and the API takes it beside text", "refuse-cname"},
}
