package plan

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// uniformTTL gives the records of each RRset the lowest of their TTLs.
func uniformTTL(recs []zone.Record) []zone.Record {
	if len(recs) < 2 {
		return recs
	}
	out := slices.Clone(recs)
	for i := range out {
		for _, o := range recs {
			if o.Type == out[i].Type {
				out[i].TTL = min(out[i].TTL, o.TTL)
			}
		}
	}
	return out
}

// joinTTL gives records the TTL of the RRset they join, and one TTL to those
// that form a new one.
func (b *builder) joinTTL(recs []zone.Record) []zone.Record {
	out := slices.Clone(recs)
	for i, r := range out {
		set := b.req.Snapshot.Set(r.Name, r.Type)
		if p := b.owners[r.Name]; p != nil && len(set) == 0 {
			set = only(p.add, func(o zone.Record) bool { return o.Type == r.Type })
		}
		if len(set) > 0 {
			out[i].TTL = set[0].TTL
			continue
		}
		for _, o := range recs {
			if o.Type == r.Type {
				out[i].TTL = min(out[i].TTL, o.TTL)
			}
		}
		for _, w := range wantsAt(b.wants, r.Name) {
			if w.rec.Type == r.Type {
				out[i].TTL = min(out[i].TTL, w.rec.TTL)
			}
		}
	}
	return out
}

// enforceTTL gives RRsets the TTL that an intent insists on. It is that of the
// whole RRset (RFC 2181 section 5.2), so other values there get it too.
func (b *builder) enforceTTL() {
	ttls := map[zone.Key]uint32{}
	var keys []zone.Key
	for _, w := range b.wants {
		res := b.plan.Results[w.index]
		if !w.in.EnforceTTL {
			continue
		}
		k := w.rec.Key()
		switch {
		case w.kind == KindCAA: // which may have joined, or be, somebody's set above
			if !zone.Contains(b.at(w.owner), w.rec) {
				continue
			}
		case res.State != Added && res.State != Present || len(res.Records) == 0 || !res.Records[0].Name.Within(b.req.Snapshot.Zone):
			continue
		default:
			k = res.Records[0].Key()
		}
		ttl, seen := ttls[k]
		if !seen {
			keys, ttl = append(keys, k), w.rec.TTL
		}
		ttls[k] = min(ttl, w.rec.TTL)
	}
	for _, k := range keys {
		b.retime(k, ttls[k])
	}
}

func (b *builder) retime(k zone.Key, ttl uint32) {
	standing := b.stands(k.Name)
	set := b.all(k.Name, k.Type)
	for i, r := range set { // what stands there already keeps its TTL until now
		if j := slices.IndexFunc(standing, r.SameData); j >= 0 {
			set[i] = standing[j]
		}
	}
	off := only(set, func(r zone.Record) bool { return r.TTL != ttl })
	if len(off) == 0 {
		return
	}
	asked := func(r zone.Record) bool {
		return slices.ContainsFunc(b.plan.Results, func(res Result) bool { return zone.Contains(res.Records, r) })
	}
	others := only(off, func(r zone.Record) bool { return zone.Contains(standing, r) && !asked(r) && !b.mine.has(r) })
	if len(others) > 0 {
		_, ok := b.accepts(nil, Conflict{
			Code: SharedTTL, Owner: k.Name, Existing: others, Wanted: timed(others, ttl), Default: "change",
			Options: []Option{
				{"change", fmt.Sprintf("give all of them the TTL %d", ttl)},
				{"keep", "leave the TTL as it is"},
			},
			Text: fmt.Sprintf("The service wants a TTL of %d seconds for its %s at %s; all values there have one TTL, so these get it too: %s.", ttl, k.Type, k.Name.FQDN(), list(others)),
		}, "change", nil)
		if !ok {
			return
		}
	}
	p := b.pending(k.Name)
	p.add = slices.Clone(p.add)
	for i := range p.add {
		if p.add[i].Type == k.Type {
			p.add[i].TTL = ttl
		}
	}
	old := only(standing, func(r zone.Record) bool { return zone.Contains(off, r) })
	p.retimed, p.ttls = append(p.retimed, old...), append(p.ttls, timed(old, ttl)...)
	if len(old) > 0 {
		p.because("sets the TTL that the service needs")
	}
	for i := range b.plan.Results {
		for j, r := range b.plan.Results[i].Records {
			if r.Key() == k {
				b.plan.Results[i].Records = slices.Clone(b.plan.Results[i].Records)
				b.plan.Results[i].Records[j].TTL = ttl
			}
		}
	}
}

// timed is recs with this TTL.
func timed(recs []zone.Record, ttl uint32) []zone.Record {
	out := slices.Clone(recs)
	for i := range out {
		out[i].TTL = ttl
	}
	return out
}
