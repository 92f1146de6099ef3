package cloudflaretest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// record is a record as the API keeps and shows it
// (https://developers.cloudflare.com/api/resources/dns/subresources/records/; the
// fields that are there as in answers recorded in August 2026, DNSControl/dnscontrol
// providers/cloudflare/testdata). Its maps and slices are never written to.
type record struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Type      string          `json:"type"`
	Content   string          `json:"content"`
	Priority  *int            `json:"priority,omitempty"`
	Data      map[string]any  `json:"data,omitempty"`
	Proxiable bool            `json:"proxiable,omitempty"`
	Proxied   bool            `json:"proxied"`
	TTL       int             `json:"ttl"`
	Settings  map[string]bool `json:"settings"`
	Meta      map[string]bool `json:"meta"`
	Comment   *string         `json:"comment"`
	Tags      []string        `json:"tags"`
	Created   time.Time       `json:"created_on"`
	Modified  time.Time       `json:"modified_on"`
}

// autoTTL is what a TTL of 1, "Auto", is answered with, in seconds.
const autoTTL = 300

// kept reports whether Cloudflare keeps the record itself.
func (r *record) kept() bool { return r.Meta["read_only"] }

// zone is the record as Mooring's driver shows it, by code of the fake's own.
func (r *record) zone() zone.Record {
	name, err := zone.ParseName(r.Name)
	if err != nil {
		name = zone.Name(lower(r.Name)) // what the host holds, however odd
	}
	ttl := uint32(r.TTL)
	pairs := map[string]string{}
	if r.TTL <= 1 {
		ttl, pairs["ttl"] = autoTTL, "auto"
	}
	for k, on := range r.Settings {
		if on {
			pairs[k] = "true"
		}
	}
	for _, k := range []string{"read_only", "email_routing"} {
		if r.Meta[k] {
			pairs[k] = "true"
		}
	}
	if r.Proxied {
		pairs["proxied"] = "true"
	}
	if r.Comment != nil && *r.Comment != "" {
		pairs["comment"] = *r.Comment
	}
	if len(r.Tags) > 0 {
		var tags []string
		for _, t := range r.Tags {
			tags = append(tags, url.QueryEscape(t))
		}
		slices.Sort(tags)
		pairs["tags"] = strings.Join(tags, " ")
	}
	var meta []string
	for k, v := range pairs {
		meta = append(meta, k+"="+url.QueryEscape(v))
	}
	slices.Sort(meta)
	z, err := zone.New(name, r.Type, ttl, r.rdata())
	if err != nil {
		z = zone.Record{Name: name, Type: zone.CanonicalType(r.Type), TTL: ttl, Data: r.Content, Opaque: true}
	}
	z.Meta = strings.Join(meta, " ")
	return z
}

// rdata is the record's data as zone text has it.
func (r *record) rdata() string {
	switch {
	case r.Type == "TXT" && !strings.HasPrefix(r.Content, `"`):
		return zone.QuoteText(r.Content)
	case r.Type == "MX" || r.Type == "URI" || r.Type == "SRV" && r.Data != nil:
		if r.Priority == nil {
			return "no priority"
		}
		return strconv.Itoa(*r.Priority) + " " + r.Content
	}
	return r.Content
}

// fromZone is a record of a Snapshot as the API keeps it.
func fromZone(z zone.Record) *record {
	r := &record{Name: string(z.Name), Type: z.Type, TTL: int(z.TTL), Tags: []string{}, Settings: map[string]bool{}, Meta: map[string]bool{}}
	for pair := range strings.FieldsSeq(z.Meta) {
		k, v, _ := strings.Cut(pair, "=")
		v, _ = url.QueryUnescape(v)
		switch k {
		case "proxied":
			r.Proxied = v == "true"
		case "ttl":
			r.TTL = 1
		case "comment":
			r.Comment = &v
		case "tags":
			for t := range strings.FieldsSeq(v) {
				plain, _ := url.QueryUnescape(t)
				r.Tags = append(r.Tags, plain)
			}
		case "read_only", "email_routing":
			r.Meta[k] = v == "true"
		default:
			r.Settings[k] = v == "true"
		}
	}
	r.Proxiable = proxiable(r.Type)
	r.spell(z)
	return r
}

// spell fills in what the record says.
func (r *record) spell(z zone.Record) {
	r.Content = z.Data
	f := strings.Fields(z.Data)
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	switch {
	case z.Opaque:
	case z.Type == "CNAME" || z.Type == "NS" || z.Type == "PTR":
		r.Content = host(z.Data)
	case z.Type == "MX":
		n := number(0)
		r.Priority, r.Content = &n, host(f[1])
	case z.Type == "SRV":
		n := number(0)
		r.Priority, r.Content = &n, fmt.Sprintf("%s %s %s", f[1], f[2], host(f[3]))
		r.Data = map[string]any{"priority": n, "weight": number(1), "port": number(2), "target": host(f[3])}
	case z.Type == "CAA":
		f = strings.SplitN(z.Data, " ", 3)
		value, _ := zone.ParseStrings(f[2])
		r.Data = map[string]any{"flags": number(0), "tag": f[1], "value": strings.Join(value, "")}
	case z.Type == "HTTPS" || z.Type == "SVCB":
		f = append(strings.SplitN(z.Data, " ", 3), "")
		r.Data = map[string]any{"priority": number(0), "target": f[1], "value": f[2]}
	case z.Type == "DS" || z.Type == "TLSA" || z.Type == "SMIMEA" || z.Type == "SSHFP" || z.Type == "NAPTR":
		values, err := zone.ParseStrings(z.Data)
		fields := structured()[z.Type]
		if err != nil || len(values) != len(fields) {
			return
		}
		r.Data = map[string]any{}
		for i, k := range fields {
			r.Data[k] = values[i]
			if k == "replacement" { // a name, which keeps its escapes
				r.Data[k] = f[len(f)-1]
			}
			if n, err := strconv.Atoi(values[i]); err == nil && k != "digest" && k != "certificate" && k != "fingerprint" {
				r.Data[k] = n
			}
		}
	case z.Type == "URI":
		n := number(0)
		target, _ := zone.ParseStrings(strings.SplitN(z.Data, " ", 3)[2])
		r.Priority, r.Content = &n, strings.SplitN(z.Data, " ", 2)[1]
		r.Data = map[string]any{"weight": number(1), "target": strings.Join(target, "")}
	}
}

// host is a name without its final dot, but for the root.
func host(name string) string {
	if name == "." {
		return name
	}
	return lower(name)
}

func fromJSON(object string) (*record, error) {
	var r record
	if err := json.Unmarshal([]byte(object), &r); err != nil {
		return nil, fmt.Errorf("cloudflaretest: %w", err)
	}
	return &r, nil
}

// proxiable is the types that can be proxied (.../dns/manage-dns-records/faq/).
func proxiable(typ string) bool { return typ == "A" || typ == "AAAA" || typ == "CNAME" }
