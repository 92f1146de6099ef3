package main

import (
	"cmp"
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
	"sync"
	"time"

	"github.com/mooring-dns/mooring/verify"
)

// verifying is a list under way, and what it shows.
type verifying struct {
	json     bool
	total    int // lines of the list; one of JSON may have several records
	out      io.Writer
	progress io.Writer
	bar      bool // progress is a terminal
	began    time.Time

	mu      sync.Mutex // of what follows: reports come, and time goes by without one
	done    verify.Progress
	warned  int    // reports that say propagated, and have findings to act on
	shown   bool   // the bar stands on the terminal
	noStart string // why DNS could not be asked, as it was told last
	lost    error  // the result could not be written
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
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	list, err := openExpectations(ctx, o.list, in)
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintf(progress, "embed: -verify: %v before the list was read; nothing was asked\n", ended(ctx.Err()))
		return exitNot
	case err != nil:
		fmt.Fprintln(progress, err)
		return exitInput
	}
	defer func() { _ = list.end() }() // it was only read
	v := &verifying{json: o.json, total: list.count, out: out, progress: progress, began: time.Now()}
	if f, ok := progress.(*os.File); ok {
		v.bar = escapes(f)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	quiet := v.ticking()
	_, err = verify.New(o.verify).Batch(ctx, list.requests(), func(r verify.Report) {
		if v.report(r); v.lost != nil {
			stop(v.lost)
		}
	})
	quiet()
	return v.finish(cmp.Or(v.lost, err, list.spoilt))
}

// ticking shows how far the list is until the function it returns is called:
// ten times a second on a terminal, and in a line of its own every five seconds
// elsewhere, also while no report comes.
func (v *verifying) ticking() (quiet func()) {
	pause := 5 * time.Second
	if v.bar {
		pause = time.Second / 10
	}
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(pause)
		defer t.Stop()
		for {
			select {
			case <-over:
				return
			case <-t.C:
				v.mu.Lock()
				v.show()
				v.mu.Unlock()
			}
		}
	})
	return func() { close(over); wg.Wait() }
}

// report shows one report, and how far the list is.
func (v *verifying) report(r verify.Report) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done.Add(r)
	if v.lost != nil {
		return
	}
	right := r.Verdict == verify.Propagated
	if right && slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Severity != verify.Info }) {
		v.warned++
	}
	if right && !v.json {
		return
	}
	shown := v.wipe()
	if v.json {
		v.lost = json.NewEncoder(v.out).Encode(r)
	} else {
		_, v.lost = io.WriteString(v.out, v.notRight(r))
	}
	if shown {
		v.show()
	}
}

// notRight is one line for each record that DNS does not show as wanted, and
// below it what is known about it. That DNS cannot be asked at all is told with
// the first record that it keeps from being looked at, not with each.
func (v *verifying) notRight(r verify.Report) string {
	var b strings.Builder
	for _, rec := range r.Records {
		if rec.Verdict != verify.Propagated {
			fmt.Fprintf(&b, "%-13s %s %s\n", rec.Verdict, rec.Expect.Record.Name, rec.Expect.Record.Type)
		}
	}
	for _, f := range telling(r.Findings) {
		if f.Code == verify.CodeNoStart {
			if f.Detail == v.noStart {
				continue
			}
			v.noStart = f.Detail
		}
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

// telling is the findings that people need: what keeps the record from being
// there, then why it is not there, then warnings; and of what else is known the
// first, where there is none of these.
func telling(all []verify.Finding) []verify.Finding {
	const other = 3
	rank := func(f verify.Finding) int {
		switch {
		case f.Severity == verify.Error:
			return 0
		case f.Code == verify.CodeNXDomain, f.Code == verify.CodeNoData, f.Code == verify.CodeEmpty:
			return 1
		case f.Severity == verify.Warning:
			return 2
		}
		return other
	}
	out := slices.SortedStableFunc(slices.Values(all), func(a, b verify.Finding) int { return cmp.Compare(rank(a), rank(b)) })
	if i := slices.IndexFunc(out, func(f verify.Finding) bool { return rank(f) == other }); i >= 0 {
		out = out[:max(i, 1)]
	}
	return out
}

// show shows how far the list is.
func (v *verifying) show() {
	if !v.bar {
		fmt.Fprintln(v.progress, v.state())
		return
	}
	// Without automatic margins, so that a narrow terminal cuts the line off:
	// what goes on in the next row would stay there.
	fmt.Fprintf(v.progress, "\r\x1b[K\x1b[?7l%s %s\x1b[?7h", v.state(), v.bars())
	v.shown = true
}

// wipe takes the bar away, so that something can be written in its place, and
// reports whether it was there.
func (v *verifying) wipe() bool {
	was := v.shown
	if was {
		fmt.Fprint(v.progress, "\r\x1b[K")
	}
	v.shown = false
	return was
}

func (v *verifying) bars() string {
	const wide = 24
	full := wide * v.done.Done / max(v.total, 1)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", wide-full) + "]"
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
			note := ""
			if verdict == verify.Propagated && v.warned > 0 {
				if note = fmt.Sprintf(", %d of them with a warning", v.warned); !v.json {
					note += " that -json shows"
				}
			}
			fmt.Fprintf(to, "%*d  %s%s\n", wide, n, verdict, note)
		}
	}
	fmt.Fprintf(to, "%d of %d lines looked at in %s, %d questions, %.0f a second\n",
		v.done.Done, v.total, took.Round(time.Millisecond), v.done.Asked, float64(v.done.Done)/max(took.Seconds(), 1e-3))
	if err != nil {
		fmt.Fprintf(v.progress, "embed: -verify: %v\n", ended(err))
	}
	if err != nil || v.done.Right < v.total {
		return exitNot
	}
	return exitConnected
}

// ended says in words why a list was not finished.
func ended(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("the time of -timeout is over")
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted")
	}
	return err
}
