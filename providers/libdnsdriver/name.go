package libdnsdriver

import (
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// absolute is the owner that a module calls name. libdns names are relative to
// the zone, and libdns.RelativeName, which most modules make them with, leaves
// two kinds absolute: a name outside the zone, and one that spells the zone in
// another case. The second is taken for what it is; a name that spells the zone
// as the zone is spelled is relative, as documented, for somebody may own
// www.zone.example.zone.example.
func absolute(name string, apex zone.Name) (zone.Name, error) {
	if owner, ok := spelledOtherwise(name, apex); ok {
		return zone.ParseName(owner)
	}
	return zone.Abs(name, apex)
}

// spelledOtherwise reports whether name ends with the labels of apex in another
// case than their own.
func spelledOtherwise(name string, apex zone.Name) (string, bool) {
	if strings.HasSuffix(name, ".") || len(name) < len(apex) {
		return name, false
	}
	head, tail := name[:len(name)-len(apex)], name[len(name)-len(apex):]
	whole := head == "" || strings.HasSuffix(head, ".")
	return name, whole && strings.EqualFold(tail, string(apex)) && tail != string(apex)
}

// readable is absolute, with every octet that no name can hold written \DDD. ok
// is false where that was needed.
func readable(name string, apex zone.Name) (owner zone.Name, ok bool, err error) {
	if owner, err = absolute(name, apex); err == nil {
		return owner, true, nil
	}
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' || strings.IndexByte(`"();$`, c) >= 0 {
			fmt.Fprintf(&b, `\%03d`, c)
		} else {
			b.WriteByte(c)
		}
	}
	owner, err = absolute(b.String(), apex)
	return owner, false, err
}

// apexOf is the zone that a caller of a libdns provider means.
func apexOf(name string) (zone.Name, error) {
	return zone.ParseName(strings.TrimSpace(name))
}
