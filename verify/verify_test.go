package verify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const apex zone.Name = "customer.example"

// tld delegates to the zones of testdata and to one that nobody serves.
const tld = `
$ORIGIN example.
$TTL 3600
@ SOA a.nic hostmaster.nic 1 3600 600 86400 300
@ NS a.nic
a.nic A 127.0.0.9
customer NS ns1.customer
customer NS ns2.customer
ns1.customer A 127.0.0.1
ns2.customer A 127.0.0.2
app NS ns1.customer
held NS ns1.customer
`

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// world is a top-level domain, the customer's zone on ns1 and ns2, and a
// resolver that is really a third server.
func world(t *testing.T, more ...string) *verifytest.World {
	t.Helper()
	return verifytest.New(t, verifytest.Options{
		Text: append([]string{tld, text(t, "customer.example.txt"), text(t, "app.example.txt")}, more...),
		Servers: []verifytest.ServerOptions{
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1")}, Zones: []zone.Name{apex, "app.example", "sub.customer.example"}},
			{Name: "ns2", Addrs: []netip.Addr{addr("127.0.0.2")}, Zones: []zone.Name{apex, "app.example", "sub.customer.example"}},
			{Name: "old", Addrs: []netip.Addr{addr("127.0.0.3")}, Zones: []zone.Name{apex}},
			{Name: "nx", Addrs: []netip.Addr{addr("127.0.0.5")}, Zones: []zone.Name{"example"}},
			{Name: "resolver", Addrs: []netip.Addr{addr("127.0.0.4")}, Zones: []zone.Name{apex}},
		},
	})
}

// verifier waits long for servers that are merely slow, so that a busy machine
// fails no test. Tests with a silent server set their own timeout.
func verifier(w *verifytest.World, change ...func(*verify.Options)) *verify.Verifier {
	o := verify.Options{Start: w.Start(), Map: w.Map, Timeout: 20 * time.Second, MinDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond}
	for _, f := range change {
		f(&o)
	}
	return verify.New(o)
}

func impatient(o *verify.Options) { o.Timeout = 2 * time.Second }

func record(t *testing.T, host, typ, data string) zone.Record {
	t.Helper()
	name, err := zone.Abs(host, apex)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zone.New(name, typ, 60, data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func expect(t *testing.T, host, typ, data string) verify.Expect {
	t.Helper()
	return verify.Expect{Record: record(t, host, typ, data)}
}

func put(w *verifytest.World, recs ...zone.Record) {
	for _, r := range recs {
		w.Change(apex, zone.Change{Owner: r.Name, Add: []zone.Record{r}})
	}
}

func codes(r verify.Report) []verify.Code {
	out := []verify.Code{}
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestContent is what one healthy zone says to each kind of expectation.
func TestContent(t *testing.T) {
	w := world(t)
	long := strings.Repeat("0123456789", 40)
	put(w,
		record(t, "cname", "CNAME", "edge.app.example."),
		record(t, "appended", "CNAME", "edge.app.example.customer.example."),
		zone.NewTXT("long.customer.example", 60, long),
		record(t, "proxied", "A", "104.16.1.1"), record(t, "proxied", "A", "172.64.0.1"),
		zone.NewTXT("cut.customer.example", 60, long[:255]), zone.NewTXT("fallback.customer.example", 60, "short"),
		record(t, "_dmarc.two", "TXT", `"v=DMARC1; p=none"`), record(t, "_dmarc.two", "TXT", `"v=DMARC1; p=reject"`),
		record(t, "quoted", "TXT", `"\"token=1\""`),
		record(t, "doubled.customer.example", "TXT", `"token=1"`),
		record(t, "two", "TXT", `"v=spf1 a -all"`), record(t, "two", "TXT", `"v=spf1 mx -all"`),
		record(t, "pair", "A", "192.0.2.1"), record(t, "pair", "A", "192.0.2.2"),
		record(t, "dk._domainkey", "TXT", `"v=DKIM1; p="`),
	)
	for _, tc := range []struct {
		why   string
		e     verify.Expect
		want  verify.Verdict
		codes []verify.Code
	}{
		{"a record that is there", expect(t, "shop", "A", "192.0.2.11"), verify.Propagated, nil},
		{"one of several TXT", expect(t, "@", "TXT", `"MS=ms12345678"`), verify.Propagated, nil},
		{"TXT split at other borders", expect(t, "long", "TXT", zone.QuoteStrings(long[:100], long[100:300], long[300:])), verify.Propagated, []verify.Code{verify.CodeTXTSplit}},
		{"CNAME in another case, target elsewhere", expect(t, "CNAME", "CNAME", "Edge.App.Example"), verify.Propagated, nil},
		{"CNAME to another target", expect(t, "blog", "CNAME", "edge.app.example."), verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"CNAME where an A stands", expect(t, "www", "CNAME", "edge.app.example."), verify.Wrong, []verify.Code{verify.CodeCNAMECoexist, verify.CodeValueWrong}},
		{"A where a CNAME stands", expect(t, "cname", "A", "198.51.100.7"), verify.Wrong, []verify.Code{verify.CodeCNAMECoexist}},
		{"another address", expect(t, "www", "A", "192.0.2.77"), verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"missing type", expect(t, "www", "AAAA", "2001:db8::1"), verify.Absent, []verify.Code{verify.CodeNoData}},
		{"missing name", expect(t, "x.www", "TXT", `"hello"`), verify.Absent, []verify.Code{verify.CodeNXDomain}},
		{"empty non-terminal", expect(t, "_tcp", "TXT", `"hello"`), verify.Absent, []verify.Code{verify.CodeEmpty}},
		{"TXT beside others of other makers", expect(t, "@", "TXT", `"acme-site=1"`), verify.Absent, []verify.Code{verify.CodeNoData}},
		{"TXT beside an old one of the same maker", expect(t, "@", "TXT", `"google-site-verification=new"`), verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"by a wildcard only", expect(t, "anything", "A", "192.0.2.99"), verify.Propagated, []verify.Code{verify.CodeWildcard}},
		{"SVCB keys in another order", expect(t, "svc", "HTTPS", `1 . port=8443 alpn="h2,h3"`), verify.Propagated, nil},
		{"MX of a set", expect(t, "@", "MX", "20 mail2.customer.example."), verify.Propagated, []verify.Code{verify.CodeValueExtra}},
		{"target with the zone appended", expect(t, "appended", "CNAME", "edge.app.example."), verify.Wrong, []verify.Code{verify.CodeTargetAppended}},
		{"value with quotation marks", expect(t, "quoted", "TXT", `"token=1"`), verify.Wrong, []verify.Code{verify.CodeTXTQuoted}},
		{"name with the zone appended", expect(t, "doubled", "TXT", `"token=1"`), verify.Absent, []verify.Code{verify.CodeNameDoubled, verify.CodeNoData}},
		{"SPF by what it contains", verify.Expect{Record: record(t, "@", "TXT", `"v=spf1 include:_spf.old.customer.example ~all"`), Match: verify.MatchSPF}, verify.Propagated, nil},
		{"SPF without the term", verify.Expect{Record: record(t, "@", "TXT", `"v=spf1 include:_spf.app.customer.example ~all"`), Match: verify.MatchSPF}, verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"SPF where there is none", verify.Expect{Record: record(t, "svc", "TXT", `"v=spf1 include:_spf.app.customer.example ~all"`), Match: verify.MatchSPF}, verify.Absent, []verify.Code{verify.CodeNoData}},
		{"DMARC spelt otherwise", verify.Expect{Record: record(t, "_dmarc", "TXT", `"v=DMARC1;p=quarantine; rua=mailto:d@customer.example"`), Match: verify.MatchDMARC}, verify.Propagated, nil},
		{"DMARC with another policy", verify.Expect{Record: record(t, "_dmarc", "TXT", `"v=DMARC1; p=none; rua=mailto:d@customer.example"`), Match: verify.MatchDMARC}, verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"DMARC where there is none", verify.Expect{Record: record(t, "_dmarc.www", "TXT", `"v=DMARC1; p=none"`), Match: verify.MatchDMARC}, verify.Absent, []verify.Code{verify.CodeNXDomain}},
		{"the other value that does", verify.Expect{Record: record(t, "fallback", "TXT", `"a long value"`), Fallback: `"short"`}, verify.Propagated, nil},
		{"the other address that does, exclusive", verify.Expect{Record: record(t, "shop", "A", "192.0.2.55"), Fallback: "192.0.2.11", Exclusive: true}, verify.Propagated, nil},
		{"neither value", verify.Expect{Record: record(t, "fallback", "TXT", `"a long value"`), Fallback: `"other"`}, verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"an address of a proxy", verify.Expect{Record: record(t, "proxied", "A", "192.0.2.1")}, verify.Wrong, []verify.Code{verify.CodeProxied}},
		{"the wildcard itself", verify.Expect{Record: record(t, "*", "A", "192.0.2.99")}, verify.Propagated, nil},
		{"the first 255 octets", verify.Expect{Record: zone.NewTXT("cut.customer.example", 60, long)}, verify.Wrong, []verify.Code{verify.CodeTXTTruncated}},
		{"two DMARC records", verify.Expect{Record: record(t, "_dmarc.two", "TXT", `"v=DMARC1; p=none"`), Match: verify.MatchDMARC}, verify.Wrong, []verify.Code{verify.CodeDupDMARC}},
		{"two SPF records", verify.Expect{Record: record(t, "two", "TXT", `"v=spf1 a -all"`), Match: verify.MatchSPF}, verify.Wrong, []verify.Code{verify.CodeDupSPF}},
		{"DKIM by key", verify.Expect{Record: record(t, "dk._domainkey", "TXT", `"v=DKIM1; k=rsa; p="`), Match: verify.MatchDKIM}, verify.Propagated, nil},
		{"DKIM with another key", verify.Expect{Record: record(t, "google._domainkey", "TXT", `"v=DKIM1; k=rsa; p="`), Match: verify.MatchDKIM}, verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"gone and gone", verify.Expect{Record: record(t, "www", "A", "192.0.2.77"), Gone: true}, verify.Propagated, nil},
		{"gone and still there", verify.Expect{Record: record(t, "www", "A", "192.0.2.10"), Gone: true}, verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"exclusive beside another", verify.Expect{Record: record(t, "pair", "A", "192.0.2.1"), Exclusive: true}, verify.Wrong, []verify.Code{verify.CodeValueExtra}},
		{"exclusive SPF beside another text", verify.Expect{Record: record(t, "@", "TXT", `"v=spf1 include:_spf.old.customer.example ~all"`), Match: verify.MatchSPF, Exclusive: true}, verify.Wrong, []verify.Code{verify.CodeValueExtra}},
		{"exclusive SPF, spelt otherwise", verify.Expect{Record: record(t, "_spf.old", "TXT", `"v=spf1 ip4:203.0.113.0/24 ~all"`), Match: verify.MatchSPF, Exclusive: true}, verify.Propagated, nil},
		{"exclusive key, spelt otherwise", verify.Expect{Record: record(t, "dk._domainkey", "TXT", `"v=DKIM1; k=rsa; p="`), Match: verify.MatchDKIM, Exclusive: true}, verify.Propagated, nil},
		{"gone, and nothing else may stand there", verify.Expect{Record: record(t, "pair", "A", "192.0.2.3"), Gone: true, Exclusive: true}, verify.Wrong, []verify.Code{verify.CodeValueWrong}},
		{"not exclusive beside another", expect(t, "pair", "A", "192.0.2.1"), verify.Propagated, []verify.Code{verify.CodeValueExtra}},
		{"a domain nobody delegated", verify.Expect{Record: record(t, "www.nobody.example.", "A", "192.0.2.1"), Zone: "nobody.example"}, verify.Undelegated, []verify.Code{verify.CodeUndelegated}},
		{"the same, zone not known", expect(t, "www.nobody.example.", "A", "192.0.2.1"), verify.Undelegated, []verify.Code{verify.CodeUndelegated}},
		{"delegated, but the servers do not have it", expect(t, "www.held.example.", "A", "192.0.2.1"), verify.Unreachable, []verify.Code{verify.CodeLameRefused}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			r, err := verifier(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{tc.e}})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != tc.want {
				t.Errorf("verdict %s, want %s: %s", r.Verdict, tc.want, dump(r))
			}
			if tc.codes == nil {
				tc.codes = []verify.Code{}
			}
			if diff := cmp.Diff(tc.codes, codes(r)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func dump(v any) string {
	b, _ := json.MarshalIndent(v, "", " ")
	return string(b)
}

// TestServers is what a report makes of servers that fail, with the value on
// every server that works.
func TestServers(t *testing.T) {
	token := record(t, "_token", "TXT", `"token=new"`)
	for _, tc := range []struct {
		why     string
		harm    func(w *verifytest.World)
		opts    func(*verifytest.World) []func(*verify.Options)
		want    verify.Verdict
		codes   []verify.Code
		lagging []string
	}{
		{"both healthy", func(w *verifytest.World) { put(w, token) }, patient, verify.Propagated, nil, nil},
		{"one has the old value", func(w *verifytest.World) {
			put(w, record(t, "_token", "TXT", `"token=old"`))
			w.Server("ns2").Freeze()
			w.Change(apex, zone.Change{Owner: token.Name, Remove: []zone.Record{record(t, "_token", "TXT", `"token=old"`)}, Add: []zone.Record{token}})
		}, patient, verify.Partial, []verify.Code{verify.CodeStale, verify.CodeSerial}, []string{"ns2.customer.example (127.0.0.2)"}},
		{"one has nothing", func(w *verifytest.World) {
			w.Server("ns1").Freeze()
			put(w, token)
		}, patient, verify.Partial, []verify.Code{verify.CodeStale, verify.CodeSerial}, []string{"ns1.customer.example (127.0.0.1)"}},
		{"neither has it", func(w *verifytest.World) {}, patient, verify.Absent, []verify.Code{verify.CodeNoData}, []string{"ns1.customer.example (127.0.0.1)", "ns2.customer.example (127.0.0.2)"}},
		{"one refuses", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{Rcode: "REFUSED"})
		}, patient, verify.Propagated, []verify.Code{verify.CodeLameRefused}, nil},
		{"one fails", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns1").SetFault(verifytest.Fault{Rcode: "SERVFAIL"})
		}, patient, verify.Propagated, []verify.Code{verify.CodeLameServfail}, nil},
		{"one refers to the root", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns1").SetFault(verifytest.Fault{Upward: true})
		}, patient, verify.Propagated, []verify.Code{verify.CodeLameUpward}, nil},
		{"one has no authority", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{NotAuthoritative: true})
		}, patient, verify.Propagated, []verify.Code{verify.CodeLameAA0}, nil},
		{"one is silent", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{Drop: true})
		}, hasty, verify.Propagated, []verify.Code{verify.CodeDead}, nil},
		{"one is silent to this question only", func(w *verifytest.World) {
			w.Server("ns2").Freeze()
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{Drop: true, Only: token.Name})
		}, hasty, verify.Partial, []verify.Code{verify.CodeUnknown, verify.CodeSerial}, []string{"ns2.customer.example (127.0.0.2)"}},
		{"one refuses this question only", func(w *verifytest.World) {
			w.Server("ns2").Freeze()
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{Rcode: "REFUSED", Only: token.Name, OnlyType: "TXT"})
		}, patient, verify.Partial, []verify.Code{verify.CodeUnknown, verify.CodeSerial}, []string{"ns2.customer.example (127.0.0.2)"}},
		{"one fails for this question only", func(w *verifytest.World) {
			w.Server("ns2").Freeze()
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{Rcode: "SERVFAIL", Only: token.Name, OnlyType: "TXT"})
		}, patient, verify.Partial, []verify.Code{verify.CodeUnknown, verify.CodeSerial}, []string{"ns2.customer.example (127.0.0.2)"}},
		{"one refers below for the name", func(w *verifytest.World) {
			cut := zone.Change{Owner: token.Name, Add: []zone.Record{record(t, "_token", "NS", "ns.elsewhere.example.")}}
			w.Change(apex, cut)
			w.Server("ns2").Freeze()
			w.Change(apex, cut.Inverse())
			put(w, token)
		}, patient, verify.Partial, []verify.Code{verify.CodeStale, verify.CodeSerial}, []string{"ns2.customer.example (127.0.0.2)"}},
		{"one is silent, the other has not got it", func(w *verifytest.World) {
			w.Server("ns2").SetFault(verifytest.Fault{Drop: true})
		}, hasty, verify.Absent, []verify.Code{verify.CodeDead, verify.CodeNoData}, []string{"ns1.customer.example (127.0.0.1)"}},
		{"one is slow", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{Delay: 50 * time.Millisecond})
		}, patient, verify.Propagated, nil, nil},
		{"one does not know EDNS", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{NoEDNS: true})
		}, patient, verify.Propagated, []verify.Code{verify.CodeEDNSFormErr}, nil},
		{"one drops what has EDNS", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns2").SetFault(verifytest.Fault{DropEDNS: true})
		}, hasty, verify.Propagated, []verify.Code{verify.CodeEDNSDrop}, nil},
		{"a name server whose name is a CNAME", func(w *verifytest.World) {
			put(w, token, record(t, "alias", "CNAME", "ns1.customer.example."), record(t, "@", "NS", "alias.customer.example."))
		}, patient, verify.Propagated, []verify.Code{verify.CodeNSAlias, verify.CodeChildExtra, verify.CodeNSNoAddress}, nil},
		{"one changes its mind", func(w *verifytest.World) {
			w.Server("ns2").Freeze()
			w.Server("ns2").SetFault(verifytest.Fault{Flap: true})
			put(w, token)
		}, patient, verify.Unstable, []verify.Code{verify.CodeFlap}, []string{"ns2.customer.example (127.0.0.2)"}},
		{"both refuse", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns1").SetFault(verifytest.Fault{Rcode: "REFUSED"})
			w.Server("ns2").SetFault(verifytest.Fault{Rcode: "REFUSED"})
		}, patient, verify.Unreachable, []verify.Code{verify.CodeLameRefused}, nil},
		{"both are silent", func(w *verifytest.World) {
			put(w, token)
			w.Server("ns1").SetFault(verifytest.Fault{Drop: true})
			w.Server("ns2").SetFault(verifytest.Fault{Drop: true})
		}, hasty, verify.Unreachable, []verify.Code{verify.CodeDead}, nil},
		{"the start is silent", func(w *verifytest.World) {
			put(w, token)
			w.Server("a.nic").SetFault(verifytest.Fault{Drop: true})
		}, hasty, verify.Unreachable, []verify.Code{verify.CodeNoStart}, nil},
		{"the parent also delegates to an old provider", func(w *verifytest.World) {
			w.Server("old").Freeze()
			put(w, token)
			w.Change("example", zone.Change{Owner: apex, Add: []zone.Record{
				record(t, "customer.example.", "NS", "old.example."), record(t, "old.example.", "A", "127.0.0.3"),
			}})
		}, patient, verify.Partial, []verify.Code{verify.CodeParentExtra, verify.CodeStale, verify.CodeSerial}, []string{"old.example (127.0.0.3)"}},
		{"the zone also names an old provider", func(w *verifytest.World) {
			w.Server("old").Freeze()
			put(w, token, record(t, "@", "NS", "old.customer.example."), record(t, "old", "A", "127.0.0.3"))
		}, patient, verify.Partial, []verify.Code{verify.CodeChildExtra, verify.CodeStale, verify.CodeSerial}, []string{"old.customer.example (127.0.0.3)"}},
		{"a name server without an address", func(w *verifytest.World) {
			put(w, token)
			ns := record(t, "customer.example.", "NS", "gone.example.")
			w.Change("example", zone.Change{Owner: apex, Add: []zone.Record{ns}})
			w.Change(apex, zone.Change{Owner: apex, Add: []zone.Record{ns}})
		}, patient, verify.Propagated, []verify.Code{verify.CodeNSNoName}, nil},
		{"glue that is not what the zone says", func(w *verifytest.World) {
			put(w, token)
			w.Change("example", zone.Change{
				Owner:  "ns2.customer.example",
				Remove: []zone.Record{record(t, "ns2", "A", "127.0.0.2")}, Add: []zone.Record{record(t, "ns2", "A", "127.0.0.1")},
			})
		}, patient, verify.Propagated, []verify.Code{verify.CodeGlue}, nil},
		{"an address that leads nowhere", func(w *verifytest.World) {
			put(w, token, record(t, "ns2", "AAAA", "2001:db8::53"))
		}, patient, verify.Propagated, []verify.Code{verify.CodeDead}, nil},
		{"a resolver that has it", func(w *verifytest.World) { put(w, token) }, resolver, verify.Propagated, nil, nil},
		{"a resolver that has it not yet", func(w *verifytest.World) {
			w.Server("resolver").Freeze()
			put(w, token)
		}, resolver, verify.Published, []verify.Code{verify.CodeNegCached}, []string{"127.0.0.1"}},
		{"a resolver that still says the domain does not exist", func(w *verifytest.World) {
			cut := zone.Change{Owner: apex, Remove: w.Zone("example").At(apex)}
			w.Change("example", cut)
			w.Server("nx").Freeze()
			w.Change("example", cut.Inverse())
			put(w, token)
		}, func(w *verifytest.World) []func(*verify.Options) {
			return []func(*verify.Options){func(o *verify.Options) { o.Resolvers = []netip.AddrPort{w.Server("nx").Addr()} }}
		}, verify.Published, []verify.Code{verify.CodeNegCached}, []string{"127.0.0.1"}},
		{"a resolver that finds the signatures broken", func(w *verifytest.World) {
			put(w, token)
			w.Server("resolver").SetFault(verifytest.Fault{Bogus: true})
		}, resolver, verify.DNSSECBroken, []verify.Code{verify.CodeDNSSECBogus}, []string{"127.0.0.1"}},
		{"a resolver is not asked before the servers agree", func(w *verifytest.World) {
			w.Server("ns1").Freeze()
			put(w, token)
		}, resolver, verify.Partial, []verify.Code{verify.CodeStale, verify.CodeSerial}, []string{"ns1.customer.example (127.0.0.1)"}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			tc.harm(w)
			r, err := verifier(w, tc.opts(w)...).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: token}}})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != tc.want {
				t.Errorf("verdict %s, want %s: %s", r.Verdict, tc.want, dump(r))
			}
			slices.Sort(tc.codes)
			if tc.codes == nil {
				tc.codes = []verify.Code{}
			}
			if diff := cmp.Diff(tc.codes, codes(r)); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%s", diff, dump(r.Findings))
			}
			if diff := cmp.Diff(tc.lagging, r.Lagging()); diff != "" {
				t.Errorf("lagging (-want +got):\n%s", diff)
			}
			if asked := w.Server("resolver").Queries() > 0; asked && tc.want == verify.Partial {
				t.Error("the resolver was asked while the servers disagree")
			}
		})
	}
}

func patient(*verifytest.World) []func(*verify.Options) { return nil }

func hasty(*verifytest.World) []func(*verify.Options) { return []func(*verify.Options){impatient} }

func resolver(w *verifytest.World) []func(*verify.Options) {
	return []func(*verify.Options){func(o *verify.Options) { o.Resolvers = []netip.AddrPort{w.Server("resolver").Addr()} }}
}

func TestTruncated(t *testing.T) {
	w := world(t)
	for i := range 40 {
		put(w, zone.NewTXT("big.customer.example", 60, strings.Repeat("x", 60)+string(rune('A'+i))))
	}
	e := verify.Expect{Record: zone.NewTXT("big.customer.example", 60, strings.Repeat("x", 60)+"Z")}
	req := verify.Request{Expect: []verify.Expect{e}}
	if r, err := verifier(w).Check(t.Context(), req); err != nil || r.Verdict != verify.Propagated {
		t.Errorf("over TCP: %s %v, want propagated: %s", r.Verdict, err, dump(r))
	}
	for _, s := range w.Servers() {
		s.SetFault(verifytest.Fault{NoTCP: true})
	}
	if r, err := verifier(w, impatient).Check(t.Context(), req); err != nil || r.Verdict != verify.Unreachable {
		t.Errorf("without TCP: %s %v, want unreachable: %s", r.Verdict, err, dump(r))
	}
}

// TestTooLong has an RRset that fits no DNS message: what is cut off may be
// the value that should be gone.
func TestTooLong(t *testing.T) {
	w := world(t)
	many := zone.Change{Owner: "big.customer.example"}
	for i := range 400 {
		many.Add = append(many.Add, zone.NewTXT(many.Owner, 60, fmt.Sprint(i)+strings.Repeat("x", 240)))
	}
	w.Change(apex, many)
	for _, rec := range many.Add[390:] {
		r, err := verifier(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: rec, Gone: true}}})
		if err != nil || r.Verdict != verify.Unreachable {
			t.Fatalf("%.10s: %s %v, want unreachable", rec.Data, r.Verdict, err)
		}
	}
}

const below = `
$ORIGIN sub.customer.example.
$TTL 300
@ SOA ns1.customer.example. hostmaster 5 3600 600 86400 300
@ NS ns1.customer.example.
@ NS ns2.customer.example.
www A 192.0.2.80
`

// TestOneServerForBoth has a zone and one below it on the same servers, which
// therefore never refer.
func TestOneServerForBoth(t *testing.T) {
	w := world(t, below)
	put(w, record(t, "sub", "NS", "ns1.customer.example."), record(t, "sub", "NS", "ns2.customer.example."),
		record(t, "other.sub", "A", "192.0.2.81"))
	for _, tc := range []struct {
		why   string
		e     verify.Expect
		want  verify.Verdict
		zone  zone.Name
		codes []verify.Code
	}{
		{"in the lower zone", expect(t, "www.sub", "A", "192.0.2.80"), verify.Propagated, "sub.customer.example", []verify.Code{}},
		{
			"written to the upper zone, where nobody sees it",
			verify.Expect{Record: record(t, "other.sub", "A", "192.0.2.81"), Zone: apex},
			verify.Absent, "sub.customer.example",
			[]verify.Code{verify.CodeNXDomain, verify.CodeCutBelow},
		},
		{"in the upper zone", expect(t, "www", "A", "192.0.2.10"), verify.Propagated, apex, []verify.Code{}},
	} {
		r, err := verifier(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{tc.e}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != tc.want || r.Records[0].Zone != tc.zone {
			t.Errorf("%s: %s in %s, want %s in %s: %s", tc.why, r.Verdict, r.Records[0].Zone, tc.want, tc.zone, dump(r))
		}
		if diff := cmp.Diff(tc.codes, codes(r)); diff != "" {
			t.Errorf("%s: findings (-want +got):\n%s", tc.why, diff)
		}
	}
}

func TestTwoZones(t *testing.T) {
	w := world(t)
	r, err := verifier(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{
		expect(t, "www", "A", "192.0.2.10"), expect(t, "edge.app.example.", "A", "198.51.100.7"), expect(t, "x.www", "TXT", `"missing"`),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, rec := range r.Records {
		got = append(got, string(rec.Zone)+" "+string(rec.Verdict))
	}
	want := []string{"customer.example propagated", "app.example propagated", "customer.example absent"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Verdict != verify.Partial {
		t.Errorf("verdict %s, want partial: one of three is missing", r.Verdict)
	}
	if len(r.Delegations) != 2 || r.Delegations[0].Apex != "app.example" {
		t.Errorf("delegations %s, want app.example and customer.example", dump(r.Delegations))
	}
	back := verify.Report{}
	if err := json.Unmarshal([]byte(dump(r)), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("through JSON (-want +got):\n%s", diff)
	}
}

func TestMisuse(t *testing.T) {
	w := world(t)
	for why, e := range map[string][]verify.Expect{
		"nothing":       nil,
		"no name":       {{Record: zone.Record{Type: "A", Data: "192.0.2.1"}}},
		"bad data":      {{Record: zone.Record{Name: apex, Type: "A", Data: "nonsense"}}},
		"opaque":        {{Record: zone.Record{Name: apex, Type: "TXT", Data: `"x"`, Opaque: true}}},
		"ALIAS":         {{Record: zone.Record{Name: apex, Type: "ALIAS", Data: "x.example."}}},
		"SPF as A":      {{Record: record(t, "@", "A", "192.0.2.1"), Match: verify.MatchSPF}},
		"DMARC as A":    {{Record: record(t, "@", "A", "192.0.2.1"), Match: verify.MatchDMARC}},
		"bad fallback":  {{Record: record(t, "@", "A", "192.0.2.1"), Fallback: "nonsense"}},
		"gone, or that": {{Record: record(t, "@", "TXT", `"x"`), Fallback: `"y"`, Gone: true}},
		"bad issuer":    {{Record: record(t, "@", "TXT", `"x"`), Issuer: "a..b"}},
		"unknown match": {{Record: record(t, "@", "TXT", `"x"`), Match: "fuzzy"}},
		"other zone":    {{Record: record(t, "@", "TXT", `"x"`), Zone: "app.example"}},
	} {
		if _, err := verifier(w).Check(t.Context(), verify.Request{Expect: e}); err == nil {
			t.Errorf("%s: no error", why)
		}
	}
	if n := w.Server("a.nic").Queries(); n != 0 {
		t.Errorf("%d questions asked for requests that nobody can prove", n)
	}
}

func TestCancel(t *testing.T) {
	w := world(t)
	for _, s := range w.Servers()[1:] {
		s.SetFault(verifytest.Fault{Drop: true})
	}
	calls := map[string]func(ctx context.Context, v *verify.Verifier) error{
		"Check": func(ctx context.Context, v *verify.Verifier) error {
			_, err := v.Check(ctx, verify.Request{Expect: []verify.Expect{expect(t, "www", "A", "192.0.2.10")}})
			return err
		},
		"Wait": func(ctx context.Context, v *verify.Verifier) error {
			_, err := v.Wait(ctx, verify.Request{Expect: []verify.Expect{expect(t, "www", "A", "192.0.2.10")}}, nil)
			return err
		},
		"Delegation": func(ctx context.Context, v *verify.Verifier) error {
			_, err := v.Delegation(ctx, apex)
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			before := w.Server("ns1").Queries()
			done := make(chan error, 1)
			// The timeout is so long that only the cancellation can end the call.
			v := verifier(w, func(o *verify.Options) { o.Timeout = time.Hour })
			go func() { done <- call(ctx, v) }()
			for w.Server("ns1").Queries() == before {
				time.Sleep(time.Millisecond)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want that the context was cancelled", err)
			}
		})
	}
}

// TestBudget runs out of questions at each point: a server that was not asked
// does not count as one that has the record.
func TestBudget(t *testing.T) {
	token := record(t, "_token", "TXT", `"token=1"`)
	for most := 1; most <= 20; most++ {
		synctest.Test(t, func(t *testing.T) {
			w, o := small(t)
			w.Server("ns2").Freeze()
			put(w, token)
			o.MaxQueries = most
			r, err := verify.New(o).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: token}}})
			if asked := w.Queries(); err != nil || r.Verdict == verify.Propagated || asked > most || r.Queries > most {
				t.Errorf("at most %d questions: %s %v, reported %d, asked %d: %s", most, r.Verdict, err, r.Queries, asked, dump(r))
			}
			if most <= 3 && r.Verdict != verify.Unreachable {
				t.Errorf("%s after %d questions, want unreachable", r.Verdict, most)
			}
		})
	}
}
