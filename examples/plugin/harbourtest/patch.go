package harbourtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	maxSets = 50   // of one PATCH
	maxText = 4096 // octets of a TXT, joined
	maxNote = 100  // octets
)

// ttls is the only ones that a set may be given. One that stands with another is
// left as it is.
func ttls() []uint32 { return []uint32{60, 300, 900, 1800, 3600, 14400, 86400} }

func types() []string {
	return []string{
		"A", "AAAA", "ALIAS", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "REDIRECT",
		"SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
	}
}

// patch makes sets of a zone become those of the request, all or none, if the
// zone is still at the version that the client has read.
func (f *Fake) patch(r *http.Request, h *hosted) (any, *refusal) {
	switch r.Header.Get("If-Match") {
	case "":
		return nil, refuse(428, "version_missing", `name the version you have read: If-Match: "7"`)
	case fmt.Sprintf("%q", fmt.Sprint(h.version)):
	default:
		return nil, refuse(412, "version_passed", "the zone is at version %d", h.version)
	}
	var body struct {
		Sets []set `json:"sets"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil || len(body.Sets) == 0 || len(body.Sets) > maxSets {
		return nil, refuse(400, "body_invalid", "send 1 to %d sets as JSON", maxSets)
	}
	after := &hosted{apex: h.apex, sets: h.sets}
	named := map[string]bool{}
	for _, s := range body.Sets {
		key := strings.ToLower(s.Name) + " " + s.Type
		if named[key] {
			return nil, invalid(s, "is there twice")
		}
		named[key] = true
		if why := h.refuses(s); why != "" {
			return nil, invalid(s, why)
		}
		after.keep(s)
	}
	for _, s := range body.Sets {
		if why := beside(after.sets, s); why != "" {
			return nil, invalid(s, why)
		}
	}
	h.sets = after.sets
	f.moved(h)
	return map[string]any{"version": h.version}, nil
}

func invalid(s set, why string) *refusal {
	return refuse(422, "set_invalid", "%s %s %s", s.Name, s.Type, why)
}

// refuses is why a set cannot be stored, "" where it can.
func (h *hosted) refuses(s set) string {
	name, err := zone.Abs(s.Name, h.apex)
	i := slices.IndexFunc(h.sets, func(o set) bool { return o.is(s.Name, s.Type) })
	switch {
	case err != nil || s.Name == "" || strings.HasSuffix(s.Name, "."): // "@" and relative names alone
		return "has no name in this zone"
	case !slices.Contains(types(), s.Type):
		return "is of a type that is not stored here"
	case s.locked():
		return "is kept by Harbour"
	case len(s.Values) == 0:
		return ""
	case !slices.Contains(ttls(), s.TTL) && (i < 0 || h.sets[i].TTL != s.TTL):
		return fmt.Sprintf("has a TTL that is none of %v", ttls())
	}
	for k, v := range s.Values {
		if i >= 0 && slices.Contains(h.sets[i].Values, v) {
			continue // it stands already, whatever it is
		}
		if slices.Contains(s.Values[:k], v) {
			return "has a value twice"
		}
		if why := acceptable(name, s.Type, v); why != "" {
			return why
		}
	}
	return ""
}

// acceptable judges one value by itself.
func acceptable(name zone.Name, typ string, v value) string {
	if len(v.Note) > maxNote {
		return fmt.Sprintf("has a note of more than %d octets", maxNote)
	}
	if typ == "REDIRECT" {
		status, target, _ := strings.Cut(v.Data, " ")
		u, err := url.Parse(target)
		if !slices.Contains([]string{"301", "302", "307", "308"}, status) || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return "has a value that is no status and URL"
		}
		return ""
	}
	r, err := zone.New(name, typ, 0, v.Data)
	if err != nil {
		return "has a value that cannot be read"
	}
	if _, names := r.Target(); names && !strings.HasSuffix(v.Data, ".") {
		return "has a name without its final dot"
	}
	if typ == "TXT" && len(r.Text()) > maxText {
		return fmt.Sprintf("has a text of more than %d octets", maxText)
	}
	return ""
}

// beside is why a set cannot stand with the others of its name, "" where it can.
func beside(all []set, s set) string {
	if len(s.Values) == 0 {
		return ""
	}
	only := s.Type == "CNAME" || s.Type == "ALIAS" || s.Type == "REDIRECT"
	if s.Type == "CNAME" && s.Name == "@" {
		return "cannot stand at the apex: use an ALIAS"
	}
	if only && len(s.Values) > 1 {
		return "has more than one value"
	}
	for _, o := range all {
		if !strings.EqualFold(o.Name, s.Name) || o.Type == s.Type {
			continue
		}
		places := []string{"A", "AAAA", "ALIAS", "REDIRECT"} // where a browser is led: by addresses, or by one of the others
		address := func(t string) bool { return t == "A" || t == "AAAA" }
		switch {
		case s.Type == "CNAME" || o.Type == "CNAME":
			return "and " + o.Type + " cannot stand at one name"
		case slices.Contains(places, s.Type) && slices.Contains(places, o.Type) && (!address(s.Type) || !address(o.Type)):
			return "and " + o.Type + " cannot stand at one name"
		}
	}
	return ""
}
