package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
)

// diagnoseTimeout is how long a diagnosis takes at most unless -timeout says
// otherwise. There is no waiting for DNS to change in it.
const diagnoseTimeout = time.Minute

// diagnosis is what -diagnose prints with -json.
type diagnosis struct {
	Sound     bool               `json:"sound"` // nothing is broken, and DNS answered everything
	Exit      int                `json:"exit"`
	Diagnosis *connect.Diagnosis `json:"diagnosis,omitempty"` // not there where nothing was asked
	Error     *problem           `json:"error,omitempty"`
}

// checkDiagnose refuses flags that mean nothing for a look at DNS alone.
func (o options) checkDiagnose(f *flag.FlagSet) error {
	var errs []error
	f.Visit(func(f *flag.Flag) {
		if !slices.Contains([]string{"diagnose", "resolver", "json", "timeout"}, f.Name) {
			errs = append(errs, fmt.Errorf("embed: -%s means nothing with -diagnose, which only looks at DNS: it takes -resolver, -json and -timeout", f.Name))
		}
	})
	if o.diagnose == "" {
		errs = append(errs, errors.New("embed: -diagnose: empty; give a domain, such as customer.example"))
	}
	return errors.Join(errs...)
}

// isDiagnose reports whether an argument is the flag -diagnose, however it is
// written.
func isDiagnose(arg string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
	return name == "-diagnose" || name == "diagnose" && strings.HasPrefix(arg, "-")
}

// diagnose prints what the mail records of a domain say, and is the exit status.
func diagnose(ctx context.Context, o options, out, progress io.Writer) int {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	eng, err := connect.New(connect.Options{Verify: o.verify})
	if err != nil {
		return refuseDiagnosis(o, err, out, progress)
	}
	fmt.Fprintf(progress, "diagnosing the mail of %s\n", plain(o.diagnose))
	d, err := eng.Diagnose(ctx, o.diagnose)
	if is[*entri.Error](err) {
		return refuseDiagnosis(o, fmt.Errorf("embed: -diagnose: %w", err), out, progress)
	}
	res := diagnosis{Sound: err == nil && d.Sound(), Exit: exitNot, Diagnosis: &d}
	switch {
	case res.Sound:
		res.Exit = exitConnected
	case err != nil:
		res.Error = &problem{Code: codeOf(err), Message: err.Error()}
	}
	if o.json {
		return res.print(out)
	}
	fmt.Fprint(out, sheet(d))
	if err != nil {
		fmt.Fprintf(out, "\n%s: what is said above is not all\n", plain(err.Error()))
	}
	return res.Exit
}

// refuseDiagnosis is the end of a diagnosis that does not begin.
func refuseDiagnosis(o options, err error, out, progress io.Writer) int {
	fmt.Fprintln(progress, err)
	res := diagnosis{Exit: exitOf(err, o, result{}), Error: &problem{Code: codeOf(err), Message: err.Error()}}
	if o.json {
		return res.print(out)
	}
	return res.Exit
}

// print writes the one JSON object, and is the exit status.
func (d diagnosis) print(out io.Writer) int {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return exitNot
	}
	return d.Exit
}
