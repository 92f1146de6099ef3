package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/verify"
)

// options is the command line, read and checked.
type options struct {
	domain, provider, endpoint  string
	undo, recover, diagnose     string
	list                        string // of records to verify
	disconnect                  bool
	config                      entri.Config
	host                        entri.HostOptions
	creds                       providers.Credentials
	verify                      verify.Options
	journal                     string
	timeout                     time.Duration
	yes, planOnly, manual, json bool
	demo                        string // the host to show it on; "": no demo
	world                       *world // that the demo runs on
	check                       bool
	decisions                   []plan.Decision
	policies                    plan.Policies
	plugins                     pluginFlags
	drivers                     []providers.Driver // that this walk may use
	defaults                    func(io.Writer)    // prints the flags
}

// parse reads the command line. What can be wrong with it is found here, but
// for what only drivers know (see checkDrivers), before anything is read or
// written.
func parse(args []string, dns verify.Options) (options, error) {
	o := options{verify: dns}
	var config, credentials, resolver, servers string
	f := flag.NewFlagSet("embed", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are returned, and help is printed when it is asked for
	o.defaults = func(w io.Writer) { f.SetOutput(w); f.PrintDefaults() }
	f.StringVar(&o.domain, "domain", "", "the customer's `domain`; default: the configuration's prefilledDomain")
	f.StringVar(&config, "config", "", "Entri-shaped configuration, a JSON `file`")
	f.StringVar(&o.provider, "provider", "", "driver `name` ("+driverIDs(bundled(""))+", or a plugin of -plugins); default: the one whose fields the credentials have")
	f.StringVar(&credentials, "credentials", "", "the customer's credentials, a JSON `file` of one object of strings")
	f.StringVar(&o.endpoint, "endpoint", "", "`URL` that takes the place of the host's API, such as its sandbox")
	f.StringVar(&resolver, "resolver", "", "`address:port` of a name server, asked in place of the Internet's root servers; every server that it leads to is asked at that port too")
	f.StringVar(&o.demo, "demo", "", "show it in this process on a fake of this `host`: "+driverIDs(bundled("")))
	f.BoolVar(&o.yes, "yes", false, "take the default of every conflict, and apply the plan without asking")
	f.Func("decide", "answer a conflict: `CODE=OPTION` or CODE@OWNER=OPTION; may be repeated", func(v string) error {
		d, err := plan.ParseDecision(v)
		o.decisions = append(o.decisions, d)
		return err
	})
	f.Func("policy", "what is done about conflicts that nobody decided: `CLASS=POLICY`, such as address=keep; ask, fail, replace or keep; may be repeated", o.policy)
	f.BoolVar(&o.check, "check-conflicts", false, "print the customer's records that stand in the way, as JSON, and stop")
	f.BoolVar(&o.planOnly, "plan-only", false, "show the plan and stop; where a decision is missing, list its answers")
	f.BoolVar(&o.manual, "manual", false, "show what to do by hand, and wait for it")
	f.StringVar(&o.undo, "undo", "", "take back the `run` with this ID")
	f.BoolVar(&o.disconnect, "disconnect", false, "take back every run on the domain")
	f.StringVar(&o.recover, "recover", "", "settle the `run` with this ID, which was cut off, and wait for DNS to show it")
	f.StringVar(&o.diagnose, "diagnose", "", "say what the mail records of this `domain` say, what is wrong with them, and what each service in its SPF record costs; needs no configuration and no credentials, and writes nothing")
	f.StringVar(&o.list, "verify", "", "look once at every record of a list and say what is not as it should be; a `file`, or - for standard input, of lines NAME TYPE VALUE, or JSON objects with a domain and Entri's records; needs no credentials, and writes nothing")
	f.Func("rate", "with -verify: at most so many `questions` a second to one address of a name server, and five times that to all of one DNS host; it begins with 20 and gets more while the server answers; default: 200; 0: as many as it answers", func(v string) (err error) {
		o.verify.Budget, err = budget(v)
		return err
	})
	f.StringVar(&o.journal, "journal", "", "`directory` where runs are written down; default: in the user's state directory, and for a demo one that goes with it")
	f.DurationVar(&o.timeout, "timeout", 10*time.Minute, "for the whole walk, waiting for DNS included; with -diagnose "+diagnoseTimeout.String()+" unless it is given, with -verify without end")
	f.BoolVar(&o.json, "json", false, "print one JSON object at the end, with -verify one report in each line as it comes; progress goes to standard error")
	f.StringVar(&o.host.CNAMETarget, "cname-target", "", "what {CNAME_TARGET} stands for")
	f.StringVar(&servers, "servers", "", "the addresses that {ENTRI_SERVERS} stands for, separated by commas")
	o.plugins.add(f)
	if err := f.Parse(args); err != nil {
		for errors.Is(err, flag.ErrHelp) && errors.Is(f.Parse(f.Args()), flag.ErrHelp) { // -plugins may stand behind it
			continue
		}
		return o, fmt.Errorf("embed: %w (see -help)", err)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("embed: %q is no flag (see -help)", f.Arg(0))
	}
	if bare(f) {
		o.demo = demoDefault
	}
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
	if o.journal == "" && o.demo == "" && o.diagnose == "" && !given(f, "verify") {
		var err error
		o.journal, err = stateDir("journal")
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
	if given(f, "diagnose") {
		if !given(f, "timeout") {
			o.timeout = diagnoseTimeout
		}
		keep(o.checkDiagnose(f))
	} else if given(f, "verify") {
		if !given(f, "timeout") {
			o.timeout = 0
		}
		keep(o.checkVerify(f))
	} else if given(f, "rate") {
		keep(errors.New("embed: -rate means nothing without -verify: give it with a list"))
	} else if len(errs) == 0 {
		keep(o.consistent())
	}
	return o, errors.Join(errs...)
}

// policy reads CLASS=POLICY.
func (o *options) policy(v string) error {
	class, policy, _ := strings.Cut(v, "=")
	if !slices.Contains(plan.Classes(), plan.Class(class)) {
		return fmt.Errorf("no conflict that a policy may decide has the class %q; the classes are %s", class, joinClasses())
	}
	p := plan.Policy(policy)
	if !slices.Contains([]plan.Policy{plan.Ask, plan.Fail, plan.Replace, plan.Keep}, p) {
		return fmt.Errorf("policy %q: want ask, fail, replace or keep", policy)
	}
	if o.policies == nil {
		o.policies = plan.Policies{}
	}
	if other, twice := o.policies[plan.Class(class)]; twice && other != p {
		return fmt.Errorf("policy %s: given as %s and as %s", class, other, p)
	}
	o.policies[plan.Class(class)] = p
	return nil
}

func joinClasses() string {
	var names []string
	for _, c := range plan.Classes() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
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
	if strings.TrimSpace(string(data)) == "null" {
		return fmt.Errorf("embed: %s: %s: want one object of strings, and it holds null", name, file)
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

// bare reports whether the flags say at most how something is shown or run, and
// not what.
func bare(f *flag.FlagSet) bool {
	is := true
	f.Visit(func(f *flag.Flag) {
		is = is && slices.Contains([]string{"json", "in-process", "plugin-state", "plugin-log"}, f.Name)
	})
	return is
}

// given reports whether a flag stands on the command line, whatever its value.
func given(f *flag.FlagSet, name string) bool {
	is := false
	f.Visit(func(f *flag.Flag) { is = is || f.Name == name })
	return is
}

// stateDir is where this program keeps what outlives a run of it (XDG Base
// Directory Specification): its journal, and beside it its plugins.
func stateDir(name string) (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mooring", name), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("embed: no directory for the %s: %w; give %s", name, err,
			map[string]string{"journal": "-journal", "plugins": "-plugin-state, or -in-process"}[name])
	}
	return filepath.Join(home, ".local", "state", "mooring", name), nil
}
