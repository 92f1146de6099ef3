package namecheap

import (
	"net/url"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// refusedText is what the text of a new TXT record cannot hold: quotes, which
// dnscontrol's integration tests have the host mangle (auditrecords.go of its
// provider), and what XML, which answers come in, cannot carry unchanged:
// control characters and octets that are no UTF-8.
const refusedText = "\"\x00\x01\x02\x03\x04\x05\x06\a\b\t\n\v\f\r\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f\uFFFD\uFFFE\uFFFF"

// maxTarget is the longest URL of a redirect, in characters, from the same page as
// maxHosts, which has it for all records that point somewhere; no name of DNS is
// as long. Names have the lengths of DNS:
// https://www.namecheap.com/support/api/methods/domains-dns/set-hosts/ takes
// labels of 63 characters, where the web console stops at names of 60.
const maxTarget = 255

// storable says why the host would not hold the records of after. What stood
// there before is its own business.
func storable(apex zone.Name, before, after []zone.Record) error {
	stood := map[zone.Record]bool{}
	for _, r := range before {
		stood[r] = true
	}
	at := map[zone.Name][]int{}
	for i, r := range after {
		at[r.Name] = append(at[r.Name], i)
	}
	for i, r := range after {
		if stood[r] {
			continue
		}
		if err := storableOne(apex, r); err != nil {
			return err
		}
		for _, j := range at[r.Name] {
			if i == j {
				continue
			}
			if err := beside(r, after[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// storableOne judges a new record by itself.
func storableOne(apex zone.Name, r zone.Record) error {
	c := caps()
	at := r.Name.FQDN()
	switch {
	case !r.Name.Within(apex):
		return refuse(providers.Invalid, "%s is not in the zone", at)
	case !c.Stores(r.Type) && r.Type != "MXE":
		return refuse(providers.Unsupported, "%s: the host's API stores no %s records", at, r.Type)
	case r.Opaque && r.Type != "MXE":
		return refuse(providers.Invalid, "%s %s: malformed data", at, r.Type)
	case r.Type == "NS" && r.Name == apex:
		return refuse(providers.Unsupported, "the name servers of the apex are not set here")
	case c.ClampTTL(r.TTL) != r.TTL:
		return refuse(providers.Invalid, "%s %s: the TTL %d is not between %d and %d", at, r.Type, r.TTL, c.MinTTL, c.MaxTTL)
	case strings.Contains(string(r.Name), `\`):
		return refuse(providers.Unsupported, "%s: the host takes no such characters in a name", at)
	}
	return storableData(r, at)
}

func storableData(r zone.Record, at string) error {
	target, pointing := r.Target()
	switch {
	case r.Type == "TXT" && strings.ContainsAny(r.Text(), refusedText):
		return refuse(providers.Invalid, "%s TXT: a quote, a control character or an octet that is no UTF-8, which the host does not store", at)
	case r.Type == "TXT" && len(r.Text()) > caps().MaxTXT:
		return refuse(providers.Invalid, "%s TXT: %d octets, at most %d", at, len(r.Text()), caps().MaxTXT)
	case r.Type == "MX" && pointing && target == zone.Root:
		return refuse(providers.Unsupported, "%s: the host stores no null MX", at)
	case pointing && target == zone.Root:
		return refuse(providers.Unsupported, "%s %s: the root is no target that the host takes", at, r.Type)
	case pointing && strings.Contains(string(target), `\`):
		return refuse(providers.Unsupported, "%s %s: the host takes no such characters in a name", at, r.Type)
	case r.Type == "CAA":
		return storableCAA(r, at)
	case r.Type == zone.TypeRedirect:
		return storableRedirect(r, at)
	}
	return nil
}

// storableCAA knows the three tags and the form of iodef that the API's
// documentation and go-namecheap-sdk (domains_dns_set_hosts.go) have, and the
// flags that RFC 8659 section 4.1 has: 0, and 128 for critical.
func storableCAA(r zone.Record, at string) error {
	f := strings.SplitN(r.Data, " ", 3)
	if len(f) != 3 {
		return refuse(providers.Invalid, "%s CAA: malformed data", at)
	}
	switch tag, value := f[1], strings.Trim(f[2], `"`); {
	case f[0] != "0" && f[0] != "128":
		return refuse(providers.Unsupported, "%s CAA: the flags are 0 or 128", at)
	case strings.ContainsAny(value, `"\`):
		return refuse(providers.Unsupported, "%s CAA: a quote or a backslash in the value", at)
	case tag == "issue" || tag == "issuewild":
		return nil
	case tag == "iodef" && (isWeb(value) || isMailto(value)):
		return nil
	}
	return refuse(providers.Unsupported, "%s CAA: the host takes issue, issuewild, and iodef with a URL", at)
}

func storableRedirect(r zone.Record, at string) error {
	for _, re := range redirects {
		target, ok := strings.CutPrefix(r.Data, re.prefix)
		switch {
		case !ok:
		case !isWeb(target) || strings.ContainsAny(target, refusedText+" "):
			return refuse(providers.Invalid, "%s: a redirect goes to an http or https URL", at)
		case len(target) > maxTarget:
			return refuse(providers.Unsupported, "%s: the URL is longer than %d characters", at, maxTarget)
		default:
			return nil
		}
	}
	return refuse(providers.Unsupported, "%s: the host has redirects with the status 301 and 302, and frames", at)
}

// isWeb reports whether a text is the URL of a web server.
func isWeb(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// isMailto reports whether a text is the URL of a mailbox.
func isMailto(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "mailto" && strings.Contains(strings.Trim(u.Opaque, "@"), "@")
}

// leads reports whether a record says which web server a name leads to, and
// whether it does so alone: an ALIAS and a redirect take the place of addresses.
func leads(r zone.Record) (leads, alone bool) {
	alone = r.Type == zone.TypeAlias || r.Type == zone.TypeRedirect
	return alone || r.Type == "A" || r.Type == "AAAA", alone
}

// beside judges a new record by another one at its owner.
func beside(r, o zone.Record) error {
	rLeads, rAlone := leads(r)
	oLeads, oAlone := leads(o)
	switch {
	case r.SameData(o):
		return refuse(providers.Invalid, "%s is there twice", r)
	case r.Type == "CNAME" || o.Type == "CNAME", rLeads && oLeads && (rAlone || oAlone):
		return refuse(providers.Invalid, "%s cannot stand beside %s", r, o)
	}
	return nil
}
