package spf

import (
	"fmt"
	"strings"
)

// String prints the tree for people, a line for each term: how many lookups it
// costs with all that is below it, the term, and what is the matter with it.
// Four and more networks in a row of an included record share a line.
func (t Tree) String() string {
	sum := t.Cost()
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s of %d, %s of %d\n", t.Domain, plural(sum.Lookups, "lookup"), LookupLimit, plural(sum.Voids, "void one"), VoidLimit)
	t.lines(&b, 1)
	return b.String()
}

func (t Tree) lines(b *strings.Builder, depth int) {
	indent := strings.Repeat("   ", depth)
	for i := 0; i < len(t.Nodes); i++ {
		if run := networkRun(t.Nodes[i:]); depth > 1 && run >= 4 {
			fmt.Fprintf(b, "%s 0 %d networks, %s to %s\n", indent, run, t.Nodes[i].Term.Text, t.Nodes[i+run-1].Term.Text)
			i += run - 1
			continue
		}
		n := t.Nodes[i]
		fmt.Fprintf(b, "%s%2d %s%s\n", indent, n.Total.Lookups, n.Term.Text, n.remark())
		if n.Below != nil {
			n.Below.lines(b, depth+1)
		}
	}
}

// networkRun is how many nodes from the first on are networks that are
// reached.
func networkRun(nodes []Node) int {
	for i, n := range nodes {
		if n.Term.Kind != IP4 && n.Term.Kind != IP6 || n.Dead {
			return i
		}
	}
	return len(nodes)
}

func (n Node) remark() string {
	switch {
	case n.Problem != nil:
		return " ! " + n.Problem.Text
	case n.Dead:
		return " (never reached)"
	case n.Unknown != "":
		return " (no answer)"
	case n.Open:
		return " (not asked yet)"
	case n.Dynamic && (n.Term.Kind == Include || n.Term.Kind == Redirect):
		return " (depends on the message, so it may cost more)"
	case n.Own.Voids > 0:
		return " (finds nothing)"
	}
	return ""
}

// plural writes a number and its noun; "void one" is for void lookups.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
