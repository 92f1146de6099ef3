package verify

import (
	"net/netip"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// viewed is one healthy server, and one resolver that answered so.
func viewed(began time.Time, sights ...sight) evidence {
	ev := observed("rrr", "")
	ev.silent, ev.began = false, began
	ev.resolvers = []witness{{addr: netip.MustParseAddr("198.51.100.1"), sights: sights}}
	return ev
}

// TestBehind tells why a resolver is behind, and until when.
func TestBehind(t *testing.T) {
	began := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	old := []zone.Record{zone.NewTXT(want.Name, 60, "token=old")}
	inner := []zone.Record{zone.NewAddress(want.Name, 60, netip.MustParseAddr("10.0.0.1"))}
	for _, tc := range []struct {
		why    string
		sights []sight
		code   Code
		until  float64 // seconds; 0: not known
	}{
		{"a denial", []sight{{status: NXDomain, ttl: 53, at: 0.5}}, CodeNegCached, 53.5},
		{"a denial of the type", []sight{{status: NoData, ttl: 53}}, CodeNegCached, 53},
		{"a denial whose proof lasts longer", []sight{{status: NXDomain, ttl: 53, denial: 3600, at: 0.5}}, CodeNSECSynth, 53.5},
		{"a denial concluded from a proof that runs out earlier", []sight{{status: NXDomain, ttl: 53, denial: 20}}, CodeNSECSynth, 20},
		{"an old value", []sight{{status: Found, recs: old, ttl: 47, at: 1}}, CodePosCached, 48},
		{"an old value that goes down", []sight{{status: Found, recs: old, ttl: 50, at: 1}, {status: Found, recs: old, ttl: 49, at: 2.1}}, CodePosCached, 51.1},
		{"an old value that stays", []sight{{status: Found, recs: old, ttl: 50, at: 1}, {status: Found, recs: old, ttl: 50, at: 2.1}}, CodeSplitHorizon, 0},
		{"the same within one second", []sight{{status: Found, recs: old, ttl: 50, at: 1}, {status: Found, recs: old, ttl: 50, at: 1.5}}, CodePosCached, 51.5},
		{"with authority", []sight{{status: Found, recs: old, ttl: 50, authority: true}}, CodeSplitHorizon, 0},
		{"an inner address", []sight{{status: Found, recs: inner, ttl: 50}}, CodeSplitHorizon, 0},
		{"what has expired", []sight{{status: Found, recs: old, ttl: 30, extended: []uint16{3}}}, CodeServeStale, 30},
		{"a denial that has expired", []sight{{status: NXDomain, ttl: 30, extended: []uint16{19}}}, CodeServeStale, 30},
	} {
		ev := viewed(began, tc.sights...)
		rs, found := judge(ev)
		if rs.Verdict != Published {
			t.Errorf("%s: %s, want published", tc.why, rs.Verdict)
		}
		if len(found) != 1 || found[0].Code != tc.code || found[0].Hint == "" {
			t.Errorf("%s: %+v, want %s", tc.why, found, tc.code)
		}
		until := rs.Resolvers[0].Until
		if tc.until == 0 && !until.IsZero() || tc.until != 0 && until.Sub(began).Round(time.Millisecond).Seconds() != tc.until {
			t.Errorf("%s: until %v, want %v s after %v", tc.why, until, tc.until, began)
		}
	}
}

// TestProofKept: a resolver that concludes nothing from a signed denial forgets
// it with the answer that it came in, another one when the proof has run out.
func TestProofKept(t *testing.T) {
	began := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ev := viewed(began, sight{status: NXDomain, ttl: 60, denial: 3600})
	rs, found := judge(ev)
	next, eta := nextLook(Report{Verdict: Published, Records: []RecordState{rs}}, ev.latest(rs), began, 0)
	if until := rs.Resolvers[0].Until.Sub(began); until != time.Minute || next != 61 || eta.Sub(began) != time.Hour+time.Second {
		t.Errorf("not before %v, next look after %d s, there after %v; want 1m0s, 61 s and 1h0m1s", until, next, eta.Sub(began))
	}
	const want = "_t.customer.example. TXT: keeps an old answer until 60 s after this look began, or until 3600 s: the answer and its signed proof have different TTLs"
	if len(found) != 1 || found[0].Detail != want {
		t.Errorf("%+v, want %q", found, want)
	}
}

// TestNextLook is counted from the end of the look, and a second later than
// what a resolver counts in whole seconds.
func TestNextLook(t *testing.T) {
	began := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	behind := func(after float64) ServerState {
		return ServerState{State: Missing, Until: began.Add(time.Duration(after * float64(time.Second)))}
	}
	for _, tc := range []struct {
		why     string
		views   []ServerState
		verdict Verdict
		lasted  float64
		next    uint32
		eta     float64 // 0: not known
	}{
		{"one", []ServerState{behind(53)}, Published, 0, 54, 54},
		{"one, after a long look", []ServerState{behind(53)}, Published, 4.5, 50, 54},
		{"the first and the last of two", []ServerState{behind(53), behind(20)}, Published, 0, 21, 54},
		{"one that is over", []ServerState{behind(1)}, Published, 5, 1, 2},
		{"one beside a failure", []ServerState{behind(53), {State: Failing}}, Published, 0, 54, 0},
		{"one beside one that is right and one that is silent", []ServerState{behind(53), {State: Right}, {State: Dead}}, Published, 0, 54, 54},
		{"none", []ServerState{{State: Dead}}, Published, 0, 0, 0},
		{"servers lag", []ServerState{behind(53)}, Partial, 0, 0, 0},
		{"vantage points", nil, Published, 0, 0, 0},
	} {
		r := Report{Verdict: tc.verdict, Records: []RecordState{{Verdict: tc.verdict, Resolvers: tc.views}}}
		var latest time.Time
		for _, s := range tc.views {
			if s.Until.After(latest) {
				latest = s.Until
			}
		}
		next, eta := nextLook(r, latest, began, tc.lasted)
		if next != tc.next || tc.eta == 0 && !eta.IsZero() || tc.eta != 0 && eta.Sub(began).Seconds() != tc.eta {
			t.Errorf("%s: next look in %d s, there at %v, want %d s and %v s after %v", tc.why, next, eta, tc.next, tc.eta, began)
		}
	}
}

// TestSettle: a server that changed its mind must say the same three times.
func TestSettle(t *testing.T) {
	r, m, d := Right, Missing, Differs
	for _, tc := range []struct {
		said []State
		want State
	}{
		{[]State{r}, Right},
		{[]State{m, d}, Differs},
		{[]State{r, m}, Flapping},
		{[]State{m, r, r}, Flapping},
		{[]State{m, r, r, r}, Right},
		{[]State{r, m, m, d}, Differs},
		{[]State{r, m, r, m, r, r}, Flapping},
	} {
		if got := settle(tc.said); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.said, got, tc.want)
		}
	}
}
