package godaddytest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// record is a record as the API shows it: DNSRecord of
// https://developer.godaddy.com/doc/endpoint/domains. How each type fills it is
// to be seen in a zone that an author of Domain Connect at GoDaddy took for a
// test (https://github.com/Domain-Connect/DomainConnectApplyZone): SRV records
// by service and protocol, texts as they are however long, targets without final
// dot, the domain as "@", and an address that is "Forwarded".
type record struct {
	Data     string `json:"data"`
	Name     string `json:"name"`
	Port     *int   `json:"port,omitempty"`
	Priority *int   `json:"priority,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	Service  string `json:"service,omitempty"`
	TTL      uint32 `json:"ttl"`
	Type     string `json:"type"`
	Weight   *int   `json:"weight,omitempty"`

	raw string // shown in place of it; "": nothing
}

// MarshalJSON is the record as it is shown.
func (r record) MarshalJSON() ([]byte, error) {
	if r.raw != "" {
		return []byte(r.raw), nil
	}
	type fields record
	return json.Marshal(fields(r))
}

func (r record) json() string {
	b, err := r.MarshalJSON()
	if err != nil {
		panic(err) // a struct of strings and numbers
	}
	return string(b)
}

// same reports whether the host takes two records for one: TTLs do not tell
// them apart.
func (r record) same(o record) bool {
	equal := func(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }
	return r.Type == o.Type && strings.EqualFold(r.Name, o.Name) && r.Data == o.Data && r.Service == o.Service && r.Protocol == o.Protocol &&
		equal(r.Priority, o.Priority) && equal(r.Weight, o.Weight) && equal(r.Port, o.Port)
}

// under is the name that the API shows of an owner: of an SRV record what comes
// after service and protocol ("Combined with the protocol to form the record
// name as _service._proto.name", domains.json in https://github.com/godaddy/cli).
func under(apex, owner zone.Name, typ string) (name, service, protocol string) {
	name = owner.Rel(apex)
	labels := strings.SplitN(name, ".", 3)
	if typ != "SRV" || len(labels) < 2 || labels[0][0] != '_' || labels[1][0] != '_' {
		return name, "", ""
	}
	if len(labels) == 2 {
		return "@", labels[0], labels[1]
	}
	return labels[2], labels[0], labels[1]
}

// spell is the host's form of a record.
func spell(apex zone.Name, r zone.Record) record {
	out := record{Type: r.Type, TTL: r.TTL, Data: r.Data}
	out.Name, out.Service, out.Protocol = under(apex, r.Name, r.Type)
	if r.Opaque {
		return out
	}
	f := strings.Fields(r.Data)
	switch r.Type {
	case "TXT":
		text := r.Text()
		if borders := r.Data != zone.QuoteText(text); !borders && r.Meta != "quoted=true" && !quoted(text) {
			out.Data = text
		}
	case "CNAME", "NS":
		out.Data = host(apex, r.Data)
	case "MX":
		out.Priority, out.Data = number(f[0]), host(apex, f[1])
	case "SRV":
		out.Priority, out.Weight, out.Port, out.Data = number(f[0]), number(f[1]), number(f[2]), host(apex, f[3])
	}
	return out
}

func quoted(s string) bool { return len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' }

// host is a target: without its final dot, and the domain itself as "@".
func host(apex zone.Name, target string) string {
	target = strings.TrimSuffix(target, ".")
	if target == string(apex) {
		return "@"
	}
	return target
}

func number(s string) *int {
	n := new(int)
	if _, err := fmt.Sscan(s, n); err != nil {
		panic(err) // of a canonical record
	}
	return n
}

// record is the DNS record that the host serves.
func (r record) record(apex zone.Name) zone.Record {
	owner := r.Name
	if r.Service != "" {
		owner = strings.TrimSuffix(r.Service+"."+r.Protocol+"."+r.Name, ".@")
	}
	name, err := zone.Abs(owner, apex)
	if err != nil {
		name = zone.Name(owner + "." + string(apex)) // one that no DNS knows, and the host's web page let through
	}
	out := zone.Record{Name: name, Type: r.Type, TTL: r.TTL, Data: r.Data}
	target := strings.TrimSuffix(r.Data, ".") + "."
	if r.Data == "@" {
		target = apex.FQDN()
	}
	switch {
	case r.Type == "TXT" && quoted(r.Data):
		out.Meta = "quoted=true"
	case r.Type == "TXT":
		out.Data = zone.QuoteText(r.Data)
		if strings.ContainsFunc(r.Data, func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }) {
			out.Meta = "raw=true"
		}
	case r.Type == "CNAME" || r.Type == "NS":
		out.Data = target
	case r.Type == "MX" && r.Priority != nil:
		out.Data = fmt.Sprintf("%d %s", *r.Priority, target)
	case r.Type == "SRV" && r.Priority != nil && r.Weight != nil && r.Port != nil:
		out.Data = fmt.Sprintf("%d %d %d %s", *r.Priority, *r.Weight, *r.Port, target)
	}
	if canon, err := zone.Canonical(out.Type, out.Data); err == nil && r.Data != "" && (out.Meta != "quoted=true" || canon == r.Data) {
		out.Data = canon
	} else if r.Type != "TXT" || out.Meta != "" {
		out.Data, out.Meta, out.Opaque = r.numbers()+r.Data, "", true
	}
	return out
}

// numbers are those of a record that is no DNS record, in front of its data.
func (r record) numbers() (s string) {
	for _, n := range []*int{r.Priority, r.Weight, r.Port} {
		if n != nil {
			s += strconv.Itoa(*n) + " "
		}
	}
	return s
}
