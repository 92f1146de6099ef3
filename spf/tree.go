package spf

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of a tree that is far beyond every limit. Each counted term asks at
// most two questions, so the first bounds those as well; the second keeps a
// tree of very long records small; the third bounds how often whoever answers
// the questions has to come back.
const (
	countBudget = 100    // lookups
	termBudget  = 10_000 // terms of included records
	depthBudget = 12     // records below each other; each costs a lookup, and receivers give up at LookupLimit
)

// maxMX is how many names behind one mx a receiver looks at before permerror
// (RFC 7208 section 4.6.4).
const maxMX = 10

// Tree is a record with all it makes a receiver ask, as far as that is known.
type Tree struct {
	Domain string // the name at which the record stands, folded
	Record Record
	Nodes  []Node // one for each term of Record, in its order
}

// Tally counts what terms ask of DNS.
type Tally struct {
	Lookups int
	Voids   int
}

// Node is one term of a Tree.
type Node struct {
	Term    Term
	Name    string   // the name asked for; empty if none is, or if it depends on the message
	Own     Tally    // of the term alone
	Total   Tally    // with all that is below
	Dead    bool     // receivers never reach it
	Dynamic bool     // the name depends on the message
	Open    bool     // an answer is not known yet
	Unknown string   // why an answer cannot be known, if so
	Problem *Problem // why receivers answer permerror here, if they do
	TTL     uint32   // the lowest of the answers to the term itself, in seconds; 0 where none is known
	Below   *Tree    // of an include or redirect that leads to a record
}

// Trace follows rec, which stands or will stand at domain, through everything
// that is known. It returns the questions that must still be answered, in the
// order of the tree, level by level; none means that the tree is whole. Asking
// them, adding the answers and tracing again ends: no question comes twice,
// loops are cut, and a tree too large ends with ErrTooBig after 100 lookups,
// 10,000 included terms or 12 levels.
func Trace(domain string, rec Record, known Answers) (Tree, []Question) {
	root := newTree(foldName(domain), rec)
	t := tracer{known: known, queue: []*branch{{tree: root}}}
	// Level by level: what was reached once stays within the budget when more
	// becomes known, so the bound holds over all rounds together.
	for len(t.queue) > 0 && !t.full {
		b := t.queue[0]
		t.queue = t.queue[1:]
		t.record(b)
	}
	root.total()
	return *root, t.questions
}

func newTree(name string, rec Record) *Tree {
	t := &Tree{Domain: name, Record: rec, Nodes: make([]Node, len(rec.Terms))}
	end := rec.firstAll()
	for i, term := range rec.Terms {
		t.Nodes[i].Term = term
		t.Nodes[i].Dead = term.dead(i, end)
	}
	return t
}

// total sums up from the leaves.
func (t *Tree) total() Tally {
	var sum Tally
	for i := range t.Nodes {
		n := &t.Nodes[i]
		n.Total = n.Own
		if n.Below != nil {
			below := n.Below.total()
			n.Total.Lookups += below.Lookups
			n.Total.Voids += below.Voids
		}
		sum.Lookups += n.Total.Lookups
		sum.Voids += n.Total.Voids
	}
	return sum
}

// branch is a tree to trace, below the top term with that text.
type branch struct {
	tree *Tree
	top  string
	up   *branch
	deep int // how many records it is below the root
}

func (b *branch) within(name string) bool {
	for ; b != nil; b = b.up {
		if b.tree.Domain == name {
			return true
		}
	}
	return false
}

type tracer struct {
	known     Answers
	questions []Question
	queue     []*branch
	lookups   int
	terms     int
	full      bool
}

func (t *tracer) record(b *branch) {
	for i := range b.tree.Nodes {
		n := &b.tree.Nodes[i]
		if n.Dead || !n.Term.Kind.asksDNS() {
			continue
		}
		w := visit{tracer: t, branch: b, node: n, top: b.top}
		if w.top == "" {
			w.top = n.Term.Text
		}
		if t.lookups >= countBudget || t.terms >= termBudget || b.deep > depthBudget {
			t.full = true
			w.problem(ErrTooBig, b.tree.Domain, fmt.Sprintf("%q: more than %d lookups, %d terms or %d levels, not counted to the end",
				b.tree.Domain, countBudget, termBudget, depthBudget))
			return
		}
		w.term()
	}
}

// visit is one term being traced.
type visit struct {
	*tracer
	branch *branch
	node   *Node
	top    string
}

func (v *visit) term() {
	t, n := v.node.Term, v.node
	v.lookup()
	if usesHost(t.Domain) {
		v.lookup()
	}
	name, static := t.about(v.branch.tree.Domain)
	if n.Dynamic = !static; n.Dynamic {
		return
	}
	n.Name = name
	switch t.Kind {
	case Include, Redirect:
		v.descend()
	case A, Exists:
		v.address()
	case MX:
		v.mx()
	default: // ptr asks about the sender's address
	}
}

// about returns the name that t, standing at domain, asks about; static is false
// where that depends on the message.
func (t Term) about(domain string) (name string, static bool) {
	if t.Domain == "" {
		return domain, true
	}
	name, static = expandDomain(t.Domain, domain, true)
	return foldName(shorten(name)), static
}

func (v *visit) descend() {
	name := v.node.Name
	if v.branch.within(name) {
		v.problem(ErrLoop, name, v.what()+": leads back to itself")
		return
	}
	if !severalLabels(name) {
		v.problem(ErrNoRecord, name, v.what()+": "+noPolicy)
		return
	}
	answer, ok := v.ask("TXT")
	if !ok {
		return
	}
	rec, e := recordIn(answer)
	if e != nil {
		if answer.Status != Found {
			v.node.Own.Voids++
		}
		v.problem(e.Code, name, v.what()+": "+strings.TrimPrefix(e.Error(), "spf: "))
		return
	}
	v.terms += len(rec.Terms)
	v.node.Below = newTree(name, rec)
	v.queue = append(v.queue, &branch{tree: v.node.Below, top: v.top, up: v.branch, deep: v.branch.deep + 1})
}

// recordIn selects the SPF record from the answer to a TXT question (RFC 7208
// section 4.5).
func recordIn(answer Answer) (Record, *Error) {
	values := slices.DeleteFunc(slices.Clone(answer.Values), func(s string) bool { return !IsRecord(s) })
	switch {
	case answer.Status != Found:
		return Record{}, &Error{Code: ErrNoRecord, Reason: answer.Status.String()}
	case len(values) == 0:
		return Record{}, &Error{Code: ErrNoRecord, Reason: "no record"}
	case len(values) > 1:
		return Record{}, &Error{Code: ErrMultipleRecords, Reason: fmt.Sprintf("%d records", len(values))}
	}
	rec, err := Parse(values[0])
	if err != nil {
		return Record{}, asError(err)
	}
	return rec, nil
}

// address counts a void only if neither family has data: which one a receiver
// asks for depends on the sender (RFC 7208 section 5.3). exists asks for A only
// (section 5.7).
func (v *visit) address() {
	answer, ok := v.ask("A")
	if ok && answer.Status == NoData && v.node.Term.Kind == A {
		answer, ok = v.ask("AAAA")
	}
	if ok && answer.Status != Found {
		v.node.Own.Voids++
	}
}

func (v *visit) mx() {
	answer, ok := v.ask("MX")
	switch {
	case !ok:
	case answer.Status != Found:
		v.node.Own.Voids++
	case len(answer.Values) > maxMX:
		v.problem(ErrTooManyMX, v.node.Name, fmt.Sprintf("%s: %d names, %d allowed", v.what(), len(answer.Values), maxMX))
	}
}

func (v *visit) what() string { return fmt.Sprintf("%s %q", v.node.Term.Kind, v.node.Name) }

// ask returns an answer that says something about the name.
func (v *visit) ask(kind string) (Answer, bool) {
	q := Question{Name: v.node.Name, Type: kind}
	answer, ok := v.known.about(q)
	switch {
	case !ok:
		v.node.Open = true
		v.questions = appendNew(v.questions, []Question{q})
		return answer, false
	case answer.Status == Failed:
		v.node.Unknown = v.what() + ": " + answer.Status.String()
		return answer, false
	}
	v.node.TTL = lowerTTL(v.node.TTL, answer.TTL)
	return answer, true
}

// about returns what is known. A name that cannot exist is not asked for (RFC
// 7208 section 4.3), and an answer without values found nothing.
func (a Answers) about(q Question) (Answer, bool) {
	if _, ok := askable(q.Name); !ok {
		return Answer{Status: NXDomain}, true
	}
	answer, ok := a[q]
	if answer.Status == Found && len(answer.Values) == 0 {
		answer.Status = NoData
	}
	return answer, ok
}

// lowerTTL returns the lower of two TTLs, of which 0 is not known.
func lowerTTL(a, b uint32) uint32 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (v *visit) lookup() {
	v.lookups++
	v.node.Own.Lookups++
}

func (v *visit) problem(code Code, name, text string) {
	v.node.Problem = &Problem{Code: code, Term: v.top, Name: name, Text: text}
}
