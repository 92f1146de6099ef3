package memory

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// allowed says why the host would not hold the zone after an edit. Records
// that stood before are its own business.
func (o Options) allowed(before, after zone.Snapshot) error {
	caps := o.caps()
	if !slices.Equal(before.Set(before.Zone, "SOA"), after.Set(after.Zone, "SOA")) && !onlySerial(before, after) {
		return refuse(providers.Unsupported, "the SOA record is the host's own")
	}
	if !caps.ApexNS && !slices.Equal(before.Set(before.Zone, "NS"), after.Set(after.Zone, "NS")) {
		return refuse(providers.Unsupported, "the NS records of the apex are the host's own")
	}
	if len(before.Set(before.Zone, "NS")) > 0 && len(after.Set(after.Zone, "NS")) == 0 {
		return refuse(providers.Invalid, "a zone needs an NS record")
	}
	for i, r := range after.Records {
		if slices.Contains(before.Records, r) {
			continue
		}
		if err := storable(caps, after, r); err != nil {
			return err
		}
		if i > 0 && after.Records[i-1].SameData(r) || i+1 < len(after.Records) && r.SameData(after.Records[i+1]) {
			return refuse(providers.Invalid, "%s is there twice", r)
		}
		if err := compatible(caps, after, r); err != nil {
			return err
		}
	}
	return nil
}

// onlySerial reports whether the SOA records differ in their serial alone: in
// a zone written whole, it may be older than the host's.
func onlySerial(a, b zone.Snapshot) bool {
	sa, sb := a.Set(a.Zone, "SOA"), b.Set(b.Zone, "SOA")
	if len(sa) != 1 || len(sb) != 1 || sa[0].TTL != sb[0].TTL {
		return false
	}
	fa, fb := strings.Fields(sa[0].Data), strings.Fields(sb[0].Data)
	if len(fa) != 7 || len(fb) != 7 {
		return false
	}
	fa[2], fb[2] = "", ""
	return slices.Equal(fa, fb)
}

// storable judges one new record by itself.
func storable(caps providers.Caps, z zone.Snapshot, r zone.Record) error {
	text := ""
	if r.Type == "TXT" || r.Type == "SPF" {
		text = r.Text()
	}
	switch {
	case r.Type == "SOA" && r.Name == z.Zone:
		return nil
	case r.Opaque:
		return refuse(providers.Invalid, "%s %s: malformed data", r.Name.FQDN(), r.Type)
	case !r.Name.Within(z.Zone):
		return refuse(providers.Invalid, "%s is not in the zone", r.Name.FQDN())
	case !caps.Stores(r.Type), r.Type == zone.TypeRedirect && !caps.Redirects, r.Type == zone.TypeAlias && caps.ApexAlias != zone.TypeAlias:
		return refuse(providers.Unsupported, "no records of type %s", r.Type)
	case caps.NoWildcard && r.Name.Label() == "*":
		return refuse(providers.Unsupported, "no wildcards")
	case caps.ClampTTL(r.TTL) != r.TTL:
		return refuse(providers.Invalid, "%s: the TTL is not allowed", r)
	case caps.RefusesText(text) != "":
		return refuse(providers.Invalid, "%s %s: the host %s", r.Name.FQDN(), r.Type, caps.RefusesText(text))
	}
	return nil
}

// compatible judges one new record by what stands beside it. A host that
// flattens a CNAME at the apex lets other records stand there.
func compatible(caps providers.Caps, z zone.Snapshot, r zone.Record) error {
	flattened := r.Name == z.Zone && caps.ApexAlias == "CNAME"
	for _, o := range z.At(r.Name) {
		if o == r {
			continue
		}
		if (o.Type == "CNAME" || r.Type == "CNAME") && (!flattened || o.Type == r.Type) {
			return refuse(providers.Invalid, "%s cannot stand beside %s", r, o)
		}
		oneTTL := caps.Grain == providers.GrainRRset || caps.Grain == providers.GrainBatch
		if oneTTL && o.Key() == r.Key() && o.TTL != r.TTL {
			return refuse(providers.Invalid, "%s: the TTLs of an RRset are equal (RFC 2181 section 5.2)", r)
		}
	}
	return nil
}
