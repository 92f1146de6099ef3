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
// of the two names is at or below the other and the record's psd does not part them. So a sibling (reports.example.com for
// www.example.com) is named although it needs no record: [CheckAuthorisers] looks at that.
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

// foreign returns the domains of rua and ruf that may be of another organization than domain, each once.
func (r Record) foreign(domain string) []string {
	var out []string
	seen := map[string]bool{}
	for _, uri := range slices.Concat(r.RUA, r.RUF) {
		h := host(uri)
		if h != "" && !r.related(h, domain) && !seen[h] {
			seen[h] = true
			out = append(out, h)
		}
	}
	return out
}

// related reports whether a name is above or below domain, whose record this is, and psd does not say that they are of two
// organizations (RFC 9989 4.10.2).
func (r Record) related(name, domain string) bool {
	switch r.PSD {
	case "y":
		return name == domain
	case "n":
		return within(name, domain)
	default:
		return within(name, domain) || within(domain, name)
	}
}

// maxReceivers is how many foreign receivers [CheckAuthorisers] asks DNS about. Each costs up to nine look-ups, and receivers of
// mail need not send reports to more than two (RFC 7489 6.2): a longer list is a mistake, or meant to keep somebody busy.
const maxReceivers = 20

// CheckAuthorisers finds the foreign receivers of reports who have not agreed to get those about domain, at whose _dmarc name
// record stands or shall stand. Two names of one organizational domain, as [Discover] finds it, need no agreement. Of more than 20
// foreign receivers it looks at the first 20, and the rest is a finding of [CodeUnchecked].
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
	asked := map[string]bool{}
	ask := func(names ...string) {
		for _, n := range names {
			if !asked[n] {
				asked[n] = true
				questions = append(questions, n)
			}
		}
	}
	receivers := r.foreign(domain)
	for _, receiver := range receivers[:min(len(receivers), maxReceivers)] {
		name := domain + authorises + receiver
		texts, known := facts[name]
		if !known {
			ask(name)
			continue
		}
		if slices.ContainsFunc(texts, IsRecord) {
			continue
		}
		here, q := Discover(domain, then)
		there, more := Discover(receiver, then)
		ask(q...)
		ask(more...)
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
	if n := len(receivers); n > maxReceivers {
		findings = append(findings, Finding{
			Code: CodeUnchecked, Severity: SeverityWarning, Tag: r.reportsTo(receivers[maxReceivers]),
			Text: fmt.Sprintf("reports about %s shall go to %d foreign domains: whether they agreed to get them was looked up for the first %d alone",
				clip(domain), n, maxReceivers),
			Advice: "leave the two addresses that matter: receivers of mail need not send reports to more",
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
