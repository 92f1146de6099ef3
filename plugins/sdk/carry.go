package sdk

import (
	"fmt"
	"os"
	"slices"

	"github.com/mooring-dns/mooring/providers"
)

// carried is the first argument of a program that is started to serve one of its
// own drivers; the second one is the driver's ID, and what follows is for drivers.
const carried = "mooring-plugin"

// Carry lets a program run its own drivers as plugin processes: the host starts
// the program again, and Carry, called before anything else in main, then serves
// the driver that is asked for and ends the process. In every other process it
// returns at once. drivers is called in the plugin process alone, with the
// arguments that the host was given for it.
//
//	func main() {
//		sdk.Carry(func([]string) []providers.Driver {
//			return []providers.Driver{cloudflare.Driver{HTTP: sdk.Client()}, rfc2136.Driver{}}
//		})
//		// the program
//	}
//
// A test that starts such a host calls it in TestMain.
func Carry(drivers func(args []string) []providers.Driver) { Options{}.Carry(drivers) }

// Carry is the function of that name, with the options for each of the drivers.
func (o Options) Carry(drivers func(args []string) []providers.Driver) {
	if len(os.Args) < 3 || os.Args[1] != carried || !started() {
		return
	}
	os.Exit(o.carry(drivers, os.Args[2], os.Args[3:])) //nolint:forbidigo // the process is there for this alone
}

func (o Options) carry(drivers func(args []string) []providers.Driver, id string, args []string) int {
	own, _, err := arguments(args, redirectable)
	if err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "[ERROR] %v\n", err)
		return 1
	}
	list := drivers(own)
	i := slices.IndexFunc(list, func(d providers.Driver) bool { return d.Info().ID == id })
	if i < 0 {
		_, _ = fmt.Fprintf(os.Stderr, "[ERROR] this program carries no driver %q\n", id)
		return 1
	}
	return o.plugin(list[i], args)
}
