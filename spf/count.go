package spf

import (
	"fmt"
	"slices"
	"strings"
)

// countBudget ends the count of a tree that is far beyond every limit. Each
// counted term asks at most two questions, so it bounds those as well.
const countBudget = 100

// maxMX is how many names behind one mx a receiver looks at before permerror
// (RFC 7208 section 4.6.4).
const maxMX = 10

// Cost is what a record asks of a receiver in the worst case: that no term
// matches before the last. Every occurrence counts; receivers need not cache.
type Cost struct {
	Lookups  int        // terms that ask DNS, recursively; at most LookupLimit work
	Voids    int        // of those, how many find nothing whatever the sender's address family
	Dynamic  bool       // an include or redirect depends on the message: Lookups is a lower bound
	Unknown  []string   // what could not be learnt and why: Lookups is a lower bound
	Terms    []TermCost // one for each term of the record counted, in its order
	Problems []Problem  // what makes receivers answer permerror at or below a term
}

// Over reports whether the cost exceeds LookupLimit or VoidLimit.
func (c Cost) Over() bool { return c.Lookups > LookupLimit || c.Voids > VoidLimit }

// TermCost is what one term of the record costs with all that is below it.
type TermCost struct {
	Text    string
	Lookups int
	Voids   int
	Dynamic bool
	Unknown bool // an answer below it failed
}

// Problem is a permerror that waits below a term.
type Problem struct {
	Code Code
	Term string // the term of the record counted, as written
	Name string // where the trouble is
	Text string
}

// Error returns the text; a Problem can be wrapped as an error.
func (p Problem) Error() string { return "spf: " + p.Text }

// Unwrap returns the code, for errors.Is.
func (p Problem) Unwrap() error { return p.Code }

// Count counts rec, which stands or will stand at domain, with what is known.
// It returns the questions that must still be answered, in the order of the
// tree; none means that the cost is final. Asking them, adding the answers and
// counting again ends: no question comes twice, loops are cut, and a tree too
// large ends with ErrTooBig after 100 lookups.
func Count(domain string, rec Record, known Answers) (Cost, []Question) {
	c := counter{known: known}
	for _, t := range rec.Terms {
		c.cost.Terms = append(c.cost.Terms, TermCost{Text: t.Text})
	}
	// Level by level: what was reached once stays within the budget when more
	// becomes known, so the bound holds over all rounds together.
	c.queue = []frame{{name: foldName(domain), rec: rec, top: -1}}
	for len(c.queue) > 0 && !c.full {
		f := c.queue[0]
		c.queue = c.queue[1:]
		c.record(&f)
	}
	return c.cost, c.questions
}

// frame is a record to count, below the top term with that index.
type frame struct {
	name string
	rec  Record
	top  int
	up   *frame
}

func (f *frame) within(name string) bool {
	for ; f != nil; f = f.up {
		if f.name == name {
			return true
		}
	}
	return false
}

type counter struct {
	known     Answers
	cost      Cost
	questions []Question
	queue     []frame
	full      bool
}

func (c *counter) record(f *frame) {
	end := f.rec.firstAll()
	for i, t := range f.rec.Terms {
		dead := end >= 0 && (i > end || t.Kind == Redirect)
		if dead || !t.Kind.asksDNS() {
			continue
		}
		top := f.top
		if top < 0 {
			top = i
		}
		if c.cost.Lookups >= countBudget {
			c.full = true
			c.problem(ErrTooBig, top, f.name, fmt.Sprintf("%q: more than %d lookups, not counted to the end", f.name, countBudget))
			return
		}
		c.term(f, t, top)
	}
}

func (c *counter) term(f *frame, t Term, top int) {
	c.lookup(top)
	if strings.Contains(strings.ToLower(t.Domain), "%{p") {
		c.lookup(top)
	}
	name, static := f.name, true
	if t.Domain != "" {
		name, static = expandDomain(t.Domain, f.name, true)
		name = foldName(name)
	}
	switch t.Kind {
	case Include, Redirect:
		if !static {
			c.cost.Dynamic, c.cost.Terms[top].Dynamic = true, true
			return
		}
		c.descend(f, t, top, name)
	case A, Exists:
		if static {
			c.address(t, top, name)
		}
	case MX:
		if static {
			c.mx(t, top, name)
		}
	default: // ptr asks about the sender's address
	}
}

func (c *counter) descend(f *frame, t Term, top int, name string) {
	what := fmt.Sprintf("%s %q", t.Kind, name)
	if f.within(name) {
		c.problem(ErrLoop, top, name, what+": leads back to itself")
		return
	}
	answer, ok := c.ask(what, top, Question{name, "TXT"})
	if !ok {
		return
	}
	values := slices.DeleteFunc(slices.Clone(answer.Values), func(s string) bool { return !IsRecord(s) })
	switch {
	case answer.Status != Found:
		c.void(top)
		c.problem(ErrNoRecord, top, name, what+": "+answer.Status.String())
	case len(values) == 0:
		c.problem(ErrNoRecord, top, name, what+": no record")
	case len(values) > 1:
		c.problem(ErrMultipleRecords, top, name, fmt.Sprintf("%s: %d records", what, len(values)))
	default:
		rec, err := Parse(values[0])
		if err != nil {
			c.problem(ErrSyntax, top, name, what+": "+strings.TrimPrefix(err.Error(), "spf: "))
			return
		}
		c.queue = append(c.queue, frame{name: name, rec: rec, top: top, up: f})
	}
}

// address counts a void only if neither family has data: which one a receiver
// asks for depends on the sender (RFC 7208 section 5.3). exists asks for A only
// (section 5.7).
func (c *counter) address(t Term, top int, name string) {
	what := fmt.Sprintf("%s %q", t.Kind, name)
	answer, ok := c.ask(what, top, Question{name, "A"})
	if ok && answer.Status == NoData && t.Kind == A {
		answer, ok = c.ask(what, top, Question{name, "AAAA"})
	}
	if ok && answer.Status != Found {
		c.void(top)
	}
}

func (c *counter) mx(t Term, top int, name string) {
	what := fmt.Sprintf("%s %q", t.Kind, name)
	answer, ok := c.ask(what, top, Question{name, "MX"})
	switch {
	case !ok:
	case answer.Status != Found:
		c.void(top)
	case len(answer.Values) > maxMX:
		c.problem(ErrTooManyMX, top, name, fmt.Sprintf("%s: %d names, %d allowed", what, len(answer.Values), maxMX))
	}
}

// ask returns an answer that says something about the name. A name that cannot
// exist is not asked for (RFC 7208 section 4.3).
func (c *counter) ask(what string, top int, q Question) (Answer, bool) {
	if !possibleName(q.Name) {
		return Answer{Status: NXDomain}, true
	}
	answer, ok := c.known[q]
	if !ok {
		if !slices.Contains(c.questions, q) {
			c.questions = append(c.questions, q)
		}
		return answer, false
	}
	if answer.Status == Found && len(answer.Values) == 0 {
		answer.Status = NoData
	}
	if answer.Status != Failed {
		return answer, true
	}
	c.cost.Terms[top].Unknown = true
	if why := what + ": " + answer.Status.String(); !slices.Contains(c.cost.Unknown, why) {
		c.cost.Unknown = append(c.cost.Unknown, why)
	}
	return answer, false
}

func possibleName(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}

func (c *counter) lookup(top int) {
	c.cost.Lookups++
	c.cost.Terms[top].Lookups++
}

func (c *counter) void(top int) {
	c.cost.Voids++
	c.cost.Terms[top].Voids++
}

func (c *counter) problem(code Code, top int, name, text string) {
	c.cost.Problems = append(c.cost.Problems, Problem{Code: code, Term: c.cost.Terms[top].Text, Name: name, Text: text})
}
