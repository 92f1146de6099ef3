// Embed is a host app in one folder: it connects a customer's domain as an
// Entri-shaped configuration asks. Without flags it shows all of it on a small
// DNS world inside the process; with flags it works on real servers.
//
//	go run ./examples/embed
//	go run ./examples/embed -demo cloudflare
//	go run ./examples/embed -domain customer.example -config config.json \
//		-provider rfc2136 -credentials creds.json
//
// It exits 0 when every record is proven in DNS, or there was only to look, 1
// when not or not in time, 2 on bad input, before anything is read, and 3 when a
// decision is missing, also where there was only to look.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/verify"
)

// The exit statuses.
const (
	exitConnected = iota
	exitNot
	exitInput
	exitDecision
)

const exitHelp = `
exit status:
  0  connected: every record is proven in DNS; or shown, with -plan-only and -check-conflicts
  1  not connected, or not in time; the DNS host or the network failed
  2  bad input; nothing was written
  3  a decision, or the last yes, is missing, also with -plan-only; nothing was written
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], verify.Options{}, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main with its surroundings passed in: how DNS is reached, and where
// people are.
func run(ctx context.Context, args []string, dns verify.Options, in *os.File, out, progress io.Writer) int {
	o, err := parse(args, dns, progress)
	if errors.Is(err, flag.ErrHelp) {
		return exitConnected
	}
	if err != nil {
		fmt.Fprintln(progress, err)
		if o.json || slices.Contains(args, "-json") || slices.Contains(args, "--json") { // also behind the flag at fault
			o.json = true
			return newScreen(o, in, out, progress).finish(result{Journal: o.journal}, usageError{err})
		}
		return exitInput
	}
	if o.demo != "" {
		stop, err := startDemo(&o)
		if err != nil {
			fmt.Fprintln(progress, err)
			return exitNot
		}
		defer stop()
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	s := newScreen(o, in, out, progress)
	if o.demo != "" {
		s.began()
	}
	res, err := walk(ctx, o, s)
	return s.finish(res, err)
}

// walk is what a host app does: detect, prepare, decide, apply, wait.
func walk(ctx context.Context, o options, s *screen) (result, error) {
	res := result{Journal: o.journal}
	eng, err := connect.New(connect.Options{
		Drivers: drivers(o.endpoint),
		Journal: providers.JournalDir(o.journal),
		Verify:  o.verify,

		Policies: o.policies,
		Event:    s.event,
	})
	if err != nil {
		return res, err
	}
	if o.recover != "" {
		return settle(ctx, eng, o, s, res)
	}
	prepare, err := preparation(ctx, eng, o, s, &res)
	if err != nil {
		return res, err
	}
	if o.check {
		p, err := prepare(entri.CheckDecisions()...)
		if err == nil {
			res.Plan, res.Check = &p, &Check{entri.RecordConflicts(p.Plan)}
		}
		return res, err
	}
	decisions := o.decisions
	for {
		p, err := prepare(decisions...)
		if err != nil {
			return res, err
		}
		res.Plan = &p
		s.plan(p)
		more, err := s.decide(ctx, p.Open())
		if err != nil {
			return res, err
		}
		if decisions = append(decisions, more...); len(more) > 0 {
			continue
		}
		if o.planOnly {
			return res, nil
		}
		if p.Request.Site.SetupType == connect.Manual {
			return wait(ctx, eng, s, res, p.ByHand())
		}
		if err := s.confirm(ctx, p); err != nil {
			return res, err
		}
		run, err := eng.Apply(ctx, o.creds, p)
		res.settle(run)
		if _, stale := errors.AsType[*connect.Stale](err); stale && o.yes {
			continue
		}
		if err != nil {
			return res, err
		}
		return wait(ctx, eng, s, res, run)
	}
}

// preparation is how this walk makes its plan, which is asked for again with
// every decision.
func preparation(ctx context.Context, eng *connect.Engine, o options, s *screen, res *result) (func(...plan.Decision) (connect.Plan, error), error) {
	if o.undo != "" {
		return func(d ...plan.Decision) (connect.Plan, error) { return eng.Undo(ctx, o.creds, o.undo, d...) }, nil
	}
	site, err := eng.Detect(ctx, o.domain)
	if err != nil {
		return nil, err
	}
	switch {
	case o.manual:
		site = site.ByHand()
	case o.creds != nil:
		d, err := o.chosen()
		if err != nil {
			return nil, err
		}
		if site, err = eng.Use(site, d.Info().ID); err != nil {
			return nil, err
		}
	case site.SetupType == connect.Automatic:
		s.without(site)
		site = site.ByHand()
	}
	res.Site = &site
	s.site(site)
	if o.disconnect {
		return func(d ...plan.Decision) (connect.Plan, error) { return eng.Disconnect(ctx, site, o.creds, d...) }, nil
	}
	lowered, err := o.config.Lower(o.host, eng.Facts(ctx, site, o.decisions...))
	if err != nil {
		return nil, err
	}
	return func(d ...plan.Decision) (connect.Plan, error) {
		p, err := eng.Prepare(ctx, site, o.creds, entri.Bare(lowered), d...)
		if only, ok := errors.AsType[*connect.OnlyByHand](err); ok {
			s.say("%v\n", only)
			site = only.Site
			p, err = eng.Prepare(ctx, site, nil, entri.Bare(lowered), d...)
		}
		return p, entri.Locate(lowered, err) // the field of the configuration, where one is to blame
	}, nil
}

func wait(ctx context.Context, eng *connect.Engine, s *screen, res result, run connect.Run) (result, error) {
	res.settle(run)
	s.left(run, res.Plan)
	report, err := eng.Wait(ctx, run)
	res.Report = &report
	s.report(report)
	return res, err
}
