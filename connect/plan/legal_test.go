package plan_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// legalLaw: nothing is wrong after that was not wrong before, but for what a
// delegation hides by decision.
func legalLaw(tr trial) error {
	old := violations(tr.Zone.Records)
	for _, v := range violations(tr.after.Records) {
		hides := strings.Contains(v, "hidden by the cut") && slices.ContainsFunc(tr.plan.Conflicts, func(c plan.Conflict) bool {
			return c.Code == plan.NSOccludes && c.Answer == "delegate" && strings.HasSuffix(v, " "+string(c.Owner))
		})
		// A copy of a wildcard that was wrong is as wrong.
		owner, fault, _ := strings.Cut(v, ":")
		copied := slices.ContainsFunc(tr.plan.Conflicts, func(c plan.Conflict) bool {
			return c.Code == plan.WildcardShadow && (string(c.Owner) == owner || "*."+string(c.Owner) == owner) &&
				slices.ContainsFunc(old, func(o string) bool { return strings.HasPrefix(o, "*.") && strings.HasSuffix(o, ":"+fault) })
		})
		if !hides && !copied && !slices.Contains(old, v) {
			return fmt.Errorf("legal: %s", v)
		}
	}
	return nil
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
		for host, counts := range policyKinds {
			if n := count(func(r zone.Record) bool { return r.Type == "TXT" && counts(r.Text()) }); n > 1 && strings.HasPrefix(string(owner), host) {
				out = append(out, fmt.Sprintf("%s: several policies of one kind", owner))
			}
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
