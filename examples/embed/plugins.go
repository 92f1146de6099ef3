package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// pluginFlags say which drivers there are and where they run.
type pluginFlags struct {
	inProcess bool // this program's own
	dirs      []string
	lock      string
	unpinned  bool
	state     string
	args      map[string][]string
	log       bool

	found []string // the IDs of those that are in dirs
}

const lockUsage = "the `file` that pins the plugins; default: " + plugins.LockFile + " in their directory"

// add adds what the walk has.
func (p *pluginFlags) add(f *flag.FlagSet) {
	f.BoolVar(&p.inProcess, "in-process", false, "run the drivers of this program in this very process, and not each in one of its own")
	f.Func("plugins", "`directory` with plugins, whose drivers are there beside this program's, and take the place of those with the same name; may be repeated", func(v string) error {
		p.dirs = append(p.dirs, v)
		return nil
	})
	f.StringVar(&p.lock, "lock", "", lockUsage)
	p.addUnpinned(f)
	p.addArgs(f)
	p.addState(f)
}

func (p *pluginFlags) addUnpinned(f *flag.FlagSet) {
	f.BoolVar(&p.unpinned, "unpinned", false, "for the development of a plugin: run also what no lock pins")
}

func (p *pluginFlags) addArgs(f *flag.FlagSet) {
	f.Func("plugin-arg", "an argument for a plugin: `ID=ARGUMENT`; may be repeated", func(v string) error {
		id, arg, ok := strings.Cut(v, "=")
		if !ok || id == "" {
			return errors.New("want ID=ARGUMENT")
		}
		p.give(id, arg)
		return nil
	})
}

func (p *pluginFlags) addState(f *flag.FlagSet) {
	f.StringVar(&p.state, "plugin-state", "", "`directory` for the copies and sockets of plugins, whose path must be short; default: in the user's state directory, and for what is only tried one that goes with it")
	f.BoolVar(&p.log, "plugin-log", false, "print what plugins log, on standard error")
}

// check refuses what says nothing without plugins.
func (p *pluginFlags) check() error {
	if len(p.dirs) == 0 && (p.lock != "" || p.unpinned || len(p.args) > 0) {
		return errors.New("embed: -lock, -unpinned and -plugin-arg are about the plugins of -plugins, and it is missing")
	}
	return nil
}

// strangers is the IDs that arguments were given for and that are not there.
func (p *pluginFlags) strangers(there []string) error {
	for _, id := range slices.Sorted(maps.Keys(p.args)) {
		if !slices.Contains(there, id) {
			return usageError{fmt.Errorf("embed: -plugin-arg %s: there is no such plugin; there are %s", id, strings.Join(there, ", "))}
		}
	}
	return nil
}

// needed reports whether there are plugins.
func (p *pluginFlags) needed() bool { return !p.inProcess || len(p.dirs) > 0 }

// give adds arguments for a plugin.
func (p *pluginFlags) give(id string, args ...string) {
	if p.args == nil {
		p.args = map[string][]string{}
	}
	p.args[id] = append(p.args[id], args...)
}

// options is what the host of the plugins is told.
func (p *pluginFlags) options(log io.Writer) (plugins.Options, error) {
	o := plugins.Options{
		Dirs: p.dirs, Lock: p.lock, Unpinned: p.unpinned, State: p.state, Args: p.args,
		// What leads a program to the network, and lets it trust servers there.
		Env: []string{"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"},
	}
	if p.log {
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	}
	if o.State != "" {
		return o, nil
	}
	var err error
	if o.State, err = stateDir("plugins"); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

// load makes the drivers that the walk may use. end ends their processes.
func (o *options) load(progress io.Writer) (end func(), err error) {
	var hosts []*plugins.Host
	end = func() {
		for _, h := range hosts {
			_ = h.Close() // what it leaves behind the next one removes
		}
	}
	o.drivers = bundled(o.endpoint)
	if !o.plugins.needed() {
		return end, nil
	}
	common, err := o.plugins.options(progress)
	if err != nil {
		return end, err
	}
	var found *plugins.Host
	if len(o.plugins.dirs) > 0 {
		if found, err = o.loadFound(common, progress); err != nil {
			return end, err
		}
		hosts = append(hosts, found)
	}
	if !o.plugins.inProcess {
		own, err := o.loadOwn(common)
		if err != nil {
			return end, err
		}
		hosts = append(hosts, own)
		o.drivers = own.Drivers()
	}
	if found != nil {
		o.drivers = append(o.drivers, found.Drivers()...)
		slices.SortFunc(o.drivers, func(a, b providers.Driver) int { return cmp.Compare(a.Info().ID, b.Info().ID) })
	}
	return end, nil
}

// loadFound loads the plugins of the directories, which take the place of this
// program's own drivers.
func (o *options) loadFound(common plugins.Options, progress io.Writer) (*plugins.Host, error) {
	if o.endpoint != "" {
		who := cmp.Or(o.provider, o.run().Driver)
		if who == "" {
			return nil, usageError{errors.New("embed: -endpoint beside -plugins: name the host that it is for with -provider")}
		}
		common.Args = maps.Clone(common.Args)
		if common.Args == nil {
			common.Args = map[string][]string{}
		}
		common.Args[who] = slices.Concat(common.Args[who], endpointArgs(o.endpoint))
	}
	if o.plugins.unpinned {
		fmt.Fprintln(progress, "embed: -unpinned: plugins are run that nobody has pinned, which is for their development")
	}
	h, err := plugins.Load(common)
	if err != nil {
		return nil, usageError{fmt.Errorf("embed: -plugins: %w%s", err, pinning(err))}
	}
	for _, s := range h.Status() {
		o.plugins.found = append(o.plugins.found, s.ID)
		if driverOf(o.drivers, s.ID) != nil {
			fmt.Fprintf(progress, "embed: %s is the plugin %s, in place of this program's own driver\n", s.ID, s.Source)
			o.drivers = slices.DeleteFunc(o.drivers, func(d providers.Driver) bool { return d.Info().ID == s.ID })
		}
	}
	if err := o.plugins.strangers(o.plugins.found); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// pinning is what to do about plugins that are refused for want of a pin.
func pinning(err error) string {
	switch {
	case errors.Is(err, plugins.ErrTampered):
		return "\nIf the binary was exchanged on purpose, `embed plugins lock` shows what changed and pins it."
	case errors.Is(err, plugins.ErrNotPinned):
		return "\n`embed plugins lock DIR` pins what is there, and -unpinned runs it as it is."
	case errors.Is(err, plugins.ErrDescription):
		return "\nWhat a plugin says of itself can depend on its arguments, of which -endpoint is one: `embed plugins lock -plugin-arg ID=ARGUMENT DIR` pins it with others."
	}
	return ""
}

// loadOwn makes plugins of this program's own drivers that are left.
func (o *options) loadOwn(common plugins.Options) (*plugins.Host, error) {
	common.Dirs, common.Lock, common.Unpinned, common.Args = nil, "", false, nil
	common.Carried, common.CarriedArgs = o.drivers, endpointArgs(o.endpoint)
	h, err := plugins.Load(common)
	if err != nil {
		return nil, usageError{fmt.Errorf("embed: %w\n%s", err, elsewhere)}
	}
	return h, nil
}

// elsewhere is what to do where plugins cannot run.
const elsewhere = "The drivers run in processes of their own: -plugin-state DIR gives those another place, and -in-process does without them."
