package plan_test

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// smallest: no smaller set of removals makes room for what the plan adds.
func smallest(tr trial) error {
	removes := 0
	var added []zone.Record
	for _, c := range tr.plan.Changes {
		removes += len(zone.Subtract(c.Remove, c.Add))
		added = append(added, c.Add...)
	}
	stands := zone.Subtract(tr.Zone.Records, added)
	fine := violations(tr.after.Records)
	for set := range uint(1) << len(stands) {
		if bits.OnesCount(set) >= removes {
			continue
		}
		left := slices.Clone(added)
		for i, r := range stands {
			if set&(1<<i) == 0 {
				left = append(left, r)
			}
		}
		rest := zone.NewSnapshot(domain, left)
		legal := !slices.ContainsFunc(violations(left), func(v string) bool { return !slices.Contains(fine, v) })
		// Only a host that flattens it has an alias beside the others of the apex.
		legal = legal && (tr.Caps.ApexAlias == "CNAME" || len(rest.Set(domain, "CNAME")) <= len(tr.after.Set(domain, "CNAME")))
		if legal && met(tr, rest) {
			return fmt.Errorf("smallest: %d removals are planned, and %d do: what is left is\n%s", removes, bits.OnesCount(set), strings.Join(lines(left), "\n"))
		}
	}
	return nil
}

// met reports whether a zone holds what the plan says that it gives, each kind
// by its rule.
func met(tr trial, z zone.Snapshot) bool {
	whole := map[zone.Key][]zone.Record{}
	for _, res := range tr.plan.Results {
		if res.State != plan.Added && res.State != plan.Present {
			continue
		}
		if len(zone.Subtract(res.Records, z.Records)) > 0 {
			return false
		}
		if len(res.Records) == 0 || !res.Records[0].Name.Within(domain) {
			continue
		}
		k := res.Records[0].Key()
		text := func(prefix string) int {
			return len(slices.DeleteFunc(slices.Clone(z.Set(k.Name, "TXT")), func(r zone.Record) bool { return !meant(r, prefix) }))
		}
		switch res.Kind {
		case plan.KindSPF:
			if text("v=spf1") != 1 {
				return false
			}
		case plan.KindDMARC:
			if text("v=dmarc1") != 1 {
				return false
			}
		case plan.KindDKIM, plan.KindNS:
			whole[k] = append(whole[k], res.Records...)
		case plan.KindMX, plan.KindSRV:
			if !answered(tr.plan, k.Name, "append") {
				whole[k] = append(whole[k], res.Records...)
			}
		case plan.KindA, plan.KindAAAA, plan.KindCNAME, plan.KindRedirect:
			if !answered(tr.plan, k.Name, "family") {
				k.Type = "points"
			}
			whole[k] = append(whole[k], res.Records...)
		case plan.KindTXT, plan.KindCAA:
		}
	}
	for k, set := range whole {
		for _, r := range z.At(k.Name) {
			if (r.Type == k.Type || k.Type == "points" && pointing(r)) && !zone.Contains(set, r) {
				return false
			}
		}
	}
	return true
}

func answered(p plan.Plan, owner zone.Name, option string) bool {
	return slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Owner == owner && c.Answer == option })
}
