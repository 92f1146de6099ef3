package spf

import (
	"fmt"
	"strings"
)

// tree looks at what a receiver meets on its way.
func (d *diagnosis) tree(rec Record, known Answers) []Question {
	if rec.Raw == "" {
		return nil
	}
	tree, questions := Trace(d.domain, rec, known)
	d.limits(tree.Cost(), len(questions) > 0)
	tree.eachNode(func(top int, in *Tree, n Node) {
		d.node(tree.Nodes[top].Term.Text, in.Domain == d.domain, n)
	})
	for _, n := range tree.Nodes {
		d.include(n)
	}
	d.subrecords(rec, known)
	return questions
}

func (d *diagnosis) limits(cost Cost, open bool) {
	if !cost.Over() {
		return
	}
	e := LimitError{
		Domain: d.domain, Lookups: cost.Lookups, Voids: cost.Voids, Terms: cost.Terms,
		Limits: Limits{Lookups: LookupLimit, Voids: VoidLimit}, AtLeast: cost.AtLeast() || open,
	}
	advice := "drop the terms that find nothing, or publish what they ask for"
	if cost.Lookups > LookupLimit {
		advice = "remove services that are no longer used, or let a service send from a subdomain"
	}
	d.add(SeverityBroken, string(ErrLimit), "", strings.TrimPrefix(e.Error(), "spf: ")+"; receivers answer permerror", advice)
}

// node looks at one term; own is true for those of the record itself.
func (d *diagnosis) node(top string, own bool, n Node) {
	through := ""
	if !own {
		through = ", reached through " + top
	}
	switch {
	case n.Dead:
	case n.Problem != nil:
		d.add(SeverityBroken, string(n.Problem.Code), top, n.Problem.Text+through+"; receivers answer permerror", problemAdvice(n, own))
	case n.Unknown != "":
		d.unknown(top, through, n)
	case n.Own.Voids > 0:
		d.add(SeverityWarning, FindingVoid, top, fmt.Sprintf("%s finds nothing%s; receivers accept %d such lookups", n.Term.Text, through, VoidLimit), "drop the term, or publish what it asks for")
	case !own && n.Term.Kind == PTR:
		d.add(SeverityHint, WarnPTR, top, n.Term.Text+through+", is slow, unreliable and discouraged (RFC 7208 section 5.5)", "ask the service for a record without it")
	}
}

// unknown says what DNS gave no answer to, once.
func (d *diagnosis) unknown(top, through string, n Node) {
	f := Finding{
		Code: FindingUnknown, Severity: SeverityWarning, Term: top, Unknown: n.Unknown,
		Text: n.Unknown + through, Advice: "see whether the name servers of that name answer",
	}
	if !d.have[f] {
		d.have[f] = true
		d.findings = append(d.findings, f)
	}
}

// anotherRedirect is what to do about a redirect that leads nowhere: without
// it, the last word on all senders that no other term names, there is no policy.
const anotherRedirect = "name the right domain in it, or publish the terms of your own senders in its place, with ~all at the end: without the redirect the record says nothing about other senders"

func problemAdvice(n Node, own bool) string {
	code := n.Problem.Code
	switch {
	case !own:
		return "tell the service; its own record is broken"
	case n.Term.Kind == Redirect && (code == ErrNoRecord || code == ErrLoop):
		return anotherRedirect
	case code == ErrNoRecord:
		return "drop the term if the service is no longer used; otherwise ask the service for the right name"
	case code == ErrLoop:
		return "drop the term"
	case code == ErrTooManyMX:
		return "name the hosts that send, in place of mx"
	case code == ErrTooBig:
		return "drop the terms that cost most"
	}
	return "tell the service; its record is broken"
}

// include looks at where a term of the record leads.
func (d *diagnosis) include(n Node) {
	if n.Below == nil || n.Dead || n.Term.Kind == Include && n.Term.Qualifier != '+' {
		return
	}
	if name := n.Below.passesAll(); name != "" {
		advice := "drop the term and tell the service"
		if n.Term.Kind == Redirect {
			advice = anotherRedirect
		}
		d.add(SeverityBroken, WarnPassAll, n.Term.Text, fmt.Sprintf("%s lets everybody send: the record at %s ends in +all", n.Term.Text, name), advice)
	}
	if n.Term.Kind != Include {
		return
	}
	directives, redirect := n.Below.Record.live()
	if end := n.Below.Record.firstAll(); redirect != nil || end >= 0 && n.Below.Record.Terms[end].Qualifier == '+' {
		return
	}
	for _, t := range directives {
		if t.passes() {
			return
		}
	}
	d.add(SeverityHint, FindingPassesNobody, n.Term.Text, fmt.Sprintf("%s costs a lookup and never matches: the record there passes nobody", n.Term.Text), "drop the term if the service is no longer used")
}

// passesAll returns the name of a record, the tree's or one that it passes
// whatever passes there, that ends in +all, or "". What matches everybody with
// another qualifier leaves nobody for the terms behind it.
func (t *Tree) passesAll() string {
	for _, n := range t.Nodes {
		name := ""
		switch {
		case n.Dead:
		case n.Term.Kind == All:
			name = t.Domain
		case n.Below != nil:
			name = n.Below.passesAll()
		}
		switch {
		case name == "":
		case n.Term.Kind.Directive() && !n.Term.passes():
			return ""
		default:
			return name
		}
	}
	return ""
}

// subrecords names includes of the own zone that cost a lookup for nothing.
func (d *diagnosis) subrecords(rec Record, known Answers) {
	n := inliner{domain: d.domain, known: known, chosen: func(Term) bool { return true }}
	more := len(n.inline(rec).Raw) - len(rec.Raw)
	if d.size.Octets <= SizeWarning && d.size.Octets+more > SizeWarning {
		return // the subrecord is there because its terms do not fit
	}
	for _, text := range n.gone {
		d.add(SeverityHint, FindingOwnSubrecord, text, text+" is a record of the domain's own and costs a lookup", "write its terms in its place, unless somebody else keeps it")
	}
}
