package verifytest_test

import (
	"context"
	"fmt"
	"net/netip"

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

func ExampleWorld_Exchange() {
	w, err := verifytest.Start(verifytest.Options{Memory: true, Text: []string{zoneText}})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	m := new(dns.Msg)
	m.SetQuestion("www.customer.example.", dns.TypeA)
	question, err := m.Pack()
	if err != nil {
		panic(err)
	}
	// A program sets verify.Options{Transport: w, Start: w.Start(), Map: w.Map}.
	answer, err := w.Exchange(context.Background(), "udp", w.Map(netip.MustParseAddr("127.0.0.2")), question)
	if err != nil {
		panic(err)
	}
	if err := m.Unpack(answer); err != nil {
		panic(err)
	}
	fmt.Println(m.Answer)
	// Output: [www.customer.example.	3600	IN	A	192.0.2.10]
}

func ExampleWorld_Resolver() {
	w, err := verifytest.Start(verifytest.Options{
		Text:      []string{zoneText},
		Resolvers: []verifytest.ResolverOptions{{Name: "isp", Addr: netip.MustParseAddr("127.0.0.53")}},
	})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	isp := w.Resolver("isp")
	isp.Prime("_token.customer.example", "TXT") // somebody asks too early
	added := zone.NewTXT("_token.customer.example", 60, "hello")
	w.Change("customer.example", zone.Change{Owner: added.Name, Add: []zone.Record{added}})
	m := new(dns.Msg)
	m.SetQuestion("_token.customer.example.", dns.TypeTXT)
	for range 2 {
		r, err := dns.Exchange(m, isp.Addr().String())
		if err != nil {
			panic(err)
		}
		fmt.Println(len(r.Answer), "records")
		isp.Flush()
	}
	// Output:
	// 0 records
	// 1 records
}

func ExampleServer_SetFaultAt() {
	four, six := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("fd00::1")
	w, err := verifytest.Start(verifytest.Options{
		Text:    []string{zoneText},
		Servers: []verifytest.ServerOptions{{Name: "ns1", Addrs: []netip.Addr{four, six}}},
	})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	w.Server("ns1").SetFaultAt(four, verifytest.Fault{Rcode: "REFUSED"})
	for _, a := range []netip.Addr{four, six} {
		m := new(dns.Msg)
		m.SetQuestion("www.customer.example.", dns.TypeA)
		r, err := dns.Exchange(m, w.Map(a).String())
		if err != nil {
			panic(err)
		}
		fmt.Println(a, dns.RcodeToString[r.Rcode])
	}
	// Output:
	// 127.0.0.1 REFUSED
	// fd00::1 NOERROR
}

func ExampleServer_Hold() {
	w, err := verifytest.Start(verifytest.Options{Text: []string{zoneText}})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	left := zone.NewTXT("old.customer.example", 60, "from the host before")
	w.Server("ns2").Hold(w.Zone("customer.example").With(zone.Change{Owner: left.Name, Add: []zone.Record{left}}))
	for _, s := range w.Servers() {
		m := new(dns.Msg)
		m.SetQuestion("old.customer.example.", dns.TypeTXT)
		r, err := dns.Exchange(m, s.Addr().String())
		if err != nil {
			panic(err)
		}
		fmt.Println(s.Name(), len(r.Answer))
	}
	// Output:
	// ns1 0
	// ns2 1
}
