package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// listing is records of a zone, all of one version.
type listing struct {
	version uint64
	entries []entry
}

func (l listing) snapshot(apex zone.Name) zone.Snapshot {
	recs := make([]zone.Record, len(l.entries))
	for i, e := range l.entries {
		recs[i] = e.Record
	}
	snap := zone.NewSnapshot(apex, recs)
	snap.Tag = strconv.FormatUint(l.version, 10)
	return snap
}

// Read is every RRset, all pages of one version.
func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	l, err := s.look(ctx, z.Apex, nil)
	if err != nil {
		return zone.Snapshot{}, err
	}
	snap := l.snapshot(z.Apex)
	if len(snap.Set(z.Apex, "SOA")) == 0 {
		return zone.Snapshot{}, fail(providers.Unavailable, "the host shows no SOA record of %s, as it does of every zone: the list cannot be whole", z.Apex.FQDN())
	}
	return snap, nil
}

// tries is how often something is done again because the zone has moved on.
const tries = 4

// look reads the RRsets at these owners, or all. Where the zone changes between
// two pages the API says so, and the reading begins again: no page of one
// version is put beside one of another.
func (s *session) look(ctx context.Context, apex zone.Name, owners []zone.Name) (listing, error) {
	for range tries {
		l, stale, err := s.reading(ctx, apex, owners)
		if err != nil {
			return listing{}, err
		}
		if !stale {
			return l, nil
		}
	}
	return listing{}, fail(providers.Unavailable, "%s changed during each of %d readings: try again", apex.FQDN(), tries)
}

func (s *session) reading(ctx context.Context, apex zone.Name, owners []zone.Name) (l listing, stale bool, err error) {
	query := url.Values{}
	for _, o := range owners {
		query.Add("name", o.Rel(apex))
	}
	cursor, seen := cursors{}, map[zone.Key]bool{}
	for more := true; more; {
		a, err := s.api.Send(ctx, httpapi.Request{Method: http.MethodGet, Path: zonePath(apex) + "/sets", Query: cursor.query(query), Header: s.header()})
		if err != nil {
			return l, false, err
		}
		if a.Status == http.StatusConflict && said(a).Code == "cursor_stale" {
			return l, true, nil
		}
		if e := s.refused(a); e != nil {
			return l, false, e
		}
		next, err := l.add(apex, a, seen)
		if err != nil {
			return l, false, err
		}
		if more, err = cursor.next(next); err != nil {
			return l, false, err
		}
	}
	return l, false, nil
}

// add reads a page, and is the cursor of the next one. Whatever is not as the
// API promises is an error: a zone that was half understood would be planned on.
func (l *listing) add(apex zone.Name, a httpapi.Answer, seen map[zone.Key]bool) (next string, err error) {
	var page struct {
		Version uint64            `json:"version"`
		Sets    []json.RawMessage `json:"sets"`
		Next    string            `json:"next"`
	}
	if err := a.JSON(&page); err != nil {
		return "", err
	}
	if page.Version == 0 || page.Sets == nil || l.version != 0 && page.Version != l.version {
		return "", fail(providers.Unavailable, "the answer is no page of one version of %s", apex.FQDN())
	}
	l.version = page.Version
	for _, raw := range page.Sets {
		var one set
		if err := json.Unmarshal(raw, &one); err != nil {
			return "", fail(providers.Unavailable, "the host shows something in %s that is no RRset", apex.FQDN())
		}
		found, err := one.entries(apex)
		if err != nil {
			return "", err
		}
		if k := found[0].Key(); seen[k] {
			return "", fail(providers.Unavailable, "the host shows the %s records at %s twice", k.Type, k.Name.FQDN())
		}
		seen[found[0].Key()] = true
		l.entries = append(l.entries, found...)
	}
	return page.Next, nil
}
