package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
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
		return o.checkCredentials()
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

// checkDemo refuses what a demo makes itself.
func (o options) checkDemo() error {
	if o.domain != "" || o.provider != "" || o.endpoint != "" || o.creds != nil || len(o.config.ApplicationID) > 0 || len(o.verify.Start) > 0 {
		return errors.New("embed: -demo makes its own domain, configuration, host, credentials and resolver")
	}
	if o.undo != "" || o.recover != "" || o.disconnect {
		return errors.New("embed: a demo is over when it ends: there is nothing to take back or to recover")
	}
	_, err := options{provider: o.demo}.chosen()
	return err
}

// checkCredentials finds what is missing, malformed or misspelled in them
// without asking the host.
func (o options) checkCredentials() error {
	d, err := o.chosen()
	if err != nil || d == nil || o.creds == nil {
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
