package godaddy

import (
	"net/url"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// place is an RRset, and where the API keeps it.
type place struct {
	key               zone.Key
	host              string // in front of the zone, "@" for the apex: "sub"
	service, protocol string // of an SRV record
}

// path is where the API has it below the zone's own, under the name as the host
// spells it.
func (p place) path(host string) string {
	return "/records/" + p.key.Type + "/" + url.PathEscape(host)
}

// locate finds the one RRset of an edit, and refuses what the host cannot have
// written at all.
func locate(apex zone.Name, e zone.Edit) (place, error) {
	keys := e.Keys()
	if len(keys) != 1 {
		return place{}, fail(providers.Invalid, "an edit of %d RRsets: godaddy writes one at a time", len(keys))
	}
	p := place{key: keys[0]}
	name, typ := p.key.Name, p.key.Type
	switch {
	case !name.Within(apex):
		return p, fail(providers.Invalid, "%s is not in zone %s", name.FQDN(), apex.FQDN())
	case !slices.Contains(writable(), typ):
		return p, fail(providers.Unsupported, "godaddy's API writes no records of type %s", typ)
	case name == apex && typ == "NS":
		return p, fail(providers.Unsupported, "the NS records of %s are godaddy's own", apex.FQDN())
	case name == apex && typ == "CNAME":
		return p, fail(providers.Unsupported, "godaddy has no CNAME at the apex of a zone")
	}
	p.host = name.Rel(apex)
	if typ == "SRV" {
		var ok bool
		if p.service, p.protocol, p.host, ok = service(p.host); !ok {
			return p, fail(providers.Unsupported, "%s: godaddy keeps SRV records by service and protocol, and this name does not begin with them", name.FQDN())
		}
		for _, label := range []string{p.service, p.protocol} {
			if err := spellable(name, label); err != nil {
				return p, err
			}
		}
	}
	return p, spellable(name, p.host)
}

// keeps reports whether the API has the record at this place. The path names
// neither service nor protocol, so what it names is taken to be all SRV records
// of one name; no source says so in words.
func (p place) keeps(e entry) bool {
	return e.rec.Type == p.key.Type && strings.ToLower(e.host) == p.host
}

// near reports whether an SRV record belongs below the same name as the place,
// and is shown under another, such as "_sip._udp": whether the API has it at
// the place nobody can tell but the API.
func (p place) near(apex zone.Name, e entry) bool {
	_, _, base, ok := service(e.rec.Name.Rel(apex))
	return p.key.Type == "SRV" && e.rec.Type == "SRV" && ok && base == p.host && !p.keeps(e)
}

// service cuts the owner of an SRV record, relative to the zone, as the host
// does.
func service(host string) (service, protocol, base string, ok bool) {
	labels := strings.SplitN(host, ".", 3)
	if len(labels) < 2 || !strings.HasPrefix(labels[0], "_") || !strings.HasPrefix(labels[1], "_") {
		return "", "", "", false
	}
	base = "@"
	if len(labels) == 3 {
		base = labels[2]
	}
	return labels[0], labels[1], base, true
}

// spellable refuses names that the host would read as others, or not at all
// (https://www.godaddy.com/help/add-a-txt-record-19232: "can't start or end
// with a hyphen").
func spellable(name zone.Name, host string) error {
	if host == "@" {
		return nil
	}
	for i, label := range strings.Split(host, ".") {
		if i == 0 && label == "*" {
			continue
		}
		if strings.ContainsFunc(label, func(c rune) bool { return !hostRune(c) }) {
			return fail(providers.Invalid, "%s: godaddy has names of letters, digits, hyphens and underscores alone", name.FQDN())
		}
	}
	if strings.HasPrefix(host, "-") || strings.HasSuffix(host, "-") {
		return fail(providers.Invalid, "%s: at godaddy a name does not begin or end with a hyphen", name.FQDN())
	}
	return nil
}
