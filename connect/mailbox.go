package connect

import (
	"context"
	"slices"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Facts is what a configuration must know of the site's customer beside the
// name: who hosts the domain's mailboxes, by its MX records or behind a gateway
// by its SPF record, for {emailProviderSPF} and enableDkim; the SPF terms of
// that host where they are not the usual ones, namely those of a data centre
// other than the usual one that the domain's own SPF record names, else of the
// one that its MX records name, such as zoho.eu for mx.zoho.eu, even where the
// SPF record names the usual one; the selectors of that host where something
// else stands that works or belongs to others; and for rootNS whether the
// site's driver can write name servers at the apex and one of the decisions is
// to replace them. A mailbox host that is not recognised, or only guessed, is
// left empty.
func (e *Engine) Facts(ctx context.Context, site Site, decisions ...plan.Decision) entri.Facts {
	f := entri.Facts{Domain: string(site.Name), ApexNSDecided: slices.ContainsFunc(decisions, site.movesApex)}
	if d, err := e.driver(site.Provider); err == nil && site.SetupType == Automatic {
		f.ApexNS = d.Info().Caps.ApexNS
	}
	i := e.inquire()
	c := i.ownClues(ctx, site.Domain)
	if d := dkim.DetectMailbox(c); d.Confidence == dkim.High || d.Confidence == dkim.Medium {
		f.MailboxHost = d.Mailbox
		f.MailboxSPF = mailboxSPF(d.Mailbox, c)
		f.MailboxTaken = i.taken(ctx, site.Domain, d.Mailbox)
	}
	return f
}

// mailboxSPF is the SPF terms of a mailbox host where the domain needs others
// than most: those of a data centre other than the usual one that its own SPF
// record names, else of the one that its MX records name, such as zoho.eu for
// mx.zoho.eu, even where its record names the usual one, as what somebody once
// copied does. That of another data centre would let servers send that are not
// the domain's. It is "" where the usual ones do.
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
func (i *inquiry) taken(ctx context.Context, domain zone.Name, host string) []string {
	m, _ := dkim.KnownMailbox(host)
	records := m.Records(string(domain))
	if records == nil {
		return nil
	}
	var out []string
	for _, s := range i.selectors(ctx, domain, m.Probes()) {
		p := probe(s)
		at := slices.IndexFunc(records, func(r dkim.MailboxRecord) bool { return r.Selector == p.Selector })
		if at >= 0 && taken(m, p, records[at].Value) {
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

// detectMailbox tells who hosts the mailboxes of a domain, by its MX and SPF
// records and by the key records of known hosts, and what it was told by.
// Trouble with DNS is in the Detection.
func (i *inquiry) detectMailbox(ctx context.Context, domain zone.Name) (dkim.Detection, dkim.Clues) {
	c := i.ownClues(ctx, domain)
	d := dkim.DetectMailbox(c)
	for len(d.Probe) > 0 && ctx.Err() == nil {
		for _, s := range i.selectors(ctx, domain, d.Probe) {
			c.Probes = append(c.Probes, probe(s))
		}
		d = dkim.DetectMailbox(c)
	}
	return d, c
}

// ownClues is what the domain's own MX and TXT records say.
func (i *inquiry) ownClues(ctx context.Context, domain zone.Name) dkim.Clues {
	i.ask(ctx, plan.Question{Name: domain, Type: "MX"}, plan.Question{Name: domain, Type: "TXT"})
	return i.clues(domain, nil)
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
