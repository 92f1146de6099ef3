package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// Each law must bite: a planner that is wrong in one way is found out.
func TestMutants(t *testing.T) {
	outside := elsewhere(t)
	for _, m := range []struct {
		name   string
		law    string
		mutate func(req plan.Request, p *plan.Plan) bool // reports whether there was something to spoil
	}{
		{"takes the neighbour's text along", "named", func(req plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				for _, r := range req.Snapshot.Set(c.Owner, "TXT") {
					if !zone.Contains(c.Remove, r) && len(c.Add) > 0 {
						c.Remove = append(slices.Clone(c.Remove), r)
						return true
					}
				}
				return false
			})
		}},
		{"writes the whole RRset again with its own TTL", "untouched", func(req plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				for _, r := range req.Snapshot.At(c.Owner) {
					if !zone.Contains(c.Remove, r) {
						c.Remove = append(slices.Clone(c.Remove), r)
						r.TTL++
						c.Add = append(slices.Clone(c.Add), r)
						return true
					}
				}
				return false
			})
		}},
		{"leaves the old SPF record", "legal", func(_ plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				n := len(c.Remove)
				c.Remove = slices.DeleteFunc(slices.Clone(c.Remove), func(r zone.Record) bool { return spf.IsRecord(r.Text()) })
				return len(c.Remove) < n
			})
		}},
		{"writes the alias beside what is there", "legal", func(_ plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				bad := len(c.Remove) > 0 && slices.ContainsFunc(c.Add, func(r zone.Record) bool { return r.Type == "CNAME" })
				c.Remove = nil
				return bad
			})
		}},
		{"forgets a record", "settled", func(_ plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				had := len(c.Add) > 0
				c.Add = nil
				return had
			})
		}},
		{"answers by itself", "named", func(_ plan.Request, p *plan.Plan) bool {
			for i := range p.Conflicts {
				if p.Conflicts[i].Code == plan.AddressGroup {
					p.Conflicts[i].Answer = "whatever"
					return true
				}
			}
			return false
		}},
		{"forgets how SPF was merged", "undone", func(_ plan.Request, p *plan.Plan) bool {
			had := len(p.SPF) > 0 && len(p.SPF[0].Provenance.Added) > 0
			if had {
				p.SPF = slices.Clone(p.SPF)
				p.SPF[0].Provenance = spf.Provenance{}
			}
			return had
		}},
	} {
		t.Run(m.name, func(t *testing.T) {
			spoilt, caught := 0, 0
			for seed := range 3000 {
				req, p, err := settle(scenarios.Example(seed), outside)
				if err != nil || !m.mutate(req, &p) {
					continue
				}
				spoilt++
				if err := laws(req, p, outside); err != nil && strings.HasPrefix(err.Error(), m.law+":") {
					caught++
				}
				if caught >= 3 {
					return
				}
			}
			t.Errorf("of %d spoilt plans %d were found out by %q", spoilt, caught, m.law)
		})
	}
}

// spoil changes the first change that f can spoil.
func spoil(p *plan.Plan, f func(*plan.Change) bool) bool {
	p.Changes = slices.Clone(p.Changes)
	for i := range p.Changes {
		c := p.Changes[i]
		if f(&c) {
			p.Changes[i] = c
			return true
		}
	}
	return false
}
