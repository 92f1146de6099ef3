package entri

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// dkimTTL is the time to live of key records that enableDkim adds, in seconds:
// that of the reference's sample.
const dkimTTL = 300

// mailboxKeys is the key records of the domain's mailbox host, where enableDkim
// asks for DKIM and they are a function of the domain's name. They are
// optional: a set-up does not fail because something else stands there. An
// owner that the configuration asks for itself is left to it, and one where
// something else stands that works or may be another's to whoever set it.
func (c Config) mailboxKeys(list []Lowered, d Domain, f Facts) []Lowered {
	m, ok := dkim.KnownMailbox(f.MailboxHost)
	if !c.EnableDKIM || !ok {
		return nil
	}
	var out []Lowered
	for _, in := range MailboxKeys(m, d.Domain) {
		selector, _, _ := strings.Cut(in.Host, ".")
		asked := slices.ContainsFunc(list, func(l Lowered) bool { return strings.EqualFold(l.Intent.Host, in.Host) })
		if !asked && !slices.Contains(f.MailboxTaken, selector) {
			out = append(out, Lowered{Intent: in, Path: "enableDkim"})
		}
	}
	return out
}

// MailboxKeys is what to ask of DNS for DKIM at a mailbox host, each optional;
// nil where only the host knows the records. The domain is the registered
// one, whose mail addresses these are.
func MailboxKeys(m dkim.Mailbox, domain zone.Name) []plan.Intent {
	var out []plan.Intent
	for _, r := range m.Records(string(domain)) {
		in := plan.CNAME(strings.TrimSuffix(r.Name, "."+string(domain)), r.Value)
		in.TTL, in.Optional = dkimTTL, true
		out = append(out, in)
	}
	return out
}

// DKIMStatus is the dkim_status of a webhook for keys that the application
// published itself at one domain, as dkim.Diagnose reports them: the worst of
// theirs. It is exempt where enabled, the enableDkim of the configuration, is
// false or there is no record. For the customer's mailbox host, the DKIMStatus
// of a prompt of package connect says it.
func DKIMStatus(enabled bool, reports ...dkim.Report) Status {
	worst := StatusExempt
	order := []Status{StatusExempt, StatusSuccess, StatusPending, StatusFailure}
	for _, r := range reports {
		if s := Status(r.Status()); enabled && slices.Index(order, s) > slices.Index(order, worst) {
			worst = s
		}
	}
	return worst
}
