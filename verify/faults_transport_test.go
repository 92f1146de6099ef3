package verify_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// transportFaults are servers that have trouble with EDNS, size, rate and case.
func transportFaults() []fault {
	return []fault{
		{code: verify.CodeEDNSFormErr, sockets: true, harm: ill(verifytest.Fault{NoEDNS: true}), want: verify.Propagated},
		{code: verify.CodeEDNSFormErr, kind: "all", sockets: true, harm: allIll(verifytest.Fault{NoEDNS: true}), want: verify.Propagated},
		{code: verify.CodeEDNSDrop, harm: ill(verifytest.Fault{DropEDNS: true}), want: verify.Propagated},
		{code: verify.CodeEDNSDrop, kind: "over sockets", sockets: true, harm: func(s *scene) {
			s.opts.Timeout = 2 * time.Second
			ill(verifytest.Fault{DropEDNS: true})(s)
		}, want: verify.Propagated},
		{code: verify.CodeTCPNeeded, sockets: true, harm: big(verifytest.Fault{}), want: verify.Propagated, also: []verify.Code{verify.CodeValueExtra}},
		{code: verify.CodeTCPNeeded, kind: "in memory", harm: big(verifytest.Fault{}), want: verify.Propagated, also: []verify.Code{verify.CodeValueExtra}},
		{code: verify.CodeNoTCP, kind: "hangs up", sockets: true, harm: big(verifytest.Fault{HangUp: true}), want: verify.Unreachable, also: []verify.Code{verify.CodeUnknown}},
		{code: verify.CodeNoTCP, kind: "silent", harm: big(verifytest.Fault{NoTCP: true}), want: verify.Unreachable, also: []verify.Code{verify.CodeUnknown}},
		{code: verify.CodeNoTCP, kind: "one", harm: func(s *scene) {
			big(verifytest.Fault{})(s)
			s.Server("ns2").SetFault(verifytest.Fault{NoTCP: true})
		}, want: verify.Partial, also: []verify.Code{verify.CodeUnknown, verify.CodeTCPNeeded}},
		{code: verify.CodeRateLimited, sockets: true, harm: ill(verifytest.Fault{Slip: 1}), want: verify.Propagated},
		{code: verify.CodeRateLimited, kind: "now and then", harm: ill(verifytest.Fault{Slip: 2}), want: verify.Propagated},
		{code: verify.CodeCaseMangled, sockets: true, harm: ill(verifytest.Fault{CaseMangled: true}), want: verify.Propagated},
		{code: verify.CodeCaseMangled, kind: "all", sockets: true, harm: allIll(verifytest.Fault{CaseMangled: true}), want: verify.Propagated},
		{kind: "one question lost", harm: ill(verifytest.Fault{Lose: 3}), want: verify.Propagated},
	}
}

// big has an answer that fits into no UDP message, and gives both servers a
// fault.
func big(f verifytest.Fault) func(*scene) {
	return func(s *scene) {
		var recs []zone.Record
		for i := range 40 {
			recs = append(recs, zone.NewTXT("big."+apex, 60, fmt.Sprint(strings.Repeat("x", 60), i)))
		}
		s.put(recs...)
		s.expect(verify.Expect{Record: recs[7]})
		s.Server("ns1").SetFault(f)
		s.Server("ns2").SetFault(f)
	}
}

// strayFaults are messages that are no answers. Each comes before the true
// answer of both servers: once with a lie that says that the record is there,
// and once with one that says that it is not.
func strayFaults() []fault {
	var out []fault
	for _, tc := range []struct {
		stray verifytest.Stray
		code  verify.Code
	}{
		{verifytest.StrayID, verify.CodeSpoofed},
		{verifytest.StraySource, verify.CodeSpoofed},
		{verifytest.StrayQuestion, verify.CodeSpoofed},
		{verifytest.StrayEcho, verify.CodeSpoofed},
		{verifytest.StrayNoise, verify.CodeSpoofed}, // by its header it is a message, of another kind
		{verifytest.StrayShort, verify.CodeGarbage},
		{verifytest.StrayLoop, verify.CodeGarbage},
		{verifytest.StrayHuge, verify.CodeGarbage},
	} {
		f := verifytest.Fault{Strays: []verifytest.Stray{tc.stray}}
		out = append(
			out,
			fault{code: tc.code, kind: string(tc.stray) + " says yes", sockets: true, harm: func(s *scene) {
				lie := f
				lie.Lie = []zone.Record{s.token}
				s.Server("ns1").SetFault(lie)
				s.Server("ns2").SetFault(lie)
			}, want: verify.Absent},
			fault{code: tc.code, kind: string(tc.stray) + " says no", sockets: true, harm: allIll(f), want: verify.Propagated},
		)
	}
	return out
}
