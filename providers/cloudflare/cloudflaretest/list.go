package cloudflaretest

import (
	"net/http"
	"net/url"
	"strings"
)

// maxPerPage is the largest page of records (the API's schema, dns-records_per_page).
const maxPerPage = 5_000_000

// listRecords lists the records of a zone. Filters have no case
// (https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/);
// content of SRV, HTTPS and SVCB records is not found by any
// (libdns/cloudflare's client.go).
func (f *Fake) listRecords(h *hosted, q url.Values) (any, *pageInfo, *refusal) {
	for k := range q {
		switch k {
		case "name", "name.exact", "type", "content", "content.exact", "content.contains", "page", "per_page", "order", "direction", "match":
		default:
			return nil, nil, refuse(http.StatusBadRequest, message(1004, "the fake does not know the filter "+k))
		}
	}
	list := []*record{}
	for _, r := range h.records {
		if r.fits(q) {
			list = append(list, r)
		}
	}
	return pageOf(page(q, list, 100, 1, maxPerPage, f.opts.PerPage))
}

func pageOf(list []*record, info *pageInfo, no *refusal) (any, *pageInfo, *refusal) {
	return list, info, no
}

func (r *record) fits(q url.Values) bool {
	searchable := r.Type != "SRV" && r.Type != "HTTPS" && r.Type != "SVCB"
	for k := range q {
		v := q.Get(k)
		ok := true
		switch k {
		case "name", "name.exact":
			ok = lower(v) == lower(r.Name)
		case "type":
			ok = strings.EqualFold(v, r.Type)
		case "content", "content.exact":
			ok = searchable && strings.EqualFold(v, r.Content)
		case "content.contains":
			ok = searchable && strings.Contains(strings.ToLower(r.Content), strings.ToLower(v))
		}
		if !ok {
			return false
		}
	}
	return true
}
