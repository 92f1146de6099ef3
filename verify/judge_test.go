package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers/zone"
)

var want = zone.NewTXT("_t.customer.example", 60, "token=new")

// sights reads what one server answered: r(ight), o(ld value), e(mpty),
// n(ame does not exist), v(ague), l(ame), d(ead), u(nknown), b(ogus), f(ailing), x (filtered).
func sights(letters string) []sight {
	var out []sight
	for _, c := range letters {
		switch c {
		case 'r':
			out = append(out, sight{status: Found, recs: []zone.Record{want}, ttl: 60})
		case 'o':
			out = append(out, sight{status: Found, recs: []zone.Record{zone.NewTXT(want.Name, 60, "token=old")}, ttl: 60})
		case 'e':
			out = append(out, sight{status: NoData, ttl: 300})
		case 'n':
			out = append(out, sight{status: NXDomain, ttl: 300})
		case 'v':
			out = append(out, sight{status: Found, recs: []zone.Record{want}, ttl: 60, vague: true})
		case 'u':
			out = append(out, sight{status: Failed, state: Unknown, err: "no answer in time"})
		case 'l':
			out = append(out, sight{status: Failed, state: Lame, err: "REFUSED"})
		case 'd':
			out = append(out, sight{status: Failed, state: Dead, err: "no answer in time"})
		case 'f':
			out = append(out, sight{status: Failed, state: Failing, err: "SERVFAIL"})
		case 'x':
			out = append(out, sight{status: Failed, state: Filtered, err: "REFUSED"})
		case 'b':
			out = append(out, sight{status: Failed, state: Bogus, err: "SERVFAIL"})
		}
	}
	return out
}

// observed is evidence from words: "rr e" is two servers, the first asked
// twice.
func observed(servers, resolvers string) evidence {
	ev := evidence{expect: Expect{Record: want}, peers: []Expect{{Record: want}}, apex: "customer.example", silent: resolvers == ""}
	for i, s := range strings.Fields(servers) {
		ev.servers = append(ev.servers, witness{server: fmt.Sprintf("ns%d", i+1), addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), sights: sights(s)})
	}
	for i, s := range strings.Fields(resolvers) {
		ev.resolvers = append(ev.resolvers, witness{addr: netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), sights: sights(s)})
	}
	return ev
}

func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		servers, resolvers string
		want               Verdict
	}{
		{"rr rr", "", Propagated},
		{"rr ll", "", Propagated},
		{"rr d", "", Propagated},
		{"rd rr", "", Propagated}, // a lost packet is no answer
		{"r e", "", Partial},
		{"r o", "", Partial},
		{"r n d", "", Partial},
		{"rr u", "", Partial}, // it answers for the zone, so it may lag
		{"ru rr", "", Propagated},
		{"e u", "", Absent},
		{"u l", "", Unreachable},
		{"rr v", "", Partial},
		{"v v", "", Wrong},
		{"e n", "", Absent},
		{"e d", "", Absent},
		{"o o", "", Wrong},
		{"o e", "", Wrong},
		{"re rr", "", Unstable},
		{"ro e", "", Unstable},
		{"rer e", "", Unstable},
		{"l d", "", Unreachable},
		{"", "", Unreachable},
		{"rr rr", "r r", Propagated},
		{"rr rr", "r e", Published},
		{"rr rr", "o", Published},
		{"rr rr", "r d", Propagated},
		{"rr rr", "d", Published},
		{"rr rr", "b r", DNSSECBroken},
		{"rr rr", "f r", Published},
		{"rr rr", "x r", Propagated},
		{"rr rr", "x", Published},
		{"rr rr", "x d l", Published},
		{"rerrr rr", "", Propagated}, // it agreed with itself three times
		{"r e", "r r", Partial},
	} {
		rs, _ := judge(observed(tc.servers, tc.resolvers))
		if rs.Verdict != tc.want {
			t.Errorf("servers %q, resolvers %q: %s, want %s", tc.servers, tc.resolvers, rs.Verdict, tc.want)
		}
	}
}

// TestJudgeGone: what is vague proves nothing to be gone either.
func TestJudgeGone(t *testing.T) {
	for servers, want := range map[string]Verdict{
		"ee nn": Propagated, "ee oo": Propagated, "ee r": Partial, "r r": Wrong, "ee v": Partial, "ee u": Partial, "ee d": Propagated, "d d": Unreachable,
	} {
		ev := observed(servers, "")
		ev.expect.Gone, ev.peers = true, nil
		if rs, _ := judge(ev); rs.Verdict != want {
			t.Errorf("servers %q: %s, want %s", servers, rs.Verdict, want)
		}
	}
}

func TestJudgeZone(t *testing.T) {
	for _, tc := range []struct {
		why, servers string
		apex, zone   zone.Name
		want         Verdict
		code         Code
	}{
		{"the zone it was written to", "rr", "customer.example", "customer.example", Propagated, ""},
		{"a zone below", "e", "_t.customer.example", "customer.example", Absent, CodeCutBelow},
		{"only the zone above", "n", "example", "customer.example", Undelegated, CodeUndelegated},
		{"served by the zone above", "rr", "example", "customer.example", Propagated, ""},
		{"the zone above, whose servers are silent", "d", "example", "customer.example", Unreachable, ""},
		{"the zone above, whose servers fail", "u", "example", "customer.example", Unreachable, ""},
		{"a top-level domain", "n", "example", "", Undelegated, CodeUndelegated},
		{"a top-level domain that has the name", "e", "example", "", Absent, ""},
		{"no zone at all", "", "", "customer.example", Unreachable, ""},
	} {
		ev := observed(tc.servers, "")
		ev.apex, ev.expect.Zone = tc.apex, tc.zone
		rs, found := judge(ev)
		if rs.Verdict != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, rs.Verdict, tc.want)
		}
		if has := slices.ContainsFunc(found, func(f Finding) bool { return f.Code == tc.code }); tc.code != "" && !has {
			t.Errorf("%s: findings %v, want %s", tc.why, found, tc.code)
		}
	}
}

// TestWhatStandsInstead: a finding names what the servers have, and says
// nothing untrue of it.
func TestWhatStandsInstead(t *testing.T) {
	const what = "_t.customer.example. TXT: "
	texts := func(values ...string) []zone.Record {
		var out []zone.Record
		for _, v := range values {
			out = append(out, zone.NewTXT(want.Name, 60, v))
		}
		return out
	}
	for _, tc := range []struct {
		why    string
		e      Expect
		recs   []zone.Record
		code   Code
		detail string
	}{
		{"one other", Expect{Record: want}, texts("a=1"), CodeNoData, `other values stand at the name, and not this one: TXT "a=1"`},
		{"many others", Expect{Record: want}, texts("f=1", "e=1", "d=1", "c=1", "b=1", "a=1"), CodeNoData, `other values stand at the name, and not this one: TXT "a=1", TXT "b=1", TXT "c=1", TXT "d=1", and 2 more`},
		{"another of the maker", Expect{Record: want}, texts("token=old", "a=1"), CodeValueWrong, `in its place stands TXT "a=1", TXT "token=old"`},
		{"not gone", Expect{Record: want, Gone: true, Exclusive: true}, texts("token=new", "a=1"), CodeValueWrong, `is still served: "token=new"`},
		{"gone, and another there", Expect{Record: want, Gone: true, Exclusive: true}, texts("a=1"), CodeValueWrong, `nothing else may stand there: TXT "a=1"`},
		{"another beside it", Expect{Record: want, Exclusive: true}, texts("token=new", "a=1"), CodeValueExtra, `nothing else may stand there: TXT "a=1"`},
	} {
		ev := observed("", "")
		ev.expect, ev.peers = tc.e, []Expect{tc.e}
		if tc.e.Gone {
			ev.peers = nil
		}
		ev.servers = []witness{{server: "ns1", sights: []sight{{status: Found, recs: tc.recs, ttl: 60}}}}
		_, found := judge(ev)
		if len(found) != 1 || found[0].Code != tc.code || found[0].Detail != what+tc.detail {
			t.Errorf("%s: %+v, want %s: %s", tc.why, found, tc.code, what+tc.detail)
		}
	}
}

// TestAliases: no more of them are followed than a zone may have servers to
// tell of them.
func TestAliases(t *testing.T) {
	ev := observed("", "")
	for i := range 2 * maxServers {
		to := zone.Record{Name: want.Name, Type: "CNAME", Data: fmt.Sprintf("a%d.example.", i)}
		ev.servers = append(ev.servers, witness{sights: []sight{{status: Found, recs: []zone.Record{to, to}}}})
	}
	if n := len(ev.aliases()); n != maxServers {
		t.Errorf("%d aliases, want %d", n, maxServers)
	}
}

// TestJudgeProperties: the order of the servers does not matter, and success
// means that every server that answered gave the value every time.
func TestJudgeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching("[roenvuld]{1,3}"), 0, 5)
		servers := words.Draw(t, "servers")
		resolvers := rapid.SliceOfN(rapid.StringMatching("[roenldbfx]{1,3}"), 0, 3).Draw(t, "resolvers")
		rs, _ := judge(observed(strings.Join(servers, " "), strings.Join(resolvers, " ")))
		mixed := rapid.Permutation(servers).Draw(t, "mixed")
		if again, _ := judge(observed(strings.Join(mixed, " "), strings.Join(resolvers, " "))); again.Verdict != rs.Verdict {
			t.Errorf("%v: %s, in the order %v: %s", servers, rs.Verdict, mixed, again.Verdict)
		}
		if rs.Verdict != Propagated && rs.Verdict != Published && rs.Verdict != DNSSECBroken {
			return
		}
		all := strings.Join(servers, "")
		unknown := func(s string) bool {
			return strings.Contains(s, "u") && !strings.Contains(s, "r") && !strings.ContainsAny(s[:1], "ld")
		}
		if !strings.Contains(all, "r") || strings.ContainsAny(all, "oenv") || slices.ContainsFunc(servers, unknown) {
			t.Errorf("servers %v: %s", servers, rs.Verdict)
		}
		if rs.Verdict == Propagated && strings.ContainsAny(strings.Join(resolvers, ""), "oen") {
			t.Errorf("resolvers %v: %s", resolvers, rs.Verdict)
		}
	})
}

func TestOverall(t *testing.T) {
	for _, tc := range []struct {
		records []Verdict
		want    Verdict
	}{
		{[]Verdict{Propagated, Propagated}, Propagated},
		{[]Verdict{Propagated, Published}, Published},
		{[]Verdict{Absent, Absent}, Absent},
		{[]Verdict{Absent, Propagated}, Partial},
		{[]Verdict{Partial, Propagated}, Partial},
		{[]Verdict{Wrong, Propagated, Absent}, Wrong},
		{[]Verdict{Unreachable, Wrong}, Unreachable},
		{[]Verdict{Undelegated, Propagated}, Undelegated},
	} {
		var records []RecordState
		for _, v := range tc.records {
			records = append(records, RecordState{Verdict: v})
		}
		if got := overall(records); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.records, got, tc.want)
		}
	}
}

func TestOptions(t *testing.T) {
	roots := Options{}.start()
	if len(roots) != 26 || roots[0].String() != "198.41.0.4:53" {
		t.Errorf("the zero Options start at %v, want the 26 addresses of the root servers", roots)
	}
	start := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:5300")}
	for _, tc := range []struct {
		o    Options
		want string
	}{
		{Options{}, "192.0.2.1:53"},
		{Options{Port: 5353}, "192.0.2.1:5353"},
		{Options{Start: start}, "192.0.2.1:5300"},
		{Options{Start: start, Port: 53}, "192.0.2.1:53"},
		{Options{Start: start, Map: func(netip.Addr) netip.AddrPort { return start[0] }}, "127.0.0.1:5300"},
	} {
		if got := tc.o.at(netip.MustParseAddr("192.0.2.1")).String(); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.o, got, tc.want)
		}
	}
}
