package providertest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var accountCases = []Case{
	{"credential-check", "A session that can check its credentials holds the valid ones for valid, and a wrong secret for InvalidCredentials.", credentialCheck},
	{"reads-write-nothing", "Finding, reading, listing, checking and a plan that stands already send no write.", readsWriteNothing},
	{"concurrent-reads", "Eight readers of one session each see the whole zone.", concurrentReads},
	{"two-zones", "What is done in one zone of an account does not show in another.", twoZones},
	{"two-zones-at-once", "Writers of two zones of one account at the same time lose nothing in either.", twoZonesAtOnce},
	{"two-accounts", "One account sees and writes no zone of another, also at the same time.", twoAccounts},
}

func credentialCheck(e *env) error {
	c, ok := e.session.(providers.Checker)
	if !ok {
		return notHere("the driver does not check credentials")
	}
	if err := c.Check(e.ctx()); err != nil {
		return fmt.Errorf("with valid credentials: %w", err)
	}
	return e.withWrong(func(s providers.Session) error { return s.(providers.Checker).Check(e.ctx()) },
		func(_ string, err error) error { return typed(err, providers.InvalidCredentials) })
}

func readsWriteNothing(e *env) error {
	if e.h.Writes == nil {
		return notHere("the harness does not count writes")
	}
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	writes := e.h.Writes()
	_, err1 := e.session.Find(e.ctx(), e.apex)
	_, err2 := e.session.Read(e.ctx(), e.zone)
	var err3, err4 error
	if l, ok := e.session.(providers.Lister); ok {
		_, err3 = l.List(e.ctx())
	}
	if c, ok := e.session.(providers.Checker); ok {
		err4 = c.Check(e.ctx())
	}
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	if err := e.apply(zone.Change{Owner: e.name("txt"), Add: e.tokens()}); err != nil {
		return err
	}
	if n := e.h.Writes() - writes; n != 0 {
		return fmt.Errorf("%d writes were sent", n)
	}
	return e.holds(before)
}

func concurrentReads(e *env) error {
	truth, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			snap, err := e.session.Read(e.ctx(), e.zone)
			if err == nil {
				err = differ(withoutSOA(snap), truth)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// second is another zone of the same account.
func (e *env) second() (place, error) {
	if e.h.Second == "" {
		return place{}, notHere("the harness has no second zone")
	}
	z, err := e.session.Find(e.ctx(), e.h.Second)
	if err != nil {
		return place{}, err
	}
	p := place{e.session, e.acct, z}
	return p, p.emptied(e)
}

func twoZones(e *env) error {
	first := place{e.session, e.acct, e.zone}
	second, err := e.second()
	if err != nil {
		return err
	}
	return e.apart(first, second)
}

func twoZonesAtOnce(e *env) error {
	second, err := e.second()
	if err != nil {
		return err
	}
	return e.atOnce(place{e.session, e.acct, e.zone}, second)
}

func twoAccounts(e *env) error {
	if e.h.Other == nil {
		return notHere("the harness has no second account")
	}
	creds, apex := e.h.Other(e.t)
	e.others = creds
	other, err := e.driver.Open(creds)
	if err != nil {
		return err
	}
	for name, find := range map[string]func() error{
		"the other account finds the first zone":       func() error { _, err := other.Find(e.ctx(), e.apex); return err },
		"the first account finds the other's own zone": func() error { _, err := e.session.Find(e.ctx(), apex); return err },
	} {
		if err := typed(find(), providers.NoSuchZone, providers.AccessDenied); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	z, err := other.Find(e.ctx(), apex)
	if err != nil {
		return err
	}
	acct, err := providers.Open(e.driver, creds, providers.Options{Lost: e.h.Lost, Limits: e.h.limits})
	if err != nil {
		return err
	}
	second := place{other, acct, z}
	if err := second.emptied(e); err != nil {
		return err
	}
	first := place{e.session, e.acct, e.zone}
	if err := e.apart(first, second); err != nil {
		return err
	}
	if err := e.trespass(other); err != nil {
		return err
	}
	return e.atOnce(first, second)
}

// trespass has another account write to the first one's zone by its ID.
func (e *env) trespass(other providers.Session) error {
	snap, err := e.raw()
	if err != nil {
		return err
	}
	before, err := e.read()
	if err != nil {
		return err
	}
	mine := e.txt("trespass", "of another account")
	err = other.Write(e.ctx(), e.zone, e.edit(snap, nil, &mine))
	if bad := e.holds(before); bad != nil {
		return fmt.Errorf("another account has written: %w", bad)
	}
	if err == nil {
		return errors.New("another account's write to the zone is answered with success")
	}
	return nil
}
