package connect

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// spf follows the SPF record of the name through all that it includes.
func (c *checkup) spf(ctx context.Context) section {
	txt := c.get(c.name, "TXT")
	report := SPFReport{Status: txt.status}
	p := section{put: func(d *Diagnosis) { d.SPF = report }}
	if txt.status == plan.Failed {
		p.add(failed(AreaSPF, c.name, "the SPF record", txt.trouble))
		return p
	}
	records := slices.DeleteFunc(txt.texts(), func(s string) bool { return !spf.IsRecord(s) })
	if len(records) == 0 && report.Status == plan.Found {
		report.Status = plan.NoData
	}
	known := spf.Answers{}
	findings := c.policy(ctx, txt.texts(), known)
	why := map[string]string{}
	if len(records) == 1 {
		report.Record = records[0]
		report.Octets = len(report.Record)
		if rec, err := spf.Parse(report.Record); err == nil {
			tree := c.tree(ctx, rec, known)
			c.reasons(tree, known, why)
			cost := tree.Cost()
			report.Lookups, report.Voids = cost.Lookups, cost.Voids
			report.AtLeast = cost.AtLeast()
			report.Terms = spfTerms(tree, why)
		}
	}
	for _, f := range findings {
		p.add(MailFinding{
			Area: AreaSPF, Code: f.Code, Severity: spfSeverity(f), Owner: c.name,
			Text: withReason(f, why), Advice: f.Advice,
		})
	}
	return p
}

// reasons collects what DNS said where it gave no answer, by what the tree
// calls unknown.
func (c *checkup) reasons(t spf.Tree, known spf.Answers, why map[string]string) {
	for _, n := range t.Nodes {
		for _, typ := range []string{"TXT", "MX", "A", "AAAA"} {
			if a, asked := known[spf.Question{Name: n.Name, Type: typ}]; n.Unknown == "" || !asked || a.Status != spf.Failed {
				continue
			}
			if r := c.get(zone.Name(n.Name), typ); r.trouble != "" {
				why[n.Unknown] = n.Unknown + " (" + r.trouble + ")"
				break
			}
		}
		if n.Below != nil {
			c.reasons(*n.Below, known, why)
		}
	}
}

// withReason is the text of a finding, with what DNS said where it gave no
// answer.
func withReason(f spf.Finding, why map[string]string) string {
	if more := why[f.Unknown]; more != "" {
		return strings.Replace(f.Text, f.Unknown, more, 1)
	}
	return f.Text
}

// policy is what is wrong with the SPF policy, and adds to what is known all
// that it takes to say so.
func (c *checkup) policy(ctx context.Context, texts []string, known spf.Answers) []spf.Finding {
	for {
		findings, questions := spf.Diagnose(string(c.name), texts, known)
		if len(questions) == 0 {
			return findings
		}
		c.tell(ctx, questions, known)
	}
}

func spfSeverity(f spf.Finding) Severity {
	if f.Code == spf.FindingUnknown {
		return Unknown
	}
	return Severity(f.Severity)
}

// tree is the record with all that it makes a receiver ask.
func (c *checkup) tree(ctx context.Context, rec spf.Record, known spf.Answers) spf.Tree {
	for {
		tree, questions := spf.Trace(string(c.name), rec, known)
		if len(questions) == 0 {
			return tree
		}
		c.tell(ctx, questions, known)
	}
}

// tell adds the answers to questions to what is known.
func (c *checkup) tell(ctx context.Context, questions []spf.Question, known spf.Answers) {
	names := make([]plan.Question, len(questions))
	for i, q := range questions {
		names[i] = plan.Question{Name: zone.Name(q.Name), Type: q.Type}
	}
	c.ask(ctx, names...)
	for i, q := range questions {
		r := c.get(names[i].Name, q.Type)
		known[q] = plan.Fact{Status: r.status, Records: r.records}.SPF()
	}
}

func spfTerms(t spf.Tree, why map[string]string) []SPFTerm {
	out := make([]SPFTerm, 0, len(t.Nodes))
	for _, n := range t.Nodes {
		s := SPFTerm{
			Term: n.Term.Text, Target: n.Name, Lookups: n.Total.Lookups, Voids: n.Total.Voids,
			Dead: n.Dead, Dynamic: n.Dynamic, Unknown: cmp.Or(why[n.Unknown], n.Unknown),
		}
		if n.Problem != nil {
			s.Problem = n.Problem.Text
		}
		if n.Below != nil {
			s.Below = spfTerms(*n.Below, why)
		}
		out = append(out, s)
	}
	return out
}
