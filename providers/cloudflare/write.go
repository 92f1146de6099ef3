package cloudflare

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

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
func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) (err error) {
	defer s.clean(&err)
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
	a, err := s.send(ctx, httpapi.Request{Method: http.MethodPost, Path: path + "/batch", Type: "application/json", Body: js, Write: true})
	if err != nil {
		return err
	}
	return s.performed(a.Result, b, names(e))
}

// performed is nil where an answer of success shows the batch that was sent: as
// many operations, all at the names of the edit. The API takes a name that is not
// in its zone for one below it (NewFuture/DDNS#21), so that a zone whose
// identifier is that of another would get records that nobody asked for.
func (s *session) performed(result json.RawMessage, b batch, owners []zone.Name) error {
	type done struct {
		Name string `json:"name"`
	}
	var did struct {
		Deletes []done `json:"deletes"`
		Patches []done `json:"patches"`
		Posts   []done `json:"posts"`
	}
	unclear := fail(providers.Unavailable, "the host says success, and not that it did what it was asked")
	unclear.Wrote = providers.WroteUnknown
	if err := json.Unmarshal(result, &did); err != nil || len(did.Deletes) != len(b.Deletes) || len(did.Patches) != len(b.Patches) || len(did.Posts) != len(b.Posts) {
		return unclear
	}
	for _, d := range slices.Concat(did.Patches, did.Posts) {
		if n, err := zone.ParseName(d.Name); err != nil || !slices.Contains(owners, n) {
			unclear.Err = fmt.Errorf("the host says that it wrote %q, which it was not asked to: find the zone again, and look there", s.quoted(d.Name))
			return unclear
		}
	}
	return nil
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

// at is the records at these names, as they are now, and perhaps others. One name
// is asked about; of several the whole zone is, which comes in one answer too, so
// that none of them was read earlier than another. So is it for a name with
// octets that zone text escapes: which spelling of it the API compares is not
// documented.
func (s *session) at(ctx context.Context, z providers.Zone, owners []zone.Name) ([]stored, error) {
	if len(owners) == 1 && !strings.Contains(string(owners[0]), `\`) {
		return s.records(ctx, z, owners[0])
	}
	return s.records(ctx, z, "")
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
// or that they change into. What stands as the edit wants it is in neither, each
// as often as it stands: the API may show two records that say the same.
func difference(now []stored, e zone.Edit) (gone []stored, come []zone.Record) {
	keys := map[zone.Key]bool{}
	for _, k := range e.Keys() {
		keys[k] = true
	}
	left, stands := map[zone.Record]int{}, []zone.Record(nil)
	for _, r := range e.After {
		left[r]++
	}
	for _, r := range now {
		if !keys[r.Key()] {
			continue
		}
		if stands = append(stands, r.Record); left[r.Record] == 0 {
			gone = append(gone, r)
			continue
		}
		left[r.Record]--
	}
	return gone, less(e.After, stands)
}
