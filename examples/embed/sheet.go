package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/spf"
)

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

// effective is found for records of which several stand there and none counts.
func effective(status plan.FactStatus, record string) string {
	if status == plan.Found && record == "" {
		return "none that counts: see the findings"
	}
	return found(status, record)
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
	s.field("SPF", "%s", effective(r.Status, r.Record))
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
		none := fmt.Sprintf("no key at the %d selectors that were asked for", len(r.Asked))
		if len(r.Failed) > 0 {
			none = fmt.Sprintf("no key at %d of %d selectors; the others could not be asked for", len(r.Asked)-len(r.Failed), len(r.Asked))
		}
		s.field("DKIM", "%s", found(r.Status, none))
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
	s.field("DMARC", "%s", effective(r.Status, r.Record))
	if r.Record == "" {
		return
	}
	s.field("", "at %s; mail from the name that fails is treated as: %s, from names below it: %s", r.Owner, milder(r.Policy, r.Testing), milder(r.Subdomains, r.Testing))
	for _, a := range r.Reports {
		state := map[plan.FactStatus]string{plan.Found: "agrees to get reports", plan.Failed: "could not be asked for"}[a.Status]
		if state == "" {
			state = "does not agree to get reports, so it gets none"
		}
		s.field("", "%s %s", a.Owner, state)
	}
}

// milder is what receivers do by a policy, which t=y makes a step milder (RFC
// 9989).
func milder(policy string, testing bool) string {
	if !testing || policy == string(dmarc.None) {
		return policy
	}
	r := dmarc.Record{P: dmarc.Policy(policy), T: true}
	return fmt.Sprintf("%s (%s, made milder by t=y)", r.InForce(), policy)
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

// plain writes control characters as \DDD, and what else changes how a line is
// drawn, such as the marks that turn its direction, as \u{HEX}.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsControl(r):
			fmt.Fprintf(&b, "\\%03d", r)
		case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			fmt.Fprintf(&b, "\\u{%x}", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
