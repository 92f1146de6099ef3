package plan_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// undone: taking the plan back gives the zone before, to the byte. What was
// wrong with that zone need not come back.
func undone(tr trial) error {
	u, err := tr.undo(plan.UndoRequest{Domain: domain, Snapshot: tr.after, Caps: tr.Caps, Runs: []plan.Applied{tr.run()}})
	if err != nil {
		return fmt.Errorf("undone: %w", err)
	}
	back := tr.after.With(u.ZoneChanges()...)
	if d := cmp.Diff(back.Records, tr.Zone.Records); d != "" && len(violations(tr.Zone.Records)) == 0 {
		return fmt.Errorf("undone: not the zone before (-got +want):\n%s", d)
	}
	return untouched(tr.after, back, u)
}

// undoneBesideEdit: what somebody did to the zone after us stays when we go,
// and going breaks nothing.
func undoneBesideEdit(tr trial) error {
	edit, ok := tr.edit()
	if !ok {
		return nil
	}
	edited := tr.after.With(edit)
	u, err := tr.undo(plan.UndoRequest{Domain: domain, Snapshot: edited, Caps: tr.Caps, Runs: []plan.Applied{tr.run()}})
	if err != nil {
		return err
	}
	back := edited.With(u.ZoneChanges()...)
	fault := untouched(edited, back, u)
	for _, r := range edit.Add {
		if !slices.Contains(back.Records, r) && !(spf.IsRecord(r.Text()) && r.Type == "TXT") {
			fault = fmt.Errorf("%v is lost", r)
		}
	}
	for _, r := range edit.Remove {
		if zone.Contains(back.Records, r) && !zone.Contains(edit.Add, r) {
			fault = fmt.Errorf("%v came back, and somebody had removed it", r)
		}
	}
	old := violations(tr.Zone.Records)
	for _, v := range violations(back.Records) {
		if !slices.Contains(old, v) {
			fault = fmt.Errorf("undoing broke the zone: %s", v)
		}
	}
	if fault != nil {
		return fmt.Errorf("undone beside an edit: %w\n\nedit: %+v\n\nundo:\n%s", fault, edit, u.Text())
	}
	return nil
}

// edit is what somebody does at an owner of the plan after it was carried out:
// something goes, something comes, or both. ok is false where that is no edit,
// or one that does what taking the plan back does.
func (tr trial) edit() (edit zone.Change, ok bool) {
	if len(tr.plan.Changes) == 0 {
		return edit, false
	}
	d := &dice{rolls: tr.Dice}
	edit.Owner = tr.plan.Changes[d.roll(len(tr.plan.Changes))].Owner
	if here := tr.after.At(edit.Owner); d.roll(2) == 0 && len(here) > 0 {
		edit.Remove = []zone.Record{here[d.roll(len(here))]}
	}
	if len(edit.Remove) == 0 || d.roll(2) == 0 {
		pool := slices.Concat(data["any"], data["_dmarc"], data["s1._domainkey"])
		r := pool[d.roll(len(pool))]
		r.Name, r.TTL = edit.Owner, 7
		edit.Add = []zone.Record{r}
		if zone.Contains(tr.after.At(r.Name), r) || zone.Contains(tr.Zone.At(r.Name), r) {
			return edit, false
		}
	}
	return edit, len(violations(tr.after.With(edit).Records)) == 0 // or no host takes it
}

// undoneTogether: two runs that are taken back together leave the zone as it
// was before the first. A value that the second wrote again as the first had
// found it stays as the second wrote it, with its TTL.
func undoneTogether(tr trial) error {
	runs := []plan.Applied{tr.run()}
	next := tr.scenario
	next.Zone, next.Intents = tr.after, tr.Next
	second, err := tr.try(next, tr.outside, plan.Ours(runs)...)
	if isInput(err) {
		return nil
	}
	if err != nil {
		return err
	}
	fault := errors.Join(untouchedLaw(second), legalLaw(second))
	u, err := tr.undo(plan.UndoRequest{Domain: domain, Snapshot: second.after, Caps: tr.Caps, Runs: append(runs, second.run())})
	if err != nil {
		return err
	}
	back := second.after.With(u.ZoneChanges()...)
	if d := cmp.Diff(lines(back.Records), lines(tr.Zone.Records), sorted); d != "" && len(violations(tr.Zone.Records)) == 0 {
		fault = errors.Join(fault, fmt.Errorf("undone together: not the zone before (-got +want):\n%s", d))
	}
	if fault != nil {
		return fmt.Errorf("%w\n\nnext: %+v\n%s\n\nundo:\n%s", fault, next.Intents, second.plan.Text(), u.Text())
	}
	return nil
}
