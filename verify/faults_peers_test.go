package verify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// TestFaultsOfPeers is the 27 cases in which the checks of certmagic, lego and
// cert-manager were measured. In them certmagic calls propagated what one of
// two servers lacks, lego and cert-manager never succeed beside a server that
// is lame, and none says why.
func TestFaultsOfPeers(t *testing.T) {
	table := peerFaults()
	if len(table) != 27 {
		t.Fatalf("%d cases, want 27", len(table))
	}
	runFaults(t, "peer faults", table)
}

func peerFaults() []fault {
	put := func(s *scene) { s.put(s.token) }
	stale := func(server string) func(*scene) {
		return func(s *scene) {
			s.Server(server).Freeze()
			put(s)
		}
	}
	long := zone.NewTXT("_token."+apex, 60, "v=x1; p="+strings.Repeat("0123456789", 30))
	return []fault{
		{kind: "", harm: put, want: verify.Propagated},
		{kind: "split TXT", harm: func(s *scene) {
			s.put(long)
			s.expect(verify.Expect{Record: long})
		}, want: verify.Propagated},
		{kind: "several TXT", harm: func(s *scene) {
			s.put(s.rec("_token", "TXT", `"a"`), s.rec("_token", "TXT", `"b"`), s.token)
		}, want: verify.Propagated},
		{kind: "CNAME", harm: holding(rr("shop", "CNAME", "edge.app.example.")), want: verify.Propagated},
		{code: verify.CodeTCPNeeded, kind: "TC to TCP", sockets: true, harm: big(verifytest.Fault{}), want: verify.Propagated},
		{kind: "slow NS", harm: ill(verifytest.Fault{Delay: 400 * time.Millisecond}), want: verify.Propagated},
		{code: verify.CodeStale, kind: "ns2 lacks record", harm: stale("ns2"), want: verify.Partial},
		{code: verify.CodeStale, kind: "ns1 lacks it", harm: stale("ns1"), want: verify.Partial},
		{code: verify.CodeStale, kind: "ns2 old value", harm: func(s *scene) {
			old := s.rec("_token", "TXT", `"token=0"`)
			s.put(old)
			s.Server("ns2").Freeze()
			s.drop(old)
			s.put(s.token)
		}, want: verify.Partial, also: []verify.Code{verify.CodeValueWrong}},
		{code: verify.CodeLameRefused, kind: "ns2 REFUSED", harm: ill(verifytest.Fault{Rcode: "REFUSED"}), want: verify.Propagated},
		{code: verify.CodeLameServfail, kind: "ns2 SERVFAIL", harm: ill(verifytest.Fault{Rcode: "SERVFAIL"}), want: verify.Propagated},
		{code: verify.CodeLameUpward, kind: "ns2 upward referral", harm: ill(verifytest.Fault{Upward: true, NotAuthoritative: true}), want: verify.Propagated},
		{code: verify.CodeDead, kind: "ns2 silent", harm: ill(verifytest.Fault{Drop: true}), want: verify.Propagated},
		{code: verify.CodeEDNSFormErr, kind: "ns2 FORMERR to EDNS", sockets: true, harm: ill(verifytest.Fault{NoEDNS: true}), want: verify.Propagated},
		{code: verify.CodeNSNoName, kind: "one NS name does not resolve", harm: func(s *scene) { s.thirdServer("gone.example.") }, want: verify.Propagated},
		{code: verify.CodeParentExtra, kind: "parent also delegates to old provider", harm: func(s *scene) {
			s.Server("old").Freeze()
			put(s)
			s.registry([]zone.Record{s.rec("customer.example.", "NS", "old.example.")}, nil)
		}, want: verify.Partial, also: []verify.Code{verify.CodeStale}},
		{code: verify.CodeChildExtra, kind: "child NS set still names old provider", harm: func(s *scene) {
			s.Server("old").Freeze()
			s.put(s.token, s.rec("@", "NS", "old.example."))
		}, want: verify.Partial, also: []verify.Code{verify.CodeStale}},
		{code: verify.CodeFlap, kind: "answers alternate on one address", harm: func(s *scene) {
			s.Server("ns2").Freeze()
			s.Server("ns2").SetFault(verifytest.Fault{Flap: true})
			put(s)
		}, want: verify.Unstable},
		{code: verify.CodeNegCached, kind: "resolver holds NXDOMAIN", build: resolving(verifytest.ResolverOptions{}), harm: func(s *scene) {
			viewed(s, "isp")
			s.Resolver("isp").Prime(s.token.Name, "TXT")
			put(s)
		}, look: forgets(60), want: verify.Published},
		{code: verify.CodeDNSSECBogus, kind: "DNSSEC bogus", build: resolving(verifytest.ResolverOptions{}), harm: func(s *scene) {
			viewed(s, "isp")
			s.Resolver("isp").SetFault(verifytest.ResolverFault{Bogus: []zone.Name{apex}})
			put(s)
		}, want: verify.DNSSECBroken},
		{code: verify.CodeNameDoubled, kind: "name doubled", harm: stands(just(txt("_token", "token=1")), txt("_token.customer.example", "token=1")), want: verify.Absent},
		{code: verify.CodeWildcard, kind: "value only through wildcard", harm: stands(just(txt("_token", "token=1")), txt("*", "token=1")), want: verify.Propagated},
		{
			code: verify.CodeCNAMELoop, kind: "CNAME loop", harm: stands(just(txt("_token", "token=1")), rr("_token", "CNAME", "b"), rr("b", "CNAME", "_token")),
			want: verify.Wrong, also: []verify.Code{verify.CodeCNAMECoexist},
		},
		{
			code: verify.CodeCNAMEDangling, kind: "CNAME dangling", harm: stands(just(txt("_token", "token=1")), rr("_token", "CNAME", "nowhere")),
			want: verify.Wrong, also: []verify.Code{verify.CodeCNAMECoexist},
		},
		{code: verify.CodeNXDomain, kind: "absent", want: verify.Absent},
		{code: verify.CodeDead, kind: "all NS dead", harm: allIll(verifytest.Fault{Drop: true}), want: verify.Unreachable},
		{code: verify.CodeNoTCP, kind: "TC with TCP closed", sockets: true, harm: big(verifytest.Fault{HangUp: true}), want: verify.Unreachable, also: []verify.Code{verify.CodeUnknown}},
	}
}
