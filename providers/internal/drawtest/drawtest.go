// Package drawtest says how many cases a random test draws, and from which seed.
package drawtest

import (
	"flag" //nolint:depguard // rapid is told by its flags
	"os"
	"strconv"
	"testing"
	"time"
)

// Times is n with MOORING_LONG=1, and fewer otherwise: a quarter of them where
// the race detector makes each some ten times as slow.
func Times(n, fewer int) int {
	switch {
	case os.Getenv("MOORING_LONG") == "1":
		return n
	case raced:
		return max(1, fewer/4)
	}
	return fewer
}

// Seed is RAPID_SEED, or a new one where that is not set or 0. It is logged, and
// RAPID_SEED draws the same cases again.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed, _ := strconv.ParseUint(os.Getenv("RAPID_SEED"), 10, 64)
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("RAPID_SEED=%d draws the same cases again", seed)
	return seed
}

// Checks makes rapid run n checks until the test ends, from a seed that is
// logged and returned.
func Checks(t testing.TB, n int) (seed uint64) {
	t.Helper()
	set := func(name, value string) {
		f := flag.Lookup(name)
		old := f.Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, old) })
	}
	seed, _ = strconv.ParseUint(flag.Lookup("rapid.seed").Value.String(), 10, 64)
	if seed == 0 {
		seed = Seed(t)
	}
	set("rapid.checks", strconv.Itoa(n))
	set("rapid.nofailfile", "true")
	set("rapid.seed", strconv.FormatUint(seed, 10))
	return seed
}
