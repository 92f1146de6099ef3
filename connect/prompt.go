package connect

import (
	"context"
	"errors"
	"fmt"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// PromptState is what is left to do for DKIM at the customer's mailbox host.
type PromptState string

// The states of a Prompt.
const (
	PromptExempt  PromptState = "exempt"  // no mailbox host is known: nothing to ask
	PromptPresent PromptState = "present" // a usable key is there: nothing to ask
	PromptPlanned PromptState = "planned" // Intents are all that is needed; Engine.Prepare takes them
	PromptNeeded  PromptState = "needed"  // the customer does Steps
	PromptUnknown PromptState = "unknown" // DNS gave no answer, so nobody can say; ask again later
)

// PromptCode is why a Prompt has its state, for catalogues of translations.
type PromptCode string

// The codes of a Prompt.
const (
	CodeNoMail      PromptCode = "no-mail"         // exempt: the domain receives no mail
	CodeUnknownHost PromptCode = "unknown-host"    // exempt: the mail servers are nobody's that is known
	CodeForwarder   PromptCode = "forwarder"       // exempt: mail is forwarded, and nothing shows where
	CodeHidden      PromptCode = "hidden"          // exempt: a gateway, and nothing shows what is behind it
	CodeKeyThere    PromptCode = "key-there"       // present
	CodeComputed    PromptCode = "computed"        // planned
	CodeNoKey       PromptCode = "no-key"          // needed: no key at the selectors of the host
	CodeOtherKey    PromptCode = "other-selector"  // needed: none there, but one may stand under another selector
	CodeIncomplete  PromptCode = "incomplete"      // needed: some of several records are missing
	CodeBrokenKey   PromptCode = "broken-key"      // needed: verifiers refuse what stands there
	CodeNotStarted  PromptCode = "not-started"     // needed: the records are right, the host publishes no key behind them
	CodeGuessedHost PromptCode = "guessed-host"    // needed: records can be computed, but who the host is is a guess
	CodeDNSFailed   PromptCode = "dns-no-answer"   // unknown
	CodeOtherTarget PromptCode = "another-target"  // needed: what stands at a selector of the host is another service's
	CodeWildcard    PromptCode = "wildcard-answer" // needed: only a wildcard answers at the selectors
	CodeDelegated   PromptCode = "delegated"       // needed: the records can be computed, and go to another zone than the domain's
)

// PromptKey is what stands at a selector of the mailbox host.
type PromptKey struct {
	Selector string    `json:"selector"`
	Name     zone.Name `json:"name"`
	Status   KeyStatus `json:"status"`
	Target   zone.Name `json:"target,omitempty"` // of the CNAME there
}

// KeyStatus is what a PromptKey is.
type KeyStatus string

// The statuses of a selector.
const (
	KeyUsable   KeyStatus = "usable"
	KeyAbsent   KeyStatus = "absent"   // nothing stands there
	KeyEmpty    KeyStatus = "empty"    // the CNAME is right, and no key stands behind it, or a revoked one
	KeyBroken   KeyStatus = "broken"   // a text that is no key, several, or a key that is weak, or revoked without a CNAME of the host's
	KeyOther    KeyStatus = "other"    // another service's
	KeyWildcard KeyStatus = "wildcard" // only a wildcard answers
	KeyUnknown  KeyStatus = "unknown"  // DNS gave no answer
)

// Prompt is what to tell a customer about DKIM at the host of their mailboxes,
// where an application sends through that host (Entri's enableDkim). It is
// plain data with a stable JSON form.
type Prompt struct {
	State     PromptState    `json:"state"`
	Code      PromptCode     `json:"code"`
	Text      string         `json:"text"` // English, a sentence or two
	Domain    zone.Name      `json:"domain"`
	Detection dkim.Detection `json:"mailbox"`
	Keys      []PromptKey    `json:"keys,omitempty"`
	Hint      string         `json:"hint,omitempty"`    // what else may be true
	Page      string         `json:"page,omitempty"`    // to open for Steps
	Steps     []string       `json:"steps,omitempty"`   // of the customer, in order
	Why       string         `json:"why,omitempty"`     // nobody but the host can compute the records
	Intents   []plan.Intent  `json:"intents,omitempty"` // for Prepare, in state planned
}

// DKIMStatus is the dkim_status of Entri's webhook. enabled is the enableDkim
// of the configuration.
func (p Prompt) DKIMStatus(enabled bool) entri.Status {
	switch {
	case !enabled || p.State == PromptExempt:
		return entri.StatusExempt
	case p.State == PromptPresent:
		return entri.StatusSuccess
	case p.Code == CodeBrokenKey:
		return entri.StatusFailure
	}
	return entri.StatusPending
}

// DKIMPrompt finds who hosts the mailboxes of the site's domain, and what is
// left to do there for DKIM. It asks DNS and writes nothing. What DNS does not
// answer is said to be unknown, never missing. It fails only when ctx ends or
// the site has no domain.
func (e *Engine) DKIMPrompt(ctx context.Context, site Site) (Prompt, error) {
	if site.Domain == "" {
		return Prompt{}, errors.New("connect: the site has no domain: make it with Engine.Detect")
	}
	d, c := e.inquire().detectMailbox(ctx, site.Domain)
	p := Prompt{Domain: site.Domain, Detection: d}
	m, known := dkim.KnownMailbox(d.Mailbox)
	if known {
		p.keys(m, c.Probes)
		p.judge(m)
	} else {
		p.exempt()
	}
	if p.State == PromptNeeded {
		p.hint(m, e.dns.Lookup(ctx, "_domainkey."+site.Domain, "TXT").Status)
	}
	if p.State == PromptNeeded || p.State == PromptPlanned {
		p.delegated(m, e.dns.Lookup(ctx, "_domainkey."+site.Domain, "NS"))
	}
	if err := ctx.Err(); err != nil {
		return Prompt{}, fmt.Errorf("connect: asking DNS: %w", err)
	}
	return p, nil
}

func (p *Prompt) is(s PromptState, c PromptCode, format string, args ...any) {
	p.State, p.Code, p.Text = s, c, fmt.Sprintf(format, args...)
}
