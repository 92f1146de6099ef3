package spf

import (
	"net/netip"
	"slices"
)

// tidy takes out what cannot decide about any sender: what stands after all,
// a redirect beside all, what an earlier term covers, and networks inside
// others with which they stand in one run. The rest keeps its bytes.
func tidy(domain string, rec Record) (Record, []string) {
	var gone []string
	var kept []Term
	// What earlier terms match, a later one never decides about, whatever its
	// qualifier.
	var earlier cover
	end := rec.firstAll()
	for i, t := range rec.Terms {
		it := &item{Term: t, key: termKey(t, domain)}
		if _, covered := earlier.of(it); t.dead(i, end) || t.Kind.Directive() && covered {
			gone = append(gone, t.Text)
			continue
		}
		earlier.add(i, it)
		kept = append(kept, t)
	}
	kept, contained := joinRuns(kept, widest)
	return rebuild(rec, kept), append(gone, contained...)
}

func isNetwork(t Term) bool { return t.Kind == IP4 || t.Kind == IP6 }

// runs returns the indices of directives that stand in a row with the same
// qualifier. What matches in a run gives the same result whichever term it is,
// so the order in a run has no meaning. all ends the last.
func runs(terms []Term) [][]int {
	var out [][]int
	qualifier := byte(0)
	for i, t := range terms {
		switch {
		case t.Kind == All:
			return out
		case !t.Kind.Directive():
			continue
		case t.Qualifier != qualifier:
			out, qualifier = append(out, nil), t.Qualifier
		}
		out[len(out)-1] = append(out[len(out)-1], i)
	}
	return out
}

// collapse joins the networks of each run into as few as match the same
// addresses; those that stay as they were keep their bytes.
func collapse(rec Record) (Record, []string) {
	terms, gone := joinRuns(slices.Clone(rec.Terms), aggregate)
	return rebuild(rec, terms), gone
}

// joinRuns replaces the networks of each run by what fewer makes of them, and
// returns which terms are no longer there. A wider network takes the place of
// the first inside it, so that no sender comes to depend on the DNS of terms in
// between. It reuses terms.
func joinRuns(terms []Term, fewer func([]netip.Prefix) []netip.Prefix) (left []Term, gone []string) {
	for _, run := range runs(terms) {
		written := map[netip.Prefix]Term{}
		var nets []netip.Prefix
		for _, i := range run {
			if isNetwork(terms[i]) {
				written[terms[i].Prefix] = terms[i]
				nets = append(nets, terms[i].Prefix)
			}
		}
		whole := fewer(nets)
		placed := map[netip.Prefix]bool{}
		for _, i := range run {
			t := terms[i]
			if !isNetwork(t) {
				continue
			}
			into := whole[place(whole, t.Prefix)]
			if into != t.Prefix {
				gone = append(gone, t.Text)
			}
			if placed[into] {
				terms[i] = Term{}
				continue
			}
			placed[into] = true
			if into == t.Prefix {
				continue
			}
			var ok bool
			if terms[i], ok = written[into]; !ok {
				terms[i], _ = termOf(networkTerm(t.Qualifier, into)) // a network always parses
			}
		}
	}
	return slices.DeleteFunc(terms, func(t Term) bool { return t.Kind == 0 }), gone
}

// place returns the index of the network that contains n, in a sorted list
// without overlaps in which one does.
func place(sorted []netip.Prefix, n netip.Prefix) int {
	i, exact := slices.BinarySearchFunc(sorted, n, comparePrefix)
	if exact {
		return i
	}
	return i - 1
}
