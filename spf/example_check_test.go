package spf_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/mooring-dns/mooring/spf"
)

func ExampleChecker_CheckHost() {
	txt := func(value string) spf.Answer { return spf.Answer{Status: spf.Found, Values: []string{value}} }
	checker := spf.Checker{Resolver: spf.Static{
		{Name: "customer.example", Type: "TXT"}:     txt("v=spf1 include:_spf.app.example -all exp=why.customer.example"),
		{Name: "_spf.app.example", Type: "TXT"}:     txt("v=spf1 ip4:192.0.2.0/24 ~all"),
		{Name: "why.customer.example", Type: "TXT"}: txt("%{i} does not send for %{d}"),
	}}
	for _, client := range []string{"192.0.2.7", "203.0.113.5"} {
		r := checker.CheckHost(context.Background(), netip.MustParseAddr(client), "", "amy@customer.example", "mail.app.example")
		fmt.Printf("%s by %s after %d lookup %q\n", r.Outcome, r.Term, r.Lookups, r.Explanation)
	}
	// Output:
	// pass by include:_spf.app.example after 1 lookup ""
	// fail by -all after 1 lookup "203.0.113.5 does not send for customer.example"
}
