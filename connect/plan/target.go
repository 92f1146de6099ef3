package plan

import (
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// checkTargets warns of targets that do not resolve, and of aliases where none
// may be named. The records are right all the same: a target often comes to
// life later.
func (b *builder) checkTargets(ws []want) {
	for _, w := range ws {
		if target, ok := w.rec.Target(); ok && target != zone.Root {
			b.checkTarget(w, target)
		}
	}
}

func (b *builder) checkTarget(w want, target zone.Name) {
	f, known := b.know(target, "A")
	// An alias at a service name, such as a DKIM selector, stands for texts:
	// that its target exists is all that can be asked.
	service := w.kind == KindCNAME && serviceName(w.owner)
	if known && f.Status == NoData && service {
		return
	}
	if known && f.Status == NoData {
		f, known = b.know(target, "AAAA")
	}
	if w.kind != KindCNAME { // RFC 2181 section 10.3, RFC 2782
		if alias, ok := b.know(target, "CNAME"); ok && alias.Status == Found {
			b.warn("target-alias", w.owner, "%s %s: the target %s is an alias, and this type of record must name a host by its own name",
				w.owner.FQDN(), w.rec.Type, target.FQDN())
		}
	}
	if !known || f.Status == Found {
		return
	}
	why := "has no address"
	switch f.Status {
	case NXDomain:
		why = "does not exist"
	case Failed:
		why = "could not be looked up"
	case Found, NoData:
	}
	b.warn("target-unresolved", w.owner, "%s %s: the target %s %s in DNS now", w.owner.FQDN(), w.rec.Type, target.FQDN(), why)
}

// serviceName reports whether a name is one that programs ask for, and no
// browser and no mail goes to.
func serviceName(n zone.Name) bool {
	return strings.HasPrefix(string(n), "_") || strings.Contains(string(n), "._")
}
