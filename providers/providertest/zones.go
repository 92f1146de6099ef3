package providertest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var zoneCases = []Case{
	{"find", "Find answers for exactly the apex that was asked.", findZone},
	{"find-unknown", "A zone that the account does not hold is NoSuchZone.", findUnknown},
	{"find-inside", "A name inside a zone is no zone: NoSuchZone, never the zone around it.", findInside},
	{"list", "A session that lists zones lists this one.", listZones},
	{"read-complete", "Read is every record: the apex, wildcards, underscores and deep names too.", readComplete},
	{"read-many", "Read is every record of a zone of some hundred, all pages.", readMany},
	{"read-canonical", "Read is a canonical, sorted snapshot of this zone.", readCanonical},
	{"read-stable", "Two reads of a zone that nobody changed are the same.", readStable},
}

func findZone(e *env) error {
	if e.zone.Apex != e.apex || e.zone.ID == "" {
		return fmt.Errorf("apex %q, id %q: want apex %q and an id", e.zone.Apex, e.zone.ID, e.apex)
	}
	return nil
}

func findUnknown(e *env) error {
	_, err := e.session.Find(e.ctx(), "no-such-zone.invalid")
	return typed(err, providers.NoSuchZone)
}

func findInside(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	for _, rel := range []string{"mail", "nothing-here"} {
		_, err := e.session.Find(e.ctx(), e.name(rel))
		if err := typed(err, providers.NoSuchZone); err != nil {
			return fmt.Errorf("%s: %w", e.name(rel), err)
		}
	}
	return nil
}

func listZones(e *env) error {
	l, ok := e.session.(providers.Lister)
	if !ok {
		return notHere("the driver does not list zones")
	}
	all, err := l.List(e.ctx())
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(z providers.Zone) bool { return z.Apex == e.apex }) {
		return fmt.Errorf("%s is not among %d zones", e.apex, len(all))
	}
	return nil
}

// same seeds, then wants a fresh session to read just that.
func (e *env) same(records []zone.Record) error {
	truth, err := e.seedOnly(records...)
	if err != nil {
		return err
	}
	for _, r := range records {
		if !slices.Contains(truth.Records, r) {
			return fmt.Errorf("%s was put into the zone and is not there", show(r))
		}
	}
	got, err := e.session.Read(e.ctx(), e.zone)
	if err != nil {
		return err
	}
	return differ(withoutSOA(got), truth)
}

func readComplete(e *env) error { return e.same(e.neighbours()) }

func readMany(e *env) error {
	recs := slices.Concat(e.neighbours(), e.many(250))
	if err := e.room(len(recs)); err != nil {
		return err
	}
	return e.same(recs)
}

func readCanonical(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	snap, err := e.session.Read(e.ctx(), e.zone)
	if err != nil {
		return err
	}
	if snap.Zone != e.apex {
		return fmt.Errorf("the snapshot is of %q", snap.Zone)
	}
	if !slices.Equal(snap.Records, zone.NewSnapshot(e.apex, snap.Records).Records) {
		return errors.New("the records are not as zone.NewSnapshot makes them")
	}
	for _, r := range snap.Records {
		if !r.Name.Within(e.apex) {
			return fmt.Errorf("%s is not in the zone", show(r))
		}
	}
	return nil
}

func readStable(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	a, err := e.session.Read(e.ctx(), e.zone)
	if err != nil {
		return err
	}
	b, err := e.session.Read(e.ctx(), e.zone)
	if err != nil {
		return err
	}
	if !slices.Equal(a.Records, b.Records) || a.Meta != b.Meta || a.Tag != b.Tag {
		return errors.New("they differ")
	}
	return nil
}
