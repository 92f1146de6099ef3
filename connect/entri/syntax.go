package entri

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// intent is the record in the planner's terms. Its variables are replaced.
func (r Record) intent() (plan.Intent, *fault) {
	host, f := owner(r.Host)
	if f != nil {
		return plan.Intent{}, f.in("host")
	}
	in := plan.Intent{Host: host, TTL: r.TTL}
	text := strings.TrimSpace(r.Value)
	switch r.Type {
	case "A", "AAAA":
		in.Kind = plan.Kind(r.Type)
		in.Value, f = addressValue(r.Type, text)
	case "CNAME", "NS":
		in.Kind = plan.Kind(r.Type)
		in.Value, f = target(text)
	case "MX":
		in, f = r.mx(in, text)
	case "TXT":
		in, f = r.txt(in, text)
	case "CAA":
		in, f = r.caa(in, text)
	default:
		return in, faultf(Unsupported, r.Type, "want one of %s", strings.Join(Types(), ", ")).in("type")
	}
	if f != nil {
		return in, f.in("value")
	}
	return in, nil
}

// owner is a host as the planner reads it: "@", or labels, with a final dot
// where it was absolute.
func owner(host string) (string, *fault) {
	text := strings.TrimSpace(host)
	if text == "" || text == "@" {
		return "@", nil
	}
	if strings.Contains(text, "//") {
		return "", faultf(Invalid, host, `a URL; write the part of the name before the domain, such as "www"`)
	}
	name, err := ascii(strings.TrimSuffix(text, "."))
	if err != nil {
		return "", faultf(Invalid, host, `%v; write the part of the name before the domain, such as "www"`, err)
	}
	if strings.HasSuffix(text, ".") {
		name += "."
	}
	return name, nil
}

func addressValue(typ, text string) (string, *fault) {
	a, err := netip.ParseAddr(text)
	want, other := "an IPv4 address, such as 192.0.2.1", "AAAA"
	if typ == "AAAA" {
		want, other = "an IPv6 address, such as 2001:db8::1", "A"
	}
	if err != nil {
		if name, err := ascii(strings.TrimSuffix(text, ".")); err == nil && strings.Trim(name, "0123456789.") != "" {
			return "", faultf(Invalid, text, "a name; write %s, or use type CNAME", want)
		}
		return "", faultf(Invalid, text, "not %s", want)
	}
	if a.Is4() != (typ == "A") {
		return "", faultf(Invalid, text, "not %s; this one belongs in a record of type %s", want, other)
	}
	if a.Zone() != "" {
		return "", faultf(Invalid, text, "an address with a zone means something on one machine only; leave out %s", quote("%"+a.Zone()))
	}
	return a.String(), nil
}

// target is the name a record points at. A single label is relative to the
// domain, "@" is the domain, everything else is absolute.
func target(text string) (string, *fault) {
	if text == "@" {
		return text, nil
	}
	if isAddress(text) {
		return "", faultf(Invalid, text, "an address; write a host name, or use type A or AAAA")
	}
	if strings.ContainsAny(text, "/:") {
		return "", faultf(Invalid, text, "write the host name alone, without scheme, port and path")
	}
	name, err := ascii(strings.TrimSuffix(text, "."))
	if err != nil {
		return "", faultf(Invalid, text, "%v; write a host name, such as edge.app.example", err)
	}
	if strings.Contains(name, "*") {
		return "", faultf(Invalid, text, "a wildcard is no host name")
	}
	if strings.HasSuffix(text, ".") && !strings.Contains(name, ".") {
		name += "." // absolute, and without it the label would be relative
	}
	return name, nil
}

func (r Record) mx(in plan.Intent, text string) (plan.Intent, *fault) {
	in.Kind = plan.KindMX
	if r.Priority == nil {
		return in, faultf(Missing, "", "missing; an MX record needs one, such as 10").in("priority")
	}
	in.Priority = *r.Priority
	if text == "." {
		if in.Value = text; in.Priority != 0 {
			return in, faultf(Invalid, text, `"." says that the domain takes no mail, and has priority 0 (RFC 7505)`)
		}
		return in, nil
	}
	var f *fault
	if in.Value, f = target(text); f != nil && len(strings.Fields(text)) == 2 {
		f.reason = "write the mail host alone; its priority has a field of its own"
	}
	return in, f
}

// maxTXT is the longest text of a TXT record: 65535 octets of rdata, less the
// length octet of each of its strings (RFC 1035 section 3.3.14).
const maxTXT = 65535 - 256

func (r Record) txt(in plan.Intent, text string) (plan.Intent, *fault) {
	in.Kind, in.Value, in.Fallback = plan.KindTXT, text, strings.TrimSpace(r.FallbackValue)
	for _, s := range []field{{"value", in.Value}, {"fallbackValue", in.Fallback}} {
		if f := textFault(s.value); f != nil {
			return in, f.in(s.name)
		}
	}
	key := strings.Contains("."+in.Host+".", "._domainkey.")
	quoted := strings.Trim(text, `"`)
	switch {
	case text == "":
		return in, faultf(Invalid, r.Value, "empty; leave the record out or give its text")
	case quoted != text && spf.IsRecord(quoted):
		return in, faultf(Invalid, text, "leave out the quotation marks; they would become part of the text, and nobody would find the record")
	case spf.IsRecord(text):
		in.Kind = plan.KindSPF
		if in.Fallback != "" {
			return in, faultf(Unsupported, in.Fallback, "an SPF record is merged into the one that is there and has no fallback; leave it out").in("fallbackValue")
		}
		// What cannot be merged at all cannot be merged for anybody.
		if _, err := spf.Merge(spf.MergeRequest{Domain: "sample.invalid", Required: []string{text}, Subrecords: true}); err != nil {
			return in, faultf(Invalid, text, "%s", strings.TrimPrefix(err.Error(), "spf: "))
		}
	case dkim.IsKey(text):
		if key {
			in.Kind = plan.KindDKIM
		}
		if f := keyFault(text); f != nil {
			return in, f
		}
		if in.Fallback != "" {
			if f := keyFault(in.Fallback); f != nil {
				return in, f.in("fallbackValue")
			}
		}
	}
	f := r.dmarcIntent(&in, text)
	return in, f
}

// textFault and keyFault do not repeat the text: it may be a private key,
// pasted by mistake.
func textFault(s string) *fault {
	if strings.Contains(s, "PRIVATE KEY") {
		return faultf(Invalid, "", "holds a private key, which must count as known now; make a new pair and publish its public key")
	}
	if len(s) > maxTXT {
		return faultf(OutOfRange, "", "%d octets; a TXT record holds %d", len(s), maxTXT)
	}
	if !utf8.ValidString(s) {
		return faultf(Invalid, "", "not UTF-8; write the text in UTF-8")
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return faultf(Invalid, "", "a control character at octet %d; write the text on one line", i+1)
		}
	}
	return nil
}

func keyFault(text string) *fault {
	if _, err := dkim.ParseKey(text); err != nil {
		return faultf(Invalid, "", "not a DKIM key: %s", strings.TrimPrefix(err.Error(), "dkim: "))
	}
	return nil
}

// relative is an owner in front of domain, as the planner's intents have it.
func relative(host string, domain zone.Name) (string, *fault) {
	if d := string(domain); host == d || strings.HasSuffix(host, "."+d) {
		rest := strings.TrimSuffix(strings.TrimSuffix(host, d), ".")
		if rest == "" {
			rest = "@"
		}
		return "", faultf(Invalid, host, "a host is relative to {DOMAIN} already; write %s", quote(rest))
	}
	name, err := zone.Abs(host, domain)
	if err != nil {
		return "", faultf(Invalid, host, "%s", strings.TrimPrefix(err.Error(), "zone: "))
	}
	return name.Rel(domain), nil
}
