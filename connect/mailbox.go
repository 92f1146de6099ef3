package connect

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// Facts is what a configuration must know of the site's customer beside the
// name: who hosts the domain's mailboxes, by its MX records or behind a gateway
// by its SPF record, for {emailProviderSPF}, in the data centre that these
// name, and enableDkim, with the selectors of that host where something else
// stands that works or belongs to others; and for rootNS whether the site's
// driver can write name servers at the apex and one of the decisions is to
// replace them. A mailbox host that is not recognised, or only guessed, is left
// empty.
func (e *Engine) Facts(ctx context.Context, site Site, decisions ...plan.Decision) entri.Facts {
	f := entri.Facts{Domain: string(site.Name), ApexNSDecided: slices.ContainsFunc(decisions, site.movesApex)}
	if d, err := e.driver(site.Provider); err == nil && site.SetupType == Automatic {
		f.ApexNS = d.Info().Caps.ApexNS
	}
	c := e.clues(ctx, site.Domain)
	if d := dkim.DetectMailbox(c); d.Confidence == dkim.High || d.Confidence == dkim.Medium {
		f.MailboxHost = d.Mailbox
		f.MailboxSPF = mailboxSPF(d.Mailbox, c)
		f.MailboxTaken = e.taken(ctx, site.Domain, d.Mailbox)
	}
	return f
}

// mailboxSPF is the SPF terms of a mailbox host where the domain needs others
// than most: what its own SPF record names of the host already, else the data
// centre that its MX records name, such as zoho.eu for mx.zoho.eu. That of
// another one would let servers send that are not the domain's. It is "" where
// the usual ones do.
func mailboxSPF(host string, c dkim.Clues) string {
	usual := entri.MailboxSPF(host)
	if own := entri.MailboxSPF(host, c.SPF...); own != usual {
		return own
	}
	m, _ := dkim.KnownMailbox(host)
	for _, domain := range m.SPF {
		at := func(mx string) bool { return zone.Name(mx).Parent() == zone.Name(domain) }
		if len(m.Send) > 0 && !slices.Contains(m.Send, domain) && slices.ContainsFunc(c.MX, at) {
			return "include:" + domain
		}
	}
	return ""
}

// taken is the selectors of a mailbox host whose records can be computed where
// something else stands that is not to be written over; see taken.
func (e *Engine) taken(ctx context.Context, domain zone.Name, host string) []string {
	m, _ := dkim.KnownMailbox(host)
	records := m.Records(string(domain))
	if records == nil {
		return nil
	}
	var out []string
	for _, p := range e.probe(ctx, domain, m.Probes()) {
		i := slices.IndexFunc(records, func(r dkim.MailboxRecord) bool { return r.Selector == p.Selector })
		if i >= 0 && taken(m, p, records[i].Value) {
			out = append(out, p.Selector)
		}
	}
	return out
}

// movesApex reports whether a decision gives the domain other name servers.
func (s Site) movesApex(d plan.Decision) bool {
	owner, err := zone.Abs(string(d.Owner), s.Domain)
	here := d.Owner == "" || d.Owner == s.Domain || err == nil && owner == s.Domain
	return d.Code == plan.NSApex && d.Option == "replace" && here
}

// DetectMailbox tells who hosts the mailboxes of a domain, by its MX and SPF
// records and by the key records of known hosts. Trouble with DNS is in the
// Detection.
func (e *Engine) DetectMailbox(ctx context.Context, domain zone.Name) dkim.Detection {
	d, _ := e.detectMailbox(ctx, domain)
	return d
}

// detectMailbox also returns what it was told by.
func (e *Engine) detectMailbox(ctx context.Context, domain zone.Name) (dkim.Detection, dkim.Clues) {
	c := e.clues(ctx, domain)
	d := dkim.DetectMailbox(c)
	for len(d.Probe) > 0 && ctx.Err() == nil {
		c.Probes = append(c.Probes, e.probe(ctx, domain, d.Probe)...)
		d = dkim.DetectMailbox(c)
	}
	return d, c
}

// clues is what the domain's own MX and TXT records say.
func (e *Engine) clues(ctx context.Context, domain zone.Name) dkim.Clues {
	var mx, txt plan.Fact
	var wg sync.WaitGroup
	wg.Go(func() { mx = e.answer(ctx, plan.Question{Name: domain, Type: "MX"}) })
	wg.Go(func() { txt = e.answer(ctx, plan.Question{Name: domain, Type: "TXT"}) })
	wg.Wait()
	c := dkim.Clues{MXFailed: mx.Status == plan.Failed, SPFFailed: txt.Status == plan.Failed, SPF: texts(txt.Records)}
	for _, r := range mx.Records {
		target, _ := r.Target()
		c.MX = append(c.MX, string(target))
	}
	return c
}

func texts(recs []zone.Record) []string {
	out := make([]string, len(recs))
	for i, r := range recs {
		out[i] = r.Text()
	}
	return out
}

// nobody is a selector that nobody uses: what stands there comes from a
// wildcard.
const nobody = "mooring-wildcard-check"

// probe looks up selectors, several at a time, and marks those that a wildcard
// answers for. Where DNS does not say whether there is a wildcard, what was
// found counts as not answered.
func (e *Engine) probe(ctx context.Context, domain zone.Name, selectors []string) []dkim.Probe {
	selectors = append(slices.Clone(selectors), nobody)
	out := make([]dkim.Probe, len(selectors))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, s := range selectors {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			out[i] = e.selector(ctx, domain, s)
		})
	}
	wg.Wait()
	last := len(out) - 1
	wild := out[last]
	for i := range out[:last] {
		found := out[i].Target != "" || len(out[i].Texts) > 0
		out[i].Failed = out[i].Failed || found && wild.Failed // it may be a wildcard's
		out[i].Wildcard = found && !wild.Failed && out[i].Target == wild.Target && slices.Equal(sorted(out[i].Texts), sorted(wild.Texts))
	}
	return out[:last]
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// selector is what stands at one selector, and behind a CNAME there.
func (e *Engine) selector(ctx context.Context, domain zone.Name, selector string) dkim.Probe {
	p := dkim.Probe{Selector: selector}
	name := below(selector, domain)
	a := e.dns.Lookup(ctx, name, "TXT")
	i := slices.IndexFunc(a.Records, func(r zone.Record) bool { return r.Type == "CNAME" && r.Name == name })
	if i < 0 {
		p.Failed, p.Texts = a.Status == verify.Failed, texts(only(a.Records, "TXT"))
		return p
	}
	target, _ := a.Records[i].Target()
	f := e.answer(ctx, plan.Question{Name: target, Type: "TXT"})
	p.Target, p.Failed, p.Texts = string(target), f.Status == plan.Failed, texts(f.Records)
	return p
}

// below is the owner of a selector's key record.
func below(selector string, domain zone.Name) zone.Name {
	return zone.Name(strings.ToLower(selector) + "._domainkey." + string(domain))
}
