package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/namecheap"
	"github.com/mooring-dns/mooring/providers/rfc2136"
)

// drivers is the hosts that this program writes to. endpoint takes the place of
// each one's API, where it has one; "" is the real API.
func drivers(endpoint string) []providers.Driver {
	return []providers.Driver{
		cloudflare.Driver{Endpoint: endpoint},
		godaddy.Driver{Endpoint: endpoint},
		namecheap.Driver{Endpoint: endpoint},
		rfc2136.Driver{},
	}
}

// driverOf is the driver with this ID, nil for none.
func driverOf(all []providers.Driver, id string) providers.Driver {
	if i := slices.IndexFunc(all, func(d providers.Driver) bool { return d.Info().ID == id }); i >= 0 {
		return all[i]
	}
	return nil
}

func driverIDs() string {
	var ids []string
	for _, d := range drivers("") {
		ids = append(ids, d.Info().ID)
	}
	return strings.Join(ids, ", ")
}

// fieldsHelp is the credentials of each driver, one line for each.
func fieldsHelp() string {
	var b strings.Builder
	for _, d := range drivers("") {
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

// chosen is the driver that -provider names, or else the one whose fields the
// credentials have. nil: none is asked for.
func (o options) chosen() (providers.Driver, error) {
	all := drivers(o.endpoint)
	if o.provider != "" {
		if d := driverOf(all, o.provider); d != nil {
			return d, nil
		}
		return nil, fmt.Errorf("embed: -provider %q: the drivers here are %s", o.provider, driverIDs())
	}
	if o.creds == nil {
		return nil, nil
	}
	var fit []providers.Driver
	for _, d := range all {
		fields := d.Info().Fields
		if o.creds.Missing(fields) == nil && unknownField(o.creds, fields) == "" {
			fit = append(fit, d)
		}
	}
	if len(fit) != 1 {
		return nil, fmt.Errorf("embed: -credentials: its fields are those of no driver, or of several: name the host with -provider. The fields are\n%s",
			strings.TrimRight(fieldsHelp(), "\n"))
	}
	return fit[0], nil
}

// unknownField is a credential that is none of the fields, "" for none.
func unknownField(c providers.Credentials, fields []providers.Field) string {
	var unknown []string
	for name := range c {
		if !slices.ContainsFunc(fields, func(f providers.Field) bool { return f.Name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	return slices.Min(unknown)
}
