package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Style is how a plan is rendered for people.
type Style struct {
	Color bool // ANSI colours, for terminals
	Width int  // data is cut to about this many columns; 0: whole
}

// Text is the plan as a diff with reasons, conflicts and warnings.
func (p Plan) Text() string { return p.Render(Style{}) }

// Render is Text in a style.
func (p Plan) Render(s Style) string {
	var b strings.Builder
	paint := func(code, text string) string {
		text = plain(text)
		if !s.Color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	add, remove := p.Counts()
	switch {
	case p.Status == NoChange && p.TakesBack:
		fmt.Fprintf(&b, "%s: nothing is left to take back.\n", p.Domain)
	case p.Status == NoChange && !p.TakesBack && len(p.Results) == 0:
		fmt.Fprintf(&b, "%s: nothing is asked for.\n", p.Domain)
	case p.Status == NoChange && slices.ContainsFunc(p.Results, func(r Result) bool { return r.State == Skipped || r.State == ByHand }):
		fmt.Fprintf(&b, "%s: nothing to change.\n", p.Domain)
	case p.Status == NoChange:
		fmt.Fprintf(&b, "%s: nothing to change, every record is there.\n", p.Domain)
	default:
		fmt.Fprintf(&b, "%s: %s to add, %s to remove.\n", p.Domain, count(add), count(remove))
	}
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "\n  %s\n", paint("1", c.Owner.FQDN()))
		for _, r := range c.Remove {
			fmt.Fprintf(&b, "    %s\n", paint("31", "- "+line(r, s.Width)))
		}
		for _, r := range c.Add {
			fmt.Fprintf(&b, "    %s\n", paint("32", "+ "+line(r, s.Width)))
		}
		for _, why := range c.Why {
			fmt.Fprintf(&b, "      %s\n", paint("2", why))
		}
	}
	if len(p.Conflicts) > 0 {
		b.WriteString("\nDecisions\n")
	}
	for _, c := range p.Conflicts {
		fmt.Fprintf(&b, "  %s %s\n", paint("33", "! "+string(c.Code)+"@"+string(c.Owner)), plain(c.Text))
		for _, o := range c.Options {
			mark := ""
			switch {
			case o.ID == c.Answer:
				mark = " [taken]"
			case o.ID == c.Default && c.Answer == "":
				mark = " [default]"
			}
			fmt.Fprintf(&b, "      %-8s %s%s\n", o.ID, plain(o.Text), paint("1", mark))
		}
	}
	for _, part := range []struct {
		title string
		list  []Warning
	}{{"Hazards", p.Hazards}, {"Warnings", p.Warnings}} {
		if len(part.list) > 0 {
			fmt.Fprintf(&b, "\n%s\n", part.title)
		}
		for _, w := range part.list {
			fmt.Fprintf(&b, "  %s %s\n", paint("33", "* "+w.Code), plain(w.Text))
		}
	}
	return b.String()
}

// plain writes control characters as \DDD, and what else changes how a line is
// drawn, such as the marks that turn its direction, as \u{HEX}: opaque data is
// whatever a host has, and must not be able to draw on a terminal.
func plain(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }) {
		return s
	}
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

// Counts is how many records the plan adds and removes.
func (p Plan) Counts() (add, remove int) {
	for _, c := range p.Changes {
		add, remove = add+len(c.Add), remove+len(c.Remove)
	}
	return add, remove
}

func count(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

func line(r zone.Record, width int) string {
	s := fmt.Sprintf("%-5s %6d  %s", r.Type, r.TTL, r.Data)
	if width > 0 && len(s) > width {
		s = s[:width-1] + "…"
	}
	return s
}
