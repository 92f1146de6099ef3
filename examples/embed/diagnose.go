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
	"unicode"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/spf"
)

// diagnosis is what -diagnose prints with -json.
type diagnosis struct {
	Sound     bool               `json:"sound"` // nothing is broken, and DNS answered everything
	Exit      int                `json:"exit"`
	Diagnosis *connect.Diagnosis `json:"diagnosis,omitempty"`
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
	if _, err := entri.Split(o.diagnose); err != nil {
		errs = append(errs, fmt.Errorf("embed: -diagnose: %w", err))
	}
	return errors.Join(errs...)
}

// diagnose prints what the mail records of a domain say, and is the exit status.
func diagnose(ctx context.Context, o options, out, progress io.Writer) int {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	eng, err := connect.New(connect.Options{Verify: o.verify})
	if err != nil {
		fmt.Fprintln(progress, err)
		return exitNot
	}
	if !o.json {
		fmt.Fprintf(progress, "asking DNS about the mail of %s\n", plain(o.diagnose))
	}
	d, err := eng.Diagnose(ctx, o.diagnose)
	res := diagnosis{Sound: err == nil && d.Sound(), Exit: exitNot, Diagnosis: &d}
	switch {
	case res.Sound:
		res.Exit = exitConnected
	case err != nil:
		res.Error = &problem{Code: codeOf(err), Message: err.Error()}
	}
	if o.json {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(res); err != nil {
			return exitNot
		}
		return res.Exit
	}
	fmt.Fprint(out, sheet(d))
	if err != nil {
		fmt.Fprintf(out, "\n%v: what is said above is not all\n", err)
	}
	return res.Exit
}

// sheet is a diagnosis for people: what the records say, and what is wrong.
func sheet(d connect.Diagnosis) string {
	var s lines
	s.add("%s", d.Name)
	if d.Status == plan.Found {
		s.field("Mail", "%s", servers(d.MX))
		s.mailbox(d)
		s.spf(d.SPF)
		s.dkim(d.DKIM)
		s.dmarc(d.DMARC)
		for _, n := range d.Neighbours {
			s.field(strings.ToUpper(string(n.Area)), "%s", found(n.Status, n.Record))
		}
	}
	s.findings(d)
	return s.String()
}

// lines is text that is shown on a terminal: nothing that DNS says can draw
// there.
type lines struct{ strings.Builder }

func (s *lines) add(format string, args ...any) {
	s.WriteString(strings.TrimRight(plain(fmt.Sprintf(format, args...)), " "))
	s.WriteByte('\n')
}

// field is a value with its name before it; without a name it belongs to the
// field above.
func (s *lines) field(name, format string, args ...any) {
	s.add("  %-9s %s", name, fmt.Sprintf(format, args...))
}

// found is a record, or why there is none to show.
func found(status plan.FactStatus, record string) string {
	switch {
	case status == plan.Failed:
		return "could not be asked for"
	case record == "":
		return "none"
	}
	return record
}

func servers(mx connect.MXReport) string {
	return found(mx.Status, strings.Join(mx.Servers, ", "))
}

func (s *lines) mailbox(d connect.Diagnosis) {
	m := d.MX.Mailbox
	who := "not recognised"
	if m.Mailbox != "" {
		who = fmt.Sprintf("%s, confidence %s", m.Name, m.Confidence)
	}
	if m.Gateway != "" {
		who += ", behind " + m.Gateway
	}
	if m.NoMail {
		who = "none: the domain receives no mail"
	}
	s.field("Mailboxes", "%s", who)
	for _, e := range m.Evidence {
		s.field("", "  %s", e)
	}
}

func (s *lines) spf(r connect.SPFReport) {
	s.field("SPF", "%s", found(r.Status, r.Record))
	if r.Record == "" || len(r.Terms) == 0 {
		return
	}
	least := ""
	if r.AtLeast {
		least = "at least "
	}
	s.field("", "%s%d of %d lookups, %d of %d void, %d octets; each term costs, with all below it:",
		least, r.Lookups, spf.LookupLimit, r.Voids, spf.VoidLimit, r.Octets)
	s.terms(r.Terms, "")
}

func (s *lines) terms(terms []connect.SPFTerm, indent string) {
	for _, t := range terms {
		if t.Lookups == 0 && t.Problem == "" && t.Unknown == "" {
			continue
		}
		note := ""
		switch {
		case t.Problem != "":
			note = "   broken: " + t.Problem
		case t.Unknown != "":
			note = "   could not be asked for"
		case t.Dynamic:
			note = "   depends on the message"
		case t.Voids > 0 && len(t.Below) == 0:
			note = "   finds nothing"
		}
		s.field("", "%4d  %s%s%s", t.Lookups, indent, t.Term, note)
		s.terms(t.Below, indent+"  ")
	}
}

func (s *lines) dkim(r connect.DKIMReport) {
	if len(r.Keys) == 0 {
		s.field("DKIM", "%s", found(r.Status, fmt.Sprintf("no key at the %d selectors that were asked for", len(r.Asked))))
	}
	for i, k := range r.Keys {
		name := ""
		if i == 0 {
			name = "DKIM"
		}
		what := k.State
		if k.Type != "" {
			what += fmt.Sprintf(", %s", strings.ToUpper(k.Type))
		}
		if k.Bits > 0 {
			what += fmt.Sprintf(" %d bits", k.Bits)
		}
		if k.Target != "" {
			what += ", by " + k.Target
		}
		s.field(name, "%-12s %s", k.Selector, what)
	}
}

func (s *lines) dmarc(r connect.DMARCReport) {
	s.field("DMARC", "%s", found(r.Status, r.Record))
	if r.Record == "" {
		return
	}
	s.field("", "at %s; mail from the name that fails is treated as: %s, from names below it: %s", r.Owner, r.Policy, r.Subdomains)
	for _, a := range r.Reports {
		state := map[plan.FactStatus]string{plan.Found: "agrees to get reports", plan.Failed: "could not be asked for"}[a.Status]
		if state == "" {
			state = "does not agree to get reports, so it gets none"
		}
		s.field("", "%s %s", a.Owner, state)
	}
}

func (s *lines) findings(d connect.Diagnosis) {
	s.add("")
	switch {
	case len(d.Findings) == 0:
		s.add("Nothing is wrong.")
		return
	case d.Sound():
		s.add("Nothing is broken. Worth knowing:")
	default:
		s.add("Findings, the gravest first:")
	}
	for _, f := range d.Findings {
		s.add("  %-8s %-8s %s (%s)", f.Severity, f.Area, f.Text, f.Code)
		if f.Advice != "" {
			s.add("  %-17s %s", "", f.Advice)
		}
	}
}

// plain writes control characters as \DDD.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) {
			fmt.Fprintf(&b, "\\%03d", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
