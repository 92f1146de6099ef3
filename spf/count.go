package spf

import "slices"

// Cost is what a record asks of a receiver in the worst case: that no term
// matches before the last. Every occurrence counts; receivers need not cache.
type Cost struct {
	Lookups  int        // terms that ask DNS, recursively; at most LookupLimit work
	Voids    int        // of those, how many find nothing whatever the sender's address family
	Dynamic  bool       // an include or redirect depends on the message: see AtLeast
	Unknown  []string   // what could not be learnt and why: see AtLeast
	Terms    []TermCost // one for each term of the record counted, in its order
	Problems []Problem  // what makes receivers answer permerror at or below a term
}

// Over reports whether what was counted exceeds LookupLimit or VoidLimit. The
// lookups of a loop are counted once; it is one of the Problems.
func (c Cost) Over() bool { return c.Lookups > LookupLimit || c.Voids > VoidLimit }

// AtLeast reports whether Lookups and Voids are lower bounds: something depends
// on the message, was not answered, or was not counted to the end; a loop has no
// end.
func (c Cost) AtLeast() bool {
	return c.Dynamic || len(c.Unknown) > 0 ||
		slices.ContainsFunc(c.Problems, func(p Problem) bool { return p.Code == ErrTooBig || p.Code == ErrLoop })
}

// loop returns the name of a record that leads back to itself, or "".
func (c Cost) loop() string {
	for _, p := range c.Problems {
		if p.Code == ErrLoop {
			return p.Name
		}
	}
	return ""
}

// TermCost is what one term of the record costs with all that is below it.
type TermCost struct {
	Text    string
	Lookups int
	Voids   int
	Dynamic bool
	Unknown bool // an answer below it failed
}

// Problem is trouble at a name: a permerror that waits below a term, or why a
// check ended without a match.
type Problem struct {
	Code Code
	Term string // that leads there, as written; in a [Cost] of the record counted
	Name string // where the trouble is
	Text string
}

// Error returns the text; a Problem can be wrapped as an error.
func (p Problem) Error() string { return "spf: " + p.Text }

// Unwrap returns the code, for errors.Is.
func (p Problem) Unwrap() error { return p.Code }

// Count counts rec, which stands or will stand at domain, with what is known.
// It is the cost of its [Trace], and returns the same questions; none means
// that the cost is final.
func Count(domain string, rec Record, known Answers) (Cost, []Question) {
	tree, questions := Trace(domain, rec, known)
	return tree.Cost(), questions
}

// Cost sums the tree up. What it lists comes level by level, as [Trace] asks.
func (t Tree) Cost() Cost {
	var c Cost
	for _, n := range t.Nodes {
		c.Terms = append(c.Terms, TermCost{Text: n.Term.Text, Lookups: n.Total.Lookups, Voids: n.Total.Voids})
		c.Lookups += n.Total.Lookups
		c.Voids += n.Total.Voids
	}
	t.eachNode(func(top int, _ *Tree, n Node) {
		if n.Dynamic && (n.Term.Kind == Include || n.Term.Kind == Redirect) {
			c.Dynamic, c.Terms[top].Dynamic = true, true
		}
		if n.Unknown != "" {
			c.Terms[top].Unknown = true
			if !slices.Contains(c.Unknown, n.Unknown) {
				c.Unknown = append(c.Unknown, n.Unknown)
			}
		}
		if n.Problem != nil {
			c.Problems = append(c.Problems, *n.Problem)
		}
	})
	return c
}

// eachNode visits the tree level by level; top is the index of the term of the
// record counted that leads to the node, in is the record it stands in.
func (t *Tree) eachNode(visit func(top int, in *Tree, n Node)) {
	type branch struct {
		tree *Tree
		top  int
	}
	for queue := []branch{{t, -1}}; len(queue) > 0; queue = queue[1:] {
		b := queue[0]
		for i, n := range b.tree.Nodes {
			top := b.top
			if top < 0 {
				top = i
			}
			visit(top, b.tree, n)
			if n.Below != nil {
				queue = append(queue, branch{n.Below, top})
			}
		}
	}
}
