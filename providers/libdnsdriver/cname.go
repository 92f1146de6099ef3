package libdnsdriver

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// signing reports whether the host makes the records of a type from all others
// when it signs the zone, and makes them anew when those change (RFC 4034
// sections 3 and 4, RFC 5155 section 3). They stand beside a CNAME (RFC 4035
// section 2.5).
func signing(typ string) bool { return typ == "RRSIG" || typ == "NSEC" || typ == "NSEC3" }

// lonely keeps a CNAME from coming to stand beside other records. No host
// serves that, and what modules and hosts make of the attempt differs.
func (s *session) lonely(snap zone.Snapshot, d diff) error {
	for _, r := range d.come {
		at := slices.Concat(without(snap.At(r.Name), d.gone), d.come)
		for _, o := range at {
			if signing(o.Type) || signing(r.Type) {
				continue
			}
			if o.Name == r.Name && r.Type == "CNAME" && (o.Type != "CNAME" || !o.SameData(r)) || o.Name == r.Name && o.Type == "CNAME" && r.Type != "CNAME" {
				return refuse(providers.Invalid, "%s: a CNAME cannot stand beside other records", r.Name.FQDN())
			}
		}
	}
	return nil
}

// exclusive refuses changes that leave a CNAME beside other records, as every
// DNS server does, and guards the others against one that appears meanwhile.
func exclusive(after zone.Snapshot, changes []zone.Change) ([]zone.Change, error) {
	cname := func(r zone.Record) bool { return r.Type == "CNAME" }
	for i, c := range changes {
		all := after.At(c.Owner)
		at := slices.DeleteFunc(slices.Clone(all), func(r zone.Record) bool { return signing(r.Type) })
		if len(c.Add) > 0 && len(at) > 1 && slices.ContainsFunc(at, cname) {
			types := make([]string, len(at))
			for i, r := range at {
				types[i] = r.Type
			}
			return nil, refuse(providers.Invalid, "%s: a CNAME cannot stand beside other records (%s)", c.Owner.FQDN(), strings.Join(types, ", "))
		}
		switch {
		case !slices.ContainsFunc(c.Add, cname):
			if len(c.Add) > 0 {
				changes[i].Absent = []string{"CNAME"}
			}
		case len(all) > len(at):
			changes[i].Absent = unsigned()
		default:
			changes[i].Absent = []string{zone.AnyType}
		}
	}
	return changes, nil
}

// unsigned is the types that must be absent beside a CNAME of a signed zone,
// where not every type can be: those that people publish.
func unsigned() []string {
	return []string{
		"A", "AAAA", zone.TypeAlias, "CAA", "CNAME", "DNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR",
		zone.TypeRedirect, "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
	}
}
