package spf

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// result is what a receiver concludes, harsher first.
type result int

const (
	fail result = iota
	softfail
	neutral
	pass
)

func qualified(q byte) result {
	return map[byte]result{'-': fail, '~': softfail, '?': neutral, '+': pass}[q]
}

// evaluate is check_host of RFC 7208 section 4.6, literally, for terms whose
// answers are all known and right, and without limits.
func evaluate(t testing.TB, domain, record string, ip netip.Addr, known Answers) result {
	r, err := Parse(record)
	if err != nil {
		t.Fatalf("evaluate %q: %v", record, err)
	}
	anyAll, redirect := false, ""
	for _, term := range r.Terms {
		anyAll = anyAll || term.Kind == All
		if term.Kind == Redirect {
			redirect = term.Domain
		}
	}
	for _, term := range r.Terms {
		if matches(t, domain, term, ip, known) {
			return qualified(term.Qualifier)
		}
	}
	if redirect != "" && !anyAll {
		return evaluate(t, redirect, txtOf(t, redirect, known), ip, known)
	}
	return neutral
}

func matches(t testing.TB, domain string, term Term, ip netip.Addr, known Answers) bool {
	switch term.Kind {
	case All:
		return true
	case IP4:
		return term.Prefix.Contains(ip)
	case Include:
		return evaluate(t, term.Domain, txtOf(t, term.Domain, known), ip, known) == pass
	case A:
		host := strings.TrimSuffix(strings.ToLower(term.Domain), ".")
		if host == "" {
			host = domain
		}
		for _, s := range known[Question{host, "A"}].Values {
			network := netip.PrefixFrom(netip.MustParseAddr(s), term.V4Len).Masked()
			if network.Contains(ip) {
				return true
			}
		}
	default:
		if term.Kind.Directive() {
			t.Fatalf("evaluate: %s is beyond this evaluator", term.Text)
		}
	}
	return false
}

func txtOf(t testing.TB, name string, known Answers) string {
	values := known[Question{name, "TXT"}].Values
	if len(values) != 1 {
		t.Fatalf("evaluate: %d records at %s", len(values), name)
	}
	return values[0]
}

// world is a zone with a few senders over 16 addresses.
type world struct {
	*rand.Rand
	known Answers
	names []string // with an SPF record
	hosts []string // with an address
	harsh float64  // share of directives that do not pass
}

func newWorld(r *rand.Rand, harsh float64) *world {
	w := &world{Rand: r, known: Answers{}, harsh: harsh}
	for i := range 3 {
		w.host(fmt.Sprintf("h%d.example.net", i))
	}
	w.host("cust.example")
	for i := range 4 {
		name := fmt.Sprintf("s%d.example.net", i)
		w.known[Question{name, "TXT"}] = Answer{Status: Found, Values: []string{w.record(true)}}
		w.names = append(w.names, name)
	}
	return w
}

func (w *world) host(name string) {
	w.hosts = append(w.hosts, name)
	w.known[Question{name, "A"}] = Answer{Status: Found, Values: []string{fmt.Sprintf("192.0.2.%d", w.IntN(16))}}
}

func (w *world) pick(of ...string) string { return of[w.IntN(len(of))] }

func (w *world) directive() string {
	q := w.pick("", "", "", "+")
	if w.Float64() < w.harsh {
		q = w.pick("-", "~", "?")
	}
	switch n := w.IntN(6); {
	case n == 0 && len(w.names) > 0:
		return q + "include:" + w.pick(w.names...)
	case n == 1:
		return q + "a:" + w.pick(w.hosts...) + w.pick("", "/30")
	case n == 2:
		return q + w.pick("a", "A:Cust.Example.")
	}
	return q + fmt.Sprintf("ip4:192.0.2.%d", w.IntN(16)) + w.pick("", "", "/32", "/31", "/30", "/29")
}

// record makes a record; a requirement never ends in +all.
func (w *world) record(required bool) string {
	parts := []string{w.pick("v=spf1", "v=spf1", "V=SPF1")}
	for range w.IntN(5) {
		parts = append(parts, w.directive())
	}
	if w.IntN(10) == 0 {
		parts = append(parts, "moo=cow")
	}
	switch n := w.IntN(10); {
	case n == 0 && len(w.names) > 0:
		parts = append(parts, "redirect="+w.pick(w.names...))
	case n == 1:
	case n == 2 && !required:
		parts = append(parts, "+all")
	case n == 3:
		parts = append(parts, w.pick("-all", "?all"), w.directive())
	default:
		parts = append(parts, w.pick("-all", "~all", "~ALL", "?all"))
	}
	return strings.Join(parts, w.pick(" ", " ", "  "))
}

func (w *world) request() MergeRequest {
	q := MergeRequest{Domain: "cust.example", Required: []string{w.record(true)}, Subrecords: true, Compact: w.IntN(4) == 0}
	if w.IntN(4) == 0 {
		q.All = Keep
	}
	if w.IntN(20) > 0 {
		q.Existing = []string{"other=text", w.record(false)}
	}
	return q
}

// with returns what is known once extra is published.
func (w *world) with(extra []NamedTXT) Answers {
	known := Answers{}
	maps.Copy(known, w.known)
	for _, x := range extra {
		known[Question{x.Name, "TXT"}] = Answer{Status: Found, Values: []string{x.Text}}
	}
	return known
}

func seed(t testing.TB) uint64 {
	if s := os.Getenv("MOORING_SEED"); s != "" && s != "0" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return uint64(time.Now().UnixNano())
}

// A merge passes what either side passes and nothing else (U), and is nowhere
// harsher than the owner's record (N).
func TestMergeLaw(t *testing.T) {
	pairs := 4_000
	if os.Getenv("MOORING_LONG") != "" {
		pairs = 40_000
	}
	s := seed(t)
	t.Logf("MOORING_SEED=%d, %d pairs for each of 3 rates", s, pairs)
	for _, harsh := range []float64{0, 0.15, 0.5} {
		r := rand.New(rand.NewPCG(s, uint64(harsh*100)))
		for i := range pairs {
			w := newWorld(r, harsh)
			if i%10 == 0 {
				w.checkRepair(t)
			} else {
				w.checkMerge(t, w.request())
			}
			if t.Failed() {
				t.FailNow()
			}
		}
	}
}

func (w *world) checkMerge(t *testing.T, q MergeRequest) {
	m, err := Merge(q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	q2 := q
	q2.Existing = []string{m.Record}
	if again, err := Merge(q2); err != nil || again.Record != m.Record || again.Changed {
		t.Fatalf("%+v\nonce  %q\ntwice %q, %v", q, m.Record, again.Record, err)
	}
	if !Satisfies(q.Domain, m.Record, q.Required[0]) {
		t.Errorf("%+v\n%q does not satisfy the requirement", q, m.Record)
	}
	known := w.with(m.Extra)
	u, err := Unmerge(q.Domain, m.Record, m.Provenance)
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Existing) == 0 {
		if !u.Remove {
			t.Errorf("%+v\n%q is not taken back whole: %+v", q, m.Record, u)
		}
		w.eachAddress(func(ip netip.Addr) {
			got, want := evaluate(t, q.Domain, m.Record, ip, known), evaluate(t, q.Domain, q.Required[0], ip, known)
			if (got == pass) != (want == pass) {
				t.Errorf("created %q from %q: %v is %v, want %v", m.Record, q.Required[0], ip, got, want)
			}
		})
		return
	}
	before := q.Existing[1]
	if u.Record != before && !q.Compact {
		t.Errorf("%+v\nmerged %q\nback   %q, %+v", q, m.Record, u.Record, m.Provenance)
	}
	w.eachAddress(func(ip netip.Addr) {
		e, r := evaluate(t, q.Domain, before, ip, known), evaluate(t, q.Domain, q.Required[0], ip, known)
		got := evaluate(t, q.Domain, m.Record, ip, known)
		if (got == pass) != (e == pass || r == pass) || got < e {
			t.Errorf("%v: owner %d, requirement %d, merged %d\nowner       %q\nrequirement %q\nmerged      %q\nextra %v",
				ip, e, r, got, before, q.Required[0], m.Record, m.Extra)
		}
		if back := evaluate(t, q.Domain, u.Record, ip, known); back != e {
			t.Errorf("%v: before %d, after unmerge %d\nowner   %q\nmerged  %q\nunmerge %q", ip, e, back, before, m.Record, u.Record)
		}
	})
}

// Several records are an error, so that all of them together pass is what the
// owner meant.
func (w *world) checkRepair(t *testing.T) {
	q := w.request()
	q.Repair = true
	q.Existing = []string{w.record(true), w.record(true)}
	m, err := Merge(q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	known := w.with(m.Extra)
	w.eachAddress(func(ip netip.Addr) {
		want := evaluate(t, q.Domain, q.Required[0], ip, known) == pass
		for _, e := range q.Existing {
			want = want || evaluate(t, q.Domain, e, ip, known) == pass
		}
		if got := evaluate(t, q.Domain, m.Record, ip, known) == pass; got != want {
			t.Errorf("%v passes: %v, want %v\n%+v\nmerged %q %v", ip, got, want, q, m.Record, m.Extra)
		}
	})
}

func (w *world) eachAddress(f func(netip.Addr)) {
	for i := range 16 {
		f(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
	}
}
