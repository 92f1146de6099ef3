package godaddy

import (
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

const (
	// minTTL is what the API itself says when a TTL is too low: "must have a
	// minimum value of 600" (https://github.com/win-acme/win-acme/issues/1947).
	minTTL = 600
	// maxTTL is that of the host's own description of a record (domains.json in
	// https://github.com/godaddy/cli). Longer ones that stand are kept.
	maxTTL = 86400
	// maxTXT is "1024 characters" of https://www.godaddy.com/help/add-a-txt-record-19232.
	maxTXT = 1024
	// pageSize is the most records that one answer holds
	// (https://github.com/n3integration/terraform-provider-godaddy/pull/44).
	pageSize = 500
	// listSize is the most domains that one answer holds
	// (https://github.com/webprofusion/certify/pull/600).
	listSize = 1000
)

// writable is the types that the API takes: it answers "is not one of enum
// values" and this list to every other (issue 18 of
// https://github.com/n3integration/terraform-provider-godaddy). CAA and SOA are
// listed all the same.
func writable() []string { return []string{"A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT"} }

func caps() providers.Caps {
	return providers.Caps{
		Grain:       providers.GrainRRset,
		Types:       writable(),
		MinTTL:      minTTL,
		MaxTTL:      maxTTL,
		MaxTXT:      maxTXT,
		RefusedText: refusedText,
		ASCIIText:   true, // https://www.godaddy.com/help/add-a-txt-record-19232
		NoNullMX:    true, // a target must be a host name, and "." is none
		// "60 requests per minute" for each endpoint of the API
		// (https://developer.godaddy.com/getstarted). The driver has one bucket
		// for all of them.
		Rates:  []providers.Rate{{Requests: 60, Per: time.Minute}},
		Source: "https://developer.godaddy.com/doc/endpoint/domains; https://www.godaddy.com/help/add-a-txt-record-19232; https://github.com/godaddy/cli",
		Date:   "2026-11-22",
	}
}

// refusedText is what no new TXT value may hold beside what is no ASCII: what the
// host makes of quotes and backslashes no source says, and it shows some texts
// in quotes.
const refusedText = `"\`

// plain reports whether a text holds nothing that the host may alter.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' || strings.ContainsRune(refusedText, c) })
}
