package cloudflare

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// storable refuses, before anything is sent, what Cloudflare would not store as
// it is: it must be refused, not altered.
func storable(z providers.Zone, e zone.Edit) error {
	gone, come := less(e.Before, e.After), less(e.After, e.Before)
	for _, r := range slices.Concat(gone, come) {
		m := parseMeta(r.Meta)
		switch {
		case !r.Name.Within(z.Apex):
			return fail(providers.Invalid, "%s is not in zone %s", r.Name.FQDN(), z.Apex.FQDN())
		case r.Type == "SOA" || r.Type == "NS" && r.Name == z.Apex:
			// NS records at the apex can be made and are not served: octodns/octodns-cloudflare#12.
			return fail(providers.Unsupported, "the %s records of the apex are Cloudflare's own", r.Type)
		case m.kept():
			return fail(providers.Unsupported, "the %s record at %s is kept by Cloudflare (%s): switch off what made it, or unlock it, at Cloudflare first", r.Type, r.Name.FQDN(), keeper(m))
		}
	}
	for _, r := range come {
		if err := writable(z.Caps, r); err != nil {
			return err
		}
	}
	return fits(e)
}

// less is the records of a without those of b, one for one.
func less(a, b []zone.Record) (out []zone.Record) {
	left := map[zone.Record]int{}
	for _, r := range b {
		left[r]++
	}
	for _, r := range a {
		if left[r]--; left[r] < 0 {
			out = append(out, r)
		}
	}
	return out
}

func keeper(m meta) string {
	if m[metaEmailRouting] == "true" {
		return "Email Routing"
	}
	return "read only"
}

// writable judges one new record by itself.
func writable(c providers.Caps, r zone.Record) error {
	m := parseMeta(r.Meta)
	size, known := wireSize(r)
	least := max(c.MinTTL, minTTL)
	switch {
	case !slices.Contains(types(), r.Type):
		return fail(providers.Unsupported, "records of type %s are not written at Cloudflare", r.Type)
	case r.Opaque || !known:
		return fail(providers.Invalid, "%s %s: data that could not be read cannot be written", r.Name.FQDN(), r.Type)
	case !canonical(r):
		return fail(providers.Invalid, "%s %s: the name or the data is not in the form that zone.New gives it", r.Name.FQDN(), r.Type)
	case unwritable(r.Meta) != "":
		return fail(providers.Invalid, "%s %s: what its Meta says cannot be stored: %q", r.Name.FQDN(), r.Type, unwritable(r.Meta))
	case r.TTL < least || r.TTL > maxTTL:
		return fail(providers.Invalid, "%s %s: a TTL of %d seconds: %d to %d are allowed", r.Name.FQDN(), r.Type, r.TTL, least, maxTTL)
	case m[metaProxied] == "true" && !proxiable(r.Type):
		return fail(providers.Invalid, "%s %s: only A, AAAA and CNAME records can be proxied", r.Name.FQDN(), r.Type)
	case m[metaProxied] == "true" && r.TTL != autoTTL:
		return fail(providers.Invalid, "%s %s: a proxied record has a TTL of %d seconds, not %d", r.Name.FQDN(), r.Type, autoTTL, r.TTL)
	case r.Type == "TXT" && r.Text() == "":
		// It is taken, shown, and not served: octodns/octodns-cloudflare#73.
		return fail(providers.Invalid, "%s TXT: Cloudflare does not serve empty text", r.Name.FQDN())
	case size > maxWire:
		return fail(providers.Invalid, "%s %s: %d octets of data, at most %d are allowed", r.Name.FQDN(), r.Type, size, maxWire)
	}
	return nil
}

// canonical reports whether a record is as zone.New makes it, which the parts of
// its data are taken out of.
func canonical(r zone.Record) bool {
	name, err := zone.ParseName(string(r.Name))
	data, bad := zone.Canonical(r.Type, r.Data)
	return err == nil && bad == nil && name == r.Name && data == r.Data
}

// wireSize is the octets of a record's data in a DNS message.
func wireSize(r zone.Record) (size int, ok bool) {
	if r.Type == "TXT" && !r.Opaque {
		strs, err := zone.ParseStrings(r.Data)
		for _, s := range strs {
			size += 1 + len(s)
		}
		return size, err == nil
	}
	rr, err := r.RR()
	if err != nil {
		return 0, false
	}
	return dns.Len(rr) - dns.Len(&dns.RR_Header{Name: rr.Header().Name}), true
}

// fits refuses RRsets whose contents together are too long, where the edit makes
// them longer.
func fits(e zone.Edit) error {
	before, after := map[zone.Key]int{}, map[zone.Key]int{}
	for _, r := range e.Before {
		before[r.Key()] += len(r.Data)
	}
	for _, r := range e.After {
		after[r.Key()] += len(r.Data)
	}
	for _, k := range e.Keys() {
		if n := after[k]; n > maxContent && n > before[k] {
			return fail(providers.Invalid, "the %s records at %s hold %d characters together, at most %d are allowed", k.Type, k.Name.FQDN(), n, maxContent)
		}
	}
	return nil
}

// compatible refuses what cannot stand beside the other records of its name, where
// nothing of the kind stood there before.
func compatible(z providers.Zone, now []stored, e zone.Edit) error {
	keys := e.Keys()
	for _, n := range names(e) {
		var was, will []zone.Record
		for _, r := range now {
			if r.Name == n {
				was = append(was, r.Record)
			}
		}
		for _, r := range was {
			if !slices.Contains(keys, r.Key()) {
				will = append(will, r)
			}
		}
		for _, r := range e.After {
			if r.Name == n {
				will = append(will, r)
			}
		}
		if typ := clash(z, will); typ != "" && clash(z, was) != typ {
			return fail(providers.Invalid, "%s records at %s cannot stand beside the others", typ, n.FQDN())
		}
	}
	return nil
}

// clash is the type of the records at one name that cannot stand beside the
// others there, "" where all can.
//
// A CNAME stands alone. The API would take it beside anything but A, AAAA and
// CNAME (.../dns/manage-dns-records/troubleshooting/records-with-same-name/), and
// resolvers would not see the rest (RFC 1034 section 3.6.2). At the apex, where a
// CNAME is flattened, other types stand beside it and are answered.
//
// The API takes no NS record beside another type
// (https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/)
// but DS, which belongs to the delegation and stands at its name
// (.../dns/manage-dns-records/how-to/subdomains-outside-cloudflare/, RFC 4035
// section 2.4).
func clash(z providers.Zone, at []zone.Record) string {
	cnames, others, delegations, beside := 0, 0, 0, 0
	for _, r := range at {
		switch {
		case r.Type == "CNAME":
			cnames++
		case r.Name != z.Apex || r.Type == "A" || r.Type == "AAAA":
			others++
		}
		switch {
		case r.Name == z.Apex || r.Type == "DS":
		case r.Type == "NS":
			delegations++
		default:
			beside++
		}
	}
	switch {
	case cnames > 1 || cnames == 1 && others > 0:
		return "CNAME"
	case delegations > 0 && beside > 0:
		return "NS"
	}
	return ""
}
