package verify_test

import (
	"context"
	"fmt"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// resolving gives the world two resolvers: isp and other. Only isp is as o
// says.
func resolving(o verifytest.ResolverOptions) func(*verifytest.Options) {
	return func(w *verifytest.Options) {
		isp := o
		isp.Name, isp.Addr = "isp", addr("127.0.0.53")
		w.Resolvers = []verifytest.ResolverOptions{isp, {Name: "other", Addr: addr("127.0.0.54")}}
	}
}

// viewed asks the resolvers of that name.
func viewed(s *scene, names ...string) {
	for _, n := range names {
		s.opts.Resolvers = append(s.opts.Resolvers, s.Resolver(n).Addr())
	}
}

// viewFaults are resolvers that do not show what the servers have.
func viewFaults() []fault {
	plain, signed := resolving(verifytest.ResolverOptions{}), resolving(verifytest.ResolverOptions{Signed: []zone.Name{apex}, Synthesize: true})
	stale := resolving(verifytest.ResolverOptions{Stale: 24 * time.Hour})
	isp := func(f verifytest.ResolverFault, names ...string) func(*scene) {
		return func(s *scene) {
			s.put(s.token)
			s.Resolver("isp").SetFault(f)
			viewed(s, append(names, "isp")...)
		}
	}
	old := func(s *scene) zone.Record {
		r := s.rec("_token", "TXT", `"token=0"`)
		r.TTL = 40
		return r
	}
	// keeping lets isp keep what there was before the token, and after that
	// gives it the fault.
	keeping := func(before func(*scene) zone.Record, wait time.Duration, f verifytest.ResolverFault) func(*scene) {
		return func(s *scene) {
			viewed(s, "isp")
			if before != nil {
				s.put(before(s))
			}
			s.Resolver("isp").Prime(s.token.Name, s.token.Type)
			time.Sleep(wait)
			if before != nil {
				s.drop(before(s))
			}
			s.put(s.token)
			s.Resolver("isp").SetFault(f)
		}
	}
	out := []fault{
		{kind: "resolvers", build: plain, harm: func(s *scene) { s.put(s.token); viewed(s, "isp", "other") }, want: verify.Propagated},
		{kind: "resolvers over sockets", sockets: true, build: plain, harm: func(s *scene) { s.put(s.token); viewed(s, "isp", "other") }, want: verify.Propagated},
		{kind: "resolvers of a signed zone", build: signed, harm: func(s *scene) { s.put(s.token); viewed(s, "isp") }, want: verify.Propagated},
		{kind: "resolvers are not asked too early", build: plain, harm: func(s *scene) { viewed(s, "isp") }, look: func(s *scene) verify.Report {
			before := s.check()
			if n := s.Resolver("isp").Queries(); n > 0 || before.Verdict != verify.Absent {
				s.trouble("%s, and the resolver was asked %d questions while no server has the record", before.Verdict, n)
			}
			s.put(s.token)
			return s.check()
		}, want: verify.Propagated},
		{code: verify.CodeNegCached, build: plain, harm: keeping(nil, 13*time.Second+300*time.Millisecond, verifytest.ResolverFault{}), look: forgets(47), want: verify.Published},
		{code: verify.CodePosCached, build: plain, harm: keeping(old, 13*time.Second+300*time.Millisecond, verifytest.ResolverFault{}), look: forgets(27), want: verify.Published},
		{code: verify.CodeNegCached, kind: "one of two caches", build: resolving(verifytest.ResolverOptions{Caches: 2}), harm: keeping(nil, 0, verifytest.ResolverFault{}), want: verify.Published},
		{code: verify.CodeNSECSynth, build: signed, harm: func(s *scene) {
			viewed(s, "isp")
			s.Resolver("isp").Prime("_a."+apex, "TXT") // its denial covers the token's name
			s.put(s.token)
		}, look: forgets(60), want: verify.Published},
		{code: verify.CodeFailCached, build: plain, harm: func(s *scene) {
			viewed(s, "isp")
			s.put(s.token)
			s.Resolver("isp").SetFault(verifytest.ResolverFault{Offline: true})
			s.Resolver("isp").Prime(s.token.Name, s.token.Type)
			s.Resolver("isp").SetFault(verifytest.ResolverFault{})
		}, want: verify.Published},
		{code: verify.CodeFailCached, kind: "without a reason", build: plain, harm: isp(verifytest.ResolverFault{Rcode: "SERVFAIL"}), want: verify.Published},
		{code: verify.CodeFailCached, kind: "kept without a reason, and an answer where validation is off", build: plain, harm: func(s *scene) {
			viewed(s, "isp")
			s.put(s.token)
			s.Resolver("isp").SetFault(verifytest.ResolverFault{Offline: true})
			s.Resolver("isp").Prime(s.token.Name, s.token.Type)
			s.Resolver("isp").SetFault(verifytest.ResolverFault{NoEDE: true})
		}, want: verify.Published},
		{code: verify.CodeServeStale, kind: "old value", build: stale, harm: keeping(old, time.Minute, verifytest.ResolverFault{Offline: true}), want: verify.Published},
		{code: verify.CodeServeStale, kind: "NXDOMAIN", build: stale, harm: keeping(nil, 2*time.Minute, verifytest.ResolverFault{Offline: true}), want: verify.Published},
		{code: verify.CodeSplitHorizon, build: plain, harm: func(s *scene) {
			inside := s.rec("_token", "TXT", `"inside"`)
			inside.TTL = 86400
			isp(verifytest.ResolverFault{Split: []zone.Record{inside}})(s)
		}, want: verify.Published},
		{code: verify.CodeViewTimeout, build: plain, harm: isp(verifytest.ResolverFault{Drop: true}), want: verify.Published},
		{code: verify.CodeViewTimeout, kind: "beside one that has it", build: plain, harm: isp(verifytest.ResolverFault{Drop: true}, "other"), want: verify.Propagated},
	}
	for _, ede := range []uint16{6, 7, 8, 9, 10, 11, 12} { // the codes of RFC 8914 for what validation finds
		out = append(out, fault{
			code: verify.CodeDNSSECBogus, kind: fmt.Sprint("extended error ", ede), build: plain,
			harm: isp(verifytest.ResolverFault{Bogus: []zone.Name{apex}, BogusEDE: ede}), want: verify.DNSSECBroken,
		})
	}
	out = append(out, fault{
		code: verify.CodeDNSSECBogus, kind: "without a reason", build: plain,
		harm: isp(verifytest.ResolverFault{Bogus: []zone.Name{apex}, NoEDE: true}), want: verify.DNSSECBroken,
	})
	for _, ede := range []uint16{15, 16, 17, 18} { // blocked, censored, filtered, prohibited
		f := verifytest.ResolverFault{Filtered: []zone.Name{apex}, FilterEDE: ede}
		out = append(
			out,
			fault{code: verify.CodeFiltered, kind: fmt.Sprint("extended error ", ede), build: plain, harm: isp(f), want: verify.Published},
			fault{code: verify.CodeFiltered, kind: fmt.Sprint("extended error ", ede, " beside one that has it"), build: plain, harm: isp(f, "other"), want: verify.Propagated},
		)
	}
	return out
}

// forgets is a look at a resolver that keeps something old for so many seconds
// more, and two looks around the time at which it will have forgotten it.
func forgets(seconds int) func(*scene) verify.Report {
	return func(s *scene) verify.Report {
		r := s.check()
		if len(r.Records) != 1 || len(r.Records[0].Resolvers) != 1 {
			s.trouble("no state of one resolver")
			return r
		}
		until := r.Records[0].Resolvers[0].Until
		if left := time.Until(until); left > time.Duration(seconds)*time.Second || left < time.Duration(seconds-1)*time.Second {
			s.trouble("the resolver is said to forget in %v, want %d s", left, seconds)
		}
		if next := int(r.NextLook); next < seconds-1 || next > seconds+1 {
			s.trouble("next look after %d s, want %d", next, seconds)
		}
		time.Sleep(time.Until(until) - 10*time.Millisecond)
		if early := s.check(); early.Verdict != r.Verdict {
			s.trouble("%s before the time at which the resolver forgets, want %s", early.Verdict, r.Verdict)
		}
		time.Sleep(time.Until(until) + time.Second)
		if late := s.check(); late.Verdict != verify.Propagated {
			s.trouble("%s one second after the resolver forgot, want propagated", late.Verdict)
		}
		return r
	}
}

// elsewhere is a vantage point: another Verifier, to whom the request goes.
type elsewhere struct {
	name string
	*verify.Verifier
}

func (e elsewhere) Name() string { return e.name }

// broken is a vantage point that cannot be reached.
type broken struct{ elsewhere }

func (broken) Observe(context.Context, verify.Request) (verify.Observations, error) {
	return verify.Observations{}, fmt.Errorf("connection refused")
}

// vantageFaults are other places that see something else: how many may is 0 of
// one, 1 of two to five, 2 of six.
func vantageFaults() []fault {
	from := func(n, without, unreached int) func(*scene) {
		return func(s *scene) {
			there := newScene(s.t, fault{}) // a world that the token did not reach
			s.put(s.token)
			for i := range n {
				v := elsewhere{fmt.Sprint("place ", i+1), verify.New(s.opts)}
				switch {
				case i < without:
					v.Verifier = verify.New(there.opts)
					s.opts.Vantages = append(s.opts.Vantages, v)
				case i < without+unreached:
					s.opts.Vantages = append(s.opts.Vantages, broken{v})
				default:
					s.opts.Vantages = append(s.opts.Vantages, v)
				}
			}
		}
	}
	var out []fault
	for _, tc := range []struct {
		n, without int
		want       verify.Verdict
	}{
		{1, 0, verify.Propagated},
		{1, 1, verify.Published},
		{2, 1, verify.Propagated},
		{2, 2, verify.Published},
		{5, 1, verify.Propagated},
		{5, 2, verify.Published},
		{6, 2, verify.Propagated},
		{6, 3, verify.Published},
	} {
		out = append(out, fault{
			code: verify.CodeQuorum, kind: fmt.Sprintf("%d of %d miss it", tc.without, tc.n),
			harm: from(tc.n, tc.without, 0), want: tc.want,
		})
	}
	return append(out, fault{
		code: verify.CodeQuorum, kind: "one of three is not reached",
		harm: from(3, 0, 1), want: verify.Propagated, also: []verify.Code{verify.CodeViewTimeout},
	})
}
