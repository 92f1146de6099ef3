package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/verify"
)

// verifying is a list under way, and what it shows.
type verifying struct {
	json     bool
	total    int
	out      io.Writer
	progress io.Writer
	bar      bool // progress is a terminal

	done  verify.Progress
	began time.Time
	shown time.Time // when progress was last written
	lost  error     // the result could not be written
}

// checkVerify refuses flags that mean nothing for a list.
func (o options) checkVerify(f *flag.FlagSet) error {
	var errs []error
	f.Visit(func(f *flag.Flag) {
		if !slices.Contains([]string{"verify", "resolver", "json", "timeout", "rate"}, f.Name) {
			errs = append(errs, fmt.Errorf("embed: -%s means nothing with -verify, which only looks at DNS: it takes -resolver, -rate, -json and -timeout", f.Name))
		}
	})
	if o.list == "" {
		errs = append(errs, errors.New("embed: -verify: empty; give a file, or - for standard input"))
	}
	return errors.Join(errs...)
}

// budget is what -rate asks for: as much to one address, and five times that to
// all addresses of one DNS host.
func budget(rate string) (verify.Budget, error) {
	most, err := strconv.ParseFloat(rate, 64)
	switch {
	case err != nil || math.IsNaN(most) || math.IsInf(most, 0) || most < 0:
		return verify.Budget{}, errors.New("want a number of questions a second, such as 50, or 0")
	case most == 0:
		return verify.Budget{Start: -1, Provider: -1}, nil
	}
	return verify.Budget{Start: min(most, 20), Most: most, Provider: 5 * most}, nil
}

// verifyList looks once at every record of a list, and is the exit status.
func verifyList(ctx context.Context, o options, in io.Reader, out, progress io.Writer) int {
	list, err := openExpectations(o.list, in)
	if err != nil {
		fmt.Fprintln(progress, err)
		return exitInput
	}
	defer func() { _ = list.end() }() // it was only read
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	v := &verifying{json: o.json, total: list.count, out: out, progress: progress, began: time.Now()}
	if f, ok := progress.(*os.File); ok {
		v.bar = terminal(f)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	_, err = verify.New(o.verify).Batch(ctx, list.requests(), func(r verify.Report) {
		if v.report(r); v.lost != nil {
			stop(v.lost)
		}
	})
	if v.lost != nil {
		err = v.lost
	}
	return v.finish(err)
}

// report shows one report, and how far the list is.
func (v *verifying) report(r verify.Report) {
	v.done.Add(r)
	if v.lost != nil {
		return
	}
	if !v.json && r.Verdict == verify.Propagated {
		v.tick()
		return
	}
	v.wipe()
	if v.json {
		v.lost = json.NewEncoder(v.out).Encode(r)
	} else {
		_, v.lost = io.WriteString(v.out, notRight(r))
	}
	v.tick()
}

// notRight is one line for each record that DNS does not show as wanted, and
// one below it for what is known about it.
func notRight(r verify.Report) string {
	var b strings.Builder
	for _, rec := range r.Records {
		if rec.Verdict != verify.Propagated {
			fmt.Fprintf(&b, "%-13s %s %s\n", rec.Verdict, rec.Expect.Record.Name, rec.Expect.Record.Type)
		}
	}
	told := 0
	for _, f := range r.Findings {
		if f.Severity == verify.Info && told > 0 {
			continue
		}
		told++
		line := string(f.Code)
		if f.Server != "" {
			line += " " + f.Server
		}
		fmt.Fprintf(&b, "              %s: %s\n", plain(line), plain(f.Detail))
		if f.Hint != "" {
			fmt.Fprintf(&b, "              → %s\n", f.Hint)
		}
	}
	return b.String()
}

// tick shows how far the list is: ten times a second on a terminal, and in a
// line of its own every five seconds elsewhere.
func (v *verifying) tick() {
	pause := 5 * time.Second
	if v.bar {
		pause = time.Second / 10
	}
	if now := time.Now(); now.Sub(v.shown) >= pause && now.Sub(v.began) >= pause {
		v.shown = now
		if v.bar {
			fmt.Fprintf(v.progress, "\r%s\x1b[K", v.bars()+v.state())
		} else {
			fmt.Fprintln(v.progress, v.state())
		}
	}
}

// wipe takes the bar away, so that something can be written in its place.
func (v *verifying) wipe() {
	if v.bar && !v.shown.IsZero() {
		fmt.Fprint(v.progress, "\r\x1b[K")
		v.shown = time.Time{}
	}
}

func (v *verifying) bars() string {
	const wide = 24
	full := wide * v.done.Done / max(v.total, 1)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", wide-full) + "] "
}

func (v *verifying) state() string {
	return fmt.Sprintf("%d of %d, %.0f/s, %d propagated, %d not",
		v.done.Done, v.total, float64(v.done.Done)/max(time.Since(v.began).Seconds(), 1e-3), v.done.Right, v.done.Done-v.done.Right)
}

// finish is the summary by verdict, and the exit status.
func (v *verifying) finish(err error) int {
	v.wipe()
	to := v.out
	if v.json {
		to = v.progress
	}
	took := time.Since(v.began)
	if !v.json && v.done.Right < v.done.Done {
		fmt.Fprintln(to)
	}
	wide := len(strconv.Itoa(v.done.Done))
	for _, verdict := range verify.Verdicts() {
		if n := v.done.Verdicts[verdict]; n > 0 {
			fmt.Fprintf(to, "%*d  %s\n", wide, n, verdict)
		}
	}
	fmt.Fprintf(to, "%d of %d looked at in %s, %d questions, %.0f a second\n",
		v.done.Done, v.total, took.Round(time.Millisecond), v.done.Asked, float64(v.done.Done)/max(took.Seconds(), 1e-3))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		err = errors.New("the time of -timeout is over")
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintf(v.progress, "embed: -verify: %v\n", err)
	}
	if err != nil || v.done.Right < v.total {
		return exitNot
	}
	return exitConnected
}
