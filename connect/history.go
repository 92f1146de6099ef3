package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// journaled is a run from the journal with the request it was made from.
type journaled struct {
	run providers.Run
	req journalRequest
}

// runsOn is the runs on a zone, oldest first. damaged is what the journal could
// not read, of whatever zone.
func (e *Engine) runsOn(ctx context.Context, apex zone.Name) (runs []journaled, damaged *providers.Damaged, err error) {
	all, err := e.journal.List(ctx)
	if damaged, _ = errors.AsType[*providers.Damaged](err); err != nil && damaged == nil {
		return nil, nil, err
	}
	for _, r := range all {
		if r.Zone.Apex != apex || len(r.Request) == 0 { // without a request it is not the engine's
			continue
		}
		j := journaled{run: r}
		if err := json.Unmarshal(r.Request, &j.req); err != nil {
			return nil, nil, fmt.Errorf("connect: journal: run %s: %w", r.ID, err)
		}
		runs = append(runs, j)
	}
	return runs, damaged, nil
}

// parts is the IDs of the run and of the one that it completes, oldest first.
func (j journaled) parts() []string {
	if j.req.Completes == "" {
		return []string{j.run.ID}
	}
	return []string{j.req.Completes, j.run.ID}
}

// applied is what the runs wrote: changes that the zone was seen to hold, and
// parts of them. Where runs merged, an SPF record that no merge explains is left
// out, for what one run wrote another may have merged with, and somebody have
// edited since; snap is for a single run, whose record may stand just as it was
// left. A copy of a wildcard's is as it was written, like every other record.
func applied(runs []journaled, snap zone.Snapshot) []plan.Applied {
	undone, copies := unmerged(runs), copied(runs)
	out := make([]plan.Applied, 0, len(runs))
	for _, j := range runs {
		if j.run.End == nil {
			continue
		}
		a := plan.Applied{Changes: j.wrote(), Copied: j.req.Copied}
		for _, s := range j.req.SPF {
			if _, gone := undone[s.Owner][j.run.ID]; !gone && j.mayHaveMerged(s.Owner) {
				a.SPF = append(a.SPF, s)
			}
		}
		for i, c := range a.Changes {
			c = j.asUnit(c, out)
			merged := slices.ContainsFunc(a.SPF, func(s plan.SPFEdit) bool { return s.Owner == c.Owner })
			asLeft := len(runs) == 1 && sameSPF(c.Add, snap.At(c.Owner)) || len(runs) > 1 && undone[c.Owner] == nil
			if merged || !asLeft {
				unexplained := func(r zone.Record) bool { return isSPF(r) && (merged || !zone.Contains(copies, r)) }
				c.Add, c.Remove = slices.DeleteFunc(slices.Clone(c.Add), unexplained), slices.DeleteFunc(slices.Clone(c.Remove), unexplained)
			}
			if merged { // whole, even if it is not known to have been written
				whole := j.change(c.Owner)
				c.Add, c.Remove = append(c.Add, onlySPF(whole.Add)...), append(c.Remove, onlySPF(whole.Remove)...)
			}
			a.Changes[i] = c
		}
		out = append(out, a)
	}
	return out
}

// copied is what the runs gave a name that a wildcard had answered for it.
func copied(runs []journaled) []zone.Record {
	var out []zone.Record
	for _, j := range runs {
		out = append(out, zone.Subtract(j.req.Copied, out)...)
	}
	return out
}

// wrote is the changes of a run that the zone was seen to hold when it ended.
func (j journaled) wrote() []zone.Change {
	var out []zone.Change
	if j.run.End == nil {
		return nil
	}
	for i, o := range j.run.End.Outcomes[:min(len(j.run.Changes), len(j.run.End.Outcomes))] {
		switch {
		case o.State == providers.Applied:
			out = append(out, j.run.Changes[i])
		case o.Part != nil:
			out = append(out, *o.Part)
		}
	}
	return out
}

// change is what a run was to do at an owner.
func (j journaled) change(owner zone.Name) zone.Change {
	i := slices.IndexFunc(j.run.Changes, func(c zone.Change) bool { return c.Owner == owner })
	if i < 0 {
		return zone.Change{Owner: owner}
	}
	return j.run.Changes[i]
}

// asUnit completes what a run wrote of a change that it did not finish. All that
// a name points at, or that takes its mail, comes back as a whole: what the run
// left of it, or had brought back already, is not somebody's new value. What
// earlier runs wrote of it is ours.
func (j journaled) asUnit(c zone.Change, earlier []plan.Applied) zone.Change {
	whole := j.change(c.Owner)
	if len(c.Add)+len(c.Remove) == len(whole.Add)+len(whole.Remove) {
		return c
	}
	together := func(r zone.Record) bool { return pointing(r) || r.Type == "MX" }
	var back []plan.Applied // earlier runs, the other way round
	for _, e := range slices.Backward(earlier) {
		var inverse plan.Applied
		for _, o := range e.Changes {
			inverse.Changes = append(inverse.Changes, o.Inverse())
		}
		back = append(back, inverse)
	}
	ours, gone := plan.Ours(earlier), plan.Ours(back)
	c.Add = slices.DeleteFunc(slices.Clone(c.Add), func(r zone.Record) bool { return together(r) && zone.Contains(gone, r) })
	left := slices.DeleteFunc(zone.Subtract(whole.Remove, c.Remove), func(r zone.Record) bool { return !together(r) || zone.Contains(ours, r) })
	c.Remove = slices.Concat(c.Remove, left)
	return c
}

// wroteSPF reports whether a run changed the SPF record of an owner.
func (j journaled) wroteSPF(owner zone.Name) bool {
	return slices.ContainsFunc(j.wrote(), func(c zone.Change) bool {
		return c.Owner == owner && slices.ContainsFunc(slices.Concat(c.Add, c.Remove), isSPF)
	})
}

// mayHaveMerged is for a run that merged: one that was cut off may have, before
// somebody edited the record. Taking back what is not there does nothing.
func (j journaled) mayHaveMerged(owner zone.Name) bool {
	i := slices.IndexFunc(j.run.Changes, func(c zone.Change) bool { return c.Owner == owner })
	return j.wroteSPF(owner) || i >= 0 && i < len(j.run.End.Outcomes) && j.run.End.Outcomes[i].Part != nil
}

// pointing reports whether a record says what its owner points at.
func pointing(r zone.Record) bool {
	return slices.Contains([]string{"A", "AAAA", "CNAME", zone.TypeAlias, zone.TypeRedirect}, r.Type)
}

func isSPF(r zone.Record) bool { return r.Type == "TXT" && !r.Opaque && spf.IsRecord(r.Text()) }

func onlySPF(recs []zone.Record) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { return !isSPF(r) })
}

func sameSPF(a, b []zone.Record) bool {
	a, b = onlySPF(a), onlySPF(b)
	return len(zone.Subtract(a, b))+len(zone.Subtract(b, a)) == 0
}

// pick is the runs with these IDs.
func pick(runs []journaled, ids []string) ([]journaled, error) {
	var out []journaled
	for _, id := range ids {
		i := slices.IndexFunc(runs, func(j journaled) bool { return j.run.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("connect: run %q: %w", id, providers.ErrNoRun)
		}
		out = append(out, runs[i])
	}
	return out, nil
}

func (e *Engine) load(ctx context.Context, id string) (journaled, error) {
	r, err := e.journal.Load(ctx, id)
	if err != nil {
		return journaled{}, err
	}
	j := journaled{run: r}
	if err := json.Unmarshal(r.Request, &j.req); err != nil {
		return journaled{}, fmt.Errorf("connect: journal: run %s: %w", id, err)
	}
	return j, nil
}
