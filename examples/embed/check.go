package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/rfc2136"
)

// consistent checks that the flags together say what to do.
func (o options) consistent() error {
	onRun := o.undo != "" || o.recover != ""
	switch {
	case o.demo != "":
		return o.checkDemo()
	case o.check && (onRun || o.disconnect):
		return errors.New("embed: -check-conflicts is about a configuration, and not about runs")
	case o.undo != "" && o.recover != "" || onRun && (o.disconnect || o.manual):
		return errors.New("embed: -undo, -recover, -disconnect and -manual exclude each other")
	case onRun && o.creds == nil:
		return errors.New("embed: -credentials is missing: they are never kept with a run")
	case onRun:
		return o.checkRun()
	case o.domain == "":
		return errors.New("embed: -domain is missing, and the configuration has no prefilledDomain")
	case !o.disconnect && len(o.config.ApplicationID) == 0:
		return errors.New("embed: -config is missing")
	case o.endpoint != "" && o.creds == nil:
		return errors.New("embed: -endpoint is that of a host's API, and needs -credentials for it")
	case o.provider != "" && o.creds == nil && !o.manual:
		return errors.New("embed: -credentials is missing for -provider " + o.provider)
	}
	if _, err := entri.Split(o.domain); err != nil {
		return fmt.Errorf("embed: -domain: %w", err)
	}
	if err := o.checkCredentials(); err != nil {
		return err
	}
	// What the configuration asks for is checked before anything is read. The
	// mailbox host, which only DNS knows, changes no syntax.
	if !o.disconnect {
		moves := slices.ContainsFunc(o.decisions, func(d plan.Decision) bool { return d.Code == plan.NSApex && d.Option == "replace" })
		if _, err := o.config.Intents(o.host, entri.Facts{Domain: o.domain, ApexNS: moves, ApexNSDecided: moves}); err != nil {
			return err
		}
	}
	return nil
}

// checkDemo refuses what a demo makes itself, and what it cannot show.
func (o options) checkDemo() error {
	switch {
	case driverOf(drivers(""), o.demo) == nil:
		return fmt.Errorf("embed: -demo %q: there are demos of %s", o.demo, driverIDs())
	case o.domain != "" || o.provider != "" || o.endpoint != "" || o.creds != nil || len(o.config.ApplicationID) > 0 || len(o.verify.Start) > 0:
		return errors.New("embed: -demo makes its own domain, configuration, host, credentials and resolver")
	case o.host.CNAMETarget != "" || len(o.host.Servers) > 0:
		return errors.New("embed: -cname-target and -servers fill in a -config, and that of -demo has no place for them")
	case o.undo != "" || o.recover != "" || o.disconnect:
		return errors.New("embed: a demo is over when it ends: there is nothing to take back or to recover")
	case o.manual:
		return errors.New("embed: -manual waits for a person to set the records, and nobody can at the host of a -demo; -demo HOST sets them itself")
	}
	return nil
}

// checkRun checks the credentials against the host that the run was on, which
// the journal knows. A run that cannot be loaded is left to the walk, which
// says why.
func (o options) checkRun() error {
	run, err := providers.JournalDir(o.journal).Load(context.Background(), cmp.Or(o.undo, o.recover))
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	if o.provider != "" && o.provider != run.Driver {
		return fmt.Errorf("embed: -provider %s: run %s was on a host of %s", o.provider, run.ID, run.Driver)
	}
	if driverOf(drivers(""), run.Driver) == nil {
		return fmt.Errorf("embed: run %s was on a host of %s; the drivers here are %s", run.ID, run.Driver, driverIDs())
	}
	o.provider = run.Driver
	return o.checkCredentials()
}

// checkEndpoint refuses one that the host's driver would not use, or not
// without giving the credentials away.
func (o options) checkEndpoint(d providers.Driver) error {
	if o.endpoint == "" {
		return nil
	}
	if _, ok := d.(rfc2136.Driver); ok {
		return errors.New("embed: -endpoint is that of a host's HTTP API, and rfc2136 has none: its server is in the credentials")
	}
	_, err := httpapi.Endpoint(o.endpoint, "")
	if e, ok := errors.AsType[*providers.Error](err); ok {
		err = e.Err
	}
	if err != nil {
		return fmt.Errorf("embed: -endpoint: %w", err)
	}
	return nil
}

// checkCredentials finds what is missing, malformed or misspelled in them, and
// in the endpoint that they go to, without asking the host.
func (o options) checkCredentials() error {
	d, err := o.chosen()
	if err != nil || d == nil || o.creds == nil {
		return err
	}
	if err := o.checkEndpoint(d); err != nil {
		return err
	}
	info := d.Info()
	if name := unknownField(o.creds, info.Fields); name != "" {
		var known []string
		for _, f := range info.Fields {
			known = append(known, f.Name)
		}
		return fmt.Errorf("embed: -credentials: unknown field %q; the fields of %s are %s", name, info.ID, strings.Join(known, ", "))
	}
	if _, err := d.Open(o.creds); err != nil {
		return fmt.Errorf("embed: -credentials: %w", err)
	}
	return nil
}
