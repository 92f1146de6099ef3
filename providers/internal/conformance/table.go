package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/providertest"
)

// The lines that the tables stand between.
const (
	first = "<!-- conformance: begin -->\n"
	last  = "<!-- conformance: end -->"
)

// spliced is a document with text between the two lines.
func spliced(doc, text string) (string, error) {
	before, rest, ok := strings.Cut(doc, first)
	_, after, ended := strings.Cut(rest, last)
	if !ok || !ended {
		return "", errors.New("it has no lines " + strings.TrimSpace(first) + " and " + last)
	}
	return before + first + text + last + after, nil
}

// tables is what came of each case that did not pass, and how many did.
func tables(reports []providertest.Report) string {
	var b strings.Builder
	b.WriteString("| run | passed | unsupported | fails, as is known |\n|---|---|---|---|\n")
	for _, r := range reports {
		known := names(r.Of(providertest.Expected))
		text := ""
		if len(known) > 0 {
			text = fmt.Sprintf("%d: %s", len(known), strings.Join(known, " "))
		}
		row(&b, r.Name, fmt.Sprintf("%d of %d", len(r.Of(providertest.Passed)), len(r.Cases)), fmt.Sprint(len(r.Of(providertest.Unsupported))), text)
	}
	b.WriteString("\nWhat is unsupported, and why:\n\n| why | cases | in |\n|---|---|---|\n")
	for _, g := range unsupported(reports) {
		row(&b, g.why, g.cases, strings.Join(g.runs, ", "))
	}
	return b.String()
}

func names(results []providertest.Result) []string {
	out := make([]string, len(results))
	for i, r := range results {
		out[i] = r.Case
	}
	return out
}

// group is runs that the same cases do not apply to for the same reason.
type group struct {
	why, cases string
	runs       []string
}

// unsupported is the groups by reason, and then by cases.
func unsupported(reports []providertest.Report) []group {
	var out []group
	for _, r := range reports {
		cases := map[string][]string{}
		for _, c := range r.Of(providertest.Unsupported) {
			cases[c.Reason] = append(cases[c.Reason], c.Case)
		}
		for why, list := range cases {
			text := strings.Join(list, " ")
			i := slices.IndexFunc(out, func(g group) bool { return g.why == why && g.cases == text })
			if i < 0 {
				i = len(out)
				out = append(out, group{why: why, cases: text})
			}
			out[i].runs = append(out[i].runs, r.Name)
		}
	}
	slices.SortFunc(out, func(a, b group) int { return strings.Compare(a.why+"\x00"+a.cases, b.why+"\x00"+b.cases) })
	return out
}

func row(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.NewReplacer("|", `\|`, "\n", " ").Replace(c) + " ")
	}
	b.WriteString("|\n")
}
