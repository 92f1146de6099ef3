package spf_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/mooring-dns/mooring/spf"
)

func ExampleIsRecord() {
	fmt.Println(spf.IsRecord("V=SPF1 -all"), spf.IsRecord("v=spf10 -all"))
	// Output: true false
}

func ExampleParse() {
	r, err := spf.Parse("v=spf1 ip4:192.0.2.77/24 -all")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range r.Terms {
		fmt.Printf("%c %v %v\n", t.Qualifier, t.Kind, t.Prefix)
	}
	// Output:
	// + ip4 192.0.2.0/24
	// - all invalid Prefix
}

func ExampleError() {
	_, err := spf.Parse("v=spf1 nclude:spf.protection.outlook.com -all")
	fmt.Println(errors.Is(err, spf.ErrSyntax))
	if e, ok := errors.AsType[*spf.Error](err); ok {
		fmt.Println(e.Suggestion)
	}
	// Output:
	// true
	// include:spf.protection.outlook.com
}

func ExampleRecord_Canonical() {
	r, _ := spf.Parse("V=SPF1  +A Include:_SPF.Example.net. ~ALL")
	fmt.Println(r.Canonical("customer.example"))
	// Output: v=spf1 a:customer.example include:_spf.example.net ~all
}

func ExampleEqual() {
	a, _ := spf.Parse("v=spf1 a ip4:192.0.2.1/32 -all")
	b, _ := spf.Parse("v=spf1 +a:customer.example ip4:192.0.2.1 -all")
	fmt.Println(spf.Equal(a, b, "customer.example"))
	// Output: true
}

func ExampleEqualTerm() {
	r, _ := spf.Parse("v=spf1 mx -mx")
	fmt.Println(spf.EqualTerm(r.Terms[0], r.Terms[1], "customer.example"))
	// Output: false
}

func ExampleCount() {
	r, _ := spf.Parse("v=spf1 mx include:_spf.app.example -all")
	known := spf.Answers{
		{Name: "_spf.app.example", Type: "TXT"}: {Status: spf.Found, Values: []string{"v=spf1 a:out.app.example -all"}},
	}
	cost, questions := spf.Count("customer.example", r, known)
	fmt.Println(cost.Lookups, questions)
	for _, t := range cost.Terms {
		fmt.Println(t.Lookups, t.Text)
	}
	// Output:
	// 3 [MX customer.example A out.app.example]
	// 1 mx
	// 2 include:_spf.app.example
	// 0 -all
}

type zone map[string]string

func (z zone) Lookup(_ context.Context, q spf.Question) spf.Answer {
	if txt, ok := z[q.Name]; ok && q.Type == "TXT" {
		return spf.Answer{Status: spf.Found, Values: []string{txt}}
	}
	return spf.Answer{Status: spf.NXDomain}
}

func ExampleWalk() {
	r, _ := spf.Parse("v=spf1 include:_spf.app.example include:gone.example -all")
	z := zone{"_spf.app.example": "v=spf1 redirect=_nets.app.example", "_nets.app.example": "v=spf1 ip4:192.0.2.0/24 -all"}
	cost, _, err := spf.Walk(context.Background(), z, "customer.example", r)
	fmt.Println(cost.Lookups, cost.Voids, err)
	fmt.Println(cost.Problems[0])
	// Output:
	// 3 1 <nil>
	// spf: include "gone.example": no such name
}

func ExampleMerge() {
	m, err := spf.Merge(spf.MergeRequest{
		Domain:   "customer.example",
		Existing: []string{"google-site-verification=x", "v=spf1 mx -all"},
		Required: []string{"v=spf1 include:_spf.app.example ~all"},
	})
	fmt.Println(m.Record, err)
	for _, w := range m.Warnings {
		fmt.Println(w.Code+":", w.Text)
	}
	// Output:
	// v=spf1 mx include:_spf.app.example ~all <nil>
	// all-weakened: -all becomes ~all
}

func ExampleUnmerge() {
	p := spf.Provenance{Added: []string{"include:_spf.app.example"}, AllBefore: "-all", AllAfter: "~all"}
	since := "v=spf1 mx include:_spf.app.example include:sendgrid.net ~all"
	u, err := spf.Unmerge("customer.example", since, p)
	fmt.Println(u.Record, err)
	// Output: v=spf1 mx include:sendgrid.net -all <nil>
}

func ExampleSatisfies() {
	record := "v=spf1 mx Include:_SPF.App.example. -all"
	fmt.Println(spf.Satisfies("customer.example", record, "v=spf1 include:_spf.app.example ~all"))
	// Output: true
}

func ExampleSplit() {
	fmt.Printf("%q\n", spf.Split("v=spf1 mx -all", 8))
	// Output: ["v=spf1 m" "x -all"]
}
