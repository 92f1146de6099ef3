package connect

import (
	"context"
	"slices"

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
	for _, f := range c.policy(ctx, txt.texts(), known) {
		p.add(MailFinding{Area: AreaSPF, Code: f.Code, Severity: spfSeverity(f), Owner: c.name, Text: f.Text, Advice: f.Advice})
	}
	if len(records) != 1 {
		return p
	}
	report.Record = records[0]
	report.Octets = len(report.Record)
	rec, err := spf.Parse(report.Record)
	if err != nil {
		return p
	}
	tree := c.tree(ctx, rec, known)
	cost := tree.Cost()
	report.Lookups, report.Voids = cost.Lookups, cost.Voids
	report.AtLeast = cost.Dynamic || len(cost.Unknown) > 0
	report.Terms = spfTerms(tree)
	return p
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
	switch {
	case f.Code == spf.FindingUnknown:
		return Unknown
	case f.Severity == spf.SeverityBroken:
		return Broken
	case f.Severity == spf.SeverityHint:
		return Hint
	}
	return Warning
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
		known[q] = c.get(names[i].Name, q.Type).spf()
	}
}

// spf is the answer as package spf has it.
func (r reply) spf() spf.Answer {
	a := spf.Answer{Status: map[plan.FactStatus]spf.Status{
		plan.Found: spf.Found, plan.NoData: spf.NoData, plan.NXDomain: spf.NXDomain, plan.Failed: spf.Failed,
	}[r.status]}
	for _, rec := range r.records {
		v := rec.Text()
		if t, ok := rec.Target(); ok {
			v = string(t)
		}
		a.Values = append(a.Values, v)
		if a.TTL == 0 || rec.TTL < a.TTL {
			a.TTL = rec.TTL
		}
	}
	return a
}

func spfTerms(t spf.Tree) []SPFTerm {
	out := make([]SPFTerm, 0, len(t.Nodes))
	for _, n := range t.Nodes {
		s := SPFTerm{
			Term: n.Term.Text, Target: n.Name, Lookups: n.Total.Lookups, Voids: n.Total.Voids,
			Dead: n.Dead, Dynamic: n.Dynamic, Unknown: n.Unknown,
		}
		if n.Problem != nil {
			s.Problem = n.Problem.Text
		}
		if n.Below != nil {
			s.Below = spfTerms(*n.Below)
		}
		out = append(out, s)
	}
	return out
}
