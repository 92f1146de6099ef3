package verify_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// lagging has the record on ns1, and on ns2, which has the fault, not.
func lagging(t *testing.T, sockets bool, f verifytest.Fault) *scene {
	t.Helper()
	s := newScene(t, fault{sockets: sockets})
	s.Server("ns2").Freeze()
	s.put(s.token)
	s.Server("ns2").SetFault(f)
	return s
}

// TestAlive leaves no server out that answers, however slowly, and with
// whatever trouble over TCP: resolvers take what it says.
func TestAlive(t *testing.T) {
	for _, f := range []verifytest.Fault{
		{Delay: 500 * time.Millisecond},
		{Delay: 850 * time.Millisecond},
		{Delay: 700 * time.Millisecond, NoEDNS: true},
		{CaseMangled: true, HangUp: true},
		{CaseMangled: true, NoTCP: true},
		{CaseMangled: true, HangUp: true, OnlyType: "NS"},
		{Slip: 1, HangUp: true, OnlyType: "SOA"},
	} {
		what := fmt.Sprintf("%+v", f)
		synctest.Test(t, func(t *testing.T) {
			s := lagging(t, false, f)
			if r := s.check(); r.Verdict == verify.Propagated || r.Verdict == verify.Published {
				t.Errorf("%s: %s, though ns2 lacks the record: %v", what, r.Verdict, r.Findings)
			} else if f.Delay > 0 && r.Verdict != verify.Partial {
				t.Errorf("%s: %s, want %s: %v", what, r.Verdict, verify.Partial, r.Findings)
			}
		})
	}
	s := lagging(t, true, verifytest.Fault{CaseMangled: true, HangUp: true})
	if r := s.check(); r.Verdict == verify.Propagated || r.Verdict == verify.Published {
		t.Errorf("over sockets: %s, though ns2 lacks the record: %v", r.Verdict, r.Findings)
	}
}

// TestResolverAlive waits for a resolver that lacks the record and answers over
// UDP, and whose answers TCP would have to confirm.
func TestResolverAlive(t *testing.T) {
	for _, sockets := range []bool{false, true} {
		run := func(t *testing.T) {
			s := newScene(t, fault{sockets: sockets})
			s.Server("old").Freeze()
			s.put(s.token)
			s.Server("old").SetFault(verifytest.Fault{CaseMangled: true, HangUp: true})
			s.opts.Resolvers = append(s.opts.Resolvers, s.Map(addr("127.0.0.3")), s.Map(addr("127.0.0.1")))
			if r := s.check(); r.Verdict == verify.Propagated {
				t.Errorf("sockets %v: %s: %v %v", sockets, r.Verdict, r.Records[0].Resolvers, r.Findings)
			}
		}
		if sockets {
			run(t)
		} else {
			synctest.Test(t, run)
		}
	}
}
