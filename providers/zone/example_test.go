package zone_test

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

func snapshot() zone.Snapshot {
	s, err := zone.ReadText(strings.NewReader(`$TTL 3600
@   TXT   "v=spf1 mx" " -all"
@   TXT   token
@   MX    10 Mail
www CNAME Hosting.Example.
*   A     192.0.2.99
`), "customer.example")
	if err != nil {
		panic(err)
	}
	return s
}

func Example() {
	for _, r := range snapshot().Set("customer.example", "TXT") {
		fmt.Println(r.Text())
	}
	// Output:
	// token
	// v=spf1 mx -all
}

func ExampleParseName() {
	fmt.Println(zone.ParseName("WWW.Customer.Example."))
	// Output: www.customer.example <nil>
}

func ExampleAbs() {
	for _, host := range []string{"@", "www", "other.example."} {
		n, err := zone.Abs(host, "customer.example")
		fmt.Println(n, err)
	}
	// Output:
	// customer.example <nil>
	// www.customer.example <nil>
	// other.example <nil>
}

func ExampleName() {
	n := zone.Name("a.www.customer.example")
	fmt.Println(n.FQDN(), n.Rel("customer.example"), n.Label(), n.Parent())
	fmt.Println(n.Within("customer.example"), n.Below("a.www.customer.example"))
	// Output:
	// a.www.customer.example. a.www a www.customer.example
	// true false
}

func ExampleCompare() {
	fmt.Println(zone.Compare("z.a.example", "b.example"))
	// Output: -1
}

func ExampleCanonical() {
	fmt.Println(zone.Canonical("HTTPS", "1 . port=8443 alpn=h2"))
	fmt.Println(zone.Canonical("MX", "010 Mail.Example"))
	// Output:
	// 1 . alpn="h2" port="8443" <nil>
	// 10 mail.example. <nil>
}

func ExampleCanonicalType() {
	fmt.Println(zone.CanonicalType("type5"), zone.CanonicalType("TYPE65400"))
	// Output: CNAME TYPE65400
}

func ExampleNew() {
	r, err := zone.New("www.customer.example", "cname", 300, "Edge.App.Example")
	fmt.Println(r, err)
	_, err = zone.New("www.customer.example", "A", 300, "192.0.2")
	fmt.Println(err)
	// Output:
	// www.customer.example. 300 CNAME edge.app.example. <nil>
	// zone: www.customer.example. A: "192.0.2" is no IP address
}

func ExampleNewTXT() {
	r := zone.NewTXT("customer.example", 300, `say "hi"`)
	fmt.Println(r.Data, r.Text())
	// Output: "say \"hi\"" say "hi"
}

func ExampleNewAddress() {
	fmt.Println(zone.NewAddress("www.customer.example", 300, netip.MustParseAddr("2001:db8::1")))
	// Output: www.customer.example. 300 AAAA 2001:db8::1
}

func ExampleRecord_SameData() {
	a := zone.Record{Name: "customer.example", Type: "TXT", TTL: 60, Data: `"ab"`}
	b := zone.Record{Name: "customer.example", Type: "TXT", TTL: 300, Data: `"a" "b"`}
	fmt.Println(a == b, a.SameData(b))
	// Output: false true
}

func ExampleRecord_Target() {
	r := zone.Record{Name: "customer.example", Type: "MX", Data: "10 mail.customer.example."}
	fmt.Println(r.Target())
	// Output: mail.customer.example true
}

func ExampleRecord_Addr() {
	fmt.Println(zone.Record{Type: "A", Data: "192.0.2.1"}.Addr())
	// Output: 192.0.2.1 true
}

func ExampleRecord_RR() {
	rr, err := zone.Record{Name: "customer.example", Type: "MX", TTL: 60, Data: "10 mail.customer.example."}.RR()
	if err != nil {
		panic(err)
	}
	r, err := zone.FromRR(rr)
	fmt.Println(r, r.Key(), err)
	// Output: customer.example. 60 MX 10 mail.customer.example. {customer.example MX} <nil>
}

func ExampleNewSnapshot() {
	s := zone.NewSnapshot("customer.example", []zone.Record{
		{Name: "customer.example", Type: "mx", TTL: 60, Data: "10 Mail.Customer.Example"},
		{Name: "customer.example", Type: "MX", TTL: 60, Data: "ask the front desk"},
	})
	for _, r := range s.At("customer.example") {
		fmt.Println(r.Opaque, r.Data)
	}
	// Output:
	// false 10 mail.customer.example.
	// true ask the front desk
}

func ExampleSnapshot_Wildcard() {
	s := snapshot()
	fmt.Println(s.Wildcard("shop.customer.example"))
	fmt.Println(s.Exists("www.customer.example"), len(s.Below("customer.example")))
	// Output:
	// *.customer.example true
	// true 2
}

func ExampleSnapshot_With() {
	a := snapshot()
	b := a.With(zone.Change{
		Owner:  "www.customer.example",
		Remove: a.At("www.customer.example"),
		Add:    []zone.Record{{Name: "www.customer.example", Type: "A", TTL: 60, Data: "192.0.2.1"}},
	})
	for _, c := range zone.Diff(a, b) {
		fmt.Println(c.Remove, c.Add, c.Inverse().Add)
	}
	// Output: [www.customer.example. 3600 CNAME hosting.example.] [www.customer.example. 60 A 192.0.2.1] [www.customer.example. 3600 CNAME hosting.example.]
}

func ExampleEdit_Keys() {
	s := snapshot()
	e := zone.Edit{Before: s.Set("customer.example", "TXT"), After: s.Set("customer.example", "MX")}
	fmt.Println(e.Keys())
	// Output: [{customer.example MX} {customer.example TXT}]
}

func ExampleSubtract() {
	s := snapshot()
	rest := zone.Subtract(s.At("customer.example"), s.Set("customer.example", "TXT"))
	fmt.Println(rest, zone.Contains(s.Records, rest[0]))
	// Output: [customer.example. 3600 MX 10 mail.customer.example.] true
}

func ExampleParseStrings() {
	strs, err := zone.ParseStrings(`"v=spf1 " bare`)
	fmt.Printf("%q %v\n", strs, err)
	fmt.Println(zone.QuoteStrings(strs...))
	fmt.Println(zone.QuoteText("one string"))
	// Output:
	// ["v=spf1 " "bare"] <nil>
	// "v=spf1 " "bare"
	// "one string"
}

func ExampleSnapshot_WriteText() {
	if err := snapshot().WriteText(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// customer.example. 3600 MX 10 mail.customer.example.
	// customer.example. 3600 TXT "token"
	// customer.example. 3600 TXT "v=spf1 mx" " -all"
	// *.customer.example. 3600 A 192.0.2.99
	// www.customer.example. 3600 CNAME hosting.example.
}
