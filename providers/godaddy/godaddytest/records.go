package godaddytest

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// records is everything below /v1/domains/{domain}/records. A path that ends in
// a slash names no name, and so the whole type. Writing a whole type is how
// https://github.com/dehydrated-io/dehydrated/issues/430 lost its SPF records.
func (f *Fake) records(w http.ResponseWriter, r *http.Request, a Account, name string, path []string) {
	apex, d := f.held(a, name)
	if d == nil {
		noDomain().send(w)
		return
	}
	sel := selection{apex: apex}
	if len(path) > 0 && path[0] != "" {
		sel.typ = strings.ToUpper(path[0])
	}
	if len(path) > 1 && path[1] != "" {
		sel.name, sel.spelled = strings.ToLower(path[1]), path[1]
	}
	err := sel.check(r.Method)
	if err == nil && r.Method != http.MethodGet && d.status != "ACTIVE" {
		err = inactive()
	}
	if err == nil {
		switch {
		case r.Method == http.MethodGet:
			f.page(w, r, d, sel)
			return
		case r.Method == http.MethodDelete && sel.name != "":
			err = f.remove(d, sel)
			f.done(w, err, true)
			return
		case r.Method == http.MethodPut || r.Method == http.MethodPatch && sel.typ == "":
			body, _ := io.ReadAll(r.Body) // from memory
			err = f.write(d, sel, r.Method == http.MethodPatch, body)
			f.done(w, err, f.opts.NoContent)
			return
		}
		err = noResource()
	}
	err.send(w)
}

// done answers a write.
func (f *Fake) done(w http.ResponseWriter, err *reply, noContent bool) {
	switch {
	case err != nil:
		err.send(w)
	case noContent:
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusOK)
	}
}

// selection is the records a path names. An empty field is all.
type selection struct {
	apex      zone.Name
	typ, name string
	spelled   string // the name in the case of the path
}

func (s selection) has(r record) bool {
	return (s.typ == "" || s.typ == strings.ToUpper(r.Type)) && (s.name == "" || s.name == strings.ToLower(r.Name))
}

// page is GET: at most 500 records, and of more than that another page
// (https://github.com/n3integration/terraform-provider-godaddy/pull/44).
func (f *Fake) page(w http.ResponseWriter, r *http.Request, d *domain, sel selection) {
	limit, err := between(r, "limit", 1, 500, 500)
	if err != nil {
		err.send(w)
		return
	}
	first := 1
	if f.opts.ByRow {
		first = 0
	}
	if most := f.opts.PageSize; most > 0 {
		limit = min(limit, most)
	}
	offset, err := between(r, "offset", 0, 1<<30, first)
	if err != nil {
		err.send(w)
		return
	}
	if !f.opts.ByRow {
		offset = (max(offset, 1) - 1) * limit
	}
	all := []record{}
	for _, rec := range d.records {
		if sel.has(rec) || f.opts.Unfiltered {
			all = append(all, rec)
		}
	}
	if offset >= len(all) && offset > 0 && f.opts.Beyond != BeyondEmpty {
		f.opts.Beyond.reply().send(w)
		return
	}
	all = all[min(offset, len(all)):]
	send(w, 200, all[:min(limit, len(all))])
}

// reply is that of 422.
func (b Beyond) reply() *reply {
	if b == BeyondMute {
		return invalid()
	}
	return invalid(field{Code: "INVALID_VALUE", Message: "is beyond the last record", Path: "offset"})
}

// remove is DELETE: "Deletes all DNS records matching the specified type and
// name" (the description of 2026), and 404 where there are none.
func (f *Fake) remove(d *domain, sel selection) *reply {
	if !slices.ContainsFunc(d.records, sel.has) {
		return noResource()
	}
	f.keep(sel.apex, slices.DeleteFunc(slices.Clone(d.records), sel.has))
	return nil
}

// write is PUT, which replaces all that the path names, and PATCH, which adds.
func (f *Fake) write(d *domain, sel selection, add bool, body []byte) *reply {
	values, err := decode(sel, body)
	if err != nil {
		return err
	}
	stay := d.records
	if !add {
		stay = slices.DeleteFunc(slices.Clone(d.records), func(r record) bool { return sel.has(r) && r.Type != "SOA" && (sel.typ != "" || r.Type != "CAA") })
	}
	all := slices.Clone(stay)
	for i, v := range values {
		if err := acceptable(v, i); err != nil {
			return err
		}
		if !slices.Contains([]string{"A", "AAAA", "TXT"}, v.Type) {
			v.Data = host(sel.apex, v.Data)
		}
		if err := beside(all, v); err != nil {
			return err
		}
		all = append(all, v)
	}
	if sel.typ == "" && !add {
		if n := len(slices.DeleteFunc(slices.Clone(values), func(r record) bool { return r.Type != "NS" || r.Name != "@" })); n < 2 {
			return &reply{status: 422, Code: "MISSING_NAME_SERVER", Message: "At least two NS records must be specified in the request body"} // https://github.com/n3integration/terraform-provider-godaddy/issues/25
		}
	}
	if !sameApexNS(d.records, all) {
		return &reply{
			status: 422, Code: "FAILED_NAME_SERVER_VALIDATION", Message: "Failed to update nameservers",
			Fields: []field{{Code: "INVALID_FIELD", Message: "Nameservers", Path: "records"}}, // the same issue
		}
	}
	f.keep(sel.apex, all)
	return nil
}

// beside refuses what stands already, and a CNAME beside anything: "Another
// record with the same attributes already exists"
// (https://github.com/kubernetes-sigs/external-dns/issues/2467).
func beside(all []record, v record) *reply {
	for _, o := range all {
		at := strings.EqualFold(o.Name, v.Name) && o.Service == v.Service && o.Protocol == v.Protocol
		if o.same(v) || at && (o.Type == "CNAME" || v.Type == "CNAME") {
			return &reply{status: 422, Code: "DUPLICATE_RECORD", Message: "Another record with the same attributes already exists"}
		}
	}
	return nil
}

func sameApexNS(before, after []record) bool {
	apexNS := func(all []record) (out []string) {
		for _, r := range all {
			if r.Type == "NS" && r.Name == "@" {
				out = append(out, r.Data)
			}
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(apexNS(before), apexNS(after))
}
