package connect

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// takenBack is, for each run that was taken back, the index of the last one that
// took it back. A run that was itself taken back does not count, nor one that left
// undone what did asks for.
func takenBack(runs []journaled, did func(journaled) bool) map[string]int {
	by := map[string]int{}
	for i, j := range slices.Backward(runs) {
		if _, gone := by[j.run.ID]; gone || j.req.Kind == Connects || !did(j) {
			continue
		}
		for _, id := range j.req.Runs {
			if _, later := by[id]; !later {
				by[id] = i
			}
		}
	}
	return by
}

// wroteAny reports whether a run changed the zone at all.
func (j journaled) wroteAny() bool { return len(j.wrote()) > 0 }

// unmerged is takenBack for each owner of an SPF record that runs merged into:
// who took what they merged there out again.
func unmerged(runs []journaled) map[zone.Name]map[string]int {
	out := map[zone.Name]map[string]int{}
	for _, j := range runs {
		for _, s := range j.req.SPF {
			if out[s.Owner] == nil {
				out[s.Owner] = takenBack(runs, func(j journaled) bool { return j.wroteSPF(s.Owner) })
			}
		}
	}
	return out
}

// connected is the runs that stand: they wrote something, and were not taken
// back.
func (w *workspace) connected() []journaled {
	by := takenBack(w.runs, journaled.wroteAny)
	return slices.DeleteFunc(slices.Clone(w.runs), func(j journaled) bool {
		_, gone := by[j.run.ID]
		return gone || j.req.Kind != Connects || !j.wroteAny()
	})
}

// staying is the connected runs that the request does not take back.
func (w *workspace) staying() []journaled {
	return slices.DeleteFunc(w.connected(), func(j journaled) bool { return slices.Contains(w.req.Runs, j.run.ID) })
}

// place is the index of a run of the zone's.
func (w *workspace) place(id string) int {
	return slices.IndexFunc(w.runs, func(j journaled) bool { return j.run.ID == id })
}

// ours is what a plan may replace unasked. What a wildcard had answered stays
// its owner's, though we wrote the copy, unless the service had asked for it.
func (w *workspace) ours(snap zone.Snapshot) []zone.Record {
	var theirs []zone.Record
	for _, j := range w.connected() {
		theirs = append(theirs, zone.Subtract(j.req.Copied, plan.Asked(j.req.Site.Domain, w.zone.Apex, j.req.Intents))...)
	}
	return zone.Subtract(plan.Ours(applied(w.runs, snap)), theirs)
}

// toTakeBack is what the runs that the request names wrote, as if those before
// them that were taken back since had never been: what one of these had written
// nobody wants again, but what had stood there before it. An undo that had
// nothing to write is not in the journal, so its run counts as connected.
func (w *workspace) toTakeBack(snap zone.Snapshot) ([]plan.Applied, error) {
	back, err := pick(w.runs, w.req.Runs)
	if err != nil {
		return nil, err
	}
	back = slices.DeleteFunc(back, func(j journaled) bool { return j.run.End == nil })
	out := applied(back, snap)
	b, staying := w.bases(), w.staying()
	for i, j := range back {
		if j.req.Kind != Connects {
			continue
		}
		at := w.place(j.run.ID)
		mine := b.rebased(at, out[i])
		out[i].SPF = mine.SPF
		if w.req.Kind == Undoes { // Disconnect names those below too
			out[i].Changes = mine.Changes
		}
		for k, s := range out[i].SPF {
			if w.buildsOnAll(staying, b, at, s) {
				out[i].SPF[k].Provenance.AllAfter = s.Provenance.AllBefore // nothing to restore
			}
		}
	}
	return out, nil
}

// bases is what the runs on a zone wrote that connected, each as if those before
// it that were taken back after it had never been.
type bases struct {
	runs  []journaled
	by    map[string]int // takenBack
	wrote []plan.Applied // by index in runs; those so far, while they are made
}

func (w *workspace) bases() bases {
	b := bases{runs: w.runs, by: takenBack(w.runs, journaled.wroteAny)}
	for at, j := range w.runs {
		var a plan.Applied
		if j.req.Kind == Connects {
			a = b.rebased(at, plan.Applied{Changes: j.wrote(), SPF: j.req.SPF})
		}
		b.wrote = append(b.wrote, a)
	}
	return b
}

// rebased is what the run at an index wrote, as if the runs before it that were
// taken back after it had never been. An SPF record that one of them left because
// this one built on it, and the all in it, go with this one.
func (b bases) rebased(at int, a plan.Applied) plan.Applied {
	a.Changes, a.SPF = slices.Clone(a.Changes), slices.Clone(a.SPF)
	for i, o := range slices.Backward(b.wrote[:at]) {
		if b.by[b.runs[i].run.ID] <= at { // taken back before, or not at all
			continue
		}
		for k, c := range a.Changes {
			for _, earlier := range o.Changes {
				if earlier.Owner == c.Owner {
					a.Changes[k].Remove = before(earlier, a.Changes[k].Remove)
				}
			}
		}
		for k, s := range a.SPF {
			p := &a.SPF[k].Provenance
			for _, e := range o.SPF {
				first := e.Provenance
				if e.Owner == s.Owner && first.AllAfter == p.AllBefore && (first.Created || p.AllBefore != p.AllAfter) {
					p.Created, p.AllBefore = p.Created || first.Created, first.AllBefore
				}
			}
		}
	}
	return a
}

// before is records of one owner with what stood there before a change in the
// place of what it wrote.
func before(c zone.Change, recs []zone.Record) []zone.Record {
	kept := zone.Subtract(recs, zone.Subtract(c.Add, c.Remove))
	gone := zone.Subtract(recs, kept)
	for _, r := range zone.Subtract(zone.Subtract(c.Remove, c.Add), kept) {
		inPlace := func(g zone.Record) bool {
			return g.Type == r.Type && isSPF(g) == isSPF(r) || pointing(g) && pointing(r)
		}
		if slices.ContainsFunc(gone, inPlace) {
			kept = append(kept, r)
		}
	}
	return kept
}

// buildsOnAll reports whether a run that stays changed the all that the run at
// an index left in an SPF record: then what that one changed goes with it.
func (w *workspace) buildsOnAll(staying []journaled, b bases, at int, s plan.SPFEdit) bool {
	return slices.ContainsFunc(staying, func(o journaled) bool {
		later := w.place(o.run.ID)
		return later > at && o.wroteSPF(s.Owner) && slices.ContainsFunc(b.wrote[later].SPF, func(e plan.SPFEdit) bool {
			p := e.Provenance
			return e.Owner == s.Owner && p.AllBefore == s.Provenance.AllAfter && p.AllBefore != p.AllAfter
		})
	})
}

// reliedOn is a warning for everything that goes, from its name or from the
// wildcard that answered for it, and that a run which stays connected needs: it
// found it in place, or has built on it.
func (w *workspace) reliedOn(before, after zone.Snapshot) []plan.Warning {
	var out []plan.Warning
	said := map[zone.Record]bool{}
	for _, j := range slices.Backward(w.staying()) { // of a service connected again and again, the last
		for _, x := range j.req.Expect {
			if x.Gone || said[x.Record] || !answers(before, x) || answers(after, x) {
				continue
			}
			said[x.Record] = true
			has := "has"
			if x.Match == verify.MatchSPF { // a part of it may be left
				has = "allows all of"
			}
			out = append(out, plan.Warning{Code: "relied-on", Owner: x.Record.Name, Text: fmt.Sprintf(
				"%s no longer %s %s %s, which run %s needs too and which stays connected: connect that again afterwards",
				x.Record.Name.FQDN(), has, x.Record.Type, x.Record.Data, j.run.ID)})
		}
	}
	return out
}

// notMergedAgain is a warning for every SPF record that a run took terms out of
// and that taking this run back does not bring them back to: it was changed since.
func (w *workspace) notMergedAgain(after zone.Snapshot) []plan.Warning {
	var out []plan.Warning
	for _, j := range w.runs {
		if j.req.Kind == Connects || !slices.Contains(w.req.Runs, j.run.ID) {
			continue
		}
		for _, c := range j.wrote() {
			for _, r := range onlySPF(c.Remove) {
				if !answers(after, verify.Expect{Record: r, Match: verify.MatchSPF}) {
					out = append(out, plan.Warning{Code: "changed-since", Owner: c.Owner, Text: fmt.Sprintf(
						"the SPF record at %s was changed since, so it does not get back what run %s took out of it; what stood there was %s: connect that again",
						c.Owner.FQDN(), j.run.ID, r.Data)})
				}
			}
		}
	}
	return out
}
