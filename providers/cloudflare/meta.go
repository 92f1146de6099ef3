package cloudflare

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// What the host wants back with a record is its Meta: pairs of a key and an
// escaped value (as in a URL's query), sorted, with a space between them. A
// record with nothing out of the ordinary has none.
//
//	comment=…             the record's comment
//	email_routing=true    made by Email Routing
//	flatten_cname=true    and ipv4_only, ipv6_only: the record's settings
//	proxied=true          answered with Cloudflare's own addresses
//	read_only=true        Cloudflare keeps the record
//	tags=a%3Ab+c%3Ad      the record's tags, with a space between them
//	ttl=auto              the TTL is "Auto", which answers with 300 seconds
const (
	metaComment      = "comment"
	metaEmailRouting = "email_routing"
	metaFlatten      = "flatten_cname"
	metaIPv4Only     = "ipv4_only"
	metaIPv6Only     = "ipv6_only"
	metaProxied      = "proxied"
	metaReadOnly     = "read_only"
	metaTags         = "tags"
	metaTTL          = "ttl"
)

// meta is the pairs.
type meta map[string]string

func parseMeta(s string) meta {
	m := meta{}
	for pair := range strings.FieldsSeq(s) {
		k, v, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(v); err == nil {
			m[k] = plain
		}
	}
	return m
}

func (m meta) String() string {
	var pairs []string
	for k, v := range m {
		pairs = append(pairs, k+"="+url.QueryEscape(v))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, " ")
}

// set adds a pair unless its value says nothing.
func (m meta) set(key, value string) {
	if value != "" {
		m[key] = value
	}
}

func (m meta) flag(key string, on bool) {
	if on {
		m[key] = "true"
	}
}

// unwritable is the first pair of a record's Meta that would not be written as it
// is, "" where all would.
func unwritable(s string) string {
	for pair := range strings.FieldsSeq(s) {
		k, v, ok := strings.Cut(pair, "=")
		v, err := url.QueryUnescape(v)
		ok = ok && err == nil && utf8.ValidString(v)
		switch k {
		case metaComment:
		case metaTags:
			for t := range strings.FieldsSeq(v) {
				t, err := url.QueryUnescape(t)
				ok = ok && err == nil && utf8.ValidString(t)
			}
		case metaTTL:
			ok = ok && v == "auto"
		case metaEmailRouting, metaFlatten, metaIPv4Only, metaIPv6Only, metaProxied, metaReadOnly:
			ok = ok && v == "true"
		default:
			ok = false
		}
		if !ok {
			return pair
		}
	}
	return ""
}

// kept reports whether Cloudflare keeps the record itself: it is shown, since a
// plan must know what answers, and never written.
func (m meta) kept() bool { return m[metaReadOnly] == "true" || m[metaEmailRouting] == "true" }

// tags is the record's tags. A value may hold any character but line ends
// (https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/),
// so that each is escaped by itself.
func (m meta) tags() []string {
	out := []string{}
	for t := range strings.FieldsSeq(m[metaTags]) {
		if plain, err := url.QueryUnescape(t); err == nil {
			out = append(out, plain)
		}
	}
	return out
}

func (m meta) setTags(tags []string) {
	escaped := make([]string, len(tags))
	for i, t := range tags {
		escaped[i] = url.QueryEscape(t)
	}
	slices.Sort(escaped)
	m.set(metaTags, strings.Join(escaped, " "))
}
