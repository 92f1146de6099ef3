package dmarc

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Authorisers returns the names at which a foreign receiver of reports has to publish a TXT record v=DMARC1, or nobody sends it
// reports about domain (RFC 9990, before it RFC 7489 7.1): "customer.example._report._dmarc.rua.example". They are in the order of
// rua and ruf, and there is none for an invalid record.
//
// Foreign means another organizational domain, which takes look-ups to know. Authorisers takes a receiver for foreign unless one
// of the two names is at or below the other. So a sibling (reports.example.com for www.example.com) is named although it needs no
// record: [CheckAuthorisers] looks at that.
func Authorisers(domain, record string) []string {
	r, err := Parse(record)
	if err != nil {
		return nil
	}
	domain = canonical(domain)
	var out []string
	for _, h := range r.foreign(domain) {
		out = append(out, domain+authorises+h)
	}
	return out
}

// authorises stands between the domain that is reported about and the receiver of the reports.
const authorises = "._report._dmarc."

// foreign returns the domains of rua and ruf that are neither above nor below domain, each once.
func (r Record) foreign(domain string) []string {
	var out []string
	for _, uri := range slices.Concat(r.RUA, r.RUF) {
		h := host(uri)
		if h != "" && !within(h, domain) && !within(domain, h) && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

// CheckAuthorisers finds the foreign receivers of reports who have not agreed to get those about domain, at whose _dmarc name
// record stands or shall stand. Two names of one organizational domain, as [Discover] finds it, need no agreement.
//
// Facts and questions are those of Discover: TXT values by owner name, and the owners to look up next. What cannot be looked up
// has to stay out of the facts; then its receiver stays without a finding, and its question is asked again.
func CheckAuthorisers(domain, record string, facts map[string][]string) (findings []Finding, questions []string) {
	r, err := Parse(record)
	if err != nil {
		return nil, nil
	}
	domain = canonical(domain)
	then := maps.Clone(facts)
	if then == nil {
		then = map[string][]string{}
	}
	then["_dmarc."+domain] = []string{record}
	ask := func(names []string) {
		for _, n := range names {
			if !slices.Contains(questions, n) {
				questions = append(questions, n)
			}
		}
	}
	for _, receiver := range r.foreign(domain) {
		name := domain + authorises + receiver
		texts, known := facts[name]
		if !known {
			ask([]string{name})
			continue
		}
		if slices.ContainsFunc(texts, IsRecord) {
			continue
		}
		here, q := Discover(domain, then)
		ask(q)
		there, more := Discover(receiver, then)
		ask(more)
		if len(q)+len(more) > 0 || here.Organization == there.Organization {
			continue
		}
		findings = append(findings, Finding{
			Code: CodeUnauthorised, Severity: SeverityWarning, Tag: r.reportsTo(receiver),
			Text: fmt.Sprintf("the receiver of reports at %s has not agreed to get them for %s: nothing says v=DMARC1 at %s, so nobody sends them (RFC 9990)",
				clip(receiver), clip(domain), clip(name)),
			Advice: fmt.Sprintf("ask the receiver to publish a TXT record v=DMARC1 at %s, or leave the address out", clip(name)),
		})
	}
	return findings, questions
}

// reportsTo returns the tag that names a receiver first.
func (r Record) reportsTo(receiver string) string {
	if slices.ContainsFunc(r.RUA, func(uri string) bool { return host(uri) == receiver }) {
		return "rua"
	}
	return "ruf"
}

// within reports whether name is at or below parent.
func within(name, parent string) bool {
	return name == parent || strings.HasSuffix(name, "."+parent)
}
