package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// supported is the wants less those that the host cannot store. CAA wants are
// looked at where one is written: most need no record. A text is looked at once
// it is known which one will stand.
func (b *builder) supported(sorted []want) []want {
	refused := func(w want) bool {
		if w.rec.Type == "TXT" {
			return b.refuses(zone.Record{Name: w.rec.Name, Type: "TXT"}) != ""
		}
		elsewhere := w.kind == KindCAA || w.kind == KindRedirect || w.kind == KindCNAME && w.owner == b.req.Snapshot.Zone
		return !elsewhere && b.refuses(w.rec) != ""
	}
	if !slices.ContainsFunc(sorted, refused) {
		return sorted
	}
	return slices.DeleteFunc(slices.Clone(sorted), func(w want) bool { return refused(w) && !b.stores([]want{w}) })
}

// stores reports whether the host can store the record of wants that ask for
// one thing, and asks where it cannot.
func (b *builder) stores(ws []want) bool {
	why := b.refuses(ws[0].rec)
	if why == "" {
		return true
	}
	b.unsupported(ws, why)
	return false
}

func (b *builder) unsupported(ws []want, why string) {
	w := ws[0]
	_, given := b.choose(Conflict{
		Code: Unsupported, Owner: w.owner, Wanted: []zone.Record{w.rec},
		Options: []Option{{"skip", "do without this record"}},
		Text:    fmt.Sprintf("%s %s cannot be written: %s.", w.owner.FQDN(), w.rec.Type, why),
		Params:  map[string]string{"reason": why},
	}, ws...)
	b.result(ws, outcome(given, Skipped))
}

// refuses says why the host would not store a record, "" if nothing is known
// against it.
func (b *builder) refuses(r zone.Record) string {
	caps := b.req.Caps
	apex := r.Name == b.req.Snapshot.Zone
	alias, redirect := r.Type == zone.TypeAlias, r.Type == zone.TypeRedirect
	switch {
	case alias && caps.ApexAlias != zone.TypeAlias:
		return "this DNS host has no aliases"
	case redirect && !caps.Redirects:
		return "this DNS host has no redirects"
	case !alias && !redirect && !caps.Stores(r.Type):
		return fmt.Sprintf("this DNS host stores no %s records", r.Type)
	case caps.NoWildcard && r.Name.Label() == "*":
		return "this DNS host stores no wildcards"
	case r.Type == "MX" && caps.NoNullMX && strings.HasSuffix(r.Data, " ."):
		return "this DNS host stores no null MX (RFC 7505)"
	case r.Type == "NS" && caps.NoDelegation && !apex:
		return "this DNS host delegates no names"
	case r.Type == "CAA" && caps.NoCAAParameters && strings.Contains(parseCAA(r).value, ";") && strings.Trim(parseCAA(r).value, "; ") != "":
		return "this DNS host stores no CAA records with parameters"
	case r.Type == "TXT":
		return b.refusesText(r.Text())
	}
	return ""
}

func (b *builder) refusesText(text string) string {
	if why := b.req.Caps.RefusesText(text); why != "" {
		return "this DNS host " + why
	}
	return ""
}
