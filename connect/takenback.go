package connect

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/verify"
)

// takenBack is, for each run that was taken back, the index of the last one that
// did. One that was taken back itself did not, nor one that left undone what
// counts: it may have failed.
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
// its owner's, though we wrote the copy.
func (w *workspace) ours(snap zone.Snapshot) []zone.Record {
	return zone.Subtract(plan.Ours(applied(w.runs, snap)), copied(w.connected()))
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
	by, staying := takenBack(w.runs, journaled.wroteAny), w.staying()
	for i, j := range back {
		if j.req.Kind != Connects {
			continue
		}
		at := w.place(j.run.ID)
		for k, s := range out[i].SPF {
			out[i].SPF[k].Provenance = w.rebased(by, at, s)
			if w.buildsOnAll(staying, by, at, out[i].SPF[k]) {
				out[i].SPF[k].Provenance.AllAfter = out[i].SPF[k].Provenance.AllBefore // nothing to restore
			}
		}
		for _, o := range slices.Backward(w.runs[:at]) {
			if w.req.Kind == Undoes && o.req.Kind == Connects && by[o.run.ID] > at { // Disconnect names them too
				for k, c := range out[i].Changes {
					out[i].Changes[k].Remove = o.before(c.Remove)
				}
			}
		}
	}
	return out, nil
}

// before is records of one owner with what stood there before the run in the
// place of what it wrote.
func (j journaled) before(recs []zone.Record) []zone.Record {
	for _, c := range j.wrote() {
		wrote := zone.Subtract(c.Add, c.Remove)
		kept := zone.Subtract(recs, wrote)
		gone := zone.Subtract(recs, kept)
		for _, r := range zone.Subtract(zone.Subtract(c.Remove, c.Add), kept) {
			inPlace := func(g zone.Record) bool {
				return g.Type == r.Type && isSPF(g) == isSPF(r) || pointing(g) && pointing(r)
			}
			if slices.ContainsFunc(gone, inPlace) {
				kept = append(kept, r)
			}
		}
		recs = kept
	}
	return recs
}

// rebased is how the run at an index changed an SPF record, as if the merges
// before it that were taken back since had not been. What they left because
// this one built on it goes with this one: the record itself, and its all.
func (w *workspace) rebased(by map[string]int, at int, s plan.SPFEdit) spf.Provenance {
	p := s.Provenance
	for _, o := range slices.Backward(w.runs[:at]) {
		if by[o.run.ID] <= at { // taken back before, or not at all
			continue
		}
		for _, e := range o.req.SPF {
			before := e.Provenance
			if e.Owner == s.Owner && before.AllAfter == p.AllBefore && (before.Created || p.AllBefore != p.AllAfter) {
				p.Created, p.AllBefore = p.Created || before.Created, before.AllBefore
			}
		}
	}
	return p
}

// buildsOnAll reports whether a run that stays changed the all that the run at
// an index left in an SPF record: then what that one changed goes with it.
func (w *workspace) buildsOnAll(staying []journaled, by map[string]int, at int, s plan.SPFEdit) bool {
	return slices.ContainsFunc(staying, func(o journaled) bool {
		later := w.place(o.run.ID)
		return later > at && o.wroteSPF(s.Owner) && slices.ContainsFunc(o.req.SPF, func(e plan.SPFEdit) bool {
			p := w.rebased(by, later, e)
			return e.Owner == s.Owner && p.AllBefore == s.Provenance.AllAfter && p.AllBefore != p.AllAfter
		})
	})
}

// reliedOn is a warning for everything that goes and that a run which stays
// connected needs: it found it in place, or has built on it.
func (w *workspace) reliedOn(before, after zone.Snapshot) []plan.Warning {
	var out []plan.Warning
	said := map[zone.Record]bool{}
	for _, j := range slices.Backward(w.staying()) { // of a service connected again and again, the last
		for _, x := range j.req.Expect {
			if x.Gone || said[x.Record] || !stands(before, x) || stands(after, x) {
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

// stands reports whether the zone itself holds what a run needs.
func stands(s zone.Snapshot, x verify.Expect) bool {
	return slices.ContainsFunc(s.At(x.Record.Name), func(r zone.Record) bool {
		return r.SameData(x.Record) || x.Match == verify.MatchSPF && isSPF(r) && spf.Satisfies(string(r.Name), r.Text(), x.Record.Text())
	})
}
