package cloudflaretest

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/mooring-dns/mooring/providers/zone"
)

func (f *Fake) byID(id string) *hosted {
	for _, h := range f.zones {
		if h.id == id {
			return h
		}
	}
	return nil
}

// listZones lists the zones that the token reaches. The filter by name has no
// case, since only those called …_case_sensitive do
// (https://developers.cloudflare.com/api/resources/zones/methods/list/).
func (f *Fake) listZones(t Token, q url.Values) (any, *pageInfo, *refusal) {
	if t.NoZones {
		return nil, nil, refuse(http.StatusForbidden, message(9109, "Unauthorized to access requested resource"))
	}
	for k := range q {
		switch k {
		case "name", "account.id", "status", "page", "per_page", "order", "direction", "match":
		default:
			return nil, nil, refuse(http.StatusBadRequest, message(1004, "the fake does not know the filter "+k))
		}
	}
	list := []any{}
	for _, h := range f.zones {
		name, account, status := q.Get("name"), q.Get("account.id"), q.Get("status")
		if !t.reaches(h) || name != "" && lower(name) != shown(h.apex) || account != "" && account != h.Account || status != "" && status != h.Status {
			continue
		}
		list = append(list, f.describe(t, h))
	}
	cut, info, no := page(q, list, 20, 5, 50, 0)
	return cut, info, no
}

// shown is a zone's name as the API has it, in Unicode; records have A-labels
// (cloudflare/cloudflare-go#347 and #690, DNSControl/dnscontrol#2341).
func shown(apex zone.Name) string {
	u, err := idna.ToUnicode(string(apex))
	if err != nil {
		return string(apex)
	}
	return u
}

// describe is a zone as the API shows it.
func (f *Fake) describe(t Token, h *hosted) any {
	made := h.made.Format(time.RFC3339Nano)
	plan := strings.ToUpper(h.Plan[:1]) + h.Plan[1:] + " Website"
	servers := []string{}
	if !h.internal() {
		for _, ns := range NameServers() {
			servers = append(servers, string(ns))
		}
	}
	return map[string]any{
		"id": h.id, "name": shown(h.apex), "status": h.Status, "paused": false, "type": h.Type, "development_mode": 0,
		"name_servers":          servers,
		"original_name_servers": nil, "original_registrar": nil, "original_dnshost": nil,
		"created_on": made, "modified_on": made, "activated_on": made,
		"account":     map[string]any{"id": h.Account, "name": "Account " + h.Account[:4]},
		"permissions": t.permissions(h),
		"plan": map[string]any{
			"id": "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "name": plan, "price": 0, "currency": "USD", "frequency": "",
			"is_subscribed": h.Plan != "free", "can_subscribe": false, "legacy_id": h.Plan,
		},
	}
}

// limits is what a plan allows: records in a zone, operations in a batch, the
// smallest TTL in seconds, and tags on a record
// (https://developers.cloudflare.com/dns/manage-dns-records/faq/,
// .../how-to/batch-record-changes/, .../reference/ttl/; tags are for plans that
// cost, "exceeding the quota of 0" in cloudflare/terraform-provider-cloudflare#3217).
func (h *hosted) limits() (records, batch, ttl, tags int) {
	switch h.Plan {
	case "pro", "business":
		return 3500, 3500, 60, 20
	case "enterprise":
		return 3500, 3500, 30, 20
	}
	return 200, 200, 60, 0
}
