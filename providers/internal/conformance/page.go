package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/providertest"
)

const head = `# Conformance

What ` + "`go run ./providers/internal/conformance`" + ` found: it runs the suite of [providertest](providertest) over every driver, and over
the libdns modules as they are. The latter are called ` + "`-bare`" + `; what they fail is lost records, mostly, and is known and wanted: it
shows that the suite bites. Rows of ` + "`libdns-…`" + ` are libdnsdriver over a module of its own tests.

`

// page is what came of each case that did not pass, and how many did.
func page(reports []providertest.Report) string {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("| run | passed | unsupported | fails, as is known |\n|---|---|---|---|\n")
	for _, r := range reports {
		row(&b, r.Name, fmt.Sprintf("%d of %d", len(r.Of(providertest.Passed)), len(r.Cases)),
			strconv.Itoa(len(r.Of(providertest.Unsupported))), strconv.Itoa(len(r.Of(providertest.Expected))))
	}
	b.WriteString("\n## What fails, as is known\n\n| run | why | cases |\n|---|---|---|\n")
	for _, r := range reports {
		for _, g := range grouped([]providertest.Report{r}, providertest.Expected) {
			row(&b, r.Name, g.why, g.cases)
		}
	}
	b.WriteString("\n## What is unsupported\n\n| why | cases | runs |\n|---|---|---|\n")
	for _, g := range grouped(reports, providertest.Unsupported) {
		row(&b, g.why, g.cases, strings.Join(g.runs, ", "))
	}
	return b.String()
}

// group is runs in which the same came of the same cases for the same reason.
type group struct {
	why, cases string
	runs       []string
}

// grouped is the groups of one status by reason, and then by cases.
func grouped(reports []providertest.Report, status providertest.Status) []group {
	var out []group
	for _, r := range reports {
		cases := map[string][]string{}
		for _, c := range r.Of(status) {
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
