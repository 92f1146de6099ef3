package dkim

import (
	"slices"
	"strings"
)

// Mailbox is a host of mailboxes: how it shows in the DNS of its customers, and how its customers get DKIM. [Mailboxes] has those
// that are known.
//
// In MX and Targets a * stands for any part of a label; as the first label for one label or more. It never stands for an ending:
// anybody can own a domain that begins like a host's.
type Mailbox struct {
	ID   string // "google-workspace"
	Name string // for people

	MX   []string // patterns of the servers that receive its customers' mail
	SPF  []string // the domains that its customers' SPF records include
	Send []string // those of SPF to write where the customer names none; nil for all

	Type      string   // of its key records: "TXT" or "CNAME"
	Selectors []string // a pattern with *, or <token>, where every customer has another one
	Custom    bool     // the customer may choose another selector, so that a key can stand where nobody looks
	Bits      []int    // lengths of RSA keys to choose from, the advised one first; nil where there is no choice
	Targets   []string // patterns of where its CNAMEs lead

	Page  string   // to open in a browser
	Steps []string // what the customer does there, in order; what to copy, and where it goes
	Why   string   // the records cannot be computed, and why; "" where they can, see Records

	Doubt  string // why its MX and SPF records may mean something else; "" where they are its own
	Source string // of these facts
	Asked  string // when the source was last read: "2026-11"

	leadTo []string // where its CNAMEs lead, one for each of Selectors, where that can be computed from {domain}
}

// Gateway is a service that receives mail for a domain and hands it on, so that the MX records do not show who hosts the
// mailboxes. [Gateways] has those that are known.
type Gateway struct {
	ID        string
	Name      string   // for people
	MX        []string // as in Mailbox
	Forwarder bool     // it hands on to addresses elsewhere, and as a rule the domain has no mailboxes of its own
	Source    string
	Asked     string
}

// MailboxRecord is a record to publish.
type MailboxRecord struct {
	Selector string `json:"selector"`
	Name     string `json:"name"` // absolute, lower case, no final dot
	Type     string `json:"type"`
	Value    string `json:"value"`
}

// KnownMailbox is the mailbox host of an ID, as [Mailboxes] has it. ok is false for an unknown one.
func KnownMailbox(id string) (m Mailbox, ok bool) {
	for _, m := range Mailboxes() {
		if m.ID == id {
			return m, true
		}
	}
	return Mailbox{}, false
}

// Records is the key records of a domain whose mailboxes are hosted there, where they are a function of the domain's name alone.
// It is nil where they are not ([Mailbox.Why] says why), and for what is no domain name or is too long for one.
func (m Mailbox) Records(domain string) []MailboxRecord {
	domain, ok := hostName(domain)
	if !ok {
		return nil
	}
	var out []MailboxRecord
	for i, to := range m.leadTo {
		s := m.Selectors[i]
		r := MailboxRecord{Selector: s, Name: s + "._domainkey." + domain, Type: m.Type, Value: strings.ReplaceAll(to, "{domain}", domain)}
		if len(r.Name) > maxName || len(r.Value) > maxName {
			return nil
		}
		out = append(out, r)
	}
	return out
}

// Probes is the selectors of the host that have one spelling for all customers: the ones to look up.
func (m Mailbox) Probes() []string {
	var out []string
	for _, s := range m.Selectors {
		if !strings.ContainsAny(s, "*<") {
			out = append(out, s)
		}
	}
	return out
}

// Includes is the domains to include in an SPF record for the host to send: those of its own that the customer's SPF record among
// the texts names already, since data centres differ; else those of Send, or SPF.
func (m Mailbox) Includes(texts ...string) []string {
	var out []string
	named := spfNames(texts)
	for _, s := range m.SPF {
		if slices.Contains(named, s) {
			out = append(out, s)
		}
	}
	switch {
	case out != nil:
		return out
	case m.Send != nil:
		return m.Send
	}
	return m.SPF
}

// Leads reports whether the target of a CNAME is one of the host's.
func (m Mailbox) Leads(target string) bool {
	name, ok := hostName(target)
	return ok && anyMatch(m.Targets, name)
}

// Holds reports whether what stands at p, which has to be one of [Mailbox.Probes], is the key that mail signed by the host needs, as
// far as DNS shows: behind a CNAME of the host's, or at the selector itself. At a selector that other services use too, such as s1,
// a host that publishes by CNAME must be the one that the CNAME leads to.
func (m Mailbox) Holds(p Probe) bool {
	switch {
	case p.Wildcard || p.Failed || !p.Usable():
		return false
	case m.Type == recordTXT || m.Leads(p.Target):
		return true
	}
	return p.Target == "" && !common(p.Selector)
}

// common reports whether services of all kinds call a selector so.
func common(selector string) bool {
	switch strings.ToLower(selector) {
	case "mail", "default", "s1", "s2", "key1", "key2", "key3":
		return true
	}
	return false
}

const maxName = 253 // characters of a name without its final dot (RFC 1035 section 2.3.4)

// hostName is a name in lower case without its final dot. ok is false for what mail servers and domains are not called: only
// letters, digits, hyphens and underscores stand between dots.
func hostName(s string) (name string, ok bool) {
	s = strings.TrimSuffix(s, ".")
	if len(s) > maxName || s == "" {
		return "", false
	}
	s = strings.ToLower(s)
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	return s, true
}

// anyMatch reports whether one of the patterns is that of a name, which is one of hostName.
func anyMatch(patterns []string, name string) bool {
	for _, p := range patterns {
		if match(p, name) {
			return true
		}
	}
	return false
}

// match reports whether a name has the form of a pattern; see Mailbox.
func match(pattern, name string) bool {
	if rest, ok := strings.CutPrefix(pattern, "*."); ok {
		above := strings.Count(name, ".") - strings.Count(rest, ".")
		for range above {
			_, name, _ = strings.Cut(name, ".")
		}
		return above > 0 && sameLabels(rest, name)
	}
	return sameLabels(pattern, name)
}

// sameLabels compares label by label. A * in a label stands for any part of it.
func sameLabels(pattern, name string) bool {
	for {
		p, restP, moreP := strings.Cut(pattern, ".")
		n, restN, moreN := strings.Cut(name, ".")
		if before, after, star := strings.Cut(p, "*"); star {
			if len(n) < len(before)+len(after) || !strings.HasPrefix(n, before) || !strings.HasSuffix(n, after) {
				return false
			}
		} else if p != n {
			return false
		}
		if !moreP || !moreN {
			return moreP == moreN
		}
		pattern, name = restP, restN
	}
}
