package namecheap

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// hostList is a zone as getHosts answers it. The documentation writes Host, the
// API writes host, and EmailType stands in the API's answers only
// (https://github.com/namecheap/go-namecheap-sdk, domains_dns_get_hosts.go).
type hostList struct {
	Domain        string   `xml:"Domain,attr"`
	EmailType     string   `xml:"EmailType,attr"`
	IsUsingOurDNS string   `xml:"IsUsingOurDNS,attr"`
	Hosts         []listed `xml:",any"`
}

// listed is one record as getHosts answers it. HostId is another one after each
// write; AssociatedAppTitle and FriendlyName are labels that the host makes
// itself: setHosts takes none of the three.
type listed struct {
	XMLName xml.Name
	Name    string  `xml:"Name,attr"`
	Type    string  `xml:"Type,attr"`
	Address *string `xml:"Address,attr"`
	MXPref  string  `xml:"MXPref,attr"`
	TTL     string  `xml:"TTL,attr"`
	Active  string  `xml:"IsActive,attr"`
	Dynamic string  `xml:"IsDDNSEnabled,attr"`
}

// host is one record as setHosts takes it.
type host struct{ Name, Type, Address, MXPref, TTL string }

// The pairs of Record.Meta.
const (
	metaInactive = "active=false" // switched off at the host
	metaDynamic  = "ddns=true"    // its address is kept by the host's dynamic DNS
	metaHost     = "host="        // the owner as the host spells it, where that is not how DNS does; escaped as in a URL
	metaInjected = "injected="    // not in the host's list: served for this EmailType
	metaService  = "mail="        // an MX record that is listed in a zone with this EmailType, a mail service of the host
	metaSRV      = "list=srv"     // from getsrvrecords, which tells no TTL
)

// meta is the pair of m that begins with key, without the key.
func meta(m, key string) (value string, ok bool) {
	for pair := range strings.FieldsSeq(m) {
		if v, found := strings.CutPrefix(pair, key); found {
			return v, true
		}
	}
	return "", false
}

// redirects is how the host calls its redirects, and Record.Data begins.
var redirects = [...]struct{ typ, prefix string }{{"URL301", "301 "}, {"URL", "302 "}, {"FRAME", "frame "}}

// read is what the host stores, for setHosts and as a record of the zone of
// apex. An entry that lacks what it must have is none that could be sent back.
func (l listed) read(apex zone.Name) (host, zone.Record, error) {
	kind := strings.ToUpper(l.Type)
	switch {
	case !strings.EqualFold(l.XMLName.Local, "host"):
		return host{}, zone.Record{}, fmt.Errorf("it holds a %q, which this driver does not know", l.XMLName.Local)
	case l.Type == "" || l.Address == nil || *l.Address == "" && kind != "TXT" || l.MXPref == "" && kind == "MX":
		return host{}, zone.Record{}, fmt.Errorf("the record at %q lacks its type, its address or its preference", l.Name)
	}
	h := host{Name: l.Name, Type: l.Type, Address: *l.Address, MXPref: cmp.Or(l.MXPref, noPref), TTL: l.TTL}
	r, err := h.record(apex)
	if err != nil {
		return host{}, zone.Record{}, err
	}
	pairs := strings.Fields(r.Meta)
	if strings.EqualFold(l.Active, "false") {
		pairs = append(pairs, metaInactive)
	}
	if strings.EqualFold(l.Dynamic, "true") {
		pairs = append(pairs, metaDynamic)
	}
	r.Meta = strings.Join(sorted(pairs), " ")
	return h, r, nil
}

// record is a host as a record of the zone of apex. What is no record of DNS, or
// is malformed, is kept byte for byte and opaque.
func (h host) record(apex zone.Name) (zone.Record, error) {
	name, pairs, err := owner(h.Name, apex)
	if err != nil {
		return zone.Record{}, err
	}
	ttl, err := strconv.ParseUint(h.TTL, 10, 32)
	if err != nil {
		return zone.Record{}, fmt.Errorf("the %s record at %q has the TTL %q", h.Type, h.Name, h.TTL)
	}
	kind := strings.ToUpper(h.Type)
	r := zone.Record{Name: name, Type: kind, TTL: uint32(ttl), Data: h.Address, Meta: strings.Join(pairs, " ")}
	switch kind {
	case "A", "AAAA", "CNAME", "NS", "CAA", "ALIAS":
	case "MX":
		r.Data = h.MXPref + " " + h.Address
	case "TXT":
		r.Data = zone.QuoteText(h.Address)
	default:
		for _, re := range redirects {
			if kind == re.typ {
				r.Type, r.Data = zone.TypeRedirect, re.prefix+h.Address
				return r, nil
			}
		}
		r.Opaque = true
		return r, nil
	}
	if data, err := zone.Canonical(r.Type, r.Data); err == nil && !strings.Contains(h.Address, `\`) || r.Type == "TXT" {
		r.Data = data
	} else { // or with escapes, of which nobody knows how the host reads them
		r.Opaque = true
	}
	return r, nil
}

// owner is the name of a host, and the pair of Meta that keeps its spelling. The
// web console takes international names as they are typed.
func owner(name string, apex zone.Name) (zone.Name, []string, error) {
	spelling := []string{metaHost + url.QueryEscape(name)}
	if n, err := zone.Abs(name, apex); err == nil && n.Within(apex) && name != "" {
		if n.Rel(apex) == strings.ToLower(name) {
			spelling = nil
		}
		return n, spelling, nil
	}
	ascii, err := toASCII(name)
	if err != nil || ascii == "" {
		return "", nil, fmt.Errorf("a record stands at %q, which is no name", name)
	}
	n, err := zone.Abs(ascii, apex)
	if err != nil || !n.Within(apex) {
		return "", nil, fmt.Errorf("a record stands at %q, which is no name in the zone", name)
	}
	return n, spelling, nil
}

// noPref is the preference of records that have none: the host keeps it for MX
// records alone (terraform-provider-namecheap, pull request 66).
const noPref = "10"

// form is the host for a record that was not in the zone: one that storable lets
// through, or one that was there once and is put back.
func form(r zone.Record, apex zone.Name) host {
	h := host{Name: r.Name.Rel(apex), Type: r.Type, Address: r.Data, MXPref: noPref, TTL: strconv.FormatUint(uint64(r.TTL), 10)}
	if v, ok := meta(r.Meta, metaHost); ok {
		if name, err := url.QueryUnescape(v); err == nil {
			h.Name = name
		}
	}
	switch r.Type {
	case "TXT":
		if !r.Opaque {
			h.Address = r.Text()
		}
	case "MX":
		h.MXPref, h.Address, _ = strings.Cut(r.Data, " ")
	case zone.TypeRedirect:
		for _, re := range redirects {
			if target, ok := strings.CutPrefix(r.Data, re.prefix); ok {
				h.Type, h.Address = re.typ, target
			}
		}
	}
	return h
}
