package verify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const exampleZone = `
$ORIGIN shop.example.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 300
@ NS ns1
@ NS ns2
ns1 A 127.0.0.1
ns2 A 127.0.0.2
www CNAME edge.app.example.
blog CNAME hosting.example.
`

// exampleVerifier asks a DNS server in this process; in a program,
// verify.New(verify.Options{}) starts at the root.
func exampleVerifier() (*verify.Verifier, *verifytest.World) {
	w, err := verifytest.Start(verifytest.Options{Text: []string{exampleZone}})
	if err != nil {
		panic(err)
	}
	return verify.New(verify.Options{Start: w.Start(), Map: w.Map, MinDelay: time.Millisecond}), w
}

func ExampleNew() {
	v, w := exampleVerifier()
	defer w.Close()
	d, err := v.Delegation(context.Background(), "www.shop.example")
	fmt.Println(d.Apex, d.SOA.MName, d.Child, err)
	// Output: shop.example ns1.shop.example [ns1.shop.example ns2.shop.example] <nil>
}

func ExampleVerifier_Delegation() {
	v, w := exampleVerifier()
	defer w.Close()
	w.Server("ns2").SetFault(verifytest.Fault{Rcode: "REFUSED"})
	d, err := v.Delegation(context.Background(), "www.shop.example")
	for _, s := range d.Servers {
		fmt.Printf("%s %s %q\n", s.Name, s.State, s.Err)
	}
	fmt.Println(err)
	// Output:
	// ns1.shop.example sound ""
	// ns2.shop.example lame "REFUSED"
	// <nil>
}

func ExampleVerifier_Check() {
	v, w := exampleVerifier()
	defer w.Close()
	www, err := zone.New("www.shop.example", "CNAME", 300, "edge.app.example.")
	if err != nil {
		panic(err)
	}
	token := zone.NewTXT("_token.shop.example", 300, "token=1")
	r, err := v.Check(context.Background(), verify.Request{Expect: []verify.Expect{{Record: www}, {Record: token}}})
	fmt.Println(r.Verdict, err)
	for _, rec := range r.Records {
		fmt.Println(rec.Expect.Record.Name, rec.Verdict, rec.Servers[0].Seen)
	}
	// Output:
	// partial <nil>
	// www.shop.example propagated [CNAME edge.app.example.]
	// _token.shop.example absent []
}

func ExampleVerifier_Observe() {
	v, w := exampleVerifier()
	defer w.Close()
	seen, err := v.Observe(context.Background(), verify.Request{Expect: []verify.Expect{{Record: zone.NewTXT("_token.shop.example", 300, "token=1")}}})
	for _, a := range seen.Answers[:2] {
		fmt.Println(a.Purpose, a.Name, a.Type, a.Status)
	}
	fmt.Println(err)
	// Output:
	// level _token.shop.example.shop.example TXT nxdomain
	// level shop.example TXT nodata
	// <nil>
}

func ExampleJudge() {
	v, w := exampleVerifier()
	defer w.Close()
	seen, err := v.Observe(context.Background(), verify.Request{Expect: []verify.Expect{{Record: zone.NewTXT("_token.shop.example", 300, "token=1")}}})
	if err != nil {
		panic(err)
	}
	kept, err := json.Marshal(seen) // to be judged again at any time, such as by a better judge
	if err != nil {
		panic(err)
	}
	var again verify.Observations
	if err := json.Unmarshal(kept, &again); err != nil {
		panic(err)
	}
	for _, f := range verify.Judge(again).Findings {
		fmt.Println(f.Code, f.Detail)
		fmt.Println(f.Hint)
	}
	// Output:
	// NXDOMAIN _token.shop.example. TXT: the name does not exist
	// no record of any type stands at the name: create the record, or wait until the provider has published it
}

func ExampleVerifier_Wait() {
	v, w := exampleVerifier()
	defer w.Close()
	token := zone.NewTXT("_token.shop.example", 300, "token=1")
	w.Server("ns2").Freeze()
	w.Change("shop.example", zone.Change{Owner: token.Name, Add: []zone.Record{token}})
	r, err := v.Wait(context.Background(), verify.Request{Expect: []verify.Expect{{Record: token}}}, func(r verify.Report) {
		if lagging := r.Lagging(); len(lagging) > 0 {
			fmt.Println("waiting for", lagging)
			w.Server("ns2").Thaw()
		}
	})
	fmt.Println(r.Verdict, err)
	// Output:
	// waiting for [ns2.shop.example (127.0.0.2)]
	// propagated <nil>
}

func ExampleVerifier_Lookup() {
	v, w := exampleVerifier()
	defer w.Close()
	for _, name := range []zone.Name{"blog.shop.example", "nope.shop.example"} {
		a := v.Lookup(context.Background(), name, "A")
		fmt.Println(a.Status, a.Records)
	}
	// Output:
	// found [blog.shop.example. 300 CNAME hosting.example.]
	// nxdomain []
}

func ExampleReport_Lagging() {
	v, w := exampleVerifier()
	defer w.Close()
	r, err := v.Check(context.Background(), verify.Request{Expect: []verify.Expect{{Record: zone.NewTXT("_token.shop.example", 300, "token=1")}}})
	fmt.Println(r.Lagging(), err)
	// Output: [ns1.shop.example (127.0.0.1) ns2.shop.example (127.0.0.2)] <nil>
}

func ExampleRequest_Validate() {
	policy := zone.NewTXT("shop.example", 300, "v=spf1 -all")
	fmt.Println(verify.Request{Expect: []verify.Expect{{Record: policy, Match: verify.MatchSPF}}}.Validate())
	fmt.Println(verify.Request{Expect: []verify.Expect{{Record: policy, Zone: "other.example"}}}.Validate())
	// Output:
	// <nil>
	// verify: expectation 1: shop.example. is not within other.example.
}

func ExampleRecordState_Lagging() {
	v, w := exampleVerifier()
	defer w.Close()
	token := zone.NewTXT("_token.shop.example", 300, "token=1")
	w.Server("ns2").Freeze()
	w.Change("shop.example", zone.Change{Owner: token.Name, Add: []zone.Record{token}})
	r, err := v.Check(context.Background(), verify.Request{Expect: []verify.Expect{{Record: token}}})
	for _, s := range r.Records[0].Lagging() {
		fmt.Println(s.Server, s.Addr, s.State)
	}
	fmt.Println(r.Verdict, err)
	// Output:
	// ns2.shop.example 127.0.0.2 missing
	// partial <nil>
}

func ExampleVerifier_Resolve() {
	v, w := exampleVerifier()
	defer w.Close()
	w.Change("shop.example", zone.Change{Owner: "shop.example", Add: []zone.Record{zone.NewTXT("shop.example", 300, "hello")}})
	alias, err := zone.New("alias.shop.example", "CNAME", 60, "shop.example.")
	if err != nil {
		panic(err)
	}
	w.Change("shop.example", zone.Change{Owner: alias.Name, Add: []zone.Record{alias}})
	a := v.Resolve(context.Background(), "alias.shop.example", "TXT")
	fmt.Println(a.Name, a.Status, a.Records)
	// Output: shop.example found [shop.example. 60 TXT "hello"]
}

func ExampleVerifier_SPF() {
	v, w := exampleVerifier()
	defer w.Close()
	policy := zone.NewTXT("shop.example", 300, "v=spf1 ip4:192.0.2.0/24 -all")
	w.Change("shop.example", zone.Change{Owner: policy.Name, Add: []zone.Record{policy}})
	c := spf.Checker{Resolver: v.SPF()}
	for _, client := range []string{"192.0.2.25", "198.51.100.25"} {
		r := c.CheckHost(context.Background(), netip.MustParseAddr(client), "", "orders@shop.example", "mail.shop.example")
		fmt.Println(client, r.Outcome, r.Term)
	}
	// Output:
	// 192.0.2.25 pass ip4:192.0.2.0/24
	// 198.51.100.25 fail -all
}

func ExampleVerdicts() {
	counts := map[verify.Verdict]int{verify.Propagated: 40, verify.Absent: 2}
	for _, verdict := range verify.Verdicts() {
		if n := counts[verdict]; n > 0 {
			fmt.Println(n, verdict)
		}
	}
	// Output:
	// 40 propagated
	// 2 absent
}
