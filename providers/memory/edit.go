package memory

import (
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// edited is the zone after the edit, or why this host does not do it.
func (o Options) edited(z zone.Snapshot, e zone.Edit) (zone.Snapshot, error) {
	caps := o.caps()
	if err := fits(caps.Grain, e); err != nil {
		return z, err
	}
	e.Before = canonical(z.Zone, e.Before)
	e.After = canonical(z.Zone, e.After)
	if caps.CAS {
		if err := compare(caps.Grain, z, e); err != nil {
			return z, err
		}
	}
	after := z
	switch caps.Grain {
	case providers.GrainZone:
		after.Records, after.Meta = e.After, e.Meta
	case providers.GrainRecord:
		recs, err := oneRecord(z, e)
		if err != nil {
			return z, err
		}
		after.Records = recs
	case providers.GrainRRset, providers.GrainBatch:
		keys := e.Keys()
		after.Records = slices.DeleteFunc(slices.Clone(z.Records), func(r zone.Record) bool {
			return slices.Contains(keys, r.Key())
		})
		after.Records = append(after.Records, e.After...)
	}
	if o.ClampTTL {
		after.Records = clamp(z, after.Records, caps)
	}
	after.Records = canonical(z.Zone, after.Records)
	return after, o.allowed(z, after)
}

func canonical(apex zone.Name, recs []zone.Record) []zone.Record {
	return zone.NewSnapshot(apex, recs).Records
}

// fits refuses an edit that is no single write at the grain.
func fits(grain providers.Grain, e zone.Edit) error {
	keys := e.Keys()
	switch {
	case len(keys) == 0 && grain != providers.GrainZone:
		return refuse(providers.Invalid, "an edit of nothing")
	case grain == providers.GrainRecord && (len(keys) != 1 || len(e.Before) > 1 || len(e.After) > 1):
		return refuse(providers.Invalid, "%d records become %d, of %d RRsets: this host writes one record at a time", len(e.Before), len(e.After), len(keys))
	case grain == providers.GrainRRset && len(keys) != 1:
		return refuse(providers.Invalid, "%d RRsets: this host writes one at a time", len(keys))
	}
	return nil
}

// compare is the half of compare-and-set before the set.
func compare(grain providers.Grain, z zone.Snapshot, e zone.Edit) error {
	switch grain {
	case providers.GrainZone:
		if !slices.Equal(z.Records, e.Before) || z.Meta != e.Meta {
			return refuse(providers.Conflict, "the zone is not as the edit expects")
		}
	case providers.GrainRecord:
		for _, r := range e.Before {
			if !slices.Contains(z.Records, r) {
				return refuse(providers.Conflict, "no record %s", r)
			}
		}
	case providers.GrainRRset, providers.GrainBatch:
		before := zone.Snapshot{Zone: z.Zone, Records: e.Before}
		for _, k := range e.Keys() {
			if !slices.Equal(z.Set(k.Name, k.Type), before.Set(k.Name, k.Type)) {
				return refuse(providers.Conflict, "the %s records at %s are not as the edit expects", k.Type, k.Name.FQDN())
			}
		}
	}
	for _, k := range e.Absent {
		for _, r := range z.At(k.Name) {
			if (k.Type == r.Type || k.Type == zone.AnyType) && !slices.Contains(e.Before, r) {
				return refuse(providers.Conflict, "%s stands where the edit expects nothing", r)
			}
		}
	}
	return nil
}

// oneRecord makes, replaces or removes one record. Hosts of this grain know
// their records by an identifier: a record that is gone cannot be replaced,
// and removing it is done already.
func oneRecord(z zone.Snapshot, e zone.Edit) ([]zone.Record, error) {
	recs := slices.Clone(z.Records)
	if len(e.Before) == 1 {
		i := slices.Index(recs, e.Before[0])
		if i < 0 {
			i = slices.IndexFunc(recs, e.Before[0].SameData)
		}
		switch {
		case i >= 0:
			recs = slices.Delete(recs, i, i+1)
		case len(e.After) == 1:
			return nil, refuse(providers.Conflict, "no record %s to replace", e.Before[0])
		}
	}
	for _, r := range e.After {
		if zone.Contains(recs, r) {
			return nil, refuse(providers.Conflict, "%s is there already", r)
		}
	}
	return append(recs, e.After...), nil
}

// clamp gives every record that is new a TTL that the host stores.
func clamp(z zone.Snapshot, recs []zone.Record, caps providers.Caps) []zone.Record {
	out := slices.Clone(recs)
	for i, r := range out {
		if !slices.Contains(z.Records, r) {
			out[i].TTL = caps.ClampTTL(r.TTL)
		}
	}
	return out
}
