package providertest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// place is a zone and who works on it.
type place struct {
	session providers.Session
	acct    *providers.Account
	zone    providers.Zone
}

func (p place) txt(e *env, rel, value string) zone.Record {
	return zone.NewTXT(zone.Name(rel+"."+string(p.zone.Apex)), e.ttl(usualTTL), value)
}

// become is the zone after the changes, or why they were not made.
func (p place) become(e *env, changes ...zone.Change) error {
	for _, o := range p.acct.Apply(e.ctx(), p.zone, changes, &providers.Run{}) {
		if o.State != providers.Applied && o.State != providers.Unchanged {
			return fmt.Errorf("%s: %s %s: %s", o.Owner.FQDN(), o.State, o.Code, o.Detail)
		}
	}
	return nil
}

func (p place) read(e *env) (zone.Snapshot, error) {
	snap, err := p.session.Read(e.ctx(), p.zone)
	return withoutSOA(snap), err
}

// emptied is the place without what earlier cases have left there.
func (p place) emptied(e *env) error {
	now, err := p.session.Read(e.ctx(), p.zone)
	if err != nil {
		return err
	}
	return p.become(e, zone.Diff(now, zone.NewSnapshot(p.zone.Apex, own(now)))...)
}

// apart does in each of two places what must not show in the other.
func (e *env) apart(first, second place) error {
	before, err := e.seed(e.txt("same", "of the first"))
	if err != nil {
		return err
	}
	add := zone.Change{Owner: "same." + second.zone.Apex, Add: []zone.Record{second.txt(e, "same", "of the second")}}
	if err := second.become(e, add); err != nil {
		return err
	}
	if err := e.holds(before); err != nil {
		return fmt.Errorf("the first zone, after a write in the second: %w", err)
	}
	theirs, err := second.read(e)
	if err != nil {
		return err
	}
	if got := theirs.At(add.Owner); !zone.Contains(got, add.Add[0]) || len(got) != 1 {
		return fmt.Errorf("the second zone holds %v at %s", got, add.Owner.FQDN())
	}
	if err := first.become(e, zone.Change{Owner: e.name("same"), Remove: []zone.Record{e.txt("same", "of the first")}}); err != nil {
		return err
	}
	now, err := second.read(e)
	if err != nil {
		return err
	}
	if err := differ(now, theirs); err != nil {
		return fmt.Errorf("the second zone, after a write in the first: %w", err)
	}
	return nil
}

// atOnce has four writers in each of two places.
func (e *env) atOnce(places ...place) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, 4*len(places))
	want := make([]zone.Snapshot, len(places))
	for i, p := range places {
		now, err := p.read(e)
		if err != nil {
			return err
		}
		want[i] = now
		for n := range 4 {
			c := zone.Change{Owner: "many." + p.zone.Apex, Add: []zone.Record{p.txt(e, "many", fmt.Sprintf("%d of place %d", n, i))}}
			want[i] = want[i].With(c)
			wg.Go(func() { errs[4*i+n] = p.become(e, c) })
		}
	}
	wg.Wait()
	for i, p := range places {
		now, err := p.read(e)
		if err == nil {
			err = differ(now, want[i])
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
