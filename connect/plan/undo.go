package plan

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// Applied is what one run wrote, from the journal.
type Applied struct {
	Changes []zone.Change
	SPF     []SPFEdit
	Copied  []zone.Record // of what it wrote, what a wildcard had answered there
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
// stays, with a warning, and so does a name that others use by now: it is said
// what no wildcard answers there then.
func Undo(req UndoRequest) (Plan, error) {
	net := compose(req.Runs, req.Snapshot)
	b := newBuilder(Request{
		Domain: req.Domain, Snapshot: req.Snapshot, Caps: req.Caps,
		Decisions: req.Decisions, Ours: wrote(req.Runs),
	})
	var err error
	if b.req.Decisions, err = placed(b.req, nil); err != nil {
		return Plan{}, err
	}
	if err := contradiction(req.Decisions); err != nil {
		return Plan{}, err
	}
	b.plan.TakesBack = true
	edits, shrunk := map[zone.Name][]spf.Provenance{}, map[zone.Name][]string{}
	var copied []zone.Record
	for _, run := range slices.Backward(req.Runs) {
		copied = append(copied, run.Copied...)
		for _, e := range run.SPF {
			edits[e.Owner] = append(edits[e.Owner], e.Provenance)
			shrunk[e.Owner] = append(shrunk[e.Owner], e.Shrunk...)
		}
	}
	var made []zone.Name // owners of an SPF record where none had stood
	for i, c := range net {
		if prov := edits[c.Owner]; len(prov) > 0 && slices.ContainsFunc(c.Add, isSPF) {
			b.unmerge(c, prov, shrunk[c.Owner])
			if !slices.ContainsFunc(c.Remove, isSPF) {
				made = append(made, c.Owner)
			}
			net[i].Add = slices.DeleteFunc(slices.Clone(c.Add), isSPF)
			net[i].Remove = slices.DeleteFunc(slices.Clone(c.Remove), isSPF)
		}
	}
	for _, c := range net {
		if b.included(c.Owner, edits) {
			c.Add = slices.DeleteFunc(slices.Clone(c.Add), isSPF)
		}
		b.takeBack(c)
	}
	for _, owner := range made {
		b.leaveToWildcard(owner)
	}
	for _, c := range net {
		b.stillShadowed(c.Owner, copied)
	}
	return b.finish()
}

func isSPF(r zone.Record) bool { return r.Type == "TXT" && !r.Opaque && spf.IsRecord(r.Text()) }

// Ours is the values that runs wrote and did not take away again. One that only
// got another TTL is not among them, and neither is a DMARC record in the place
// of a policy or of an alias that stood there before us: the policy and the
// report addresses in it may be the owner's.
func Ours(runs []Applied) []zone.Record {
	var out []zone.Record
	for _, c := range compose(runs, zone.Snapshot{}) {
		dmarc := func(r zone.Record) bool { return looksDMARC(c.Owner, r) }
		before := func(r zone.Record) bool { return r.Type == "CNAME" || dmarc(r) && (r.Opaque || readsDMARC(r.Text())) }
		add := zone.Subtract(c.Add, c.Remove)
		if slices.ContainsFunc(c.Remove, before) {
			add = slices.DeleteFunc(slices.Clone(add), dmarc)
		}
		out = append(out, add...)
	}
	return out
}

// wrote is Ours with such DMARC records too.
func wrote(runs []Applied) []zone.Record {
	var out []zone.Record
	for _, c := range compose(runs, zone.Snapshot{}) {
		out = append(out, zone.Subtract(c.Add, c.Remove)...)
	}
	return out
}

// compose is the net effect of runs, one change for each owner: what we
// wrote last, and what was there before we first wrote. A record in both only
// got another TTL. What stands now tells what others did between the runs.
func compose(runs []Applied, now zone.Snapshot) []zone.Change {
	var net []netChange
	place := map[zone.Name]int{} // in net
	for _, run := range runs {
		for _, c := range run.Changes {
			i, ok := place[c.Owner]
			if !ok {
				i = len(net)
				net, place[c.Owner] = append(net, netChange{Change: zone.Change{Owner: c.Owner}}), i
			}
			net[i].then(c, now.At(c.Owner))
		}
	}
	net = zone.SortByName(net, func(n netChange) zone.Name { return n.Owner }, func(_, _ netChange) int { return 0 })
	out := make([]zone.Change, len(net))
	for i, n := range net {
		n.Remove, n.Add = slices.Concat(n.Remove, n.was), slices.Concat(n.Add, n.is)
		out[i] = n.Change
	}
	return out
}

// netChange is the net effect of some runs on one owner. was and is are the
// records of others that only got another TTL.
type netChange struct {
	zone.Change
	was, is []zone.Record
}

// then adds what the next run did. now is the records that stand there today.
func (n *netChange) then(c zone.Change, now []zone.Record) {
	c = n.retime(c)
	foreign := zone.Subtract(c.Remove, n.Add)
	// What somebody had put in the place of ours is what comes back, and no
	// longer what stood there before that.
	wrote := slices.Clone(n.Add)
	kept := only(n.Add, func(r zone.Record) bool {
		return zone.Contains(now, r) && !zone.Contains(c.Remove, r) && !zone.Contains(c.Add, r)
	})
	superseded := func(r zone.Record) bool {
		return slices.ContainsFunc(foreign, func(f zone.Record) bool {
			in := func(recs []zone.Record) bool {
				return slices.ContainsFunc(recs, func(o zone.Record) bool { return sameClass(r, o) })
			}
			ours := in(zone.Subtract(c.Remove, foreign)) || in(kept)
			theirs := !zone.Contains(n.Remove, f)                          // not one of what stood there before, left by a run that half failed
			again := slices.ContainsFunc(c.Add, func(o zone.Record) bool { // in r's own place, not beside it
				return sameClass(r, o) && (r.Type == o.Type || !address(r) || !address(o))
			})
			return theirs && (rivals(r, f) || sameClass(r, f) && r.Type != "TXT" && in(wrote) && again && !ours)
		})
	}
	for _, r := range c.Add { // back again, with another TTL perhaps
		if i := slices.IndexFunc(n.Remove, r.SameData); i >= 0 && n.Remove[i] != r && !zone.Contains(n.was, r) {
			n.was, n.is = append(n.was, n.Remove[i]), append(n.is, r)
		}
	}
	n.Add = append(zone.Subtract(n.Add, c.Remove), zone.Subtract(c.Add, n.Remove)...)
	n.Remove = append(slices.DeleteFunc(zone.Subtract(n.Remove, c.Add), superseded), foreign...)
}

// retime notes the TTLs that a run changed and returns the rest of what it did.
// What it removes had the TTL that it had before us.
func (n *netChange) retime(c zone.Change) zone.Change {
	only := func(r zone.Record) bool { return zone.Contains(c.Add, r) && zone.Contains(c.Remove, r) }
	for _, r := range c.Add {
		if !only(r) {
			continue
		}
		if i := slices.IndexFunc(n.Add, r.SameData); i >= 0 {
			n.Add = slices.Clone(n.Add)
			n.Add[i] = r
			continue
		}
		if i := slices.IndexFunc(n.is, r.SameData); i >= 0 {
			n.is[i] = r
			continue
		}
		n.is = append(n.is, r)
		n.was = append(n.was, c.Remove[slices.IndexFunc(c.Remove, r.SameData)])
	}
	remove := slices.DeleteFunc(slices.Clone(c.Remove), only)
	for i, r := range remove {
		if j := slices.IndexFunc(n.was, r.SameData); j >= 0 {
			remove[i] = n.was[j]
			n.was, n.is = slices.Delete(n.was, j, j+1), slices.Delete(n.is, j, j+1)
		}
	}
	c.Add, c.Remove = slices.DeleteFunc(slices.Clone(c.Add), only), remove
	return c
}

// class is the records of one owner that are taken back together: what the
// name points at, or all of one type.
type class struct {
	is          func(zone.Record) bool
	wrote, gone []zone.Record // by us
	stood       []zone.Record // what of wrote still stands
	replaced    bool          // nothing of what we wrote stands any more
}

func classes(c zone.Change) []class {
	out := []class{{is: pointing}}
	var types []string
	for _, r := range slices.Concat(c.Add, c.Remove) {
		if !pointing(r) && !slices.Contains(types, r.Type) {
			types = append(types, r.Type)
		}
	}
	slices.Sort(types)
	for _, typ := range types {
		out = append(out, class{is: func(r zone.Record) bool { return r.Type == typ }})
	}
	for i := range out {
		out[i].wrote, out[i].gone = only(c.Add, out[i].is), only(c.Remove, out[i].is)
	}
	return out
}

// only is the records that are so, in a slice of its own.
func only(recs []zone.Record, is func(zone.Record) bool) []zone.Record {
	var out []zone.Record
	for _, r := range recs {
		if is(r) {
			out = append(out, r)
		}
	}
	return out
}

// takeBack takes the changes of one owner back: first everything that we wrote
// goes, so that what it stood in the way of can come back then.
func (b *builder) takeBack(c zone.Change) {
	const why = "takes back what was connected"
	all := classes(c)
	for i, k := range all {
		all[i].stood = only(b.at(c.Owner), func(r zone.Record) bool {
			// A TTL that somebody changed again since is theirs.
			return zone.Contains(k.wrote, r) && (!zone.Contains(k.gone, r) || slices.Contains(k.wrote, r))
		})
		all[i].replaced = len(k.wrote) > 0 && len(all[i].stood) == 0
		b.change(c.Owner, all[i].stood, nil, why)
	}
	for _, k := range all {
		here := only(b.at(c.Owner), k.is)
		var restore, left []zone.Record
		for _, r := range zone.Subtract(k.gone, here) {
			if zone.Contains(k.wrote, r) && !zone.Contains(k.stood, r) {
				continue // it only got another TTL, and somebody removed it since
			}
			if k.replaced || b.taken(r, zone.Subtract(here, k.gone)) {
				left = append(left, r)
			} else {
				restore = append(restore, r)
			}
		}
		if len(left) > 0 {
			text := "%s was changed by somebody since (%s); what stood there before is not restored: %s"
			inWay := func(r zone.Record) bool {
				return slices.ContainsFunc(here, func(o zone.Record) bool { return rivals(r, o) })
			}
			if len(k.wrote) == 0 && len(only(left, inWay)) == len(left) { // we only removed, and what is in the way may be what we left
				text = "%s holds %s, which cannot stand beside what was removed there; that is not restored: %s"
			}
			b.warn("changed-since", c.Owner, text, c.Owner.FQDN(), list(here), list(left))
		}
		if back := only(restore, func(r zone.Record) bool { return standsDMARC(c.Owner, r) }); len(back) > 1 {
			b.warn(string(DMARCMultiple), c.Owner, "%s gets its %d DMARC records back, which make each other void", c.Owner.FQDN(), len(back))
		}
		b.change(c.Owner, nil, restore, why, b.absentFor(c.Owner, restore)...)
	}
}

// leaveToWildcard takes away what is left of an SPF record of ours, if it alone
// keeps a name and says what a wildcard answers without it.
func (b *builder) leaveToWildcard(owner zone.Name) {
	left := b.at(owner)
	if len(left) != 1 || b.owners[owner] == nil || !zone.Contains(b.owners[owner].add, left[0]) {
		return
	}
	without := []zone.Change{{Owner: owner, Remove: b.stands(owner)}}
	for _, n := range b.touched {
		if n != owner {
			without = append(without, b.difference(n, b.owners[n]))
		}
	}
	then := b.req.Snapshot.With(without...)
	star, ok := then.Wildcard(owner)
	if answers := only(then.Set(star, "TXT"), isSPF); ok && len(answers) == 1 && answers[0].Text() == left[0].Text() {
		p := b.owners[owner]
		p.add = zone.Subtract(p.add, left)
	}
}

// stillShadowed says what a name loses that a wildcard answered there before us,
// and would again if others did not keep the name since.
func (b *builder) stillShadowed(owner zone.Name, copied []zone.Record) {
	stands := func(r zone.Record) bool { return zone.Contains(b.at(r.Name), r) }
	if len(b.at(owner)) == 0 && !slices.ContainsFunc(b.req.Snapshot.Below(owner), stands) {
		return
	}
	gone := only(zone.Subtract(b.stands(owner), b.at(owner)), func(r zone.Record) bool { return zone.Contains(copied, r) })
	for p := owner.Parent(); p.Within(b.req.Snapshot.Zone); p = p.Parent() {
		star := wildcardBelow(p)
		lost := only(gone, func(r zone.Record) bool {
			r.Name = star
			return zone.Contains(b.at(star), r)
		})
		if len(lost) > 0 {
			b.warn(string(WildcardShadow), owner, "%s exists still, for other records, so the wildcard %s does not answer what goes there: %s", owner.FQDN(), star.FQDN(), list(lost))
		}
	}
}

// taken reports whether somebody put something in the place of r, which we
// removed. foreign is what others wrote of its class since.
func (b *builder) taken(r zone.Record, foreign []zone.Record) bool {
	if slices.ContainsFunc(foreign, func(o zone.Record) bool { return rivals(r, o) }) || !address(r) && b.cutAbove(r.Name) {
		return true
	}
	if r.Type == "NS" && r.Name != b.req.Snapshot.Zone {
		hidden := b.occluded(r.Name, []zone.Record{r})
		if slices.ContainsFunc(hidden, func(o zone.Record) bool { return o.Name == r.Name || !address(o) }) {
			return true
		}
	}
	if r.Name == b.req.Snapshot.Zone { // an alias there is a feature of the host and stood beside others
		return false
	}
	return slices.ContainsFunc(b.at(r.Name), func(o zone.Record) bool {
		return (r.Type == "CNAME") != (o.Type == "CNAME") && !attached(r) && !attached(o)
	})
}

// sameClass reports whether two records of one owner are taken back together.
func sameClass(a, b zone.Record) bool { return a.Type == b.Type || pointing(a) && pointing(b) }

// rivals reports whether two records of one owner take the same place: an
// alias stands for all addresses, a null MX stands alone, and of SPF, DMARC,
// DKIM, MTA-STS, TLS-RPT and BIMI records there is one.
func rivals(a, b zone.Record) bool {
	null := func(r zone.Record) bool { return r.Type == "MX" && strings.HasSuffix(r.Data, " .") }
	key := func(r zone.Record) bool { return r.Type == "TXT" && belowDomainkey(r.Name) && dkim.IsKey(r.Text()) }
	return pointing(a) && pointing(b) && !(address(a) && address(b)) ||
		a.Type == "MX" && b.Type == "MX" && (null(a) || null(b)) ||
		looksSPF(a) && looksSPF(b) ||
		key(a) && key(b) ||
		standsDMARC(a.Name, a) && standsDMARC(b.Name, b) ||
		rivalPolicies(a, b)
}

func (b *builder) absentFor(owner zone.Name, restore []zone.Record) []string {
	switch {
	case len(restore) == 0 || owner == b.req.Snapshot.Zone:
		return nil
	case restore[0].Type == "CNAME":
		return alone(b.at(owner))
	}
	return []string{"CNAME"}
}

// included reports whether name holds a subrecord of ours that an SPF record
// includes still: without it all mail would fail.
func (b *builder) included(name zone.Name, edits map[zone.Name][]spf.Provenance) bool {
	for owner, provenance := range edits {
		for _, r := range b.all(owner, "TXT") {
			if looksSPF(r) && strings.Contains(strings.ToLower(r.Text()), string(name)) &&
				slices.ContainsFunc(provenance, func(p spf.Provenance) bool {
					return slices.ContainsFunc(p.Extra, func(x spf.NamedTXT) bool { return strings.EqualFold(x.Name, string(name)) })
				}) {
				return true
			}
		}
	}
	return false
}

// unmerge takes our terms out of the SPF record of an owner, newest merge
// first. shrunk is the owner's terms that shorter ones stand for.
func (b *builder) unmerge(c zone.Change, provenance []spf.Provenance, shrunk []string) {
	owner := c.Owner
	var current []zone.Record
	for _, r := range b.set(owner, "TXT") {
		if isSPF(r) {
			current = append(current, r)
		}
	}
	gone, wrote := only(c.Remove, isSPF), only(c.Add, isSPF)
	u, ok := b.unmerged(owner, current, provenance)
	untouched := len(wrote) == 1 && len(current) == 1 && wrote[0].SameData(current[0]) && !b.lost(owner, gone, shrunk)
	repaired := untouched && len(gone) > 1 // which need not have added a term
	var add []zone.Record
	switch {
	case !ok && !repaired:
		return
	case untouched: // all of it is ours to take back, repairs and copies of a wildcard too
		add = gone
	case u.Remove:
	case len(gone) == 1 && slices.Equal(strings.Fields(gone[0].Text()), strings.Fields(u.Record)):
		add = gone // with its own strings, spaces and TTL
	default:
		add = b.joinTTL([]zone.Record{zone.NewTXT(owner, current[0].TTL, b.withSenders(owner, u.Record, gone, wrote, shrunk))})
	}
	if len(add) > 1 {
		b.warn("spf-multiple", owner, "%s gets its %d SPF records back, which make each other void", owner.FQDN(), len(add))
	}
	b.change(owner, current, add, "takes the service out of the SPF record")
}

// lost reports whether what a term of an SPF record led to, which shorter ones
// stand for since, is not in the zone any more: brought back, the term would
// make receivers fail all mail.
func (b *builder) lost(owner zone.Name, gone []zone.Record, shrunk []string) bool {
	for _, r := range gone {
		rec, err := spf.Parse(r.Text())
		if err != nil {
			continue
		}
		known := spf.Answers{}
		tree, open := spf.Trace(string(owner), rec, known)
		for ; len(open) > 0; tree, open = spf.Trace(string(owner), rec, known) {
			for _, q := range open {
				known[q] = b.held(q)
			}
		}
		if slices.ContainsFunc(tree.Cost().Problems, func(p spf.Problem) bool { return slices.Contains(shrunk, p.Term) }) {
			return true
		}
	}
	return false
}

// held is what the zone itself answers; where it cannot say, the answer failed.
func (b *builder) held(q spf.Question) spf.Answer {
	name, err := zone.ParseName(q.Name)
	if err != nil || q.Type != "TXT" || b.req.Snapshot.Partial || !name.Within(b.req.Snapshot.Zone) ||
		b.over(name) != (cover{}) || slices.ContainsFunc(b.at(name), elsewhere) {
		return spf.Answer{}
	}
	if set := b.set(name, "TXT"); len(set) > 0 {
		return spf.Answer{Status: spf.Found, Values: texts(set)}
	}
	if _, star := b.wildcard(name); star {
		return spf.Answer{}
	}
	return spf.Answer{Status: spf.NXDomain}
}

// withSenders gives an SPF record back the terms of the one that ours had taken
// the place of. A merge had kept them, and what is missing of them now somebody
// took out. Those that shorter ones stand for stay in that form: both together
// could be more than receivers look up.
func (b *builder) withSenders(owner zone.Name, record string, gone, wrote []zone.Record, shrunk []string) string {
	kept := strings.Fields(strings.Join(texts(wrote), " "))
	if len(shrunk) > 0 {
		b.warn("spf-shrunk", owner, "the SPF record at %s, or one that it included, was changed by somebody since, so it stays in its shorter form, which allows what %s allowed when it was written",
			owner.FQDN(), strings.Join(shrunk, ", "))
		kept = append(kept, shrunk...)
	}
	var terms []string
	for t := range strings.FieldsSeq(strings.Join(texts(gone), " ")) {
		all := strings.TrimLeft(strings.ToLower(t), "+-~?") == "all"
		if !all && !spf.IsRecord(t) && !slices.Contains(kept, t) {
			terms = append(terms, t)
		}
	}
	if len(terms) == 0 {
		return record
	}
	m, err := spf.Merge(spf.MergeRequest{Domain: string(owner), Existing: []string{record}, Required: []string{strings.Join(terms, " ")}, All: spf.Keep})
	if err != nil {
		b.warn("changed-since", owner, "what the SPF record at %s allowed before (%s) is not brought back: %v", owner.FQDN(), strings.Join(terms, " "), err)
		return record
	}
	return m.Record
}

// unmerged is the record of an owner without our terms; ok is false where it
// stays as it is, and a warning says why if that is not as it should be.
func (b *builder) unmerged(owner zone.Name, current []zone.Record, provenance []spf.Provenance) (u spf.Unmerged, ok bool) {
	if len(current) != 1 {
		b.warn("changed-since", owner, "%s has %d SPF records now; what was merged into one is not taken back", owner.FQDN(), len(current))
		return u, false
	}
	text := current[0].Text()
	for _, p := range provenance {
		var err error
		if u, err = spf.Unmerge(string(owner), text, p); err != nil {
			b.warn("changed-since", owner, "the SPF record at %s cannot be read any more, so nothing is taken out of it: %v", owner.FQDN(), err)
			return u, false
		}
		if u.Kept != "" {
			b.warn("spf-all-kept", owner, "the SPF record at %s keeps %s, which somebody set since", owner.FQDN(), u.Kept)
		}
		if text = u.Record; u.Remove {
			return u, true
		}
	}
	return u, text != current[0].Text()
}
