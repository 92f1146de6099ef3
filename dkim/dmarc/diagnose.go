package dmarc

import (
	"fmt"
	"slices"
	"strings"
)

// Diagnose says what receivers go by for mail from a domain, and what is wrong with it, gravest first. Without a finding all is
// well; np and sp may be absent.
//
// Facts and questions are those of [Discover], and those of [CheckAuthorisers] for the record that was found: ask again with the
// answers until there are no questions. Found is zero while Discover has questions itself. What cannot be looked up has to stay
// out of the facts; then there are findings for the rest, and its questions come again.
func Diagnose(domain string, facts map[string][]string) (found Found, findings []Finding, questions []string) {
	found, questions = Discover(domain, facts)
	if len(questions) > 0 {
		return Found{}, nil, questions
	}
	findings = void(found.Domain, facts["_dmarc."+found.Domain])
	if found.Owner == "" { // what is void above the domain may be why
		for name := parent(found.Domain); name != ""; name = parent(name) {
			findings = append(findings, void(name, facts["_dmarc."+name])...)
		}
		if len(findings) == 0 {
			findings = append(findings, Finding{
				Code: CodeMissing, Severity: SeverityWarning,
				Text:   fmt.Sprintf("%s has no DMARC record, so anybody can send mail in its name and nobody is told", clip(found.Domain)),
				Advice: fmt.Sprintf("publish v=DMARC1; p=none; rua=mailto:… as TXT at _dmarc.%s, and read the reports before making p stricter", clip(found.Domain)),
			})
		}
		return found, findings, nil
	}
	findings = append(findings, found.Record.faults()...)
	findings = append(findings, slices.DeleteFunc(found.Record.strength(), func(f Finding) bool {
		return f.Code == CodeMonitoring && found.Policy(true) != None // the record of a domain above, whose p is not for this name
	})...)
	unauthorised, questions := CheckAuthorisers(found.Owner, found.Record.String(), facts)
	findings = append(findings, unauthorised...)
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.Severity.rank() - b.Severity.rank() })
	return found, findings, questions
}

func (s Severity) rank() int {
	return slices.Index([]Severity{SeverityBroken, SeverityWarning, SeverityHint}, s)
}

// void finds what keeps receivers from taking the record of a name for one.
func void(domain string, texts []string) (findings []Finding) {
	there := records(texts)
	if len(there) > 1 {
		findings = append(findings, Finding{
			Code: CodeMultiple, Severity: SeverityBroken, Text: fmt.Sprintf("%d DMARC records stand at _dmarc.%s, which makes all of them void", len(there), clip(domain)),
			Advice: "leave one of them and delete the others",
		})
	}
	for _, text := range there {
		if _, err := Parse(text); err != nil {
			findings = append(findings, Finding{
				Code: CodeDuplicate, Severity: SeverityBroken, Text: fmt.Sprintf("at _dmarc.%s: %s", clip(domain), strings.TrimPrefix(err.Error(), "dmarc: ")), Advice: "write each tag once",
			})
		}
	}
	for _, text := range texts {
		if hidden(text) {
			findings = append(findings, Finding{
				Code: CodeHidden, Severity: SeverityBroken, Text: fmt.Sprintf("at _dmarc.%s: %q looks like a DMARC record, but receivers do not take it for one", clip(domain), clip(text)),
				Advice: "let the text begin with v=DMARC1; in these letters, without quotes or anything else before it",
			})
		}
	}
	return findings
}

// hidden reports whether a text is meant as a record and is none.
func hidden(text string) bool {
	return !IsRecord(text) && strings.Contains(strings.ToLower(text), "v=dmarc1")
}

// faults turns the warnings about a record that stands into findings.
func (r Record) faults() (findings []Finding) {
	for _, w := range r.Warnings {
		f := Finding{Code: w.Code, Severity: SeverityWarning, Tag: w.Tag, Text: w.Text}
		switch w.Code {
		case CodeNoEffect:
			f.Severity, f.Advice = SeverityBroken, "write a policy behind v=DMARC1;, such as p=none, and a report address"
		case CodeInvalid:
			if slices.Contains([]string{"p", "sp", "np"}, w.Tag) {
				f.Severity, f.Text = SeverityBroken, f.Text+"; because of it all policies are none"
			}
			f.Advice = "correct the value, or leave the tag out"
		case CodeNotURI, CodeSeparator:
			f.Severity, f.Advice = SeverityBroken, "write addresses as mailto:reports@example.com, with commas between them"
		case CodeNoPolicy, CodeLateP:
			f.Advice = "write p right behind v=DMARC1;"
		case CodeNotTag, CodeEmptyTag:
			f.Advice = "leave it out: receivers by RFC 7489 may refuse the whole record for it"
		case CodeRemoved:
			if w.Tag == "pct" && r.percent() < 100 {
				continue // said with the policy
			}
			f.Severity, f.Advice = SeverityHint, "leave the tag out"
		default:
			f.Severity = SeverityHint
		}
		findings = append(findings, f)
	}
	return findings
}

// strength finds where a record asks for less than it could, or than it seems to.
func (r Record) strength() (findings []Finding) {
	add := func(code Code, s Severity, tag, text, advice string) {
		findings = append(findings, Finding{Code: code, Severity: s, Tag: tag, Text: text, Advice: advice})
	}
	switch {
	case !r.Effective:
	case r.strictest() == None && len(r.RUA) == 0:
		add(CodeNoReports, SeverityWarning, "rua", "the policy is none and no aggregate reports are asked for: the record changes nothing and tells nobody", "add rua=mailto:… and read the reports")
	case r.P == None && len(r.RUA) > 0:
		add(CodeMonitoring, SeverityHint, "p", "the policy is none: receivers report forged mail and deliver it all the same",
			"once the reports show that all of your own mail passes, go on to quarantine and then to reject")
	case len(r.RUA) == 0:
		add(CodeNoReports, SeverityHint, "rua", "no aggregate reports are asked for, so nobody learns of own mail that receivers turn away", "add rua=mailto:…")
	}
	switch {
	case r.SP.rank() < r.P.rank():
		add(CodeWeakBelow, SeverityWarning, "sp", fmt.Sprintf("names below the domain have the policy %s, which is weaker than the domain's own %s: forgers use such names", r.SP, r.P), "let sp be as strict as p, or leave it out")
	case r.NP.rank() < r.SP.rank():
		add(CodeWeakBelow, SeverityWarning, "np", fmt.Sprintf("names that do not exist have the policy %s, which is weaker than the %s of those that do: forgers use such names", r.NP, r.SP), "let np be as strict as sp, or leave it out")
	}
	for _, l := range []struct {
		policy Policy
		mail   string
	}{{r.P, "forged mail"}, {r.SP, "forged mail from names below the domain"}, {r.NP, "forged mail from names that do not exist"}} {
		if r.T && l.policy != None {
			add(CodeTesting, SeverityWarning, "t", fmt.Sprintf("t=y makes this a test: receivers treat %s by %s instead of %s", l.mail, l.policy.weaker(), l.policy),
				"take t=y out when the test is over")
			break
		}
	}
	if n := r.percent(); n < 100 {
		add(CodePercent, SeverityWarning, "pct", fmt.Sprintf("pct=%d: older receivers apply the policy to %d %% of forged mail, newer ones to all of it", n, n), "leave pct out; t=y is what newer receivers take for a test")
	}
	if r.PSD == "y" {
		add(CodeSuffix, SeverityWarning, "psd", "psd=y says that the domain is a registry's, like co.uk, whose names belong to different owners", "leave psd out, unless that is so")
	}
	for _, l := range []struct {
		tag string
		n   int
	}{{"rua", len(r.RUA)}, {"ruf", len(r.RUF)}} {
		if l.n > 2 {
			add(CodeMany, SeverityHint, l.tag, fmt.Sprintf("%s has %d addresses: receivers may send reports to the first two alone", l.tag, l.n), "put the two that matter first")
		}
	}
	return findings
}

// rank orders policies by their strictness.
func (p Policy) rank() int { return slices.Index([]Policy{None, Quarantine, Reject}, p) }

// weaker returns the policy one step less strict, which receivers apply while t=y says that it is a test.
func (p Policy) weaker() Policy {
	if p == Reject {
		return Quarantine
	}
	return None
}

// strictest returns the strictest of the policies for the domain, for names below it, and for those that do not exist.
func (r Record) strictest() Policy {
	return slices.MaxFunc([]Policy{r.P, r.SP, r.NP}, func(a, b Policy) int { return a.rank() - b.rank() })
}
