package godaddy

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

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
	if err := p.storable(z.Apex, e); err != nil {
		return err
	}
	held, err := s.look(ctx, z.Apex, path, p, e)
	if err != nil {
		return err
	}
	if slices.Equal(zone.NewSnapshot(z.Apex, e.Before).Records, zone.NewSnapshot(z.Apex, e.After).Records) {
		return nil
	}
	host, err := p.spelled(held)
	if err != nil {
		return err
	}
	body, err := p.body(z.Apex, held, e.After)
	if err != nil {
		return err
	}
	return s.put(ctx, path+p.path(host), body)
}

// spelled is the name as the host spells it, so that a write leaves it so. What
// would become of "WWW" where "www" is written as well nobody says.
func (p place) spelled(held []entry) (string, error) {
	if len(held) == 0 {
		return p.host, nil
	}
	for _, e := range held {
		if e.host != held[0].host {
			return "", fail(providers.Unsupported, "godaddy has %s records of %s under two spellings of the name: make them one by hand at godaddy", p.key.Type, p.key.Name.FQDN())
		}
	}
	return held[0].host, nil
}

// look reads what the host keeps together with the RRset, and compares. What
// must be absent is looked for in the whole zone, in one request: it costs no
// more than one type would. A zone of several pages takes its time, so the RRset
// itself is read again then.
func (s *session) look(ctx context.Context, apex zone.Name, path string, p place, e zone.Edit) ([]entry, error) {
	var beside listing
	if len(e.Absent) > 0 {
		var err error
		if beside, err = s.all(ctx, apex, path); err != nil {
			return nil, err
		}
		if err := absent(beside.snapshot(apex), e); err != nil {
			return nil, err
		}
	}
	other := func(o entry) bool { return !p.keeps(o) }
	held := slices.DeleteFunc(slices.Clone(beside.list), other)
	if beside.pages != 1 || slices.ContainsFunc(beside.list, func(o entry) bool { return p.near(apex, o) }) {
		found, err := s.entries(ctx, apex, path+p.path(p.host))
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(found.list, other); i >= 0 {
			return nil, fail(providers.Unavailable, "asked for the %s records at %s, the host lists others as well, at %s: what a write would replace is not known", p.key.Type, p.key.Name.FQDN(), found.list[i].rec.Name.FQDN())
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
	// Success says nothing more, so whatever else is said is no success: a page of
	// a proxy, or an error in the clothes of one.
	switch body := strings.Join(strings.Fields(string(a.Body)), ""); body {
	case "", "null", "[]", "{}":
		return nil
	default:
		if words := s.words(said(a)); words != "" {
			return a.Fail(providers.Unavailable, "the host answers success, and says: %s", words)
		}
		what := "what no success of its own holds"
		if a.HTML() {
			what = "a page of HTML"
		}
		return a.Fail(providers.Unavailable, "the host answers success, and with it %s", what)
	}
}

// unwritten is the refusal of a write, by what is known from the read before it.
func unwritten(a httpapi.Answer, req httpapi.Request, e *providers.Error) error {
	if a.Status == http.StatusNotFound && req.Method == http.MethodDelete && said(a).Code == "NOT_FOUND" {
		return fail(providers.Conflict, "what was to be removed was removed meanwhile (%w)", e)
	}
	return e
}
