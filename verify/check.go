package verify

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Check looks once. The error is about misuse, or that ctx ended before the
// look did; everything that DNS does wrong is in the report.
func (v *Verifier) Check(ctx context.Context, req Request) (Report, error) {
	l, c, end, err := v.see(ctx, req)
	if err != nil {
		return Report{}, err
	}
	defer end()
	return l.report(c), nil
}

// look is what one look has learned, to be judged.
type look struct {
	expect   []Expect
	began    time.Time
	zones    map[zone.Key]zone.Name                  // the apex of the zone that holds the RRset
	cuts     map[zone.Name]Delegation                // by apex; "" where the walk did not start
	above    map[zone.Name]level                     // by apex, the zone above that refers to it
	seen     map[zone.Key]map[netip.Addr][]sight     // by the authoritative servers
	heard    map[zone.Key]map[netip.AddrPort][]sight // by the resolvers
	views    []netip.AddrPort                        // the resolvers to ask
	facts    []Heard                                 // what explains the rest
	vantages []FromVantage
}

func newLook(expect []Expect) *look {
	l := &look{
		expect: expect,
		began:  time.Now(),
		zones:  make(map[zone.Key]zone.Name),
		cuts:   make(map[zone.Name]Delegation),
		above:  make(map[zone.Name]level),
		seen:   make(map[zone.Key]map[netip.Addr][]sight),
		heard:  make(map[zone.Key]map[netip.AddrPort][]sight), // inside, only where resolvers are asked
	}
	for _, e := range expect {
		if l.seen[e.Record.Key()] == nil {
			l.seen[e.Record.Key()] = make(map[netip.Addr][]sight)
		}
	}
	return l
}

// lookFully finds the zones, asks everybody, and looks for explanations.
func (c *call) lookFully(ctx context.Context, l *look, rounds int) error {
	l.views = c.v.opts.Resolvers
	if err := c.findZones(ctx, l); err != nil {
		return err
	}
	c.askServers(ctx, l, rounds)
	c.askResolvers(ctx, l, rounds)
	if ctx.Err() == nil {
		c.askVantages(ctx, l)
	}
	if ctx.Err() == nil {
		c.explain(ctx, l)
	}
	return ctx.Err()
}

// findZones walks to every owner and surveys every zone found. The first walk
// goes alone, so that the others start where it ended.
func (c *call) findZones(ctx context.Context, l *look) error {
	var names []zone.Name
	for _, e := range l.expect {
		if n := e.holder(); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	cuts := make([]cut, len(names))
	errs := make([]error, len(names))
	all := make([]int, len(names))
	for i := range all {
		all[i] = i
	}
	// What comes from the cache about the very zones is walked to again, for
	// every name: names that were in one zone may no longer be.
	for todo := all; len(todo) > 0; {
		cuts[todo[0]], errs[todo[0]] = c.walk(ctx, names[todo[0]], 0)
		each(len(todo)-1, func(i int) { cuts[todo[i+1]], errs[todo[i+1]] = c.walk(ctx, names[todo[i+1]], 0) })
		if err := errors.Join(errs...); err != nil {
			return ctx.Err()
		}
		todo = nil
		for i, at := range cuts {
			if at.cached {
				c.pass(at.apex)
				todo = append(todo, i)
			}
		}
	}
	var distinct []cut
	of := make([]int, len(names))
	for i, at := range cuts {
		of[i] = slices.IndexFunc(distinct, func(d cut) bool { return d.apex == at.apex && (d.err == nil) == (at.err == nil) })
		if of[i] < 0 {
			of[i] = len(distinct)
			distinct = append(distinct, at)
		}
	}
	found := make([]Delegation, len(distinct))
	each(len(distinct), func(i int) { found[i] = c.survey(ctx, distinct[i]) })
	for i, at := range distinct {
		if at.above != nil && len(found[i].Parent) > 0 {
			l.above[found[i].Apex] = *at.above
		}
	}
	for _, e := range l.expect {
		d := found[of[slices.Index(names, e.holder())]]
		l.zones[e.Record.Key()] = d.Apex
		l.cuts[d.Apex] = d
	}
	return ctx.Err()
}
