package cloudflare

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// body is one operation of a batch.
type body map[string]any

// create is the body that makes a record.
func create(r zone.Record) (body, error) {
	b, err := contents(r)
	if err != nil {
		return nil, err
	}
	m := parseMeta(r.Meta)
	b["name"], b["type"], b["ttl"] = string(r.Name), r.Type, ttl(r, m)
	if proxiable(r.Type) {
		b["proxied"] = m[metaProxied] == "true"
	}
	attributes(b, m, nil)
	return b, nil
}

// replace is the body that puts a record into the place of another of the same
// RRset. What it does not name stays: the comment, the tags and the settings,
// unless the new record brings its own. Whether it is proxied it says, since a
// value of ours must not be hidden behind Cloudflare's addresses because the one
// before it was.
func replace(old stored, r zone.Record) (body, error) {
	b := body{"id": old.id}
	if old.Data != r.Data {
		c, err := contents(r)
		if err != nil {
			return nil, err
		}
		b = c
		b["id"], b["name"], b["type"] = old.id, string(r.Name), r.Type
	}
	m := parseMeta(r.Meta)
	b["ttl"] = ttl(r, m)
	if proxiable(r.Type) {
		b["proxied"] = m[metaProxied] == "true"
	}
	before := parseMeta(old.Meta)
	switch {
	case old.Data == r.Data:
	case b["proxied"] == true:
		before = nil
	default: // the settings of the proxy mean nothing without it
		before = meta{metaIPv4Only: before[metaIPv4Only], metaIPv6Only: before[metaIPv6Only]}
	}
	attributes(b, m, before)
	return b, nil
}

// attributes adds what a record's Meta says beside its TTL and proxying. before
// is what of the Meta before must not stay unless m says it too; nil where none
// was.
func attributes(b body, m, before meta) {
	if c, ok := m[metaComment]; ok || before[metaComment] != "" {
		b["comment"] = c
	}
	if _, ok := m[metaTags]; ok || before[metaTags] != "" {
		b["tags"] = m.tags()
	}
	settings := map[string]bool{}
	for _, k := range []string{metaFlatten, metaIPv4Only, metaIPv6Only} {
		if m[k] == "true" || before[k] == "true" {
			settings[k] = m[k] == "true"
		}
	}
	if len(settings) > 0 {
		b["settings"] = settings
	}
}

// ttl is a record's TTL as the API counts it. A proxied record has "Auto".
func ttl(r zone.Record, m meta) uint32 {
	if r.TTL == autoTTL && (m[metaTTL] == "auto" || m[metaProxied] == "true") {
		return 1
	}
	return r.TTL
}

// proxiable reports whether records of the type can be answered with
// Cloudflare's own addresses (.../dns/manage-dns-records/faq/).
func proxiable(typ string) bool { return typ == "A" || typ == "AAAA" || typ == "CNAME" }

// contents is what the record says, in the fields the API has for its type. The
// API takes the fields of structured types only, not their content (the comment
// on it in libdns/cloudflare's models.go).
func contents(r zone.Record) (body, error) {
	switch r.Type {
	case "A", "AAAA", "TXT":
		return body{"content": r.Data}, nil
	case "CNAME", "NS", "PTR":
		return body{"content": bare(r.Data)}, nil
	case "MX":
		preference, host, _ := strings.Cut(r.Data, " ")
		n, err := strconv.ParseUint(preference, 10, 16)
		if err != nil {
			return nil, fail(providers.Invalid, "%s MX: %q is no preference", r.Name.FQDN(), preference)
		}
		return body{"priority": n, "content": bare(host)}, nil
	}
	rr, err := r.RR()
	if err != nil {
		return nil, fail(providers.Invalid, "%w", err)
	}
	switch rr := rr.(type) {
	case *dns.SRV:
		return body{"priority": rr.Priority, "data": body{"priority": rr.Priority, "weight": rr.Weight, "port": rr.Port, "target": bare(rr.Target)}}, nil
	case *dns.CAA:
		f, err := words(r, 3)
		if err != nil {
			return nil, err
		}
		return body{"data": body{"flags": rr.Flag, "tag": f[1], "value": f[2]}}, nil
	case *dns.HTTPS:
		return serviceBody(r, rr.Priority), nil
	case *dns.SVCB:
		return serviceBody(r, rr.Priority), nil
	case *dns.DS:
		return body{"data": body{"key_tag": rr.KeyTag, "algorithm": rr.Algorithm, "digest_type": rr.DigestType, "digest": rr.Digest}}, nil
	case *dns.TLSA:
		return certificateBody(rr.Usage, rr.Selector, rr.MatchingType, rr.Certificate), nil
	case *dns.SMIMEA:
		return certificateBody(rr.Usage, rr.Selector, rr.MatchingType, rr.Certificate), nil
	case *dns.SSHFP:
		return body{"data": body{"algorithm": rr.Algorithm, "type": rr.Type, "fingerprint": rr.FingerPrint}}, nil
	case *dns.NAPTR:
		f, err := words(r, 6)
		if err != nil {
			return nil, err
		}
		return body{"data": body{
			"order": rr.Order, "preference": rr.Preference, "flags": f[2], "service": f[3], "regex": f[4],
			"replacement": r.Data[strings.LastIndexByte(r.Data, ' ')+1:], // a name, and so as zone text has it
		}}, nil
	case *dns.URI:
		f, err := words(r, 3)
		if err != nil {
			return nil, err
		}
		return body{"priority": rr.Priority, "data": body{"weight": rr.Weight, "target": f[2]}}, nil
	}
	return nil, fail(providers.Unsupported, "records of type %s are not written at Cloudflare", r.Type)
}

// words is the n parts of a record's data without the quotes and escapes of zone
// text. JSON has characters where the DNS has octets, so that what is no UTF-8
// would be sent as something else.
func words(r zone.Record, n int) ([]string, error) {
	f, err := zone.ParseStrings(r.Data)
	switch {
	case err != nil || len(f) != n:
		return nil, fail(providers.Invalid, "%s %s: the data has not %d parts", r.Name.FQDN(), r.Type, n)
	case slices.ContainsFunc(f, func(s string) bool { return !utf8.ValidString(s) }):
		return nil, fail(providers.Invalid, "%s %s: Cloudflare takes no octets that are no UTF-8 here", r.Name.FQDN(), r.Type)
	}
	return f, nil
}

// serviceBody is an HTTPS or SVCB record: priority, target, and the parameters
// as zone text has them.
func serviceBody(r zone.Record, priority uint16) body {
	f := append(strings.SplitN(r.Data, " ", 3), "")
	return body{"data": body{"priority": priority, "target": f[1], "value": f[2]}}
}

func certificateBody(usage, selector, matching uint8, certificate string) body {
	return body{"data": body{"usage": usage, "selector": selector, "matching_type": matching, "certificate": certificate}}
}

// bare is a name as the API shows it, without its final dot; the root stays.
func bare(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}
