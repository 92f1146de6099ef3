package cloudflare_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// outside is the records that the changes do not name.
func outside(s zone.Snapshot, changes []zone.Change) []zone.Record {
	var named []zone.Record
	for _, c := range changes {
		named = append(named, slices.Concat(c.Remove, c.Add)...)
	}
	return zone.Subtract(s.Records, named)
}

// sum is a hash of records with everything that belongs to them.
func sum(recs []zone.Record) [sha256.Size]byte {
	js, err := json.Marshal(recs)
	if err != nil {
		panic(err) // records marshal
	}
	return sha256.Sum256(js)
}

// loose is a snapshot whose new values have lost what a value takes over from the
// record whose place it takes: comment, tags and settings.
func loose(s, start zone.Snapshot, changes []zone.Change) zone.Snapshot {
	s.Records = slices.Clone(s.Records)
	for i, r := range s.Records {
		isNew := slices.ContainsFunc(changes, func(c zone.Change) bool { return zone.Contains(c.Add, r) }) && !zone.Contains(start.Records, r)
		if !isNew {
			continue
		}
		pairs := slices.DeleteFunc(strings.Fields(r.Meta), func(p string) bool {
			return strings.HasPrefix(p, "comment=") || strings.HasPrefix(p, "tags=") || strings.HasPrefix(p, "flatten_cname=")
		})
		s.Records[i].Meta = strings.Join(pairs, " ")
	}
	return s
}

// stands is nil where the zone is what the plan makes of start.
func stands(got, start zone.Snapshot, changes []zone.Change) error {
	if sum(outside(got, changes)) != sum(outside(start, changes)) {
		return fmt.Errorf("what is outside the plan has changed:\n%v\nwant\n%v", outside(got, changes), outside(start, changes))
	}
	want := start.With(changes...)
	return differ(loose(got, start, changes), loose(want, start, changes))
}

// TestRandomPlans makes random plans at random zones with all that the host
// stores. Each is applied whole, and everything outside it is as it was.
func TestRandomPlans(t *testing.T) {
	n := drawtest.Times(10000, 1000)
	seed := drawtest.Checks(t, n)
	p := newPlace(t)
	z := p.find()
	records, changed := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		start, changes := randomPlan(rt)
		p.fake.Set(start)
		if err := differ(p.fake.Zone(apex), start); err != nil {
			rt.Fatalf("the fake does not hold what it was given: %v", err)
		}
		out := p.acct.Apply(t.Context(), z, changes, &providers.Run{})
		if err := errors.Join(done(out), stands(p.fake.Zone(apex), start, changes)); err != nil {
			rt.Fatal(err)
		}
		records += len(start.Records)
		changed += len(changes)
	})
	t.Logf("seed %d: %d plans, %d changes in zones of %d records: everything outside them unchanged every time", seed, n, changed, records/n)
}

// TestRandomPlansBare makes the same plans with the bare module, RRset by RRset,
// and counts what it loses.
func TestRandomPlansBare(t *testing.T) {
	n := drawtest.Times(10000, 1000)
	seed := drawtest.Checks(t, n)
	p := newPlace(t)
	p.driver = bareDriver(p.fake)
	z := p.find()
	s, err := p.driver.Open(p.creds)
	if err != nil {
		t.Fatal(err)
	}
	harmed, lost, deceived := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		start, changes := randomPlan(rt)
		p.fake.Set(start)
		want := start.With(changes...)
		success := true
		for _, k := range (zone.Edit{Before: start.Records, After: want.Records}).Keys() {
			e := zone.Edit{Before: start.Set(k.Name, k.Type), After: want.Set(k.Name, k.Type)}
			if !slices.Equal(e.Before, e.After) {
				success = s.Write(t.Context(), z, e) == nil && success
			}
		}
		got := p.fake.Zone(apex)
		gone := 0
		for _, r := range outside(start, changes) {
			if !slices.Contains(got.Records, r) {
				gone++
			}
		}
		if lost += gone; gone > 0 {
			harmed++
		}
		if success && differ(loose(got, start, changes), loose(want, start, changes)) != nil {
			deceived++
		}
	})
	t.Logf("seed %d: of %d plans, %d harmed records outside the plan, %d records in all; %d were called done and were not", seed, n, harmed, lost, deceived)
	if harmed == 0 || lost == 0 {
		t.Error("the bare module lost nothing: the plans do not bite")
	}
}
