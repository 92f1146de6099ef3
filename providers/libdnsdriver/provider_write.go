package libdnsdriver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// AppendRecords adds records and changes none. Its result has one record for
// each input, as it stands then: one that stood already with the same data is
// returned as it is, with its own TTL; one that comes beside others of its name
// and type takes their TTL; and a TTL that the host does not store comes back
// as the nearest one that it does. A CNAME beside other records is refused.
// After an error, read the zone to see what was written.
func (p *Provider) AppendRecords(ctx context.Context, zoneName string, recs []libdns.Record) ([]libdns.Record, error) {
	var out []libdns.Record
	err := p.transact(ctx, zoneName, func(z providers.Zone, snap zone.Snapshot) ([]zone.Change, error) {
		asked, err := read(recs, z)
		if err != nil {
			return nil, err
		}
		var changes []zone.Change
		var stand []zone.Record
		for _, r := range asked {
			at := slices.Concat(snap.At(r.Name), stand)
			if i := slices.IndexFunc(at, r.SameData); i >= 0 {
				stand = append(stand, at[i])
				continue
			}
			// The TTLs of an RRset are equal (RFC 2181 section 5.2), and what
			// stands is not changed.
			if i := slices.IndexFunc(at, func(o zone.Record) bool { return o.Key() == r.Key() }); i >= 0 {
				r.TTL = at[i].TTL
			}
			stand = append(stand, r)
			i := slices.IndexFunc(changes, func(c zone.Change) bool { return c.Owner == r.Name })
			if i < 0 {
				i, changes = len(changes), append(changes, zone.Change{Owner: r.Name})
			}
			changes[i].Add = append(changes[i].Add, r)
		}
		out = given(stand, z.Apex)
		return exclusive(snap.With(changes...), changes)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SetRecords makes every RRset of the input hold just the records of the input.
// Of an RRset that changes, what stays keeps what the host has beside the data,
// such as a proxied flag. A CNAME that would stand beside other records is
// refused, and so is whatever would stand beside a CNAME. Where the driver's
// grain is a batch or the zone, all is set or nothing; else each RRset by
// itself, and after an error the zone must be read. It returns one record for
// each input, with the TTL that was set.
func (p *Provider) SetRecords(ctx context.Context, zoneName string, recs []libdns.Record) ([]libdns.Record, error) {
	var out []libdns.Record
	err := p.transact(ctx, zoneName, func(z providers.Zone, snap zone.Snapshot) ([]zone.Change, error) {
		asked, err := read(recs, z)
		if err != nil {
			return nil, err
		}
		var want []zone.Record
		for k, values := range byKey(asked) {
			var set []zone.Record
			for _, r := range values {
				if zone.Contains(set, r) {
					continue // asked twice
				}
				// What stands already stays, with its own borders and Meta.
				for _, o := range snap.Set(k.Name, k.Type) {
					if o.SameData(r) {
						o.TTL = r.TTL
						r = o
					}
				}
				set = append(set, r)
			}
			want = append(want, set...)
		}
		set := byKey(want)
		for _, r := range snap.Records {
			if set[r.Key()] == nil {
				want = append(want, r)
			}
		}
		after := zone.NewSnapshot(z.Apex, want)
		changes := zone.Diff(snap, after)
		out = given(asked, z.Apex)
		return exclusive(after, changes)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteRecords removes the records that match the input in name, type, TTL and
// data, where an empty type, a TTL of 0 and empty data match any, and returns
// them. Input that matches nothing is left out. A TTL also matches as the
// nearest that the host stores. What belongs to the host (the SOA record, the NS
// records of the apex, and what signs the zone) is removed only where its type is
// named.
func (p *Provider) DeleteRecords(ctx context.Context, zoneName string, recs []libdns.Record) ([]libdns.Record, error) {
	var out []libdns.Record
	err := p.transact(ctx, zoneName, func(z providers.Zone, snap zone.Snapshot) ([]zone.Change, error) {
		var matches []func(zone.Record) bool
		for _, raw := range recs {
			m, err := matcher(raw, z)
			if err != nil {
				return nil, err
			}
			matches = append(matches, m)
		}
		var gone []zone.Record
		var changes []zone.Change
		for _, r := range snap.Records {
			if !slices.ContainsFunc(matches, func(m func(zone.Record) bool) bool { return m(r) }) {
				continue
			}
			gone = append(gone, r)
			if n := len(changes); n == 0 || changes[n-1].Owner != r.Name { // a snapshot has owners together
				changes = append(changes, zone.Change{Owner: r.Name})
			}
			c := &changes[len(changes)-1]
			c.Remove = append(c.Remove, r)
		}
		out = given(gone, z.Apex)
		return changes, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// read is the records that a caller hands over, each with a TTL that the host
// stores.
func read(recs []libdns.Record, z providers.Zone) ([]zone.Record, error) {
	out := make([]zone.Record, len(recs))
	for i, raw := range recs {
		r, err := named(raw, z.Apex)
		if err != nil {
			return nil, refuse(providers.Invalid, "record %d: %w", i+1, err)
		}
		if r.Opaque {
			return nil, refuse(providers.Invalid, "record %d: %s %s: the data cannot be read: %q", i+1, r.Name.FQDN(), r.Type, r.Data)
		}
		r.TTL = z.Caps.ClampTTL(r.TTL)
		out[i] = r
	}
	return out, nil
}

// named is decode of a record with a name; libdns has none that is empty.
func named(raw libdns.Record, apex zone.Name) (zone.Record, error) {
	rr, err := plain(raw)
	if err != nil {
		return zone.Record{}, err
	}
	if rr.Name == "" {
		return zone.Record{}, fmt.Errorf(`the name of a %s record is empty; the zone itself is "@"`, rr.Type)
	}
	return decode(raw, apex, TextPlain)
}

// matcher reports whether a record is one that DeleteRecords was asked for.
func matcher(raw libdns.Record, z providers.Zone) (func(zone.Record) bool, error) {
	asked, err := named(raw, z.Apex)
	if err != nil {
		return nil, refuse(providers.Invalid, "%w", err)
	}
	rr, err := plain(raw)
	if err != nil {
		return nil, refuse(providers.Invalid, "%w", err)
	}
	return func(r zone.Record) bool {
		switch {
		case r.Name != asked.Name:
			return false
		case rr.Type == "" && (r.Type == "SOA" || signing(r.Type) || r.Type == "NS" && r.Name == z.Apex):
			return false
		case rr.Type != "" && r.Type != asked.Type:
			return false
		case rr.TTL != 0 && r.TTL != asked.TTL && r.TTL != z.Caps.ClampTTL(asked.TTL):
			return false
		case rr.Data == "":
			return true
		case rr.Type != "":
			return r.SameData(asked)
		}
		back, err := decode(libdns.RR{Name: rr.Name, Type: r.Type, TTL: time.Duration(r.TTL) * time.Second, Data: rr.Data}, z.Apex, TextPlain)
		return err == nil && r.SameData(back)
	}, nil
}

// raws is a record that libdns cannot say, as its host's own text.
func raws(r zone.Record, apex zone.Name) libdns.Record {
	return libdns.RR{Name: r.Name.Rel(apex), TTL: time.Duration(r.TTL) * time.Second, Type: r.Type, Data: r.Data}
}
