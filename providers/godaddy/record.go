package godaddy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
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
	Name     string `json:"name"`     // relative to the domain, "@" for itself; of an SRV without service and protocol
	Data     string `json:"data"`     // a target without final dot, "@" for the domain; a text as it is
	TTL      uint32 `json:"ttl"`      // seconds
	Priority *int64 `json:"priority"` // MX and SRV
	Service  string `json:"service"`  // SRV: "_sip"
	Protocol string `json:"protocol"` // SRV: "_tcp"
	Port     *int64 `json:"port"`     // SRV
	Weight   *int64 `json:"weight"`   // SRV
}

// entry is a record in both forms.
type entry struct {
	raw json.RawMessage // as the host gave it, fields unknown to us included
	rec zone.Record
}

func newEntry(apex zone.Name, raw json.RawMessage) (entry, error) {
	e := entry{raw: raw}
	var f fieldSet
	if err := json.Unmarshal(raw, &f); err != nil {
		return e, errors.New("it is not in the form of a record")
	}
	name, err := f.owner(apex)
	if err != nil || !name.Within(apex) {
		return e, fmt.Errorf("its name is none in %s", apex.FQDN())
	}
	e.rec = zone.Record{Name: name, Type: zone.CanonicalType(f.Type), TTL: f.TTL}
	data, meta, ok := f.data(apex)
	if ok {
		data, err = zone.Canonical(e.rec.Type, data)
	}
	if !ok || err != nil {
		e.rec.Data, e.rec.Opaque = f.Data, true
		return e, nil
	}
	e.rec.Data, e.rec.Meta = data, meta
	return e, nil
}

// owner is where the record stands. Service and protocol of an SRV record are
// no part of its name at this host.
func (f fieldSet) owner(apex zone.Name) (zone.Name, error) {
	host := f.Name
	if f.Type == "SRV" && f.Service != "" && f.Protocol != "" {
		prefix := f.Service + "." + f.Protocol
		switch {
		case host == "@" || host == "":
			host = prefix
		case host != prefix && !strings.HasPrefix(host, prefix+"."):
			host = prefix + "." + host
		}
	}
	return zone.Abs(escape(host), apex)
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
	case "CNAME", "NS", zone.TypeAlias:
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

// respell is the host's own form of a record for a write, with this TTL.
func (e entry) respell(ttl uint32) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if err := json.Unmarshal(e.raw, &out); err != nil {
		return nil, fail(providers.Internal, "%w", err)
	}
	delete(out, "type") // they stand in the path
	delete(out, "name")
	out["ttl"] = json.RawMessage(strconv.FormatUint(uint64(ttl), 10))
	return out, nil
}

// value is a new record in the form of a write, without type and name.
type value struct {
	Data     string `json:"data"`
	TTL      uint32 `json:"ttl"`
	Priority *int   `json:"priority,omitempty"`
	Service  string `json:"service,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	Port     *int   `json:"port,omitempty"`
	Weight   *int   `json:"weight,omitempty"`
}

// spell is a new record for the host.
func (p place) spell(apex zone.Name, r zone.Record) (value, error) {
	v := value{TTL: r.TTL, Data: r.Data}
	numbers := []**int{}
	switch r.Type {
	case "TXT":
		if r.Meta != metaQuoted {
			v.Data = r.Text()
		}
		return v, nil
	case "MX":
		numbers = append(numbers, &v.Priority)
	case "SRV":
		v.Service, v.Protocol = p.service, p.protocol
		numbers = append(numbers, &v.Priority, &v.Weight, &v.Port)
	case "CNAME", "NS":
	default:
		return v, nil
	}
	words := strings.Fields(r.Data)
	if len(words) != len(numbers)+1 {
		return v, fail(providers.Invalid, "%s: the data is not that of its type", r)
	}
	for i, n := range numbers {
		*n = new(int)
		if _, err := fmt.Sscan(words[i], *n); err != nil {
			return v, fail(providers.Invalid, "%s: %q is no number", r, words[i])
		}
	}
	v.Data = strings.TrimSuffix(words[len(words)-1], ".")
	if zone.Name(v.Data) == apex {
		v.Data = "@"
	}
	return v, nil
}
