package verifytest

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// prerequisites is RFC 2136 section 3.2: the rcode of the first one that does
// not hold. RRset contents are compared last, whole set by whole set.
func prerequisites(z zone.Snapshot, pre []dns.RR) int {
	want := make(map[zone.Key][]zone.Record)
	for _, rr := range pre {
		h := rr.Header()
		name, err := zone.ParseName(h.Name)
		if err != nil || h.Ttl != 0 {
			return dns.RcodeFormatError
		}
		if !name.Within(z.Zone) {
			return dns.RcodeNotZone
		}
		// A name in use owns a record: an empty non-terminal is not in use
		// (section 2.4.4), and a wildcard uses no name but its own.
		used := len(z.At(name)) > 0
		set := len(z.Set(name, dns.Type(h.Rrtype).String())) > 0
		switch {
		case h.Class == dns.ClassINET && !metaType(h.Rrtype):
			r, err := zone.FromRR(rr)
			if err != nil {
				return dns.RcodeFormatError
			}
			want[r.Key()] = append(want[r.Key()], r)
		case h.Class != dns.ClassANY && h.Class != dns.ClassNONE, h.Rdlength != 0, metaType(h.Rrtype) && h.Rrtype != dns.TypeANY:
			return dns.RcodeFormatError
		case h.Class == dns.ClassANY && h.Rrtype == dns.TypeANY && !used:
			return dns.RcodeNameError
		case h.Class == dns.ClassANY && h.Rrtype != dns.TypeANY && !set:
			return dns.RcodeNXRrset
		case h.Class == dns.ClassNONE && h.Rrtype == dns.TypeANY && used:
			return dns.RcodeYXDomain
		case h.Class == dns.ClassNONE && h.Rrtype != dns.TypeANY && set:
			return dns.RcodeYXRrset
		}
	}
	for key, w := range want {
		if !slices.Equal(rdatas(z.Set(key.Name, key.Type)), rdatas(w)) {
			return dns.RcodeNXRrset
		}
	}
	return dns.RcodeSuccess
}

// rdatas is a set of rdata in one order; TTLs do not count.
func rdatas(recs []zone.Record) []string {
	var out []string
	for _, r := range recs {
		out = append(out, r.Data)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
