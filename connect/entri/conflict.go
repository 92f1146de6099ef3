package entri

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
)

// RecordConflict is a record in recordConflicts of checkDomain: one of the
// customer's that stands in the way of a record of the configuration.
type RecordConflict struct {
	Host     string  `json:"host"` // in front of the domain, as in the configuration; "@" is the domain
	Type     string  `json:"type"`
	Value    string  `json:"value"`             // names without final dot, TXT as its text
	Priority *uint16 `json:"priority,omitzero"` // MX
}

// RecordConflicts is what checkDomain answers with checkConflicts: what the
// plan's conflicts name of the customer's zone, in the order of the zone, each
// record once. Left out are the conflicts about the plan as a whole, and those
// over records that stay as they are beside ours. It is nil, which is JSON's
// null, where nothing stands in the way.
//
// A plan asks about the other records of an alias-to-be before it asks what the
// name points at. [CheckDecisions] has it name both.
func RecordConflicts(p plan.Plan) []RecordConflict {
	beside := []plan.Class{plan.ClassPlan, plan.ClassTTL, plan.ClassWildcard}
	var out []RecordConflict
	seen := map[string]bool{}
	for _, c := range p.Conflicts {
		if slices.Contains(beside, c.Code.Class()) {
			continue
		}
		for _, r := range c.Existing {
			key := r.Name.FQDN() + " " + r.Type + " " + r.Text()
			if seen[key] {
				continue
			}
			seen[key] = true
			e := Event(r, p.Domain)
			host := strings.TrimSuffix(r.Name.Rel(p.Domain), ".")
			out = append(out, RecordConflict{Host: host, Type: e.Type, Value: e.Value, Priority: e.Priority})
		}
	}
	return out
}

// CheckDecisions is what a plan that is made for RecordConflicts alone, and
// never applied, takes for decided.
func CheckDecisions() []plan.Decision {
	return []plan.Decision{{Code: plan.CNAMEOccupied, Option: "remove"}}
}
