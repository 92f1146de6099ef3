package godaddy

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Read is every record that the API lists.
func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	path, err := zonePath(z.Apex)
	if err != nil {
		return zone.Snapshot{}, err
	}
	found, err := s.entries(ctx, z.Apex, path+"/records")
	if err != nil {
		return zone.Snapshot{}, err
	}
	return found.snapshot(z.Apex), nil
}

// listing is the records of a zone, or of one type at one name.
type listing struct {
	list  []entry
	pages int
}

// snapshot leaves out the SOA record, which the API lists without its data
// (https://github.com/n3integration/terraform-provider-godaddy/issues/18): what
// remains of it is no record.
func (l listing) snapshot(apex zone.Name) zone.Snapshot {
	var recs []zone.Record
	for _, e := range l.list {
		if e.rec.Type != "SOA" || e.rec.Data != "" {
			recs = append(recs, e.rec)
		}
	}
	return zone.NewSnapshot(apex, recs)
}

// tries is how often a list is read anew that changed between two of its pages.
const tries = 3

func (s *session) entries(ctx context.Context, apex zone.Name, path string) (listing, error) {
	for range tries {
		if l, whole, err := s.pages(ctx, apex, path); err != nil || whole {
			return l, err
		}
	}
	return listing{}, fail(providers.Unavailable, "the records of %s changed while they were read, page by page, %d times: try again", apex.FQDN(), tries)
}

// pages reads a list to its end. The API's description calls offset the number
// of results to skip, and two independent clients with long lists give the
// number of the page (https://github.com/n3integration/terraform-provider-godaddy/pull/44,
// libdns/godaddy v1.1.0). So the first page is asked for without one, and the
// second shows which it is: were 2 a number of results, it would begin with the
// third record. whole is false where a record comes again, or moved away.
func (s *session) pages(ctx context.Context, apex zone.Name, path string) (l listing, whole bool, err error) {
	seen := map[string]bool{}
	byRow := false
	for {
		query := url.Values{"limit": {strconv.Itoa(pageSize)}}
		switch {
		case byRow:
			query.Set("offset", strconv.Itoa(l.pages*pageSize))
		case l.pages > 0:
			query.Set("offset", strconv.Itoa(l.pages+1))
		}
		page, err := s.page(ctx, apex, path, query, l.pages > 0)
		if err != nil {
			return l, false, err
		}
		if l.pages == 1 && !byRow && len(page) > 0 && string(page[0].raw) == string(l.list[2].raw) {
			byRow = true
			continue
		}
		for _, e := range page {
			if seen[string(e.raw)] {
				return l, false, nil
			}
		}
		for _, e := range page {
			seen[string(e.raw)] = true
			l.list = append(l.list, e)
		}
		l.pages++
		if len(page) < pageSize {
			return l, true, nil
		}
	}
}

// page is one request of a list. Beyond the last page the API sometimes answers
// 422 (libdns/godaddy v1.1.0 says so, from use).
func (s *session) page(ctx context.Context, apex zone.Name, path string, query url.Values, later bool) ([]entry, error) {
	a, err := s.get(ctx, path, query)
	if err != nil {
		return nil, err
	}
	if later && a.Status == http.StatusUnprocessableEntity && !a.HTML() {
		return nil, nil
	}
	if e := s.refused(a); e != nil {
		return nil, e
	}
	var raws []json.RawMessage
	if err := a.JSON(&raws); err != nil {
		return nil, err
	}
	if raws == nil {
		return nil, fail(providers.Unavailable, "the answer is no list of records")
	}
	out := make([]entry, len(raws))
	for i, raw := range raws {
		if out[i], err = newEntry(apex, raw); err != nil {
			// What the host said is not repeated: it may be anything.
			return nil, fail(providers.Unavailable, "record %d of the answer cannot be read: %w", i+1, err)
		}
	}
	return out, nil
}
