package connect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// usualSelectors is where the keys of many senders stand. Selectors cannot be
// listed in DNS (RFC 6376 section 3.1), so they are looked for one by one.
func usualSelectors() []string {
	return []string{
		"google", "selector1", "selector2", // Google Workspace, Microsoft 365
		"k1", "k2", "k3", // Mailchimp and Mandrill
		"s1", "s2", // SendGrid, Intercom, Klaviyo and others
		"default", "mail", "dkim", "key1", "smtp", "mx", // servers of one's own
		"zmail", "zoho", "fm1", "fm2", "fm3", "protonmail", "protonmail2", "protonmail3", "sig1",
		"pm", "mandrill", "mxvault", "sm", "hs1", "hs2",
	}
}

// keys reports what was seen at selectors.
func (c *checkup) keys(all []dkim.Seen) {
	r := &c.d.DKIM
	r.Status = plan.NoData
	wild, rsa := false, slices.ContainsFunc(all, worksByRSA)
	for _, s := range all {
		if len(s.Texts) == 0 && s.Target == "" {
			continue
		}
		if s.Wildcard && wild {
			continue
		}
		report := dkim.Diagnose(s, dkim.Want{})
		report.Findings = slices.DeleteFunc(report.Findings, func(f dkim.Finding) bool {
			return s.Failed || rsa && f.Code == dkim.CodeEd25519 // unasked says it once; the key does not stand alone
		})
		selector, owner := selectorOf(s.Name), zone.Name(s.Name)
		if s.Wildcard { // said once, and not of every selector
			wild = true
			selector, owner = "*", "*._domainkey."+c.name
		}
		key := KeyReport{Selector: selector, State: string(report.State), Fingerprint: report.Fingerprint, Target: s.Target}
		if len(s.Texts) == 1 {
			if k, err := dkim.ParseKey(s.Texts[0]); err == nil {
				key.Type, key.Bits = k.Type, k.Bits
			}
		}
		r.Keys = append(r.Keys, key)
		for _, f := range report.Findings {
			if f.Code == dkim.CodeTargetEmpty && spare(s, all) {
				f.Severity, f.Advice = dkim.SeverityHint, ""
				f.Text += "; its host signs with the key at another selector, and leaves this one empty until it changes keys"
			}
			c.d.add(MailFinding{
				Area: AreaDKIM, Code: string(f.Code), Severity: Severity(f.Severity), Owner: owner,
				Text: fmt.Sprintf("selector %s: %s", selector, f.Text), Advice: f.Advice,
			})
		}
	}
	slices.SortFunc(r.Keys, func(a, b KeyReport) int { return strings.Compare(a.Selector, b.Selector) })
	if slices.ContainsFunc(r.Keys, func(k KeyReport) bool { return k.State != string(dkim.StateUnknown) }) {
		r.Status = plan.Found
	} else if len(r.Keys) > 0 {
		r.Status = plan.Failed
	}
	c.unasked()
	c.unsigned(all)
}

// spare reports whether an alias without a key leads to a mailbox host whose
// mail verifies by the key at another of its selectors: Microsoft 365, say,
// fills the second selector when it first rotates its keys.
func spare(s dkim.Seen, all []dkim.Seen) bool {
	for _, m := range dkim.Mailboxes() {
		if m.Leads(s.Target) && slices.ContainsFunc(all, func(other dkim.Seen) bool {
			p := probe(other)
			return slices.Contains(m.Probes(), p.Selector) && m.Leads(p.Target) && m.Holds(p)
		}) {
			return true
		}
	}
	return false
}

// worksByRSA reports whether a key stands there that every verifier can use.
func worksByRSA(s dkim.Seen) bool {
	if s.Wildcard || !dkim.Diagnose(s, dkim.Want{}).Works {
		return false
	}
	k, err := dkim.ParseKey(s.Texts[0])
	return err == nil && k.Type == "rsa"
}

// unasked says once which selectors DNS gave no answer for.
func (c *checkup) unasked() {
	r := &c.d.DKIM
	if len(r.Failed) == 0 {
		return
	}
	owner := "_domainkey." + c.name
	if len(r.Failed) == len(r.Asked) {
		r.Status = plan.Failed
	}
	first := below(r.Failed[0], c.name)
	trouble := cmp.Or(c.get(first, "TXT").trouble, c.get(below(nobodys, c.name), "TXT").trouble) // or of the wildcard's answer
	c.d.add(failed(AreaDKIM, owner, fmt.Sprintf("%d of %d selectors (%s)", len(r.Failed), len(r.Asked), strings.Join(r.Failed, ", ")), trouble))
}

// unsigned says that no key was found for the domain's mailboxes, as far as
// that can be said: selectors may have any name.
func (c *checkup) unsigned(all []dkim.Seen) {
	m, known := dkim.KnownMailbox(c.d.MX.Mailbox.Mailbox)
	theirs := m.Probes()
	if slices.ContainsFunc(all, func(s dkim.Seen) bool {
		ours := !known || len(theirs) == 0 || slices.Contains(theirs, selectorOf(s.Name))
		return s.Failed || ours && !s.Wildcard && (len(s.Texts) > 0 || s.Target != "")
	}) || c.d.MX.Mailbox.NoMail {
		return
	}
	f := MailFinding{Area: AreaDKIM, Code: "no-key", Severity: Hint, Owner: "_domainkey." + c.name}
	switch {
	case known && !m.Custom && len(theirs) > 0:
		f.Severity = Warning
		f.Text = fmt.Sprintf("%s signs with the keys at %s, and none of them is published", m.Name, strings.Join(theirs, ", "))
	case known:
		f.Text = fmt.Sprintf("no key of %s was found; there may be one at a selector with a name of its own", m.Name)
	default:
		f.Text = fmt.Sprintf("no key was found at the %d usual selectors; there may be one at a selector with a name of its own", len(c.d.DKIM.Asked))
	}
	f.Advice = "turn DKIM on where the mailboxes are, and publish the records that it shows there"
	if m.Page != "" {
		f.Advice += ": " + m.Page
	}
	c.d.add(f)
}
