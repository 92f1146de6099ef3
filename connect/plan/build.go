package plan

import (
	"cmp"
	"errors"
	"fmt"
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
	leaning  [][]want             // met by what their alias leads to
	led      map[zone.Name][]want // see throughAliases
	spare    []pending            // not in use yet
	touched  []zone.Name          // of owners, in the order in which they came
	found    found                // the last owner that was looked up in the snapshot
	err      error
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
		b.unaliased()
		b.standAlone()
		b.shadows()
	}
	b.displaced()
	b.logos()
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
	b.proxied()
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
		if ws[0].policy != nil {
			b.mailPolicy(ws)
			return
		}
		b.txt(ws)
	case KindCAA:
		b.caa(ws)
	}
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
