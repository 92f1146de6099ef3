package entri

import (
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// EventRecord is a DNS record in records_propagated and records_non_propagated
// of a webhook.
type EventRecord struct {
	Type     string  `json:"type"`
	Host     string  `json:"host"`              // in front of the domain: "www"; at the domain itself its name
	Value    string  `json:"value"`             // names without final dot, TXT as its text
	Priority *uint16 `json:"priority,omitzero"` // MX
}

// Event is r as events show it to the owner of domain.
func Event(r zone.Record, domain zone.Name) EventRecord {
	e := EventRecord{Type: r.Type, Host: strings.TrimSuffix(r.Name.Rel(domain), "."), Value: r.Text()}
	if r.Name == domain {
		e.Host = string(domain)
	}
	if n, ok := r.Target(); ok && (r.Type == "CNAME" || r.Type == "NS" || r.Type == "MX") {
		e.Value = string(n)
	}
	if first, _, ok := strings.Cut(r.Data, " "); ok && r.Type == "MX" {
		if n, err := strconv.ParseUint(first, 10, 16); err == nil {
			e.Priority = new(uint16(n))
		}
	}
	return e
}
