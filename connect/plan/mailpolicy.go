package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// mailPolicy is a kind of text of which a name has one: receivers of mail take
// several for none.
type mailPolicy struct {
	name, version string
	code          Code
	why           string                          // what writing one is for
	replaces      string                          // what putting one in the place of another does
	at            func(first, second string) bool // whether one stands at a name with these first labels
	stands        func(text string) bool          // whether receivers count a text
	check         func(text string) error         // what is wrong with a text that somebody wants
	same          func(a, b string) bool          // whether two texts are sound and say the same
}

var mailPolicies = []mailPolicy{
	{ // RFC 8461
		name: "MTA-STS", version: "v=stsv", code: MTASTSRecord,
		why:      "tells senders that there is a policy about TLS, and which version of it",
		replaces: "announce the service's policy; senders fetch it anew from the mta-sts host of the domain",
		at:       func(first, _ string) bool { return first == "_mta-sts" },
		stands:   dmarc.IsMTASTS, check: sound(dmarc.ParseMTASTS), same: same(dmarc.ParseMTASTS),
	},
	{ // RFC 8460
		name: "TLS-RPT", version: "v=tlsrptv", code: TLSRPTRecord,
		why:      "says where senders report to that could not deliver over TLS",
		replaces: "send the reports to the service; those who get them now get none any more",
		at:       func(first, second string) bool { return first == "_smtp" && second == "_tls" },
		stands:   dmarc.IsTLSRPT, check: sound(dmarc.ParseTLSRPT), same: same(dmarc.ParseTLSRPT),
	},
	{ // draft-brand-indicators-for-message-identification
		name: "BIMI", version: "v=bimi", code: BIMIRecord,
		why:      "names the logo that mail programs show",
		replaces: "show the service's logo instead of the one that is named there",
		at:       func(_, second string) bool { return second == "_bimi" },
		stands:   dmarc.IsBIMI, check: sound(dmarc.ParseBIMI), same: same(dmarc.ParseBIMI),
	},
}

func sound[R any](parse func(string) (R, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

func same[R interface{ Equal(R) bool }](parse func(string) (R, error)) func(a, b string) bool {
	return func(a, b string) bool {
		x, errX := parse(a)
		y, errY := parse(b)
		return errX == nil && errY == nil && x.Equal(y)
	}
}

// mailPolicyOf is what a text at owner is, or is meant as; nil for any other
// text.
func mailPolicyOf(owner zone.Name, text string) *mailPolicy {
	first, rest, _ := strings.Cut(string(owner), ".")
	second, _, _ := strings.Cut(rest, ".")
	for i := range mailPolicies {
		if p := &mailPolicies[i]; p.at(first, second) && meant(text, p.version) {
			return p
		}
	}
	return nil
}

// meant reports whether a text begins with a version, whatever its case:
// quotes and white space around it make it void, but show what was meant.
func meant(text, version string) bool {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	return strings.HasPrefix(strings.TrimLeft(text, `"'\`), version)
}

// counts reports whether receivers count a record, so that it and another would
// make each other void. What cannot be read may be one.
func (p *mailPolicy) counts(r zone.Record) bool {
	if r.Opaque {
		return meant(r.Text(), p.version)
	}
	return p.stands(r.Text())
}

// rivalPolicies reports whether two records of one owner make each other void.
func rivalPolicies(a, b zone.Record) bool {
	if a.Type != "TXT" || b.Type != "TXT" {
		return false
	}
	p := mailPolicyOf(a.Name, a.Text())
	return p != nil && p == mailPolicyOf(b.Name, b.Text()) && p.counts(a) && p.counts(b)
}

// mailPolicy meets the wants of one text that must stand alone among its kind.
func (b *builder) mailPolicy(ws []want) {
	rec, ok := b.storable(ws)
	if !ok {
		return
	}
	p, owner := ws[0].policy, ws[0].owner
	there := only(b.all(owner, "TXT"), p.counts)
	same := func(text string) bool { return p.same(text, rec.Text()) }
	if len(there) == 1 && !there[0].Opaque && same(there[0].Text()) {
		b.result(ws, Present, there[0])
		return
	}
	if b.answered(ws, same, p.stands) {
		return
	}
	led := b.ledPolicy(ws)
	if len(led) == 1 && !led[0].Opaque && same(led[0].Text()) {
		b.result(ws, Satisfied, led[0])
		b.relies(ws, led[0].Text(), p.name)
		for _, w := range ws {
			b.plan.Results[w.index].Text = "a wildcard answers it already at " + owner.FQDN()
		}
		return
	}
	alias, state, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	for _, r := range b.all(owner, "TXT") {
		if meant(r.Text(), p.version) && !p.counts(r) {
			b.warn(string(p.code), owner, "%s looks like another %s record at %s, but nobody takes it for one; it stays", list([]zone.Record{r}), p.name, owner.FQDN())
		}
	}
	if text, existing := p.inTheWay(owner, there, led); text != "" && !b.ours(existing) {
		var accepted State
		accepted, ok = b.accepts(ws, Conflict{
			Code: p.code, Owner: owner, Existing: existing, Wanted: []zone.Record{rec}, Text: text,
			Options: []Option{{"replace", p.replaces}, {"keep", "leave it as it is and do without the service's"}},
		}, "replace", there)
		if !ok {
			return
		}
		state = weakest(accepted, state)
	}
	rec = b.joinTTL([]zone.Record{rec})[0]
	b.beside(alias, owner, there, []zone.Record{rec}, p.why)
	b.result(ws, state, rec)
}

// ledPolicy is what a wildcard answers of the kind at the owner of wants, unless
// something else that is asked for there, or below, hides it anyway.
func (b *builder) ledPolicy(ws []want) []zone.Record {
	p, owner := ws[0].policy, ws[0].owner
	if slices.ContainsFunc(b.wants, func(w want) bool { return w.owner.Within(owner) && (w.owner != owner || w.policy != p) }) {
		return nil
	}
	return b.inherited(owner, func(r zone.Record) bool { return r.Type == "TXT" && p.counts(r) })
}

// inTheWay says what another record of the kind means for one that is wanted at
// owner: those that stand there, or those that a wildcard answers there, which
// senders go by as well. text is empty where there is none.
func (p *mailPolicy) inTheWay(owner zone.Name, there, led []zone.Record) (text string, existing []zone.Record) {
	switch {
	case len(there) > 1:
		return fmt.Sprintf("%s has %d %s records, which makes all of them void.", owner.FQDN(), len(there), p.name), there
	case len(there) == 1:
		return fmt.Sprintf("Another %s record stands at %s, and two would make each other void: %s.", p.name, owner.FQDN(), list(there)), there
	case len(led) == 1: // several are void already
		return fmt.Sprintf("A wildcard answers another %s record at %s, which a record of its own hides: %s.", p.name, owner.FQDN(), list(led)), led
	}
	return "", nil
}

// logos warns where DMARC keeps receivers from showing a logo that is wanted.
// The whole plan is known by then, and its DMARC records with it.
func (b *builder) logos() {
	for _, w := range b.wants {
		_, domain, ok := strings.Cut(string(w.owner), "._bimi.")
		states := []State{Added, Present, Satisfied}
		if w.policy == nil || w.policy.code != BIMIRecord || !ok || !slices.Contains(states, b.plan.Results[w.index].State) {
			continue
		}
		if d, err := dmarc.ParseBIMI(w.rec.Text()); err != nil || d.Declined {
			continue
		}
		b.tell(w.owner, func(facts map[string][]string) ([]dmarc.Finding, []string) { return dmarc.CheckBIMI(domain, facts) })
	}
}

// tell gives a check the texts of the names that it asks for, those of the zone
// as it will be among them, and makes warnings of what it finds. What DNS does
// not answer it does not get, which is how it knows.
func (b *builder) tell(owner zone.Name, check func(map[string][]string) ([]dmarc.Finding, []string)) {
	facts := map[string][]string{}
	for more := true; more; {
		findings, questions := check(facts)
		more = false
		for _, q := range questions {
			n, err := zone.ParseName(q)
			if err != nil { // too long for DNS, so nothing is there
				facts[q], more = nil, true
				continue
			}
			if f, known := b.know(n, "TXT"); known && f.Status != Failed {
				facts[q], more = texts(f.Records), true
			}
		}
		if more {
			continue
		}
		for _, f := range findings {
			b.warn("dmarc-"+string(f.Code), owner, "%s", f.Text)
		}
	}
}
