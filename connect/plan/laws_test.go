package plan_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// heeded: an answer to what a plan asks is taken, and asking ends. Whoever gets
// a plan knows that already.
func heeded(trial) error { return nil }

// idempotent: planning again gives nothing to do and nothing to ask, unless
// what was decided of one want stood in the way of another, or took away what
// hid it, or it was left to a wildcard that another want changes, or keeps from
// answering.
func idempotent(tr trial) error {
	removed := func(r zone.Record) bool {
		return slices.ContainsFunc(tr.plan.Changes, func(c plan.Change) bool { return zone.Contains(c.Remove, r) })
	}
	namedNoMore := func(host zone.Name) bool { // by a record that the same plan removes
		return slices.ContainsFunc(tr.Zone.Records, func(r zone.Record) bool {
			target, ok := r.Target()
			return ok && target == host && removed(r)
		})
	}
	wildcardEnds := func(owner zone.Name) bool { // that answered for it
		_, before := tr.Zone.Wildcard(owner)
		_, after := tr.after.Wildcard(owner)
		return before && !after
	}
	crossed := slices.ContainsFunc(tr.plan.Conflicts, func(c plan.Conflict) bool {
		return c.Code == plan.NSOccludes && c.Answer == "skip" ||
			c.Code == plan.WildcardShadow && slices.ContainsFunc(c.Wanted, func(r zone.Record) bool { return r.Type == "CNAME" }) ||
			(c.Code == plan.MXSet || c.Code == plan.SRVSet) && c.Answer == "keep" && len(tr.Zone.At(c.Owner)) == 0 ||
			(c.Code == plan.SPFLookups || c.Code == plan.SPFLength) && c.Answer == "skip" && wildcardEnds(c.Owner) ||
			(c.Code == plan.DNAMEAbove || c.Code == plan.Delegated) && slices.ContainsFunc(c.Existing, removed) ||
			c.Code == plan.AddressGroup && c.Params["named_by"] != "" && c.Answer == "keep" && namedNoMore(c.Owner)
	})
	wild := slices.ContainsFunc(tr.plan.Changes, func(c plan.Change) bool { return c.Owner.Label() == "*" })
	if crossed || wild {
		return nil
	}
	p, err := tr.again(func(r *plan.Request) { r.Snapshot = tr.after })
	if err != nil {
		return fmt.Errorf("idempotent: %w", err)
	}
	if p.Status != plan.NoChange {
		return fmt.Errorf("idempotent: planning again is %s:\n%s", p.Status, p.Text())
	}
	return nil
}

// minimal: a plan is the difference of the two zones, value by value.
func minimal(tr trial) error {
	changed := 0
	for _, c := range tr.plan.Changes {
		for _, r := range slices.Concat(c.Remove, c.Add) {
			if slices.Contains(tr.Zone.Records, r) && slices.Contains(tr.after.Records, r) {
				return fmt.Errorf("minimal: %v is in a change and stands on both sides", r)
			}
			changed++
		}
	}
	differ := func(a, b []zone.Record) (n int) {
		for _, r := range a {
			if !slices.Contains(b, r) {
				n++
			}
		}
		return n
	}
	if n := differ(tr.Zone.Records, tr.after.Records) + differ(tr.after.Records, tr.Zone.Records); changed != n {
		return fmt.Errorf("minimal: %d values are in the plan, and the zones differ in %d", changed, n)
	}
	return nil
}

// untouchedLaw: nothing is lost, and what goes was given up.
func untouchedLaw(tr trial) error {
	return errors.Join(untouched(tr.Zone, tr.after, tr.plan), named(tr.req, tr.plan))
}

// untouched: what no change removes is byte-identical, and nothing but what a
// change adds is new.
func untouched(before, after zone.Snapshot, p plan.Plan) error {
	was, is, added := set(before.Records), set(after.Records), map[zone.Record]bool{}
	gone := map[zone.Name][]zone.Record{}
	for _, c := range p.Changes {
		gone[c.Owner] = append(gone[c.Owner], c.Remove...)
		for _, r := range c.Remove {
			if !was[r] {
				return fmt.Errorf("untouched: %v is removed and was not there", r)
			}
		}
		for _, r := range slices.Concat(c.Add, c.Remove) {
			if r.Name != c.Owner {
				return fmt.Errorf("untouched: the change of %s holds %v", c.Owner, r)
			}
			if slices.Contains(c.Add, r) && slices.Contains(c.Remove, r) {
				return fmt.Errorf("untouched: %v is removed and added", r)
			}
		}
		for _, r := range c.Add {
			added[r] = true
			if zone.Contains(before.At(r.Name), r) && !zone.Contains(c.Remove, r) {
				return fmt.Errorf("untouched: %v is added and was there", r)
			}
		}
	}
	for _, r := range before.Records {
		if !is[r] && !zone.Contains(gone[r.Name], r) {
			return fmt.Errorf("untouched: %v is lost", r)
		}
	}
	for _, r := range after.Records {
		if !was[r] && !added[r] {
			return fmt.Errorf("untouched: %v comes from nowhere", r)
		}
	}
	return nil
}

func set(recs []zone.Record) map[zone.Record]bool {
	out := make(map[zone.Record]bool, len(recs))
	for _, r := range recs {
		out[r] = true
	}
	return out
}

// named: every record that goes is named in a conflict with an answer, or is
// the SPF or DMARC record that its own merge replaces, or is ours. One that
// only gets another TTL is asked for, or named too.
func named(req plan.Request, p plan.Plan) error {
	for _, c := range p.Changes {
		for _, r := range c.Remove {
			if !zone.Contains(req.Ours, r) && !conceded(p, r) && !merged(req, p, r) && !(zone.Contains(c.Add, r) && retimed(req, p, r)) {
				return fmt.Errorf("named: %v goes and nobody decided it", r)
			}
		}
	}
	for _, c := range p.Conflicts {
		if c.Answer != "" && !given(req, p, c) {
			return fmt.Errorf("named: %s at %s has the answer %q by %q, which nobody gave", c.Code, c.Owner, c.Answer, c.By)
		}
	}
	return nil
}

func conceded(p plan.Plan, r zone.Record) bool {
	return slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool {
		return c.Answer != "" && (c.Class != plan.ClassPlan || c.Code == plan.NSApex) && zone.Contains(c.Existing, r)
	})
}

// merged reports whether what r says lives on in what takes its place.
func merged(req plan.Request, p plan.Plan, r zone.Record) bool {
	return r.Type == "TXT" && (slices.ContainsFunc(p.SPF, func(e plan.SPFEdit) bool { return e.Owner == r.Name && spf.IsRecord(r.Text()) }) ||
		slices.ContainsFunc(p.Results, func(res plan.Result) bool {
			return res.Kind == plan.KindDMARC && res.Owner == r.Name && req.Intents[res.Intent].DMARC != nil && meant(r, "v=dmarc1")
		}))
}

func retimed(req plan.Request, p plan.Plan, r zone.Record) bool {
	return slices.ContainsFunc(p.Results, func(res plan.Result) bool {
		return req.Intents[res.Intent].EnforceTTL && slices.ContainsFunc(res.Records, func(o zone.Record) bool { return o.Key() == r.Key() })
	}) && slices.ContainsFunc(p.Results, func(res plan.Result) bool { return zone.Contains(res.Records, r) })
}

// given reports whether somebody gave the answer that a conflict has.
func given(req plan.Request, p plan.Plan, c plan.Conflict) bool {
	switch policy := req.Policies[c.Class]; c.By {
	case "decision":
		return slices.ContainsFunc(req.Decisions, func(d plan.Decision) bool {
			return d.Code == c.Code && (d.Owner == "" || d.Owner == c.Owner) && d.Option == c.Answer
		})
	case "policy":
		keeps, replaces := []string{"keep", "skip"}, []string{"replace", "remove", "merge", "copy", "delegate", "change"}
		if c.Class == plan.ClassWildcard {
			keeps, replaces = []string{"copy"}, []string{"leave"}
		}
		return policy == plan.Keep && slices.Contains(keeps, c.Answer) || policy == plan.Replace && slices.Contains(replaces, c.Answer)
	case "optional":
		return slices.Contains([]string{"keep", "skip", "leave"}, c.Answer) && slices.ContainsFunc(p.Results, func(res plan.Result) bool {
			return res.Owner == c.Owner && req.Intents[res.Intent].Optional
		})
	case "default":
		return c.Answer == c.Default && policy != plan.Fail && slices.Contains(req.Decisions, plan.TakeDefaults())
	}
	return false
}

// orderless: the order in which a zone is read, intents are given, facts come
// in and decisions are made does not show in the plan.
func orderless(tr trial) error {
	d := &dice{rolls: tr.Dice}
	other := tr.req
	recs, _ := shuffled(d, tr.req.Snapshot.Records)
	other.Snapshot = zone.NewSnapshot(domain, recs)
	other.Facts, _ = shuffled(d, tr.req.Facts)
	other.Decisions, _ = shuffled(d, tr.req.Decisions)
	var from []int
	other.Intents, from = shuffled(d, tr.req.Intents)
	p, err := tr.planner.plan(other)
	if err != nil {
		return fmt.Errorf("in another order: %w", err)
	}
	for i, r := range slices.Clone(p.Results) {
		r.Intent = from[i]
		p.Results[from[i]] = r
	}
	if got, want := encode(p), encode(tr.plan); got != want {
		return fmt.Errorf("in another order (-got +want):\n%s", cmp.Diff(got, want))
	}
	return nil
}
