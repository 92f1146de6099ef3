package connect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// dmarc finds the policy that receivers go by, from the name upward, and
// whether foreign receivers of reports agree to get them.
func (c *checkup) dmarc(ctx context.Context) section {
	report := DMARCReport{Status: plan.NoData}
	p := section{put: func(d *Diagnosis) { d.DMARC = report }}
	facts, trouble := map[string][]string{}, map[string]string{}
	var found dmarc.Found
	var findings []dmarc.Finding
	above := "" // a name above that DNS says nothing of
	for {
		var questions []string
		found, findings, questions = dmarc.Diagnose(string(c.name), facts)
		if len(questions) == 1 && trouble[questions[0]] != "" && c.ownPolicy(facts) && c.above(questions[0]) {
			// The record of the name itself counts, whatever stands above it: only
			// which organization the name belongs to is not known then.
			above = questions[0]
			facts[above] = nil
			continue
		}
		// What DNS gave no answer to comes again, and stays out of the facts.
		questions = slices.DeleteFunc(questions, func(q string) bool { return trouble[q] != "" })
		if len(questions) == 0 {
			break
		}
		c.texts(ctx, questions, facts, trouble)
	}
	if above != "" {
		found.Organization = ""
		// Whether a receiver of reports is a foreign one goes by the organization.
		n := len(findings)
		findings = slices.DeleteFunc(findings, func(f dmarc.Finding) bool { return f.Code == dmarc.CodeUnauthorised })
		if n == len(findings) {
			delete(trouble, above)
		}
	}
	own := c.get("_dmarc."+c.name, "TXT")
	for _, f := range findings {
		owner := c.name
		if found.Owner != "" {
			owner = zone.Name(found.Owner)
		}
		if f.Code == dmarc.CodeMissing && own.alias != "" {
			f.Text += fmt.Sprintf("; a CNAME answers at _dmarc.%s and leads to %s, where no DMARC record stands", c.name, own.alias)
			f.Advice = "ask whoever keeps that name for the record, or publish one of your own in the place of the CNAME"
		}
		p.add(MailFinding{
			Area: AreaDMARC, Code: string(f.Code), Severity: Severity(f.Severity), Owner: "_dmarc." + owner,
			Text: f.Text, Advice: f.Advice,
		})
	}
	if found.Owner != "" && own.alias != "" && own.status == plan.NXDomain {
		p.add(MailFinding{
			Area: AreaDMARC, Code: "target-gone", Severity: Warning, Owner: "_dmarc." + c.name,
			Text:   fmt.Sprintf("a CNAME answers at _dmarc.%s and leads to %s, which does not exist", c.name, own.alias),
			Advice: "remove it, or correct its target: whoever gets hold of that name sets the policy",
		})
	}
	for _, name := range slices.Sorted(maps.Keys(trouble)) {
		what := "the DMARC record"
		if strings.Contains(name, "._report.") {
			what = "the agreement to get reports"
		}
		p.add(failed(AreaDMARC, zone.Name(name), what, trouble[name]))
		if found.Owner == "" {
			report.Status = plan.Failed
		}
	}
	if found.Owner == "" {
		if report.Status == plan.NoData && slices.ContainsFunc(own.texts(), dmarc.IsRecord) {
			report.Status = plan.Found
		}
		return p
	}
	report = DMARCReport{
		Status: plan.Found, Owner: zone.Name("_dmarc." + found.Owner), Organization: zone.Name(found.Organization),
		Record: found.Record.String(), Policy: string(found.Policy(true)), Subdomains: string(found.Record.SP), Testing: found.Record.T,
	}
	for _, name := range dmarc.Authorisers(found.Owner, report.Record) {
		r := c.get(zone.Name(name), "TXT")
		a := ReportAddress{Owner: zone.Name(name), Status: r.status}
		if a.Status == plan.Found && !slices.ContainsFunc(r.texts(), dmarc.IsRecord) {
			a.Status = plan.NoData
		}
		report.Reports = append(report.Reports, a)
	}
	return p
}

// ownPolicy reports whether the name has a DMARC record of its own.
func (c *checkup) ownPolicy(facts map[string][]string) bool {
	texts := slices.DeleteFunc(slices.Clone(facts["_dmarc."+string(c.name)]), func(s string) bool { return !dmarc.IsRecord(s) })
	if len(texts) != 1 {
		return false
	}
	_, err := dmarc.Parse(texts[0])
	return err == nil
}

// above reports whether an owner of a DMARC record is that of a name above.
func (c *checkup) above(owner string) bool {
	name, ok := strings.CutPrefix(owner, "_dmarc.")
	return ok && c.name.Within(zone.Name(name)) && zone.Name(name) != c.name
}

// texts looks up TXT values, and notes why where there is no answer.
func (c *checkup) texts(ctx context.Context, names []string, facts map[string][]string, trouble map[string]string) {
	var questions []plan.Question
	for _, n := range names {
		questions = append(questions, plan.Question{Name: zone.Name(n), Type: "TXT"})
	}
	c.ask(ctx, questions...)
	for _, n := range names {
		r := c.get(zone.Name(n), "TXT")
		if r.status == plan.Failed {
			trouble[n] = r.trouble
			if r.trouble == "" {
				trouble[n] = "no usable answer"
			}
			continue
		}
		facts[n] = r.texts()
	}
}
