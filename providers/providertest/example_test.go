package providertest_test

import (
	"fmt"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

func ExampleCases() {
	for _, c := range providertest.Cases() {
		if c.Name == "add-beside" || c.Name == "text-borders" {
			fmt.Println(c.Name+":", c.Rule)
		}
	}
	// Output:
	// add-beside: A value added beside others leaves the others as they are.
	// text-borders: The borders between the strings of a TXT record that is not touched stay where they are.
}

// The test of a driver is this much.
func ExampleRun() {
	_ = func(t *testing.T) {
		providertest.Run(t, providertest.Harness{
			New: func(testing.TB) (providers.Driver, providers.Credentials, zone.Name) {
				host := memory.New(memory.Options{Zones: []zone.Snapshot{{Zone: "test-zone.example"}}})
				return host.Driver(), nil, "test-zone.example"
			},
		})
	}
	// Output:
}

// TestThroughTheDriver runs the suite without any hook: filled and looked at
// through the driver alone.
func TestThroughTheDriver(t *testing.T) {
	providertest.Run(t, providertest.Harness{
		New: func(testing.TB) (providers.Driver, providers.Credentials, zone.Name) {
			host := memory.New(memory.Options{Zones: []zone.Snapshot{{Zone: "test-zone.example"}}, Caps: providers.Caps{Grain: providers.GrainRecord}})
			return host.Driver(), nil, "test-zone.example"
		},
	})
}
