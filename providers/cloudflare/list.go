package cloudflare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/mooring-dns/mooring/providers"
)

// errMoved is a list that was not the same from its first page to its last.
var errMoved = errors.New("the list changed while its pages were read")

// attempts is how often a list that changes under way is read from its start.
const attempts = 5

// pages is every entry of a list, or an error. The API counts the whole list on
// each page: what is fewer, or there twice, or counted otherwise from page to
// page, is no whole list. An entry that goes while another comes moves what is
// between them from page to page and no count tells, so that a list of several
// pages is read until it is the same twice.
func (s *session) pages(ctx context.Context, path string, query url.Values, size int) ([]json.RawMessage, error) {
	var last []json.RawMessage
	for range attempts {
		list, several, err := s.sweep(ctx, path, query, size)
		switch {
		case errors.Is(err, errMoved):
			last = nil
			continue
		case err != nil:
			return nil, err
		case !several, last != nil && slices.EqualFunc(list, last, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }):
			return list, nil
		}
		last = list
	}
	return nil, fail(providers.Unavailable, "%w", errMoved)
}

// sweep reads a list once; several says that it had more than one page.
func (s *session) sweep(ctx context.Context, path string, query url.Values, size int) (all []json.RawMessage, several bool, err error) {
	q := url.Values{}
	maps.Copy(q, query)
	q.Set("per_page", strconv.Itoa(size))
	seen := map[string]bool{}
	total := -1
	for page := 1; ; page++ {
		q.Set("page", strconv.Itoa(page))
		e, err := s.get(ctx, path, q)
		if err != nil {
			return nil, false, err
		}
		if e.Info == nil || e.Info.Total == nil || e.Info.Page == nil {
			return nil, false, odd("it does not say how long the list is, or which page of it this is")
		}
		if total < 0 {
			total = *e.Info.Total
		}
		var list []json.RawMessage
		if err := json.Unmarshal(e.Result, &list); err != nil || list == nil {
			return nil, false, odd("its result is no list")
		}
		if *e.Info.Total != total || *e.Info.Page != page || len(all)+len(list) > total {
			return nil, false, errMoved
		}
		for _, raw := range list {
			var id struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(raw, &id); err != nil || id.ID == "" {
				return nil, false, odd("an entry has no id")
			}
			if seen[id.ID] {
				return nil, false, errMoved
			}
			seen[id.ID] = true
			all = append(all, raw)
		}
		switch {
		case len(all) == total:
			return all, page > 1, nil
		case len(list) == 0:
			return nil, false, errMoved
		}
	}
}
