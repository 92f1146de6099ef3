package verify_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// mailZone has all that an SPF policy can ask DNS for.
const mailZone = `
$ORIGIN mail.example.
$TTL 600
@ SOA ns1 hostmaster 1 3600 600 86400 300
@ NS ns1
ns1 A 127.0.0.1
@ TXT "v=spf1 include:alias.mail.example exists:" "%{l}.users.%{d} -all"
alias CNAME policy
brief 60 CNAME alias
pair 900 A 192.0.2.3
pair 300 A 192.0.2.4
pair 900 A 192.0.2.5
policy 120 TXT "v=spf1 mx a:host.mail.example -all"
policy MX 10 host
host A 192.0.2.1
host AAAA 2001:db8::1
\097\032b.users A 127.0.0.2
loop CNAME pool
pool CNAME loop
1.2.0.192.in-addr.arpa PTR host
`

func spfWorld(t *testing.T) *verify.Verifier {
	t.Helper()
	w := verifytest.New(t, verifytest.Options{Text: []string{mailZone}})
	return verifier(w)
}

func TestResolve(t *testing.T) {
	v := spfWorld(t)
	for _, c := range []struct {
		name    zone.Name
		typ     string
		end     zone.Name
		status  verify.Status
		records int
	}{
		{"alias.mail.example", "TXT", "policy.mail.example", verify.Found, 1},
		{"alias.mail.example", "CNAME", "alias.mail.example", verify.Found, 1},
		{"alias.mail.example", "AAAA", "policy.mail.example", verify.NoData, 0},
		{"host.mail.example", "A", "host.mail.example", verify.Found, 1},
		{"none.mail.example", "A", "none.mail.example", verify.NXDomain, 0},
		{"loop.mail.example", "A", "loop.mail.example", verify.Failed, 0},
	} {
		a := v.Resolve(t.Context(), c.name, c.typ)
		if a.Name != c.end || a.Status != c.status || len(a.Records) != c.records || (a.Err == "") == (c.status == verify.Failed) {
			t.Errorf("%s %s: %+v, want %s at %s", c.name, c.typ, a, c.status, c.end)
		}
	}
}

func TestSPFResolver(t *testing.T) {
	v := spfWorld(t).SPF()
	for _, c := range []struct {
		q    spf.Question
		want spf.Answer
	}{
		{spf.Question{Name: "alias.mail.example", Type: "TXT"}, spf.Answer{Status: spf.Found, Values: []string{"v=spf1 mx a:host.mail.example -all"}, TTL: 120}},
		{spf.Question{Name: "brief.mail.example", Type: "TXT"}, spf.Answer{Status: spf.Found, Values: []string{"v=spf1 mx a:host.mail.example -all"}, TTL: 60}},
		{spf.Question{Name: "pair.mail.example", Type: "A"}, spf.Answer{Status: spf.Found, Values: []string{"192.0.2.3", "192.0.2.4", "192.0.2.5"}, TTL: 300}},
		{spf.Question{Name: "policy.mail.example", Type: "MX"}, spf.Answer{Status: spf.Found, Values: []string{"host.mail.example"}, TTL: 600}},
		{spf.Question{Name: "host.mail.example", Type: "AAAA"}, spf.Answer{Status: spf.Found, Values: []string{"2001:db8::1"}, TTL: 600}},
		{spf.Question{Name: "1.2.0.192.in-addr.arpa.mail.example", Type: "PTR"}, spf.Answer{Status: spf.Found, Values: []string{"host.mail.example"}, TTL: 600}},
		{spf.Question{Name: "a b.users.mail.example", Type: "A"}, spf.Answer{Status: spf.Found, Values: []string{"127.0.0.2"}, TTL: 600}},
		{spf.Question{Name: `a"\;b.users.mail.example`, Type: "A"}, spf.Answer{Status: spf.NXDomain}},
		{spf.Question{Name: "host.mail.example", Type: "MX"}, spf.Answer{Status: spf.NoData}},
		{spf.Question{Name: "loop.mail.example", Type: "A"}, spf.Answer{Status: spf.Failed}},
	} {
		if diff := cmp.Diff(c.want, v.Lookup(t.Context(), c.q)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.q, diff)
		}
	}
}

// A receiver's check over real servers, with a sender whose local part goes
// into the name that is asked for.
func TestCheckHostOverDNS(t *testing.T) {
	c := spf.Checker{Resolver: spfWorld(t).SPF()}
	for _, x := range []struct {
		ip, sender string
		want       spf.Outcome
	}{
		{"192.0.2.1", "x@mail.example", spf.Pass},
		{"2001:db8::1", "x@mail.example", spf.Pass},
		{"192.0.2.9", "x@mail.example", spf.Fail},
		{"192.0.2.9", `"a b"@mail.example`, spf.Fail}, // the quotation marks are part of the name
		{"192.0.2.9", "a b@mail.example", spf.Pass},
		{"192.0.2.9", "x@none.mail.example", spf.None},
		{"192.0.2.9", "x@loop.mail.example", spf.TempError},
	} {
		if r := c.CheckHost(t.Context(), netip.MustParseAddr(x.ip), "", x.sender, "client.example"); r.Outcome != x.want {
			t.Errorf("%s from %s: %s (%v), want %s", x.sender, x.ip, r.Outcome, r.Err, x.want)
		}
	}
}
