package godaddy

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Read is every record that the API lists.
func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	path, err := zonePath(z.Apex)
	if err != nil {
		return zone.Snapshot{}, err
	}
	found, err := s.all(ctx, z.Apex, path)
	if err != nil {
		return zone.Snapshot{}, err
	}
	return found.snapshot(z.Apex), nil
}

// all is the whole zone. The host lists the name servers of every zone that it
// has, so a list without them is not whole.
func (s *session) all(ctx context.Context, apex zone.Name, path string) (listing, error) {
	l, err := s.entries(ctx, apex, path+"/records")
	if err == nil && len(l.snapshot(apex).Set(apex, "NS")) == 0 {
		err = fail(providers.Unavailable, "the host lists no name servers for %s, as it does for every zone: the list cannot be whole", apex.FQDN())
	}
	return l, err
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

// tries is how often a list of several pages is read at most.
const tries = 4

// entries is a list as it stood at one moment. A list of one page is that. One of
// several is read again until two readings in a row agree, each with its pages
// cut elsewhere: what is removed or added between two pages moves records over
// their border, and a reading by itself does not show it.
func (s *session) entries(ctx context.Context, apex zone.Name, path string) (listing, error) {
	var last listing
	limit := pageSize
	for range tries {
		l, err := s.reading(ctx, apex, path, limit)
		if err != nil {
			return listing{}, err
		}
		if l.ended && l.pages == 1 || l.agrees(last) {
			return l, nil
		}
		last, limit = l, max(l.size-1, 1)
	}
	return listing{}, fail(providers.Unavailable, "%d readings of the records of %s, page by page, do not agree: they changed while they were read, or the host does not list them whole: try again", tries, apex.FQDN())
}

// usual is the lengths of pages that APIs are known for. A first page of such a
// length may be one that the host has cut, though it was asked for more.
func usual() []int { return []int{20, 25, 30, 50, 100, 200, 250} }

// skip is the offset of the second request of a list, whichever way it counts.
const skip = 2

// reading reads a list to its end. The API's description calls offset the number
// of results to skip, and two independent clients with long lists give the
// number of the page (https://github.com/n3integration/terraform-provider-godaddy/pull/44,
// libdns/godaddy v1.1.0). So the first page is asked for without one, and the
// second shows which it is: were 2 a number of results, it would be the first
// one again from its third record on.
func (s *session) reading(ctx context.Context, apex zone.Name, path string, limit int) (listing, error) {
	var l listing
	byRow := false
	for {
		query := url.Values{"limit": {strconv.Itoa(limit)}}
		switch {
		case byRow:
			query.Set("offset", strconv.Itoa(len(l.list)))
		case l.pages > 0:
			query.Set("offset", strconv.Itoa(l.pages+1))
		}
		page, mute, err := s.page(ctx, apex, path, query, l.pages > 0)
		switch {
		case err != nil || mute:
			return l, err
		case l.pages == 0:
			l.add(page)
			l.ended = len(page) == 0 || len(page) < limit && !slices.Contains(usual(), len(page))
		case l.pages == 1 && !byRow && l.again(page):
			byRow, l.ended = true, len(page) == len(l.list)-skip
		case len(page) >= l.size && l.holds(page):
			return listing{size: l.size}, nil // the pages are not those of one list
		default:
			l.add(page)
			l.ended = len(page) < l.size
		}
		if l.ended {
			return l, nil
		}
	}
}

// page is one request of a list. Beyond the last page the API sometimes answers
// 422 (libdns/godaddy v1.1.0 says so, from use); in which words no source says.
// mute says that it was refused without a word of the offset, which may be for
// any reason.
func (s *session) page(ctx context.Context, apex zone.Name, path string, query url.Values, later bool) (page []entry, mute bool, err error) {
	a, err := s.get(ctx, path, query)
	if err != nil {
		return nil, false, err
	}
	if e := s.refused(a); e != nil {
		if later && a.Status == http.StatusUnprocessableEntity && !a.HTML() && e.Code == providers.Invalid {
			return nil, !said(a).names("offset"), nil
		}
		return nil, false, e
	}
	var raws []json.RawMessage
	if err := a.JSON(&raws); err != nil {
		return nil, false, err
	}
	if raws == nil {
		return nil, false, fail(providers.Unavailable, "the answer is no list of records")
	}
	page = make([]entry, len(raws))
	for i, raw := range raws {
		if page[i], err = newEntry(apex, raw); err != nil {
			// What the host said is not repeated: it may be anything.
			return nil, false, fail(providers.Unavailable, "record %d of the answer cannot be read: %w", i+1, err)
		}
	}
	return page, false, nil
}

// names reports whether a refusal is about this parameter of the query.
func (r refusal) names(parameter string) bool {
	for _, f := range r.Fields {
		if strings.Contains(f.Path+" "+f.Message, parameter) {
			return true
		}
	}
	return strings.Contains(r.Message, parameter)
}
