package rfc2136

import (
	"strings"

	"github.com/miekg/dns"
)

// Prerequisites and deletions name rdata exactly. Servers compare the names
// in it without regard to case, as Knot 3.2 and BIND 9.18 do (tested), and
// zone.Record keeps every other octet, with one exception: the tag of a CAA
// record, which has no case (RFC 8659 section 4.1.1) and is made lower case,
// while servers compare it as it is. So a tag that is spelled otherwise stays
// with its record as Meta.
const metaTag = "tag="

// spelling is the Meta of a record as the server holds it.
func spelling(rr dns.RR) string {
	if caa, ok := rr.(*dns.CAA); ok && caa.Tag != strings.ToLower(caa.Tag) {
		return metaTag + caa.Tag
	}
	return ""
}

// respell gives the record the server's own spelling back.
func respell(rr dns.RR, meta string) {
	caa, ok := rr.(*dns.CAA)
	if tag, found := strings.CutPrefix(meta, metaTag); ok && found && strings.EqualFold(tag, caa.Tag) {
		caa.Tag = tag
	}
}
