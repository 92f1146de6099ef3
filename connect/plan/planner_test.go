package plan_test

import (
	"errors"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// planner is who plans: the right one, or one that is wrong in a named way.
type planner struct {
	plan func(plan.Request) (plan.Plan, error)
	undo func(plan.UndoRequest) (plan.Plan, error)
}

var right = planner{plan.New, plan.Undo}

// trial is a scenario as a planner met it.
type trial struct {
	planner
	scenario
	outside world
	req     plan.Request // with the facts and the decisions that it took
	plan    plan.Plan
	after   zone.Snapshot
}

func (by planner) try(sc scenario, outside world, ours ...zone.Record) (trial, error) {
	req, p, err := by.settle(sc, outside, ours...)
	return trial{by, sc, sc.dns(outside), req, p, sc.Zone.With(p.ZoneChanges()...)}, err
}

// again plans what is in the zone after the plan was carried out, or anything
// else, with DNS as it is then.
func (tr trial) again(change func(*plan.Request)) (plan.Plan, error) {
	req := tr.req
	req.Facts = nil
	change(&req)
	return tr.planner.again(&req, tr.outside)
}

func (tr trial) run() plan.Applied {
	return plan.Applied{Changes: tr.plan.ZoneChanges(), SPF: tr.plan.SPF}
}

// dns is all of DNS beside the zone.
func (sc scenario) dns(outside world) world {
	if len(sc.Above) == 0 {
		return outside
	}
	return append(world{zone.NewSnapshot("example", sc.Above)}, outside...)
}

// settle plans as a person would: it answers what is asked, of DNS and of
// people, until nothing is open.
func (by planner) settle(sc scenario, outside world, ours ...zone.Record) (plan.Request, plan.Plan, error) {
	outside = sc.dns(outside)
	req := plan.Request{
		Domain: domain, Snapshot: sc.Zone, Intents: sc.Intents, Caps: sc.Caps,
		Ours: ours, Policies: sc.Policies, NameServers: sc.Servers,
	}
	if sc.Defaults {
		req.Decisions = []plan.Decision{plan.TakeDefaults()}
	}
	p, err := by.again(&req, outside)
	for i := 0; err == nil && len(p.Open()) > 0; i++ {
		if i == 40 {
			return req, p, errors.New("the plan asks people without end")
		}
		c := p.Open()[0]
		req.Decisions = append(req.Decisions, plan.Decision{Code: c.Code, Owner: c.Owner, Option: c.Options[sc.Picks[i%len(sc.Picks)]%len(c.Options)].ID})
		p, err = by.again(&req, outside)
	}
	return req, p, err
}

// again plans until DNS has answered everything.
func (by planner) again(req *plan.Request, outside world) (plan.Plan, error) {
	w := append(world{req.Snapshot}, outside...)
	for range 50 {
		p, err := by.plan(*req)
		if err != nil || len(p.Questions) == 0 {
			return p, err
		}
		for _, q := range p.Questions {
			req.Facts = append(req.Facts, w.answer(q))
		}
	}
	return plan.Plan{}, errors.New("the plan asks DNS without end")
}

func settle(sc scenario, outside world) (plan.Request, plan.Plan, error) {
	return right.settle(sc, outside)
}

func again(req *plan.Request, outside world) (plan.Plan, error) { return right.again(req, outside) }
