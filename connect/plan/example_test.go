package plan_test

import (
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

func request(intents ...plan.Intent) plan.Request {
	snap, err := zone.ReadText(strings.NewReader(`$TTL 3600
@    TXT  "v=spf1 ip4:192.0.2.25 -all"
www  A    192.0.2.10
`), domain)
	if err != nil {
		panic(err)
	}
	return plan.Request{Domain: domain, Snapshot: snap, Intents: intents, Facts: []plan.Fact{
		{Question: plan.Question{Name: "edge.app.example", Type: "A"}, Status: plan.Found},
	}}
}

func mustPlan(req plan.Request) plan.Plan {
	p, err := plan.New(req)
	if err != nil {
		panic(err)
	}
	return p
}

func Example() {
	req := request(plan.CNAME("www", "edge.app.example"), plan.TXT("@", "app-verify=1"))
	fmt.Print(mustPlan(req).Text())
	// Output:
	// customer.example: 2 records to add, 1 record to remove.
	//
	//   customer.example.
	//     + TXT     3600  "app-verify=1"
	//       adds a text that the service looks for
	//
	//   www.customer.example.
	//     - A       3600  192.0.2.10
	//     + CNAME   3600  edge.app.example.
	//       points the name at the service
	//
	// Decisions
	//   ! address-group@www.customer.example www.customer.example. points somewhere else now (A 192.0.2.10); it will point at CNAME edge.app.example instead.
	//       replace  point the name at the service: CNAME edge.app.example [default]
	//       keep     leave the name as it is: A 192.0.2.10
}

func ExampleNew() {
	req := request(plan.SPF("@", "include:_spf.app.example"))
	p := mustPlan(req)
	for len(p.Questions) > 0 {
		for _, q := range p.Questions {
			fmt.Println("asked:", q.Name, q.Type)
			req.Facts = append(req.Facts, plan.Fact{Question: q, Status: plan.Found, Records: []zone.Record{
				zone.NewTXT(q.Name, 60, "v=spf1 ip4:198.51.100.0/24 -all"),
			}})
		}
		p = mustPlan(req)
	}
	fmt.Println(p.Status, p.Results[0].Records[0].Text(), p.Results[0].Lookups.After)
	// Output:
	// asked: _spf.app.example TXT
	// ready v=spf1 ip4:192.0.2.25 include:_spf.app.example -all 1
}

func ExampleFact_SPF() {
	f := plan.Fact{Question: plan.Question{Name: "customer.example", Type: "MX"}, Status: plan.Found, Records: []zone.Record{
		{Name: "customer.example", Type: "MX", TTL: 300, Data: "10 mx.app.example."},
	}}
	a := f.SPF()
	fmt.Println(a.Status == spf.Found, a.Values, a.TTL)
	// Output: true [mx.app.example] 300
}

func ExamplePlan_Open() {
	p := mustPlan(request(plan.A("www", "198.51.100.7")))
	fmt.Println(p.Status)
	for _, c := range p.Open() {
		fmt.Println(c.Code, c.Owner, c.Existing, c.Default)
	}
	// Output:
	// needs-decision
	// address-group www.customer.example [www.customer.example. 3600 A 192.0.2.10] replace
}

func ExampleParseDecision() {
	req := request(plan.A("www", "198.51.100.7"))
	d, err := plan.ParseDecision("address-group@www.customer.example=keep")
	if err != nil {
		panic(err)
	}
	req.Decisions = []plan.Decision{d}
	p := mustPlan(req)
	fmt.Println(p.Status, p.Results[0].State)
	// Output: no-change skipped
}

func ExampleTakeDefaults() {
	req := request(plan.A("www", "198.51.100.7"))
	req.Decisions = []plan.Decision{plan.TakeDefaults()}
	p := mustPlan(req)
	add, remove := p.Counts()
	fmt.Println(p.Status, add, remove, p.ZoneChanges()[0].Add)
	// Output: ready 1 1 [www.customer.example. 3600 A 198.51.100.7]
}

func ExamplePlan_Render() {
	p := mustPlan(request(plan.TXT("@", "a text that is too long for a narrow terminal")))
	fmt.Print(p.Render(plan.Style{Width: 40}))
	// Output:
	// customer.example: 1 record to add, 0 records to remove.
	//
	//   customer.example.
	//     + TXT     3600  "a text that is too long …
	//       adds a text that the service looks for
}

func ExampleUndo() {
	req := request(plan.A("www", "198.51.100.7"))
	req.Decisions = []plan.Decision{plan.TakeDefaults()}
	p := mustPlan(req)
	runs := []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}}
	fmt.Println(plan.Ours(runs))
	u, err := plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: req.Snapshot.With(p.ZoneChanges()...), Runs: runs})
	if err != nil {
		panic(err)
	}
	fmt.Println(u.Changes[0].Remove, u.Changes[0].Add)
	// Output:
	// [www.customer.example. 3600 A 198.51.100.7]
	// [www.customer.example. 3600 A 198.51.100.7] [www.customer.example. 3600 A 192.0.2.10]
}

// A text may stand in for the one that was asked for, and addresses for an alias.
func ExampleAsked() {
	for _, r := range plan.Asked(domain, domain, []plan.Intent{
		{Kind: plan.KindCNAME, Host: "www", Value: "edge.app.example", Fallback: "192.0.2.1 192.0.2.2"},
		{Kind: plan.KindTXT, Host: "@", Value: "app-verify=1", Fallback: "v=1"},
		plan.A("shop", "none"),
	}) {
		fmt.Println(r)
	}
	// Output:
	// www.customer.example. 3600 CNAME edge.app.example.
	// www.customer.example. 3600 A 192.0.2.1
	// www.customer.example. 3600 A 192.0.2.2
	// customer.example. 3600 TXT "app-verify=1"
	// customer.example. 3600 TXT "v=1"
}

func ExampleCodes() {
	for _, c := range plan.Codes()[:2] {
		fmt.Println(c, "-", c.Describe())
	}
	// Output:
	// address-group - what a name points at (A, AAAA, CNAME, ALIAS, redirect) is replaced as one unit
	// apex-cname - DNS allows no CNAME at the apex of a zone, and the host offers no alias there
}

func ExampleInputError() {
	_, err := plan.New(request(plan.NS("@", "192.0.2.53")))
	fmt.Println(err)
	// Output: plan: intent 0: value "192.0.2.53": an address is no host name, and NS needs one
}

// The intents of a service that hosts sites and sends mail.
func ExampleIntent() {
	for _, in := range []plan.Intent{
		plan.A("www", "198.51.100.7"),
		plan.AAAA("www", "2001:db8::7"),
		plan.CNAME("shop", "edge.app.example"),
		plan.TXT("@", "app-verify=1"),
		plan.SPF("@", "include:_spf.app.example"),
		plan.DKIM("s1._domainkey", "v=DKIM1; p=…", ""),
		plan.MX("@", 10, "mx.app.example"),
		plan.CAA("@", "issue", "pki.app.example"),
		plan.NS("sub", "ns1.app.example"),
	} {
		fmt.Println(in.Kind, in.Host, in.Tag, in.Value)
	}
	// Output:
	// A www  198.51.100.7
	// AAAA www  2001:db8::7
	// CNAME shop  edge.app.example
	// TXT @  app-verify=1
	// SPF @  include:_spf.app.example
	// DKIM s1._domainkey  v=DKIM1; p=…
	// MX @  mx.app.example
	// CAA @ issue pki.app.example
	// NS sub  ns1.app.example
}
