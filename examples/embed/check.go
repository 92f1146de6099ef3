package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/rfc2136"
)

// consistent checks that the flags together say what to do.
func (o options) consistent() error {
	onRun := o.undo != "" || o.recover != ""
	switch {
	case o.demo:
		return nil
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
	case o.provider != "" && o.creds == nil && !o.manual:
		return errors.New("embed: -credentials is missing for -provider " + o.provider)
	}
	if o.provider != "" && o.provider != (rfc2136.Driver{}).Info().ID {
		return fmt.Errorf("embed: -provider %q: the drivers here are rfc2136", o.provider)
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

// checkCredentials finds what is missing, malformed or misspelled in them
// without asking the host.
func (o options) checkCredentials() error {
	if o.creds == nil {
		return nil
	}
	var known []string
	for _, f := range (rfc2136.Driver{}).Info().Fields {
		known = append(known, f.Name)
	}
	for name := range o.creds {
		if !slices.Contains(known, name) {
			return fmt.Errorf("embed: -credentials: unknown field %q; the fields are %s", name, strings.Join(known, ", "))
		}
	}
	if _, err := (rfc2136.Driver{}).Open(o.creds); err != nil {
		return fmt.Errorf("embed: -credentials: %w", err)
	}
	return nil
}
