package verifytest_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// parentText delegates to the zone of zoneText, to those below, and to ones
// that nobody serves.
const parentText = `
$ORIGIN example.
$TTL 3600
@ SOA a.nic hostmaster 1 3600 600 86400 900
@ NS a.nic
a.nic A 127.0.0.9
customer NS ns1.customer
customer NS ns2.customer
ns1.customer A 127.0.0.1
ns2.customer A 127.0.0.2
app NS ns2.customer
held NS ns1.customer
nowhere NS ns.nowhere
ns.nowhere A 192.0.2.200
far NS ns9.app
`

// farText is a zone whose server has its name in another zone, without glue.
const farText = `
$ORIGIN far.example.
$TTL 60
@ SOA ns9.app.example. hostmaster 1 3600 600 86400 30
@ NS ns9.app.example.
www TYPE65400 \# 1 07
`

const appText = `
$ORIGIN app.example.
$TTL 20
@ SOA ns2.customer.example. hostmaster 1 3600 600 86400 30
@ NS ns2.customer.example.
edge A 192.0.2.80
ns9 A 127.0.0.3
`

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// internet is a top-level domain, two zones below it, and a resolver.
func internet(t *testing.T, o verifytest.ResolverOptions) (*verifytest.World, *verifytest.Resolver) {
	t.Helper()
	o.Name, o.Addr = "isp", ip("127.0.0.53")
	w := memory(t, verifytest.Options{
		Text: []string{parentText, zoneText, appText, farText},
		Servers: []verifytest.ServerOptions{
			{Name: "a.nic", Addrs: []netip.Addr{ip("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{ip("127.0.0.1")}, Zones: []zone.Name{"customer.example"}},
			{Name: "ns2", Addrs: []netip.Addr{ip("127.0.0.2")}, Zones: []zone.Name{"customer.example", "app.example"}},
			{Name: "ns3", Addrs: []netip.Addr{ip("127.0.0.3")}, Zones: []zone.Name{"far.example"}},
		},
		Resolvers: []verifytest.ResolverOptions{o},
	})
	return w, w.Resolver("isp")
}

// resolved is what the resolver says, in one line: rcode, AD, owner, TTL and
// data of every record, and the codes of RFC 8914.
func resolved(t *testing.T, w *verifytest.World, name, typ string, change ...func(*dns.Msg)) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := exchange(ctx, t, w, "udp", w.Resolver("isp").Addr(), query(name, typ, append(change, recurse)...))
	if err != nil {
		return "-"
	}
	return told(m)
}

func told(m *dns.Msg) string {
	out := []string{dns.RcodeToString[m.Rcode]}
	if m.AuthenticatedData {
		out[0] += " ad"
	}
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		h := rr.Header()
		data := strings.TrimPrefix(rr.String(), h.String())
		if h.Rrtype == dns.TypeSOA {
			data = ""
		}
		host := strings.TrimSuffix(strings.TrimSuffix(h.Name, "example."), ".")
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %d %s %s", host, h.Ttl, dns.Type(h.Rrtype), data)))
	}
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				out = append(out, fmt.Sprint("EDE ", e.InfoCode))
			}
		}
	}
	return strings.Join(out, "; ")
}

func TestResolverWalks(t *testing.T) { synctest.Test(t, walks) }

func walks(t *testing.T) {
	w, r := internet(t, verifytest.ResolverOptions{})
	put(w, zone.NewTXT("long.customer.example", 60, strings.Repeat("x", 1500)))
	for _, tc := range []struct {
		why, name, typ, want string
	}{
		{"down a delegation", "www.customer.example", "A", "NOERROR; www.customer 3600 A 192.0.2.10"},
		{"an alias, with both TTLs", "out.customer.example", "A", "NOERROR; out.customer 3600 CNAME edge.app.example.; edge.app 20 A 192.0.2.80"},
		{"an alias asked for", "out.customer.example", "CNAME", "NOERROR; out.customer 3600 CNAME edge.app.example."},
		{"an alias to nothing", "blog.customer.example", "TXT", "NOERROR; blog.customer 3600 CNAME www.customer.example.; customer 300 SOA"},
		{"a loop", "loop1.customer.example", "A", "SERVFAIL"},
		{"no such name", "x.www.customer.example", "A", "NXDOMAIN; customer 300 SOA"},
		{"no such type", "www.customer.example", "MX", "NOERROR; customer 300 SOA"},
		{"not delegated", "x.nope.example", "A", "NXDOMAIN; 900 SOA"},
		{"lame", "held.example", "A", "SERVFAIL; EDE 22"},
		{"no server there", "nowhere.example", "A", "SERVFAIL; EDE 22"},
		{"another kept failure", "nowhere.example", "A", "SERVFAIL; EDE 22; EDE 13"},
		{"to a server whose name must be looked up", "far.example", "NS", "NOERROR; far 60 NS ns9.app.example."},
		{"several records", "customer.example", "NS", "NOERROR; customer 3600 NS ns1.customer.example.; customer 3600 NS ns2.customer.example."},
	} {
		if got := resolved(t, w, tc.name, tc.typ); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.why, got, tc.want)
		}
	}
	if got := resolved(t, w, "www.customer.example", "A", func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }); got != "REFUSED" {
		t.Errorf("another class: got %s, want REFUSED", got)
	}
	if got, want := r.Queries(), 14; got != want {
		t.Errorf("the resolver heard %d questions, want %d", got, want)
	}
	if got := w.Queries(); got != 0 {
		t.Errorf("the servers counted %d questions of the resolver, want none", got)
	}
	m, err := exchange(t.Context(), t, w, "udp", r.Addr(), query("www.far.example", "NS", recurse, func(m *dns.Msg) { m.Question[0].Qtype = 65400 }))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Answer) != 1 {
		t.Errorf("a type without a name: %v, want one record", m)
	}
	for network, want := range map[string]bool{"udp": true, "tcp": false} {
		m, err := exchange(t.Context(), t, w, network, r.Addr(), query("long.customer.example", "TXT", recurse))
		if err != nil {
			t.Fatal(err)
		}
		if m.Truncated != want || !m.RecursionAvailable || m.Authoritative || (len(m.Answer) == 1) == want {
			t.Errorf("1500 octets over %s: tc=%v ra=%v aa=%v and %d records", network, m.Truncated, m.RecursionAvailable, m.Authoritative, len(m.Answer))
		}
	}
}

func TestResolverPassesOver(t *testing.T) { synctest.Test(t, passesOver) }

func passesOver(t *testing.T) {
	for why, f := range map[string]verifytest.Fault{
		"dead": {Drop: true}, "refuses": {Rcode: "REFUSED"}, "fails": {Rcode: "SERVFAIL"}, "upward": {Upward: true}, "without authority": {NotAuthoritative: true},
	} {
		w, r := internet(t, verifytest.ResolverOptions{})
		w.Server("ns1").SetFault(f)
		if got, want := resolved(t, w, "www.customer.example", "A"), "NOERROR; www.customer 3600 A 192.0.2.10"; got != want {
			t.Errorf("%s: got %s, want %s", why, got, want)
		}
		w.Server("ns2").SetFault(f)
		r.Flush()
		if got, want := resolved(t, w, "www.customer.example", "A"), "SERVFAIL; EDE 22"; got != want {
			t.Errorf("both %s: got %s, want %s", why, got, want)
		}
	}
	w, r := internet(t, verifytest.ResolverOptions{Prefer: "ns2"})
	w.Server("ns2").Freeze()
	put(w, zone.NewTXT("new.customer.example", 60, "hello"))
	if got, want := resolved(t, w, "new.customer.example", "TXT"), "NOERROR; customer 300 SOA"; got != want {
		t.Errorf("a resolver that prefers the stale server: got %s, want %s", got, want)
	}
	w.Server("ns2").Thaw()
	r.Flush()
	if got, want := resolved(t, w, "new.customer.example", "TXT"), `NOERROR; new.customer 60 TXT "hello"`; got != want {
		t.Errorf("thawed and flushed: got %s, want %s", got, want)
	}
}

// step is a moment of a story, and what the resolver says then.
type step struct {
	after     time.Duration
	do        func(*verifytest.World, *verifytest.Resolver)
	name, typ string
	change    func(*dns.Msg)
	want      string
}

func (s step) run(t *testing.T, w *verifytest.World, i int) {
	t.Helper()
	time.Sleep(s.after)
	if s.do != nil {
		s.do(w, w.Resolver("isp"))
	}
	if s.change == nil {
		s.change = func(*dns.Msg) {}
	}
	if got := resolved(t, w, s.name, s.typ, s.change); got != s.want {
		t.Errorf("step %d, %s %s: got %s, want %s", i+1, s.name, s.typ, got, s.want)
	}
}

func fault(f verifytest.ResolverFault) func(*verifytest.World, *verifytest.Resolver) {
	return func(_ *verifytest.World, r *verifytest.Resolver) { r.SetFault(f) }
}

func TestResolverKeeps(t *testing.T) {
	const late = "new.customer.example"
	add := func(w *verifytest.World, _ *verifytest.Resolver) { put(w, zone.NewTXT(late, 60, "hello")) }
	change := func(w *verifytest.World, _ *verifytest.Resolver) {
		w.Change("customer.example", zone.Change{Owner: late, Remove: []zone.Record{zone.NewTXT(late, 60, "hello")}, Add: []zone.Record{zone.NewTXT(late, 60, "other")}})
	}
	remove := func(w *verifytest.World, _ *verifytest.Resolver) {
		w.Change("customer.example", zone.Change{Owner: late, Remove: []zone.Record{zone.NewTXT(late, 60, "hello")}})
	}
	const s, ms = time.Second, time.Millisecond
	const hello, other = `new.customer %d TXT "hello"`, `new.customer %d TXT "other"`
	ok := func(format string, ttl int) string { return "NOERROR; " + fmt.Sprintf(format, ttl) }
	for _, tc := range []struct {
		why   string
		opts  verifytest.ResolverOptions
		steps []step
	}{
		{"an old value", verifytest.ResolverOptions{}, []step{
			{do: add, name: late, typ: "TXT", want: ok(hello, 60)},
			{do: change, after: 1500 * ms, name: late, typ: "TXT", want: ok(hello, 58)},
			{after: 58*s + 499*ms, name: late, typ: "TXT", want: ok(hello, 0)},
			{after: ms, name: late, typ: "TXT", want: ok(other, 60)},
		}},
		{"a denial", verifytest.ResolverOptions{}, []step{
			{name: late, typ: "TXT", want: "NOERROR; customer 300 SOA"},
			{do: add, after: 7 * s, name: late, typ: "TXT", want: "NOERROR; customer 293 SOA"},
			{after: 292 * s, name: late, typ: "TXT", want: "NOERROR; customer 1 SOA"},
			{after: s, name: late, typ: "TXT", want: ok(hello, 60)},
		}},
		{"a name that does not exist, for every type", verifytest.ResolverOptions{}, []step{
			{name: "new.www.customer.example", typ: "TXT", want: "NXDOMAIN; customer 300 SOA"},
			{after: s, name: "new.www.customer.example", typ: "A", want: "NXDOMAIN; customer 299 SOA"},
		}},
		{"bounds", verifytest.ResolverOptions{MinTTL: 100 * s, MaxTTL: 200 * s, MaxNegative: 10 * s}, []step{
			{name: late, typ: "TXT", want: "NOERROR; customer 10 SOA"},
			{do: add, after: 10 * s, name: late, typ: "TXT", want: ok(hello, 100)},
			{name: "www.customer.example", typ: "A", want: "NOERROR; www.customer 200 A 192.0.2.10"},
		}},
		{"a failure", verifytest.ResolverOptions{Failure: 20 * s}, []step{
			{do: fault(verifytest.ResolverFault{Offline: true}), name: "www.customer.example", typ: "A", want: "SERVFAIL; EDE 22"},
			{do: fault(verifytest.ResolverFault{}), after: 19 * s, name: "www.customer.example", typ: "A", want: "SERVFAIL; EDE 22; EDE 13"},
			{after: s, name: "www.customer.example", typ: "A", want: "NOERROR; www.customer 3600 A 192.0.2.10"},
		}},
		{"expired answers", verifytest.ResolverOptions{Stale: time.Minute}, []step{
			{do: add, name: late, typ: "TXT", want: ok(hello, 60)},
			{name: "x.www.customer.example", typ: "A", want: "NXDOMAIN; customer 300 SOA"},
			{do: fault(verifytest.ResolverFault{Offline: true}), after: 61 * s, name: late, typ: "TXT", want: ok(hello, 30) + "; EDE 3"},
			{after: 59 * s, name: late, typ: "TXT", want: "SERVFAIL; EDE 22"},
			{after: 200 * s, name: "x.www.customer.example", typ: "A", want: "NXDOMAIN; customer 30 SOA; EDE 19"},
			{do: fault(verifytest.ResolverFault{}), name: late, typ: "TXT", want: ok(hello, 60)},
		}},
		{"a change of mind", verifytest.ResolverOptions{}, []step{
			{do: add, name: late, typ: "TXT", want: ok(hello, 60)},
			{do: remove, after: 60 * s, name: late, typ: "TXT", want: "NOERROR; customer 300 SOA"},
			{do: func(w *verifytest.World, r *verifytest.Resolver) { add(w, r); r.Flush() }, name: late, typ: "TXT", want: ok(hello, 60)},
		}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _ := internet(t, tc.opts)
				for i, s := range tc.steps {
					s.run(t, w, i)
				}
			})
		})
	}
}

// TestResolverCaches is one address with two caches, of which one was asked
// too early.
func TestResolverCaches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, r := internet(t, verifytest.ResolverOptions{Caches: 2})
		got := []string{resolved(t, w, "new.customer.example", "TXT")}
		time.Sleep(10 * time.Second)
		put(w, zone.NewTXT("new.customer.example", 60, "hello"))
		for range 3 {
			got = append(got, resolved(t, w, "new.customer.example", "TXT"))
		}
		want := []string{"NOERROR; customer 300 SOA", `NOERROR; new.customer 60 TXT "hello"`, "NOERROR; customer 290 SOA", `NOERROR; new.customer 60 TXT "hello"`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("four answers (-want +got):\n%s", diff)
		}
		r.Flush()
		r.Prime("www.customer.example", "A")
		time.Sleep(10 * time.Second)
		for range 2 {
			if got, want := resolved(t, w, "www.customer.example", "A"), "NOERROR; www.customer 3590 A 192.0.2.10"; got != want {
				t.Errorf("primed: got %s, want %s", got, want)
			}
		}
	})
}

func TestResolverSigned(t *testing.T) {
	opts := verifytest.ResolverOptions{Signed: []zone.Name{"customer.example"}, Synthesize: true}
	const b = "b.www.customer.example"
	bogus := fault(verifytest.ResolverFault{Bogus: []zone.Name{"customer.example"}})
	for _, tc := range []struct {
		why   string
		steps []step
	}{
		{"AD", []step{
			{name: "www.customer.example", typ: "A", want: "NOERROR; www.customer 3600 A 192.0.2.10"},
			{name: "www.customer.example", typ: "A", change: signed, want: "NOERROR ad; www.customer 3600 A 192.0.2.10"},
			{name: "www.customer.example", typ: "A", change: func(m *dns.Msg) { m.AuthenticatedData = true }, want: "NOERROR ad; www.customer 3600 A 192.0.2.10"},
			{name: "edge.app.example", typ: "A", change: signed, want: "NOERROR; edge.app 20 A 192.0.2.80"},
		}},
		{"synthesis", []step{
			{name: "a.www.customer.example", typ: "A", want: "NXDOMAIN; customer 300 SOA"},
			{
				do:    func(w *verifytest.World, _ *verifytest.Resolver) { put(w, zone.NewTXT(b, 60, "hello")) },
				after: 100 * time.Second, name: b, typ: "TXT", want: "NXDOMAIN; customer 200 SOA",
			},
			{name: b, typ: "TXT", change: signed, want: "NXDOMAIN ad; customer 200 SOA; www.customer 200 NSEC customer.example. A RRSIG NSEC"},
			{name: "www.customer.example", typ: "A", want: "NOERROR; www.customer 3600 A 192.0.2.10"},
			{name: "zzz.customer.example", typ: "A", want: "NOERROR; zzz.customer 3600 A 192.0.2.99"},
			{after: 200 * time.Second, name: b, typ: "TXT", want: `NOERROR; b.www.customer 60 TXT "hello"`},
		}},
		{"a type that does not exist", []step{
			{name: "customer.example", typ: "MX", change: signed, want: "NOERROR ad; customer 300 SOA; customer 300 NSEC *.customer.example. NS SOA TXT RRSIG NSEC"},
		}},
		{"bogus", []step{
			{do: bogus, name: "www.customer.example", typ: "A", want: "SERVFAIL; EDE 9"},
			{after: time.Second, name: "www.customer.example", typ: "A", want: "SERVFAIL; EDE 9"},
			{name: "www.customer.example", typ: "A", change: unchecked, want: "NOERROR; www.customer 3600 A 192.0.2.10"},
			{name: "www.customer.example", typ: "A", want: "SERVFAIL; EDE 9"},
			{name: "x.www.customer.example", typ: "A", change: unchecked, want: "NXDOMAIN; customer 300 SOA"},
			{name: "edge.app.example", typ: "A", want: "NOERROR; edge.app 20 A 192.0.2.80"},
			{do: fault(verifytest.ResolverFault{Bogus: []zone.Name{"app.example"}, BogusEDE: 7}), after: time.Minute, name: "edge.app.example", typ: "A", want: "SERVFAIL; EDE 7"},
			{name: "www.customer.example", typ: "A", want: "NOERROR; www.customer 3600 A 192.0.2.10"},
			{do: fault(verifytest.ResolverFault{Bogus: []zone.Name{"app.example"}, NoEDE: true}), name: "edge.app.example", typ: "A", want: "SERVFAIL"},
		}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _ := internet(t, opts)
				for i, s := range tc.steps {
					s.run(t, w, i)
				}
			})
		})
	}
}

func TestResolverFaults(t *testing.T) {
	own := []zone.Record{zone.NewTXT("www.customer.example", 60, "inside"), zone.NewAddress("intra.customer.example", 60, ip("10.0.0.1"))}
	filtered := []zone.Name{"www.customer.example"}
	for _, tc := range []struct {
		why             string
		fault           verifytest.ResolverFault
		name, typ, want string
	}{
		{"silent", verifytest.ResolverFault{Drop: true}, "www.customer.example", "A", "-"},
		{"rcode", verifytest.ResolverFault{Rcode: "REFUSED"}, "www.customer.example", "A", "REFUSED"},
		{"blocked", verifytest.ResolverFault{Filtered: filtered}, "www.customer.example", "A", "NXDOMAIN; EDE 15"},
		{"blocked below", verifytest.ResolverFault{Filtered: filtered, FilterEDE: 17}, "x.www.customer.example", "A", "NXDOMAIN; EDE 17"},
		{"prohibited", verifytest.ResolverFault{Filtered: filtered, FilterEDE: 18}, "www.customer.example", "A", "REFUSED; EDE 18"},
		{"blocked without a word", verifytest.ResolverFault{Filtered: filtered, NoEDE: true}, "www.customer.example", "A", "NXDOMAIN"},
		{"not blocked", verifytest.ResolverFault{Filtered: filtered}, "edge.app.example", "A", "NOERROR; edge.app 20 A 192.0.2.80"},
		{"own data", verifytest.ResolverFault{Split: own}, "intra.customer.example", "A", "NOERROR; intra.customer 60 A 10.0.0.1"},
		{"own data lacks the type", verifytest.ResolverFault{Split: own}, "www.customer.example", "A", "NOERROR; www.customer 300 SOA"},
		{"own data behind an alias", verifytest.ResolverFault{Split: own}, "blog.customer.example", "TXT", `NOERROR; blog.customer 3600 CNAME www.customer.example.; www.customer 60 TXT "inside"`},
	} {
		t.Run(tc.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, r := internet(t, verifytest.ResolverOptions{})
				r.SetFault(tc.fault)
				if got := resolved(t, w, tc.name, tc.typ); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				r.SetFault(verifytest.ResolverFault{Delay: time.Second})
				began := time.Now()
				if got, want := resolved(t, w, "www.customer.example", "A"), "NOERROR; www.customer 3600 A 192.0.2.10"; got != want || time.Since(began) != time.Second {
					t.Errorf("healed but slow: got %s after %v, want %s after 1 s", got, time.Since(began), want)
				}
			})
		})
	}
}

func TestResolverRefuses(t *testing.T) {
	w, r := internet(t, verifytest.ResolverOptions{})
	for _, tc := range []struct {
		why    string
		change func(*dns.Msg)
		want   int
	}{
		{"no recursion desired", func(m *dns.Msg) { m.RecursionDesired = false }, dns.RcodeRefused},
		{"another opcode", func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify }, dns.RcodeNotImplemented},
		{"two questions", func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }, dns.RcodeFormatError},
		{"a later EDNS", func(m *dns.Msg) { m.IsEdns0().SetVersion(1) }, dns.RcodeBadVers},
	} {
		m, err := exchange(t.Context(), t, w, "udp", r.Addr(), query("www.customer.example", "A", recurse, tc.change))
		if err != nil {
			t.Fatal(err)
		}
		if m.Rcode != tc.want || len(m.Answer) != 0 {
			t.Errorf("%s: got rcode %d and %v, want rcode %d", tc.why, m.Rcode, m.Answer, tc.want)
		}
	}
}

func TestResolverOverSockets(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}, Resolvers: []verifytest.ResolverOptions{{Name: "isp", Addr: ip("127.0.0.53")}}})
	for _, network := range []string{"udp", "tcp"} {
		c := dns.Client{Net: network, Timeout: 20 * time.Second}
		m, _, err := c.Exchange(query("blog.customer.example", "A", recurse), w.Resolver("isp").Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		const want = "NOERROR; a blog CNAME www.customer.example.; a www A 192.0.2.10"
		if got := show(m); got != want || m.Answer[0].Header().Ttl < 3000 {
			t.Errorf("over %s: got %s and a TTL of %d s, want %s", network, got, m.Answer[0].Header().Ttl, want)
		}
	}
	if got, want := w.Map(ip("127.0.0.53")), w.Resolver("isp").Addr(); got != want {
		t.Errorf("Map leads to %v, want %v", got, want)
	}
}
