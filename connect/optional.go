package connect

import (
	"slices"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Failed is an optional intent that was not written.
type Failed struct {
	Index  int            `json:"index"` // of the intent in the request
	Intent plan.Intent    `json:"intent"`
	Code   providers.Code `json:"code"`   // Conflict: it gave way to what stands there
	Reason string         `json:"reason"` // for people
}

// FailedIntents is the intents of what failed, for entri.FailedOptional.
func (r Run) FailedIntents() []plan.Intent {
	out := make([]plan.Intent, len(r.FailedOptional))
	for i, f := range r.FailedOptional {
		out[i] = f.Intent
	}
	return out
}

func (r Run) failedRecords() []entri.FailedRecord { return entri.FailedOptional(r.FailedIntents()...) }

// gaveWay is the optional intents that the plan leaves out because nobody
// decided otherwise.
func (p Plan) gaveWay() []Failed {
	var out []Failed
	for _, r := range p.Results {
		in := p.Request.Intents[r.Intent]
		i := slices.IndexFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Owner == r.Owner && c.By == "optional" })
		if !in.Optional || r.State != plan.Skipped || i < 0 {
			continue
		}
		f := Failed{Index: r.Intent, Intent: in, Code: providers.Conflict, Reason: p.Conflicts[i].Text}
		if p.Conflicts[i].Code == plan.Unsupported {
			f.Code = providers.Unsupported
		}
		out = append(out, f)
	}
	return out
}

// write is an intent that takes part in the change of an owner.
type write struct {
	Intent   int           `json:"intent"`
	Owner    zone.Name     `json:"owner"`
	Optional bool          `json:"optional,omitempty"`
	Records  []zone.Record `json:"records,omitempty"`  // that it adds
	Required string        `json:"required,omitempty"` // SPF
}

// writes is nil where no intent is optional.
func (p Plan) writes() []write {
	if !slices.ContainsFunc(p.Request.Intents, func(in plan.Intent) bool { return in.Optional }) {
		return nil
	}
	var out []write
	for _, r := range p.Results {
		i := slices.IndexFunc(p.Changes, func(c plan.Change) bool { return c.Owner == r.Owner })
		if i < 0 {
			continue
		}
		adds := slices.DeleteFunc(slices.Clone(r.Records), func(rec zone.Record) bool { return !zone.Contains(p.Changes[i].Add, rec) })
		if len(adds) > 0 || r.State == plan.Added {
			out = append(out, write{r.Intent, r.Owner, p.Request.Intents[r.Intent].Optional, adds, r.Required})
		}
	}
	return out
}

// onlyOptional reports whether nothing but optional intents writes at an owner.
func onlyOptional(writes []write, owner zone.Name) bool {
	found := false
	for _, w := range writes {
		if w.Owner == owner {
			if !w.Optional {
				return false
			}
			found = true
		}
	}
	return found
}
