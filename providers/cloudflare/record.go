package cloudflare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/providers/zone"
)

// entry is a record as the API shows it
// (https://developers.cloudflare.com/api/resources/dns/subresources/records/).
type entry struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"` // whole, as A-labels, without a final dot
	Type     string          `json:"type"`
	Content  *string         `json:"content"`
	Data     json.RawMessage `json:"data"`     // the fields of types that have several
	Priority *uint16         `json:"priority"` // MX, SRV, URI
	TTL      json.RawMessage `json:"ttl"`      // 1 is "Auto"
	Proxied  bool            `json:"proxied"`
	Comment  string          `json:"comment"`
	Tags     []string        `json:"tags"`
	Locked   json.RawMessage `json:"locked"`
	Settings struct {
		Flatten  bool `json:"flatten_cname"`
		IPv4Only bool `json:"ipv4_only"`
		IPv6Only bool `json:"ipv6_only"`
	} `json:"settings"`
	// Meta marks what Cloudflare keeps: read_only as DNSControl/dnscontrol#3850
	// shows it on the DKIM record of Email Routing, email_routing as
	// libdns/cloudflare has it. Records of Email Routing that were unlocked stay
	// bound to it, and go when it is switched off (cloudflare-docs#32101).
	Meta json.RawMessage `json:"meta"`
}

// stored is a record with the identifier the API knows it by.
type stored struct {
	id string
	zone.Record
}

// read is the record an entry stands for. What of it is missing or cannot be read
// is not made up, and must not cost the rest of the zone: the record is opaque,
// with what can be read beside it.
func read(raw json.RawMessage) (stored, error) {
	var e entry
	// A field of another type than it should have is left out, and the rest read.
	bad := json.Unmarshal(raw, &e)
	name, err := zone.ParseName(e.Name)
	if err != nil || !identifier.MatchString(e.ID) || !mnemonic.MatchString(e.Type) {
		return stored{}, odd("a record has no name, type or id that can be read")
	}
	m := e.meta()
	r := zone.Record{Name: name, Type: zone.CanonicalType(e.Type)}
	ttl, err := strconv.ParseUint(string(e.TTL), 10, 32)
	r.TTL = uint32(ttl)
	timed := err == nil
	if timed && ttl <= 1 { // 0 is none that can be chosen
		m[metaTTL], r.TTL = "auto", autoTTL
	}
	r.Meta = m.String()
	data, ok := e.rdata()
	r.Data, err = zone.Canonical(r.Type, data)
	switch {
	case bad != nil || !utf8.Valid(raw) || !timed || e.Content == nil && !ok:
		r.Data, r.Opaque = string(raw), true
	case err != nil || !ok:
		r.Data, r.Opaque = *cmp.Or(e.Content, &data), true
	}
	return stored{e.ID, r}, nil
}

// meta is what an entry has beside what it says. What is not plainly free to be
// written is kept by Cloudflare.
func (e entry) meta() meta {
	var kept struct {
		ReadOnly     json.RawMessage `json:"read_only"`
		EmailRouting json.RawMessage `json:"email_routing"`
	}
	bad := len(e.Meta) > 0 && json.Unmarshal(e.Meta, &kept) != nil
	m := meta{}
	m.flag(metaProxied, e.Proxied)
	m.flag(metaReadOnly, bad || on(kept.ReadOnly) || on(e.Locked))
	m.flag(metaEmailRouting, on(kept.EmailRouting))
	m.flag(metaFlatten, e.Settings.Flatten)
	m.flag(metaIPv4Only, e.Settings.IPv4Only)
	m.flag(metaIPv6Only, e.Settings.IPv6Only)
	m.set(metaComment, e.Comment)
	m.setTags(e.Tags)
	return m
}

// on reports whether a flag is anything but missing, null or false.
func on(flag json.RawMessage) bool {
	s := string(flag)
	return s != "" && s != "null" && s != "false"
}

// rdata is an entry's data as zone text has it. Content has no final dot on the
// names of CNAME, MX and NS, and no priority (recorded answers in
// DNSControl/dnscontrol providers/cloudflare/testdata, August 2026); what has
// fields is whole there. It is not ok where a part of it is missing.
func (e entry) rdata() (data string, ok bool) {
	switch e.Type {
	case "SRV":
		var d struct {
			Priority *uint16 `json:"priority"`
			Weight   *uint16 `json:"weight"`
			Port     *uint16 `json:"port"`
			Target   string  `json:"target"`
		}
		if json.Unmarshal(e.Data, &d) == nil && d.Priority != nil && d.Weight != nil && d.Port != nil && d.Target != "" {
			return fmt.Sprintf("%d %d %d %s", *d.Priority, *d.Weight, *d.Port, d.Target), true
		}
	case "CAA":
		var d struct {
			Flags *uint8  `json:"flags"`
			Tag   string  `json:"tag"`
			Value *string `json:"value"`
		}
		if json.Unmarshal(e.Data, &d) == nil && d.Flags != nil && d.Tag != "" && d.Value != nil {
			return fmt.Sprintf("%d %s %s", *d.Flags, d.Tag, zone.QuoteStrings(*d.Value)), true
		}
	case "URI":
		var d struct {
			Weight *uint16 `json:"weight"`
			Target *string `json:"target"`
		}
		if json.Unmarshal(e.Data, &d) == nil && e.Priority != nil && d.Weight != nil && d.Target != nil {
			return fmt.Sprintf("%d %d %s", *e.Priority, *d.Weight, zone.QuoteStrings(*d.Target)), true
		}
	}
	switch {
	case e.Content == nil:
		return "", false
	case e.Type == "TXT":
		return readText(*e.Content), true
	case e.Type != "MX" && e.Type != "SRV" && e.Type != "URI":
		return *e.Content, true
	case e.Priority == nil:
		return "", false
	}
	return fmt.Sprintf("%d %s", *e.Priority, *e.Content), true
}

// readText is the data of a TXT record. Its content is quoted strings of at
// most 255 octets with \DDD for what is not printable (RFC 1035 section 5.1;
// libdns/cloudflare#33, go-acme/lego#2521), or, of records that were made
// without quotes, the bare text, which is served as it is.
func readText(content string) string {
	if strings.HasPrefix(content, `"`) {
		return content
	}
	return zone.QuoteText(content)
}
