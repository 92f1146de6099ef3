package harbourtest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// list is a page of the account's zones.
func (f *Fake) list(r *http.Request, t Token) (any, *refusal) {
	all := []described{}
	for _, apex := range slices.Sorted(maps.Keys(f.zones)) {
		if t.Zones == nil || slices.Contains(t.Zones, apex) {
			all = append(all, f.zones[apex].described())
		}
	}
	page, next, no := cut(f.opts.PageSize, r, 0, all)
	return map[string]any{"zones": page, "next": next}, no
}

// maxNames is how many owners one request may pick.
const maxNames = 100

// read is a page of a zone's sets, all of them or those of some owners.
func (f *Fake) read(r *http.Request, h *hosted) (any, *refusal) {
	names := r.URL.Query()["name"]
	if len(names) > maxNames {
		return nil, refuse(400, "query_invalid", "%d names, and at most %d are allowed", len(names), maxNames)
	}
	all := slices.DeleteFunc(h.all(), func(s set) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, s.Name) })
	})
	page, next, no := cut(f.opts.PageSize, r, h.version, all)
	return map[string]any{"version": h.version, "sets": page, "next": next}, no
}

// cut is the page that the request's cursor asks for, and the cursor of the one
// behind it, "" at the end. A cursor holds for one version.
func cut[T any](size int, r *http.Request, version uint64, all []T) (page []T, next string, no *refusal) {
	var of uint64
	from := 0
	if given := r.URL.Query().Get("cursor"); given != "" {
		text, err := base64.RawURLEncoding.DecodeString(given)
		if err == nil {
			_, err = fmt.Sscanf(string(text), "%d from %d", &of, &from)
		}
		switch {
		case err != nil || from < 0:
			return nil, "", refuse(400, "query_invalid", "this is no cursor of ours")
		case of != version:
			return nil, "", refuse(409, "cursor_stale", "the list has changed since its first page: begin again")
		}
	}
	from = min(from, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d from %d", version, to))
	}
	return all[from:to], next, nil
}
