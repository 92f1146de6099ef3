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
	path              string // below the zone's: "/records/SRV/sub"
	service, protocol string // of an SRV record
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
	host := name.Rel(apex)
	if typ == "SRV" {
		var ok bool
		if p.service, p.protocol, host, ok = service(host); !ok {
			return p, fail(providers.Unsupported, "%s: godaddy keeps SRV records by service and protocol, and this name does not begin with them", name.FQDN())
		}
	}
	if err := spellable(name, host); err != nil {
		return p, err
	}
	p.path = "/records/" + typ + "/" + url.PathEscape(host)
	return p, nil
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

// storable refuses a new record that the host would refuse, or alter.
func storable(r zone.Record) error {
	text := ""
	if r.Type == "TXT" && r.Meta != metaQuoted && r.Meta != metaRaw {
		text = r.Text()
	}
	target, named := r.Target()
	switch {
	case r.Opaque:
		return fail(providers.Invalid, "%s %s: data that could not be read cannot be written", r.Name.FQDN(), r.Type)
	case r.TTL < minTTL || r.TTL > maxTTL:
		return fail(providers.Invalid, "%s: godaddy has TTLs from %d to %d seconds", r, minTTL, maxTTL)
	case len(text) > maxTXT:
		return fail(providers.Invalid, "%s TXT: %d octets, and godaddy has texts of at most %d", r.Name.FQDN(), len(text), maxTXT)
	case !plain(text):
		return fail(providers.Invalid, "%s TXT: godaddy has texts of printable ASCII alone, and what it makes of quotes and backslashes is not known", r.Name.FQDN())
	case named && (target == zone.Root || target.Parent() == zone.Root || strings.Contains(string(target), `\`)):
		return fail(providers.Invalid, "%s: godaddy has host names of at least two labels as targets", r)
	}
	return nil
}
