package libdnsdriver

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// listing is a session whose module can name its zones.
type listing struct{ *session }

// List implements providers.Lister. It is as whole as the module's list; some
// modules know the first page only.
func (l listing) List(ctx context.Context) ([]providers.Zone, error) {
	return alone(ctx, l.session, func(ctx context.Context, _ *atomic.Bool) (zones []providers.Zone, err error) {
		all, err := l.names(ctx)
		for _, n := range all {
			zones = append(zones, l.zone(n))
		}
		return zones, err
	})
}

// Check implements providers.Checker, by listing.
func (l listing) Check(ctx context.Context) error {
	_, err := l.List(ctx)
	return err
}

func (s *session) zone(apex zone.Name) providers.Zone {
	return providers.Zone{ID: apex.FQDN(), Apex: apex, Caps: s.caps}
}

// names is the zones that the module lists. One whose name cannot be read is
// left out: no call could name it.
func (s *session) names(ctx context.Context) (names []zone.Name, err error) {
	var all []libdns.Zone
	err = s.ask(ctx, "", nil, func() (err error) {
		all, err = s.lister.ListZones(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, z := range all {
		if n, err := apexOf(z.Name); err == nil {
			names = append(names, n)
		}
	}
	return names, nil
}

// Find looks into the module's list of zones, and where that does not know it
// (or there is none), reads the zone: libdns has no other question.
func (s *session) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	return alone(ctx, s, func(ctx context.Context, _ *atomic.Bool) (providers.Zone, error) {
		if s.lister != nil {
			all, err := s.names(ctx)
			if err != nil {
				return providers.Zone{}, err
			}
			switch n := len(slices.DeleteFunc(all, func(n zone.Name) bool { return n != apex })); {
			case n > 1:
				return providers.Zone{}, refuse(providers.Ambiguous, "the account lists %d zones named %s", n, apex.FQDN())
			case n == 1:
				return s.zone(apex), nil
			}
		}
		img, err := s.image(ctx, apex)
		if err != nil {
			return providers.Zone{}, err
		}
		z := s.zone(apex)
		for _, r := range img.snap.Set(apex, "NS") {
			if n, ok := r.Target(); ok {
				z.NameServers = append(z.NameServers, n)
			}
		}
		return z, nil
	})
}

func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	return alone(ctx, s, func(ctx context.Context, _ *atomic.Bool) (zone.Snapshot, error) {
		// An Account reads the zone after a write of which it knows nothing, and
		// this reading comes when the write has ended.
		if l := s.debt.pay(); l != nil {
			return zone.Snapshot{}, late(l)
		}
		img, err := s.image(ctx, z.Apex)
		if err != nil {
			return zone.Snapshot{}, err
		}
		if l := s.debt.see(img.snap); l != nil {
			return zone.Snapshot{}, late(l)
		}
		return img.snap, nil
	})
}

// image is a zone as we read it, with what the module gave for each record.
type image struct {
	snap zone.Snapshot
	held map[zone.Record]libdns.Record
}

// raw is a record as the module gave it.
func (i image) raw(r zone.Record) (libdns.Record, bool) {
	raw, ok := i.held[r]
	return raw, ok
}

// image reads the zone. A zone transfer ends with the SOA record that it begins
// with, and some modules give both.
func (s *session) image(ctx context.Context, apex zone.Name) (img image, err error) {
	var all []libdns.Record
	err = s.ask(ctx, apex, nil, func() (err error) {
		all, err = s.module.GetRecords(ctx, apex.FQDN())
		return err
	})
	if err != nil {
		return image{}, err
	}
	soa := false
	img.held = make(map[zone.Record]libdns.Record, len(all))
	records := make([]zone.Record, 0, len(all))
	for _, raw := range all {
		r, err := decode(raw, apex, s.driver.Text)
		if err != nil {
			return image{}, refuse(providers.Internal, "the module gives what cannot be read: %s", s.clean(err.Error()))
		}
		if r.Type == "SOA" && soa {
			continue
		}
		soa = soa || r.Type == "SOA"
		if _, twice := img.held[r]; !twice {
			img.held[r] = raw
		}
		records = append(records, r)
	}
	img.snap = zone.NewSnapshot(apex, records)
	return img, nil
}
