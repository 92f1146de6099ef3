package godaddytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	minTTL     = 600    // "must have a minimum value of 600", https://github.com/win-acme/win-acme/issues/1947
	maxTTL     = 604800 // one week, the longest that the host's web page offers
	defaultTTL = 3600   // "the default setting is 1 hour", https://www.godaddy.com/help/add-a-txt-record-19232
	maxTXT     = 1024   // "up to 1024 characters", the same page
	maxNumber  = 1<<16 - 1
	maxName    = 255 // the same page
)

// listable is the type of DNSRecord, by the description of 2026.
func listable() []string {
	return []string{"A", "AAAA", "CAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT"}
}

// takes is https://github.com/n3integration/terraform-provider-godaddy/issues/18.
func takes() []string { return []string{"A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT"} }

var (
	hostName = regexp.MustCompile(`^[^.\s]{1,63}(\.[^.\s]{1,63})+$`) // the "domain" format, https://github.com/vancluever/terraform-provider-acme/issues/119
	label    = regexp.MustCompile(`^[a-zA-Z0-9_*-]{1,63}$`)
)

// invalid is the error for a body or a query that is not as it must be.
func invalid(fields ...field) *reply {
	return &reply{status: 422, Code: "INVALID_BODY", Message: "Request body doesn't fulfill schema, see details in `fields`", Fields: fields}
}

// notData is the error for data that does not fit its type
// (https://github.com/eXamadeus/godaddypy/issues/21).
func notData(what, data string) *reply {
	return &reply{
		status: 422, Code: "INVALID_RECORDS", Message: "One or more of the given records is invalid",
		Fields: []field{{Code: "INVALID_RECORDS", Message: fmt.Sprintf("Invalid [%s] provided for record data, [%s].", what, data), Path: "records"}},
	}
}

// check refuses a path that names no records that there could be.
func (s selection) check(method string) *reply {
	types := takes()
	if method == http.MethodGet {
		types = listable()
	}
	if s.typ != "" && !slices.Contains(types, s.typ) {
		return notEnum(types, "type")
	}
	if s.name != "" && s.name != "@" && !named(s.name) {
		return invalid(field{Code: "MISMATCH_FORMAT", Message: "does not conform to the 'domain' format", Path: "name"})
	}
	return nil
}

func notEnum(types []string, path string) *reply {
	return invalid(field{Code: "INVALID_VALUE", Message: `is not one of enum values: "` + strings.Join(types, `", "`) + `"`, Path: path})
}

// named holds the rules for names of https://www.godaddy.com/help/add-a-txt-record-19232.
func named(name string) bool {
	for l := range strings.SplitSeq(name, ".") {
		if !label.MatchString(l) {
			return false
		}
	}
	return len(name) <= maxName && !strings.HasPrefix(name, "-") && !strings.HasSuffix(name, "-")
}

// sent is a record of a request. Type and name may be given where the path has
// them too, as clients do that send back what they have read.
type sent struct {
	Data     *string `json:"data"`
	Name     *string `json:"name"`
	Port     *int    `json:"port"`
	Priority *int    `json:"priority"`
	Protocol *string `json:"protocol"`
	Service  *string `json:"service"`
	TTL      *int    `json:"ttl"`
	Type     *string `json:"type"`
	Weight   *int    `json:"weight"`
}

// only is the record with the fields of its type alone. Clients send the others
// too, zero and empty.
func (r record) only() record {
	if r.Type != "MX" && r.Type != "SRV" {
		r.Priority = nil
	}
	if r.Type != "SRV" {
		r.Port, r.Weight, r.Service, r.Protocol = nil, nil, "", ""
	}
	return r
}

// decode reads the body of a write. One that is no array is refused in words of
// https://github.com/lmammino/godaddy-dns/pull/30, an empty one as
// https://github.com/AnalogJ/lexicon/pull/522 met it, and one without a TTL as
// https://github.com/acmesh-official/acme.sh/issues/7060.
func decode(sel selection, body []byte) ([]record, *reply) {
	var raws []json.RawMessage
	if err := json.Unmarshal(body, &raws); err != nil || raws == nil {
		return nil, invalid(field{Code: "UNEXPECTED_TYPE", Message: "is not a array", Path: "records"})
	}
	if len(raws) == 0 {
		return nil, invalid(field{Code: "INVALID_VALUE", Message: "must have at least one item", Path: "records"})
	}
	var out []record
	for i, raw := range raws {
		path := fmt.Sprintf("records[%d]", i)
		var s sent
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return nil, invalid(field{Code: "UNEXPECTED_TYPE", Message: err.Error(), Path: path})
		}
		r := record{Type: sel.typ, Name: sel.spelled, Port: s.Port, Priority: s.Priority, Weight: s.Weight}
		for _, need := range []struct {
			name    string
			missing bool
		}{
			{"data", s.Data == nil},
			{"ttl", s.TTL == nil},
			{"type", s.Type == nil && sel.typ == ""},
			{"name", s.Name == nil && sel.name == ""},
		} {
			if need.missing {
				return nil, invalid(field{Code: "MISSING_VALUE", Message: "is required", Path: path + "." + need.name})
			}
		}
		if sel.typ == "" {
			r.Type = strings.ToUpper(*s.Type)
		}
		if sel.name == "" {
			r.Name = strings.ToLower(*s.Name)
		}
		if s.Service != nil {
			r.Service = *s.Service
		}
		if s.Protocol != nil {
			r.Protocol = *s.Protocol
		}
		switch {
		case *s.TTL < minTTL:
			return nil, invalid(field{Code: "UNKNOWN_RESTRICTION", Message: fmt.Sprintf("must have a minimum value of %d", minTTL), Path: path + ".ttl"})
		case *s.TTL > maxTTL:
			return nil, invalid(field{Code: "UNKNOWN_RESTRICTION", Message: fmt.Sprintf("must have a maximum value of %d", maxTTL), Path: path + ".ttl"})
		}
		r.TTL, r.Data = uint32(*s.TTL), *s.Data
		out = append(out, r.only())
	}
	return out, nil
}

// acceptable judges one record by itself.
func acceptable(r record, i int) *reply {
	path := fmt.Sprintf("records[%d].", i)
	switch {
	case !slices.Contains(takes(), r.Type):
		return notEnum(takes(), path+"type")
	case r.Name != "@" && !named(r.Name):
		return invalid(field{Code: "MISMATCH_FORMAT", Message: "does not conform to the 'domain' format", Path: path + "name"})
	}
	for _, n := range []struct {
		name  string
		value *int
		of    bool
		least int
	}{
		{"priority", r.Priority, r.Type == "MX" || r.Type == "SRV", 0},
		{"weight", r.Weight, r.Type == "SRV", 0},
		{"port", r.Port, r.Type == "SRV", 1},
	} {
		if n.of && (n.value == nil || *n.value < n.least || *n.value > maxNumber) {
			return invalid(field{Code: "INVALID_VALUE", Message: fmt.Sprintf("is not a number from %d to %d", n.least, maxNumber), Path: path + n.name})
		}
	}
	if r.Type == "SRV" && (!strings.HasPrefix(r.Service, "_") || !strings.HasPrefix(r.Protocol, "_")) {
		return invalid(field{Code: "INVALID_VALUE", Message: "does not begin with an underscore", Path: path + "service"})
	}
	return dataOf(r, path)
}

// dataOf judges the data by the type.
func dataOf(r record, path string) *reply {
	switch r.Type {
	case "A", "AAAA":
		a, err := netip.ParseAddr(r.Data)
		if err != nil || a.Is4() != (r.Type == "A") || a.Zone() != "" {
			return notData("ipaddress", r.Data)
		}
	case "TXT":
		if len(r.Data) > maxTXT {
			return invalid(field{Code: "UNKNOWN_RESTRICTION", Message: fmt.Sprintf("must have a maximum length of %d", maxTXT), Path: path + "data"})
		}
		if strings.ContainsFunc(r.Data, func(c rune) bool { return c > '~' }) { // "only ASCII characters are allowed", the page above
			return notData("text", r.Data)
		}
	default:
		if r.Data != "@" && !hostName.MatchString(strings.TrimSuffix(r.Data, ".")) {
			return notData("hostname", r.Data)
		}
		if r.Type == "CNAME" && r.Name == "@" {
			return notData("name", r.Name)
		}
		if _, err := zone.ParseName(strings.TrimSuffix(r.Data, ".")); err != nil && r.Data != "@" {
			return notData("hostname", r.Data)
		}
	}
	return nil
}
