package godaddy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// The two spellings of a TXT that must go back as they came. Every other text
// is shown, and taken, as it is.
const (
	metaQuoted = "quoted=true" // as quoted strings, with their borders
	metaRaw    = "raw=true"    // as it is, though it holds what no new text may hold
)

// fieldSet is a record as the API shows it (DNSRecord of
// https://developer.godaddy.com/doc/endpoint/domains; a whole zone in this form
// is in the tests of https://github.com/Domain-Connect/DomainConnectApplyZone).
type fieldSet struct {
	Type     string `json:"type"`
	Name     string `json:"name"`     // relative to the domain, "@" for itself; of an SRV mostly without service and protocol
	Data     string `json:"data"`     // a target without final dot, "@" for the domain; a text as it is
	TTL      uint32 `json:"ttl"`      // seconds
	Priority *int64 `json:"priority"` // MX and SRV
	Service  string `json:"service"`  // SRV: "_sip"
	Protocol string `json:"protocol"` // SRV: "_tcp"
	Port     *int64 `json:"port"`     // SRV
	Weight   *int64 `json:"weight"`   // SRV
}

// missing is the first of the fields without which it is no record. The SOA
// record is listed without data.
func missing(raw json.RawMessage) string {
	var f struct {
		Type, Name, Data *string
		TTL              *uint32
	}
	_ = json.Unmarshal(raw, &f) // newEntry has read it
	soa := f.Type != nil && zone.CanonicalType(*f.Type) == "SOA"
	switch {
	case f.Type == nil || *f.Type == "":
		return "type"
	case f.Name == nil:
		return "name"
	case f.Data == nil && !soa:
		return "data"
	case f.TTL == nil && !soa:
		return "ttl"
	}
	return ""
}

// entry is a record in both forms.
type entry struct {
	raw  json.RawMessage // as the host gave it, fields unknown to us included
	host string          // the name as the host spells it, "@" for the domain
	rec  zone.Record
}

func (e entry) equal(o entry) bool { return string(e.raw) == string(o.raw) }

// metaMisnamed marks a record whose name at the host is none in DNS: "www.",
// "a..b". It is opaque, stands at the name that comes nearest, so that whoever
// looks there finds it, and has the host's name before its data.
const metaMisnamed = "misnamed=true"

func newEntry(apex zone.Name, raw json.RawMessage) (entry, error) {
	e := entry{raw: raw}
	var f fieldSet
	if err := json.Unmarshal(raw, &f); err != nil {
		return e, errors.New("it is not in the form of a record")
	}
	if field := missing(raw); field != "" {
		return e, fmt.Errorf("it has no %s", field)
	}
	if e.host = f.Name; e.host == "" {
		e.host = "@"
	}
	e.rec = zone.Record{Type: zone.CanonicalType(f.Type), TTL: f.TTL}
	host := f.owner()
	name, err := zone.Abs(host, apex)
	if err != nil || !name.Within(apex) || strings.HasSuffix(host, ".") {
		e.rec.Name, e.rec.Data = nearest(host, apex), f.Name+" "+f.opaque()
		e.rec.Opaque, e.rec.Meta = true, metaMisnamed
		return e, nil
	}
	e.rec.Name = name
	data, meta, ok := f.data(apex)
	if ok {
		data, err = zone.Canonical(e.rec.Type, data)
	}
	if !ok || err != nil {
		e.rec.Data, e.rec.Opaque = f.opaque(), true
		return e, nil
	}
	e.rec.Data, e.rec.Meta = data, meta
	return e, nil
}

// nearest is a name that comes as near as any to one that is none.
func nearest(host string, apex zone.Name) zone.Name {
	if name, err := zone.Abs(host, apex); err == nil && name.Within(apex) {
		return name
	}
	labels := slices.DeleteFunc(strings.Split(host, "."), func(l string) bool { return l == "" })
	for len(labels) > 0 {
		if name, err := zone.Abs(strings.Join(labels, "."), apex); err == nil {
			return name
		}
		labels = labels[1:]
	}
	return apex
}

// opaque is the data of a record that has no DNS form, with its numbers, which
// tell it from others.
func (f fieldSet) opaque() string {
	words := []string{}
	for _, n := range []*int64{f.Priority, f.Weight, f.Port} {
		if n != nil {
			words = append(words, strconv.FormatInt(*n, 10))
		}
	}
	return strings.Join(append(words, f.Data), " ")
}

// owner is where the record stands, in front of the apex, as zone text. Service
// and protocol of an SRV record are mostly no part of its name at this host.
func (f fieldSet) owner() string {
	host := f.Name
	if zone.CanonicalType(f.Type) == "SRV" && f.Service != "" && f.Protocol != "" {
		prefix := f.Service + "." + f.Protocol
		switch {
		case host == "@" || host == "":
			host = prefix
		case host != prefix && !strings.HasPrefix(host, prefix+"."):
			host = prefix + "." + host
		}
	}
	return escape(host)
}

// escape is a name of the host as zone text, where other octets than those of
// host names have to be escaped.
func escape(host string) string {
	var b strings.Builder
	for i := range len(host) {
		c := host[i]
		if hostRune(rune(c)) || c >= 'A' && c <= 'Z' || c == '.' || c == '*' || host == "@" {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "\\%03d", c)
		}
	}
	return b.String()
}

// data is the rdata; ok is false for what has no DNS form, such as an address
// that is "Parked" (https://github.com/n3integration/terraform-provider-godaddy/issues/32).
func (f fieldSet) data(apex zone.Name) (data, meta string, ok bool) {
	target, named := target(apex, f.Data)
	switch zone.CanonicalType(f.Type) {
	case "CNAME", "NS":
		return target, "", named
	case "MX":
		if f.Priority == nil || !named {
			return "", "", false
		}
		return fmt.Sprintf("%d %s", *f.Priority, target), "", true
	case "SRV":
		if f.Priority == nil || f.Weight == nil || f.Port == nil || !named {
			return "", "", false
		}
		return fmt.Sprintf("%d %d %d %s", *f.Priority, *f.Weight, *f.Port, target), "", true
	case "TXT":
		return text(f.Data)
	}
	return f.Data, "", f.Data != ""
}

// target is a host name of the API in zone text. One of a single label is none
// that anybody could say what it means.
func target(apex zone.Name, s string) (string, bool) {
	switch {
	case s == "@":
		return apex.FQDN(), true
	case s == ".":
		return s, true
	}
	s = strings.TrimSuffix(s, ".")
	return escape(s) + ".", strings.Contains(s, ".")
}

// text reads a text. One in quotes is zone text, if it comes out the same when
// it is written again; otherwise nobody can tell what it is.
func text(s string) (data, meta string, ok bool) {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		strs, err := zone.ParseStrings(s)
		return s, metaQuoted, err == nil && zone.QuoteStrings(strs...) == s
	}
	if !plain(s) {
		meta = metaRaw
	}
	return zone.QuoteText(s), meta, true
}
