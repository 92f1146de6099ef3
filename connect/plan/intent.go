package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// Kind is what an intent asks for.
type Kind string

// The kinds of intent. A TXT intent whose value is an SPF record, a DKIM key
// below _domainkey or a DMARC record is treated as what it is.
const (
	KindA     Kind = "A"
	KindAAAA  Kind = "AAAA"
	KindCNAME Kind = "CNAME"
	KindTXT   Kind = "TXT"
	KindSPF   Kind = "SPF"
	KindDKIM  Kind = "DKIM"
	KindMX    Kind = "MX"
	KindCAA   Kind = "CAA"
	KindNS    Kind = "NS"
)

// Intent is one thing a domain shall have. Make it with the function named
// after its kind.
type Intent struct {
	Kind     Kind   `json:"kind"`
	Host     string `json:"host"`               // relative to the domain; "@" is the domain; absolute with a final dot
	Value    string `json:"value"`              // address, target, text, SPF record or terms, CAA value
	Fallback string `json:"fallback,omitempty"` // TXT and DKIM: in place of Value where the host cannot store it
	Priority uint16 `json:"priority,omitempty"` // MX
	Flag     uint8  `json:"flag,omitempty"`     // CAA
	Tag      string `json:"tag,omitempty"`      // CAA: issue, issuewild, iodef
	TTL      uint32 `json:"ttl,omitempty"`      // seconds; 0: DefaultTTL
}

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

// want is an intent resolved: owner absolute, value canonical.
type want struct {
	index int
	kind  Kind
	owner zone.Name
	rec   zone.Record // of address kinds, CNAME, MX, CAA, NS, and the preferred TXT
	alt   string      // fallback text
}

// resolve turns intents into wants and refuses what cannot be meant.
func resolve(req Request) ([]want, error) {
	out := make([]want, 0, len(req.Intents))
	for i, in := range req.Intents {
		w, err := resolveOne(req, i, in)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func resolveOne(req Request, i int, in Intent) (want, error) {
	bad := func(field, value, reason string, args ...any) (want, error) {
		return want{}, &InputError{Intent: i, Field: field, Value: value, Reason: fmt.Sprintf(reason, args...)}
	}
	owner, err := zone.Abs(in.Host, req.Domain)
	if err != nil {
		return bad("host", in.Host, "%v", err)
	}
	if !owner.Within(req.Snapshot.Zone) {
		return bad("host", in.Host, "%s is not in the zone %s", owner.FQDN(), req.Snapshot.Zone.FQDN())
	}
	for n := owner.Parent(); n.Within(req.Snapshot.Zone) && n != owner; n = n.Parent() {
		if len(req.Snapshot.Set(n, "DNAME")) > 0 {
			return bad("host", in.Host, "the DNAME record at %s hides whatever stands at %s (RFC 6672)", n.FQDN(), owner.FQDN())
		}
		if n == zone.Root {
			break
		}
	}
	if owner.Label() == "_domainconnect" {
		return bad("host", in.Host, "the record at %s belongs to the DNS host and is never written", owner.FQDN())
	}
	w := want{index: i, kind: kindOf(in, owner), owner: owner, alt: in.Fallback}
	ttl := in.TTL
	if ttl == 0 {
		ttl = DefaultTTL
	}
	typ, data := string(in.Kind), in.Value
	switch w.kind {
	case KindA, KindAAAA:
		if a, err := netip.ParseAddr(strings.TrimSpace(in.Value)); err != nil || a.Zone() != "" || a.Is4() != (w.kind == KindA) {
			return bad("value", in.Value, "not an %s address", map[Kind]string{KindA: "IPv4", KindAAAA: "IPv6"}[w.kind])
		}
	case KindCNAME, KindNS, KindMX:
		target, err := targetName(in.Value, req.Domain)
		if err != nil {
			return bad("value", in.Value, "not a host name: %v", err)
		}
		if _, err := netip.ParseAddr(strings.TrimSpace(in.Value)); err == nil {
			return bad("value", in.Value, "an address is no host name, and %s needs one", w.kind)
		}
		if data = target.FQDN(); w.kind == KindMX {
			data = fmt.Sprintf("%d %s", in.Priority, data)
		}
		if target == zone.Root && (w.kind != KindMX || in.Priority != 0) {
			return bad("value", in.Value, "the root is no target")
		}
		if w.kind == KindCNAME && target == owner {
			return bad("value", in.Value, "%s would be an alias of itself", owner.FQDN())
		}
	case KindCAA:
		data = fmt.Sprintf("%d %s %s", in.Flag, in.Tag, zone.QuoteStrings(in.Value))
		if in.Tag == "" {
			return bad("tag", in.Tag, "a CAA record needs a tag: issue, issuewild or iodef")
		}
	case KindTXT, KindSPF, KindDKIM:
		if w.kind == KindSPF && !spf.IsRecord(in.Value) {
			if _, err := spf.Parse("v=spf1 " + in.Value); err != nil {
				return bad("value", in.Value, "not SPF: %v", err)
			}
		}
		if in.Value == "" {
			return bad("value", in.Value, "an empty text")
		}
		if !utf8.ValidString(in.Value) || !utf8.ValidString(in.Fallback) {
			return bad("value", in.Value, "not UTF-8, so the plan could not be kept as JSON")
		}
		typ, data = "TXT", zone.QuoteText(in.Value)
	default:
		return bad("kind", string(in.Kind), "unknown; want one of A, AAAA, CNAME, TXT, SPF, DKIM, MX, CAA, NS")
	}
	if w.rec, err = zone.New(owner, typ, req.Caps.ClampTTL(ttl), data); err != nil {
		return bad("value", in.Value, "%v", err)
	}
	return w, nil
}

// kindOf sees through a TXT to what it is.
func kindOf(in Intent, owner zone.Name) Kind {
	if in.Kind != KindTXT {
		return in.Kind
	}
	switch {
	case spf.IsRecord(in.Value):
		return KindSPF
	case belowDomainkey(owner) && dkim.IsKey(in.Value):
		return KindDKIM
	}
	return KindTXT
}

func belowDomainkey(n zone.Name) bool {
	return strings.Contains("."+string(n)+".", "._domainkey.")
}

// targetName reads a target: absolute with a dot inside or at the end,
// relative to domain as a single label.
func targetName(value string, domain zone.Name) (zone.Name, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", errors.New("it is empty")
	}
	if value != "@" && strings.Contains(value, ".") {
		return zone.ParseName(value)
	}
	return zone.Abs(value, domain)
}
