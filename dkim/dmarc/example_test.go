package dmarc_test

import (
	"errors"
	"fmt"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

func ExampleApply() {
	a, err := dmarc.Apply(dmarc.Request{
		Existing: []string{"v=DMARC1; p=reject; rua=mailto:dmarc@customer.example"},
		Value:    "v=DMARC1; p=none; rua=mailto:reports@app.example",
		Edit:     dmarc.Edit{MergeReports: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Record)
	fmt.Println(a.Base, a.Changed)
	// Output:
	// v=DMARC1; p=reject; rua=mailto:dmarc@customer.example,mailto:reports@app.example
	// existing true
}

// A subdomain gets the policy that is in force for it already.
func ExampleApply_inherit() {
	a, err := dmarc.Apply(dmarc.Request{
		Root:  []string{"v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@customer.example"},
		Value: "v=DMARC1; p=none; rua=mailto:reports@app.example",
		Edit:  dmarc.Edit{InheritRoot: true},
	})
	fmt.Println(a.Record, err)
	// Output: v=DMARC1; p=none; rua=mailto:dmarc@customer.example <nil>
}

func ExampleEdit_Check() {
	fmt.Println(dmarc.Edit{Override: map[string]string{"p": "rejcet"}}.Check())
	fmt.Println(dmarc.Edit{Remove: []string{"v"}}.Check())
	// Output:
	// dmarc: p has to be none, quarantine or reject, not "rejcet"
	// dmarc: tag v makes the text a record: no edit may touch it
}

func ExampleParse() {
	r, err := dmarc.Parse("v=DMARC1; p=reject; sp=quarantine; t=y; pct=100; rua=mailto:a@customer.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.P, r.SP, r.NP, r.RUA)
	for _, w := range r.Warnings {
		fmt.Println(w.Code+":", w.Text)
	}
	// Output:
	// reject quarantine quarantine [mailto:a@customer.example]
	// removed-tag: RFC 9989 has no tag pct any more: newer receivers ignore it
}

func ExampleIsRecord() {
	fmt.Println(dmarc.IsRecord("v=DMARC1; p=none"), dmarc.IsRecord("v=spf1 -all"))
	// Output: true false
}

func ExampleRecord_InForce() {
	r, err := dmarc.Parse("v=DMARC1; p=reject; t=y")
	fmt.Println(r.InForce(), err)
	// Output: quarantine <nil>
}

func ExampleRecord_Value() {
	r, err := dmarc.Parse("v=DMARC1; P=None")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Value("p"))
	// Output: None true
}

func ExampleRecord_String() {
	r, err := dmarc.Parse("v = DMARC1 ;p=none;")
	fmt.Println(r, err)
	// Output: v = DMARC1 ;p=none; <nil>
}

func ExampleDiffer() {
	fmt.Println(dmarc.Differ("v=DMARC1;p=none;adkim=r", "v=DMARC1; p=none; sp=none; rua=mailto:a@app.example"))
	// Output: [rua]
}

func ExampleAuthorisers() {
	fmt.Println(dmarc.Authorisers("customer.example", "v=DMARC1; p=none; rua=mailto:reports@app.example"))
	// Output: [customer.example._report._dmarc.app.example]
}

func ExampleDiscover() {
	dns := map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=none; sp=reject"}}
	facts := map[string][]string{}
	found, questions := dmarc.Discover("www.customer.example", facts)
	for len(questions) > 0 {
		for _, q := range questions {
			fmt.Println("asked", q)
			facts[q] = dns[q]
		}
		found, questions = dmarc.Discover("www.customer.example", facts)
	}
	fmt.Println(found.Organization, found.Policy(true))
	// Output:
	// asked _dmarc.www.customer.example
	// asked _dmarc.customer.example
	// asked _dmarc.example
	// customer.example reject
}

func ExampleFound_Policy() {
	found, questions := dmarc.Discover("www.example", map[string][]string{
		"_dmarc.www.example": nil,
		"_dmarc.example":     {"v=DMARC1; p=none; sp=quarantine; np=reject"},
	})
	fmt.Println(found.Policy(true), found.Policy(false), questions)
	// Output: quarantine reject []
}

func ExampleError() {
	_, err := dmarc.Apply(dmarc.Request{Existing: []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}})
	if e, ok := errors.AsType[*dmarc.Error](err); ok {
		fmt.Println(e.Code)
	}
	fmt.Println(err)
	// Output:
	// multiple-records
	// dmarc: several records stand there, which makes all of them void
}
