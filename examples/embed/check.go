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
)

// consistent checks that the flags together say what to do, as far as that can
// be said without drivers.
func (o options) consistent() error {
	if err := o.plugins.check(); err != nil {
		return err
	}
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
		return o.checkEndpoint()
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
	if err := o.checkEndpoint(); err != nil {
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
	case driverOf(bundled(""), o.demo) == nil:
		return fmt.Errorf("embed: -demo %q: there are demos of %s", o.demo, driverIDs(bundled("")))
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

// checkDrivers checks against the drivers what they know: the provider, the
// credentials, and the endpoint that these go to.
func (o options) checkDrivers() error {
	if run := o.run(); run.Driver != "" {
		if o.provider != "" && o.provider != run.Driver {
			return usageError{fmt.Errorf("embed: -provider %s: run %s was on a host of %s", o.provider, run.ID, run.Driver)}
		}
		if driverOf(o.drivers, run.Driver) == nil {
			return usageError{fmt.Errorf("embed: run %s was on a host of %s; the drivers here are %s", run.ID, run.Driver, driverIDs(o.drivers))}
		}
		o.provider = run.Driver
	} else if o.undo != "" || o.recover != "" {
		return nil // the walk says why there is no such run
	}
	return o.checkCredentials()
}

// run is the run that is to be taken back or settled, where the journal has it.
func (o options) run() providers.Run {
	id := cmp.Or(o.undo, o.recover)
	if id == "" {
		return providers.Run{}
	}
	run, err := providers.JournalDir(o.journal).Load(context.Background(), id)
	if err != nil {
		return providers.Run{}
	}
	return run
}

// checkEndpoint refuses one that would give the credentials away.
func (o options) checkEndpoint() error {
	if o.endpoint == "" {
		return nil
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

// checkCredentials finds what is missing, malformed or misspelled in them,
// without asking the host.
func (o options) checkCredentials() error {
	d, err := o.chosen()
	if err != nil {
		return usageError{err}
	}
	if d == nil || o.creds == nil {
		return nil
	}
	info := d.Info()
	if o.endpoint != "" && info.ID == "rfc2136" {
		return usageError{errors.New("embed: -endpoint is that of a host's HTTP API, and rfc2136 has none: its server is in the credentials")}
	}
	if name := unknownField(o.creds, info.Fields); name != "" {
		var known []string
		for _, f := range info.Fields {
			known = append(known, f.Name)
		}
		return usageError{fmt.Errorf("embed: -credentials: unknown field %q; the fields of %s are %s", name, info.ID, strings.Join(known, ", "))}
	}
	_, err = d.Open(o.creds)
	noProcess := slices.Contains([]providers.Code{providers.Unavailable, providers.Timeout, providers.Internal}, providers.CodeOf(err))
	switch {
	case err == nil:
		return nil
	case !noProcess:
		return usageError{fmt.Errorf("embed: -credentials: %w", err)}
	case slices.Contains(o.plugins.found, info.ID) || o.plugins.inProcess:
		return fmt.Errorf("embed: %w%s", err, pinning(err))
	}
	return fmt.Errorf("embed: %w\n%s", err, elsewhere)
}
