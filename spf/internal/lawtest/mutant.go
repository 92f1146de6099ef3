package lawtest

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/spf"
)

// A Mutant makes a merge by a rule that is wrong, to show that the laws and the
// draws see it. It takes the cases of [Rates].Plain only.
type Mutant struct {
	Name  string
	Merge Merge
}

// Rivals are the rules that others document, as far as their text tells. The
// first appends, the second prepends.
func Rivals() []Mutant {
	return []Mutant{
		// developers.entri.com, SPF: what is missing joins the record, and ~all
		// is taken if the two disagree.
		{"append before all, ~all wins", appended},
		// github.com/Domain-Connect, the reference library's SPFM: the rules come
		// first, and a record that exists keeps its all.
		{"prepend, all stays", prepended},
	}
}

// Mutants are our own rules, each with one of them broken.
func Mutants() []Mutant {
	return []Mutant{
		{"insert at the end", atEnd},
		{"drop exclusions of the requirement", withoutExclusions},
		{"exclusions of the requirement in line", inLine},
		{"all beside a redirect", allBesideRedirect},
		{"redirect of the requirement dropped", withoutRedirect},
		{"the stronger all wins", stronger},
	}
}

func appended(q spf.MergeRequest) (spf.Merged, error) {
	owner, all := cut(q.Existing[0])
	_, required := cut(q.Required[0])
	switch strings.ToLower(all + required) {
	case "-all~all", "~all-all":
		all = "~all"
	}
	if all == "" {
		all = required
	}
	return joined(append(append(owner, missing(q)...), all)), nil
}

func prepended(q spf.MergeRequest) (spf.Merged, error) {
	owner, all := cut(q.Existing[0])
	return joined(append(append(missing(q), owner...), all)), nil
}

// missing returns the terms of the requirement that the owner's record does not
// have letter by letter. A second redirect would be an error at every receiver.
func missing(q spf.MergeRequest) []string {
	owner, _ := cut(q.Existing[0])
	required, _ := cut(q.Required[0])
	return slices.DeleteFunc(required, func(term string) bool {
		return term == unknown || slices.Contains(owner, term) ||
			isRedirect(term) && slices.ContainsFunc(owner, isRedirect)
	})
}

// cut returns the terms up to all, and all.
func cut(text string) (terms []string, all string) {
	r, err := spf.Parse(text)
	if err != nil {
		panic(err) // every drawn record parses
	}
	for _, t := range r.Terms {
		if t.Kind == spf.All {
			return terms, t.Text
		}
		terms = append(terms, t.Text)
	}
	return terms, ""
}

func isRedirect(term string) bool { return strings.HasPrefix(strings.ToLower(term), "redirect=") }

func isPass(term string) bool {
	return strings.IndexAny(term, "-~?") != 0 && !isRedirect(term) && term != unknown
}

func joined(terms []string) spf.Merged {
	terms = slices.DeleteFunc(terms, func(s string) bool { return s == "" })
	return spf.Merged{Record: strings.Join(append([]string{"v=spf1"}, terms...), " ")}
}

// atEnd moves what was added behind the exclusions of the owner.
func atEnd(q spf.MergeRequest) (spf.Merged, error) {
	m, err := spf.Merge(q)
	terms, all := cut(m.Record)
	added := slices.Clone(m.Added)
	terms = slices.DeleteFunc(terms, func(term string) bool {
		i := slices.Index(added, term)
		if i >= 0 {
			added = slices.Delete(added, i, i+1)
		}
		return i >= 0
	})
	end := joined(append(append(terms, m.Added...), all))
	end.Extra = m.Extra
	return end, err
}

func withoutExclusions(q spf.MergeRequest) (spf.Merged, error) {
	terms, all := cut(q.Required[0])
	terms = slices.DeleteFunc(terms, func(term string) bool { return !isPass(term) && !isRedirect(term) })
	q.Required = []string{joined(append(terms, all)).Record}
	return spf.Merge(q)
}

// inLine puts what the requirement excludes where its pass terms go.
func inLine(q spf.MergeRequest) (spf.Merged, error) {
	required, _ := cut(q.Required[0])
	owner, all := cut(q.Existing[0])
	at := slices.IndexFunc(owner, func(term string) bool { return !isPass(term) })
	if at < 0 {
		at = len(owner)
	}
	required = slices.DeleteFunc(required, isRedirect)
	return joined(append(slices.Insert(owner, at, required...), all)), nil
}

func allBesideRedirect(q spf.MergeRequest) (spf.Merged, error) {
	m, err := spf.Merge(q)
	if terms, all := cut(m.Record); all == "" && slices.ContainsFunc(terms, isRedirect) {
		m.Record += " ~all"
	}
	return m, err
}

func withoutRedirect(q spf.MergeRequest) (spf.Merged, error) {
	terms, all := cut(q.Required[0])
	q.Required = []string{joined(append(slices.DeleteFunc(terms, isRedirect), all)).Record}
	return spf.Merge(q)
}

func stronger(q spf.MergeRequest) (spf.Merged, error) {
	m, err := spf.Merge(q)
	_, all := cut(q.Required[0])
	if terms, is := cut(m.Record); strings.HasPrefix(all, "-") && is != "" {
		m.Record = joined(append(terms, all)).Record
	}
	return m, err
}
