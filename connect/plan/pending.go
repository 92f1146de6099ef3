package plan

import (
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// pending is the difference at one owner.
type pending struct {
	remove, add []zone.Record
	absent      []string
	why         []string

	retimed, ttls []zone.Record // records that only get another TTL, before and after
}

func (p *pending) because(why string) {
	if why != "" && !slices.Contains(p.why, why) {
		p.why = append(p.why, why)
	}
}

// cutAbove reports whether the zone as it will be delegates a name above n.
func (b *builder) cutAbove(n zone.Name) bool {
	for p := n.Parent(); p.Below(b.req.Snapshot.Zone); p = p.Parent() {
		if len(b.all(p, "NS")) > 0 {
			return true
		}
	}
	return false
}

// found is where the snapshot holds the records of an owner.
type found struct {
	owner zone.Name
	recs  []zone.Record
	next  int // index of the first record behind them
}

// stands is the records of an owner as they are. Owners are looked at many
// times in a row, and mostly in the order of the snapshot.
func (b *builder) stands(owner zone.Name) []zone.Record {
	all := b.req.Snapshot.Records
	f := &b.found
	switch {
	case f.owner == owner && f.owner != "":
		return f.recs
	case f.next < len(all) && all[f.next].Name == owner && (f.next == 0 || all[f.next-1].Name != owner):
	default:
		f.next = b.req.Snapshot.Index(owner)
	}
	end := f.next
	for end < len(all) && all[end].Name == owner {
		end++
	}
	*f = found{owner, all[f.next:end:end], end}
	return f.recs
}

// at is the records of an owner as they will be.
func (b *builder) at(owner zone.Name) []zone.Record {
	at := b.stands(owner)
	p, ok := b.owners[owner]
	if !ok {
		return at
	}
	return append(zone.Subtract(zone.Subtract(at, p.remove), p.add), p.add...)
}

// set is the RRset as far as it can be read.
func (b *builder) set(owner zone.Name, typ string) []zone.Record {
	return only(b.at(owner), func(r zone.Record) bool { return r.Type == typ && !r.Opaque })
}

// all is the RRset with what cannot be read: it stands there all the same.
func (b *builder) all(owner zone.Name, typ string) []zone.Record {
	return only(b.at(owner), func(r zone.Record) bool { return r.Type == typ })
}

// change records what goes and comes at an owner.
func (b *builder) change(owner zone.Name, remove, add []zone.Record, why string, absent ...string) {
	if len(remove)+len(add) == 0 {
		return
	}
	p := b.pending(owner)
	p.remove, p.add, p.absent = joined(p.remove, remove), joined(p.add, add), joined(p.absent, absent)
	p.because(why)
}

// joined is a and b, neither of which is written to any more.
func joined[T any](a, b []T) []T {
	if len(a) == 0 {
		return slices.Clip(b)
	}
	return append(a, b...)
}

func (b *builder) pending(owner zone.Name) *pending {
	p := b.owners[owner]
	if p == nil {
		if len(b.spare) == 0 {
			b.spare = make([]pending, min(len(b.touched)+4, 64))
		}
		p, b.spare = &b.spare[0], b.spare[1:]
		b.owners[owner] = p
		b.touched = append(b.touched, owner)
	}
	return p
}

// difference is what changes at an owner. What one want removes and another one
// needs stays as it is, and so does what stands there already; but what is
// taken back gets its TTL back too.
func (b *builder) difference(owner zone.Name, p *pending) zone.Change {
	standing := b.stands(owner)
	back := func(r, o zone.Record) bool { return b.plan.TakesBack && r.SameData(o) && r.TTL != o.TTL }
	c := zone.Change{Owner: owner}
	c.Remove = those(p.remove, func(r zone.Record) bool {
		return !zone.Contains(p.add, r) || slices.ContainsFunc(p.add, func(o zone.Record) bool { return back(r, o) })
	})
	c.Add = those(p.add, func(r zone.Record) bool {
		stays := zone.Contains(standing, r) || zone.Contains(p.remove, r)
		return !stays || slices.ContainsFunc(c.Remove, func(o zone.Record) bool { return back(r, o) })
	})
	c.Remove, c.Add = order(joined(c.Remove, p.retimed)), order(joined(c.Add, p.ttls))
	if c.Absent = p.absent; !slices.Equal(p.absent, aliases[:]) && len(p.absent) > 1 {
		c.Absent = slices.Compact(slices.Sorted(slices.Values(p.absent)))
	}
	return c
}

// order sorts and joins what is there twice.
func order(recs []zone.Record) []zone.Record {
	switch len(recs) {
	case 0:
		return nil
	case 1:
		return recs
	}
	s := zone.NewSnapshot(recs[0].Name, recs).Records
	return slices.CompactFunc(s, zone.Record.SameData)
}
