package providertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// env is what a case works with.
type env struct {
	t       TB
	ctx     func() context.Context // of the case
	h       Harness
	driver  providers.Driver
	id      string            // the driver's
	fields  []providers.Field // the driver's
	creds   providers.Credentials
	others  providers.Credentials // of another account, where the case has one
	apex    zone.Name
	locks   providers.Locks
	session providers.Session
	acct    *providers.Account
	zone    providers.Zone

	mu     sync.Mutex
	over   bool     // the case has ended
	breaks []string // what the driver did that no error says
}

// open fills env.
func (e *env) open() (err error) {
	if e.session, err = e.driver.Open(e.creds); err != nil {
		return err
	}
	if e.acct, err = e.account(); err != nil {
		return err
	}
	e.zone, err = e.session.Find(e.ctx(), e.apex)
	return err
}

func (e *env) account() (*providers.Account, error) {
	return providers.Open(e.driver, e.creds, providers.Options{Locks: &e.locks, Lost: e.h.Lost, Limits: e.h.limits})
}

func (e *env) name(rel string) zone.Name {
	if rel == "@" {
		return e.apex
	}
	return zone.Name(rel + "." + string(e.apex))
}

// ttl is the nearest TTL that the host stores.
func (e *env) ttl(ttl uint32) uint32 { return e.zone.Caps.ClampTTL(ttl) }

const usualTTL = 3600

// rec is a record with the usual TTL. Its data is the suite's own, so an
// error in it is one too.
func (e *env) rec(rel, typ, data string) zone.Record {
	r, err := zone.New(e.name(rel), typ, e.ttl(usualTTL), data)
	if err != nil {
		panic(err) // a mistake in the suite
	}
	return r
}

func (e *env) txt(rel, value string) zone.Record {
	return zone.NewTXT(e.name(rel), e.ttl(usualTTL), value)
}

// stores skips a case about types that the host does not store.
func (e *env) stores(types ...string) error {
	for _, typ := range types {
		if !e.zone.Caps.Stores(typ) {
			return notHere("the host stores no " + typ)
		}
	}
	return nil
}

// neighbours is records of somebody else, of many kinds.
func (e *env) neighbours() []zone.Record {
	all := []zone.Record{
		e.rec("@", "A", "192.0.2.10"),
		e.rec("@", "AAAA", "2001:db8::10"),
		e.rec("@", "MX", "10 mx1.mail.example"),
		e.rec("@", "MX", "20 mx2.mail.example"),
		e.txt("@", "v=spf1 include:mail.example -all"),
		e.txt("@", "site-verification=AbC dEf"),
		e.rec("@", "CAA", `0 issue "ca.example"`),
		e.rec("www", "CNAME", "pages.host.example"),
		e.rec("*", "A", "192.0.2.20"),
		e.txt("_dmarc", "v=DMARC1; p=none"),
		e.rec("_sip._tcp", "SRV", "10 60 5060 sip.host.example"),
		e.txt("a.b.c", "deep"),
		e.rec("mail", "A", "192.0.2.30"),
		e.rec("mail", "A", "192.0.2.31"),
	}
	return slices.DeleteFunc(all, func(r zone.Record) bool {
		return !e.zone.Caps.Stores(r.Type) || e.zone.Caps.NoWildcard && r.Name.Label() == "*"
	})
}

// own is what emptying a zone leaves there: what the host keeps itself, and the
// addresses of name servers inside, without which servers refuse to go on.
func own(snap zone.Snapshot) []zone.Record {
	var out []zone.Record
	servers := snap.Set(snap.Zone, "NS")
	for _, r := range snap.Records {
		address := r.Type == "A" || r.Type == "AAAA"
		if r.Name == snap.Zone && (r.Type == "SOA" || r.Type == "NS") || address && slices.ContainsFunc(servers, func(ns zone.Record) bool {
			n, _ := ns.Target()
			return n == r.Name
		}) {
			out = append(out, r)
		}
	}
	return out
}

// seed empties the zone and fills it with the neighbours and these.
func (e *env) seed(more ...zone.Record) (zone.Snapshot, error) {
	return e.seedOnly(slices.Concat(e.neighbours(), more)...)
}

func (e *env) seedOnly(records ...zone.Record) (zone.Snapshot, error) {
	if e.h.Seed != nil {
		e.h.Seed(e.t, records)
		return e.read()
	}
	now, err := e.session.Read(e.ctx(), e.zone)
	if err != nil {
		return now, err
	}
	want := slices.Concat(records, own(now))
	if err := e.apply(zone.Diff(now, zone.NewSnapshot(e.apex, want))...); err != nil {
		return now, fmt.Errorf("filling the zone through the driver: %w", err)
	}
	return e.read()
}

// read is the zone, read with a session of its own, without the SOA record,
// whose serial moves.
func (e *env) read() (zone.Snapshot, error) {
	var snap zone.Snapshot
	if e.h.Zone != nil {
		snap = e.h.Zone(e.t)
	} else {
		s, err := e.driver.Open(e.creds)
		if err != nil {
			return snap, err
		}
		if snap, err = s.Read(e.ctx(), e.zone); err != nil {
			return snap, err
		}
	}
	return withoutSOA(snap), nil
}

func withoutSOA(snap zone.Snapshot) zone.Snapshot {
	snap.Records = slices.DeleteFunc(slices.Clone(snap.Records), func(r zone.Record) bool { return r.Type == "SOA" })
	return snap
}

// apply makes changes through an Account and wants every one applied.
func (e *env) apply(changes ...zone.Change) error {
	for _, o := range e.acct.Apply(e.ctx(), e.zone, changes, &providers.Run{}) {
		if o.State != providers.Applied && o.State != providers.Unchanged {
			return fmt.Errorf("%s: %s %s: %s", o.Owner.FQDN(), o.State, o.Code, o.Detail)
		}
	}
	return nil
}

// becomes applies the changes and compares the whole zone.
func (e *env) becomes(before zone.Snapshot, changes ...zone.Change) error {
	if err := e.apply(changes...); err != nil {
		return err
	}
	return e.holds(before.With(changes...))
}

// holds compares the whole zone with want.
func (e *env) holds(want zone.Snapshot) error {
	got, err := e.read()
	if err != nil {
		return err
	}
	return differ(got, want)
}

// differ is nil, or says what is missing, extra or different.
func differ(got, want zone.Snapshot) error {
	var b strings.Builder
	for _, c := range zone.Diff(want, got) {
		for _, r := range c.Remove {
			fmt.Fprintf(&b, "\n\tmissing %s", show(r))
		}
		for _, r := range c.Add {
			fmt.Fprintf(&b, "\n\textra   %s", show(r))
		}
	}
	if b.Len() == 0 && len(got.Records) != len(want.Records) {
		fmt.Fprintf(&b, "\n\t%d records, want %d: some are there twice", len(got.Records), len(want.Records))
	}
	if b.Len() == 0 {
		return nil
	}
	return errors.New("the zone is not as it must be:" + b.String())
}

func show(r zone.Record) string {
	s := r.String()
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	if r.Meta != "" {
		s += " (" + r.Meta + ")"
	}
	return s
}

// edit is one write, at the host's grain, that takes at most one record away
// and adds at most one, both of one RRset.
func (e *env) edit(snap zone.Snapshot, remove, add *zone.Record) zone.Edit {
	c := zone.Change{}
	var k zone.Key
	if remove != nil {
		c.Remove, k = []zone.Record{*remove}, remove.Key()
	}
	if add != nil {
		c.Add, k = []zone.Record{*add}, add.Key()
	}
	c.Owner = k.Name
	after := snap.With(c)
	ed := zone.Edit{Meta: snap.Meta, Tag: snap.Tag}
	switch e.zone.Caps.Grain {
	case providers.GrainRecord:
		ed.Before, ed.After = c.Remove, c.Add
	case providers.GrainRRset, providers.GrainBatch:
		ed.Before, ed.After = snap.Set(k.Name, k.Type), after.Set(k.Name, k.Type)
	case providers.GrainZone:
		ed.Before, ed.After = snap.Records, after.Records
	}
	return ed
}

// raw is the zone as a session reads it, SOA included: what an edit is made of.
func (e *env) raw() (zone.Snapshot, error) { return e.session.Read(e.ctx(), e.zone) }

// typed wants an *Error with one of the codes.
func typed(err error, codes ...providers.Code) error {
	if err == nil {
		return fmt.Errorf("no error, want %v", codes)
	}
	pe, ok := errors.AsType[*providers.Error](err)
	if !ok {
		return fmt.Errorf("the error is a %T, want *providers.Error: %w", err, err)
	}
	if !slices.Contains(codes, pe.Code) {
		return fmt.Errorf("code %s, want %v: %w", pe.Code, codes, err)
	}
	return nil
}

// nothingWritten is typed, and says that the zone is as it was.
func nothingWritten(err error, codes ...providers.Code) error {
	if bad := typed(err, codes...); bad != nil {
		return bad
	}
	if pe, _ := errors.AsType[*providers.Error](err); pe.Wrote != providers.WroteNo {
		return fmt.Errorf("the error does not say that nothing was written (Wrote is %d): %w", pe.Wrote, err)
	}
	return nil
}
