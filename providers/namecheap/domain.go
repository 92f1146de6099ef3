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
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", false
	}
	n, err := zone.ParseName(ascii)
	return n, err == nil
}

// split cuts an apex before its public suffix, at a label and never inside one
// ("example.studio" does not end in "io"). Suffixes of companies that give out
// names below their own domain (github.io) are no TLDs of a registrar. Whether
// the host has such a zone is the host's to say: its FreeDNS holds subdomains
// too, with several labels in SLD
// (https://github.com/acmesh-official/acme.sh/issues/7178).
func split(apex zone.Name) (d domain, ok bool) {
	name := string(apex)
	if strings.ContainsAny(name, `\*@/`) || apex == zone.Root {
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
