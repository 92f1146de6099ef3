package verify_test

import (
	"net/netip"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// delegationFaults are name servers that have no place, or not the same one,
// in the zone above and in the zone itself.
func delegationFaults() []fault {
	const gone, alias, nobody = "gone.example.", "alias.example.", "nobody.example."
	return []fault{
		{code: verify.CodeNSNoName, harm: func(s *scene) { s.thirdServer(gone) }, want: verify.Propagated},
		{code: verify.CodeNSNoAddress, harm: func(s *scene) {
			s.registry([]zone.Record{s.rec(nobody, "TXT", `"no address"`)}, nil)
			s.thirdServer(nobody)
		}, want: verify.Propagated},
		{code: verify.CodeNSAlias, harm: func(s *scene) {
			s.registry([]zone.Record{s.rec(alias, "CNAME", "ns1.customer.example.")}, nil)
			s.thirdServer(alias)
		}, want: verify.Propagated, also: []verify.Code{verify.CodeNSNoAddress}},
		{code: verify.CodeNSPrivate, build: func(o *verifytest.Options) {
			o.Servers[2].Addrs = append(o.Servers[2].Addrs, netip.MustParseAddr("10.0.0.53"))
		}, harm: func(s *scene) {
			s.registry([]zone.Record{s.rec("ns2", "A", "10.0.0.53")}, nil)
			s.put(s.token, s.rec("ns2", "A", "10.0.0.53"))
		}, want: verify.Propagated},
		{code: verify.CodeParentExtra, kind: "that lacks it", harm: func(s *scene) {
			s.Server("old").Freeze()
			s.put(s.token)
			s.registry([]zone.Record{s.rec("customer.example.", "NS", "old.example.")}, nil)
		}, look: lags("old.example (127.0.0.3)"), want: verify.Partial, also: []verify.Code{verify.CodeStale}},
		{code: verify.CodeParentExtra, kind: "that has it", harm: func(s *scene) {
			s.put(s.token)
			s.registry([]zone.Record{s.rec("customer.example.", "NS", "old.example.")}, nil)
		}, want: verify.Propagated},
		{code: verify.CodeChildExtra, kind: "that lacks it", harm: func(s *scene) {
			s.Server("old").Freeze()
			s.put(s.token, s.rec("@", "NS", "old.example."))
		}, look: lags("old.example (127.0.0.3)"), want: verify.Partial, also: []verify.Code{verify.CodeStale}},
		{code: verify.CodeChildExtra, kind: "that has it", harm: func(s *scene) {
			s.put(s.token, s.rec("@", "NS", "old.example."))
		}, want: verify.Propagated},
		{code: verify.CodeDisjoint, kind: "that lacks it", harm: func(s *scene) {
			s.moved()
			s.Server("old").Freeze()
			s.put(s.token)
		}, look: lags("old.example (127.0.0.3)"), want: verify.Partial, also: []verify.Code{verify.CodeStale, verify.CodeParentExtra, verify.CodeChildExtra}},
		{code: verify.CodeDisjoint, kind: "that has it", harm: func(s *scene) {
			s.moved()
			s.put(s.token)
		}, want: verify.Propagated, also: []verify.Code{verify.CodeParentExtra, verify.CodeChildExtra}},
		{code: verify.CodeGlue, kind: "that lacks it", harm: func(s *scene) {
			s.Server("old").Freeze()
			s.put(s.token)
			s.registry([]zone.Record{s.rec("ns2", "A", "127.0.0.3")}, []zone.Record{s.rec("ns2", "A", "127.0.0.2")})
		}, look: lags("ns2.customer.example (127.0.0.3)"), want: verify.Partial, also: []verify.Code{verify.CodeStale}},
		{code: verify.CodeGlue, kind: "that has it", harm: func(s *scene) {
			s.put(s.token)
			s.registry([]zone.Record{s.rec("ns2", "A", "127.0.0.3")}, []zone.Record{s.rec("ns2", "A", "127.0.0.2")})
		}, want: verify.Propagated},
		{code: verify.CodeUndelegated, kind: "not registered", harm: func(s *scene) {
			s.expect(verify.Expect{Record: s.rec("_token.nobody.example.", "TXT", `"token=1"`)})
		}, want: verify.Undelegated},
		{code: verify.CodeUndelegated, kind: "on hold", harm: func(s *scene) {
			s.put(s.token)
			s.Change("example", zone.Change{Owner: apex, Remove: s.Zone("example").At(apex)})
			s.expect(verify.Expect{Record: s.token, Zone: apex})
		}, want: verify.Undelegated},
		{code: verify.CodeCutBelow, build: func(o *verifytest.Options) {
			o.Text = append(o.Text, "$ORIGIN sub.customer.example.\n$TTL 300\n@ SOA ns1.customer.example. hostmaster 1 3600 600 86400 60\n"+
				"@ NS ns1.customer.example.\n@ NS ns2.customer.example.\n")
		}, harm: func(s *scene) {
			token := s.rec("_token.sub", "TXT", `"token=1"`)
			s.Change(apex, zone.Change{Owner: token.Name, Add: []zone.Record{token}},
				zone.Change{Owner: "sub." + apex, Add: []zone.Record{s.rec("sub", "NS", "ns1"), s.rec("sub", "NS", "ns2")}})
			s.expect(verify.Expect{Record: token, Zone: apex})
		}, want: verify.Absent},
	}
}

// thirdServer names one more server for the zone, above and in it.
func (s *scene) thirdServer(host string) {
	ns := s.rec("customer.example.", "NS", host)
	s.registry([]zone.Record{ns}, nil)
	s.put(s.token, ns)
}

// moved is a zone that names its new provider's server only, while the
// registrar still has the two before.
func (s *scene) moved() {
	s.put(s.rec("@", "NS", "old.example."))
	s.drop(s.rec("@", "NS", "ns1"), s.rec("@", "NS", "ns2"))
}
