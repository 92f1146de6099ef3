package libdnsdriver

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// spell is a record for a module: typed where libdns has a type that says the
// same, else a plain RR. The error is of what no libdns record can say.
func spell(r zone.Record, apex zone.Name, text Text) (libdns.Record, error) {
	if r.Opaque {
		return nil, refuse(providers.Invalid, "%s %s: data that could not be read cannot be written", r.Name.FQDN(), r.Type)
	}
	rr := libdns.RR{Name: r.Name.Rel(apex), TTL: time.Duration(r.TTL) * time.Second, Type: r.Type, Data: r.Data}
	if r.Type == "TXT" {
		rr.Data = spellText(r, text)
	}
	back := text
	if text == TextEscaped {
		back = TextPlain // taken plain, given back with escapes
	}
	for _, raw := range []libdns.Record{typed(rr, r), rr} {
		if raw == nil {
			continue
		}
		if got, err := decode(raw, apex, back); err == nil && got.SameData(r) && got.TTL == r.TTL {
			return raw, nil
		}
	}
	return nil, refuse(providers.Invalid, "%s %s: libdns has no way to say this record", r.Name.FQDN(), r.Type)
}

func spellText(r zone.Record, text Text) string {
	if text == TextQuoted {
		return r.Data
	}
	return r.Text()
}

// typed is rr as one of libdns's types, nil where it has none.
func typed(rr libdns.RR, r zone.Record) libdns.Record {
	f := strings.Fields(r.Data)
	num := func(i int) uint16 {
		n, err := strconv.ParseUint(f[i], 10, 16)
		if err != nil {
			return 0 // decoded again by spell, which then takes the plain form
		}
		return uint16(n)
	}
	switch {
	case r.Type == "TXT":
		return libdns.TXT{Name: rr.Name, TTL: rr.TTL, Text: rr.Data}
	case r.Type == "A", r.Type == "AAAA":
		ip, err := netip.ParseAddr(r.Data)
		if err != nil {
			return nil
		}
		return libdns.Address{Name: rr.Name, TTL: rr.TTL, IP: ip}
	case r.Type == "CNAME":
		return libdns.CNAME{Name: rr.Name, TTL: rr.TTL, Target: r.Data}
	case r.Type == "NS":
		return libdns.NS{Name: rr.Name, TTL: rr.TTL, Target: r.Data}
	case r.Type == "MX" && len(f) == 2:
		return libdns.MX{Name: rr.Name, TTL: rr.TTL, Preference: num(0), Target: f[1]}
	case r.Type == "SRV" && len(f) == 4:
		return service(rr, num(0), num(1), num(2), f[3])
	case r.Type == "CAA" && len(f) > 2:
		return authorisation(rr, f[0], f[1], r.Data)
	case (r.Type == "HTTPS" || r.Type == "SVCB") && len(f) > 1:
		return bound(rr, num(0), f[1], strings.TrimSpace(r.Data[len(f[0])+1+len(f[1]):]))
	}
	return nil
}

// underscored splits the labels off that begin with an underscore, n of them,
// and gives them without it.
func underscored(name string, n int) (labels []string, rest string, ok bool) {
	for range n {
		label, after, more := strings.Cut(name, ".")
		if !more {
			after = "@"
		}
		if len(label) < 2 || label[0] != '_' {
			return nil, "", false
		}
		labels, name = append(labels, label[1:]), after
	}
	return labels, name, true
}

func service(rr libdns.RR, priority, weight, port uint16, target string) libdns.Record {
	labels, rest, ok := underscored(rr.Name, 2)
	if !ok {
		return nil
	}
	return libdns.SRV{
		Service: labels[0], Transport: labels[1], Name: rest, TTL: rr.TTL,
		Priority: priority, Weight: weight, Port: port, Target: target,
	}
}

func authorisation(rr libdns.RR, flags, tag, data string) libdns.Record {
	n, err := strconv.ParseUint(flags, 10, 8)
	strs, bad := zone.ParseStrings(strings.TrimSpace(data[len(flags)+1+len(tag):]))
	if err != nil || bad != nil || len(strs) != 1 {
		return nil
	}
	return libdns.CAA{Name: rr.Name, TTL: rr.TTL, Flags: uint8(n), Tag: tag, Value: strs[0]}
}

// bound is an HTTPS record of the zone's own port, or an SVCB record of one
// scheme; what else there may be has no typed form that RR gives back.
func bound(rr libdns.RR, priority uint16, target, params string) libdns.Record {
	b := libdns.ServiceBinding{Scheme: "https", Name: rr.Name, TTL: rr.TTL, Priority: priority, Target: target}
	if rr.Type == "SVCB" {
		labels, rest, ok := underscored(rr.Name, 1)
		if !ok {
			return nil
		}
		b.Scheme, b.Name = labels[0], rest
	}
	b.Params = libdns.SvcParams{}
	for params != "" {
		key, after, valued := params, "", false
		if i := strings.IndexAny(params, "= "); i >= 0 {
			key, after, valued = params[:i], params[i+1:], params[i] == '='
		}
		var list []string
		if valued {
			var quoted string
			quoted, after = quotedString(after)
			strs, err := zone.ParseStrings(quoted)
			// A backslash that is left belongs to a list, whose escapes
			// libdns and its modules read in more ways than one.
			if err != nil || len(strs) != 1 || strings.Contains(strs[0], `\`) {
				return nil
			}
			list = strings.Split(strs[0], ",")
		}
		b.Params[key] = list
		params = strings.TrimLeft(after, " ")
	}
	return b
}

// quotedString splits one quoted string off canonical data.
func quotedString(s string) (quoted, rest string) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i+1], s[i+1:]
		}
	}
	return s, ""
}

// spellAll is hand of spell, record by record.
func (s *session) spellAll(records []zone.Record, apex zone.Name) ([]libdns.Record, error) {
	out := make([]libdns.Record, len(records))
	for i, r := range records {
		raw, err := spell(r, apex, s.driver.Text)
		if err != nil {
			return nil, fmt.Errorf("nothing was written: %w", err)
		}
		out[i] = hand(raw, s.driver.Pointers)
	}
	return out, nil
}
