package providertest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var guardCases = []Case{
	{"cas-changed", "With CAS, a zone that no longer holds Before answers Conflict, and nothing is written.", casChanged},
	{"cas-appeared", "With CAS, an RRset that must not be there and is answers Conflict, and nothing is written.", casAppeared},
	{"cas-absent", "With CAS, a type that must be absent and is not answers Conflict, and nothing is written.", casAbsent},
	{"cas-whole", "With CAS, one conflict keeps all of a transaction from being written.", casWhole},
	{"write-replay", "An edit sent twice leaves the zone as if it was sent once.", writeReplay},
	{"edit-nothing", "An edit whose Before is its After sends nothing, and the zone stays at its version.", editNothing},
	{"edit-whole", "An edit of which one record cannot be written is refused whole.", editWhole},
	{"concurrent", "Eight writers of one zone lose nothing.", concurrent},
}

func (e *env) cas() error {
	if !e.zone.Caps.CAS {
		return notHere("the host does not compare and set")
	}
	return nil
}

// conflict sends the edit and wants it refused, and the zone as it was.
func (e *env) conflict(ed zone.Edit) error {
	before, err := e.read()
	if err != nil {
		return err
	}
	err = e.session.Write(e.ctx(), e.zone, ed)
	if bad := e.holds(before); bad != nil {
		return fmt.Errorf("%w (the answer: %w)", bad, err)
	}
	return nothingWritten(err, providers.Conflict)
}

func casChanged(e *env) error {
	if err := e.cas(); err != nil {
		return err
	}
	if _, err := e.seed(e.tokens()...); err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	// Somebody else replaces the value that the edit is about.
	old, mine := e.tokens()[0], e.txt("txt", "mine")
	if err := e.apply(zone.Change{Owner: e.name("txt"), Remove: []zone.Record{old}, Add: []zone.Record{e.txt("txt", "theirs")}}); err != nil {
		return err
	}
	return e.conflict(e.edit(snap, &old, &mine))
}

func casAppeared(e *env) error {
	if err := e.cas(); err != nil {
		return err
	}
	if _, err := e.seed(); err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	mine := e.rec("appears", "A", "192.0.2.80")
	theirs := mine
	if e.zone.Caps.Grain != providers.GrainRecord { // one record is all that is compared there
		theirs = e.rec("appears", "A", "192.0.2.81")
	}
	if err := e.apply(zone.Change{Owner: e.name("appears"), Add: []zone.Record{theirs}}); err != nil {
		return err
	}
	return e.conflict(e.edit(snap, nil, &mine))
}

func casAbsent(e *env) error {
	if err := e.cas(); err != nil {
		return err
	}
	if err := e.stores("CNAME"); err != nil {
		return err
	}
	old := e.rec("absent", "A", "192.0.2.80")
	if _, err := e.seed(old, e.txt("absent", "somebody's")); err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	for _, typ := range []string{"TXT", zone.AnyType} {
		mine := e.rec("absent", "A", "192.0.2.81")
		ed := e.edit(snap, &old, &mine)
		ed.Absent = []zone.Key{{Name: e.name("absent"), Type: typ}}
		if e.zone.Caps.Grain == providers.GrainZone {
			return notHere("a zone written whole is compared whole")
		}
		if err := e.conflict(ed); err != nil {
			return fmt.Errorf("absent %s: %w", typ, err)
		}
	}
	return nil
}

func casWhole(e *env) error {
	if err := e.cas(); err != nil {
		return err
	}
	if e.zone.Caps.Grain != providers.GrainBatch {
		return notHere("the host has no transactions")
	}
	if _, err := e.seed(e.tokens()...); err != nil {
		return err
	}
	stale := e.txt("txt", "never was there")
	return e.conflict(zone.Edit{
		Before: []zone.Record{stale},
		After:  []zone.Record{e.rec("n1", "A", "192.0.2.90"), e.txt("txt", "mine"), e.rec("zz", "A", "192.0.2.91")},
	})
}

func writeReplay(e *env) error {
	if _, err := e.seed(e.tokens()...); err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	old, mine := e.tokens()[0], e.txt("txt", "mine")
	ed := e.edit(snap, &old, &mine)
	if err := e.session.Write(e.ctx(), e.zone, ed); err != nil {
		return err
	}
	after, err := e.read()
	if err != nil {
		return err
	}
	if err := differ(after, withoutSOA(snap).With(zone.Change{Owner: old.Name, Remove: []zone.Record{old}, Add: []zone.Record{mine}})); err != nil {
		return err
	}
	if err := e.session.Write(e.ctx(), e.zone, ed); err != nil {
		if bad := nothingWritten(err, providers.Conflict); bad != nil {
			return bad
		}
	}
	return e.holds(after)
}

func editNothing(e *env) error {
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	old := e.tokens()[0]
	writes := e.writes()
	if err := e.session.Write(e.ctx(), e.zone, e.edit(snap, &old, &old)); err != nil {
		return err
	}
	if n := e.writes() - writes; n != 0 {
		return fmt.Errorf("%d writes were sent", n)
	}
	after, err := e.raw()
	if err != nil {
		return err
	}
	if after.Tag != snap.Tag {
		return fmt.Errorf("the zone was at version %q and is at %q", snap.Tag, after.Tag)
	}
	return e.holds(before)
}

// editWhole writes what can be written beside what cannot.
func editWhole(e *env) error {
	good := e.rec("whole", "A", "192.0.2.70")
	bad := zone.Record{Name: e.name("whole"), Type: "A", TTL: good.TTL, Data: "not an address", Opaque: true}
	if e.zone.Caps.Grain == providers.GrainRecord {
		return notHere("the host writes one record at a time")
	}
	if e.zone.Caps.Grain != providers.GrainRRset {
		bad.Name = e.name("whole2")
	}
	if _, err := e.seed(); err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	ed := e.edit(snap, nil, &good)
	ed.After = append(ed.After, bad)
	return e.refusedEdit(ed)
}

func concurrent(e *env) error {
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	const writers = 8
	var changes []zone.Change
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		own := fmt.Sprintf("writer%d", i)
		mine := []zone.Change{
			{Owner: e.name("txt"), Add: []zone.Record{e.txt("txt", own)}},
			{Owner: e.name(own), Add: []zone.Record{e.rec(own, "A", fmt.Sprintf("198.51.100.%d", i))}},
		}
		changes = append(changes, mine...)
		wg.Go(func() {
			acct, err := e.account()
			if err != nil {
				errs[i] = err
				return
			}
			for _, o := range acct.Apply(e.ctx(), e.zone, mine, &providers.Run{}) {
				if o.State != providers.Applied {
					errs[i] = fmt.Errorf("writer %d: %s: %s %s", i, o.Owner, o.State, o.Detail)
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return e.holds(before.With(changes...))
}
