package entri

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Records is dnsRecords in one of its three shapes. A single record object
// where a list belongs is a list of one.
type Records struct {
	List []Record // for every name

	// By what was entered and what the DNS host can do: RootNS only where the
	// host can write name servers at the apex and a person decides it, else
	// SubDomain if a subdomain was entered, else Domain.
	RootNS, SubDomain, Domain []Record

	// By domain, for a session that walks through several (npm client).
	ByDomain map[string][]Record
}

// Record is one DNSRecord. Host and Value may hold variables.
type Record struct {
	Type           string  `json:"type"`                    // one of Types; read in any case
	Host           string  `json:"host"`                    // relative to {DOMAIN}; "@" is {DOMAIN}; absolute with a final dot
	Value          string  `json:"value"`                   //
	TTL            uint32  `json:"ttl,omitzero"`            // seconds, 1 to MaxTTL
	Priority       *uint16 `json:"priority,omitzero"`       // MX
	FallbackValue  string  `json:"fallbackValue,omitzero"`  // TXT: where the DNS host cannot store Value
	Flag           uint8   `json:"flag,omitzero,string"`    // CAA; npm client, as Tag
	Tag            string  `json:"tag,omitzero"`            // CAA; "" where Value holds it: 0 issue "ca.example"
	SSL            bool    `json:"ssl,omitzero"`            // provision a certificate for the host
	ApplicationURL string  `json:"applicationUrl,omitzero"` // overrides that of the configuration
	RedirectTo     string  `json:"redirectTo,omitzero"`     // npm client, as all below
	Optional       bool    `json:"optional,omitzero"`       // the flow succeeds without it
	Monitor        *bool   `json:"monitor,omitzero"`        // nil: not said

	DMARCOverride *DMARCOverride `json:"dmarcOverride,omitzero"`
	AdvancedDMARC *AdvancedDMARC `json:"advancedDmarcOptions,omitzero"`
}

// MaxTTL is the longest time to live, in seconds (RFC 2181 section 8).
const MaxTTL = 1<<31 - 1

// Types is the record types that a configuration may hold.
func Types() []string { return []string{"A", "AAAA", "CNAME", "CAA", "MX", "TXT", "NS"} }

// The keys of records that depend on what was entered.
const (
	keyRootNS    = "rootNS"
	keyDomain    = "domain"
	keySubDomain = "subDomain"
)

// recordSet is a list of records and where it stands.
type recordSet struct {
	path    string
	records []Record
}

// sets is every list, in a fixed order.
func (r Records) sets() []recordSet {
	var out []recordSet
	add := func(path string, records []Record) {
		if records != nil {
			out = append(out, recordSet{path, records})
		}
	}
	add("dnsRecords", r.List)
	add("dnsRecords."+keyRootNS, r.RootNS)
	add("dnsRecords."+keySubDomain, r.SubDomain)
	add("dnsRecords."+keyDomain, r.Domain)
	for _, name := range slices.Sorted(maps.Keys(r.ByDomain)) {
		add("dnsRecords["+quote(name)+"]", r.ByDomain[name])
	}
	return out
}

// IsZero reports whether dnsRecords was not given at all.
func (r Records) IsZero() bool { return len(r.sets()) == 0 }

func (r Records) MarshalJSON() ([]byte, error) {
	if r.List != nil || r.IsZero() {
		return json.Marshal(r.List)
	}
	object := maps.Clone(r.ByDomain)
	if object == nil {
		object = map[string][]Record{}
	}
	for key, records := range map[string][]Record{keyRootNS: r.RootNS, keySubDomain: r.SubDomain, keyDomain: r.Domain} {
		if records != nil {
			object[key] = records
		}
	}
	return json.Marshal(object)
}

// UnmarshalJSON reads any of the three shapes and checks nothing but types.
func (r *Records) UnmarshalJSON(data []byte) error {
	d := &reader{}
	*r = d.records(value{path: "dnsRecords", raw: data})
	return d.errs.err()
}

// UnmarshalJSON checks nothing but types.
func (r *Record) UnmarshalJSON(data []byte) error {
	d := &reader{}
	*r = d.record(value{raw: data})
	return d.errs.err()
}

func (r *reader) records(v value) (out Records) {
	if v.raw[0] != '{' {
		out.List = r.recordList(v)
		return out
	}
	seen := map[string]value{}
	for key, m := range r.members(v) {
		switch _, twice := seen[key]; {
		case key == "type" || key == "host" || key == "value":
			out = Records{List: r.recordList(v)}
			return out
		case twice:
			r.errs.add(Duplicate, m.path, "", "stands twice; keep one")
			continue
		}
		seen[key] = m
	}
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		m := seen[key]
		switch {
		case m.null():
		case key == keyRootNS:
			out.RootNS = r.recordList(m)
		case key == keyDomain:
			out.Domain = r.recordList(m)
		case key == keySubDomain:
			out.SubDomain = r.recordList(m)
		case strings.Contains(key, "."):
			if out.ByDomain == nil {
				out.ByDomain = map[string][]Record{}
			}
			out.ByDomain[key] = r.recordList(m)
		default:
			// Not ignored as other unknown keys are: its records would be lost.
			r.errs.add(Invalid, m.path, "", "unknown; want rootNS, subDomain and domain, or names of domains")
		}
	}
	return out
}

func (r *reader) recordList(v value) []Record {
	out := []Record{}
	switch v.raw[0] {
	case '{':
		out = append(out, r.record(value{path: index(v.path, 0), raw: v.raw}))
	case '[':
		list := r.elements(v)
		if len(list) > MaxRecords {
			r.errs.add(OutOfRange, v.path, "", "%d records; the limit is %d", len(list), MaxRecords)
			return nil
		}
		for _, e := range list {
			out = append(out, r.record(e))
		}
	default:
		r.want(v, "a list of records")
		return nil
	}
	return out
}

func (r *reader) record(v value) (out Record) {
	r.object(v, map[string]func(value){
		"type": func(v value) {
			s, _ := r.string(v)
			out.Type = strings.ToUpper(strings.TrimSpace(s))
		},
		"host":  r.text(&out.Host),
		"value": r.text(&out.Value),
		"ttl": func(v value) {
			n, _ := r.number(v, 1, MaxTTL)
			out.TTL = uint32(n)
		},
		"priority": func(v value) {
			if n, ok := r.number(v, 0, 65535); ok {
				out.Priority = new(uint16(n))
			}
		},
		"fallbackValue": r.text(&out.FallbackValue),
		"flag": func(v value) {
			n, _ := r.number(v, 0, 255)
			out.Flag = uint8(n)
		},
		"tag":                  r.text(&out.Tag),
		"ssl":                  r.flag(&out.SSL),
		"applicationUrl":       r.text(&out.ApplicationURL),
		"redirectTo":           r.text(&out.RedirectTo),
		"optional":             r.flag(&out.Optional),
		"monitor":              r.choice(&out.Monitor),
		"dmarcOverride":        func(v value) { out.DMARCOverride = r.dmarcOverride(v) },
		"advancedDmarcOptions": func(v value) { out.AdvancedDMARC = r.advancedDMARC(v) },
	})
	return out
}
