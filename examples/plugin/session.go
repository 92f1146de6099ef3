package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// session is one customer's token. It keeps nothing of what it has read, so any
// number of calls may use it at once.
type session struct {
	api   httpapi.Client
	creds providers.Credentials
}

// Format keeps the token from being printed along.
func (s *session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "session at Harbour") }

// header is that of every request.
func (s *session) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + s.creds["token"]}, "Accept": {"application/json"}}
}

// get is one request that reads; its answer is v.
func (s *session) get(ctx context.Context, path string, query url.Values, v any) error {
	a, err := s.api.Send(ctx, httpapi.Request{Method: http.MethodGet, Path: path, Query: query, Header: s.header()})
	if err != nil {
		return err
	}
	if e := s.refused(a); e != nil {
		return e
	}
	return a.JSON(v)
}

// Check implements providers.Checker: the API says what a token may do. One that
// can only read would find out at the first write, when the customer believes
// that all is well.
func (s *session) Check(ctx context.Context) error {
	var t struct {
		Scopes []string `json:"scopes"`
	}
	if err := s.get(ctx, "/token", nil, &t); err != nil {
		return err
	}
	for _, need := range []string{"dns:read", "dns:write"} {
		if !slices.Contains(t.Scopes, need) {
			e := fail(providers.AccessDenied, "the token is right and lacks the scope %s: make another one at %s", need, tokensURL)
			e.Reason = providers.ReasonScope
			return e
		}
	}
	return nil
}

// held is a zone as the API shows it.
type held struct {
	Name        string   `json:"name"`
	NameServers []string `json:"name_servers"`
}

// zone is nil where the answer is no zone, such as an error that comes as a
// success.
func (h held) zone() (providers.Zone, error) {
	apex, err := zone.ParseName(h.Name)
	if err != nil {
		return providers.Zone{}, fail(providers.Unavailable, "the host answers with a zone that has no name")
	}
	z := providers.Zone{ID: string(apex), Apex: apex, Caps: caps()}
	for _, ns := range h.NameServers {
		n, err := zone.ParseName(ns)
		if err != nil {
			return providers.Zone{}, fail(providers.Unavailable, "the host names a name server of %s that is none", apex.FQDN())
		}
		z.NameServers = append(z.NameServers, n)
	}
	return z, nil
}

// Find asks for the zone by its name, which is its identifier.
func (s *session) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	var h held
	if err := s.get(ctx, zonePath(apex), nil, &h); err != nil {
		return providers.Zone{}, err
	}
	z, err := h.zone()
	if err == nil && z.Apex != apex {
		err = fail(providers.Unavailable, "asked for %s, the host answers with something else", apex.FQDN())
	}
	if err != nil {
		return providers.Zone{}, err
	}
	return z, nil
}

// List implements providers.Lister: every page.
func (s *session) List(ctx context.Context) ([]providers.Zone, error) {
	var all []providers.Zone
	cursor := cursors{}
	for more := true; more; {
		var page struct {
			Zones []json.RawMessage `json:"zones"`
			Next  string            `json:"next"`
		}
		if err := s.get(ctx, "/zones", cursor.query(nil), &page); err != nil {
			return nil, err
		}
		if page.Zones == nil {
			return nil, fail(providers.Unavailable, "the answer is no list of zones")
		}
		for _, raw := range page.Zones {
			var h held
			_ = json.Unmarshal(raw, &h) // what it is not has no name
			z, err := h.zone()
			if err != nil {
				return nil, err
			}
			all = append(all, z)
		}
		var err error
		if more, err = cursor.next(page.Next); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// zonePath is where the API has a zone. Whatever is in the name, it is one
// segment of the path.
func zonePath(apex zone.Name) string { return "/zones/" + url.PathEscape(string(apex)) }

// cursors is where a list is read.
type cursors struct {
	now  string
	seen map[string]bool
}

// query adds the cursor to that of the list.
func (c *cursors) query(q url.Values) url.Values {
	out := url.Values{}
	maps.Copy(out, q)
	if c.now != "" {
		out.Set("cursor", c.now)
	}
	return out
}

// next goes on to the page behind; false is the end. A host that leads in a
// circle would be asked for ever.
func (c *cursors) next(cursor string) (bool, error) {
	if c.seen[cursor] {
		return false, fail(providers.Unavailable, "the pages of the host's list lead in a circle")
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[cursor], c.now = true, cursor
	return cursor != "", nil
}
