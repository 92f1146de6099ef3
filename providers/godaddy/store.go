package godaddy

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// storable refuses an edit whose new records the host would refuse, alter, or
// show as others.
func (p place) storable(apex zone.Name, e zone.Edit) error {
	for _, r := range e.Before {
		if r.Meta == metaMisnamed {
			return fail(providers.Unsupported, "%s %s: godaddy lists it under a name that is none in DNS: remove it by hand at godaddy before anything else at this name and type is edited", r.Name.FQDN(), r.Type)
		}
	}
	for _, r := range e.After {
		if slices.Contains(e.Before, r) {
			continue
		}
		if err := p.acceptable(r); err != nil {
			return err
		}
		if err := p.shown(apex, r); err != nil {
			return err
		}
	}
	if p.key.Type == "CNAME" && len(e.After) > max(1, len(e.Before)) {
		return fail(providers.Invalid, "%s: a name has one CNAME record at most", p.key.Name.FQDN())
	}
	for _, r := range e.After {
		same := func(all []zone.Record) (n int) {
			for _, o := range all {
				if o.Meta == r.Meta && o.SameData(r) {
					n++
				}
			}
			return n
		}
		if n := same(e.After); n > 1 && n > same(e.Before) {
			return fail(providers.Invalid, "%s: godaddy keeps no value twice", r)
		}
	}
	return nil
}

// acceptable refuses what the host says it does not take.
func (p place) acceptable(r zone.Record) error {
	target, named := r.Target()
	switch {
	case r.Opaque:
		return fail(providers.Invalid, "%s %s: data that could not be read cannot be written", r.Name.FQDN(), r.Type)
	case r.TTL < minTTL || r.TTL > maxTTL:
		return fail(providers.Invalid, "%s: godaddy has TTLs from %d to %d seconds", r, minTTL, maxTTL)
	case named && (target == zone.Root || target.Parent() == zone.Root || strings.Contains(string(target), `\`)):
		return fail(providers.Invalid, "%s: godaddy has host names of at least two labels as targets", r)
	case r.Type != "TXT":
		return nil
	}
	text := r.Text()
	if r.Meta == metaQuoted {
		text = r.Data
	}
	switch {
	case len(text) > maxTXT:
		return fail(providers.Invalid, "%s TXT: %d octets, and godaddy has texts of at most %d", r.Name.FQDN(), len(text), maxTXT)
	case r.Meta == "" && !plain(text):
		return fail(providers.Invalid, "%s TXT: godaddy has texts of printable ASCII alone, and what it makes of quotes and backslashes is not known", r.Name.FQDN())
	case strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' }):
		return fail(providers.Invalid, "%s TXT: godaddy has texts of printable ASCII alone", r.Name.FQDN())
	}
	return nil
}

// shown refuses a record that would be read back as another: one whose data is
// not that of its type, or whose Meta the host has no place for. Only the borders
// of a new text are the host's to choose.
func (p place) shown(apex zone.Name, r zone.Record) error {
	v, err := p.spell(apex, r)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(struct {
		Type string `json:"type"`
		Name string `json:"name"`
		value
	}{r.Type, p.host, v})
	if err != nil {
		return fail(providers.Internal, "%w", err)
	}
	back, err := newEntry(apex, raw)
	if err != nil || back.rec.TTL != r.TTL || back.rec.Meta != r.Meta || !back.rec.SameData(r) {
		return fail(providers.Invalid, "%s, Meta %q: godaddy would show it as another record", r, r.Meta)
	}
	return nil
}
