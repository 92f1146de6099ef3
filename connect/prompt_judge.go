package connect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// exempt says why nobody is asked.
func (p *Prompt) exempt() {
	switch d := p.Detection; {
	case d.Failed:
		p.is(PromptUnknown, CodeDNSFailed, "DNS gave no answer to questions about %s, so it is not known who hosts its mailboxes.", p.Domain)
	case d.NoMail:
		p.is(PromptExempt, CodeNoMail, "%s receives no mail.", p.Domain)
	case d.Forwarder:
		p.is(PromptExempt, CodeForwarder, "Mail for %s is forwarded by %s, and DNS does not show where to.", p.Domain, d.Gateway)
	case d.Gateway != "":
		p.is(PromptExempt, CodeHidden, "Mail for %s goes through %s, and DNS does not show who hosts the mailboxes behind it.", p.Domain, d.Gateway)
	default:
		p.is(PromptExempt, CodeUnknownHost, "Nobody that is known hosts the mailboxes of %s.", p.Domain)
	}
}

// keys says what stands at the host's selectors.
func (p *Prompt) keys(m dkim.Mailbox, probes []dkim.Probe) {
	for _, s := range m.Probes() {
		i := slices.IndexFunc(probes, func(x dkim.Probe) bool { return x.Selector == s })
		if i < 0 {
			continue
		}
		x := probes[i]
		p.Keys = append(p.Keys, PromptKey{Selector: s, Name: below(s, p.Domain), Status: keyStatus(m, x), Target: zone.Name(x.Target)})
	}
}

// keyStatus is what a probe of one of the host's selectors found.
func keyStatus(m dkim.Mailbox, x dkim.Probe) KeyStatus {
	ours := m.Leads(x.Target)
	switch {
	case x.Wildcard:
		return KeyWildcard
	case x.Failed:
		return KeyUnknown
	case m.Holds(x):
		return KeyUsable
	case ours && (len(x.Texts) == 0 || revoked(x)):
		return KeyEmpty
	case x.Target != "" && !ours, x.Usable():
		return KeyOther
	case len(x.Texts) > 0:
		return KeyBroken
	}
	return KeyAbsent
}

// revoked reports whether the key there is a revoked one, as hosts leave it
// behind the CNAME of a selector that they do not sign with.
func revoked(x dkim.Probe) bool {
	if len(x.Texts) != 1 {
		return false
	}
	k, err := dkim.ParseKey(x.Texts[0])
	return err == nil && k.Revoked
}

// taken reports whether something else than a CNAME to target stands where a
// record of the host belongs, or may: what DNS does not answer is not written
// over, nor what works.
func taken(m dkim.Mailbox, x dkim.Probe, target string) bool {
	switch keyStatus(m, x) {
	case KeyAbsent, KeyWildcard, KeyEmpty:
		return false
	case KeyUsable:
		return !strings.EqualFold(x.Target, target) // a copy of the key, or another way to it, which the CNAME would replace
	case KeyBroken:
		return !m.Leads(x.Target)
	case KeyOther, KeyUnknown:
	}
	return true
}

// judge says what is left to do at a known host. Where it publishes by CNAME,
// all of its selectors belong together, and it signs with one after the other.
func (p *Prompt) judge(m dkim.Mailbox) {
	all := m.Type == "CNAME"
	n := map[KeyStatus]int{}
	for _, k := range p.Keys {
		n[k.Status]++
	}
	right := n[KeyUsable] + n[KeyEmpty]
	records := p.missing(m)
	free := !slices.ContainsFunc(p.Keys, func(k PromptKey) bool { return k.Status == KeyOther || k.Status == KeyBroken })
	switch {
	case n[KeyUsable] > 0 && (!all || right == len(p.Keys)):
		p.is(PromptPresent, CodeKeyThere, "DKIM for %s at %s is set up: a usable key is published.", p.Domain, m.Name)
	case n[KeyUnknown] > 0 || p.Detection.Failed:
		p.is(PromptUnknown, CodeDNSFailed, "DNS gave no answer about the keys of %s, so it is not known whether DKIM is set up.", p.Domain)
	case len(records) > 0 && free && p.Detection.Confidence != dkim.Low:
		p.is(PromptPlanned, CodeComputed, "DKIM for %s at %s is not complete; what is missing (%d of %d records) can be computed and set.", p.Domain, m.Name, len(records), len(m.Selectors))
		p.Intents = records
	default:
		p.needed(m, n, right)
	}
}

// needed says what is wrong, the gravest first, and what the customer does.
func (p *Prompt) needed(m dkim.Mailbox, n map[KeyStatus]int, right int) {
	p.Page, p.Steps, p.Why = m.Page, m.Steps, m.Why
	switch {
	case n[KeyBroken] > 0:
		p.is(PromptNeeded, CodeBrokenKey, "What is published for DKIM of %s at %s is no key that verifiers accept.", p.Domain, m.Name)
	case n[KeyOther] > 0:
		p.is(PromptNeeded, CodeOtherTarget, "Where DKIM of %s at %s belongs, a record of another service stands: ask its owner before it is replaced.", p.Domain, m.Name)
	case right > 0 && right == len(p.Keys):
		p.is(PromptNeeded, CodeNotStarted, "The DKIM records of %s are right, but %s publishes no usable key behind them: finish the set-up there.", p.Domain, m.Name)
	case right > 0:
		p.is(PromptNeeded, CodeIncomplete, "%d of %d DKIM records of %s at %s are missing.", len(p.Keys)-right, len(p.Keys), p.Domain, m.Name)
	case n[KeyWildcard] > 0:
		p.is(PromptNeeded, CodeWildcard, "No key of %s is published for %s: what answers there is a wildcard.", m.Name, p.Domain)
	case p.Detection.Confidence == dkim.Low:
		p.is(PromptNeeded, CodeGuessedHost, "The mailboxes of %s may be at %s; if they are, DKIM is not set up there.", p.Domain, m.Name)
	default:
		p.is(PromptNeeded, CodeNoKey, "DKIM for %s at %s is not set up: no key is published where it looks for one by default.", p.Domain, m.Name)
	}
}

// missing is the computable records that are not there.
func (p *Prompt) missing(m dkim.Mailbox) []plan.Intent {
	keys := entri.MailboxKeys(m, p.Domain)
	return slices.DeleteFunc(keys, func(in plan.Intent) bool {
		i := slices.IndexFunc(p.Keys, func(k PromptKey) bool { return in.Host == k.Selector+"._domainkey" })
		return i >= 0 && p.Keys[i].Status != KeyWildcard && (p.Keys[i].Status == KeyUsable || strings.EqualFold(string(p.Keys[i].Target), in.Value))
	})
}

// hint says whether a key may stand under a selector that nobody can guess:
// below a name that does not exist there is nothing (RFC 8020).
func (p *Prompt) hint(m dkim.Mailbox, at verify.Status) {
	guessable := !m.Custom && len(m.Probes()) == len(m.Selectors) && len(m.Selectors) > 0
	if guessable || p.Code != CodeNoKey && p.Code != CodeGuessedHost {
		return
	}
	switch at {
	case verify.NXDomain:
		p.Hint = "No key is published under any other selector either."
	case verify.Failed:
		p.Hint = "DNS gave no answer about other selectors."
	case verify.Found, verify.NoData:
		if p.Code == CodeNoKey {
			p.Code = CodeOtherKey
		}
		p.Hint = fmt.Sprintf("Something is published below _domainkey.%s: a key may stand under another selector, which only the administrator at %s knows.", p.Domain, m.Name)
	}
}

// delegated says where the records go if the names of all key records lie in a
// zone of its own: what is written to the domain's zone, nobody sees there.
func (p *Prompt) delegated(m dkim.Mailbox, ns verify.Answer) {
	owner := "_domainkey." + p.Domain
	var servers []string
	for _, r := range ns.Records {
		if target, ok := r.Target(); ok && r.Type == "NS" && r.Name == owner {
			servers = append(servers, string(target))
		}
	}
	switch {
	case ns.Status == verify.Failed && p.State == PromptPlanned:
		p.Intents = nil
		p.is(PromptUnknown, CodeDNSFailed, "DNS gave no answer about %s, so it is not known in which zone the keys of %s belong.", owner, p.Domain)
		return
	case len(servers) == 0:
		return
	}
	where := fmt.Sprintf("%s is a zone of its own, at the name servers %s: the records go there, and not to the zone of %s.", owner, strings.Join(sorted(servers), ", "), p.Domain)
	if p.State != PromptPlanned {
		p.Hint = strings.TrimSpace(where + " " + p.Hint)
		return
	}
	p.is(PromptNeeded, CodeDelegated, "DKIM for %s at %s is not complete. %s", p.Domain, m.Name, where)
	p.Page = m.Page
	for _, in := range p.Intents {
		p.Steps = append(p.Steps, fmt.Sprintf("Whoever runs the zone %s adds a %s record at %s.%s with the value %s.", owner, in.Kind, in.Host, p.Domain, in.Value))
	}
	p.Intents = nil
}
