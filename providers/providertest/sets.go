package providertest

import (
	"fmt"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var setCases = []Case{
	{"set-1", "An RRset becomes exactly the one value it must hold.", func(e *env) error { return e.replaced(1) }},
	{"set-2", "An RRset becomes exactly the two values it must hold.", func(e *env) error { return e.replaced(2) }},
	{"set-10", "An RRset becomes exactly the ten values it must hold.", func(e *env) error { return e.replaced(10) }},
	{"set-new", "An owner that was not there comes into being, and nothing else changes.", setNew},
	{"set-gone", "An RRset that goes takes nothing with it.", setGone},
	{"add-beside", "A value added beside others leaves the others as they are.", addBeside},
	{"remove-one", "One of many values goes, and the others stay.", removeOne},
	{"replace-one", "One of many values is replaced, and the others stay.", replaceOne},
	{"apex", "A TXT at the apex is written without touching mail or anything else there.", apexText},
	{"wildcard", "A wildcard is an owner like any other: written and removed by itself.", wildcard},
	{"underscore", "Names with underscores and many labels are written as they are.", underscore},
	{"several", "A plan of several owners changes just those.", several},
	{"replay", "The same change again changes nothing and sends nothing.", replay},
}

func (e *env) addresses(rel string, from, n int) []zone.Record {
	var out []zone.Record
	for i := range n {
		out = append(out, e.rec(rel, "A", fmt.Sprintf("203.0.113.%d", from+i)))
	}
	return out
}

// replaced turns three addresses into n others.
func (e *env) replaced(n int) error {
	old := e.addresses("set", 1, 3)
	before, err := e.seed(old...)
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{Owner: e.name("set"), Remove: old, Add: e.addresses("set", 100, n)})
}

func setNew(e *env) error {
	before, err := e.seed()
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{Owner: e.name("new"), Add: e.addresses("new", 1, 2)})
}

func setGone(e *env) error {
	old := e.addresses("gone", 1, 3)
	before, err := e.seed(append(old, e.txt("gone", "stays"))...)
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{Owner: e.name("gone"), Remove: old})
}

func (e *env) tokens() []zone.Record {
	return []zone.Record{e.txt("txt", "first"), e.txt("txt", "second value"), e.txt("txt", "third")}
}

func addBeside(e *env) error {
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{Owner: e.name("txt"), Add: []zone.Record{e.txt("txt", "mine")}})
}

func removeOne(e *env) error {
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{Owner: e.name("txt"), Remove: e.tokens()[1:2]})
}

func replaceOne(e *env) error {
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{Owner: e.name("txt"), Remove: e.tokens()[1:2], Add: []zone.Record{e.txt("txt", "other")}})
}

func apexText(e *env) error {
	before, err := e.seed()
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{
		Owner:  e.apex,
		Remove: []zone.Record{e.txt("@", "v=spf1 include:mail.example -all")},
		Add:    []zone.Record{e.txt("@", "v=spf1 include:mail.example include:app.example -all")},
	})
}

func wildcard(e *env) error {
	if e.zone.Caps.NoWildcard {
		return notHere("the host has no wildcards")
	}
	before, err := e.seed(e.rec("star.w", "A", "192.0.2.77"))
	if err != nil {
		return err
	}
	c := zone.Change{Owner: e.name("*.w"), Add: []zone.Record{e.rec("*.w", "A", "192.0.2.78")}}
	if err := e.becomes(before, c); err != nil {
		return err
	}
	if err := e.apply(c.Inverse()); err != nil {
		return err
	}
	return e.holds(before)
}

func underscore(e *env) error {
	before, err := e.seed()
	if err != nil {
		return err
	}
	var changes []zone.Change
	for _, rel := range []string{"_acme-challenge", "s1._domainkey", "_a.very._deep.name-with.x1.y2.z3", "0", "a--b"} {
		changes = append(changes, zone.Change{Owner: e.name(rel), Add: []zone.Record{e.txt(rel, "value of "+rel)}})
	}
	return e.becomes(before, changes...)
}

func several(e *env) error {
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	return e.becomes(
		before,
		zone.Change{Owner: e.name("txt"), Remove: e.tokens()[:1], Add: []zone.Record{e.txt("txt", "mine")}},
		zone.Change{Owner: e.name("mail"), Remove: []zone.Record{e.rec("mail", "A", "192.0.2.30")}},
		zone.Change{Owner: e.name("n1"), Add: []zone.Record{e.txt("n1", "x"), e.rec("n1", "A", "192.0.2.99")}},
		zone.Change{Owner: e.name("_dmarc"), Remove: []zone.Record{e.txt("_dmarc", "v=DMARC1; p=none")}},
	)
}

func replay(e *env) error {
	before, err := e.seed(e.tokens()...)
	if err != nil {
		return err
	}
	c := zone.Change{Owner: e.name("txt"), Remove: e.tokens()[:1], Add: []zone.Record{e.txt("txt", "mine")}}
	if err := e.becomes(before, c); err != nil {
		return err
	}
	writes := e.writes()
	for _, o := range e.acct.Apply(e.ctx(), e.zone, []zone.Change{c}, &providers.Run{}) {
		if o.State != providers.Unchanged {
			return fmt.Errorf("the second time: %s %s", o.State, o.Detail)
		}
	}
	if n := e.writes() - writes; n != 0 {
		return fmt.Errorf("the second time: %d writes were sent", n)
	}
	return e.holds(before.With(c))
}

// writes is the harness's count, 0 where it has none.
func (e *env) writes() int {
	if e.h.Writes == nil {
		return 0
	}
	return e.h.Writes()
}
