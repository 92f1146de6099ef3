package verify_test

import (
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// stands puts what somebody wrote, and expects something else.
func stands(e func(*scene) verify.Expect, recs ...func(*scene) zone.Record) func(*scene) {
	return func(s *scene) {
		for _, r := range recs {
			s.put(r(s))
		}
		s.expect(e(s))
	}
}

func just(r func(*scene) zone.Record) func(*scene) verify.Expect {
	return func(s *scene) verify.Expect { return verify.Expect{Record: r(s)} }
}

func matching(m verify.Match, r func(*scene) zone.Record) func(*scene) verify.Expect {
	return func(s *scene) verify.Expect { return verify.Expect{Record: r(s), Match: m} }
}

func exclusive(r func(*scene) zone.Record) func(*scene) verify.Expect {
	return func(s *scene) verify.Expect { return verify.Expect{Record: r(s), Exclusive: true} }
}

// oneOf expects both and puts only the first.
func oneOf(there, not func(*scene) zone.Record) func(*scene) {
	return func(s *scene) {
		s.put(there(s))
		s.expect(verify.Expect{Record: there(s)}, verify.Expect{Record: not(s)})
	}
}

func txt(host, text string) func(*scene) zone.Record {
	return func(*scene) zone.Record { return zone.NewTXT(zone.Name(host)+"."+apex, 60, text) }
}

// contentFaults are values that are not what they should be.
func contentFaults() []fault {
	const key, key2 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "v=DKIM1; k=ed25519; p=ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
	token := txt("_token", "token=1")
	long := strings.Repeat("0123456789", 40)
	return []fault{
		{code: verify.CodeValueWrong, kind: "TXT", harm: stands(just(token), txt("_token", "token=2")), want: verify.Wrong},
		{code: verify.CodeValueWrong, kind: "A", harm: stands(just(rr("www", "A", "192.0.2.11"))), want: verify.Wrong},
		{code: verify.CodeValueWrong, kind: "CNAME", harm: stands(just(rr("shop", "CNAME", "edge.app.example.")), rr("shop", "CNAME", "ns1.app.example.")), want: verify.Wrong},
		{code: verify.CodeValueWrong, kind: "MX", harm: stands(just(rr("mail", "MX", "10 www")), rr("mail", "MX", "20 www")), want: verify.Wrong},
		{code: verify.CodeValueExtra, harm: stands(just(rr("www", "A", "192.0.2.10")), rr("www", "A", "192.0.2.11")), want: verify.Propagated},
		{code: verify.CodeValueExtra, kind: "exclusive", harm: stands(exclusive(rr("www", "A", "192.0.2.10")), rr("www", "A", "192.0.2.11")), want: verify.Wrong},
		{code: verify.CodeValueWrong, kind: "in the network of a proxy that is wanted", harm: stands(just(rr("shop", "A", "104.18.2.2")), rr("shop", "A", "104.18.1.1")), want: verify.Wrong},
		{kind: "exclusive beside what is expected in any spelling", harm: func(s *scene) {
			s.put(s.token, zone.NewTXT(s.token.Name, 60, "v=spf1 mx a ~all"))
			s.expect(verify.Expect{Record: s.token, Exclusive: true}, verify.Expect{Record: zone.NewTXT(s.token.Name, 60, "v=spf1 a -all"), Match: verify.MatchSPF})
		}, want: verify.Propagated},
		{code: verify.CodeNoData, kind: "one of two A", harm: oneOf(rr("shop", "A", "192.0.2.20"), rr("shop", "A", "192.0.2.21")), want: verify.Partial},
		{code: verify.CodeNoData, kind: "one of two MX", harm: oneOf(rr("@", "MX", "10 www"), rr("@", "MX", "20 www.app.example.")), want: verify.Partial},
		{code: verify.CodeNoData, kind: "one of two TXT of one maker", harm: oneOf(txt("_token", "token=1"), txt("_token", "token=2")), want: verify.Partial},
		{code: verify.CodeDupSPF, kind: "expected to the octet", harm: stands(just(txt("mail", "v=spf1 a -all")), txt("mail", "v=spf1 a -all"), txt("mail", "v=spf1 mx -all")), want: verify.Propagated},
		{code: verify.CodeDupDMARC, kind: "expected to the octet", harm: stands(just(txt("_dmarc", "v=DMARC1; p=none")), txt("_dmarc", "v=DMARC1; p=none"), txt("_dmarc", "v=DMARC1; p=reject")), want: verify.Propagated},
		{code: verify.CodeDupSPF, harm: stands(matching(verify.MatchSPF, txt("mail", "v=spf1 a -all")), txt("mail", "v=spf1 a -all"), txt("mail", "v=spf1 mx -all")), want: verify.Wrong},
		{code: verify.CodeDupDKIM, harm: stands(matching(verify.MatchDKIM, txt("s._domainkey", key)), txt("s._domainkey", key), txt("s._domainkey", key2)), want: verify.Wrong},
		{
			code: verify.CodeDupDMARC, harm: stands(matching(verify.MatchDMARC, txt("_dmarc", "v=DMARC1; p=none")), txt("_dmarc", "v=DMARC1; p=none"), txt("_dmarc", "v=DMARC1; p=reject")),
			want: verify.Wrong,
		},
		{kind: "SPF that says more", harm: stands(matching(verify.MatchSPF, txt("mail", "v=spf1 a -all")), txt("mail", "v=spf1 mx a ~all")), want: verify.Propagated},
		{kind: "DKIM spelt otherwise", harm: stands(matching(verify.MatchDKIM, txt("s._domainkey", key)), txt("s._domainkey", strings.ReplaceAll(key, "; ", ";"))), want: verify.Propagated},
		{code: verify.CodeTXTSplit, harm: stands(just(txt("long", long)), rr("long", "TXT", `"`+long[:100]+`" "`+long[100:200]+`" "`+long[200:]+`"`)), want: verify.Propagated},
		{code: verify.CodeTXTQuoted, harm: stands(just(token), txt("_token", `"token=1"`)), want: verify.Wrong},
		{code: verify.CodeTXTTruncated, harm: stands(just(txt("long", long)), txt("long", long[:255])), want: verify.Wrong},
		{
			code: verify.CodeTargetAppended, harm: stands(just(rr("shop", "CNAME", "edge.app.example.")), rr("shop", "CNAME", "edge.app.example.customer.example.")),
			want: verify.Wrong, also: []verify.Code{verify.CodeValueWrong, verify.CodeCNAMEDangling},
		},
		{
			code: verify.CodeTargetAppended, kind: "MX", harm: stands(just(rr("mail", "MX", "10 edge.app.example.")), rr("mail", "MX", "10 edge.app.example.customer.example.")),
			want: verify.Wrong, also: []verify.Code{verify.CodeValueWrong},
		},
		{code: verify.CodeCAABlocks, harm: func(s *scene) {
			s.put(s.token, s.rec("@", "CAA", `0 issue "ca.example"`))
			s.req.Issuer = "letsencrypt.org"
		}, want: verify.Propagated},
		{kind: "CAA that allows the issuer", harm: func(s *scene) {
			s.put(s.token, s.rec("@", "CAA", `0 issue "ca.example"`), s.rec("@", "CAA", `0 issue "letsencrypt.org"`))
			s.req.Issuer = "letsencrypt.org"
		}, want: verify.Propagated},
		{kind: "CAA below that allows the issuer", harm: func(s *scene) {
			s.put(s.rec("@", "CAA", `0 issue "ca.example"`), s.rec("www", "CAA", `0 issue "letsencrypt.org"`))
			s.expect(verify.Expect{Record: s.rec("www", "A", "192.0.2.10"), Issuer: "letsencrypt.org"})
		}, want: verify.Propagated},
		{kind: "CAA behind an alias that cannot be asked for", harm: func(s *scene) {
			shop := s.rec("shop", "CNAME", "edge.app.example.")
			s.put(shop, s.rec("@", "CAA", `0 issue "ca.example"`))
			s.Server("app").SetFault(verifytest.Fault{Rcode: "SERVFAIL", OnlyType: "CAA"})
			s.expect(verify.Expect{Record: shop, Issuer: "letsencrypt.org"})
		}, want: verify.Propagated},
		{kind: "fallback", harm: stands(func(s *scene) verify.Expect {
			return verify.Expect{Record: token(s), Fallback: `"short"`}
		}, txt("_token", "short")), want: verify.Propagated},
	}
}

// nameFaults are records that stand at another name, or at every name.
func nameFaults() []fault {
	token := txt("_token", "token=1")
	return []fault{
		{code: verify.CodeNameDoubled, harm: stands(just(token), txt("_token.customer.example", "token=1")), want: verify.Absent},
		{code: verify.CodeNameMissing, kind: "above", harm: stands(just(txt("_token.www", "token=1")), txt("_token", "token=1")), want: verify.Absent},
		{code: verify.CodeNameMissing, kind: "at the host", harm: stands(just(txt("_token.www", "token=1")), txt("www", "token=1")), want: verify.Absent},
		{code: verify.CodeWildcard, harm: stands(just(token), txt("*", "token=1")), want: verify.Propagated},
		{code: verify.CodeWildcard, kind: "of another level", harm: stands(just(txt("_token.shop", "token=1")), txt("*.shop", "token=1")), want: verify.Propagated},
		{kind: "a wildcard with another value", harm: stands(just(token), token, txt("*", "token=2")), want: verify.Propagated},
		{code: verify.CodeNXDomain, harm: stands(just(token)), want: verify.Absent},
		{code: verify.CodeNoData, harm: stands(just(token), rr("_token", "A", "192.0.2.1")), want: verify.Absent},
		{code: verify.CodeNoData, kind: "beside another TXT", harm: stands(just(token), txt("_token", "other=1")), want: verify.Absent},
		{
			code: verify.CodeNoData, kind: "beside a wildcard that has it everywhere",
			harm: stands(just(rr("www2", "A", "192.0.2.77")), rr("*", "A", "192.0.2.77"), rr("www2", "MX", "10 www")), want: verify.Absent,
		},
		{code: verify.CodeEmpty, harm: stands(just(token), rr("below._token", "A", "192.0.2.1")), want: verify.Absent},
	}
}
