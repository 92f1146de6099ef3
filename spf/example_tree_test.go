package spf_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mooring-dns/mooring/spf"
)

// services is a small DNS for the examples.
func services() spf.Static {
	txt := func(name string) spf.Question { return spf.Question{Name: name, Type: "TXT"} }
	found := func(value string) spf.Answer {
		return spf.Answer{Status: spf.Found, Values: []string{value}, TTL: 7200}
	}
	return spf.Static{
		txt("_spf.app.example"):                    found("v=spf1 ip4:192.0.2.0/25 a:out.app.example ?all"),
		txt("_spf1.customer.example"):              found("v=spf1 include:_spf.app.example -all"),
		{Name: "out.app.example", Type: "A"}:       found("198.51.100.7"),
		{Name: "customer.example", Type: "MX"}:     found("mail.customer.example"),
		{Name: "mail.customer.example", Type: "A"}: found("203.0.113.25"),
	}
}

// learn answers the questions of one pure function until it has none.
func learn(ask func(spf.Answers) []spf.Question) spf.Answers {
	known := spf.Answers{}
	for {
		questions := ask(known)
		if len(questions) == 0 {
			return known
		}
		for _, q := range questions {
			known[q] = services().Lookup(context.Background(), q)
		}
	}
}

func ExampleTrace() {
	r, _ := spf.Parse("v=spf1 mx include:_spf1.customer.example include:gone.example -all")
	var tree spf.Tree
	learn(func(known spf.Answers) (questions []spf.Question) {
		tree, questions = spf.Trace("customer.example", r, known)
		return questions
	})
	fmt.Print(tree)
	// Output:
	// customer.example: 5 lookups of 10, 1 void one of 2
	//     1 mx
	//     3 include:_spf1.customer.example
	//        2 include:_spf.app.example
	//           0 ip4:192.0.2.0/25
	//           1 a:out.app.example
	//           0 ?all
	//        0 -all
	//     1 include:gone.example ! include "gone.example": no such name
	//     0 -all
}

func ExampleTree_Cost() {
	r, _ := spf.Parse("v=spf1 a mx -all")
	tree, _ := spf.Trace("customer.example", r, nil)
	fmt.Println(tree.Cost().Lookups)
	// Output: 2
}

func ExampleSizeOf() {
	fmt.Printf("%+v\n", spf.SizeOf("customer.example", "v=spf1 mx -all", "other=text"))
	// Output: {Octets:40 Strings:2 UDP:95}
}

func ExampleFits() {
	r, _ := spf.Parse("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all")
	err := spf.Fits("customer.example", r, nil, nil, spf.Limits{Octets: 40})
	fmt.Println(errors.Is(err, spf.ErrLength))
	fmt.Println(err)
	// Output:
	// true
	// spf: the record at customer.example has 47 octets, and this DNS host stores at most 40. What would help: join neighbouring networks: ip4:192.0.2.0/25, ip4:192.0.2.128/25 (octets 47 to 28)
}

func ExampleRemedies() {
	r, _ := spf.Parse("v=spf1 mx include:_spf1.customer.example mx ptr -all")
	known := learn(func(known spf.Answers) []spf.Question {
		_, questions := spf.Trace("customer.example", r, known)
		return questions
	})
	for _, remedy := range spf.Remedies(spf.ShrinkRequest{Domain: "customer.example", Record: r, Known: known}) {
		fmt.Println(remedy.Consent, remedy.Text)
	}
	// Output:
	// false drop what no sender needs: mx (lookups 6 to 5, octets 52 to 49)
	// false write the terms of the domain's own subrecords in place of include:_spf1.customer.example (lookups 6 to 5, octets 52 to 46)
	// true drop ptr, which is slow and discouraged (lookups 6 to 5, octets 52 to 48)
}

func ExampleShrink() {
	q := spf.ShrinkRequest{Domain: "customer.example", Choices: []spf.Choice{{Code: spf.RemedyTidy}, {Code: spf.RemedyInline}}}
	q.Record, _ = spf.Parse("v=spf1 mx include:_spf1.customer.example mx -all")
	var s spf.Shrunk
	learn(func(known spf.Answers) []spf.Question {
		q.Known = known
		s, _ = spf.Shrink(q)
		return s.Questions
	})
	fmt.Println(s.Record)
	fmt.Println(s.Before.Lookups, s.After.Lookups, s.Unused)
	// Output:
	// v=spf1 mx include:_spf.app.example -all
	// 5 3 [_spf1.customer.example]
}

func ExampleFlatten() {
	r, _ := spf.Parse("v=spf1 include:_spf.app.example -all")
	var f spf.Flattened
	learn(func(known spf.Answers) (questions []spf.Question) {
		f, questions = spf.Flatten("customer.example", r, []string{"include:_spf.app.example"}, known)
		return questions
	})
	fmt.Println(f.Record)
	fmt.Println("look again after", f.Snapshots[0].Again())
	// Output:
	// v=spf1 ip4:192.0.2.0/25 ip4:198.51.100.7 -all
	// look again after 2h0m0s
}

func ExampleSnapshot_Again() {
	fmt.Println(spf.Snapshot{TTL: 60}.Again() == time.Hour)
	// Output: true
}

func ExampleSnapshot_Drift() {
	s := spf.Snapshot{Domain: "customer.example", Term: "include:_spf.app.example"} // nothing was there
	var d spf.Drift
	learn(func(known spf.Answers) (questions []spf.Question) {
		d, questions = s.Drift(known)
		return questions
	})
	fmt.Println(d.Changed(), d.Added, d.Gone)
	// Output: true [192.0.2.0/25 198.51.100.7/32] []
}

func ExampleDiagnose() {
	var findings []spf.Finding
	learn(func(known spf.Answers) (questions []spf.Question) {
		findings, questions = spf.Diagnose("customer.example", []string{"v=spf1 mx mx include:gone.example ?all"}, known)
		return questions
	})
	for _, f := range findings {
		fmt.Println(f.Severity, f.Code, f.Term)
	}
	// Output:
	// broken no-record include:gone.example
	// hint neutral-all ?all
	// hint redundant mx
}
