package plugins_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/plugins/sdk"
	"github.com/mooring-dns/mooring/providers"
)

// raceVariable is what the race detector reads its options from.
const raceVariable = "GORACE"

// TestMain is the main of every plugin process that the tests start: they are
// this test binary, executed again.
func TestMain(m *testing.M) {
	misbehave()
	serveBare()
	sdk.Options{Version: ownVersion()}.Carry(func([]string) []providers.Driver {
		return slices.Concat([]providers.Driver{evil{}}, transcribed())
	})
	// A process with the race detector waits for a second when it ends, unless it
	// is told otherwise (https://go.dev/doc/articles/race_detector).
	if err := os.Setenv(raceVariable, strings.TrimSpace(os.Getenv(raceVariable)+" atexit_sleep_ms=0")); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// ownVersion is the one in the name of the executed file, where it has one.
func ownVersion() string {
	found := regexp.MustCompile(`_v([^_]+)_p`).FindStringSubmatch(os.Args[0])
	if found == nil {
		return "1.0.0"
	}
	return found[1]
}
