package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/mooring-dns/mooring/providers"
)

const exitHelp = `
exit status:
  0  connected: every record is proven in DNS; or shown, with -plan-only and -check-conflicts;
     with -diagnose: nothing is broken; with -verify: DNS shows every record of the list
  1  not connected, or not in time; the DNS host, a plugin or the network failed;
     with -diagnose: something is broken, or DNS could not be asked;
     with -verify: not every record is as it should be, or the list was not finished
  2  bad input; nothing was written
  3  a decision, or the last yes, is missing, also with -plan-only; nothing was written
`

// help explains the flags, with the plugins that they name.
func (o options) help(w io.Writer) {
	fmt.Fprintln(w, "usage: embed [flags]\n       embed -diagnose DOMAIN [flags]\n       embed -verify FILE [flags]\n       embed plugins help\n\nConnects a domain as an Entri-shaped configuration asks. Without flags: -demo "+demoDefault+".")
	o.defaults(w)
	all, wrong := bundled(""), error(nil)
	if len(o.plugins.dirs) > 0 {
		end, err := o.load(io.Discard)
		defer end()
		if wrong = err; err == nil {
			all = o.drivers
		}
	}
	fmt.Fprintf(w, "\ncredentials, by provider:\n%s", fieldsHelp(all))
	if wrong != nil {
		fmt.Fprintf(w, "and those of -plugins, which cannot be listed:\n%v\n", wrong)
	}
	fmt.Fprint(w, exitHelp)
}

// fieldsHelp is the credentials of each driver, one line for each.
func fieldsHelp(all []providers.Driver) string {
	var b strings.Builder
	for _, d := range all {
		info := d.Info()
		var names []string
		for _, f := range info.Fields {
			if f.Optional {
				names = append(names, "["+f.Name+"]")
			} else {
				names = append(names, f.Name)
			}
		}
		fmt.Fprintf(&b, "  %-11s %s\n", info.ID, strings.Join(names, ", "))
	}
	return b.String()
}
