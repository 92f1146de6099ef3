package plugins_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/mooring-dns/mooring/plugins/sdk"
	"github.com/mooring-dns/mooring/providers"
)

// TestMain is the main of every plugin process that the tests start: they are
// this test binary, executed again.
func TestMain(m *testing.M) {
	misbehave()
	sdk.Options{Version: ownVersion()}.Carry(func([]string) []providers.Driver {
		return slices.Concat([]providers.Driver{evil{}}, transcribed())
	})
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
