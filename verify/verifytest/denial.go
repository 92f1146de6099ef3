package verifytest

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// denial is an NSEC record that was heard with a name that does not exist.
type denial struct {
	zone        zone.Snapshot // as it was then
	owner, next zone.Name
	entry       entry
}

// covers reports whether the record, with the one that denies the wildcard,
// proves that name does not exist.
func (d denial) covers(name zone.Name, typ string) bool {
	if !name.Within(d.zone.Zone) || !between(name, d.owner, d.next, d.zone.Zone) {
		return false
	}
	if _, cut := delegation(d.zone, name, typ); cut {
		return false
	}
	_, exists := owned(d.zone, name)
	return !exists
}

// between reports whether name comes after owner and before next; the last
// name of a zone has the apex as its next one (RFC 4034 section 4.1.1).
func between(name, owner, next, apex zone.Name) bool {
	return zone.Compare(owner, name) < 0 && (next == apex || zone.Compare(name, next) < 0)
}

// span is the NSEC record of name, or the one that name falls between: its
// owner, and the next name that owns records.
func span(z zone.Snapshot, name zone.Name) (owner, next zone.Name) {
	owner, next = z.Zone, z.Zone
	for _, r := range z.Records { // in the order of zone.Compare
		if zone.Compare(r.Name, name) > 0 {
			return owner, r.Name
		}
		owner = r.Name
	}
	return owner, next
}

// nsec is that record. Its TTL is that of a denial (RFC 9077).
func nsec(z zone.Snapshot, owner, next zone.Name) dns.RR {
	types := []uint16{dns.TypeRRSIG, dns.TypeNSEC}
	for _, r := range z.At(owner) {
		if n, ok := dns.StringToType[r.Type]; ok {
			types = append(types, n)
		}
	}
	slices.Sort(types)
	rr := &dns.NSEC{
		Hdr:        dns.RR_Header{Name: owner.FQDN(), Rrtype: dns.TypeNSEC, Class: dns.ClassINET},
		NextDomain: next.FQDN(),
		TypeBitMap: slices.Compact(types),
	}
	for _, soa := range negative(z) {
		rr.Hdr.Ttl = soa.Header().Ttl
	}
	return rr
}
