package verifytest_test

import (
	"fmt"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

func ExampleStart() {
	w, err := verifytest.Start(verifytest.Options{Text: []string{zoneText}})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	m := new(dns.Msg)
	m.SetQuestion("blog.customer.example.", dns.TypeA)
	r, err := dns.Exchange(m, w.Server("ns2").Addr().String())
	if err != nil {
		panic(err)
	}
	for _, rr := range r.Answer {
		fmt.Println(rr)
	}
	// Output:
	// blog.customer.example.	3600	IN	CNAME	www.customer.example.
	// www.customer.example.	3600	IN	A	192.0.2.10
}

func ExampleWorld_Change() {
	w, err := verifytest.Start(verifytest.Options{Text: []string{zoneText}})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	added := zone.NewTXT("_token.customer.example", 60, "hello")
	w.Change("customer.example", zone.Change{Owner: added.Name, Add: []zone.Record{added}})
	fmt.Println(w.Zone("customer.example").Set(added.Name, "TXT"))
	fmt.Println(w.Zone("customer.example").Set("customer.example", "SOA")[0].Data)
	// Output:
	// [_token.customer.example. 60 TXT "hello"]
	// ns1.customer.example. hostmaster.customer.example. 11 3600 600 86400 300
}

func ExampleServer_SetFault() {
	w, err := verifytest.Start(verifytest.Options{Text: []string{zoneText}})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	w.Server("ns2").SetFault(verifytest.Fault{Rcode: "SERVFAIL"})
	for _, s := range w.Servers() {
		m := new(dns.Msg)
		m.SetQuestion("www.customer.example.", dns.TypeA)
		r, err := dns.Exchange(m, s.Addr().String())
		if err != nil {
			panic(err)
		}
		fmt.Println(s.Name(), dns.RcodeToString[r.Rcode])
	}
	// Output:
	// ns1 NOERROR
	// ns2 SERVFAIL
}
