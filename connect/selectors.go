package connect

import (
	"context"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// nobodys is a selector that nobody publishes: what answers there is a wildcard.
const nobodys = "mooring-no-such-selector"

// many is how many selectors a wildcard answers for where all of them answer
// alike: fewer may be one key that somebody published at each.
const many = 10

// selectors looks up what stands at the selectors of a domain, in their order.
// Where DNS does not say whether a wildcard answers for them, what was found
// counts as not answered.
func (i *inquiry) selectors(ctx context.Context, domain zone.Name, selectors []string) []dkim.Seen {
	questions := []plan.Question{{Name: below(nobodys, domain), Type: "TXT"}}
	for _, s := range selectors {
		questions = append(questions, plan.Question{Name: below(s, domain), Type: "TXT"})
	}
	i.ask(ctx, questions...)
	star := i.wildcard(domain, selectors)
	unclear := star.Failed && star.Target == ""
	out := make([]dkim.Seen, 0, len(selectors))
	for _, s := range selectors {
		seen := i.seen(below(s, domain))
		there := len(seen.Texts) > 0 || seen.Target != ""
		seen.Failed = seen.Failed || there && unclear // it may be a wildcard's
		seen.Wildcard = there && !unclear && seen.Target == star.Target && (seen.Target != "" || slices.Equal(seen.Texts, star.Texts))
		out = append(out, seen)
	}
	return out
}

// wildcard is what stands at a selector that nobody publishes. Where DNS does
// not say so, the others may: a name that does not exist shows that there is no
// wildcard (RFC 4592 section 3.3), and what many of them answer alike is one.
func (i *inquiry) wildcard(domain zone.Name, selectors []string) dkim.Seen {
	star := i.seen(below(nobodys, domain))
	if !star.Failed || star.Target != "" || len(selectors) == 0 {
		return star
	}
	first := i.seen(below(selectors[0], domain))
	alike := !first.Failed && len(selectors) >= many
	for _, s := range selectors {
		name := below(s, domain)
		if r := i.get(name, "TXT"); r.status == plan.NXDomain && r.alias == "" {
			return dkim.Seen{Name: star.Name}
		}
		seen := i.seen(name)
		alike = alike && seen.Target == first.Target && slices.Equal(seen.Texts, first.Texts)
	}
	if alike {
		return first
	}
	return star
}

// seen is what stands at the name of a selector that was asked for, and behind
// a CNAME there.
func (i *inquiry) seen(name zone.Name) dkim.Seen {
	r := i.get(name, "TXT")
	texts := r.texts()
	slices.Sort(texts)
	return dkim.Seen{Name: string(name), Texts: texts, Target: string(r.alias), Failed: r.status == plan.Failed}
}

// clues is what package dkim recognises the mailbox host of a domain by, as far
// as it was asked for.
func (i *inquiry) clues(domain zone.Name, probes []dkim.Seen) dkim.Clues {
	mx, txt := i.get(domain, "MX"), i.get(domain, "TXT")
	clues := dkim.Clues{SPF: txt.texts(), MXFailed: mx.status == plan.Failed, SPFFailed: txt.status == plan.Failed}
	for _, s := range servers(mx.records) {
		clues.MX = append(clues.MX, s.host)
	}
	for _, p := range probes {
		clues.Probes = append(clues.Probes, probe(p))
	}
	return clues
}

func probe(s dkim.Seen) dkim.Probe {
	return dkim.Probe{Selector: selectorOf(s.Name), Texts: s.Texts, Target: s.Target, Wildcard: s.Wildcard, Failed: s.Failed}
}

// below is the owner of a selector's key record.
func below(selector string, domain zone.Name) zone.Name {
	return zone.Name(strings.ToLower(selector) + "._domainkey." + string(domain))
}

// selectorOf is what stands before ._domainkey in the name of a key.
func selectorOf(name string) string {
	selector, _, _ := strings.Cut(name, "._domainkey.")
	return selector
}
