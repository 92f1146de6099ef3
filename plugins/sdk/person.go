package sdk

import (
	"encoding/json"
	"fmt"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// described is a plugin's description as a person reads it.
type described struct {
	Info     providers.Info `json:"info"`
	Version  string         `json:"version"`
	SDK      string         `json:"sdk"`
	Protocol string         `json:"protocol"`
	Hosts    []string       `json:"hosts"`  // null: not limited
	Digest   string         `json:"digest"` // what operators pin
}

// answer does what the arguments say and returns the status to exit with.
func (p person) answer(o Options, d providers.Driver, args []string) int {
	description, _, _, err := o.check(d, nil)
	if err != nil {
		fmt.Fprintf(p.err, "%s: this plugin cannot be served: %v\n", p.name, err)
		return 1
	}
	word := "" // a driver's own arguments, which the description may depend on, stand before it
	if len(args) > 0 {
		word = args[len(args)-1]
	}
	switch word {
	case "describe":
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err := enc.Encode(described{
			Info: description.Info, Version: description.Version, SDK: description.SDK, Hosts: description.Hosts,
			Protocol: fmt.Sprintf("%d.%d", wire.Protocol, description.Minor), Digest: description.Digest(),
		})
		if err != nil {
			fmt.Fprintf(p.err, "%s: describe: %v\n", p.name, err)
			return 1
		}
		return 0
	case "version", "-version", "--version":
		fmt.Fprintln(p.out, description.Version)
		return 0
	case "help", "-h", "-help", "--help":
		p.help(description.Info)
		return 0
	}
	p.help(description.Info)
	return 2
}

func (p person) help(info providers.Info) {
	fmt.Fprintf(p.err, `%[1]s is a plugin of Mooring: it speaks to %[2]s for a program that
connects domains, and that program starts it. By hand it only tells of itself:

  %[1]s describe   what it tells a program, as JSON
  %[1]s version    its version
  %[1]s help       this text

To use it, name its directory in the program's plugins.Options.Dirs and pin
it in plugins.lock.json there.
`, p.name, info.Name)
}
