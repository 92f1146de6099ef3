package verify

import (
	"fmt"
	"iter"
	"slices"
)

// finding has the hint of its code.
func finding(code Code, severity Severity, server, detail string) Finding {
	return Finding{Code: code, Severity: severity, Server: server, Detail: detail, Hint: hint(code)}
}

// what is the owner and type of an expectation, for people.
func (e Expect) what() string { return e.Record.Name.FQDN() + " " + e.Record.Type }

// findings explain a verdict.
func (ev evidence) findings(rs RecordState) []Finding {
	var out []Finding
	what := ev.expect.what()
	if z := ev.expect.Zone; z != "" && ev.apex.Below(z) {
		out = append(out, finding(CodeCutBelow, Error, "", fmt.Sprintf("%s lies in %s, which %s delegates", what, ev.apex.FQDN(), z.FQDN())))
	}
	if rs.Verdict == Undelegated {
		return append(out, finding(CodeUndelegated, Error, "", fmt.Sprintf("%s: DNS knows only %s", what, ev.apex.FQDN())))
	}
	for i, s := range rs.Servers {
		add := func(code Code, severity Severity, detail string) {
			out = append(out, finding(code, severity, s.who(), what+": "+detail))
		}
		switch told := ev.servers[i].told; {
		case s.State == Flapping:
			add(CodeFlap, Error, "answers change from question to question")
		case rs.Verdict == Partial && (s.State == Missing || s.State == Differs):
			add(CodeStale, Error, "does not serve what another server serves")
		case s.State == Unknown && !told:
			add(CodeUnknown, Warning, s.Err)
		}
	}
	out = append(out, ev.viewFindings(rs)...)
	out = append(out, ev.contentFindings(rs)...)
	out = append(out, ev.aliasFindings(rs)...)
	out = append(out, ev.nameFindings(rs)...)
	return append(out, ev.caaFindings()...)
}

// answers is what the servers said that the expectation takes for right, or not.
func (ev evidence) answers(right bool) iter.Seq[sight] {
	return func(yield func(sight) bool) {
		for _, w := range ev.servers {
			for _, s := range w.sights {
				if s.status != Failed && (ev.says(s) == Right) == right && !yield(s) {
					return
				}
			}
		}
	}
}

// heard is the answers with that purpose.
func (ev evidence) heard(p Purpose) []Heard {
	return slices.DeleteFunc(slices.Clone(ev.facts), func(h Heard) bool { return h.Purpose != p })
}
