package providertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// Run runs every case as a subtest, and prints the report's Summary to
// standard output as one line. A `-run` that selects some cases is reported
// with those alone. With MOORING_REPORT=DIR in the environment it also writes
// DIR/NAME.json and DIR/NAME.txt.
func Run(t *testing.T, h Harness) Report {
	t.Helper()
	r := Report{Name: h.Name}
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			got := c.result(Failed, "the harness ended it")
			defer func() { // also where the harness ends the subtest
				if got.Status == Failed && t.Skipped() {
					got = c.result(Unsupported, "the harness skips it")
				}
				r.Cases = append(r.Cases, got)
			}()
			got = r.run(t, c, h)
			switch got.Status {
			case Passed:
			case Failed:
				t.Errorf("%s\nThe rule: %s", got.Reason, c.Rule)
			case Expected:
				t.Logf("fails, as is known (%s):\n%s", got.Reason, got.Found)
			case Unsupported:
				t.Skip(got.Reason)
			}
		})
	}
	for _, name := range h.unknown() {
		t.Errorf("Fails lists %q, and there is no such case", name)
	}
	r.Name = cmp.Or(r.Name, r.Driver)
	fmt.Fprintln(os.Stdout, r.Summary())
	if err := r.save(); err != nil {
		t.Errorf("the report could not be written: %v", err)
	}
	return r
}

// Check runs every case without a test. The error says that the harness is
// wrong, not the driver; what the driver does wrong is in the report.
func Check(ctx context.Context, h Harness) (Report, error) {
	r := Report{Name: h.Name}
	for _, c := range Cases() {
		got := c.result(Failed, "")
		if ended := perform(ctx, func(t TB) { got = r.run(t, c, h) }); ended != "" {
			got = c.result(Failed, "the harness ended it: "+ended)
		}
		r.Cases = append(r.Cases, got)
		if err := ctx.Err(); err != nil {
			return r, fmt.Errorf("the run was ended at %s: %w", c.Name, err)
		}
	}
	r.Name = cmp.Or(r.Name, r.Driver)
	if names := h.unknown(); len(names) > 0 {
		return r, fmt.Errorf("no such cases as Fails lists: %s", strings.Join(names, ", "))
	}
	return r, nil
}

// unknown is what Fails lists and is no case.
func (h Harness) unknown() []string {
	all := Cases()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(h.Fails)), func(name string) bool {
		return slices.ContainsFunc(all, func(c Case) bool { return c.Name == name })
	})
}

func (c Case) result(s Status, reason string) Result {
	return Result{Case: c.Name, Rule: c.Rule, Status: s, Reason: reason}
}

// run is one case, judged by what is known of the driver.
func (r *Report) run(t TB, c Case, h Harness) Result {
	t.Helper()
	e := &env{t: t, h: h}
	err := c.try(e)
	r.Driver = cmp.Or(r.Driver, e.id)
	known, listed := h.Fails[c.Name]
	var not notHere
	switch absent := errors.As(err, &not); {
	case absent && listed:
		return c.result(Failed, fmt.Sprintf("it is listed as known to fail (%s), and does not apply: %s", known, not))
	case absent:
		return c.result(Unsupported, string(not))
	case err == nil && listed:
		return c.result(Failed, fmt.Sprintf("it is listed as known to fail (%s), and holds", known))
	case err == nil:
		return c.result(Passed, "")
	case listed:
		got := c.result(Expected, known)
		got.Found = e.redacted(err.Error())
		return got
	}
	return c.result(Failed, e.redacted(err.Error()))
}

// notHere is why a case does not apply.
type notHere string

func (n notHere) Error() string { return string(n) }

const caseTimeout = 2 * time.Minute

// try runs the case and is what it found wrong. A panic of the driver is
// wrong, and so is a call that does not end, even where an error was asked for.
func (c Case) try(e *env) (err error) {
	e.t.Helper()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the suite or the harness panicked: %v", v)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.over = true
		if len(e.breaks) > 0 {
			err = errors.New(strings.Join(slices.Compact(e.breaks), "\n"))
		}
	}()
	ctx, cancel := context.WithTimeout(e.t.Context(), cmp.Or(e.h.timeout, caseTimeout))
	defer cancel()
	e.ctx = func() context.Context { return ctx }
	d, creds, apex := e.h.New(e.t)
	e.driver, e.creds, e.apex = shield{d, e}, creds, apex
	info := e.driver.Info()
	e.id, e.fields = info.ID, info.Fields
	if err := e.open(); err != nil {
		return fmt.Errorf("before the case itself: %w", err)
	}
	return c.run(e)
}

// redacted is text without the secrets of the case.
func (e *env) redacted(text string) string {
	open := map[string]bool{}
	for _, f := range e.fields {
		open[f.Name] = !f.Secret
	}
	for _, c := range []providers.Credentials{e.creds, e.others} {
		for name, secret := range c {
			if !open[name] && len(secret) > 3 {
				text = strings.ReplaceAll(text, secret, "[redacted]")
			}
		}
	}
	return text
}
