package spf

import (
	"fmt"
	"slices"
	"strings"
)

// inlineBudget ends an inlining of subrecords that never stop.
const inlineBudget = 100

// inliner puts subrecords of the record's own zone in the place of the includes
// and the redirect that lead to them.
type inliner struct {
	domain  string
	foreign []string // names at or below domain whose records are not to be written out
	known   Answers
	chosen  func(Term) bool
	pieces  []piece
	gone    []string // terms of the record that were replaced
	unused  []string // names that were inlined
	refused []*Error
	steps   int
}

// piece is a term of the record being made.
type piece struct {
	Term
	inner bool // it came out of a subrecord
	loops bool // a record below includes one above it
}

// loops reports whether a record at or below n leads back to itself. Inlining
// would unroll it.
func (n Node) loops() bool {
	if n.Problem != nil && n.Problem.Code == ErrLoop {
		return true
	}
	return n.Below != nil && slices.ContainsFunc(n.Below.Nodes, Node.loops)
}

func (n *inliner) inline(rec Record) Record {
	tree, _ := Trace(n.domain, rec, n.known)
	for _, node := range tree.Nodes {
		n.pieces = append(n.pieces, piece{Term: node.Term, loops: node.loops()})
	}
	for i, more := 0, true; more; i, more = n.unfold(rec) {
		n.includes(rec, i)
	}
	terms := make([]Term, len(n.pieces))
	for i, p := range n.pieces {
		terms[i] = p.Term
	}
	return rebuild(rec, terms)
}

// includes replaces those that are reached, from piece i on.
func (n *inliner) includes(rec Record, i int) {
	for i < len(n.pieces) && n.pieces[i].Kind != All {
		p := n.pieces[i]
		name, ok := n.ours(p)
		if !ok || p.Kind != Include {
			i++
			continue
		}
		inside, reason := n.terms(p, name)
		if reason != "" {
			n.refuse(rec, p, reason)
			i++
			continue
		}
		n.done(p, name)
		n.pieces = slices.Replace(n.pieces, i, i+1, inside...)
	}
}

func (n *inliner) refuse(rec Record, p piece, reason string) {
	e := &Error{Code: ErrCannotInline, Term: p.Text, Reason: reason}
	if !p.inner {
		e.Record, e.Offset = rec.Raw, p.Off
	}
	n.refused = append(n.refused, e)
}

func (n *inliner) done(p piece, name string) {
	n.steps++
	if !p.inner {
		n.gone = append(n.gone, p.Text)
	}
	if !slices.Contains(n.unused, name) {
		n.unused = append(n.unused, name)
	}
}

// unfold puts all terms of an own subrecord in the place of the redirect that
// leads to it, behind the last directive, and returns where they begin.
func (n *inliner) unfold(rec Record) (at int, ok bool) {
	r := -1
	for i, p := range n.pieces {
		switch {
		case p.Kind == All:
			return 0, false
		case p.Kind == Redirect:
			r = i
		}
	}
	if r < 0 {
		return 0, false
	}
	p := n.pieces[r]
	name, ok := n.ours(p)
	if !ok {
		return 0, false
	}
	inside, reason := n.whole(p, name)
	if reason != "" {
		n.refuse(rec, p, reason)
		return 0, false
	}
	n.done(p, name)
	n.pieces = slices.Delete(n.pieces, r, r+1)
	for i, have := range n.pieces {
		if have.Kind.Directive() {
			at = i + 1
		}
	}
	n.pieces = slices.Insert(n.pieces, at, inside...)
	return at, true
}

// whole returns what can stand in the place of the redirect p: what the record
// there says, which becomes the result (RFC 7208 section 6.1).
func (n *inliner) whole(p piece, name string) (out []piece, reason string) {
	rec, reason := n.record(p, name)
	if reason != "" {
		return nil, reason
	}
	isExp := func(t Term) bool { return t.Kind == Exp }
	if slices.ContainsFunc(rec.Terms, isExp) || slices.ContainsFunc(n.pieces, func(p piece) bool { return isExp(p.Term) }) {
		return nil, "the explanation would be another" // RFC 7208 section 6.2
	}
	directives, redirect := rec.live()
	for _, t := range directives {
		t, reason := moved(t, name, t.Qualifier)
		if reason != "" {
			return nil, fmt.Sprintf("%q: %s", name, reason)
		}
		out = append(out, piece{Term: t, inner: true})
	}
	if end := rec.firstAll(); end >= 0 {
		out = append(out, piece{Term: rec.Terms[end], inner: true})
	}
	if redirect != nil {
		include, _ := termOf("include:" + redirect.Domain) // the domain was checked when the redirect was parsed
		include, reason := moved(include, name, '+')
		onward, ok := termOf("redirect=" + include.Domain)
		if reason != "" || !ok {
			return nil, fmt.Sprintf("%q: %s cannot be written with the name spelt out", name, redirect.Text)
		}
		out = append(out, piece{Term: onward, inner: true})
	}
	return out, ""
}

// ours returns the name that p leads to if the record there is the owner's: at or
// under the domain, and not foreign.
func (n *inliner) ours(p piece) (string, bool) {
	if p.Kind != Include && p.Kind != Redirect {
		return "", false
	}
	name, static := p.about(n.domain)
	if !static || !within(n.domain, name) ||
		slices.ContainsFunc(n.foreign, func(f string) bool { return within(foldName(f), name) }) {
		return "", false
	}
	return name, p.inner || n.chosen(p.Term)
}

// within reports whether name is domain or below it.
func within(domain, name string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// record returns the record to which p leads.
func (n *inliner) record(p piece, name string) (rec Record, reason string) {
	if p.loops {
		return rec, name + " leads back to itself"
	}
	answer, ok := n.known.about(Question{Name: name, Type: "TXT"})
	if !ok {
		return rec, name + " was not looked up"
	}
	rec, e := recordIn(answer)
	if e != nil {
		return rec, fmt.Sprintf("%q: %s", name, strings.TrimPrefix(e.Error(), "spf: "))
	}
	if n.steps >= inlineBudget || len(n.pieces)+len(rec.Terms) > termBudget {
		return rec, "the record becomes too long"
	}
	return rec, ""
}

// terms returns what can stand in the place of the include p.
func (n *inliner) terms(p piece, name string) ([]piece, string) {
	rec, reason := n.record(p, name)
	if reason != "" {
		return nil, reason
	}
	terms, redirect, reason := passTerms(rec)
	if reason != "" {
		return nil, fmt.Sprintf("%q: %s", name, reason)
	}
	if redirect != nil {
		// What the target passes is what an include of it matches (RFC 7208
		// section 6.1).
		include, ok := termOf("include:" + redirect.Domain)
		if !ok {
			return nil, fmt.Sprintf("%q: %s cannot be written as an include", name, redirect.Text)
		}
		terms = append(terms, include)
	}
	var out []piece
	for _, t := range terms {
		t, reason := moved(t, name, p.Qualifier)
		if reason != "" {
			return nil, fmt.Sprintf("%q: %s", name, reason)
		}
		out = append(out, piece{Term: t, inner: true})
	}
	return out, ""
}
