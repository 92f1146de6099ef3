package cloudflare

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// entry is a record as the API shows it
// (https://developers.cloudflare.com/api/resources/dns/subresources/records/).
type entry struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"` // whole, as A-labels, without a final dot
	Type     string          `json:"type"`
	Content  string          `json:"content"`
	Data     json.RawMessage `json:"data"`     // the fields of types that have several
	Priority *uint16         `json:"priority"` // MX, SRV, URI
	TTL      uint32          `json:"ttl"`      // 1 is "Auto"
	Proxied  bool            `json:"proxied"`
	Comment  string          `json:"comment"`
	Tags     []string        `json:"tags"`
	Locked   bool            `json:"locked"`
	Settings struct {
		Flatten  bool `json:"flatten_cname"`
		IPv4Only bool `json:"ipv4_only"`
		IPv6Only bool `json:"ipv6_only"`
	} `json:"settings"`
	// Meta marks what Cloudflare keeps: read_only as DNSControl/dnscontrol#3850
	// shows it on the DKIM record of Email Routing, email_routing as
	// libdns/cloudflare has it. Records of Email Routing that were unlocked stay
	// bound to it, and go when it is switched off (cloudflare-docs#32101).
	Meta struct {
		ReadOnly     bool `json:"read_only"`
		EmailRouting bool `json:"email_routing"`
	} `json:"meta"`
}

// stored is a record with the identifier the API knows it by.
type stored struct {
	id string
	zone.Record
}

// read is the record an entry stands for. Data that cannot be read is kept as
// the API has it, for zone.NewSnapshot to mark as opaque.
func read(raw json.RawMessage) (stored, error) {
	var e entry
	if err := json.Unmarshal(raw, &e); err != nil {
		return odder(raw)
	}
	name, err := zone.ParseName(e.Name)
	if err != nil || !identifier.MatchString(e.ID) || e.Type == "" {
		return stored{}, odd("a record has no name, type or id that can be read")
	}
	m := meta{}
	m.flag(metaProxied, e.Proxied)
	m.flag(metaReadOnly, e.Meta.ReadOnly || e.Locked)
	m.flag(metaEmailRouting, e.Meta.EmailRouting)
	m.flag(metaFlatten, e.Settings.Flatten)
	m.flag(metaIPv4Only, e.Settings.IPv4Only)
	m.flag(metaIPv6Only, e.Settings.IPv6Only)
	m.set(metaComment, e.Comment)
	m.setTags(e.Tags)
	ttl := e.TTL
	if ttl <= 1 {
		m[metaTTL], ttl = "auto", autoTTL
	}
	typ := zone.CanonicalType(e.Type)
	data, err := zone.Canonical(typ, e.rdata())
	if err != nil {
		return stored{e.ID, zone.Record{Name: name, Type: typ, TTL: ttl, Data: e.text(), Opaque: true, Meta: m.String()}}, nil
	}
	return stored{e.ID, zone.Record{Name: name, Type: typ, TTL: ttl, Data: data, Meta: m.String()}}, nil
}

// odder is an entry of which some field is not of its type. What of it cannot
// be read must not cost the rest of the zone.
func odder(raw json.RawMessage) (stored, error) {
	var e struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Type string `json:"type"`
	}
	err := json.Unmarshal(raw, &e)
	name, bad := zone.ParseName(e.Name)
	if err != nil || bad != nil || !identifier.MatchString(e.ID) || e.Type == "" {
		return stored{}, odd("a record cannot be read")
	}
	return stored{e.ID, zone.Record{Name: name, Type: zone.CanonicalType(e.Type), Data: string(raw), Opaque: true}}, nil
}

// text is what of an entry says what the record says.
func (e entry) text() string {
	if e.Content == "" && len(e.Data) > 0 {
		return string(e.Data)
	}
	return e.Content
}

// rdata is an entry's data as zone text has it. Content has no final dot on the
// names of CNAME, MX and NS, and no priority (recorded answers in
// DNSControl/dnscontrol providers/cloudflare/testdata, August 2026).
func (e entry) rdata() string {
	switch e.Type {
	case "TXT":
		return readText(e.Content)
	case "MX":
		if e.Priority == nil {
			return ""
		}
		return fmt.Sprintf("%d %s", *e.Priority, e.Content)
	case "SRV":
		return e.srv()
	case "CAA":
		var d struct {
			Flags *uint8 `json:"flags"`
			Tag   string `json:"tag"`
			Value string `json:"value"`
		}
		if json.Unmarshal(e.Data, &d) == nil && d.Flags != nil && d.Tag != "" {
			return fmt.Sprintf("%d %s %s", *d.Flags, d.Tag, zone.QuoteStrings(d.Value))
		}
	case "URI":
		var d struct {
			Weight *uint16 `json:"weight"`
			Target string  `json:"target"`
		}
		if json.Unmarshal(e.Data, &d) == nil && e.Priority != nil && d.Weight != nil {
			return fmt.Sprintf("%d %d %s", *e.Priority, *d.Weight, zone.QuoteStrings(d.Target))
		}
	}
	return e.Content
}

// srv is the data of an SRV record: whole in its fields, and without the
// priority in its content.
func (e entry) srv() string {
	var d struct {
		Priority *uint16 `json:"priority"`
		Weight   *uint16 `json:"weight"`
		Port     *uint16 `json:"port"`
		Target   string  `json:"target"`
	}
	if json.Unmarshal(e.Data, &d) == nil && d.Priority != nil && d.Weight != nil && d.Port != nil && d.Target != "" {
		return fmt.Sprintf("%d %d %d %s", *d.Priority, *d.Weight, *d.Port, d.Target)
	}
	if e.Priority == nil {
		return ""
	}
	return fmt.Sprintf("%d %s", *e.Priority, e.Content)
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
