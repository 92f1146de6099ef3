package verify_test

import (
	"fmt"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// aliasFaults are CNAMEs that stand in the way or lead nowhere, and hosts that
// put addresses in their place.
func aliasFaults() []fault {
	shop := rr("shop", "CNAME", "edge.app.example.")
	atApex := rr("@", "CNAME", "edge.app.example.")
	loop := []func(*scene) zone.Record{rr("one", "CNAME", "two"), rr("two", "CNAME", "three"), rr("three", "CNAME", "one")}
	var deep []func(*scene) zone.Record
	for i := range 18 {
		deep = append(deep, rr(fmt.Sprintf("c%d", i), "CNAME", fmt.Sprintf("c%d", i+1)))
	}
	deep = append(deep, rr("c18", "A", "192.0.2.1"))
	return []fault{
		{code: verify.CodeCNAMECoexist, kind: "in its place", harm: stands(just(txt("shop", "token=1")), shop), want: verify.Wrong},
		{
			code: verify.CodeCNAMECoexist, kind: "expected where others stand",
			harm: stands(just(rr("www", "CNAME", "edge.app.example."))), want: verify.Wrong, also: []verify.Code{verify.CodeValueWrong},
		},
		{code: verify.CodeCNAMELoop, kind: "expected", harm: stands(just(loop[0]), loop...), want: verify.Propagated},
		{code: verify.CodeCNAMELoop, kind: "in its place", harm: stands(just(txt("one", "token=1")), loop...), want: verify.Wrong, also: []verify.Code{verify.CodeCNAMECoexist}},
		{code: verify.CodeCNAMELoop, kind: "to itself", harm: stands(just(rr("self", "CNAME", "self")), rr("self", "CNAME", "self")), want: verify.Propagated},
		{code: verify.CodeCNAMEDangling, kind: "expected", harm: stands(just(rr("shop", "CNAME", "nowhere.app.example.")), rr("shop", "CNAME", "nowhere.app.example.")), want: verify.Propagated},
		{
			code: verify.CodeCNAMEDangling, kind: "in its place", harm: stands(just(txt("shop", "token=1")), rr("shop", "CNAME", "nowhere.app.example.")),
			want: verify.Wrong, also: []verify.Code{verify.CodeCNAMECoexist},
		},
		{code: verify.CodeCNAMEDeep, harm: stands(just(deep[0]), deep...), want: verify.Propagated},
		{kind: "a chain of aliases", harm: stands(just(deep[8]), deep[8:]...), want: verify.Propagated},
		{code: verify.CodeFlattened, harm: stands(just(atApex), rr("@", "A", "198.51.100.7"), rr("@", "A", "198.51.100.8")), want: verify.Propagated},
		{code: verify.CodeFlattened, kind: "one of the addresses", harm: stands(just(atApex), rr("@", "A", "198.51.100.8")), want: verify.Propagated},
		{code: verify.CodeProxied, harm: stands(just(atApex), rr("@", "A", "104.16.1.1"), rr("@", "A", "104.16.2.2")), want: verify.Wrong},
		{
			code: verify.CodeCNAMECoexist, kind: "the target's IPv4 address and another IPv6 address",
			harm: stands(just(rr("shop", "CNAME", "edge.app.example.")), rr("shop", "A", "198.51.100.7"), rr("shop", "AAAA", "2001:db8::bad")),
			want: verify.Wrong, also: []verify.Code{verify.CodeValueWrong},
		},
		{
			code: verify.CodeUnknown, kind: "the target's IPv4 address, and nobody knows of an IPv6 address", harm: func(s *scene) {
				stands(just(rr("shop", "CNAME", "edge.app.example.")), rr("shop", "A", "198.51.100.7"))(s)
				s.Server("ns2").SetFault(verifytest.Fault{Rcode: "SERVFAIL", OnlyType: "AAAA", Only: "shop." + apex})
			}, want: verify.Partial, also: []verify.Code{verify.CodeFlattened},
		},
		{code: verify.CodeValueWrong, kind: "addresses that are not the target's", harm: stands(just(atApex), rr("@", "A", "192.0.2.200")), want: verify.Wrong, also: []verify.Code{verify.CodeCNAMECoexist}},
	}
}
