package plan

import (
	"fmt"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

// Kind is what an intent asks for.
type Kind string

// The kinds of intent. A TXT intent whose value is an SPF record, a DKIM key
// below _domainkey or a DMARC record is treated as what it is. So are MTA-STS,
// TLS-RPT and BIMI records, of which a name has one at most.
const (
	KindA     Kind = "A"
	KindAAAA  Kind = "AAAA"
	KindCNAME Kind = "CNAME"
	KindTXT   Kind = "TXT"
	KindSPF   Kind = "SPF"
	KindDKIM  Kind = "DKIM"
	KindDMARC Kind = "DMARC"
	KindMX    Kind = "MX"
	KindCAA   Kind = "CAA"
	KindNS    Kind = "NS"
	KindSRV   Kind = "SRV"
	// KindRedirect is an HTTP redirect that the DNS host itself serves.
	KindRedirect Kind = "REDIRECT"
)

// Intent is one thing a domain shall have. Make it with the function named
// after its kind.
//
// Fallback is another text for TXT and DKIM. For a CNAME at the apex and for a
// redirect it is addresses, with spaces between them, that do the same.
type Intent struct {
	Kind     Kind   `json:"kind"`
	Host     string `json:"host"`               // relative to the domain; "@" is the domain; absolute with a final dot
	Value    string `json:"value"`              // address, target, text, SPF record or terms, CAA value
	Fallback string `json:"fallback,omitempty"` // in place of Value where the host cannot store it; see below
	Priority uint16 `json:"priority,omitempty"` // MX, SRV
	Weight   uint16 `json:"weight,omitempty"`   // SRV
	Port     uint16 `json:"port,omitempty"`     // SRV
	Flag     uint8  `json:"flag,omitempty"`     // CAA
	Tag      string `json:"tag,omitempty"`      // CAA: issue, issuewild, iodef
	TTL      uint32 `json:"ttl,omitempty"`      // seconds; 0: DefaultTTL

	DMARC *dmarc.Edit `json:"dmarc,omitempty"` // DMARC: how the record comes from the one that is there

	Optional   bool   `json:"optional,omitempty"`    // the plan succeeds without it: it gives way where a conflict has neither decision, policy nor default
	EnforceTTL bool   `json:"enforce_ttl,omitempty"` // a difference in TTL alone is a change
	Override   bool   `json:"override,omitempty"`    // SPF: in place of the record there instead of merged with it
	All        string `json:"all,omitempty"`         // SPF: which "all" the record ends in; one of the All… constants, or "-all", "~all", "?all"
}

// How the all of an SPF record comes about: the weaker of the owner's and the
// required one, unless the intent says one of these.
const (
	AllKeep      = "keep"       // the owner's, also if there is none
	AllIfMissing = "if-missing" // the owner's, else the required one
)

// DefaultTTL is the TTL, in seconds, of intents that name none.
const DefaultTTL = 3600

// A asks that host has this IPv4 address. All addresses asked for at one host
// together replace what it points at.
func A(host, addr string) Intent { return Intent{Kind: KindA, Host: host, Value: addr} }

// AAAA asks that host has this IPv6 address.
func AAAA(host, addr string) Intent { return Intent{Kind: KindAAAA, Host: host, Value: addr} }

// CNAME asks that host is an alias of target. A target with a dot inside is
// absolute; a single label is relative to the domain.
func CNAME(host, target string) Intent { return Intent{Kind: KindCNAME, Host: host, Value: target} }

// TXT asks that value is among the texts at host.
func TXT(host, value string) Intent { return Intent{Kind: KindTXT, Host: host, Value: value} }

// SPF asks that the SPF record at host allows what required does: a complete
// record or single terms ("include:app.example").
func SPF(host, required string) Intent { return Intent{Kind: KindSPF, Host: host, Value: required} }

// DKIM asks that host, a name below _domainkey, publishes the key record
// value, or fallback where the DNS host cannot store value. fallback may be "".
func DKIM(host, value, fallback string) Intent {
	return Intent{Kind: KindDKIM, Host: host, Value: value, Fallback: fallback}
}

// DMARC asks that host, "_dmarc" or a name that begins so, publishes a policy:
// value where there is none. A policy that is there stays, unless edit says
// what to change in it; edit may be nil.
func DMARC(host, value string, edit *dmarc.Edit) Intent {
	return Intent{Kind: KindDMARC, Host: host, Value: value, DMARC: edit}
}

// MX asks that mail for host goes to target. All MX asked for at one host are
// one set. Target "." with priority 0 is the null MX (RFC 7505).
func MX(host string, priority uint16, target string) Intent {
	return Intent{Kind: KindMX, Host: host, Value: target, Priority: priority}
}

// CAA asks that a certification authority is allowed (RFC 8659): tag "issue"
// or "issuewild" with the authority's domain as value, or "iodef" with a URL.
func CAA(host, tag, value string) Intent {
	return Intent{Kind: KindCAA, Host: host, Tag: tag, Value: value}
}

// NS asks that host, a name below the zone's apex, is delegated to target.
// All NS asked for at one host are one set.
func NS(host, target string) Intent { return Intent{Kind: KindNS, Host: host, Value: target} }

// SRV asks that a service (RFC 2782) is found at target: host is
// "_service._proto" and the name it serves. All SRV asked for at one host are
// one set. Target "." says that the service is not offered.
func SRV(host string, priority, weight, port uint16, target string) Intent {
	return Intent{Kind: KindSRV, Host: host, Value: target, Priority: priority, Weight: weight, Port: port}
}

// Redirect asks that the DNS host itself answers HTTP at host with a permanent
// redirect to an http or https URL.
func Redirect(host, url string) Intent {
	return Intent{Kind: KindRedirect, Host: host, Value: url}
}

// InputError is a request that no plan can be made for, whatever the zone
// holds.
type InputError struct {
	Intent int    // index into Request.Intents; -1 for the request itself
	Field  string // "host", "value", "fallback", …
	Value  string
	Reason string
}

func (e *InputError) Error() string {
	if e.Intent < 0 {
		return fmt.Sprintf("plan: %s %q: %s", e.Field, e.Value, e.Reason)
	}
	return fmt.Sprintf("plan: intent %d: %s %q: %s", e.Intent, e.Field, e.Value, e.Reason)
}
