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

func ExampleParseAs() {
	const text = "v=DMARC1; p=reject; pct=20; rua=mailto:a@customer.example!10m"
	r, err := dmarc.ParseAs(text, dmarc.RFC7489)
	fmt.Println(r.By, r.P, r.Older.Percent, r.RUA, r.Older.RUASizes, err)
	_, err = dmarc.ParseAs("v=DMARC1; rua=mailto:a@customer.example; p=reject", dmarc.RFC7489)
	fmt.Println(err)
	// Output:
	// RFC 7489 reject 20 [mailto:a@customer.example] [10485760] <nil>
	// dmarc: p does not follow v at once: receivers by RFC 7489 refuse the record
}

func ExampleReading_String() {
	fmt.Println(dmarc.RFC9989, dmarc.RFC7489)
	// Output: RFC 9989 RFC 7489
}

func ExampleCheckAuthorisers() {
	dns := map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=reject"}}
	const record = "v=DMARC1; p=none; rua=mailto:a@reports.customer.example,mailto:b@app.example"
	facts := map[string][]string{}
	findings, questions := dmarc.CheckAuthorisers("www.customer.example", record, facts)
	for len(questions) > 0 {
		for _, q := range questions {
			facts[q] = dns[q]
		}
		findings, questions = dmarc.CheckAuthorisers("www.customer.example", record, facts)
	}
	for _, f := range findings {
		fmt.Println(f.Text)
	}
	// Output: the receiver of reports at app.example has not agreed to get them for www.customer.example: nothing says v=DMARC1 at www.customer.example._report._dmarc.app.example, so nobody sends them (RFC 9990)
}

func ExampleDiagnose() {
	dns := map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=reject; sp=none; rua=reports@customer.example"}}
	facts := map[string][]string{}
	found, findings, questions := dmarc.Diagnose("customer.example", facts)
	for len(questions) > 0 {
		for _, q := range questions {
			facts[q] = dns[q]
		}
		found, findings, questions = dmarc.Diagnose("customer.example", facts)
	}
	fmt.Println(found.Owner, found.Policy(true))
	for _, f := range findings {
		fmt.Println(f.Severity+":", f.Text)
	}
	// Output:
	// customer.example reject
	// broken: rua holds "reports@customer.example", which is no address such as mailto:reports@example.com
	// warning: names below the domain have the policy none, which is weaker than the domain's own reject: forgers use such names
	// hint: no aggregate reports are asked for, so nobody learns of own mail that receivers turn away
}

func ExampleParseMTASTS() {
	m, err := dmarc.ParseMTASTS("v=STSv1; id=20260801T000000;")
	fmt.Println(m.ID, err)
	_, err = dmarc.ParseMTASTS("v=STSv1; id=2026-08-01")
	fmt.Println(err)
	// Output:
	// 20260801T000000 <nil>
	// dmarc: MTA-STS: id has to be 1 to 32 letters and digits, not "2026-08-01"
}

func ExampleMTASTS_Equal() {
	a, _ := dmarc.ParseMTASTS("v=STSv1; id=1;")
	b, _ := dmarc.ParseMTASTS("v=STSv1;id=1")
	fmt.Println(a.Equal(b))
	// Output: true
}

func ExampleIsMTASTS() {
	fmt.Println(dmarc.IsMTASTS("v=STSv1; id=1"), dmarc.IsMTASTS("v=STSv2; id=1"))
	// Output: true false
}

func ExampleParseTLSRPT() {
	r, err := dmarc.ParseTLSRPT("v=TLSRPTv1; rua=mailto:tls@customer.example,https://app.example/tls")
	fmt.Println(r.RUA, err)
	// Output: [mailto:tls@customer.example https://app.example/tls] <nil>
}

func ExampleTLSRPT_Equal() {
	a, _ := dmarc.ParseTLSRPT("v=TLSRPTv1;rua=mailto:tls@Customer.example,https://app.example/tls")
	b, _ := dmarc.ParseTLSRPT("v=TLSRPTv1; rua=https://app.example/tls,mailto:tls@customer.example")
	fmt.Println(a.Equal(b))
	// Output: true
}

func ExampleIsTLSRPT() {
	fmt.Println(dmarc.IsTLSRPT("v=TLSRPTv1;rua=mailto:tls@customer.example"))
	// Output: true
}

func ExampleParseBIMI() {
	b, err := dmarc.ParseBIMI("v=BIMI1; l=https://customer.example/logo.svg; a=;")
	fmt.Println(b.Location, b.Avatar, b.Declined, err)
	// Output: https://customer.example/logo.svg brand false <nil>
}

func ExampleBIMI_Equal() {
	a, _ := dmarc.ParseBIMI("v=BIMI1; l=https://customer.example/logo.svg; a=;")
	b, _ := dmarc.ParseBIMI("v=BIMI1; l=https://customer.example/logo.svg")
	fmt.Println(a.Equal(b))
	// Output: true
}

func ExampleIsBIMI() {
	fmt.Println(dmarc.IsBIMI("v=BIMI1; l="), dmarc.IsBIMI("v=DMARC1; p=none"))
	// Output: true false
}

func ExampleCheckBIMI() {
	findings, _ := dmarc.CheckBIMI("customer.example", map[string][]string{
		"_dmarc.customer.example": {"v=DMARC1; p=none"}, "_dmarc.example": nil,
	})
	fmt.Println(findings[0].Text)
	// Output: the DMARC policy of customer.example is none: receivers show no BIMI logo until it is quarantine or reject for all mail
}
