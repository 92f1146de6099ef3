package verify

import (
	"testing"

	"github.com/mooring-dns/mooring/providers/zone"
)

func TestAllowsIssuer(t *testing.T) {
	for _, tc := range []struct {
		why      string
		data     []string
		wildcard bool
		want     bool
	}{
		{"its name", []string{`0 issue "letsencrypt.org"`}, false, true},
		{"its name with parameters", []string{`0 issue "letsencrypt.org; validationmethods=dns-01"`}, false, true},
		{"in capitals", []string{`0 issue "LetsEncrypt.org"`}, false, true},
		{"another name", []string{`0 issue "ca.example"`}, false, false},
		{"one of two names", []string{`0 issue "ca.example"`, `0 issue "letsencrypt.org"`}, false, true},
		{"nobody", []string{`0 issue ";"`}, false, false},
		{"only where to report", []string{`0 iodef "mailto:a@x.example"`}, false, true},
		{"wildcards by another name", []string{`0 issue "letsencrypt.org"`, `0 issuewild "ca.example"`}, true, false},
		{"the same, for no wildcard", []string{`0 issue "letsencrypt.org"`, `0 issuewild "ca.example"`}, false, true},
		{"wildcards by the plain property", []string{`0 issue "letsencrypt.org"`}, true, true},
		{"wildcards only", []string{`0 issuewild ";"`}, false, true},
		{"a critical property nobody knows", []string{`0 issue "letsencrypt.org"`, `128 tbs "x"`}, false, false},
		{"a property nobody knows", []string{`0 issue "letsencrypt.org"`, `0 tbs "x"`}, false, true},
	} {
		var set []zone.Record
		for _, d := range tc.data {
			r, err := zone.New("customer.example", "CAA", 60, d)
			if err != nil {
				t.Fatal(err)
			}
			set = append(set, r)
		}
		if got := allowsIssuer(set, "letsencrypt.org", tc.wildcard); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.why, got, tc.want)
		}
	}
}

func TestCertified(t *testing.T) {
	for owner, want := range map[zone.Name]string{
		"www.customer.example":                 "www.customer.example false",
		"_acme-challenge.www.customer.example": "www.customer.example false",
		"_443._tcp.www.customer.example":       "www.customer.example false",
		"*.customer.example":                   "customer.example true",
		"s1._domainkey.customer.example":       "s1._domainkey.customer.example false",
		"_acme-challenge.customer.example":     "customer.example false",
		"_a._b.example":                        "example false",
		"customer.example":                     "customer.example false",
	} {
		name, wildcard := certified(owner)
		got := string(name) + " false"
		if wildcard {
			got = string(name) + " true"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", owner, got, want)
		}
	}
}
