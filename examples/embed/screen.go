package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/verify"
)

var (
	errDeclined = errors.New("nothing was written: the plan was not confirmed")
	errUnasked  = errors.New("nothing was written: nobody is at a terminal to confirm the plan; give -yes to apply it without being asked")
)

// screen is where the walk shows itself and asks.
type screen struct {
	o        options
	in       *bufio.Reader // nil: nobody is there to ask
	out      io.Writer     // the result
	progress io.Writer     // everything on the way to it
	style    plan.Style
}

func newScreen(o options, in *os.File, out, progress io.Writer) *screen {
	s := &screen{o: o, out: out, progress: out}
	if o.json || o.check {
		s.progress = progress
	}
	if f, ok := s.progress.(*os.File); ok && terminal(f) {
		const wide = 110
		s.style = plan.Style{Color: os.Getenv("NO_COLOR") == "" && escapes(f), Width: wide}
		if terminal(in) && !o.yes && !o.json {
			s.in = bufio.NewReader(in)
		}
	}
	return s
}

func terminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("TERM") == "" {
		return false
	}
	null, err := os.Stat(os.DevNull) // a device too, and nobody sits there
	return err != nil || !os.SameFile(info, null)
}

// escapes reports whether f is a terminal that knows escape sequences, for
// colours and for lines that are written over.
func escapes(f *os.File) bool { return terminal(f) && os.Getenv("TERM") != "dumb" }

func (s *screen) say(format string, args ...any) {
	fmt.Fprintln(s.progress, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (s *screen) site(site connect.Site) {
	s.say("%s is in the zone %s", site.Name, site.Zone.FQDN())
	for _, e := range site.Evidence {
		s.say("  %s", e)
	}
	for _, ns := range site.NameServers {
		s.say("  served by %s", ns.FQDN())
	}
	sure := ""
	if site.Confidence != "" {
		sure = fmt.Sprintf(" (confidence: %s)", site.Confidence)
	}
	s.say("set-up: %s, provider: %s%s\n", site.SetupType, site.ProviderName, sure)
}

// without says what credentials would make of a set-up by hand.
func (s *screen) without(site connect.Site) {
	s.say("No -credentials, so the records are set by hand. For %s they would be:", site.ProviderName)
	for _, f := range site.Fields {
		at, optional := "", ""
		if f.URL != "" {
			at = ", made at " + f.URL
		}
		if f.Optional {
			optional = " (optional)"
		}
		s.say("  %s: %s%s%s", f.Name, f.Label, optional, at)
	}
	s.say("")
}

func (s *screen) plan(p connect.Plan) { s.say("%s", p.Render(s.style)) }

// event shows progress while waiting.
func (s *screen) event(e connect.Event) {
	switch e.Type {
	case connect.Applying:
		at := s.o.journal
		if s.o.world != nil && s.o.world.journal != "" {
			at = "a journal that goes with this demo"
		}
		s.say("run %s, written down in %s", e.Run, at)
	case connect.Applied:
		for _, o := range e.Outcomes {
			s.say("%-10s %s %s", o.State, o.Owner.FQDN(), o.Detail)
		}
	case connect.Propagating, connect.Connected:
		for _, r := range e.Redirects {
			s.say("%s: %s", r.Status, plain(r.Text))
		}
		if len(e.Confirmed)+len(e.Missing)+len(e.Lingering) == 0 {
			return // there is nothing to wait for
		}
		old := ""
		if n := len(e.Lingering); n > 0 {
			old = fmt.Sprintf(", and %d that must go", n)
		}
		s.say("DNS shows %d of %d records%s", len(e.Confirmed), len(e.Confirmed)+len(e.Missing), old)
	case connect.Detected, connect.Prepared, connect.TimedOut:
	}
}

// decide asks about open conflicts, where somebody is there to ask.
func (s *screen) decide(ctx context.Context, open []plan.Conflict) ([]plan.Decision, error) {
	if len(open) == 0 {
		return nil, nil
	}
	if s.in == nil || s.o.planOnly {
		return nil, &connect.Undecided{Conflicts: open}
	}
	var out []plan.Decision
	for _, c := range open {
		ids := make([]string, len(c.Options))
		for i, o := range c.Options {
			ids[i] = o.ID
		}
		for {
			answer, err := s.ask(ctx, "%s@%s [%s]%s: ", c.Code, c.Owner, strings.Join(ids, "/"), defaultMark(c))
			if err != nil {
				return nil, err
			}
			if answer == "" {
				answer = c.Default
			}
			if slices.Contains(ids, answer) {
				out = append(out, plan.Decision{Code: c.Code, Owner: c.Owner, Option: answer})
				break
			}
			s.say("please answer %s", strings.Join(ids, " or "))
		}
	}
	return out, nil
}

func defaultMark(c plan.Conflict) string {
	if c.Default == "" {
		return ""
	}
	return " (" + c.Default + ")"
}

// confirm asks once before anything is written, where somebody is there.
func (s *screen) confirm(ctx context.Context, p connect.Plan) error {
	if s.o.yes || p.Status != plan.Ready {
		return nil
	}
	if s.in == nil {
		return errUnasked
	}
	answer, err := s.ask(ctx, "apply this plan? [y/N]: ")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(strings.ToLower(answer), "y") {
		return errDeclined
	}
	return nil
}

// ask waits for a line, or for ctx: an interrupt ends the program at a question
// too, and the reader with it.
func (s *screen) ask(ctx context.Context, format string, args ...any) (string, error) {
	fmt.Fprintf(s.progress, format, args...)
	answer := make(chan string, 1)
	go func() {
		defer close(answer)
		if line, err := s.in.ReadString('\n'); err == nil {
			answer <- line
		}
	}()
	select {
	case line, ok := <-answer:
		if !ok {
			return "", errDeclined
		}
		return strings.TrimSpace(line), nil
	case <-ctx.Done():
		return "", fmt.Errorf("nothing was written: %w", context.Cause(ctx))
	}
}

// left shows what a run does without, and what a person has to do beside it.
func (s *screen) left(run connect.Run, p *connect.Plan) {
	for _, f := range run.FailedOptional {
		s.say("without the optional %s %s: %s", f.Intent.Kind, f.Intent.Host, f.Reason)
	}
	if p == nil {
		return
	}
	for _, r := range p.Results {
		if r.State == plan.ByHand {
			s.say("by hand: %s", r.Text)
		}
	}
}

// report shows what every server said of every record.
func (s *screen) report(r connect.Report) {
	if r.Verdict == "" || len(r.Records) == 0 {
		return // not even one look was finished, or there was nothing to look for
	}
	s.say("\nVerification: %s", r.Verdict)
	for _, rec := range r.Records {
		what := rec.Expect.Record.Type
		if rec.Expect.Gone {
			what = "no longer " + what + " " + rec.Expect.Record.Data
		}
		s.say("  %-12s %s %s", rec.Verdict, rec.Expect.Record.Name.FQDN(), what)
		for _, srv := range rec.Servers {
			note := srv.Err
			if srv.State != verify.Right && len(srv.Seen) > 0 {
				note = "shows " + strings.Join(srv.Seen, ", ")
			}
			s.say("    %-8s %s %s %s", srv.State, srv.Server, srv.Addr, note)
		}
	}
	for _, k := range r.Keys {
		which := "the value"
		if k.UsedFallback {
			which = "the fallback value, because " + k.Reason
		}
		s.say("  DKIM %s publishes %s; the key's SHA-256 is %s", k.Owner.FQDN(), which, k.Fingerprint)
	}
	for _, f := range r.Findings {
		s.say("  %s %s: %s %s", f.Severity, f.Code, f.Detail, f.Hint)
	}
}
