package plan

import (
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// Applied is what one run wrote, from the journal.
type Applied struct {
	Changes []zone.Change
	SPF     []SPFEdit
}

// UndoRequest is everything that a plan to take runs back depends on.
type UndoRequest struct {
	Domain    zone.Name
	Snapshot  zone.Snapshot
	Runs      []Applied // of this zone, oldest first
	Caps      providers.Caps
	Decisions []Decision
}

// Undo is the plan that takes runs back: values we wrote and that still stand
// go; what we removed comes back where nobody put something else in its
// place; an SPF record loses only our terms. An edit that somebody made since
// stays, with a warning.
func Undo(req UndoRequest) (Plan, error) {
	net := compose(req.Runs)
	var ours []zone.Record
	for _, c := range net {
		ours = append(ours, c.Add...)
	}
	b := newBuilder(Request{
		Domain: req.Domain, Snapshot: req.Snapshot, Caps: req.Caps,
		Decisions: req.Decisions, Ours: ours,
	})
	edits := map[zone.Name][]spf.Provenance{}
	for _, run := range slices.Backward(req.Runs) {
		for _, e := range run.SPF {
			edits[e.Owner] = append(edits[e.Owner], e.Provenance)
		}
	}
	for _, c := range net {
		if prov := edits[c.Owner]; len(prov) > 0 {
			isSPF := func(r zone.Record) bool { return r.Type == "TXT" && spf.IsRecord(r.Text()) }
			b.unmerge(c.Owner, prov, slices.ContainsFunc(c.Add, isSPF))
			c.Add, c.Remove = slices.DeleteFunc(c.Add, isSPF), slices.DeleteFunc(c.Remove, isSPF)
		}
		b.takeBack(c)
	}
	return b.finish()
}

// Ours is the values that runs wrote and did not take away again.
func Ours(runs []Applied) []zone.Record {
	var out []zone.Record
	for _, c := range compose(runs) {
		out = append(out, c.Add...)
	}
	return out
}

// compose is the net effect of runs, one change for each owner: what we
// wrote last, and what was there before we first wrote.
func compose(runs []Applied) []zone.Change {
	var net []zone.Change
	for _, run := range runs {
		for _, c := range run.Changes {
			i := slices.IndexFunc(net, func(n zone.Change) bool { return n.Owner == c.Owner })
			if i < 0 {
				i = len(net)
				net = append(net, zone.Change{Owner: c.Owner})
			}
			n := &net[i]
			foreign := zone.Subtract(c.Remove, n.Add)
			n.Add = append(zone.Subtract(n.Add, c.Remove), zone.Subtract(c.Add, n.Remove)...)
			n.Remove = append(zone.Subtract(n.Remove, c.Add), foreign...)
		}
	}
	slices.SortFunc(net, func(a, b zone.Change) int { return zone.Compare(a.Owner, b.Owner) })
	return net
}

// takeBack takes the changes of one owner back: first what the name points
// at, as one unit, then type by type.
func (b *builder) takeBack(c zone.Change) {
	other := func(r zone.Record) bool { return !pointing(r) }
	b.takeBackSet(c.Owner,
		slices.DeleteFunc(slices.Clone(c.Add), other), slices.DeleteFunc(slices.Clone(c.Remove), other), pointing)
	var types []string
	for _, r := range slices.Concat(c.Add, c.Remove) {
		if other(r) && !slices.Contains(types, r.Type) {
			types = append(types, r.Type)
		}
	}
	slices.Sort(types)
	for _, typ := range types {
		is := func(r zone.Record) bool { return r.Type == typ }
		not := func(r zone.Record) bool { return r.Type != typ }
		b.takeBackSet(c.Owner,
			slices.DeleteFunc(slices.Clone(c.Add), not), slices.DeleteFunc(slices.Clone(c.Remove), not), is)
	}
}

// takeBackSet removes what of wrote still stands and restores gone, where
// nobody put something else in its place.
func (b *builder) takeBackSet(owner zone.Name, wrote, gone []zone.Record, class func(zone.Record) bool) {
	here := slices.DeleteFunc(slices.Clone(b.at(owner)), func(r zone.Record) bool { return !class(r) })
	var remove []zone.Record
	for _, r := range here {
		if zone.Contains(wrote, r) {
			remove = append(remove, r)
		}
	}
	restore := zone.Subtract(gone, here)
	if len(restore) > 0 {
		foreign := zone.Subtract(zone.Subtract(here, wrote), gone)
		replaced := len(wrote) > 0 && len(remove) == 0
		if unit := pointing(restore[0]); replaced || unit && len(foreign) > 0 || !b.mayStand(owner, restore, remove) {
			b.warn("changed-since", owner, "%s was changed by somebody since (%s); what stood there before is not restored: %s",
				owner.FQDN(), list(here), list(restore))
			restore = nil
		}
	}
	b.change(owner, remove, restore, "takes back what was connected", absentFor(restore)...)
}

// mayStand reports whether records can come back beside what the owner will
// hold then.
func (b *builder) mayStand(owner zone.Name, restore, remove []zone.Record) bool {
	for _, r := range zone.Subtract(b.at(owner), remove) {
		for _, o := range restore {
			if (r.Type == "CNAME") != (o.Type == "CNAME") && !attached(r) && !attached(o) {
				return false
			}
		}
	}
	return true
}

func absentFor(restore []zone.Record) []string {
	switch {
	case len(restore) == 0:
		return nil
	case restore[0].Type == "CNAME":
		return []string{zone.AnyType}
	}
	return []string{"CNAME"}
}

// unmerge takes our terms out of the SPF record at owner, newest merge first.
func (b *builder) unmerge(owner zone.Name, provenance []spf.Provenance, standing bool) {
	var current []zone.Record
	for _, r := range b.set(owner, "TXT") {
		if spf.IsRecord(r.Text()) {
			current = append(current, r)
		}
	}
	if len(current) != 1 {
		if standing || len(current) > 1 {
			b.warn("changed-since", owner, "%s has %d SPF records now; what was merged into one is not taken back", owner.FQDN(), len(current))
		}
		return
	}
	text := current[0].Text()
	remove := false
	for _, p := range provenance {
		u, err := spf.Unmerge(string(owner), text, p)
		if err != nil {
			b.warn("changed-since", owner, "the SPF record at %s cannot be read any more, so nothing is taken out of it: %v", owner.FQDN(), err)
			return
		}
		if u.Kept != "" {
			b.warn("spf-all-kept", owner, "the SPF record at %s keeps %s, which somebody set since", owner.FQDN(), u.Kept)
		}
		if text, remove = u.Record, u.Remove; remove {
			break
		}
	}
	if text == current[0].Text() && !remove {
		return
	}
	var add []zone.Record
	if !remove {
		add = b.joinTTL([]zone.Record{zone.NewTXT(owner, current[0].TTL, text)})
	}
	b.change(owner, current, add, "takes the service out of the SPF record")
}
