package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// cover is what of the zone as it is hides a name, the topmost of each.
type cover struct {
	dname zone.Name // owner of a DNAME, which hides what is below it (RFC 6672 section 2.4)
	cut   zone.Name // a delegated name, whose zone holds it and what is below it
}

// over is the cover of a name: DNAMEs and cuts at it or above it.
func (b *builder) over(n zone.Name) cover {
	c := b.above(n)
	for _, r := range b.stands(n) {
		switch {
		case r.Type == "DNAME" && c.dname == "":
			c.dname = n
		case r.Type == "NS" && c.cut == "" && n != b.req.Snapshot.Zone:
			c.cut = n
		}
	}
	return c
}

// above is the cover of a name by what stands above it.
func (b *builder) above(n zone.Name) cover {
	if !n.Below(b.req.Snapshot.Zone) {
		return cover{}
	}
	parent := n.Parent()
	c, known := b.covers[parent]
	if !known {
		c = b.over(parent)
		b.covers[parent] = c
	}
	return c
}

// reachable is the wants that can be seen where they are asked for. The others
// are conflicts which can only be done without: one for each owner.
func (b *builder) reachable(sorted []want) []want {
	var out, blocked []want
	var why Conflict
	flush := func() {
		if len(blocked) > 0 {
			why.Wanted = records(blocked)
			why.Options = []Option{{"skip", "do without: " + list(why.Wanted)}}
			_, given := b.choose(why, blocked...)
			b.result(blocked, outcome(given, Skipped))
		}
		blocked = nil
	}
	for i, w := range sorted {
		c, ok := b.hidden(w, sorted)
		if !ok {
			if out != nil {
				out = append(out, w)
			}
			continue
		}
		if out == nil {
			out = append(make([]want, 0, len(sorted)), sorted[:i]...)
		}
		if len(blocked) > 0 && (why.Code != c.Code || why.Owner != c.Owner) {
			flush()
		}
		why, blocked = c, append(blocked, w)
	}
	flush()
	if out == nil {
		return sorted
	}
	return out
}

// ofHost reports whether a name is, or lies below, one that the DNS host keeps
// for its own set-up.
func ofHost(n zone.Name) bool {
	return strings.HasPrefix(string(n), "_domainconnect.") || strings.Contains(string(n), "._domainconnect.")
}

// hidden says why nobody would see a want, if so.
func (b *builder) hidden(w want, wants []want) (Conflict, bool) {
	c := Conflict{Owner: w.owner}
	snap := b.req.Snapshot
	if ofHost(w.owner) {
		c.Code, c.Existing = Protected, snap.At(w.owner)
		c.Text = fmt.Sprintf("The record at %s belongs to the DNS host, which offers its own set-up there, and is never written.", w.owner.FQDN())
		return c, true
	}
	if w.owner == snap.Zone {
		return c, false
	}
	if dname := b.above(w.owner).dname; dname != "" {
		c.Code, c.Existing = DNAMEAbove, snap.Set(dname, "DNAME")
		c.Text = fmt.Sprintf("The DNAME record at %s hides whatever stands at %s: write the record below its target instead.", dname.FQDN(), w.owner.FQDN())
		return c, true
	}
	cut := b.over(w.owner).cut
	if cut == "" {
		return c, false
	}
	ns := nsAt(wants, cut)
	if len(ns) == 0 {
		ns = snap.Set(cut, "NS")
	}
	if cut == w.owner && w.kind == KindNS || address(w.rec) && glue(ns, w.owner) {
		return c, false
	}
	c.Code, c.Existing = Delegated, snap.Set(cut, "NS")
	c.Params = map[string]string{"zone": string(cut)}
	c.Text = fmt.Sprintf("%s lies in the zone %s, which %s delegates: connect that zone by itself.", w.owner.FQDN(), cut.FQDN(), snap.Zone.FQDN())
	return c, true
}

// wantsAt is the wants of one owner, of sorted ones.
func wantsAt(sorted []want, n zone.Name) []want {
	i, _ := slices.BinarySearchFunc(sorted, n, func(w want, n zone.Name) int { return zone.Compare(w.owner, n) })
	j := i
	for j < len(sorted) && sorted[j].owner == n {
		j++
	}
	return sorted[i:j]
}

// nsAt is the name servers that wants ask for at a name.
func nsAt(sorted []want, n zone.Name) []zone.Record {
	var out []zone.Record
	for _, w := range wantsAt(sorted, n) {
		if w.kind == KindNS {
			out = append(out, w.rec)
		}
	}
	return out
}

// beyondCuts refuses wants that a delegation which is asked for too would hide.
// NS records at the cut and the addresses of its name servers are the parent's
// to hold.
func beyondCuts(apex zone.Name, sorted []want) error {
	if !slices.ContainsFunc(sorted, func(w want) bool { return w.kind == KindNS }) {
		return nil
	}
	for _, w := range sorted {
		for n := w.owner; n.Below(apex); n = n.Parent() {
			cut := nsAt(sorted, n)
			if len(cut) == 0 || n == w.owner && w.kind == KindNS || address(w.rec) && glue(cut, w.owner) {
				continue
			}
			return &InputError{
				Intent: w.index, Field: "host", Value: string(w.owner),
				Reason: fmt.Sprintf("the delegation asked for at %s hides every other record here", n.FQDN()),
			}
		}
	}
	return nil
}
