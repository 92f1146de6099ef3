package providertest_test

import (
	"context"
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
			New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
				host := memory.New(memory.Options{Zones: []zone.Snapshot{{Zone: "test-zone.example"}}})
				return host.Driver(), nil, "test-zone.example"
			},
		})
	}
	// Output:
}

// A program runs the suite without a test, such as the conformance command of a
// plugin.
func ExampleCheck() {
	report, err := providertest.Check(context.Background(), providertest.Harness{
		Name: "test-zone",
		New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			host := memory.New(memory.Options{Zones: []zone.Snapshot{{Zone: "test-zone.example"}}})
			return host.Driver(), nil, "test-zone.example"
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Conforms(), report.Driver)
	for _, c := range report.Of(providertest.Unsupported) {
		if c.Case == "cas-changed" {
			fmt.Println(c.Case+":", c.Reason)
		}
	}
	// Output:
	// true memory
	// cas-changed: the host does not compare and set
}

func ExampleReport_Summary() {
	fmt.Println(providertest.Report{Name: "my-host", Cases: []providertest.Result{
		{Case: "find", Status: providertest.Passed},
		{Case: "redirect", Status: providertest.Unsupported, Reason: "the host has no redirects"},
	}}.Summary())
	// Output: conformance my-host: 1/2 (unsupported 1)
}

// TestThroughTheDriver runs the suite without any hook: filled and looked at
// through the driver alone.
func TestThroughTheDriver(t *testing.T) {
	providertest.Run(t, providertest.Harness{
		New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			host := memory.New(memory.Options{Zones: []zone.Snapshot{{Zone: "test-zone.example"}}, Caps: providers.Caps{Grain: providers.GrainRecord}})
			return host.Driver(), nil, "test-zone.example"
		},
	})
}
