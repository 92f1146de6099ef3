package verify_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// serverFaults are servers that are old, lame or dead.
func serverFaults() []fault {
	return []fault{
		{code: verify.CodeNoStart, harm: func(s *scene) {
			s.put(s.token)
			s.Server("a.nic").SetFault(verifytest.Fault{Drop: true})
		}, want: verify.Unreachable},
		{code: verify.CodeStale, kind: "ns2 lacks it", harm: func(s *scene) {
			s.Server("ns2").Freeze()
			s.put(s.token)
		}, look: lags("ns2.customer.example (127.0.0.2)"), want: verify.Partial},
		{code: verify.CodeStale, kind: "ns1 lacks it", harm: func(s *scene) {
			s.Server("ns1").Freeze()
			s.put(s.token)
		}, look: lags("ns1.customer.example (127.0.0.1)"), want: verify.Partial},
		{code: verify.CodeStale, kind: "old value", harm: func(s *scene) {
			old := s.rec("_token", "TXT", `"token=0"`)
			s.put(old)
			s.Server("ns2").Freeze()
			s.drop(old)
			s.put(s.token)
		}, look: lags("ns2.customer.example (127.0.0.2)"), want: verify.Partial, also: []verify.Code{verify.CodeValueWrong}},
		{code: verify.CodeLameRefused, harm: ill(verifytest.Fault{Rcode: "REFUSED"}), want: verify.Propagated},
		{code: verify.CodeLameRefused, kind: "all", harm: allIll(verifytest.Fault{Rcode: "REFUSED"}), want: verify.Unreachable},
		{code: verify.CodeLameServfail, harm: ill(verifytest.Fault{Rcode: "SERVFAIL"}), want: verify.Propagated},
		{code: verify.CodeLameServfail, kind: "all", harm: allIll(verifytest.Fault{Rcode: "SERVFAIL"}), want: verify.Unreachable},
		{code: verify.CodeLameUpward, harm: ill(verifytest.Fault{Upward: true}), want: verify.Propagated},
		{code: verify.CodeLameUpward, kind: "all", harm: allIll(verifytest.Fault{Upward: true}), want: verify.Unreachable},
		{code: verify.CodeLameAA0, harm: ill(verifytest.Fault{NotAuthoritative: true}), want: verify.Propagated},
		{code: verify.CodeLameAA0, kind: "all", harm: allIll(verifytest.Fault{NotAuthoritative: true}), want: verify.Unreachable},
		{code: verify.CodeLame, harm: ill(verifytest.Fault{OtherSOA: "parked.example"}), want: verify.Propagated},
		{code: verify.CodeLame, kind: "all", harm: allIll(verifytest.Fault{OtherSOA: "parked.example"}), want: verify.Unreachable, also: []verify.Code{verify.CodeNSNoName}},
		{code: verify.CodeDead, kind: "both", harm: func(s *scene) {
			twoAddresses(s)
			s.Server("ns2").SetFault(verifytest.Fault{Drop: true})
		}, look: dead("no answer over IPv4 or IPv6"), want: verify.Propagated},
		{code: verify.CodeDead, kind: "v4", harm: func(s *scene) {
			twoAddresses(s)
			s.Server("ns2").SetFaultAt(addr("127.0.0.2"), verifytest.Fault{Drop: true})
		}, look: dead("no answer over IPv4: "), want: verify.Propagated},
		{code: verify.CodeDead, kind: "v6", harm: func(s *scene) {
			twoAddresses(s)
			s.Server("ns2").SetFaultAt(addr("::1"), verifytest.Fault{Drop: true})
		}, look: dead("no answer over IPv6: "), want: verify.Propagated},
		{code: verify.CodeDead, kind: "over sockets", sockets: true, harm: func(s *scene) {
			s.opts.Timeout = 2 * time.Second
			ill(verifytest.Fault{Drop: true})(s)
		}, want: verify.Propagated},
		{code: verify.CodeDead, kind: "port closed", sockets: true, harm: func(s *scene) {
			s.put(s.token)
			nobody := freePort(s.t)
			s.opts.Map = func(a netip.Addr) netip.AddrPort {
				if a == addr("127.0.0.2") {
					return nobody
				}
				return s.Map(a)
			}
		}, want: verify.Propagated},
		{code: verify.CodeDead, kind: "all", harm: allIll(verifytest.Fault{Drop: true}), want: verify.Unreachable},
		{code: verify.CodeUnknown, harm: func(s *scene) {
			s.Server("ns2").Freeze()
			s.put(s.token)
			s.Server("ns2").SetFault(verifytest.Fault{Drop: true, Only: s.token.Name})
		}, look: lags("ns2.customer.example (127.0.0.2)"), want: verify.Partial},
		{code: verify.CodeNoRoute, harm: func(s *scene) {
			s.registry([]zone.Record{s.rec("ns2", "AAAA", "::1")}, nil)
			s.put(s.token, s.rec("ns2", "AAAA", "::1"))
			s.opts.Transport = noRoute{s.World}
		}, want: verify.Propagated},
		{code: verify.CodeFlap, harm: func(s *scene) {
			s.Server("ns2").Freeze()
			s.Server("ns2").SetFault(verifytest.Fault{Flap: true})
			s.put(s.token)
		}, look: lags("ns2.customer.example (127.0.0.2)"), want: verify.Unstable},
		{code: verify.CodeFlap, kind: "old value", harm: func(s *scene) {
			old := s.rec("_token", "TXT", `"token=0"`)
			s.put(old)
			s.Server("ns2").Freeze()
			s.Server("ns2").SetFault(verifytest.Fault{Flap: true})
			s.drop(old)
			s.put(s.token)
		}, look: lags("ns2.customer.example (127.0.0.2)"), want: verify.Unstable, also: []verify.Code{verify.CodeValueWrong}},
		{kind: "after it changed its mind", harm: func(s *scene) {
			s.Server("ns2").Freeze()
			s.Server("ns2").SetFault(verifytest.Fault{Flap: true})
			s.put(s.token)
		}, look: settles, want: verify.Propagated},
		{code: verify.CodeSerial, harm: func(s *scene) {
			s.put(s.token)
			s.Server("ns2").Freeze()
			s.put(s.rec("other", "A", "192.0.2.1"))
		}, want: verify.Propagated},
	}
}

// twoAddresses gives ns2 its second address, in both zones.
func twoAddresses(s *scene) {
	s.registry([]zone.Record{s.rec("ns2", "AAAA", "::1")}, nil)
	s.put(s.token, s.rec("ns2", "AAAA", "::1"))
}

// lags is a look after which only that server holds the report back.
func lags(who string) func(*scene) verify.Report {
	return func(s *scene) verify.Report {
		r := s.check()
		s.lagging(r, who)
		return r
	}
}

// dead is a look that says over which protocol the server is dead.
func dead(how string) func(*scene) verify.Report {
	return func(s *scene) verify.Report {
		began := time.Now()
		r := s.check()
		// Silence costs no more than one question does.
		if took := time.Since(began); took > time.Second {
			s.trouble("the dead server delayed the report by %v, want at most 1 s", took)
		}
		says := func(f verify.Finding) bool { return f.Code == verify.CodeDead && strings.Contains(f.Detail, how) }
		if !slices.ContainsFunc(r.Findings, says) {
			s.trouble("no finding says: %s", how)
		}
		return r
	}
}

// settles waits while a server changes its mind, which it stops doing after
// three reports.
func settles(s *scene) verify.Report {
	var verdicts []verify.Verdict
	r, err := verify.New(s.opts).Wait(s.t.Context(), s.req, func(r verify.Report) {
		if verdicts = append(verdicts, r.Verdict); len(verdicts) == 3 {
			s.Server("ns2").Thaw()
			s.Server("ns2").SetFault(verifytest.Fault{})
		}
	})
	if err != nil {
		s.trouble("%v", err)
	}
	if len(verdicts) < 4 || slices.Contains(verdicts[:3], verify.Propagated) {
		s.trouble("verdicts %v: propagated while a server changes its mind", verdicts)
	}
	return r
}

// noRoute is a machine without IPv6.
type noRoute struct{ verify.Transport }

func (n noRoute) Exchange(ctx context.Context, network string, server netip.AddrPort, message []byte) ([]byte, error) {
	if server.Addr().Is6() {
		return nil, fmt.Errorf("dial %s: %w", server, syscall.ENETUNREACH)
	}
	return n.Transport.Exchange(ctx, network, server, message)
}
