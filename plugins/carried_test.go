package plugins_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// A program that forgets sdk.Carry would start itself, which starts itself, and
// so on: the second one refuses.
func TestCarriedWithoutCarry(t *testing.T) {
	h := wire.Handshake()
	t.Setenv(h.MagicCookieKey, h.MagicCookieValue)
	old := os.Args
	os.Args = []string{old[0], "mooring-plugin", "evil"}
	t.Cleanup(func() { os.Args = old })
	host, err := plugins.Load(plugins.Options{State: stateDir(t), Carried: []providers.Driver{evil{}}})
	if err == nil {
		_ = host.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "sdk.Carry") {
		t.Errorf("got %v, want a word about sdk.Carry", err)
	}
}
