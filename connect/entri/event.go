package entri

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
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

// FailedRecord is a record in failedOptionalRecords of onSuccess. The key is
// absent where none failed.
type FailedRecord struct {
	Type     string `json:"type"`
	Host     string `json:"host"` // in front of the domain; "@" is the domain
	Value    string `json:"value"`
	TTL      uint32 `json:"ttl"`      // seconds
	Optional bool   `json:"optional"` // true
}

// FailedOptional is the intents of optional records that were not written, as
// onSuccess shows them: the record as its configuration has it, with what its
// variables stand for. It is nil for none.
func FailedOptional(intents ...plan.Intent) []FailedRecord {
	var out []FailedRecord
	for _, in := range intents {
		f := FailedRecord{Type: string(in.Kind), Host: in.Host, Value: in.Value, TTL: cmp.Or(in.TTL, plan.DefaultTTL), Optional: in.Optional}
		switch in.Kind {
		case plan.KindSPF, plan.KindDKIM, plan.KindDMARC:
			f.Type = "TXT"
		case plan.KindCAA:
			f.Value = fmt.Sprintf("%d %s %q", in.Flag, in.Tag, in.Value)
		default:
		}
		out = append(out, f)
	}
	return out
}
