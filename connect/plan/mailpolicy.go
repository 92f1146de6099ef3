package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// mailPolicy is a kind of text of which a name has one: receivers of mail take
// several for none. "" is any other text.
type mailPolicy string

const (
	mtaSTS mailPolicy = "MTA-STS" // RFC 8461
	tlsRPT mailPolicy = "TLS-RPT" // RFC 8460
	bimi   mailPolicy = "BIMI"    // draft-brand-indicators-for-message-identification
)

// mailPolicyOf is what a text at owner is, or is meant as: quotes and white
// space around it make it void, but show what was meant.
func mailPolicyOf(owner zone.Name, text string) mailPolicy {
	first, rest, _ := strings.Cut(string(owner), ".")
	second, _, _ := strings.Cut(rest, ".")
	p := mailPolicy("")
	switch {
	case first == "_mta-sts":
		p = mtaSTS
	case first == "_smtp" && second == "_tls":
		p = tlsRPT
	case second == "_bimi":
		p = bimi
	}
	if !p.looks(text) {
		return ""
	}
	return p
}

// looks reports whether a text begins as records of p do.
func (p mailPolicy) looks(text string) bool {
	version := map[mailPolicy]string{mtaSTS: "v=stsv", tlsRPT: "v=tlsrptv", bimi: "v=bimi"}[p]
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	return version != "" && strings.HasPrefix(strings.TrimLeft(text, `"'\`), version)
}

// stands reports whether receivers count a record, so that it and another would
// make each other void. What cannot be read may be one.
func (p mailPolicy) stands(r zone.Record) bool {
	switch text := r.Text(); {
	case r.Opaque:
		return p.looks(text)
	case p == mtaSTS:
		return dmarc.IsMTASTS(text)
	case p == tlsRPT:
		return dmarc.IsTLSRPT(text)
	default:
		return dmarc.IsBIMI(text)
	}
}

// rivalPolicies reports whether two records of one owner make each other void.
func rivalPolicies(a, b zone.Record) bool {
	if a.Type != "TXT" || b.Type != "TXT" {
		return false
	}
	p := mailPolicyOf(a.Name, a.Text())
	return p != "" && p == mailPolicyOf(b.Name, b.Text()) && p.stands(a) && p.stands(b)
}

// check says what is wrong with a record that somebody wants.
func (p mailPolicy) check(text string) error {
	var err error
	switch p {
	case mtaSTS:
		_, err = dmarc.ParseMTASTS(text)
	case tlsRPT:
		_, err = dmarc.ParseTLSRPT(text)
	case bimi:
		_, err = dmarc.ParseBIMI(text)
	}
	return err
}

// same reports whether two texts are sound and say the same.
func (p mailPolicy) same(a, b string) bool {
	switch p {
	case mtaSTS:
		x, errX := dmarc.ParseMTASTS(a)
		y, errY := dmarc.ParseMTASTS(b)
		return errX == nil && errY == nil && x.Equal(y)
	case tlsRPT:
		x, errX := dmarc.ParseTLSRPT(a)
		y, errY := dmarc.ParseTLSRPT(b)
		return errX == nil && errY == nil && x.Equal(y)
	case bimi:
		x, errX := dmarc.ParseBIMI(a)
		y, errY := dmarc.ParseBIMI(b)
		return errX == nil && errY == nil && x.Equal(y)
	}
	return false
}

// words is the code of a conflict about p, what writing one is for, and what
// putting one in the place of another does.
func (p mailPolicy) words() (code Code, why, replaces string) {
	if p == mtaSTS {
		return MTASTSRecord, "tells senders that there is a policy about TLS, and which version of it",
			"announce the service's policy; senders fetch it anew from the mta-sts host of the domain"
	}
	if p == tlsRPT {
		return TLSRPTRecord, "says where senders report to that could not deliver over TLS",
			"send the reports to the service; those who get them now get none any more"
	}
	return BIMIRecord, "names the logo that mail programs show", "show the service's logo instead of the one that is named there"
}

// mailPolicy meets the wants of one text that must stand alone among its kind.
func (b *builder) mailPolicy(ws []want) {
	rec, ok := b.storable(ws)
	if !ok {
		return
	}
	p, owner := ws[0].policy, ws[0].owner
	code, why, replaces := p.words()
	there := only(b.all(owner, "TXT"), p.stands)
	same := func(text string) bool { return p.same(text, rec.Text()) }
	if len(there) == 1 && !there[0].Opaque && same(there[0].Text()) {
		b.result(ws, Present, there[0])
		return
	}
	if b.answered(ws, same, func(text string) bool { return p.stands(zone.NewTXT(owner, 0, text)) }) {
		return
	}
	alias, state, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	for _, r := range b.all(owner, "TXT") {
		if p.looks(r.Text()) && !p.stands(r) {
			b.warn(string(code), owner, "%s looks like another %s record at %s, but nobody takes it for one; it stays", list([]zone.Record{r}), p, owner.FQDN())
		}
	}
	if len(there) > 0 && !b.ours(there) {
		text := fmt.Sprintf("Another %s record stands at %s, and two would make each other void: %s.", p, owner.FQDN(), list(there))
		if len(there) > 1 {
			text = fmt.Sprintf("%s has %d %s records, which makes all of them void.", owner.FQDN(), len(there), p)
		}
		var accepted State
		accepted, ok = b.accepts(ws, Conflict{
			Code: code, Owner: owner, Existing: there, Wanted: []zone.Record{rec}, Text: text,
			Options: []Option{{"replace", replaces}, {"keep", "leave it as it is and do without the service's"}},
		}, "replace", there)
		if !ok {
			return
		}
		state = weakest(accepted, state)
	}
	rec = b.joinTTL([]zone.Record{rec})[0]
	b.beside(alias, owner, there, []zone.Record{rec}, why)
	b.result(ws, state, rec)
}

// logos warns where DMARC keeps receivers from showing a logo that is wanted.
// The whole plan is known by then, and its DMARC records with it.
func (b *builder) logos() {
	for _, w := range b.wants {
		_, domain, ok := strings.Cut(string(w.owner), "._bimi.")
		states := []State{Added, Present, Satisfied}
		if w.policy != bimi || !ok || !slices.Contains(states, b.plan.Results[w.index].State) {
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
