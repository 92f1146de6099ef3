package plugins_test

import (
	"fmt"
	"os"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
)

// A program runs a driver that it carries in a process of its own. Its main
// begins with sdk.Carry, which is given the same driver.
func ExampleLoad() {
	state, err := os.MkdirTemp("", "m")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(state)
	host, err := plugins.Load(plugins.Options{State: state, Carried: []providers.Driver{memory.New(memory.Options{}).Driver()}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer host.Close()
	for _, d := range host.Drivers() {
		fmt.Println(d.Info().ID)
	}
	for _, s := range host.Status() {
		fmt.Println(s.ID, s.State, s.Starts)
	}
	// Output:
	// memory
	// memory stopped 0
}
