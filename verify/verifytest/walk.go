package verifytest

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// walk asks from the top of the World down, and returns the answer with
// authority and who gave it.
func (l *lookup) walk(name zone.Name, typ string) (*dns.Msg, *Server) {
	q := new(dns.Msg)
	q.SetQuestion(name.FQDN(), typeNumber(typ))
	q.RecursionDesired = false
	at, doors := zone.Root, l.r.world.servers[0].doors
	for range maxReferral {
		m, s, cut := usable(q, doors, at, name)
		if m == nil || cut == "" {
			return m, s
		}
		at, doors = cut, l.delegated(m)
	}
	return nil, nil
}

// typeNumber is 0 for what is no DNS type.
func typeNumber(typ string) uint16 {
	if n, ok := dns.StringToType[typ]; ok {
		return n
	}
	digits, _ := strings.CutPrefix(typ, "TYPE") // RFC 3597 section 5
	n, _ := strconv.ParseUint(digits, 10, 16)
	return uint16(n)
}

// usable puts the question to the addresses in turn until an answer with
// authority comes, or a referral to a zone below at.
func usable(q *dns.Msg, doors []*door, at, name zone.Name) (m *dns.Msg, s *Server, cut zone.Name) {
	for _, d := range doors {
		s, ok := d.host.(*Server)
		if !ok {
			continue // a resolver is no name server
		}
		for _, out := range s.hear(arrival{req: q, at: d.at, network: inside}) {
			m := out.msg
			switch {
			case m == nil, m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
			case m.Authoritative:
				return m, s, ""
			default:
				if cut, ok := referral(m, at, name); ok {
					return m, s, cut
				}
			}
		}
	}
	return nil, nil, ""
}

// referral is the zone below at that m leads to, on the way to name.
func referral(m *dns.Msg, at, name zone.Name) (cut zone.Name, ok bool) {
	for _, rr := range m.Ns {
		cut, err := zone.ParseName(rr.Header().Name)
		if err == nil && rr.Header().Rrtype == dns.TypeNS && cut.Below(at) && name.Within(cut) {
			return cut, true
		}
	}
	return "", false
}

// delegated is where the servers of a referral are reached.
func (l *lookup) delegated(m *dns.Msg) []*door {
	var first, out []*door
	for _, rr := range m.Ns {
		ns, ok := rr.(*dns.NS)
		if !ok {
			continue
		}
		host, err := zone.ParseName(ns.Ns)
		if err != nil {
			continue
		}
		for _, a := range l.addresses(host, m.Extra) {
			d := l.r.world.byAddr[a]
			if d == nil {
				continue
			}
			if s, ok := d.host.(*Server); ok && s.name == l.r.opts.Prefer {
				first = append(first, d)
			} else {
				out = append(out, d)
			}
		}
	}
	return append(first, out...)
}

// addresses are those of a name server: glue, or what a lookup finds.
func (l *lookup) addresses(host zone.Name, glue []dns.RR) []netip.Addr {
	var recs []zone.Record
	for _, typ := range []string{"A", "AAAA"} {
		recs = append(recs, set(glue, host, typ)...)
	}
	if len(recs) == 0 && l.depth < maxDepth {
		for _, typ := range []string{"A", "AAAA"} {
			sub := lookup{r: l.r, cache: l.cache, now: l.now, unchecked: l.unchecked, depth: l.depth + 1}
			recs = append(recs, sub.step(host, typ).records...)
		}
	}
	var out []netip.Addr
	for _, r := range recs {
		if a, ok := r.Addr(); ok {
			out = append(out, a.Unmap())
		}
	}
	return out
}
