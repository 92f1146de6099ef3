package verifytest

import (
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// maxChain bounds the CNAMEs followed inside one answer; a loop ends here.
const maxChain = 16

// answer fills m as RFC 1034 section 4.3.2 says, with wildcards as RFC 4592
// reads them. With more, an answer of NS records has the addresses of those
// servers in its additional section.
func (v view) answer(m *dns.Msg, q dns.Question, more bool) {
	name, err := zone.ParseName(q.Name)
	if err != nil || q.Qclass != dns.ClassINET {
		m.Rcode = dns.RcodeRefused
		return
	}
	typ := dns.Type(q.Qtype).String()
	z, ok := v.find(name, typ)
	if !ok {
		m.Rcode = dns.RcodeRefused
		return
	}
	m.Authoritative = true
	seen := make(map[zone.Name]bool)
	for range maxChain {
		if cut, ok := delegation(z, name, typ); ok {
			refer(m, z, cut)
			return
		}
		at, exists := owned(z, name)
		cname := ofType(at, "CNAME")
		if len(cname) > 0 && typ != "CNAME" && typ != "ANY" {
			m.Answer = append(m.Answer, rrs(name, cname)...)
			target, ok := cname[0].Target()
			if !ok || seen[target] || !target.Within(z.Zone) {
				return
			}
			seen[name] = true
			name = target
			continue
		}
		got := ofType(at, typ)
		if typ == "ANY" {
			got = at
		}
		m.Answer = append(m.Answer, rrs(name, got)...)
		if typ == "NS" && more {
			m.Extra = serverAddresses(z, got)
		}
		if len(got) == 0 {
			if !exists {
				m.Rcode = dns.RcodeNameError
			}
			m.Ns = negative(z)
		}
		return
	}
}

// find is the deepest zone that holds name. The DS set of an apex belongs to
// the parent zone (RFC 4035 section 3.1.4.1).
func (v view) find(name zone.Name, typ string) (zone.Snapshot, bool) {
	if typ == "DS" && name != zone.Root {
		if z, ok := v.find(name.Parent(), "NS"); ok {
			return z, true
		}
	}
	for n := name; ; n = n.Parent() {
		if z, ok := v.zone(n); ok {
			return z, true
		}
		if n == zone.Root {
			return zone.Snapshot{}, false
		}
	}
}

// delegation is the highest zone cut between the apex and name.
func delegation(z zone.Snapshot, name zone.Name, typ string) (cut zone.Name, ok bool) {
	for n := name; n != z.Zone && n != zone.Root; n = n.Parent() {
		if len(z.Set(n, "NS")) > 0 && !(n == name && typ == "DS") {
			cut, ok = n, true
		}
	}
	return cut, ok
}

func refer(m *dns.Msg, z zone.Snapshot, cut zone.Name) {
	m.Authoritative = len(m.Answer) > 0 // AA is about the first owner in the answer (RFC 1035 section 4.1.1)
	ns := z.Set(cut, "NS")
	m.Ns = rrs(cut, ns)
	m.Extra = serverAddresses(z, ns)
}

// serverAddresses are those that the zone itself has, as data or as glue.
func serverAddresses(z zone.Snapshot, ns []zone.Record) []dns.RR {
	var out []dns.RR
	for _, r := range ns {
		if host, ok := r.Target(); ok && host.Within(z.Zone) {
			out = append(out, rrs(host, z.Set(host, "A"))...)
			out = append(out, rrs(host, z.Set(host, "AAAA"))...)
		}
	}
	return out
}

// owned is what name owns, from a wildcard where one covers it. A wildcard
// that is an empty non-terminal makes the name exist, without records (RFC
// 4592 section 3.3.1).
func owned(z zone.Snapshot, name zone.Name) (at []zone.Record, exists bool) {
	if z.Exists(name) {
		return z.At(name), true
	}
	w, _ := z.Wildcard(name)
	if w == "" || !z.Exists(w) {
		return nil, false
	}
	return z.At(w), true
}

func ofType(at []zone.Record, typ string) []zone.Record {
	var out []zone.Record
	for _, r := range at {
		if r.Type == typ {
			out = append(out, r)
		}
	}
	return out
}

// rrs is the records as the wire has them, at owner. What has no wire form (a
// host's own feature) is not served.
func rrs(owner zone.Name, recs []zone.Record) []dns.RR {
	var out []dns.RR
	for _, r := range recs {
		r.Name = owner
		if rr, err := r.RR(); err == nil {
			out = append(out, rr)
		}
	}
	return out
}

// negative is the SOA of a negative answer, whose TTL is how long that answer
// may be kept (RFC 2308 section 3).
func negative(z zone.Snapshot) []dns.RR {
	ns := rrs(z.Zone, z.Set(z.Zone, "SOA"))
	for _, rr := range ns {
		if soa, ok := rr.(*dns.SOA); ok {
			soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
		}
	}
	return ns
}
