package providertest

import (
	"fmt"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Hosts answer in pages of 20, 50, 100 or 500 records. A reader that takes one
// page for the zone, or asks for the wrong next one, shows at these sizes.
var sizeCases = []Case{
	{"read-empty", "A zone that holds nothing of the customer's is read as such, and takes its first record.", readEmpty},
	{"read-1", "A zone of one record is read whole.", readSize(1)},
	{"read-100", "A zone of 100 records is read whole.", readSize(100)},
	{"read-101", "A zone of 101 records is read whole.", readSize(101)},
	{"read-700", "A zone of 700 records is read whole.", readSize(700)},
	{"read-1200", "A zone of 1200 records is read whole.", readSize(1200)},
	{"edit-large", "An edit in a zone of many pages loses none of them.", editLarge},
	{"plan-50", "A plan of fifty owners is written whole.", planOf(50)},
}

// seedable is how many records are put into a zone through a driver at most,
// where that is the only way.
const seedable = 300

// room rules out what needs more records than the zone can hold, or than the
// harness can put there.
func (e *env) room(n int) error {
	if m := e.h.MaxRecords; m > 0 && n > m {
		return notHere(fmt.Sprintf("the zone holds %d records at most", m))
	}
	if e.h.Seed == nil && n > seedable {
		return notHere("the harness cannot fill the zone")
	}
	return nil
}

// many is n addresses of n owners.
func (e *env) many(n int) []zone.Record {
	var out []zone.Record
	for i := range n {
		out = append(out, e.rec(fmt.Sprintf("host%04d", i), "A", fmt.Sprintf("198.51.%d.%d", i/256, i%256)))
	}
	return out
}

func readEmpty(e *env) error {
	if err := e.same(nil); err != nil {
		return err
	}
	before, err := e.read()
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{Owner: e.name("first"), Add: []zone.Record{e.txt("first", "one")}})
}

func readSize(n int) func(*env) error {
	return func(e *env) error {
		if err := e.room(n); err != nil {
			return err
		}
		return e.same(e.many(n))
	}
}

func editLarge(e *env) error {
	const n = 230
	if err := e.room(n + len(e.neighbours()) + 1); err != nil {
		return err
	}
	before, err := e.seed(e.many(n)...)
	if err != nil {
		return err
	}
	last := e.many(n)[n-1]
	return e.becomes(
		before,
		zone.Change{Owner: e.name("zz"), Add: []zone.Record{e.txt("zz", "mine")}},
		zone.Change{Owner: last.Name, Remove: []zone.Record{last}, Add: []zone.Record{e.rec("host0229", "A", "192.0.2.229")}},
	)
}

// planOf adds n owners at once: more than most hosts take in one call.
func planOf(n int) func(*env) error {
	return func(e *env) error {
		if err := e.room(n + len(e.neighbours())); err != nil {
			return err
		}
		before, err := e.seed()
		if err != nil {
			return err
		}
		var changes []zone.Change
		for i := range n {
			rel := fmt.Sprintf("plan%02d", i)
			changes = append(changes, zone.Change{Owner: e.name(rel), Add: []zone.Record{e.txt(rel, rel)}})
		}
		return e.becomes(before, changes...)
	}
}
