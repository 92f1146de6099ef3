// Embed is a host app in one folder: it connects a customer's domain as an
// Entri-shaped configuration asks. Without flags it shows all of it on a small
// DNS world inside the process; with flags it works on real servers.
//
//	go run ./examples/embed
//	go run ./examples/embed -domain customer.example -config config.json \
//		-provider rfc2136 -credentials creds.json
//
// It exits 0 when every record is proven in DNS, 1 when not or not in time, 2
// on bad input, before anything is read, and 3 when a decision is missing.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/rfc2136"
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], verify.Options{}, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options is the command line, read and checked.
type options struct {
	domain, provider            string
	undo, recover               string
	disconnect                  bool
	config                      entri.Config
	host                        entri.HostOptions
	creds                       providers.Credentials
	verify                      verify.Options
	journal                     string
	timeout                     time.Duration
	yes, planOnly, manual, json bool
	demo                        bool
	decisions                   []plan.Decision
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
		if o.json {
			return newScreen(o, in, out, progress).finish(result{Journal: o.journal}, usageError{err})
		}
		return exitInput
	}
	if o.demo {
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
	res, err := walk(ctx, o, s)
	return s.finish(res, err)
}

// walk is what a host app does: detect, prepare, decide, apply, wait.
func walk(ctx context.Context, o options, s *screen) (result, error) {
	res := result{Journal: o.journal}
	eng, err := connect.New(connect.Options{
		Drivers: []providers.Driver{rfc2136.Driver{}},
		Journal: providers.JournalDir(o.journal),
		Verify:  o.verify,
		Event:   s.event,
	})
	if err != nil {
		return res, err
	}
	if o.recover != "" {
		run, how, err := eng.Recover(ctx, o.creds, o.recover)
		res.settle(run)
		if err != nil {
			return res, err
		}
		s.recovered(how, run)
		if how == providers.NeverBegan {
			return res, errors.New("the run was cut off before it wrote anything")
		}
		if how == providers.Stuck {
			return res, &connect.Incomplete{Run: run}
		}
		return wait(ctx, eng, s, res, run)
	}
	prepare, err := preparation(ctx, eng, o, s, &res)
	if err != nil {
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
	case o.provider != "" || site.SetupType == connect.Manual && o.creds != nil:
		// With one driver there is no doubt what credentials are for.
		if site, err = eng.Use(site, cmp.Or(o.provider, rfc2136.Driver{}.Info().ID)); err != nil {
			return nil, err
		}
	}
	res.Site = &site
	s.site(site)
	if o.disconnect {
		return func(d ...plan.Decision) (connect.Plan, error) { return eng.Disconnect(ctx, site, o.creds, d...) }, nil
	}
	lowered, err := o.config.Lower(o.host, eng.Facts(ctx, site))
	if err != nil {
		return nil, err
	}
	return func(d ...plan.Decision) (connect.Plan, error) {
		p, err := eng.Prepare(ctx, site, o.creds, entri.Bare(lowered), d...)
		return p, entri.Locate(lowered, err) // the field of the configuration, where one is to blame
	}, nil
}

func wait(ctx context.Context, eng *connect.Engine, s *screen, res result, run connect.Run) (result, error) {
	res.settle(run)
	report, err := eng.Wait(ctx, run)
	res.Report = &report
	s.report(report)
	return res, err
}

// parse reads the command line. Everything that can be wrong with it is found
// here, before anything is read or written.
func parse(args []string, dns verify.Options, help io.Writer) (options, error) {
	o := options{verify: dns}
	var config, credentials, resolver, servers string
	f := flag.NewFlagSet("embed", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are returned, and help is printed when it is asked for
	usage := func() {
		f.SetOutput(help)
		fmt.Fprintln(help, "usage: embed [flags]\n\nConnects a domain as an Entri-shaped configuration asks. Without flags: a demo in this process.")
		f.PrintDefaults()
		fmt.Fprintln(help, "\nexit status: 0 connected, 1 not or not in time, 2 bad input, 3 a decision is missing")
	}
	f.StringVar(&o.domain, "domain", "", "the customer's `domain`; default: the configuration's prefilledDomain")
	f.StringVar(&config, "config", "", "Entri-shaped configuration, a JSON `file`")
	f.StringVar(&o.provider, "provider", "", "driver `name` (rfc2136), instead of the one recognised by the name servers")
	f.StringVar(&credentials, "credentials", "", "the customer's credentials, a JSON `file`; rfc2136: server, key_name, key_alg, key")
	f.StringVar(&resolver, "resolver", "", "authoritative server to start from, `host:port`; its port is used for every server below it")
	f.BoolVar(&o.yes, "yes", false, "take the default of every conflict, and do not ask")
	f.Func("decide", "answer a conflict: `CODE=OPTION` or CODE@OWNER=OPTION; may be repeated", func(v string) error {
		d, err := plan.ParseDecision(v)
		o.decisions = append(o.decisions, d)
		return err
	})
	f.BoolVar(&o.planOnly, "plan-only", false, "show the plan and stop")
	f.BoolVar(&o.manual, "manual", false, "show what to do by hand, and wait for it")
	f.StringVar(&o.undo, "undo", "", "take back the `run` with this ID")
	f.BoolVar(&o.disconnect, "disconnect", false, "take back every run on the domain")
	f.StringVar(&o.recover, "recover", "", "settle the `run` with this ID, which was cut off")
	f.StringVar(&o.journal, "journal", "", "`directory` where runs are written down; default: in the user's state directory")
	f.DurationVar(&o.timeout, "timeout", 10*time.Minute, "for the whole walk, waiting for DNS included")
	f.BoolVar(&o.json, "json", false, "print one JSON object at the end; progress goes to standard error")
	f.StringVar(&o.host.CNAMETarget, "cname-target", "", "what {CNAME_TARGET} stands for")
	f.StringVar(&servers, "servers", "", "the addresses that {ENTRI_SERVERS} stands for, separated by commas")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			usage()
			return o, err
		}
		return o, fmt.Errorf("embed: %w (see -help)", err)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("embed: %q is no flag (see -help)", f.Arg(0))
	}
	o.demo = len(args) == 0 || len(args) == 1 && o.json
	if o.yes {
		o.decisions = append(o.decisions, plan.TakeDefaults())
	}
	var errs []error
	keep := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if o.timeout <= 0 {
		keep(fmt.Errorf("embed: -timeout %s: want a positive duration, such as 10m", o.timeout))
	}
	if o.journal == "" {
		var err error
		o.journal, err = stateDir()
		keep(err)
	}
	if resolver != "" {
		start, err := startAt(resolver)
		keep(err)
		o.verify.Start = []netip.AddrPort{start}
	}
	for _, a := range strings.FieldsFunc(servers, func(r rune) bool { return r == ',' || r == ' ' }) {
		addr, err := netip.ParseAddr(a)
		if err != nil {
			keep(fmt.Errorf("embed: -servers: %q is no IP address", a))
		}
		o.host.Servers = append(o.host.Servers, addr)
	}
	if credentials != "" {
		keep(readJSON("-credentials", credentials, &o.creds))
	}
	if config != "" {
		keep(o.readConfig(config))
	}
	if len(errs) == 0 {
		keep(o.consistent())
	}
	return o, errors.Join(errs...)
}

// consistent checks that the flags together say what to do.
func (o options) consistent() error {
	onRun := o.undo != "" || o.recover != ""
	switch {
	case o.demo:
		return nil
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
		if _, err := o.config.Intents(o.host, entri.Facts{Domain: o.domain}); err != nil {
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

func (o *options) readConfig(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("embed: -config: %w", err)
	}
	if o.config, err = entri.Parse(data); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if o.domain == "" && len(o.config.PrefilledDomain) > 0 {
		o.domain = o.config.PrefilledDomain[0]
	}
	o.manual = o.manual || o.config.ForceManualSetup
	return nil
}

func readJSON(name, file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("embed: %s: %w", name, err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("embed: %s: %s: unreadable JSON at byte %d: %w", name, file, syntax.Offset, err)
		}
		return fmt.Errorf("embed: %s: %s: want one object of strings: %w", name, file, err)
	}
	return nil
}

// startAt is a server as -resolver names it.
func startAt(resolver string) (netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(resolver); err == nil {
		return ap, nil
	}
	if a, err := netip.ParseAddr(resolver); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	return netip.AddrPort{}, fmt.Errorf("embed: -resolver %q: want an address and a port, such as 127.0.0.1:5300", resolver)
}

// stateDir is where the journal is kept between runs (XDG Base Directory
// Specification).
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mooring", "journal"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("embed: no directory for the journal: %w; give -journal", err)
	}
	return filepath.Join(home, ".local", "state", "mooring", "journal"), nil
}
