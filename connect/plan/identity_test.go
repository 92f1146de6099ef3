package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// shown is what a person approves of a plan: what is done, what was asked and
// answered, and what can go wrong. Sentences are not part of it.
func shown(p plan.Plan) string {
	type asked struct {
		Code             plan.Code
		Owner            zone.Name
		Existing, Wanted []zone.Record
		Answer           string
	}
	all := struct {
		Zone    zone.Name
		Changes []zone.Change
		Asked   []asked
		Hazards []plan.Warning
	}{p.Zone, p.ZoneChanges(), nil, p.Hazards}
	for _, c := range p.Conflicts {
		all.Asked = append(all.Asked, asked{c.Code, c.Owner, c.Existing, c.Wanted, c.Answer})
	}
	data, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// identity: two plans have one ID exactly where the same is shown of them, and
// an edit that has nothing to do with the plan shows nothing else, unless the
// safety gate counts it.
func identity(tr trial) error {
	apart := zone.Record{Name: "unrelated." + domain, Type: "TXT", TTL: 300, Data: `"somebody's"`}
	probes := map[string]func(*plan.Request){
		"an unrelated record": func(r *plan.Request) {
			r.Snapshot = r.Snapshot.With(zone.Change{Owner: apart.Name, Add: []zone.Record{apart}})
		},
		"another host's rules": func(r *plan.Request) { r.Caps.MinTTL, r.Caps.TTLs = 7200, nil },
		"a host without a guard": func(r *plan.Request) {
			r.Caps.Grain, r.Caps.CAS = providers.GrainRecord, false
		},
		"no decision": func(r *plan.Request) { r.Decisions = nil },
	}
	d := &dice{rolls: tr.Dice}
	if n := len(tr.plan.Conflicts); n > 0 {
		c := tr.plan.Conflicts[d.roll(n)]
		probes["another answer"] = func(r *plan.Request) {
			r.Decisions = []plan.Decision{plan.TakeDefaults(), {Code: c.Code, Owner: c.Owner, Option: c.Options[d.roll(len(c.Options))].ID}}
		}
	}
	if n := len(tr.Zone.Records); n > 0 {
		r := tr.Zone.Records[d.roll(n)]
		probes["one record less"] = func(req *plan.Request) {
			req.Snapshot = req.Snapshot.With(zone.Change{Owner: r.Name, Remove: []zone.Record{r}})
		}
	}
	for what, change := range probes {
		p, err := tr.again(change)
		if err != nil {
			continue // another answer may be no option there
		}
		if same := shown(p) == shown(tr.plan); same != (p.ID == tr.plan.ID) {
			return fmt.Errorf("identity: %s: the same is shown: %t, and the ID is the same: %t\n%s", what, same, p.ID == tr.plan.ID, p.Text())
		}
		if what == "an unrelated record" && p.ID != tr.plan.ID && !gated(p) && !gated(tr.plan) {
			return fmt.Errorf("identity: %s shows something else:\n%s", what, p.Text())
		}
	}
	blind, err := tr.planner.again(&plan.Request{
		Domain: domain, Snapshot: tr.Zone, Intents: tr.Intents, Caps: tr.Caps, Policies: tr.Policies, Decisions: tr.req.Decisions, NameServers: tr.Servers,
	}, nil)
	if same := shown(blind) == shown(tr.plan); err == nil && same != (blind.ID == tr.plan.ID) {
		return fmt.Errorf("identity: where DNS answers nothing the same is shown: %t, and the ID is the same: %t\n%s", same, blind.ID == tr.plan.ID, blind.Text())
	}
	return nil
}

func gated(p plan.Plan) bool {
	return slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.SafetyGate })
}
