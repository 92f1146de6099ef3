package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// The safety gate closes on a plan that removes more than this without a
// decision that names it.
const (
	gateRemovals  = 5  // records
	gateShare     = 30 // per cent of the records before, in a zone of at least gateShareFrom
	gateShareFrom = 10
)

// gate asks once more about a plan that removes much. Values that we wrote,
// and those that a given decision names, do not count; a replaced value counts
// once.
func (b *builder) gate() {
	removals := 0
	for _, c := range b.plan.Changes {
		removals += len(c.Remove)
	}
	counted := make([]zone.Record, 0, removals)
	var why []string
	apex := false
	for _, c := range b.plan.Changes {
		for _, r := range c.Remove {
			if !zone.Contains(c.Add, r) && !b.mine.has(r) && !b.excused.has(r) {
				counted = append(counted, r)
			}
		}
		if c.Owner == b.req.Snapshot.Zone && b.apexMoves(c) {
			apex = true
		}
	}
	if n := len(counted); n > gateRemovals {
		why = append(why, fmt.Sprintf("%d records are removed", n))
	} else if total := len(b.req.Snapshot.Records); !b.req.Snapshot.Partial && total >= gateShareFrom && n*100 > gateShare*total {
		why = append(why, fmt.Sprintf("%d of %d records are removed", n, total))
	}
	if slices.ContainsFunc(counted, func(r zone.Record) bool { return r.Type == "MX" }) {
		why = append(why, "an MX record is removed")
	}
	if apex {
		why = append(why, "the address of the apex changes")
	}
	if len(why) == 0 {
		return
	}
	b.choose(Conflict{
		Code: SafetyGate, Owner: b.req.Snapshot.Zone, Existing: counted,
		Options: []Option{{"proceed", "do all of it"}},
		Text:    "Please look at this plan as a whole before it is applied: " + strings.Join(why, ", and ") + ".",
		Params:  map[string]string{"reasons": strings.Join(why, "; ")},
	})
}

// apexMoves reports whether a change at the apex alters an address that is
// there and that no decision gave up.
func (b *builder) apexMoves(c Change) bool {
	before := slices.DeleteFunc(slices.Clone(b.req.Snapshot.At(c.Owner)), func(r zone.Record) bool { return !pointing(r) })
	free := func(r zone.Record) bool {
		return !pointing(r) || b.mine.has(r) || b.excused.has(r)
	}
	remove, add := zone.Subtract(c.Remove, c.Add), zone.Subtract(c.Add, c.Remove)
	removes := slices.ContainsFunc(remove, func(r zone.Record) bool { return !free(r) })
	adds := slices.ContainsFunc(add, pointing)
	replaces := slices.ContainsFunc(remove, pointing)
	return removes || adds && !replaces && len(before) > 0
}

// window is what of a zone a write covers, where others' edits can be lost.
func window(g providers.Grain) string {
	switch g {
	case providers.GrainRecord:
		return "to a record that is replaced or removed here"
	case providers.GrainZone:
		return "anywhere in the zone"
	default:
		return "to records of a name and type that are changed here"
	}
}

// hazards says what can go wrong while the plan is applied, by what the host
// can do. A set-up by hand has no host that writes, and no grain.
func (b *builder) hazards() {
	caps := b.req.Caps
	if caps.Grain == "" || len(b.plan.Changes) == 0 {
		return
	}
	if !caps.CAS {
		b.plan.Hazards = append(b.plan.Hazards, Warning{
			Code: "no-compare", Owner: b.req.Snapshot.Zone,
			Text: "this DNS host cannot compare before it writes: an edit that somebody else makes " + window(caps.Grain) + ", between our reading and our writing, can be lost",
		})
	}
	if caps.Grain != providers.GrainRecord && caps.Grain != providers.GrainRRset {
		return
	}
	for _, c := range b.plan.Changes {
		alias := func(r zone.Record) bool { return r.Type == "CNAME" }
		in, out := slices.ContainsFunc(c.Add, alias), slices.ContainsFunc(c.Remove, alias)
		if in != out && len(c.Add) > 0 && len(c.Remove) > 0 {
			b.plan.Hazards = append(b.plan.Hazards, Warning{
				Code: "swap-gap", Owner: c.Owner,
				Text: c.Owner.FQDN() + " answers nothing for a moment: this DNS host cannot swap an alias and other records in one write",
			})
		}
	}
}
