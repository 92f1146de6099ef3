// Embed is a host app in one folder: it connects a customer's domain as an
// Entri-shaped configuration asks. Without flags it shows all of it on a small
// DNS world inside the process; with flags it works on real servers. Its drivers
// run in processes of their own, and more of them come from directories.
//
//	go run ./examples/embed
//	go run ./examples/embed -demo cloudflare
//	go run ./examples/embed -domain customer.example -config config.json \
//		-provider rfc2136 -credentials creds.json
//	go run ./examples/embed -diagnose customer.example
//	go run ./examples/embed -verify records.txt
//	go run ./examples/embed plugins help
//
// It exits 0 when every record is proven in DNS, or there was only to look, 1
// when not or not in time, 2 on bad input, before anything is read, and 3 when a
// decision is missing, also where there was only to look. With -diagnose 1 says
// that something is broken, or that DNS could not be asked; with -verify, that
// DNS does not show every record of the list.
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
	"github.com/mooring-dns/mooring/plugins/sdk"
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

func main() {
	sdk.Carry(carried)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], verify.Options{}, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main with its surroundings passed in: how DNS is reached, and where
// people are.
func run(ctx context.Context, args []string, dns verify.Options, in *os.File, out, progress io.Writer) int {
	if len(args) > 0 && args[0] == toolName {
		return runTool(ctx, args[1:], out, progress)
	}
	o, err := parse(args, dns)
	if errors.Is(err, flag.ErrHelp) {
		o.help(progress)
		return exitConnected
	}
	if err != nil {
		o.json = o.json || slices.Contains(args, "-json") || slices.Contains(args, "--json") // also behind the flag at fault
		if o.diagnose != "" || slices.ContainsFunc(args, isDiagnose) {
			return refuseDiagnosis(o, usageError{err}, out, progress)
		}
		return refuse(o, usageError{err}, in, out, progress)
	}
	if o.diagnose != "" {
		return diagnose(ctx, o, out, progress)
	}
	if o.list != "" {
		return verifyList(ctx, o, in, out, progress)
	}
	end, err := o.begin(progress)
	defer end()
	if err != nil {
		return refuse(o, err, in, out, progress)
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

// begin makes what a walk needs and the command line alone does not give: the
// world of a demo, and drivers to check the rest against. What it has made is
// there until end is called, also where there is an error.
func (o *options) begin(progress io.Writer) (end func(), err error) {
	var ends []func()
	end = func() {
		for _, f := range slices.Backward(ends) {
			f()
		}
	}
	if o.demo != "" {
		stop, err := startDemo(o)
		if err != nil {
			return end, err
		}
		ends = append(ends, stop)
	}
	stop, err := o.load(progress)
	ends = append(ends, stop)
	if err != nil {
		return end, err
	}
	return end, o.checkDrivers()
}

// refuse is the end of a walk that does not begin.
func refuse(o options, err error, in *os.File, out, progress io.Writer) int {
	fmt.Fprintln(progress, err)
	res := result{Journal: o.journal}
	if o.json {
		return newScreen(o, in, out, progress).finish(res, err)
	}
	return exitOf(err, o, res)
}

// walk is what a host app does: detect, prepare, decide, apply, wait.
func walk(ctx context.Context, o options, s *screen) (result, error) {
	res := result{Journal: o.journal}
	eng, err := connect.New(connect.Options{
		Drivers: o.drivers,
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
