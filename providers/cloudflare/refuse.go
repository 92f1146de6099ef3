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
	for _, r := range slices.Concat(e.Before, e.After) {
		if slices.Contains(e.Before, r) && slices.Contains(e.After, r) {
			continue
		}
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
	for _, r := range e.After {
		if slices.Contains(e.Before, r) {
			continue
		}
		if err := writable(z.Caps, r); err != nil {
			return err
		}
	}
	return fits(e)
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
	switch {
	case r.Type == zone.TypeAlias || r.Type == zone.TypeRedirect || !slices.Contains(types(), r.Type):
		return fail(providers.Unsupported, "records of type %s are not written at Cloudflare", r.Type)
	case r.Opaque || !known:
		return fail(providers.Invalid, "%s %s: data that could not be read cannot be written", r.Name.FQDN(), r.Type)
	case r.TTL < max(c.MinTTL, caps("enterprise").MinTTL) || r.TTL > caps("").MaxTTL:
		return fail(providers.Invalid, "%s %s: a TTL of %d seconds: %d to %d are allowed", r.Name.FQDN(), r.Type, r.TTL, max(c.MinTTL, caps("enterprise").MinTTL), caps("").MaxTTL)
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

// compatible refuses a CNAME beside other records where there was none. The API
// would take it beside anything but A, AAAA and CNAME
// (.../dns/manage-dns-records/troubleshooting/records-with-same-name/), and
// resolvers would not see the rest (RFC 1034 section 3.6.2). At the apex, where
// a CNAME is flattened, other types stand beside it and are answered.
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
		if clash(z, will) && !clash(z, was) {
			return fail(providers.Invalid, "a CNAME at %s cannot stand beside other records", n.FQDN())
		}
	}
	return nil
}

// clash reports whether the records at one name hold a CNAME and what cannot
// stand beside it.
func clash(z providers.Zone, at []zone.Record) bool {
	cnames, others := 0, 0
	for _, r := range at {
		switch {
		case r.Type == "CNAME":
			cnames++
		case r.Name != z.Apex || r.Type == "A" || r.Type == "AAAA":
			others++
		}
	}
	return cnames > 1 || cnames == 1 && others > 0
}
