package verify

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// explain asks what makes a verdict understandable: whether a wildcard gives
// the value away, and whether the zone's name was typed into the owner.
func (c *call) explain(ctx context.Context, l *look) {
	found := make([][]Finding, len(l.expect))
	each(len(l.expect), func(i int) {
		e := l.expect[i]
		ev := l.evidence(e)
		rs, _ := judge(ev)
		owner := e.Record.Name
		var other zone.Name
		f := Finding{Severity: Info, Code: CodeWildcard}
		switch {
		case e.Gone || owner == ev.apex && rs.Verdict != Absent:
			return
		case rs.Verdict == Propagated || rs.Verdict == Published:
			other = zone.Name("mooring-"+strings.ToLower(rand.Text()[:10])) + "." + owner.Parent()
			f.Detail = owner.FQDN() + " " + e.Record.Type + ": names that nobody made have the same value"
			f.Hint = "a wildcard answers, so this does not prove that the record itself was written"
		case rs.Verdict == Absent:
			other = owner + "." + ev.apex
			f.Code, f.Severity = CodeNameDoubled, Error
			f.Detail = e.Record.Type + " stands at " + other.FQDN() + " instead of " + owner.FQDN()
			f.Hint = "the provider appends the zone's name itself; enter the name without it"
		default:
			return
		}
		if _, err := zone.ParseName(string(other)); err == nil && c.has(ctx, l, e, other) {
			found[i] = append(found[i], f)
		}
	})
	l.extra = append(l.extra, slices.Concat(found...)...)
}

// has asks the first sound server whether another owner has the value.
func (c *call) has(ctx context.Context, l *look, e Expect, owner zone.Name) bool {
	d := l.cuts[l.zones[e.Record.Key()]]
	e.Record.Name = owner
	for _, srv := range d.Servers {
		if srv.State == Sound {
			s := c.see(ctx, c.v.opts.at(srv.Addr), e.Record.Key(), d.Apex, false)
			return s.status == Found && s.says(e, nil) == Right
		}
	}
	return false
}
