package providers_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"
)

// checks makes rapid run n checks, a tenth of them without MOORING_LONG=1, from
// a seed that is logged.
func checks(t *testing.T, n int) (seed uint64) {
	t.Helper()
	if os.Getenv("MOORING_LONG") != "1" {
		n /= 10
	}
	set := func(name, value string) {
		f := flag.Lookup(name)
		old := f.Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, old) })
	}
	set("rapid.checks", strconv.Itoa(n))
	set("rapid.nofailfile", "true")
	if s := flag.Lookup("rapid.seed").Value.String(); s != "0" {
		seed, _ = strconv.ParseUint(s, 10, 64)
		return seed
	}
	seed = uint64(time.Now().UnixNano())
	set("rapid.seed", strconv.FormatUint(seed, 10))
	return seed
}
