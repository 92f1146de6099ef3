package connect

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// neighbour is one kind of record that goes with SPF, DKIM and DMARC.
type neighbour struct {
	area   Area
	prefix zone.Name // before the domain
	is     func(text string) bool
	check  func(text string) error
}

func neighbours() []neighbour {
	return []neighbour{
		{AreaMTASTS, "_mta-sts.", dmarc.IsMTASTS, func(s string) error { _, err := dmarc.ParseMTASTS(s); return err }},
		{AreaTLSRPT, "_smtp._tls.", dmarc.IsTLSRPT, func(s string) error { _, err := dmarc.ParseTLSRPT(s); return err }},
		{AreaBIMI, "default._bimi.", dmarc.IsBIMI, func(s string) error { _, err := dmarc.ParseBIMI(s); return err }},
	}
}

// neighbours looks at the records beside the three that authenticate mail. A
// domain may do without any of them.
func (c *checkup) neighbours(ctx context.Context) section {
	var out []Neighbour
	p := section{put: func(d *Diagnosis) { d.Neighbours = append(d.Neighbours, out...) }}
	kinds := neighbours()
	var questions []plan.Question
	for _, k := range kinds {
		questions = append(questions, plan.Question{Name: k.prefix + c.name, Type: "TXT"})
	}
	c.ask(ctx, questions...)
	for _, k := range kinds {
		n := k.report(&p, k.prefix+c.name, c.get(k.prefix+c.name, "TXT"))
		if n.Status == plan.NoData || n.Status == plan.NXDomain {
			continue
		}
		out = append(out, n)
		switch {
		case n.Record == "" || n.Problem != "":
		case k.area == AreaMTASTS:
			c.policyHost(ctx, &p)
		case k.area == AreaBIMI && !declined(n.Record):
			c.logo(ctx, &p)
		}
	}
	return p
}

// declined reports whether a BIMI record says that no logo is wanted: then none
// is missed.
func declined(record string) bool {
	b, err := dmarc.ParseBIMI(record)
	return err == nil && b.Declined
}

func (k neighbour) report(p *section, owner zone.Name, r reply) Neighbour {
	n := Neighbour{Area: k.area, Owner: owner, Status: r.status}
	if r.status == plan.Failed {
		p.add(failed(k.area, owner, "the "+string(k.area)+" record", r.trouble))
		return n
	}
	records := slices.DeleteFunc(r.texts(), func(s string) bool { return !k.is(s) })
	if len(records) == 0 { // other texts stand there, such as what a wildcard answers
		n.Status = plan.NoData
		return n
	}
	n.Record = records[0]
	code := "invalid"
	if len(records) > 1 {
		code, n.Problem = "multiple", fmt.Sprintf("%d %s records stand at %s, so none of them counts", len(records), k.area, owner.FQDN())
	} else if err := k.check(n.Record); err != nil {
		n.Problem = err.Error()
	}
	if n.Problem != "" {
		p.add(MailFinding{
			Area: k.area, Code: code, Severity: Broken, Owner: owner, Text: n.Problem,
			Advice: "publish one record in the right form, or none",
		})
	}
	return n
}

// policyHost looks for the host that MTA-STS names: without its policy file the
// record means nothing (RFC 8461 section 3.3). The file itself is not fetched.
func (c *checkup) policyHost(ctx context.Context, p *section) {
	host := "mta-sts." + c.name
	c.ask(ctx, plan.Question{Name: host, Type: "A"}, plan.Question{Name: host, Type: "AAAA"})
	a, aaaa := c.get(host, "A"), c.get(host, "AAAA")
	switch {
	case a.status == plan.Found || aaaa.status == plan.Found:
	case a.status == plan.Failed || aaaa.status == plan.Failed:
		p.add(failed(AreaMTASTS, host, "the address of the policy's host", cmp.Or(a.trouble, aaaa.trouble)))
	default:
		p.add(MailFinding{
			Area: AreaMTASTS, Code: "no-policy-host", Severity: Broken, Owner: host,
			Text:   fmt.Sprintf("there is an MTA-STS record, and no host %s that could serve the policy it speaks of", host.FQDN()),
			Advice: fmt.Sprintf("serve https://%s/.well-known/mta-sts.txt, or remove the record", host),
		})
	}
}

// logo says why receivers show no logo although there is a BIMI record.
func (c *checkup) logo(ctx context.Context, p *section) {
	facts, trouble := map[string][]string{}, map[string]string{}
	for {
		findings, questions := dmarc.CheckBIMI(string(c.name), facts)
		for _, f := range findings {
			p.add(MailFinding{Area: AreaBIMI, Code: string(f.Code), Severity: Severity(f.Severity), Owner: "default._bimi." + c.name, Text: f.Text, Advice: f.Advice})
		}
		questions = slices.DeleteFunc(questions, func(q string) bool { return trouble[q] != "" })
		if len(questions) == 0 {
			return
		}
		c.texts(ctx, questions, facts, trouble)
	}
}
