package plan_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A real server loads the zone before a plan and the zone after it, and is
// asked for every name in either: it complains of nothing new, and each answer
// that differs has its reason in the plan.
func TestRow08Legal(t *testing.T) {
	outside := elsewhere(t)
	o := startOracle(t)
	o.check(t, func(rt *rapid.T) (plan.Request, plan.Plan, error) {
		sc := scenarios.Draw(rt, "scenario")
		sc.Zone = o.servable(sc.Zone)
		return settle(sc, outside)
	})
	t.Logf("%d zones judged, %d refused by the server as they were, %d records without a form in DNS", o.judged, o.refused, o.left)

	o.mutants(t, func(seed int) (plan.Request, plan.Plan, error) {
		sc := scenarios.Example(seed)
		sc.Zone = o.servable(sc.Zone)
		return settle(sc, outside)
	}, []mutant{
		{"leaves the address beside the new alias", "legal: refused", func(_ plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				alias := slices.ContainsFunc(c.Add, func(r zone.Record) bool { return r.Type == "CNAME" && c.Owner != domain })
				had := slices.ContainsFunc(c.Remove, isAddress)
				c.Remove = slices.DeleteFunc(slices.Clone(c.Remove), isAddress)
				return alias && had
			})
		}},
		{"drops somebody's mail server", "answer: ", func(req plan.Request, p *plan.Plan) bool {
			for _, r := range req.Snapshot.Records {
				if r.Type == "MX" && !givenUp(*p, r) {
					p.Changes = append(slices.Clone(p.Changes), plan.Change{Change: zone.Change{Owner: r.Name, Remove: []zone.Record{r}}})
					return true
				}
			}
			return false
		}},
		{"writes the neighbour again with its own TTL", "answer: ", func(req plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				for _, r := range req.Snapshot.At(c.Owner) {
					if !zone.Contains(c.Remove, r) && !givenUp(*p, r) && r.Type != "SOA" {
						c.Remove = append(slices.Clone(c.Remove), r)
						r.TTL++
						c.Add = append(slices.Clone(c.Add), r)
						return true
					}
				}
				return false
			})
		}},
		{"does not say what a delegation hides", "answer: ", func(_ plan.Request, p *plan.Plan) bool {
			return forget(p, func(c plan.Conflict) bool { return c.Code == plan.NSOccludes && c.Answer == "delegate" })
		}},
	})
}

// Where the default is taken, a name that comes into being below a wildcard
// answers as the wildcard answered for it, but for what was asked for; and
// where a person wants it, the names below it do too.
func TestRow11WildcardShadow(t *testing.T) {
	outside := elsewhere(t)
	o := startOracle(t)
	shadowed := 0
	o.check(t, func(rt *rapid.T) (plan.Request, plan.Plan, error) {
		option := rapid.SampledFrom([]string{"", "below"}).Draw(rt, "option")
		req, p, err := settleBy(starry.Draw(rt, "scenario"), outside, option)
		for _, c := range p.Conflicts {
			if c.Code == plan.WildcardShadow {
				shadowed++
			}
		}
		return req, p, err
	})
	t.Logf("%d zones judged, %d names taken from a wildcard; of what wildcards answered %d are answered as before, %d otherwise, %d lost below a new name",
		o.judged, shadowed, o.same, o.other, o.below)
	if o.same == 0 || shadowed == 0 {
		t.Error("no wildcard was shadowed: this test holds nothing")
	}

	o.mutants(t, func(seed int) (plan.Request, plan.Plan, error) {
		return byDefault(starry.Example(seed), outside)
	}, []mutant{
		{"copies nothing from the wildcard", "answer: ", func(_ plan.Request, p *plan.Plan) bool {
			for _, k := range p.Conflicts {
				if k.Code != plan.WildcardShadow || k.Answer != "copy" {
					continue
				}
				return spoil(p, func(c *plan.Change) bool {
					had := len(c.Add)
					c.Add = zone.Subtract(c.Add, k.Wanted)
					return len(c.Add) < had
				})
			}
			return false
		}},
		{"does not say what the wildcard no longer answers", "answer: ", func(_ plan.Request, p *plan.Plan) bool {
			return forget(p, func(c plan.Conflict) bool { return c.Code == plan.WildcardShadow && c.Answer == "leave" })
		}},
	})
}

// forget takes conflicts out of a plan, and reports whether there were any.
func forget(p *plan.Plan, which func(plan.Conflict) bool) bool {
	had := len(p.Conflicts)
	p.Conflicts = slices.DeleteFunc(slices.Clone(p.Conflicts), which)
	return len(p.Conflicts) < had
}

// starry is zones with wildcards at several levels, and intents for names
// below them.
var starry = rapid.Custom(func(t *rapid.T) scenario {
	recs := []zone.Record{
		{Name: domain, Type: "SOA", TTL: 3600, Data: "ns1.host.example. hostmaster.host.example. 1 3600 600 86400 300"},
		{Name: domain, Type: "NS", TTL: 3600, Data: "ns1.host.example."},
	}
	owners := []string{"*", "*", "*.shop", "*.shop", "*.y.shop", "a.shop", "b.y.shop", "www"}
	for range rapid.IntRange(1, 10).Draw(t, "records") {
		r := rapid.SampledFrom(data["any"]).Draw(t, "record")
		r.Name, r.TTL = at(t, rapid.SampledFrom(owners).Draw(t, "owner")), 300
		if !zone.Contains(recs, r) && inDNS(r) {
			recs = append(recs, r)
		}
	}
	sc := scenario{Zone: zone.NewSnapshot(domain, legalise(recs))}
	hosts := []string{"new", "new", "deep.under.new", "_acme-challenge", "shop", "c.shop", "x.y.shop", "d.c.y.shop", "*.y.shop"}
	for range rapid.IntRange(1, 4).Draw(t, "intents") {
		sc.Intents = append(sc.Intents, rapid.SampledFrom(wants).Draw(t, "want")(rapid.SampledFrom(hosts).Draw(t, "host")))
	}
	return sc
})

// byDefault takes every default, and the first option where there is none.
func byDefault(sc scenario, outside world) (plan.Request, plan.Plan, error) {
	return settleBy(sc, outside, "")
}

// settleBy settles a scenario by taking an option wherever it is offered, and
// else the default, or the first option where there is none.
func settleBy(sc scenario, outside world, option string) (plan.Request, plan.Plan, error) {
	req := plan.Request{Domain: domain, Snapshot: sc.Zone, Intents: sc.Intents, Decisions: []plan.Decision{plan.TakeDefaults()}}
	p, err := again(&req, outside)
	for range 40 {
		if err != nil {
			return req, p, err
		}
		offered := func(c plan.Conflict) bool {
			return slices.ContainsFunc(c.Options, func(o plan.Option) bool { return o.ID == option })
		}
		i := slices.IndexFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Answer == "" || c.Answer != option && offered(c) })
		if i < 0 {
			return req, p, nil
		}
		c := p.Conflicts[i]
		take := c.Options[0].ID
		if offered(c) {
			take = option
		}
		req.Decisions = append(req.Decisions, plan.Decision{Code: c.Code, Owner: c.Owner, Option: take})
		p, err = again(&req, outside)
	}
	return req, p, errors.New("the plan asks people without end")
}

// check judges plans of random zones, a number of them or as many as a bounded
// time allows.
func (o *oracle) check(t *testing.T, draw func(*rapid.T) (plan.Request, plan.Plan, error)) {
	n, end := "150", time.Now().Add(time.Minute) // of which -short leaves a fifth
	if os.Getenv("MOORING_LONG") != "" {
		n, end = "1500", end.Add(10*time.Minute)
	}
	cases(t) // and puts the flag back
	if err := flag.Set("rapid.checks", n); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		if time.Now().After(end) {
			return
		}
		req, p, err := draw(rt)
		if isInput(err) {
			return
		}
		if err == nil {
			err = o.judge(t.Context(), req.Snapshot, p)
		}
		if err != nil {
			report(rt, scenario{Zone: req.Snapshot, Intents: req.Intents, Caps: req.Caps}, p, fmt.Errorf("%w\n\ndecisions: %+v", err, req.Decisions))
		}
	})
}

// mutant is a planner that is wrong in one way, and how that is found out.
type mutant struct {
	name, fault string
	mutate      func(req plan.Request, p *plan.Plan) bool // reports whether there was something to spoil
}

func (o *oracle) mutants(t *testing.T, draw func(seed int) (plan.Request, plan.Plan, error), all []mutant) {
	for _, m := range all {
		t.Run("mutant "+m.name, func(t *testing.T) {
			spoilt, caught := 0, 0
			for seed := 0; seed < 3000 && spoilt < 30 && caught < 3; seed++ {
				req, p, err := draw(seed)
				if err != nil || !m.mutate(req, &p) {
					continue
				}
				spoilt++
				if err := o.judge(t.Context(), req.Snapshot, p); err != nil && strings.HasPrefix(err.Error(), m.fault) {
					caught++
				}
			}
			if caught < 3 {
				t.Errorf("of %d spoilt plans %d were found out by %q", spoilt, caught, m.fault)
			}
		})
	}
}

func startOracle(t *testing.T) *oracle {
	return &oracle{server: rfc2136test.StartOracle(t, domain)}
}

func isAddress(r zone.Record) bool { return r.Type == "A" || r.Type == "AAAA" }
