package plan_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
)

// many is how many scenarios a property is tried on.
func many() int {
	switch {
	case testing.Short() || raceEnabled:
		return 1000
	case os.Getenv("MOORING_LONG") != "":
		return 100_000
	}
	return 10_000
}

// cases says on how many rapid tries a property, and from which seed: that of
// -rapid.seed, else a new one.
func cases(t *testing.T) {
	set := func(name, value string) {
		old := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, old) })
	}
	set("rapid.checks", strconv.Itoa(many()))
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		set("rapid.seed", strconv.FormatUint(rand.Uint64(), 10))
	}
	t.Logf("-rapid.seed=%s", flag.Lookup("rapid.seed").Value)
}

func report(rt *rapid.T, sc scenario, p plan.Plan, err error) {
	rt.Fatalf("%v\n\n%s\nplan:\n%s", err, sc, p.Text())
}

func isInput(err error) bool {
	_, ok := errors.AsType[*plan.InputError](err)
	return ok
}

// unmeant reports whether an error refuses what is asked for. A decision that
// a plan offered must not be refused.
func unmeant(err error) bool {
	e, ok := errors.AsType[*plan.InputError](err)
	return ok && e.Intent >= 0
}

// What was done once need not be done again.
func TestRow03Idempotent(t *testing.T) {
	rows.hold(t, idempotent, forgetsRecord, keepsTTL)
}

// A plan holds no value that need not change, and removes none that may stay.
func TestRow04Minimal(t *testing.T) {
	t.Run("value by value", func(t *testing.T) { rows.hold(t, minimal, rewritesSame) })
	t.Run("by brute force", func(t *testing.T) { fewest.hold(t, smallest, takesNeighbour, clearsMail) })
}

// Nobody loses a record that they did not give up.
func TestRow05Untouched(t *testing.T) {
	rows.hold(t, untouchedLaw, takesNeighbour, writesSetAgain, losesOpaque, answersItself, overwrites)
}

// A plan can be taken back, and then only the plan.
func TestRow06Undo(t *testing.T) {
	t.Run("at once", func(t *testing.T) { rows.hold(t, undone, forgetsMerge, forgetsRemoved) })
	t.Run("with an edit by somebody", func(t *testing.T) { rows.hold(t, undoneBesideEdit, takesEditBack, bringsBack) })
	t.Run("several runs", func(t *testing.T) { rows.hold(t, undoneTogether, undoesLastOnly) })
}

// The same request gives the same plan, byte for byte.
func TestRow07Deterministic(t *testing.T) {
	t.Run("in another order", func(t *testing.T) { rows.hold(t, orderless, ordersByMap, heedsOrder) })
	t.Run("processes", twoProcesses)
}

// The server of TestRow08Legal has the last word; this asks our own rules, of
// many more zones.
func TestLegal(t *testing.T) {
	rows.hold(t, legalLaw, keepsAddress, keepsOldSPF)
}

// What a plan offers can be decided, and then it is.
func TestHeeded(t *testing.T) {
	rows.hold(t, heeded, refusesAnswer)
}

// What is shown and done is what the ID stands for, no more and no less.
func TestRow09Identity(t *testing.T) {
	rows.hold(t, identity, ignoresAnswer, coversWarnings, coversNothing)
}

func encode(p plan.Plan) string {
	data, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		panic(err)
	}
	return string(data)
}

// dice says what happens besides a plan.
type dice struct {
	rolls []int
	next  int
}

func (d *dice) roll(n int) int {
	if len(d.rolls) == 0 {
		return 0
	}
	d.next++
	return (d.rolls[d.next%len(d.rolls)] + d.next/len(d.rolls)) % cmp.Or(n, 1)
}

// shuffled is s in another order, and where each of its items was.
func shuffled[T any](d *dice, s []T) (out []T, from []int) {
	for i := range s {
		j := d.roll(i + 1)
		out, from = append(out, s[i]), append(from, i)
		out[i], out[j] = out[j], out[i]
		from[i], from[j] = from[j], from[i]
	}
	return out, from
}
