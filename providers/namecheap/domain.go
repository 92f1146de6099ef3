package namecheap

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/mooring-dns/mooring/providers/zone"
)

// domain is a zone as the API names it: SLD and TLD in two parameters.
//
//	customer.example.co.uk  →  sld "customer.example", tld "co.uk"
type domain struct{ sld, tld string }

// String is the domain in one piece.
func (d domain) String() string { return d.sld + "." + d.tld }

// is reports whether the API means this domain by a name, which it may spell in
// its own alphabet.
func (d domain) is(name string) bool {
	n, ok := named(name)
	return ok && string(n) == d.String()
}

// named is a domain as the API spells it.
func named(s string) (zone.Name, bool) {
	if n, err := zone.ParseName(s); err == nil {
		return n, true
	}
	ascii, err := toASCII(s)
	if err != nil {
		return "", false
	}
	n, err := zone.ParseName(ascii)
	return n, err == nil
}

// toASCII is a name with A-labels for its U-labels. Names of DNS are no host
// names: "_dmarc" and "*" are labels too, which the usual profile refuses beside
// a U-label.
func toASCII(s string) (string, error) {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false)).ToASCII(s)
}

// inNoDomain is what no domain of a registrar has in its name, and names of DNS
// may: escapes, wildcards, and what setHosts or a path would read otherwise.
const inNoDomain = `\*@/`

// split cuts an apex before its public suffix, at a label and never inside one
// ("example.studio" does not end in "io"). Suffixes of companies that give out
// names below their own domain (github.io) are no TLDs of a registrar. Some of
// them are sold by registrars all the same (uk.com, com.de): how the API wants
// those cut is not known, dnscontrol cuts them before "uk.com", and the cut here
// is before "com". A cut that the API does not take is a domain that it does not
// find: both parts together are the same name, so that no other is met. Whether
// the host has such a zone is the host's to say: its FreeDNS holds subdomains
// too, with several labels in SLD
// (https://github.com/acmesh-official/acme.sh/issues/7178).
func split(apex zone.Name) (d domain, ok bool) {
	name := string(apex)
	if strings.ContainsAny(name, inNoDomain) || apex == zone.Root {
		return domain{}, false
	}
	suffix, registry := publicsuffix.PublicSuffix(name)
	for !registry {
		_, parent, private := strings.Cut(suffix, ".")
		if !private {
			break // a TLD that the list does not know
		}
		suffix, registry = publicsuffix.PublicSuffix(parent)
	}
	sld, found := strings.CutSuffix(name, "."+suffix)
	return domain{sld: sld, tld: suffix}, found && sld != ""
}
