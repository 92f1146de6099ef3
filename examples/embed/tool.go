package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers/providertest"
)

// toolName is the first argument that makes this program the tool for those who
// write plugins and those who run them.
const toolName = "plugins"

const toolHelp = `usage: embed plugins COMMAND [flags] ...

  describe BINARY [-- ARGUMENT...]
        start a plugin, and print what it says of itself
  list DIR...
        what would be loaded from directories, what is refused, and why
  lock DIR...
        start every plugin there, and pin it and what it says of itself in
        ` + plugins.LockFile + `; what is pinned already is replaced or removed with
        -yes only
  conformance -account FILE BINARY [-- ARGUMENT...]
        run the contract of drivers as a test suite on a plugin, in a zone that
        it empties

What stands behind -- is for the plugin. "embed plugins COMMAND -help" lists flags.

exit status:
  0  done: all plugins are good, or the plugin conforms
  1  a plugin is refused, does not answer or does not conform
  2  bad input; nothing was written
  3  lock: -yes is missing, and nothing was written
`

// tool is one command of it.
type tool struct {
	use   pluginFlags
	flags *flag.FlagSet
	json  bool
	yes   bool // lock

	account, report string // conformance

	operands []string
	rest     []string // behind --

	out, progress io.Writer
}

// answer is what -json prints of a command.
type answer struct {
	Exit    int                  `json:"exit"`
	Plugin  *described           `json:"plugin,omitempty"`
	Plugins []listed             `json:"plugins,omitempty"`
	Lock    *locked              `json:"lock,omitempty"`
	Report  *providertest.Report `json:"report,omitempty"`
	Error   *problem             `json:"error,omitempty"`
}

// command is a word with its flags, and what it does.
type command struct {
	name  string
	usage string
	flags func(*tool)
	run   func(context.Context, *tool, *answer) error
}

func commands() []command {
	pinning := func(t *tool) { t.flags.StringVar(&t.use.lock, "lock", "", lockUsage) }
	conforming := func(t *tool) {
		t.flags.StringVar(&t.account, "account", "", "a JSON `file` with an account at the plugin's host and a zone in it:\n"+accountHelp)
		t.flags.StringVar(&t.report, "report", "", "`directory` to leave the report in, as JSON and as text")
	}
	return []command{
		{"describe", "BINARY [-- ARGUMENT...]", func(*tool) {}, describe},
		{"list", "DIR...", func(t *tool) { pinning(t); t.use.addArgs(t.flags); t.use.addUnpinned(t.flags) }, list},
		{"lock", "DIR...", func(t *tool) {
			pinning(t)
			t.use.addArgs(t.flags)
			t.flags.BoolVar(&t.yes, "yes", false, "replace or remove what is pinned already")
		}, lock},
		{"conformance", "-account FILE BINARY [-- ARGUMENT...]", conforming, conformance},
	}
}

// runTool is the tool with its surroundings passed in.
func runTool(ctx context.Context, args []string, out, progress io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(progress, toolHelp)
		return exitInput
	}
	word := args[0]
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, word) {
		fmt.Fprint(out, toolHelp)
		return exitConnected
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == word })
	if i < 0 {
		fmt.Fprintf(progress, "embed: plugins: %q is no command: want describe, list, lock or conformance (see embed plugins help)\n", word)
		return exitInput
	}
	t := &tool{out: out, progress: progress}
	err := t.parse(all[i], args[1:])
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(out, "usage: embed plugins %s [flags] %s\n", all[i].name, all[i].usage)
		t.flags.SetOutput(out)
		t.flags.PrintDefaults()
		return exitConnected
	}
	var a answer
	if err == nil {
		err = all[i].run(ctx, t, &a)
	}
	return t.finish(a, err)
}

// parse reads flags wherever they stand among the operands.
func (t *tool) parse(c command, args []string) error {
	if i := slices.Index(args, "--"); i >= 0 {
		args, t.rest = args[:i], args[i+1:] //nolint:gosec // i is that of an argument
	}
	t.flags = flag.NewFlagSet(c.name, flag.ContinueOnError)
	t.flags.SetOutput(io.Discard)
	t.flags.BoolVar(&t.json, "json", false, "print one JSON object")
	t.use.addState(t.flags)
	c.flags(t)
	t.json = slices.Contains(args, "-json") || slices.Contains(args, "--json") // also behind the flag at fault
	for {
		if err := t.flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return err
		} else if err != nil {
			return usageError{fmt.Errorf("embed: plugins %s: %w (see -help)", c.name, err)}
		}
		if args = t.flags.Args(); len(args) == 0 {
			return nil
		}
		t.operands = append(t.operands, args[0])
		args = args[1:]
	}
}

// passing gives what is only tried a state that goes with it: it leaves no
// copies behind, and its path is short whatever that of the user's home is.
func (t *tool) passing() (end func(), err error) {
	if t.use.state != "" {
		return func() {}, nil
	}
	dir, err := os.MkdirTemp(shortTemp(), "mooring-")
	t.use.state = dir
	return func() { _ = os.RemoveAll(dir) }, err
}

// options is what plugins are started with.
func (t *tool) options() (plugins.Options, error) {
	o, err := t.use.options(t.progress)
	o.Dirs = t.operands
	return o, err
}

// directories refuses a command line that names none, or arguments that are
// for no plugin in particular.
func (t *tool) directories() error {
	switch {
	case len(t.operands) == 0:
		return usageError{fmt.Errorf("embed: plugins %s: want the DIR with the plugins", t.flags.Name())}
	case len(t.rest) > 0:
		return usageError{fmt.Errorf("embed: plugins %s: arguments are given to a plugin as -plugin-arg ID=ARGUMENT", t.flags.Name())}
	}
	return nil
}

// one is the operand of a command that has one.
func (t *tool) one(what string) (string, error) {
	if len(t.operands) != 1 {
		return "", usageError{fmt.Errorf("embed: plugins %s: want one %s, and %d are given", t.flags.Name(), what, len(t.operands))}
	}
	return t.operands[0], nil
}

// finish prints the end and is the exit status.
func (t *tool) finish(a answer, err error) int {
	a.Exit = toolExit(err)
	if err != nil {
		fmt.Fprintln(t.progress, err)
		a.Error = &problem{Code: toolCode(err), Message: err.Error()}
	}
	if t.json {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if enc.Encode(a) != nil {
			return cmp.Or(a.Exit, exitNot)
		}
	}
	return a.Exit
}

// errReplaces is for a lock that would lose a pin.
var errReplaces = errors.New("embed: nothing was written: what is pinned would be replaced or removed; give -yes if that is meant")

func toolExit(err error) int {
	switch {
	case err == nil:
		return exitConnected
	case errors.Is(err, errReplaces):
		return exitDecision
	case inputError(err):
		return exitInput
	}
	return exitNot
}

func toolCode(err error) string {
	switch toolExit(err) {
	case exitInput:
		return "Input"
	case exitDecision:
		return "Undecided"
	}
	return "Refused"
}

// say prints a line of the answer for a person.
func (t *tool) say(format string, args ...any) {
	if !t.json {
		fmt.Fprintf(t.out, format+"\n", args...)
	}
}
