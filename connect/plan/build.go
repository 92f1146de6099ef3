package plan

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// builder holds a plan while it is made. The zone as it will be is the
// snapshot less removed and with added, owner by owner.
type builder struct {
	req       Request
	plan      Plan
	facts     map[Question]Fact
	asked     map[Question]bool
	owners    map[zone.Name]*pending
	wants     []want
	kept      map[zone.Name]bool // owners whose alias stays; false while that is not decided
	covers    map[zone.Name]cover
	born      map[zone.Name]bool      // names that the plan brings into being, once shadows has looked at them
	lookedFor int                     // hosts; see named
	targets   map[zone.Name]bool      // names that records point at; see named
	senders   map[zone.Name]zone.Name // hosts that SPF records name, and where
	mine      byOwner                 // values that earlier runs of ours wrote
	excused   byOwner                 // removals that a given decision names
	warned    map[Warning]bool
	// inherits is owners whose SPF record holds what a wildcard answered.
	inherits map[zone.Name]bool
	relying  []reliance
	led      map[zone.Name][]want // see throughAliases
	spare    []pending            // not in use yet
	touched  []zone.Name          // of owners, in the order in which they came
	found    found                // the last owner that was looked up in the snapshot
	err      error
}

// pending is the difference at one owner.
type pending struct {
	remove, add []zone.Record
	absent      []string
	why         []string

	retimed, ttls []zone.Record // records that only get another TTL, before and after
}

func (p *pending) because(why string) {
	if why != "" && !slices.Contains(p.why, why) {
		p.why = append(p.why, why)
	}
}

// New makes the plan for a request. It fails with *InputError for a request
// that cannot be meant, whatever the zone holds; everything else is in the plan.
func New(req Request) (Plan, error) {
	if req.Domain == "" {
		req.Domain = req.Snapshot.Zone
	}
	wants, err := resolve(req)
	if err != nil {
		return Plan{}, err
	}
	if req.Decisions, err = placed(req, wants); err != nil {
		return Plan{}, err
	}
	b := newBuilder(req)
	b.plan.Results = make([]Result, len(wants))
	for _, w := range wants {
		b.plan.Results[w.index] = Result{Intent: w.index, Kind: w.kind, Owner: w.owner}
	}
	sorted := zone.SortByName(wants, func(w want) zone.Name { return w.owner }, compareWants)
	if err := selfConflict(req.Snapshot.Zone, sorted); err != nil {
		return Plan{}, err
	}
	if err := beyondCuts(req.Snapshot.Zone, sorted); err != nil {
		return Plan{}, err
	}
	if err := req.Policies.check(); err != nil {
		return Plan{}, err
	}
	if err := contradiction(req.Decisions); err != nil {
		return Plan{}, err
	}
	b.wants = sorted
	// Which CAA set counts for a name depends on what else comes into being.
	all := groups(b.supported(b.reachable(sorted)))
	b.room(len(all))
	for _, late := range []bool{false, true} {
		for _, group := range all {
			if (group[0].kind == KindCAA) == late {
				b.group(group)
			}
		}
		b.standAlone()
		b.shadows()
	}
	b.delegation()
	p, err := b.finish()
	if err == nil {
		err = b.heeded()
	}
	if err != nil {
		return Plan{}, err
	}
	return p, nil
}

func newBuilder(req Request) *builder {
	b := &builder{
		req:    req,
		facts:  make(map[Question]Fact, len(req.Facts)),
		asked:  map[Question]bool{},
		owners: map[zone.Name]*pending{},
		kept:   map[zone.Name]bool{},
		born:   map[zone.Name]bool{},
		covers: map[zone.Name]cover{}, mine: own(req.Ours), excused: byOwner{}, warned: map[Warning]bool{}, inherits: map[zone.Name]bool{},
		plan: Plan{
			Version: version, Zone: req.Snapshot.Zone, Domain: req.Domain,
			Changes: []Change{}, Conflicts: []Conflict{}, Hazards: []Warning{}, Warnings: []Warning{}, Results: []Result{},
		},
	}
	for _, f := range req.Facts {
		b.facts[f.Question] = f
	}
	return b
}

// finish puts the owners in order, applies the gate and names the plan.
func (b *builder) finish() (Plan, error) {
	b.enforceTTL()
	b.plan.Changes = make([]Change, 0, len(b.touched))
	b.touched = zone.SortByName(b.touched, func(n zone.Name) zone.Name { return n }, func(_, _ zone.Name) int { return 0 })
	for _, owner := range b.touched {
		p := b.owners[owner]
		if c := b.difference(owner, p); len(c.Remove)+len(c.Add) > 0 {
			b.plan.Changes = append(b.plan.Changes, Change{Change: c, Why: p.why})
		}
	}
	b.partial()
	b.gate()
	b.hazards()
	b.plan.Conflicts = zone.SortByName(b.plan.Conflicts, func(c Conflict) zone.Name { return c.Owner }, func(x, y Conflict) int {
		return strings.Compare(string(x.Code), string(y.Code))
	})
	slices.SortStableFunc(b.plan.Questions, func(x, y Question) int {
		return cmp.Or(zone.Compare(x.Name, y.Name), strings.Compare(x.Type, y.Type))
	})
	b.plan.Status = b.plan.status()
	if b.err != nil {
		return Plan{}, b.err
	}
	b.plan.identify()
	return b.plan, nil
}

// difference is what changes at an owner. What one want removes and another one
// needs stays as it is, and so does what stands there already; but what is
// taken back gets its TTL back too.
func (b *builder) difference(owner zone.Name, p *pending) zone.Change {
	standing := b.stands(owner)
	back := func(r, o zone.Record) bool { return b.plan.TakesBack && r.SameData(o) && r.TTL != o.TTL }
	c := zone.Change{Owner: owner}
	for _, r := range p.remove {
		if !zone.Contains(p.add, r) || slices.ContainsFunc(p.add, func(o zone.Record) bool { return back(r, o) }) {
			c.Remove = append(c.Remove, r)
		}
	}
	for _, r := range p.add {
		stays := zone.Contains(standing, r) || zone.Contains(p.remove, r)
		if !stays || slices.ContainsFunc(c.Remove, func(o zone.Record) bool { return back(r, o) }) {
			c.Add = append(c.Add, r)
		}
	}
	c.Remove, c.Add = order(append(c.Remove, p.retimed...)), order(append(c.Add, p.ttls...))
	if c.Absent = p.absent; !slices.Equal(p.absent, aliases[:]) && len(p.absent) > 1 {
		c.Absent = slices.Compact(slices.Sorted(slices.Values(p.absent)))
	}
	return c
}

// order sorts and joins what is there twice.
func order(recs []zone.Record) []zone.Record {
	switch len(recs) {
	case 0:
		return nil
	case 1:
		return recs
	}
	s := zone.NewSnapshot(recs[0].Name, recs).Records
	return slices.CompactFunc(s, zone.Record.SameData)
}

// kindRank is the order in which the wants of one owner are met: what decides
// on a CNAME comes before what must stand beside or under it.
var kindRank = [...]Kind{KindCNAME, KindRedirect, KindA, KindAAAA, KindNS, KindMX, KindSRV, KindSPF, KindDKIM, KindDMARC, KindTXT, KindCAA}

// compareWants is the order of the wants of one owner.
func compareWants(a, b want) int {
	return cmp.Or(
		cmp.Compare(slices.Index(kindRank[:], a.kind), slices.Index(kindRank[:], b.kind)),
		strings.Compare(a.rec.Data, b.rec.Data),
		cmp.Compare(a.rec.TTL, b.rec.TTL),
		strings.Compare(a.alt, b.alt),
	)
}

// many is how many groups of wants make it worth while to have room for all of
// them from the start.
const many = 100

func (b *builder) room(groups int) {
	if groups >= many {
		b.plan.Conflicts = slices.Grow(b.plan.Conflicts, groups)
		b.touched = slices.Grow(b.touched, groups)
		b.owners = make(map[zone.Name]*pending, groups)
	}
}

// groups cuts sorted wants into those that are met together: one owner, and
// one of address group, NS, MX, SRV, SPF, DKIM, DMARC; every other want by itself, unless
// it is asked for twice.
func groups(sorted []want) [][]want {
	class := func(k Kind) Kind {
		if k == KindAAAA || k == KindCNAME || k == KindRedirect {
			return KindA
		}
		return k
	}
	together := func(a, b want) bool {
		return a.owner == b.owner && class(a.kind) == class(b.kind) &&
			(a.kind != KindTXT && a.kind != KindCAA || a.rec.SameData(b.rec))
	}
	out := make([][]want, 0, len(sorted))
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && together(sorted[i], sorted[j]) {
			j++
		}
		out = append(out, sorted[i:j:j])
		i = j
	}
	return out
}

func (b *builder) group(ws []want) {
	switch ws[0].kind {
	case KindA, KindAAAA, KindCNAME, KindRedirect:
		b.address(ws)
	case KindNS:
		b.ns(ws)
	case KindMX:
		b.mx(ws)
	case KindSRV:
		b.srv(ws)
	case KindSPF:
		b.spf(ws)
	case KindDKIM:
		b.dkim(ws)
	case KindDMARC:
		b.dmarc(ws)
	case KindTXT:
		b.txt(ws)
	case KindCAA:
		b.caa(ws)
	}
}

// selfConflict refuses wants that exclude each other.
func selfConflict(apex zone.Name, sorted []want) error {
	for i, w := range sorted {
		for _, o := range sorted[i+1:] {
			if o.owner != w.owner {
				break
			}
			if reason := excludes(w, o, w.owner == apex); reason != "" {
				return &InputError{Intent: o.index, Field: "host", Value: string(o.owner), Reason: fmt.Sprintf("%s (intent %d)", reason, w.index)}
			}
		}
	}
	return nil
}

// excludes says why two wants of one owner cannot both be met. At the apex an
// alias is a feature of the host that answers addresses, and stands in for
// these only.
func excludes(a, b want, apex bool) string {
	same := a.rec.SameData(b.rec)
	alone := !apex || pointing(a.rec) && pointing(b.rec)
	switch {
	case a.kind == KindCNAME && b.kind == KindCNAME && !same:
		return "two different CNAMEs are asked for here"
	case (a.kind == KindCNAME) != (b.kind == KindCNAME) && alone:
		return "a CNAME and a record of another type are asked for here, and a CNAME stands alone"
	case (a.kind == KindRedirect || b.kind == KindRedirect) && pointing(a.rec) && pointing(b.rec) && !same:
		return "a redirect and something else that the name points at are asked for here"
	case a.kind == KindMX && b.kind == KindMX && !same && (strings.HasSuffix(a.rec.Data, " .") || strings.HasSuffix(b.rec.Data, " .")):
		return "a null MX stands alone (RFC 7505)"
	case a.kind == KindSRV && b.kind == KindSRV && !same && (strings.HasSuffix(a.rec.Data, " .") || strings.HasSuffix(b.rec.Data, " .")):
		return "a service that is not offered has no other host (RFC 2782)"
	case a.kind == KindSPF && b.kind == KindSPF && (a.in.Override != b.in.Override || a.in.All != b.in.All):
		return "two SPF requirements disagree on override or all"
	case a.kind == KindDKIM && b.kind == KindDKIM && !same:
		return "two different keys are asked for at one DKIM selector"
	case a.kind == KindSPF && b.kind == KindDKIM:
		return "an SPF record and a key are asked for at one DKIM selector"
	case a.kind == KindDMARC && b.kind == KindDMARC && (!same || !reflect.DeepEqual(a.in.DMARC, b.in.DMARC)):
		return "two different DMARC policies are asked for here, and a name has one"
	}
	return ""
}

// cutAbove reports whether the zone as it will be delegates a name above n.
func (b *builder) cutAbove(n zone.Name) bool {
	for p := n.Parent(); p.Below(b.req.Snapshot.Zone); p = p.Parent() {
		if len(b.all(p, "NS")) > 0 {
			return true
		}
	}
	return false
}

// found is where the snapshot holds the records of an owner.
type found struct {
	owner zone.Name
	recs  []zone.Record
	next  int // index of the first record behind them
}

// stands is the records of an owner as they are. Owners are looked at many
// times in a row, and mostly in the order of the snapshot.
func (b *builder) stands(owner zone.Name) []zone.Record {
	all := b.req.Snapshot.Records
	f := &b.found
	switch {
	case f.owner == owner && f.owner != "":
		return f.recs
	case f.next < len(all) && all[f.next].Name == owner && (f.next == 0 || all[f.next-1].Name != owner):
	default:
		f.next = b.req.Snapshot.Index(owner)
	}
	end := f.next
	for end < len(all) && all[end].Name == owner {
		end++
	}
	*f = found{owner, all[f.next:end:end], end}
	return f.recs
}

// at is the records of an owner as they will be.
func (b *builder) at(owner zone.Name) []zone.Record {
	at := b.stands(owner)
	p, ok := b.owners[owner]
	if !ok {
		return at
	}
	return append(zone.Subtract(zone.Subtract(at, p.remove), p.add), p.add...)
}

// set is the RRset as far as it can be read.
func (b *builder) set(owner zone.Name, typ string) []zone.Record {
	return only(b.at(owner), func(r zone.Record) bool { return r.Type == typ && !r.Opaque })
}

// all is the RRset with what cannot be read: it stands there all the same.
func (b *builder) all(owner zone.Name, typ string) []zone.Record {
	return only(b.at(owner), func(r zone.Record) bool { return r.Type == typ })
}

// change records what goes and comes at an owner.
func (b *builder) change(owner zone.Name, remove, add []zone.Record, why string, absent ...string) {
	if len(remove)+len(add) == 0 {
		return
	}
	p := b.pending(owner)
	p.remove = append(p.remove, remove...)
	p.add = append(p.add, add...)
	if p.absent == nil {
		p.absent = slices.Clip(absent)
	} else {
		p.absent = append(p.absent, absent...)
	}
	p.because(why)
}

func (b *builder) pending(owner zone.Name) *pending {
	p := b.owners[owner]
	if p == nil {
		if len(b.spare) == 0 {
			b.spare = make([]pending, min(len(b.touched)+4, 64))
		}
		p, b.spare = &b.spare[0], b.spare[1:]
		b.owners[owner] = p
		b.touched = append(b.touched, owner)
	}
	return p
}

func (b *builder) warn(code string, owner zone.Name, format string, args ...any) {
	w := Warning{Code: code, Owner: owner, Text: fmt.Sprintf(format, args...)}
	if !b.warned[w] {
		b.warned[w] = true
		b.plan.Warnings = append(b.plan.Warnings, w)
	}
}

func (b *builder) fail(err error) { b.err = errors.Join(b.err, err) }

// result notes what became of wants.
func (b *builder) result(ws []want, s State, recs ...zone.Record) {
	for i, w := range ws {
		r := &b.plan.Results[w.index]
		r.State = s
		switch {
		case len(ws) == 1 || w.rec.Type == "TXT":
			r.Records = recs
		case slices.ContainsFunc(ws[:i], func(o want) bool { return o.index == w.index }): // one of several fallbacks
			r.Records = append(r.Records, only(recs, w.rec.SameData)...)
		default:
			r.Records = only(recs, w.rec.SameData)
		}
	}
}

// outcome is the state after a conflict was looked at.
func outcome(given bool, taken State) State {
	if given {
		return taken
	}
	return Undecided
}

func records(ws []want) []zone.Record {
	var out []zone.Record
	for _, w := range ws {
		if !zone.Contains(out, w.rec) {
			out = append(out, w.rec)
		}
	}
	return out
}

// ours reports whether earlier runs of ours wrote every one of recs.
func (b *builder) ours(recs []zone.Record) bool {
	return !slices.ContainsFunc(recs, func(r zone.Record) bool { return !b.mine.has(r) })
}

// byOwner is records by their owners.
type byOwner map[zone.Name][]zone.Record

func own(recs []zone.Record) byOwner {
	h := make(byOwner, len(recs))
	h.add(recs)
	return h
}

func (h byOwner) add(recs []zone.Record) {
	for _, r := range recs {
		h[r.Name] = append(h[r.Name], r)
	}
}

func (h byOwner) has(r zone.Record) bool { return zone.Contains(h[r.Name], r) }

// list is records in a sentence, which has full stops of its own.
func list(recs []zone.Record) string {
	var b strings.Builder
	writeList(&b, recs)
	return b.String()
}

func writeList(b *strings.Builder, recs []zone.Record) {
	if len(recs) == 0 {
		b.WriteString("nothing")
	}
	for i, r := range recs {
		if i > 0 {
			b.WriteString(", ")
		}
		data := r.Data
		switch r.Type {
		case "CNAME", "NS", "PTR", "DNAME", zone.TypeAlias, "MX", "SRV":
			if !r.Opaque && !strings.HasSuffix(data, " .") && data != "." {
				data = strings.TrimSuffix(data, ".")
			}
		}
		b.WriteString(r.Type)
		b.WriteByte(' ')
		b.WriteString(data)
	}
}
