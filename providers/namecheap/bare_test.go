package namecheap_test

import (
	"strings"
	"testing"

	bare "github.com/libdns/namecheap"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/providertest"
)

// bareDriver is libdns/namecheap as it is, called as its documentation says. It
// needs pointers to records, since it does not know them as values (N3).
func bareDriver(f *namecheaptest.Fake) libdnsdriver.Driver {
	info := driver(f).Info()
	info.ID = "namecheap-bare"
	info.Caps.Grain = providers.GrainRRset
	return libdnsdriver.Driver{
		Host: info,
		New: func(c providers.Credentials) (any, error) {
			return &bare.Provider{APIKey: c["api_key"], User: c["api_user"], ClientIP: c["client_ip"], APIEndpoint: f.Endpoint()}, nil
		},
		Pointers: true,
		Mode:     libdnsdriver.BareAppend,
	}
}

// TestConformanceBare runs the suite on the bare module: the cases it fails are
// those of its defects.
func TestConformanceBare(t *testing.T) {
	h := harness("namecheap-bare", func(f *namecheaptest.Fake) providers.Driver { return bareDriver(f) })
	h.Fails = bareFails()
	providertest.Run(t, h)
}

// bareFails is the cases that the bare module fails, by defect.
func bareFails() map[string]string {
	fails := map[string]string{}
	for _, g := range []struct{ defect, cases string }{
		{"N2: the mail setting is not sent back, and the MX records of the zone are gone", "plan-50 set-1 set-2 set-10 set-new set-gone add-beside remove-one replace-one apex wildcard several replay one-ns one-aaaa " +
			"one-text-case one-text-prefix one-text-long owner-apex-many owner-wildcard-text owner-underscore-cname owner-idn owner-deep " +
			"owner-63 owner-parent owner-zone-name text-255 text-254 text-256 text-509 text-510 text-511 text-764 text-766 text-dkim-4096 " +
			"text-2048 text-borders text-single-quote text-backtick text-backslash text-percent text-markup text-punctuation text-semicolon " +
			"text-spaces text-space-last text-only-spaces text-case text-utf8 type-cname type-cname-inside type-aaaa type-delegation " +
			"swap-cname-a swap-a-cname ttl ttl-change ttl-joined ttl-floor ttl-ceiling apex-alias write-replay concurrent refuse-cname " +
			"two-zones-at-once fault-write-half fault-write-landed fault-outcome type-mx-preference type-mx-zero owner-odd"},
		{"N2: an MX record is not stored without the mail setting, and success is reported", "type-mx type-case"},
		{"N3: the quotes of a CAA value are read as a part of it", "read-complete concurrent-reads one-caa type-caa type-caa-parameters"},
		{"N11: what is empty or 0 is left out of the request", "text-empty"},
		{"N11: the host's types of redirects are not known", "redirect"},
		{"N12: a name that is \"0\" is left out, and ends the list of hosts", "underscore"},
		{"N14: error numbers and statuses are dropped", "credential-wrong two-accounts fault-read-rate-limited fault-read-denied fault-write-rate-limited fault-write-denied"},
	} {
		for name := range strings.FieldsSeq(g.cases) {
			fails[name] = g.defect
		}
	}
	return fails
}
