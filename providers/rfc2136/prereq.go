package rfc2136

import (
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// prerequisites says what the zone must hold for the edit to happen (RFC 2136
// section 2.4): every RRset of Before, whole, and nothing under the keys that
// come new or must be absent.
func prerequisites(e zone.Edit) ([]dns.RR, error) {
	var pre []dns.RR
	held := map[zone.Key]bool{}
	owners := map[zone.Name]bool{}
	for _, r := range e.Before {
		p, err := pack(r)
		if err != nil {
			return nil, err
		}
		held[r.Key()], owners[r.Name] = true, true
		p.rr.Header().Ttl = 0 // section 2.4.2
		pre = append(pre, p.rr)
	}
	absent := map[zone.Key]bool{}
	var order []zone.Key
	want := func(k zone.Key) {
		if !held[k] && !absent[k] {
			absent[k] = true
			order = append(order, k)
		}
	}
	for _, k := range e.Absent {
		switch {
		case k.Type == zone.TypeAlias || k.Type == zone.TypeRedirect:
			// A DNS server holds none.
		case k.Type != zone.AnyType:
			want(k)
		case !owners[k.Name]:
			want(k)
		default:
			for _, typ := range common {
				want(zone.Key{Name: k.Name, Type: typ})
			}
		}
	}
	for _, r := range e.After {
		want(r.Key())
	}
	for _, k := range order {
		if k.Type != zone.AnyType && absent[zone.Key{Name: k.Name, Type: zone.AnyType}] {
			continue // said by "name is not in use"
		}
		rr, err := without(k)
		if err != nil {
			return nil, err
		}
		pre = append(pre, rr)
	}
	return pre, nil
}

// without is "RRset does not exist", or for AnyType "name is not in use"
// (sections 2.4.3 and 2.4.5).
func without(k zone.Key) (dns.RR, error) {
	typ, ok := dns.StringToType[k.Type]
	if num, unknown := strings.CutPrefix(k.Type, "TYPE"); !ok && unknown {
		v, err := strconv.ParseUint(num, 10, 16)
		typ, ok = uint16(v), err == nil
	}
	if !ok {
		return nil, fail(providers.Unsupported, providers.WroteNo, "%s %s: no DNS type", k.Name.FQDN(), k.Type)
	}
	return &dns.ANY{Hdr: dns.RR_Header{Name: k.Name.FQDN(), Rrtype: typ, Class: dns.ClassNONE}}, nil
}

// common is the types that must each be absent where an owner may hold nothing
// beside what is replaced. There is no prerequisite for "nothing but these".
var common = slices.Sorted(slices.Values([]string{
	"A", "AAAA", "AFSDB", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "CSYNC", "DHCID", "DNAME", "DNSKEY", "DS",
	"EUI48", "EUI64", "HINFO", "HIP", "HTTPS", "IPSECKEY", "KX", "LOC", "MX", "NAPTR", "NS", "OPENPGPKEY", "PTR",
	"RP", "SMIMEA", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI", "ZONEMD",
}))
