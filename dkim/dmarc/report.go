package dmarc

import (
	"slices"
	"strings"
)

// Authorisers returns the names at which a foreign receiver of reports has to publish a TXT record v=DMARC1, or nobody sends it
// reports about domain (RFC 9990, before it RFC 7489 7.1): "customer.example._report._dmarc.rua.example". They are in the order of
// rua and ruf, and there is none for an invalid record.
//
// Foreign means another organizational domain, which this package cannot know. It takes a receiver for foreign unless one of the
// two names is at or below the other. So a sibling (reports.example.com for www.example.com) is named although it needs no
// record; whoever knows the organizational domains can pass over it: the receiver stands behind "._report._dmarc.".
func Authorisers(domain, record string) []string {
	r, err := Parse(record)
	if err != nil {
		return nil
	}
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	var out []string
	for _, uri := range slices.Concat(r.RUA, r.RUF) {
		h := host(uri)
		if h == "" || within(h, domain) || within(domain, h) {
			continue
		}
		if name := domain + "._report._dmarc." + h; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// within reports whether name is at or below parent.
func within(name, parent string) bool {
	return name == parent || strings.HasSuffix(name, "."+parent)
}
