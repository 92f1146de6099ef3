package plan_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// spoils is a planner whose plans are spoilt before anybody sees them.
func spoils(name string, f func(req plan.Request, p *plan.Plan) bool) wrong {
	w := wrong{name, right}
	w.plan = func(req plan.Request) (plan.Plan, error) {
		p, err := plan.New(req)
		if err == nil {
			f(req, &p)
		}
		return p, err
	}
	return w
}

// misreads is a planner that takes its request for another one.
func misreads(name string, f func(*plan.Request)) wrong {
	w := wrong{name, right}
	w.plan = func(req plan.Request) (plan.Plan, error) {
		f(&req)
		return plan.New(req)
	}
	return w
}

// undoes is a planner that takes runs back in its own way.
func undoes(name string, f func(plan.UndoRequest) (plan.Plan, error)) wrong {
	return wrong{name, planner{plan.New, f}}
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

// drops takes records of the zone along that nothing asks for.
func drops(name string, which func(plan.Change, zone.Record) bool) wrong {
	return spoils(name, func(req plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			for _, r := range req.Snapshot.At(c.Owner) {
				if !zone.Contains(c.Remove, r) && which(*c, r) {
					c.Remove = append(slices.Clone(c.Remove), r)
					return true
				}
			}
			return false
		})
	})
}

var (
	takesNeighbour = drops("drops a neighbour's text", func(c plan.Change, r zone.Record) bool { return r.Type == "TXT" && len(c.Add) > 0 })
	clearsMail     = drops("clears a name of its mail servers", func(_ plan.Change, r zone.Record) bool { return r.Type == "MX" })
	losesOpaque    = drops("loses what it cannot read", func(_ plan.Change, r zone.Record) bool { return r.Opaque })
	overwrites     = drops("replaces a whole RRset", func(c plan.Change, r zone.Record) bool {
		return slices.ContainsFunc(c.Add, func(a zone.Record) bool { return a.Type == r.Type })
	})

	writesSetAgain = spoils("writes a neighbour again with its own TTL", func(req plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			for _, r := range req.Snapshot.At(c.Owner) {
				if !zone.Contains(c.Remove, r) {
					c.Remove = append(slices.Clone(c.Remove), r)
					c.Add = append(slices.Clone(c.Add), r)
					c.Add[len(c.Add)-1].TTL++
					return true
				}
			}
			return false
		})
	})
	rewritesSame = spoils("writes again what stands there", func(req plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			for _, r := range req.Snapshot.At(c.Owner) {
				if !zone.Contains(c.Remove, r) && !zone.Contains(c.Add, r) {
					c.Remove, c.Add = append(slices.Clone(c.Remove), r), append(slices.Clone(c.Add), r)
					return true
				}
			}
			return false
		})
	})
	forgetsRecord = spoils("forgets a record", func(_ plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			had := len(c.Add) > 0
			c.Add = nil
			return had
		})
	})
	// The host stores its own TTL all the same, so each plan asks for it again.
	keepsTTL = misreads("forgets to clamp a TTL that is insisted on", func(req *plan.Request) {
		req.Caps.MinTTL, req.Caps.MaxTTL, req.Caps.TTLs = 0, 0, nil
		for i, r := range req.Snapshot.Records {
			if r.TTL == 86400 {
				req.Snapshot.Records = slices.Clone(req.Snapshot.Records)
				req.Snapshot.Records[i].TTL = 3600
			}
		}
	})
	answersItself = spoils("answers by itself", func(_ plan.Request, p *plan.Plan) bool {
		p.Conflicts = slices.Clone(p.Conflicts)
		for i := range p.Conflicts {
			if p.Conflicts[i].Answer == "" {
				p.Conflicts[i].Answer, p.Conflicts[i].By = p.Conflicts[i].Options[0].ID, "decision"
			}
		}
		return true
	})
	keepsOldSPF = spoils("leaves the old SPF record", func(_ plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			n := len(c.Remove)
			c.Remove = slices.DeleteFunc(slices.Clone(c.Remove), func(r zone.Record) bool { return spf.IsRecord(r.Text()) })
			return len(c.Remove) < n
		})
	})
	keepsAddress = spoils("keeps an address beside the new alias", func(_ plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			n := len(c.Remove)
			if slices.ContainsFunc(c.Add, func(r zone.Record) bool { return r.Type == "CNAME" }) {
				c.Remove = slices.DeleteFunc(slices.Clone(c.Remove), isAddress)
			}
			return len(c.Remove) < n
		})
	})
	writesFirstCAA = misreads("writes a first CAA", func(req *plan.Request) {
		req.Decisions = append(slices.Clone(req.Decisions), plan.Decision{Code: plan.CAAFirst, Option: "write"})
	})
	copiesIssuer = spoils("replaces the authority that is there", func(req plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			caa := func(r zone.Record) bool { return r.Type == "CAA" }
			old := slices.DeleteFunc(slices.Clone(req.Snapshot.At(c.Owner)), func(r zone.Record) bool { return !caa(r) || zone.Contains(c.Remove, r) })
			if len(old) == 0 || !slices.ContainsFunc(c.Add, caa) {
				return false
			}
			c.Remove = append(slices.Clone(c.Remove), old...)
			return true
		})
	})

	refusesAnswer = misreads("takes an answer for one at another name", func(req *plan.Request) {
		req.Decisions = slices.Clone(req.Decisions)
		for i := range req.Decisions {
			if req.Decisions[i].Owner != "" {
				req.Decisions[i].Owner = "elsewhere.example"
			}
		}
	})
	forgetsMerge = spoils("forgets how SPF was merged", func(_ plan.Request, p *plan.Plan) bool {
		p.SPF = slices.Clone(p.SPF)
		for i := range p.SPF {
			p.SPF[i].Provenance = spf.Provenance{}
		}
		return len(p.SPF) > 0
	})
	forgetsRemoved = undoes("forgets what it removed", func(req plan.UndoRequest) (plan.Plan, error) {
		p, err := plan.Undo(req)
		spoil(&p, func(c *plan.Change) bool {
			had := len(c.Add) > 0
			c.Add = nil
			return had
		})
		return p, err
	})
	takesEditBack = undoes("takes back somebody's later edit", func(req plan.UndoRequest) (plan.Plan, error) {
		p, err := plan.Undo(req)
		spoil(&p, func(c *plan.Change) bool {
			c.Remove = req.Snapshot.At(c.Owner)
			return true
		})
		return p, err
	})
	bringsBack = undoes("writes the zone before over what somebody did", func(req plan.UndoRequest) (plan.Plan, error) {
		p := plan.Plan{}
		for _, run := range req.Runs {
			for _, c := range run.Changes {
				p.Changes = append(p.Changes, plan.Change{Change: zone.Change{Owner: c.Owner, Remove: req.Snapshot.At(c.Owner), Add: c.Remove}})
			}
		}
		return p, nil
	})
	undoesLastOnly = undoes("takes the last of several runs back", func(req plan.UndoRequest) (plan.Plan, error) {
		req.Runs = req.Runs[len(req.Runs)-1:]
		return plan.Undo(req)
	})

	ordersByMap = spoils("orders its conflicts by a map", func(_ plan.Request, p *plan.Plan) bool {
		byOwner := map[string]plan.Conflict{}
		for _, c := range p.Conflicts {
			byOwner[string(c.Code)+"@"+string(c.Owner)] = c
		}
		p.Conflicts = slices.Collect(maps.Values(byOwner))
		return true
	})
	heedsOrder = spoils("lists changes as they were asked for", func(req plan.Request, p *plan.Plan) bool {
		first := func(c plan.Change) int {
			return slices.IndexFunc(req.Intents, func(in plan.Intent) bool {
				n, err := zone.Abs(in.Host, req.Domain)
				return err == nil && n == c.Owner
			})
		}
		p.Changes = slices.SortedFunc(slices.Values(p.Changes), func(a, b plan.Change) int { return first(a) - first(b) })
		return true
	})
	ignoresAnswer = identifies("gives an ID that ignores the answers", func(p plan.Plan) any {
		p.Conflicts = slices.Clone(p.Conflicts)
		for i := range p.Conflicts {
			p.Conflicts[i] = plan.Conflict{Code: p.Conflicts[i].Code, Owner: p.Conflicts[i].Owner, Existing: p.Conflicts[i].Existing, Wanted: p.Conflicts[i].Wanted}
		}
		return []any{p.ZoneChanges(), p.Conflicts, p.Hazards}
	})
	coversWarnings = identifies("gives an ID that covers warnings", func(p plan.Plan) any { return []any{shown(p), p.Warnings} })
	coversNothing  = identifies("gives an ID that forgets the hazards", func(p plan.Plan) any {
		p.Hazards = nil
		return shown(p)
	})
)

// identifies is a planner whose IDs stand for something else.
func identifies(name string, of func(plan.Plan) any) wrong {
	return spoils(name, func(_ plan.Request, p *plan.Plan) bool {
		data, err := json.Marshal(of(*p))
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(data)
		p.ID = hex.EncodeToString(sum[:])
		return true
	})
}
