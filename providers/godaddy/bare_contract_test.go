package godaddy_test

import (
	"strings"
	"testing"

	libgodaddy "github.com/libdns/godaddy"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestConformanceBare runs the suite on the upstream module as its users call
// it. Each case that fails is listed with its defect.
func TestConformanceBare(t *testing.T) {
	var restore func()
	h := harness(
		func(f *godaddytest.Fake) providers.Driver {
			_, restore = redirected(f.URL())
			host := godaddy.Driver{}.Info()
			host.Fields = []providers.Field{{Name: "api_token", Label: "KEY:SECRET", Secret: true}}
			host.Caps.Rates = nil
			return libdnsdriver.Driver{
				Host: host,
				New: func(c providers.Credentials) (any, error) {
					return &libgodaddy.Provider{APIToken: c["api_token"]}, nil
				},
				Mode: libdnsdriver.BareAppend,
			}
		},
		func(a godaddytest.Account) providers.Credentials {
			return providers.Credentials{"api_token": a.Key + ":" + a.Secret}
		},
	)
	begin := h.New
	h.New = func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
		d, c, apex := begin(t)
		t.Cleanup(restore)
		return d, c, apex
	}
	h.Name = "godaddy-bare"
	h.Fails = known()
	providertest.Run(t, h)
}

// known is the cases that the upstream module fails, by the defect that makes
// it.
func known() map[string]string {
	out := map[string]string{}
	for defect, cases := range map[string]string{
		"G1: adding one value replaces the RRset": "add-beside apex owner-apex-many write-replay concurrent two-zones-at-once two-accounts ttl-joined " +
			"fault-write-half fault-write-landed fault-outcome " +
			"text-255 text-254 text-256 text-509 text-510 text-511 text-764 text-766 text-dkim-4096 text-borders text-single-quote text-backtick text-percent " +
			"text-markup text-punctuation text-semicolon text-spaces text-space-last text-only-spaces text-case text-empty",
		"G2: of two values of one call the last remains": "set-2 set-10 set-new replace-one several replay type-aaaa type-delegation swap-cname-a ttl-change",
		"G4: deleting one value deletes the RRset":       "remove-one one-ns one-aaaa one-text-case one-text-prefix one-text-long",
		"G5: deleting two values fails at the second":    "swap-a-cname",
		"G6: MX and SRV have no priority, neither written nor read": "read-complete read-many concurrent-reads one-mx one-srv type-mx type-mx-preference " +
			"type-mx-zero type-srv type-case",
		"G11: names are not escaped":                                      "owner-odd",
		"G14: when to come again is not told":                             "fault-read-rate-limited fault-write-rate-limited",
		"the SOA record is read though the API lists it without its data": "soa-kept",
	} {
		for c := range strings.FieldsSeq(cases) {
			out[c] = defect
		}
	}
	return out
}
