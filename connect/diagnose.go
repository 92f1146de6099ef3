package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Diagnose asks DNS what the mail records of a name say: who receives its mail,
// who may send for it and what each included service costs, which keys stand at
// the usual selectors, and what becomes of mail that is not authenticated. It
// writes nothing and needs neither driver nor credentials.
//
// The error is an *entri.Error for what is no name below a public suffix, and
// then the diagnosis is empty; or it is that of ctx, and then the diagnosis is
// what was learnt so far. Trouble with DNS is no error but a finding of
// severity [Unknown].
func (e *Engine) Diagnose(ctx context.Context, name string) (Diagnosis, error) {
	at, err := entri.Split(name)
	if e, ok := errors.AsType[*entri.Error](err); ok && e.Code == entri.SuffixName {
		return Diagnosis{}, &entri.Error{Code: e.Code, Value: e.Value, Reason: "an ending under which others register, or a single word: it has no mail of its own to diagnose; give a domain below it, such as customer.example"}
	}
	if err != nil {
		return Diagnosis{}, err
	}
	c := &checkup{inquiry: e.inquire(), name: at.Name()}
	c.d = Diagnosis{Name: c.name, Neighbours: []Neighbour{}, Findings: []MailFinding{}}
	c.d.MX.Servers, c.d.DKIM.Asked = []string{}, []string{}
	if c.exists(ctx) {
		c.records(ctx)
	}
	c.d.sort()
	c.d.Questions = c.asked()
	if err := ctx.Err(); err != nil {
		return c.d, fmt.Errorf("connect: diagnosing %s: %w", c.name.FQDN(), err)
	}
	return c.d, nil
}

// checkup is one diagnosis under way.
type checkup struct {
	*inquiry
	name zone.Name
	d    Diagnosis
}

// exists looks at the name itself. Where it does not exist, or nobody answers
// for it, there is nothing more to ask.
func (c *checkup) exists(ctx context.Context) bool {
	types := []string{"MX", "TXT", "A", "AAAA"}
	var questions []plan.Question
	for _, t := range types {
		questions = append(questions, plan.Question{Name: c.name, Type: t})
	}
	c.ask(ctx, questions...)
	c.d.Status = plan.Failed
	for _, t := range types {
		switch c.get(c.name, t).status {
		case plan.NXDomain: // some servers say so of one type only, whatever else stands there (RFC 4074 section 4.2)
			if c.d.Status == plan.Failed {
				c.d.Status = plan.NXDomain
			}
		case plan.Found, plan.NoData:
			c.d.Status = plan.Found
		case plan.Failed:
		}
	}
	if c.d.Status == plan.Found {
		return true
	}
	d := &c.d
	d.MX.Status, d.SPF.Status, d.DKIM.Status, d.DMARC.Status = d.Status, d.Status, d.Status, d.Status
	d.add(c.absent(ctx, types))
	return false
}

// absent is the finding for a name that does not exist, or that DNS says
// nothing of. Where the name is an alias, that is so of what it leads to.
func (c *checkup) absent(ctx context.Context, types []string) MailFinding {
	var alias zone.Name
	trouble := ""
	for _, t := range types {
		r := c.get(c.name, t)
		alias, trouble = cmp.Or(alias, r.alias), cmp.Or(trouble, r.trouble)
	}
	f := MailFinding{Area: AreaDomain, Code: "no-answer", Severity: Unknown, Owner: c.name}
	switch {
	case c.d.Status == plan.NXDomain && alias != "":
		f.Code, f.Severity = "target-gone", Broken
		f.Text = fmt.Sprintf("%s is an alias of %s, which does not exist or leads to what does not", c.name.FQDN(), alias.FQDN())
		f.Advice = "remove the CNAME, or correct its target: whoever gets hold of that name gets this one"
	case c.d.Status == plan.NXDomain:
		f.Code, f.Severity = "no-such-name", Broken
		f.Text = fmt.Sprintf("%s does not exist in DNS, so it neither sends nor receives mail", c.name.FQDN())
		f.Advice = "check the spelling; if it is right, the domain is not registered, has expired or is not delegated"
	case ctx.Err() != nil: // nobody had the time to answer
		f.Text = fmt.Sprintf("the diagnosis ended before DNS had answered for %s: %v", c.name.FQDN(), ctx.Err())
		f.Advice = "ask again, and allow more time"
	case alias != "":
		f.Text = fmt.Sprintf("%s is an alias of %s, and DNS gives no usable answer about that: %s", c.name.FQDN(), alias.FQDN(), trouble)
		f.Advice = "check the name servers of the alias's target, and the network that this runs in; nothing is known of the records"
	default:
		f.Text = fmt.Sprintf("DNS gives no usable answer about %s: %s", c.name.FQDN(), trouble)
		f.Advice = "check the name servers of the domain, and the network that this runs in; nothing is known of the records"
	}
	return f
}

// records looks at everything that hangs on an existing name. What does not
// depend on one another is asked for at the same time.
func (c *checkup) records(ctx context.Context) {
	parts := []func(context.Context) section{c.spf, c.dmarc, c.neighbours}
	done := make([]section, len(parts))
	var wg sync.WaitGroup
	for i, f := range parts {
		wg.Go(func() { done[i] = f(ctx) })
	}
	wg.Wait()
	for _, p := range done {
		p.put(&c.d)
		c.d.Findings = append(c.d.Findings, p.findings...)
	}
	c.mailbox(ctx)
}

// section is what was learnt of one area.
type section struct {
	put      func(*Diagnosis)
	findings []MailFinding
}

func (p *section) add(f MailFinding) { p.findings = append(p.findings, f) }

// mailbox tells who receives the mail and looks for the keys that they, and the
// services that many use, sign with.
func (c *checkup) mailbox(ctx context.Context) {
	c.receivers()
	c.hosts(ctx)
	selectors := usualSelectors()
	for _, s := range dkim.DetectMailbox(c.clues(c.name, nil)).Probe {
		if !slices.Contains(selectors, s) {
			selectors = append(selectors, s)
		}
	}
	seen := c.selectors(ctx, c.name, selectors)
	c.d.DKIM.Asked = selectors
	for _, s := range seen {
		if s.Failed {
			c.d.DKIM.Failed = append(c.d.DKIM.Failed, selectorOf(s.Name))
		}
	}
	c.d.MX.Mailbox = dkim.DetectMailbox(c.clues(c.name, seen))
	c.keys(seen)
}

// failed is the finding for what DNS gave no answer to. Nothing is said either
// way, least of all that the record is missing.
func failed(area Area, owner zone.Name, what, trouble string) MailFinding {
	if trouble == "" {
		trouble = "no usable answer"
	}
	f := MailFinding{
		Area: area, Code: "no-answer", Severity: Unknown, Owner: owner,
		Text:   fmt.Sprintf("%s at %s could not be asked for: %s", what, owner.FQDN(), trouble),
		Advice: "ask again later",
	}
	switch area { // nobody puts mail off for want of the rest
	case AreaMX:
		f.Advice += "; senders that get no answer either may put the mail off"
	case AreaSPF, AreaDKIM:
		f.Advice += "; receivers that get no answer either may put the mail off"
	case AreaDomain, AreaDMARC, AreaMTASTS, AreaTLSRPT, AreaBIMI:
	}
	return f
}
