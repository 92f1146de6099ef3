package godaddy

import (
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// body is all that the host is to keep at the place: what is not of the RRset,
// and what stays of it, as the host spelled it, then what is new.
func (p place) body(apex zone.Name, held []entry, after []zone.Record) ([]any, error) {
	var out []any
	become, fresh := p.match(held, after)
	for i, e := range held {
		ttl := e.rec.TTL
		if e.rec.Key() == p.key {
			if become[i] < 0 {
				continue
			}
			ttl = after[become[i]].TTL
		}
		same, err := e.respell(ttl)
		if err != nil {
			return nil, err
		}
		out = append(out, same)
	}
	for _, r := range fresh {
		v, err := p.spell(apex, r)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// match says of each record that the host holds which one of after it stays as,
// -1 for none, and which of after are new. Those that are equal find each other
// before those that take another TTL, and those before texts that differ in
// their spelling alone: `abc` and `"abc"` may stand side by side.
func (p place) match(held []entry, after []zone.Record) (become []int, fresh []zone.Record) {
	become = slices.Repeat([]int{-1}, len(held))
	taken := make([]bool, len(after))
	for _, same := range []func(a, b zone.Record) bool{
		func(a, b zone.Record) bool { return a == b },
		func(a, b zone.Record) bool { return a.Data == b.Data && a.Opaque == b.Opaque && a.Meta == b.Meta },
		func(a, b zone.Record) bool { return a.Data == b.Data && a.Opaque == b.Opaque },
	} {
		for i, e := range held {
			if become[i] >= 0 || e.rec.Key() != p.key {
				continue
			}
			for k, r := range after {
				if !taken[k] && same(e.rec, r) {
					become[i], taken[k] = k, true
					break
				}
			}
		}
	}
	for k, r := range after {
		if !taken[k] {
			fresh = append(fresh, r)
		}
	}
	return become, fresh
}
