package plan_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// laws checks a plan and what it makes of the zone. The error is the first law
// that it breaks.
func laws(req plan.Request, p plan.Plan, outside world) error {
	before := req.Snapshot
	after := before.With(p.ZoneChanges()...)
	for _, law := range []func() error{
		func() error { return untouched(before, after, p) },
		func() error { return named(req, p) },
		func() error { return legal(before, after, p) },
		func() error { return settled(req, p, after, outside) },
		func() error { return undone(req, p, before, after) },
	} {
		if err := law(); err != nil {
			return err
		}
	}
	return nil
}

// untouched: what no change removes is byte-identical, and nothing but what a
// change adds is new.
func untouched(before, after zone.Snapshot, p plan.Plan) error {
	var removed, added []zone.Record
	for _, c := range p.Changes {
		for _, r := range c.Remove {
			if !slices.Contains(before.Records, r) {
				return fmt.Errorf("untouched: %v is removed and was not there", r)
			}
		}
		for _, r := range slices.Concat(c.Add, c.Remove) {
			if r.Name != c.Owner {
				return fmt.Errorf("untouched: the change of %s holds %v", c.Owner, r)
			}
			if zone.Contains(c.Add, r) && zone.Contains(c.Remove, r) {
				return fmt.Errorf("untouched: %v is removed and added", r)
			}
		}
		removed, added = append(removed, c.Remove...), append(added, c.Add...)
	}
	for _, r := range before.Records {
		if !slices.Contains(removed, r) && !slices.Contains(after.Records, r) {
			return fmt.Errorf("untouched: %v is lost", r)
		}
	}
	for _, r := range after.Records {
		if !slices.Contains(before.Records, r) && !slices.Contains(added, r) {
			return fmt.Errorf("untouched: %v comes from nowhere", r)
		}
	}
	for _, r := range added {
		if zone.Contains(before.Records, r) {
			return fmt.Errorf("untouched: %v is added and was there", r)
		}
	}
	return nil
}

// named: every record that goes is named in a conflict with an answer, or is
// the SPF record that its own merge replaces, or is ours.
func named(req plan.Request, p plan.Plan) error {
	for _, c := range p.Changes {
		for _, r := range c.Remove {
			ok := zone.Contains(req.Ours, r)
			for _, k := range p.Conflicts {
				ok = ok || k.Answer != "" && k.Code != plan.SafetyGate && zone.Contains(k.Existing, r)
			}
			for _, e := range p.SPF {
				ok = ok || e.Owner == r.Name && r.Type == "TXT" && spf.IsRecord(r.Text())
			}
			if !ok {
				return fmt.Errorf("named: %v goes and nobody decided it", r)
			}
		}
	}
	for _, c := range p.Conflicts {
		if c.Answer != "" && !slices.ContainsFunc(req.Decisions, func(d plan.Decision) bool {
			return d == plan.TakeDefaults() && c.By == "default" || d.Code == c.Code && (d.Owner == "" || d.Owner == c.Owner) && d.Option == c.Answer
		}) {
			return fmt.Errorf("named: %s at %s has the answer %q, which nobody gave", c.Code, c.Owner, c.Answer)
		}
	}
	return nil
}

// legal: nothing is wrong after that was not wrong before, but for what a
// delegation hides by decision.
func legal(before, after zone.Snapshot, p plan.Plan) error {
	old := violations(before.Records)
	for _, v := range violations(after.Records) {
		hides := strings.Contains(v, "hidden by the cut") && slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool {
			return c.Code == plan.NSOccludes && c.Answer == "delegate" && strings.HasSuffix(v, " "+string(c.Owner))
		})
		// A copy of a wildcard that was wrong is as wrong.
		owner, fault, _ := strings.Cut(v, ":")
		copied := slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool {
			return c.Code == plan.WildcardShadow && c.Answer == "copy" && string(c.Owner) == owner &&
				slices.ContainsFunc(old, func(o string) bool { return strings.HasPrefix(o, "*.") && strings.HasSuffix(o, ":"+fault) })
		})
		if !hides && !copied && !slices.Contains(old, v) {
			return fmt.Errorf("legal: %s", v)
		}
	}
	return nil
}

// settled: planning again gives nothing to do and nothing to ask, unless what
// was decided of one want stood in the way of another.
func settled(req plan.Request, first plan.Plan, after zone.Snapshot, outside world) error {
	crossed := slices.ContainsFunc(first.Conflicts, func(c plan.Conflict) bool {
		return c.Code == plan.NSOccludes && c.Answer == "skip" ||
			c.Code == plan.WildcardShadow && slices.ContainsFunc(c.Wanted, func(r zone.Record) bool { return r.Type == "CNAME" })
	})
	if crossed {
		return nil
	}
	req.Snapshot, req.Facts = after, nil
	p, err := again(&req, outside)
	if err != nil {
		return fmt.Errorf("settled: %w", err)
	}
	if p.Status != plan.NoChange {
		return fmt.Errorf("settled: planning again is %s:\n%s", p.Status, p.Text())
	}
	return nil
}

// undone: taking the plan back gives the zone before, to the byte. What was
// wrong with that zone need not come back.
func undone(req plan.Request, p plan.Plan, before, after zone.Snapshot) error {
	u, err := plan.Undo(plan.UndoRequest{
		Domain: domain, Snapshot: after, Caps: req.Caps,
		Runs: []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}},
	})
	if err != nil {
		return fmt.Errorf("undone: %w", err)
	}
	if d := cmp.Diff(after.With(u.ZoneChanges()...).Records, before.Records); d != "" && len(violations(before.Records)) == 0 {
		return fmt.Errorf("undone: not the zone before (-got +want):\n%s", d)
	}
	return untouched(after, after.With(u.ZoneChanges()...), u)
}

// violations is what must not be in a zone, each as a line.
func violations(recs []zone.Record) []string {
	var out []string
	s := zone.Snapshot{Zone: domain, Records: recs}
	owners := map[zone.Name][]zone.Record{}
	for _, r := range recs {
		owners[r.Name] = append(owners[r.Name], r)
	}
	for owner, here := range owners {
		count := func(is func(zone.Record) bool) int {
			return len(slices.DeleteFunc(slices.Clone(here), func(r zone.Record) bool { return !is(r) }))
		}
		typ := func(t string) func(zone.Record) bool { return func(r zone.Record) bool { return r.Type == t } }
		cnames := count(typ("CNAME"))
		if cnames > 1 || cnames == 1 && len(here) > 1 && owner != s.Zone {
			out = append(out, fmt.Sprintf("%s: a CNAME beside others", owner))
		}
		if cnames+count(typ("ALIAS"))+count(typ("REDIRECT"))+min(1, count(typ("A"))+count(typ("AAAA"))) > 1 {
			out = append(out, fmt.Sprintf("%s: an alias beside addresses", owner))
		}
		if n := count(func(r zone.Record) bool { return r.Type == "TXT" && meant(r, "v=spf1") }); n > 1 {
			out = append(out, fmt.Sprintf("%s: several SPF records", owner))
		}
		if n := count(func(r zone.Record) bool { return r.Type == "TXT" && meant(r, "v=dmarc1") }); n > 1 {
			out = append(out, fmt.Sprintf("%s: several DMARC records", owner))
		}
		if n := count(func(r zone.Record) bool { return r.Type == "TXT" && dkim.IsKey(r.Text()) }); n > 1 {
			out = append(out, fmt.Sprintf("%s: several keys", owner))
		}
		if mx := count(typ("MX")); mx > 1 && count(func(r zone.Record) bool { return r.Type == "MX" && r.Data == "0 ." }) > 0 {
			out = append(out, fmt.Sprintf("%s: a null MX beside others", owner))
		}
	}
	for _, cut := range recs {
		if cut.Type != "NS" || cut.Name == s.Zone {
			continue
		}
		for _, r := range recs {
			address := r.Type == "A" || r.Type == "AAAA"
			if r.Name.Below(cut.Name) && !address || r.Name == cut.Name && r.Type != "NS" {
				out = append(out, fmt.Sprintf("%s %s: hidden by the cut at %s", r.Name, r.Type, cut.Name))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// meant reports whether a text, in whatever quotes, begins so.
func meant(r zone.Record, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimLeft(r.Text(), ` "`)), prefix)
}
