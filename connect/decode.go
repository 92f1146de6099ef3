package connect

import "github.com/mooring-dns/mooring/connect/plan"

// DecodePlan reads a Plan that was kept or sent as JSON. It refuses fields that
// it does not know, and a plan whose ID is not that of what it shows. It does
// not make the plan trustworthy: Apply plans again from the request and writes
// nothing if that gives another ID.
func DecodePlan(data []byte) (Plan, error) {
	var p Plan
	if err := plan.Read(data, &p); err != nil {
		return Plan{}, err
	}
	if err := p.Check(); err != nil {
		return Plan{}, err
	}
	return p, nil
}
