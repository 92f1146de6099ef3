package godaddy

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/zone"
)

// get is one request that reads.
func (s *session) get(ctx context.Context, path string, query url.Values) (httpapi.Answer, error) {
	return s.api.Send(ctx, httpapi.Request{Method: http.MethodGet, Path: path, Query: query, Header: s.header()})
}

// domain is what the API says of a domain.
type domain struct {
	Domain string `json:"domain"`
	Status string `json:"status"`
}

// gone reports whether the account no longer holds the domain. Every other
// status is left to the records themselves: one that is expired, held or pending,
// or whose transfer has failed, may still be served and edited.
func (d domain) gone() bool {
	for _, s := range []string{"CANCELLED", "CONFISCATED", "DELETED", "EXPIRED_REASSIGNED", "OWNERSHIP_CHANGED", "REPOSSESSED", "REVERTED", "TRANSFERRED"} {
		if strings.HasPrefix(d.Status, s) {
			return true
		}
	}
	return false
}

// Check implements providers.Checker. It lists one domain. Where the host does
// not let the key list domains, it may still let it edit records: a token may
// have that scope alone, and since July 2026 customers with few domains are
// refused the domains and not the records
// (https://github.com/acmesh-official/acme.sh/issues/6849). So a refusal is put
// to the test with the records of a domain that nobody has (RFC 2606 section
// 3): whoever may edit is told that there is no such domain.
func (s *session) Check(ctx context.Context) error {
	a, err := s.get(ctx, "/v1/domains", url.Values{"limit": {"1"}})
	if err != nil {
		return err
	}
	e := s.refused(a)
	if e == nil {
		_, err := array(a)
		return err
	}
	if e.Code != providers.AccessDenied {
		return e
	}
	if a, err = s.get(ctx, "/v1/domains/example.com/records/NS/@", nil); err != nil {
		return err
	}
	switch e = s.refused(a); {
	case e == nil:
		_, err := array(a)
		return err
	case e.Code == providers.NoSuchZone || e.Code == providers.Invalid:
		return nil
	default:
		return e
	}
}

// array is an answer of success that must be a list. An error may come as a
// success too, and is none.
func array(a httpapi.Answer) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if err := a.JSON(&list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, a.Fail(providers.Unavailable, "the answer is no list")
	}
	return list, nil
}

// Find asks for the domain, whose status may say that it is gone, and for the NS
// records of the apex: those are the name servers that the host assigned, whereas
// the domain shows those it is delegated to. Unless the domain is gone, the
// records decide: not every key that may edit them may see the domain, and
// GoDaddy serves domains that are registered elsewhere. It lists the NS records
// of every zone that it has.
func (s *session) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	path, err := zonePath(apex)
	if err != nil {
		return providers.Zone{}, err
	}
	a, sent := s.get(ctx, path, nil)
	if sent != nil {
		return providers.Zone{}, sent
	}
	switch e := s.refused(a); {
	case e == nil:
		var d domain
		if err := a.JSON(&d); err != nil {
			return providers.Zone{}, err
		}
		if !strings.EqualFold(d.Domain, string(apex)) {
			return providers.Zone{}, fail(providers.Unavailable, "asked for %s, the host answers with something else", apex.FQDN())
		}
		if d.gone() {
			return providers.Zone{}, s.clean(fail(providers.NoSuchZone, "the account no longer holds %s: its status is %q", apex.FQDN(), d.Status))
		}
	case e.Code != providers.AccessDenied && e.Code != providers.NoSuchZone && e.Code != providers.Invalid:
		return providers.Zone{}, e
	}
	found, err := s.entries(ctx, apex, path+"/records/NS/@")
	if err != nil {
		return providers.Zone{}, err
	}
	z := s.zone(apex)
	for _, e := range found.list {
		if n, ok := e.rec.Target(); ok && e.rec.Name == apex && e.rec.Type == "NS" {
			z.NameServers = append(z.NameServers, n)
		}
	}
	if len(z.NameServers) == 0 {
		return providers.Zone{}, fail(providers.NoSuchZone, "godaddy lists no name servers of its own for %s: it has no zone of that name in this account", apex.FQDN())
	}
	return z, nil
}

func (s *session) zone(apex zone.Name) providers.Zone {
	return providers.Zone{ID: string(apex), Apex: apex, Caps: caps()}
}

// List implements providers.Lister: all domains that the account still holds,
// all pages. The name of the last one of a page is the marker of the next.
func (s *session) List(ctx context.Context) ([]providers.Zone, error) {
	var all []providers.Zone
	seen := map[string]bool{}
	for marker := ""; ; {
		query := url.Values{"limit": {strconv.Itoa(listSize)}}
		if marker != "" {
			query.Set("marker", marker)
		}
		a, err := s.get(ctx, "/v1/domains", query)
		if err != nil {
			return nil, err
		}
		if e := s.refused(a); e != nil {
			return nil, e
		}
		page, err := array(a)
		if err != nil {
			return nil, err
		}
		for _, raw := range page {
			var d domain
			if err := json.Unmarshal(raw, &d); err != nil || d.Domain == "" {
				return nil, fail(providers.Unavailable, "godaddy lists a domain without a name")
			}
			if seen[d.Domain] {
				return nil, s.clean(fail(providers.Unavailable, "godaddy lists %q twice: the list changed while it was read, or its pages overlap", d.Domain))
			}
			seen[d.Domain] = true
			marker = d.Domain
			if apex, ok := held(d); ok {
				all = append(all, s.zone(apex))
			}
		}
		if len(page) < listSize {
			return all, nil
		}
	}
}

// held is the name of a domain that the account still holds. One that could not
// be asked for is left out.
func held(d domain) (zone.Name, bool) {
	apex, err := zone.ParseName(d.Domain)
	if err != nil || d.gone() {
		return "", false
	}
	_, err = zonePath(apex)
	return apex, err == nil
}

// zonePath is where the API has a zone. Only names of letters, digits, hyphens
// and underscores are looked for: no domain can be registered with any other
// octet in its name.
func zonePath(apex zone.Name) (string, error) {
	if apex == "" || apex == zone.Root || strings.ContainsFunc(string(apex), func(c rune) bool { return !hostRune(c) && c != '.' }) {
		return "", fail(providers.NoSuchZone, "%s is no domain that can be held at godaddy", apex.FQDN())
	}
	return "/v1/domains/" + url.PathEscape(string(apex)), nil
}

func hostRune(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}
