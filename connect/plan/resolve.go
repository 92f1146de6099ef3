package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// want is an intent resolved: owner absolute, value canonical.
type want struct {
	index    int
	kind     Kind
	owner    zone.Name
	rec      zone.Record // of SPF, DKIM and TXT kinds the preferred text
	alt      string      // fallback
	policy   *mailPolicy // of a TXT that must stand alone among its kind
	optional bool
	in       *Intent
}

// resolve turns intents into wants and refuses what cannot be meant, whatever
// the zone holds.
func resolve(req Request) ([]want, error) {
	out := make([]want, 0, len(req.Intents))
	for i := range req.Intents {
		w, err := resolveOne(req, i)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// Asked is the records that intents for a domain ask for, their fallbacks among
// them, whatever the zone holds. An intent that New refuses asks for none.
func Asked(domain, apex zone.Name, intents []Intent) []zone.Record {
	req := Request{Domain: domain, Snapshot: zone.Snapshot{Zone: apex}, Intents: intents}
	var out []zone.Record
	for i := range intents {
		w, err := resolveOne(req, i)
		if err != nil {
			continue
		}
		out = append(out, w.rec)
		if w.rec.Type == "TXT" && w.alt != "" {
			out = append(out, zone.NewTXT(w.owner, w.rec.TTL, w.alt))
		} else if addrs, err := w.addresses(); err == nil {
			out = append(out, addrs...)
		}
	}
	return out
}

// problem is what is wrong with one field of an intent.
type problem struct{ field, value, reason string }

func (p *problem) Error() string { return p.reason }

func badValue(in *Intent, format string, args ...any) error {
	return &problem{"value", in.Value, fmt.Sprintf(format, args...)}
}

func resolveOne(req Request, i int) (want, error) {
	in := &req.Intents[i]
	fail := func(field, value, reason string) (want, error) {
		if holdsPrivateKey(value) { // the reason may repeat it too
			value, reason = "", "it holds a private key, which must count as known now: make a new pair and publish its public key"
		}
		return want{}, &InputError{Intent: i, Field: field, Value: value, Reason: reason}
	}
	owner, err := zone.Abs(in.Host, req.Domain)
	if err != nil {
		return fail("host", in.Host, err.Error())
	}
	if !owner.Within(req.Snapshot.Zone) {
		return fail("host", in.Host, fmt.Sprintf("%s is not in the zone %s", owner.FQDN(), req.Snapshot.Zone.FQDN()))
	}
	w := want{index: i, kind: kindOf(in, owner), owner: owner, alt: in.Fallback, optional: in.Optional, in: in}
	if w.kind == KindTXT {
		w.policy = mailPolicyOf(owner, in.Value)
	}
	typ, data, err := w.data(req.Domain)
	if err == nil {
		ttl := in.TTL
		if ttl == 0 {
			ttl = DefaultTTL
		}
		if w.rec, err = zone.New(owner, typ, req.Caps.ClampTTL(ttl), data); err != nil {
			err = badValue(in, "%v", err)
		}
	}
	if p, ok := errors.AsType[*problem](err); ok {
		return fail(p.field, p.value, p.reason)
	}
	return w, err
}

// data is the type and rdata of the record that an intent asks for.
func (w want) data(domain zone.Name) (typ, data string, err error) {
	in := w.in
	if in.Override || in.All != "" {
		if err := w.spfOptions(); err != nil {
			return "", "", err
		}
	}
	switch w.kind {
	case KindA, KindAAAA:
		if a, err := netip.ParseAddr(strings.TrimSpace(in.Value)); err != nil || a.Zone() != "" || a.Is4() != (w.kind == KindA) {
			return "", "", badValue(in, "not an %s address", map[Kind]string{KindA: "IPv4", KindAAAA: "IPv6"}[w.kind])
		}
		return string(w.kind), in.Value, nil
	case KindCNAME, KindNS, KindMX, KindSRV:
		return w.pointer(domain)
	case KindRedirect:
		return w.redirect()
	case KindCAA:
		if in.Tag == "" {
			return "", "", &problem{"tag", in.Tag, "a CAA record needs a tag: issue, issuewild or iodef"}
		}
		return "CAA", fmt.Sprintf("%d %s %s", in.Flag, in.Tag, zone.QuoteStrings(in.Value)), nil
	case KindTXT, KindSPF, KindDKIM, KindDMARC:
		return w.text()
	}
	return "", "", &problem{"kind", string(in.Kind), "unknown; want one of A, AAAA, CNAME, TXT, SPF, DKIM, DMARC, MX, SRV, CAA, NS, REDIRECT"}
}

// pointer is the rdata of a record that names another host.
func (w want) pointer(domain zone.Name) (typ, data string, err error) {
	in := w.in
	target, err := targetName(in.Value, domain)
	if err != nil {
		return "", "", badValue(in, "not a host name: %v", err)
	}
	if _, err := netip.ParseAddr(strings.TrimSpace(in.Value)); err == nil {
		return "", "", badValue(in, "an address is no host name, and %s needs one", w.kind)
	}
	none := w.kind == KindSRV || w.kind == KindMX && in.Priority == 0
	if target == zone.Root && !none {
		return "", "", badValue(in, "the root is no target")
	}
	switch data = target.FQDN(); w.kind {
	case KindCNAME:
		if target == w.owner {
			return "", "", badValue(in, "%s would be an alias of itself", w.owner.FQDN())
		}
		if _, err := w.addresses(); err != nil {
			return "", "", err
		}
	case KindMX:
		data = strconv.Itoa(int(in.Priority)) + " " + data
	case KindSRV:
		if service, rest, _ := strings.Cut(string(w.owner), "."); !strings.HasPrefix(rest, "_") || service[0] != '_' && service != "*" {
			return "", "", &problem{"host", in.Host, "an SRV record stands at _service._proto and the name it serves (RFC 2782)"}
		}
		data = fmt.Sprintf("%d %d %d %s", in.Priority, in.Weight, in.Port, data)
	default:
	}
	return string(w.kind), data, nil
}

// redirectStatus is that of every redirect: the name itself has moved.
const redirectStatus = "301 "

func (w want) redirect() (typ, data string, err error) {
	target := strings.TrimSpace(w.in.Value)
	scheme, rest, ok := strings.Cut(target, "://")
	scheme = strings.ToLower(scheme)
	host := rest[:len(rest)-len(strings.TrimLeft(rest, hostOctets))]
	after := strings.TrimPrefix(rest, host)
	if !ok || scheme != "http" && scheme != "https" || host == "" ||
		after != "" && !strings.ContainsRune(":/?#", rune(after[0])) || strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", "", badValue(w.in, "not an http or https URL in ASCII")
	}
	if strings.EqualFold(strings.TrimSuffix(host, "."), string(w.owner)) {
		return "", "", badValue(w.in, "%s would redirect to itself", w.owner.FQDN())
	}
	if _, err := w.addresses(); err != nil {
		return "", "", err
	}
	return zone.TypeRedirect, redirectStatus + target, nil
}

// hostOctets is what the host of a URL is made of.
const hostOctets = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"

// addresses is the fallback of a CNAME or a redirect.
func (w want) addresses() ([]zone.Record, error) {
	var out []zone.Record
	for s := range strings.FieldsSeq(w.alt) {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return nil, &problem{"fallback", w.alt, "not addresses with spaces between them"}
		}
		out = append(out, zone.NewAddress(w.owner, w.rec.TTL, a))
	}
	return out, nil
}

func (w want) spfOptions() error {
	in := w.in
	if w.kind != KindSPF {
		return &problem{"override", in.Value, "override and all are for SPF records"}
	}
	if in.All != "" && !slices.Contains([]string{AllKeep, AllIfMissing, "-all", "~all", "?all"}, in.All) {
		return &problem{"all", in.All, "want keep, if-missing, -all, ~all or ?all"}
	}
	return nil
}

func (w want) text() (typ, data string, err error) {
	in := w.in
	if w.kind == KindSPF && !spf.IsRecord(in.Value) {
		if _, err := spf.Parse("v=spf1 " + in.Value); err != nil {
			return "", "", badValue(in, "not SPF: %v", err)
		}
	}
	if in.Value == "" {
		return "", "", badValue(in, "an empty text")
	}
	if w.policy != nil {
		if err := w.policy.check(in.Value); err != nil {
			return "", "", badValue(in, "%v", err)
		}
	}
	if (w.kind == KindDMARC || in.DMARC != nil) && w.owner.Label() != "_dmarc" {
		return "", "", &problem{"host", in.Host, "a DMARC record stands at a name that begins with _dmarc"}
	}
	if !utf8.ValidString(in.Value) || !utf8.ValidString(in.Fallback) {
		return "", "", badValue(in, "not UTF-8, so the plan could not be kept as JSON")
	}
	return "TXT", zone.QuoteText(in.Value), nil
}

// holdsPrivateKey reports whether a text that is refused is a private key
// pasted by mistake, as a record or without its tags.
func holdsPrivateKey(text string) bool {
	_, err := dkim.Choose(dkim.Want{Value: text}, dkim.Limits{})
	for err != nil {
		if e, ok := err.(*dkim.Error); ok && e.Code == dkim.CodePrivateKey { //nolint:errorlint // every level of the chain is looked at
			return true
		}
		err = errors.Unwrap(err)
	}
	return false
}

// kindOf sees through a TXT to what it is.
func kindOf(in *Intent, owner zone.Name) Kind {
	if in.Kind != KindTXT {
		return in.Kind
	}
	switch {
	case in.DMARC != nil || looksDMARC(owner, zone.NewTXT(owner, 0, in.Value)):
		return KindDMARC
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
