package verify_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const (
	smallTLD = `
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
`
	smallZone = `
$ORIGIN customer.example.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
@ NS ns2
@ A 198.51.100.7
@ CAA 0 issue "ca.example"
ns1 A 127.0.0.1
ns2 A 127.0.0.2
www CNAME edge.app.example.
loop CNAME pool
pool CNAME loop
_dmarc TXT "v=DMARC1; p=none; rua=mailto:a@customer.example"
`
	smallApp = `
$ORIGIN app.example.
$TTL 300
@ SOA ns1.customer.example. hostmaster 1 3600 600 86400 60
@ NS ns1.customer.example.
edge A 198.51.100.7
edge A 198.51.100.8
`
)

// small is a world in memory, for tests in virtual time.
func small(t *testing.T) (*verifytest.World, verify.Options) {
	t.Helper()
	w := verifytest.New(t, verifytest.Options{
		Memory: true,
		Text:   []string{smallTLD, smallZone, smallApp},
		Servers: []verifytest.ServerOptions{
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1")}, Zones: []zone.Name{apex, "app.example"}},
			{Name: "ns2", Addrs: []netip.Addr{addr("127.0.0.2")}, Zones: []zone.Name{apex, "app.example"}},
		},
		Resolvers: []verifytest.ResolverOptions{{Name: "isp", Addr: addr("127.0.0.53")}, {Name: "other", Addr: addr("127.0.0.54")}},
	})
	return w, verify.Options{Start: w.Start(), Map: w.Map, Transport: w}
}

// everything is observations with something of every kind in them.
func everything(t *testing.T) verify.Observations {
	t.Helper()
	w, o := small(t)
	token := zone.NewTXT("_token.customer.example", 60, "token=1")
	w.Resolver("isp").Prime(token.Name, "TXT")
	put(w, token)
	o.Resolvers = []netip.AddrPort{w.Resolver("isp").Addr(), w.Resolver("other").Addr()}
	seen, err := verify.New(o).Observe(t.Context(), verify.Request{Issuer: "letsencrypt.org", Expect: []verify.Expect{
		{Record: token},
		expect(t, "@", "CNAME", "edge.app.example."),
		expect(t, "loop", "CNAME", "pool.customer.example."),
		expect(t, "absent", "TXT", `"token=2"`),
		expect(t, "www", "A", "192.0.2.1"),
		{Record: record(t, "_dmarc", "TXT", `"v=DMARC1;p=none;rua=mailto:a@customer.example"`), Match: verify.MatchDMARC},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

var sameAddr = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
}

// TestReplay keeps what was heard as JSON and judges it again.
func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := everything(t)
		want := verify.Judge(seen)
		var back verify.Observations
		if err := json.Unmarshal([]byte(dump(seen)), &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(seen, back, sameAddr); diff != "" {
			t.Errorf("observations through JSON (-want +got):\n%s", diff)
		}
		time.Sleep(time.Hour) // the judge looks at no clock
		if diff := cmp.Diff(want, verify.Judge(back), sameAddr); diff != "" {
			t.Errorf("judged again (-want +got):\n%s", diff)
		}
		if dump(want) != dump(verify.Judge(seen)) {
			t.Error("judging changed the observations")
		}
		wantCodes := []verify.Code{
			verify.CodeCAABlocks, verify.CodeCNAMECoexist, verify.CodeCNAMELoop, verify.CodeFlattened, verify.CodeNegCached, verify.CodeNXDomain,
		}
		slices.Sort(wantCodes)
		if diff := cmp.Diff(wantCodes, codes(want)); diff != "" {
			t.Errorf("findings (-want +got):\n%s\n%s", diff, dump(want.Findings))
		}
	})
}

// TestJudgeAnyOrder: what was heard may come in any order.
func TestJudgeAnyOrder(t *testing.T) {
	var seen verify.Observations
	synctest.Test(t, func(t *testing.T) { seen = everything(t) })
	there := seen
	there.Vantages = nil
	seen.Vantages = []verify.FromVantage{{Name: "b", Seen: &there}, {Name: "a", Err: "gone"}, {Name: "c", Spared: true}}
	want := dump(verify.Judge(seen))
	rapid.Check(t, func(t *rapid.T) {
		mixed := seen
		mixed.Answers = rapid.Permutation(seen.Answers).Draw(t, "answers")
		mixed.Placements = rapid.Permutation(seen.Placements).Draw(t, "placements")
		mixed.Delegations = rapid.Permutation(seen.Delegations).Draw(t, "delegations")
		mixed.Vantages = rapid.Permutation(seen.Vantages).Draw(t, "vantages")
		if got := dump(verify.Judge(mixed)); got != want {
			t.Errorf("another order, another report (-want +got):\n%s", cmp.Diff(want, got))
		}
	})
}

// TestJudgeNothing: a judge has an answer to anything, and it is not success.
func TestJudgeNothing(t *testing.T) {
	token := zone.NewTXT("_token.customer.example", 60, "token=1")
	for name, o := range map[string]verify.Observations{
		"nothing heard":         {Expect: []verify.Expect{{Record: token}}},
		"resolvers not asked":   {Expect: []verify.Expect{{Record: token}}, Views: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:53")}},
		"an answer by nobody":   {Expect: []verify.Expect{{Record: token}}, Answers: []verify.Heard{{Purpose: verify.ForRecord, Name: token.Name, Type: "TXT", Status: verify.Found, Records: []zone.Record{token}}}},
		"a vantage point alone": {Expect: []verify.Expect{{Record: token}}, Vantages: []verify.FromVantage{{Name: "a", Seen: &verify.Observations{}}}},
	} {
		if r := verify.Judge(o); r.Verdict != verify.Unreachable {
			t.Errorf("%s: %s, want unreachable", name, r.Verdict)
		}
	}
}

// TestJudgeTimes: whatever observations say of their time, the report has JSON,
// and no time before they began.
func TestJudgeTimes(t *testing.T) {
	token := zone.NewTXT("_token.customer.example", 60, "token=1")
	server, view := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddrPort("192.0.2.53:53")
	latest := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	for _, tc := range []struct {
		began time.Time
		at    float64
		until time.Time
	}{
		{latest, 0, time.Time{}},
		{time.Unix(1e9, 0).UTC(), 0, time.Unix(1e9+60, 0).UTC()},
		{time.Unix(1e9, 0).UTC(), -1e300, time.Unix(1e9, 0).UTC()},
		{time.Unix(1e9, 0).UTC(), 1e300, time.Unix(1e9+1<<32-1, 0).UTC()},
		{latest.AddDate(-200, 0, 0), 1e300, latest.AddDate(-200, 0, 0).Add((1<<32 - 1) * time.Second)},
	} {
		r := verify.Judge(verify.Observations{
			Expect: []verify.Expect{{Record: token}}, Began: tc.began, Views: []netip.AddrPort{view},
			Placements:  []verify.Placement{{Name: token.Name, Type: "TXT", Zone: apex}},
			Delegations: []verify.Delegation{{Apex: apex, Servers: []verify.Server{{Name: "ns", Addr: server, State: verify.Sound}}}},
			Answers: []verify.Heard{
				{Purpose: verify.ForRecord, Server: server, Name: token.Name, Type: "TXT", Status: verify.Found, Records: []zone.Record{token}},
				{Purpose: verify.ForView, View: view, At: tc.at, Name: token.Name, Type: "TXT", Status: verify.NXDomain, TTL: 60},
			},
		})
		if until := r.Records[0].Resolvers[0].Until; !until.Equal(tc.until) || r.Verdict != verify.Published {
			t.Errorf("began %v, asked %g s later: %s, until %v, want %v", tc.began, tc.at, r.Verdict, until, tc.until)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("began %v, asked %g s later: %v", tc.began, tc.at, err)
		}
	}
}

// TestQuestions counts what one look sends: explanations are asked for only
// where they can matter.
func TestQuestions(t *testing.T) {
	token := zone.NewTXT("_token.customer.example", 60, "token=1")
	for _, tc := range []struct {
		why    string
		there  bool
		rounds int
		most   int
	}{
		{"a cold look at what is there", true, 1, 9},
		{"two further rounds, of 2 each", true, 3, 13},
		{"a cold look at what is not there", false, 3, 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, o := small(t)
			if tc.there {
				put(w, token)
			}
			o.Rounds = tc.rounds
			r, err := verify.New(o).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: token}}})
			if n := w.Queries(); err != nil || n > tc.most || r.Queries != n || (r.Verdict == verify.Propagated) != tc.there {
				t.Errorf("%s: %s %v, %d messages, reported %d, want at most %d", tc.why, r.Verdict, err, n, r.Queries, tc.most)
			}
		})
	}
}

// BenchmarkJudge is what judging one record on two servers costs, three rounds
// and a wildcard probe.
func BenchmarkJudge(b *testing.B) {
	token := zone.NewTXT("_token.customer.example", 60, "token=1")
	w, err := verifytest.Start(verifytest.Options{Memory: true, Text: []string{smallZone}})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	put(w, token)
	v := verify.New(verify.Options{Start: w.Start(), Map: w.Map, Transport: w})
	seen, err := v.Observe(b.Context(), verify.Request{Expect: []verify.Expect{{Record: token}}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := verify.Judge(seen); r.Verdict != verify.Propagated {
			b.Fatal(r.Verdict)
		}
	}
}
