package cloudflaretest

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// allowed judges a record by itself and brings it into the form that is kept.
func (h *hosted) allowed(r *record, w wanted) *refusal {
	_, _, least, tags := h.limits()
	name, err := zone.ParseName(r.Name)
	switch {
	case err != nil || !name.Within(h.apex): // "" too: timothymiller/cloudflare-ddns#91
		return invalid(9000, "DNS name is invalid.")
	case r.Proxied && !proxiable(r.Type): // hokamc in kubernetes-sigs/external-dns#1945
		return invalid(9004, "This record type cannot be proxied.")
	case len(r.Tags) > tags:
		return chainedInvalid(9300, fmt.Sprintf("DNS record has %d tags, exceeding the quota of %d.", len(r.Tags), tags))
	}
	r.Name, r.Proxiable = string(name), proxiable(r.Type)
	if r.Proxied {
		r.TTL = 1 // "Auto": .../dns/manage-dns-records/reference/ttl/
	}
	if r.TTL != 1 && (r.TTL < least || r.TTL > 86400) { // timothymiller/cloudflare-ddns#179
		return chainedInvalid(9021, fmt.Sprintf("TTL must be between %d and 86400 seconds, or 1 for Automatic.", least))
	}
	if no := r.settle(w); no != nil {
		return no
	}
	return r.sized()
}

func chainedInvalid(code int, text string) *refusal {
	return refuse(400, chained(1004, "DNS Validation Error", code, text))
}

// settle judges what the record says, by its type.
func (r *record) settle(w wanted) *refusal {
	switch r.Type {
	case "A", "AAAA":
		a, err := netip.ParseAddr(r.Content)
		switch { // yulewang/cloudflare-api-v4-ddns#16
		case r.Type == "A" && (err != nil || !a.Is4()):
			return invalid(9005, "Content for A record must be a valid IPv4 address.")
		case r.Type == "AAAA" && (err != nil || !a.Is6() || a.Zone() != ""):
			return invalid(9006, "Content for AAAA record must be a valid IPv6 address.")
		}
		r.Content, r.Data, r.Priority = a.String(), nil, nil // RFC 5952: .../reference/dns-record-types/
	case "CNAME", "NS", "PTR":
		if _, err := zone.ParseName(r.Content); err != nil || r.Content == "." {
			return invalid(9007, "Content for "+r.Type+" record is invalid.")
		}
		r.Content, r.Data, r.Priority = host(r.Content), nil, nil
	case "MX":
		return r.settleMX()
	case "TXT":
		r.Data, r.Priority = nil, nil
		if w.Content == nil {
			return nil // of a patch that is about something else
		}
		return r.settleText()
	default:
		return r.settleData()
	}
	return nil
}

// settleMX takes a null MX (DNSControl/dnscontrol#703), and needs a priority
// (pulumi/pulumi-cloudflare#1107).
func (r *record) settleMX() *refusal {
	if r.Priority == nil {
		return invalid(9100, "priority is a required field.")
	}
	_, err := zone.ParseName(r.Content)
	_, ip := netip.ParseAddr(r.Content)
	if err != nil || ip == nil || *r.Priority < 0 || *r.Priority > math.MaxUint16 {
		return invalid(9009, "Content for MX record must be a hostname.")
	}
	r.Content, r.Data = host(r.Content), nil
	return nil
}

// settleText reads content that begins with a quote as quoted strings, cuts what
// is longer than 255 octets, and prints what is no ASCII as \DDD
// (libdns/cloudflare#33, go-acme/lego#2521). Content without quotes is kept as it
// is, uncut (cisagov/manage.get.gov#4912, caddy-dns/cloudflare#89); quotes that do
// not fit together are refused (.../reference/dns-record-types/#txt).
func (r *record) settleText() *refusal {
	if !strings.HasPrefix(r.Content, `"`) {
		if strings.Contains(r.Content, `"`) {
			return invalid(1004, "DNS Validation Error") // the real code is not documented
		}
		return nil
	}
	canon, err := zone.Canonical("TXT", r.Content)
	if err != nil || !strings.HasSuffix(r.Content, `"`) {
		return invalid(1004, "DNS Validation Error")
	}
	r.Content = canon
	return nil
}

// structured is the fields of the types that have several. All are required:
// "weight is a required data field" is what a request without one is told.
func structured() map[string][]string {
	return map[string][]string{
		"SRV": {"priority", "weight", "port", "target"}, "CAA": {"flags", "tag", "value"},
		"HTTPS": {"priority", "target", "value"}, "SVCB": {"priority", "target", "value"},
		"DS": {"key_tag", "algorithm", "digest_type", "digest"}, "URI": {"weight", "target"},
		"TLSA": {"usage", "selector", "matching_type", "certificate"}, "SMIMEA": {"usage", "selector", "matching_type", "certificate"},
		"SSHFP": {"algorithm", "type", "fingerprint"}, "NAPTR": {"order", "preference", "flags", "service", "regex", "replacement"},
	}
}

// settleData builds a record from its fields.
func (r *record) settleData() *refusal {
	fields, ok := structured()[r.Type]
	if !ok {
		return invalid(1004, "DNS Validation Error") // a type the API, or the fake, does not know
	}
	f := map[string]string{}
	data := map[string]any{}
	for _, k := range fields {
		switch v := r.Data[k].(type) {
		case string:
			f[k], data[k] = v, v
		case float64, int:
			f[k], data[k] = fmt.Sprint(v), v
		default:
			return invalid(9101, k+" is a required data field.") // the code is not documented
		}
	}
	if r.Type == "URI" && r.Priority == nil {
		return invalid(9100, "priority is a required field.")
	}
	if r.Type == "SRV" {
		n, _ := strconv.Atoi(f["priority"])
		r.Priority, data["target"] = &n, host(f["target"])
		f["target"] = host(f["target"])
	}
	r.Data = data
	r.Content = content(r.Type, f)
	z, err := zone.New("x", r.Type, 300, r.rdata())
	if err != nil {
		return invalid(1004, "DNS Validation Error")
	}
	if r.Type == "HTTPS" || r.Type == "SVCB" {
		r.spell(z)
	}
	return nil
}

// content is the fields of a structured record in one line, as the API shows them.
func content(typ string, f map[string]string) string {
	switch typ {
	case "SRV":
		return f["weight"] + " " + f["port"] + " " + f["target"]
	case "CAA":
		return f["flags"] + " " + f["tag"] + " " + zone.QuoteStrings(f["value"])
	case "HTTPS", "SVCB":
		return strings.TrimSpace(f["priority"] + " " + f["target"] + " " + f["value"])
	case "URI":
		return f["weight"] + " " + zone.QuoteStrings(f["target"])
	case "NAPTR":
		return strings.Join([]string{
			f["order"], f["preference"], zone.QuoteStrings(f["flags"]), zone.QuoteStrings(f["service"]), zone.QuoteStrings(f["regex"]), f["replacement"],
		}, " ")
	}
	var parts []string
	for _, k := range structured()[typ] {
		parts = append(parts, f[k])
	}
	return strings.Join(parts, " ")
}

// sized is the limit of one record (cisagov/manage.get.gov#5244), in octets of the
// wire where those can be counted without building it.
func (r *record) sized() *refusal {
	size := len(r.Content)
	if strs, err := zone.ParseStrings(r.rdata()); r.Type == "TXT" && err == nil {
		size = 0
		for _, s := range strs {
			size += 1 + len(s)
		}
	}
	if fixed, ok := map[string]int{"DS": 4, "SSHFP": 2, "TLSA": 3, "SMIMEA": 3}[r.Type]; ok {
		size = fixed + len(r.Content[strings.LastIndexByte(r.Content, ' ')+1:])/2
	}
	if size > 4096 {
		return invalid(9015, "Record content exceeds the allowed length of 4096 wire format bytes.")
	}
	return nil
}

// compatible judges a record by what stands beside it. A CNAME is kept apart from
// addresses and other CNAMEs alone, also at the apex
// (.../troubleshooting/records-with-same-name/), and NS records from all other
// types but DS (the notes of the API on making a record;
// .../how-to/subdomains-outside-cloudflare/); names below NS records are not
// (.../reference/shadowed-records/).
func (t *tx) compatible(r *record) *refusal {
	together := len(r.Content)
	for _, o := range t.records {
		if o.ID == r.ID || o.Name != r.Name {
			continue
		}
		switch {
		case o.Type == r.Type && o.rdata() == r.rdata() && maps.Equal(texts(o.Data), texts(r.Data)): // jeessy2/ddns-go#1378
			return invalid(81058, "An identical record already exists.")
		case r.Type == "CNAME" && proxiable(o.Type): // cloudflare/terraform-provider-cloudflare#1247
			return invalid(81053, "An A, AAAA, or CNAME record with that host already exists.")
		case o.Type == "CNAME" && proxiable(r.Type): // favonia/cloudflare-ddns#990
			return invalid(81054, "A CNAME record with that host already exists.")
		case string(t.h.apex) != r.Name && r.Type != "DS" && o.Type != "DS" && (r.Type == "NS") != (o.Type == "NS"):
			// acme-dns/acme-dns#258, of an address beside NS; what the other way
			// round is answered with is not documented.
			return invalid(81056, "NS records with that host already exist.")
		case o.Type == r.Type:
			together += len(o.Content)
		}
	}
	if together > 8192 { // cisagov/manage.get.gov#5165
		return invalid(83011, "Combined content length of records with this name and type must not exceed 8192 characters.")
	}
	return nil
}

func texts(data map[string]any) map[string]string {
	out := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(data)) {
		out[k] = fmt.Sprint(data[k])
	}
	return out
}
