package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Write reads the owners that the edit is about, compares them with what it
// expects, and sends the RRsets that become something else in one PATCH, which
// the host performs only if the zone is still at the version that was compared.
//
// That version is of the whole zone, so somebody's change elsewhere in it is
// refused too. Such a PATCH has written nothing, and what the edit is about is
// read and compared anew; whether it stands is all that decides.
func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	keys := changing(e)
	if err := storable(z.Apex, e, keys); err != nil || len(keys) == 0 {
		return err
	}
	if len(keys) > maxSets {
		return fail(providers.Invalid, "the edit changes %d RRsets, and one request of Harbour's takes %d: make it smaller", len(keys), maxSets)
	}
	for range tries {
		now, err := s.look(ctx, z.Apex, owners(e))
		if err != nil {
			return err
		}
		if err := expected(z.Apex, now, e); err != nil {
			return err
		}
		passed, err := s.patch(ctx, z.Apex, now, e, keys)
		if !passed {
			return err
		}
	}
	return fail(providers.Conflict, "%s is changed by somebody else all the time: nothing was written in %d tries", z.Apex.FQDN(), tries)
}

// patch sends the edit. passed is that the zone has moved on since now, and
// nothing was written.
func (s *session) patch(ctx context.Context, apex zone.Name, now listing, e zone.Edit, keys []zone.Key) (passed bool, err error) {
	var body struct {
		Sets []set `json:"sets"`
	}
	for _, k := range keys {
		stands := slices.DeleteFunc(slices.Clone(now.entries), func(o entry) bool { return o.Key() != k })
		one, err := respelled(apex, k, of(k, e.After), stands)
		if err != nil {
			return false, err
		}
		body.Sets = append(body.Sets, one)
	}
	js, err := json.Marshal(body)
	if err != nil {
		return false, fail(providers.Internal, "%w", err)
	}
	header := s.header()
	header.Set("If-Match", strconv.Quote(strconv.FormatUint(now.version, 10)))
	a, err := s.api.Send(ctx, httpapi.Request{
		Method: http.MethodPatch, Path: zonePath(apex) + "/sets", Header: header,
		Type: "application/json", Body: js, Write: true,
	})
	if err != nil {
		return false, err
	}
	if a.Status == http.StatusPreconditionFailed && said(a).Code == "version_passed" {
		return true, nil
	}
	if e := s.refused(a); e != nil {
		return false, e
	}
	// Success is not believed without its proof: a new version.
	var done struct {
		Version uint64 `json:"version"`
	}
	if err := a.JSON(&done); err != nil {
		return false, err
	}
	if done.Version <= now.version {
		return false, a.Fail(providers.Unavailable, "the host says success, and not that the zone has changed")
	}
	return false, nil
}

// changing is the RRsets that the edit makes different.
func changing(e zone.Edit) []zone.Key {
	return slices.DeleteFunc(e.Keys(), func(k zone.Key) bool { return same(of(k, e.Before), of(k, e.After)) })
}

// of is the records of one RRset.
func of(k zone.Key, recs []zone.Record) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { return r.Key() != k })
}

// same reports whether two RRsets hold the same records, in whatever order.
func same(a, b []zone.Record) bool {
	return slices.Equal(zone.NewSnapshot("", a).Records, zone.NewSnapshot("", b).Records)
}

// owners is every name that the edit says something of.
func owners(e zone.Edit) []zone.Name {
	var out []zone.Name
	for _, k := range slices.Concat(e.Keys(), e.Absent) {
		out = append(out, k.Name)
	}
	slices.SortFunc(out, zone.Compare)
	return slices.Compact(out)
}

// expected is nil where the zone is as the edit expects it, and Conflict where
// it is not.
func expected(apex zone.Name, now listing, e zone.Edit) error {
	snap := now.snapshot(apex)
	for _, k := range e.Keys() {
		if !same(of(k, e.Before), snap.Set(k.Name, k.Type)) {
			return fail(providers.Conflict, "the %s records at %s are not as they were when the plan was made", k.Type, k.Name.FQDN())
		}
	}
	for _, k := range e.Absent {
		for _, r := range snap.At(k.Name) {
			if (k.Type == r.Type || k.Type == zone.AnyType) && !slices.Contains(e.Before, r) {
				return fail(providers.Conflict, "%s %s stands where the plan expects nothing", r.Name.FQDN(), r.Type)
			}
		}
	}
	return nil
}
