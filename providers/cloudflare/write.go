package cloudflare

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// batch is operations that the API performs in this order, all or none of them
// (https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/).
type batch struct {
	Deletes []body `json:"deletes,omitempty"`
	Patches []body `json:"patches,omitempty"`
	Posts   []body `json:"posts,omitempty"`
}

func (b batch) size() int { return len(b.Deletes) + len(b.Patches) + len(b.Posts) }

// Write reads the names that the edit is about, compares them with what it
// expects, and sends one batch that names each record by its identifier. The API
// cannot compare: an edit by somebody else that lands between that read and the
// batch meets it half. A record that is gone by then refuses the whole batch; one
// that was edited under its identifier, or came beside, is not noticed.
func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	if err := storable(z, e); err != nil {
		return err
	}
	path, err := recordsPath(z)
	if err != nil {
		return err
	}
	now, err := s.at(ctx, z, names(e))
	if err != nil {
		return err
	}
	if err := expected(now, e); err != nil {
		return err
	}
	b, err := operations(now, e)
	if err != nil || b.size() == 0 {
		return err
	}
	if most := cmp.Or(z.Caps.MaxBatch, caps("").MaxBatch); b.size() > most {
		return fail(providers.Invalid, "the edit takes %d operations, and one batch of this zone's plan holds %d: make it smaller", b.size(), most)
	}
	if err := compatible(z, now, e); err != nil {
		return err
	}
	js, err := json.Marshal(b)
	if err != nil {
		return fail(providers.Internal, "%w", err)
	}
	_, err = s.send(ctx, httpapi.Request{Method: http.MethodPost, Path: path + "/batch", Type: "application/json", Body: js, Write: true})
	return err
}

// names is the owners that an edit is about.
func names(e zone.Edit) []zone.Name {
	var out []zone.Name
	for _, r := range slices.Concat(e.Before, e.After) {
		out = append(out, r.Name)
	}
	for _, k := range e.Absent {
		out = append(out, k.Name)
	}
	slices.SortFunc(out, zone.Compare)
	return slices.Compact(out)
}

// fewNames is how many names are asked about one by one. More come with the
// whole zone in one request, which keeps the time between the first name's
// reading and the write short.
const fewNames = 2

// at is the records at these names, as they are now.
func (s *session) at(ctx context.Context, z providers.Zone, names []zone.Name) ([]stored, error) {
	if len(names) > fewNames {
		all, err := s.records(ctx, z, "")
		return slices.DeleteFunc(all, func(r stored) bool { return !slices.Contains(names, r.Name) }), err
	}
	var out []stored
	for _, n := range names {
		recs, err := s.records(ctx, z, n)
		if err != nil {
			return nil, err
		}
		out = append(out, recs...)
	}
	return out, nil
}

// expected is nil where the zone is as the edit expects it, and Conflict where
// it is not.
func expected(now []stored, e zone.Edit) error {
	for _, k := range e.Keys() {
		var want, got []zone.Record
		for _, r := range e.Before {
			if r.Key() == k {
				want = append(want, r)
			}
		}
		for _, r := range now {
			if r.Key() == k {
				got = append(got, r.Record)
			}
		}
		if !same(want, got) {
			return fail(providers.Conflict, "the %s records at %s are not as they were when the plan was made", k.Type, k.Name.FQDN())
		}
	}
	for _, k := range e.Absent {
		for _, r := range now {
			if r.Name == k.Name && (r.Type == k.Type || k.Type == zone.AnyType) && !slices.Contains(e.Before, r.Record) {
				return fail(providers.Conflict, "a %s record stands at %s, where the plan expects none", r.Type, k.Name.FQDN())
			}
		}
	}
	return nil
}

// same reports whether two lists hold the same records, in any order.
func same(a, b []zone.Record) bool {
	order := func(x, y zone.Record) int {
		return cmp.Or(cmp.Compare(x.Data, y.Data), cmp.Compare(x.TTL, y.TTL), cmp.Compare(x.Meta, y.Meta))
	}
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, order)
	slices.SortFunc(b, order)
	return slices.Equal(a, b)
}

// operations is what turns the records as they are into what the edit wants.
func operations(now []stored, e zone.Edit) (batch, error) {
	var b batch
	gone, come := difference(now, e)
	for _, p := range pairs(gone, come) {
		op, err := replace(p.old, p.new)
		if err != nil {
			return batch{}, err
		}
		b.Patches = append(b.Patches, op)
		gone = slices.DeleteFunc(gone, func(r stored) bool { return r.id == p.old.id })
		i := slices.Index(come, p.new)
		come = slices.Delete(come, i, i+1)
	}
	for _, r := range gone {
		b.Deletes = append(b.Deletes, body{"id": r.id})
	}
	for _, r := range come {
		op, err := create(r)
		if err != nil {
			return batch{}, err
		}
		b.Posts = append(b.Posts, op)
	}
	return b, nil
}

// difference is the stored records that go or change, and the records that come
// or that they change into. What stands as the edit wants it is in neither.
func difference(now []stored, e zone.Edit) (gone []stored, come []zone.Record) {
	keys := e.Keys()
	for _, r := range now {
		if slices.Contains(keys, r.Key()) && !slices.Contains(e.After, r.Record) {
			gone = append(gone, r)
		}
	}
	for _, r := range e.After {
		if !slices.ContainsFunc(now, func(o stored) bool { return o.Record == r }) {
			come = append(come, r)
		}
	}
	return gone, come
}
