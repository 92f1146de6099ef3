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

// bundled is the drivers that this program brings along. endpoint takes the
// place of each one's API, where it has one; "" is the real API.
func bundled(endpoint string) []providers.Driver {
	return []providers.Driver{
		cloudflare.Driver{Endpoint: endpoint},
		godaddy.Driver{Endpoint: endpoint},
		namecheap.Driver{Endpoint: endpoint},
		rfc2136.Driver{},
	}
}

// carried is the drivers as a process of this program's has them that serves one
// of them as a plugin (see sdk.Carry); args are endpointArgs.
func carried(args []string) []providers.Driver {
	endpoint := ""
	if len(args) == 2 {
		endpoint = args[1]
	}
	return bundled(endpoint)
}

// endpointArgs tell a plugin its endpoint.
func endpointArgs(endpoint string) []string {
	if endpoint == "" {
		return nil
	}
	return []string{"-endpoint", endpoint}
}

// driverOf is the driver with this ID, nil for none.
func driverOf(all []providers.Driver, id string) providers.Driver {
	if i := slices.IndexFunc(all, func(d providers.Driver) bool { return d.Info().ID == id }); i >= 0 {
		return all[i]
	}
	return nil
}

func driverIDs(all []providers.Driver) string {
	var ids []string
	for _, d := range all {
		ids = append(ids, d.Info().ID)
	}
	return strings.Join(ids, ", ")
}

// chosen is the driver that -provider names, or else the one whose fields the
// credentials have. nil: none is asked for.
func (o options) chosen() (providers.Driver, error) {
	if o.provider != "" {
		if d := driverOf(o.drivers, o.provider); d != nil {
			return d, nil
		}
		return nil, fmt.Errorf("embed: -provider %q: the drivers here are %s", o.provider, driverIDs(o.drivers))
	}
	if o.creds == nil {
		return nil, nil
	}
	var fit []providers.Driver
	for _, d := range o.drivers {
		fields := d.Info().Fields
		if o.creds.Missing(fields) == nil && unknownField(o.creds, fields) == "" {
			fit = append(fit, d)
		}
	}
	if len(fit) != 1 {
		return nil, fmt.Errorf("embed: -credentials: its fields are those of no driver, or of several: name the host with -provider. The fields are\n%s",
			strings.TrimRight(fieldsHelp(o.drivers), "\n"))
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
