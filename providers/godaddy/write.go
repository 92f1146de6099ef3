package godaddy

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Write replaces one RRset. It reads it first, to compare it with e.Before, and
// because the host's own spelling of the values that stay is what goes back.
func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	path, err := zonePath(z.Apex)
	if err != nil {
		return err
	}
	p, err := locate(z.Apex, e)
	if err != nil {
		return err
	}
	for _, r := range e.After {
		if !slices.Contains(e.Before, r) {
			if err := storable(r); err != nil {
				return err
			}
		}
	}
	held, err := s.look(ctx, z.Apex, path, p, e)
	if err != nil {
		return err
	}
	if slices.Equal(zone.NewSnapshot(z.Apex, e.Before).Records, zone.NewSnapshot(z.Apex, e.After).Records) {
		return nil
	}
	body, err := p.body(z.Apex, held, e.After)
	if err != nil {
		return err
	}
	return s.put(ctx, path+p.path, body)
}

// look reads what the host keeps together with the RRset, and compares. What
// must be absent is looked for in the whole zone, in one request: it costs no
// more than one type would. A zone of several pages takes its time, so the RRset
// itself is read again then.
func (s *session) look(ctx context.Context, apex zone.Name, path string, p place, e zone.Edit) ([]entry, error) {
	var beside listing
	if len(e.Absent) > 0 {
		var err error
		if beside, err = s.entries(ctx, apex, path+"/records"); err != nil {
			return nil, err
		}
		if err := absent(beside.snapshot(apex), e); err != nil {
			return nil, err
		}
	}
	held := slices.DeleteFunc(slices.Clone(beside.list), func(o entry) bool { return !p.keeps(apex, o) })
	if beside.pages != 1 {
		found, err := s.entries(ctx, apex, path+p.path)
		if err != nil {
			return nil, err
		}
		held = found.list
	}
	want := zone.NewSnapshot(apex, e.Before).Records
	if got := (listing{list: held}).snapshot(apex).Set(p.key.Name, p.key.Type); !slices.Equal(got, want) {
		return nil, fail(providers.Conflict, "the %s records at %s are not as the edit expects", p.key.Type, p.key.Name.FQDN())
	}
	return held, nil
}

// absent answers Conflict where something stands that must not.
func absent(now zone.Snapshot, e zone.Edit) error {
	for _, k := range e.Absent {
		for _, r := range now.At(k.Name) {
			if (k.Type == r.Type || k.Type == zone.AnyType) && !slices.Contains(e.Before, r) {
				return fail(providers.Conflict, "%s stands where the edit expects nothing", r)
			}
		}
	}
	return nil
}

// keeps reports whether the host keeps the record together with the RRset: it
// is of the RRset, or an SRV record of another service below the same name.
func (p place) keeps(apex zone.Name, e entry) bool {
	if e.rec.Key() == p.key {
		return true
	}
	if e.rec.Type != "SRV" || p.key.Type != "SRV" {
		return false
	}
	_, _, base, ok := service(p.key.Name.Rel(apex))
	_, _, other, also := service(e.rec.Name.Rel(apex))
	return ok && also && base == other
}

// body is all that the host is to keep at the place: what is not of the RRset,
// and what stays of it, as the host spelled it, then what is new.
func (p place) body(apex zone.Name, held []entry, after []zone.Record) ([]any, error) {
	var out []any
	stays := make([]bool, len(after))
	find := func(same func(zone.Record) bool) int {
		for i, r := range after {
			if !stays[i] && same(r) {
				return i
			}
		}
		return -1
	}
	for _, e := range held {
		ttl := e.rec.TTL
		if e.rec.Key() == p.key {
			i := find(func(r zone.Record) bool { return r == e.rec })
			if i < 0 { // or it stays with another TTL
				i = find(func(r zone.Record) bool { return r.Data == e.rec.Data && r.Opaque == e.rec.Opaque })
			}
			if i < 0 {
				continue
			}
			stays[i], ttl = true, after[i].TTL
		}
		same, err := e.respell(ttl)
		if err != nil {
			return nil, err
		}
		out = append(out, same)
	}
	for i, r := range after {
		if stays[i] {
			continue
		}
		v, err := p.spell(apex, r)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// put sends the write. An empty list is refused by the host
// (https://github.com/AnalogJ/lexicon/pull/522), so the last value is deleted.
func (s *session) put(ctx context.Context, path string, body []any) error {
	req := httpapi.Request{Method: http.MethodDelete, Path: path, Header: s.header(), Write: true}
	if len(body) > 0 {
		js, err := json.Marshal(body)
		if err != nil {
			return fail(providers.Internal, "%w", err)
		}
		req.Method, req.Type, req.Body = http.MethodPut, "application/json", js
	}
	a, err := s.api.Send(ctx, req)
	if err != nil {
		return err
	}
	if e := s.refused(a); e != nil {
		return unwritten(a, req, e)
	}
	if len(a.Body) == 0 {
		return nil
	}
	// Success says nothing more, so a page of a proxy is no success.
	var r refusal
	if err := a.JSON(&r); err != nil {
		return err
	}
	if r.Code != "" {
		return a.Fail(providers.Unavailable, "the host answers success, and says: %s", s.words(r))
	}
	return nil
}

// unwritten is the refusal of a write, by what is known from the read before it:
// that was answered, so the account has access.
func unwritten(a httpapi.Answer, req httpapi.Request, e *providers.Error) error {
	switch {
	case a.Status == http.StatusNotFound && req.Method == http.MethodDelete && said(a).Code == "NOT_FOUND":
		return fail(providers.Conflict, "what was to be removed was removed meanwhile (%w)", e)
	case e.Reason == providers.ReasonNoAccess:
		return &providers.Error{Code: e.Code, Reason: providers.ReasonScope, Err: errors.New("the records can be read and not written: " + noScope)}
	}
	return e
}
