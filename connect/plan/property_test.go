package plan_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// cases is how many a property is tried on.
func cases(t *testing.T) {
	n := "1000"
	if testing.Short() {
		n = "100"
	}
	if os.Getenv("MOORING_LONG") != "" {
		n = "10000"
	}
	old := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", old) })
}

func report(rt *rapid.T, sc scenario, p plan.Plan, err error) {
	var b strings.Builder
	_ = sc.Zone.WriteText(&b)
	rt.Fatalf("%v\n\nzone:\n%s\nintents: %+v\ncaps: %+v\n\nplan:\n%s", err, b.String(), sc.Intents, sc.Caps, p.Text())
}

func isInput(err error) bool {
	_, ok := errors.AsType[*plan.InputError](err)
	return ok
}

func TestLaws(t *testing.T) {
	cases(t)
	outside := elsewhere(t)
	refused, planned := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenarios.Draw(rt, "scenario")
		req, p, err := settle(sc, outside)
		if isInput(err) {
			refused++
			return
		}
		planned++
		if err == nil {
			err = laws(req, p, outside)
		}
		if err != nil {
			report(rt, sc, p, err)
		}
	})
	t.Logf("%d planned, %d refused", planned, refused)
}

// The order in which a zone is read, intents are given, facts come in and
// decisions are made must not show in the plan.
func TestOrder(t *testing.T) {
	cases(t)
	outside := elsewhere(t)
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenarios.Draw(rt, "scenario")
		req, p, err := settle(sc, outside)
		if err != nil {
			return
		}
		order := rapid.Permutation(indexes(len(req.Intents))).Draw(rt, "order")
		other := req
		other.Snapshot = zone.NewSnapshot(domain, rapid.Permutation(req.Snapshot.Records).Draw(rt, "records"))
		other.Facts = rapid.Permutation(req.Facts).Draw(rt, "facts")
		other.Decisions = rapid.Permutation(req.Decisions).Draw(rt, "decisions")
		other.Intents = nil
		for _, i := range order {
			other.Intents = append(other.Intents, req.Intents[i])
		}
		q, err := plan.New(other)
		if err != nil {
			report(rt, sc, p, err)
		}
		results := slices.Clone(q.Results)
		for i, r := range results {
			r.Intent = order[i]
			q.Results[order[i]] = r
		}
		if d := cmp.Diff(encode(q), encode(p)); d != "" {
			report(rt, sc, p, fmt.Errorf("in another order (-got +want):\n%s", d))
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func encode(p plan.Plan) string {
	data, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		panic(err)
	}
	return string(data)
}

// What somebody did to the zone after us stays when we go, and going breaks
// nothing.
func TestUndoWithEdit(t *testing.T) {
	cases(t)
	outside := elsewhere(t)
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenarios.Draw(rt, "scenario")
		req, p, err := settle(sc, outside)
		if err != nil || len(p.Changes) == 0 {
			return
		}
		after := sc.Zone.With(p.ZoneChanges()...)
		c := rapid.SampledFrom(p.Changes).Draw(rt, "change")
		edit := zone.Change{Owner: c.Owner}
		if rapid.Bool().Draw(rt, "remove") && len(after.At(c.Owner)) > 0 {
			edit.Remove = []zone.Record{rapid.SampledFrom(after.At(c.Owner)).Draw(rt, "removed")}
		}
		if len(edit.Remove) == 0 || rapid.Bool().Draw(rt, "add") {
			r := rapid.SampledFrom(slices.Concat(data["any"], data["_dmarc"], data["s1._domainkey"])).Draw(rt, "added")
			r.Name, r.TTL = c.Owner, 7
			edit.Add = []zone.Record{r}
		}
		edited := after.With(edit)
		if zone.Contains(after.Records, zone.Record{}) || len(edit.Add) > 0 && (zone.Contains(after.At(c.Owner), edit.Add[0]) || zone.Contains(sc.Zone.At(c.Owner), edit.Add[0])) {
			return // not an edit, or one that does what undoing does
		}
		if len(violations(edited.Records)) > 0 {
			return // nobody's DNS host takes it
		}
		u, err := plan.Undo(plan.UndoRequest{
			Domain: domain, Snapshot: edited, Caps: req.Caps,
			Runs: []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}},
		})
		if err != nil {
			report(rt, sc, p, err)
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
		old := violations(sc.Zone.Records)
		for _, v := range violations(back.Records) {
			if !slices.Contains(old, v) {
				fault = fmt.Errorf("undoing broke the zone: %s", v)
			}
		}
		if fault != nil {
			report(rt, sc, p, fmt.Errorf("%w\n\nedit: %+v\n\nundo:\n%s", fault, edit, u.Text()))
		}
	})
}

// Two runs that are taken back together leave the zone as it was before the
// first. A value that the second wrote again as the first had found it stays as
// the second wrote it, with its TTL.
func TestDisconnect(t *testing.T) {
	cases(t)
	outside := elsewhere(t)
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenarios.Draw(rt, "scenario")
		_, first, err := settle(sc, outside)
		if err != nil {
			return
		}
		runs := []plan.Applied{{Changes: first.ZoneChanges(), SPF: first.SPF}}
		next := scenarios.Draw(rt, "next")
		next.Zone, next.Caps = sc.Zone.With(first.ZoneChanges()...), sc.Caps
		req, second, err := settle(next, outside, plan.Ours(runs)...)
		if err != nil {
			return
		}
		after := next.Zone.With(second.ZoneChanges()...)
		runs = append(runs, plan.Applied{Changes: second.ZoneChanges(), SPF: second.SPF})
		fault := errors.Join(untouched(next.Zone, after, second), named(req, second), legal(next.Zone, after, second))
		u, err := plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: after, Caps: sc.Caps, Runs: runs})
		if err != nil {
			report(rt, sc, first, err)
		}
		back := after.With(u.ZoneChanges()...)
		if d := cmp.Diff(lines(back.Records), lines(sc.Zone.Records), sorted); d != "" && len(violations(sc.Zone.Records)) == 0 {
			fault = errors.Join(fault, fmt.Errorf("not the zone before (-got +want):\n%s", d))
		}
		if fault != nil {
			report(rt, sc, first, fmt.Errorf("%w\n\nnext: %+v\n%s\n\nundo:\n%s", fault, next.Intents, second.Text(), u.Text()))
		}
	})
}
