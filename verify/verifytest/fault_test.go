package verifytest_test

import (
	"context"
	"fmt"
	"net"
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

func plain(m *dns.Msg)     { m.Extra = nil }
func unchecked(m *dns.Msg) { m.CheckingDisabled = true }
func signed(m *dns.Msg)    { m.IsEdns0().SetDo() }

// says is what a server says, in one line: "-" for nothing within a minute.
func says(t *testing.T, w *verifytest.World, network string, at netip.AddrPort, m *dns.Msg) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := exchange(ctx, t, w, network, at, m)
	if err != nil {
		return "-"
	}
	return show(r)
}

// TestFaultsOfContent is what each fault makes of questions that a healthy
// server answers.
func TestFaultsOfContent(t *testing.T) {
	const right = "NOERROR aa; a www A 192.0.2.10"
	www := func(change ...func(*dns.Msg)) *dns.Msg { return query("www.customer.example", "A", change...) }
	odd := func(m *dns.Msg) { m.Question[0].Name = "wWw.cUsToMeR.eXaMpLe." }
	type ask struct {
		network string
		q       *dns.Msg
		want    string
	}
	tests := []struct {
		why   string
		fault verifytest.Fault
		asks  []ask
	}{
		{"healthy", verifytest.Fault{}, []ask{{"udp", www(), right}, {"tcp", www(), right}, {"udp", www(plain), right}}},
		{"refused", verifytest.Fault{Rcode: "REFUSED"}, []ask{{"udp", www(), "REFUSED"}, {"tcp", www(), "REFUSED"}}},
		{"for one name", verifytest.Fault{Rcode: "SERVFAIL", Only: "www.customer.example"}, []ask{
			{"udp", www(odd), "SERVFAIL"}, {"udp", query("blog.customer.example", "CNAME"), "NOERROR aa; a blog CNAME www.customer.example."},
		}},
		{"for one type", verifytest.Fault{Rcode: "NOTIMP", OnlyType: "CAA"}, []ask{{"udp", query("customer.example", "CAA"), "NOTIMP"}, {"udp", www(), right}}},
		{"for one name every fault", verifytest.Fault{NotAuthoritative: true, Only: "www.customer.example"}, []ask{
			{"udp", www(), "NOERROR; a www A 192.0.2.10"}, {"udp", query("x.customer.example", "A"), "NOERROR aa; a x A 192.0.2.99"},
		}},
		{"upward", verifytest.Fault{Upward: true}, []ask{{"udp", www(), "NOERROR; n . NS a.root-servers.net."}}},
		{"another zone's SOA", verifytest.Fault{OtherSOA: "parking.example"}, []ask{
			{"udp", www(), "NXDOMAIN aa; n parking.example. SOA ns.parking.example. ns.parking.example. 1 3600 600 86400 300"},
		}},
		{"no EDNS", verifytest.Fault{NoEDNS: true}, []ask{{"udp", www(), "FORMERR"}, {"udp", www(plain), right}}},
		{"EDNS is dropped", verifytest.Fault{DropEDNS: true}, []ask{{"udp", www(), "-"}, {"udp", www(plain), right}}},
		{"TC", verifytest.Fault{Size: 1}, []ask{{"udp", www(), "NOERROR aa tc"}, {"tcp", www(), right}}},
		{"TC above a size", verifytest.Fault{Size: 80}, []ask{
			{"udp", www(), right}, {"udp", query("customer.example", "NS"), "NOERROR aa tc"},
		}},
		{"TC without TCP", verifytest.Fault{Size: 1, NoTCP: true}, []ask{{"udp", www(), "NOERROR aa tc"}, {"tcp", www(), "-"}}},
		{"TCP is hung up", verifytest.Fault{HangUp: true}, []ask{{"udp", www(), right}, {"tcp", www(), "-"}}},
		{"rate limit", verifytest.Fault{Slip: 3}, []ask{
			{"udp", www(), "NOERROR aa tc"}, {"udp", www(), right}, {"tcp", www(), right}, {"udp", www(), "NOERROR aa tc"},
		}},
		{"loss", verifytest.Fault{Lose: 2}, []ask{{"udp", www(), "-"}, {"udp", www(), right}, {"udp", www(), "-"}, {"tcp", www(), right}}},
		{"silent", verifytest.Fault{Drop: true}, []ask{{"udp", www(), "-"}, {"tcp", www(), "-"}}},
		{"bogus", verifytest.Fault{Bogus: true}, []ask{{"udp", www(), "SERVFAIL"}, {"udp", www(unchecked), right}}},
		{"NS with addresses", verifytest.Fault{}, []ask{{"udp", query("customer.example", "NS"), nsAnswer + "; x ns1 A 127.0.0.1; x ns2 A 127.0.0.2"}}},
		{"minimal", verifytest.Fault{Minimal: true}, []ask{{"udp", query("customer.example", "NS"), nsAnswer}}},
	}
	for _, tc := range tests {
		t.Run(tc.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := memory(t, verifytest.Options{})
				w.Server("ns2").SetFault(tc.fault)
				for i, a := range tc.asks {
					if got := says(t, w, a.network, w.Server("ns2").Addr(), a.q); got != a.want {
						t.Errorf("question %d over %s: got %s, want %s", i+1, a.network, got, a.want)
					}
				}
				w.Server("ns2").SetFault(verifytest.Fault{})
				if got := says(t, w, "udp", w.Server("ns2").Addr(), www()); got != right {
					t.Errorf("healed: got %s, want %s", got, right)
				}
			})
		})
	}
}

const nsAnswer = "NOERROR aa; a @ NS ns1.customer.example.; a @ NS ns2.customer.example."

func TestCaseMangled(t *testing.T) {
	w := memory(t, verifytest.Options{})
	const asked = "wWw.CusTomer.eXample."
	for mangled, want := range map[bool]string{false: asked, true: strings.ToLower(asked)} {
		w.Server("ns1").SetFault(verifytest.Fault{CaseMangled: mangled})
		r, err := exchange(t.Context(), t, w, "udp", w.Server("ns1").Addr(), query(asked, "A"))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Question[0].Name; got != want {
			t.Errorf("CaseMangled %v: the question comes back as %s, want %s", mangled, got, want)
		}
	}
}

func TestFaultAtOneAddress(t *testing.T) {
	four, six := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("fd00::1")
	o := verifytest.Options{Text: []string{zoneText}, Servers: []verifytest.ServerOptions{{Name: "ns1", Addrs: []netip.Addr{four, six}}}}
	for _, inMemory := range []bool{false, true} {
		t.Run(fmt.Sprint("memory ", inMemory), func(t *testing.T) {
			o.Memory = inMemory
			w := verifytest.New(t, o)
			if w.Map(four) == w.Map(six) {
				t.Fatalf("both addresses are reached at %v", w.Map(four))
			}
			w.Server("ns1").SetFaultAt(four, verifytest.Fault{Rcode: "REFUSED"})
			w.Server("ns1").SetFaultAt(six, verifytest.Fault{NotAuthoritative: true})
			w.Server("ns1").SetFaultAt(six, verifytest.Fault{})
			for at, want := range map[netip.Addr]string{four: "REFUSED", six: "NOERROR aa; a www A 192.0.2.10"} {
				got := ""
				if inMemory {
					got = says(t, w, "udp", w.Map(at), query("www.customer.example", "A"))
				} else {
					r, err := dns.Exchange(query("www.customer.example", "A"), w.Map(at).String())
					if err != nil {
						t.Fatal(err)
					}
					got = show(r)
				}
				if got != want || w.Server("ns1").QueriesAt(at) != 1 {
					t.Errorf("at %v after %d questions: got %s, want %s", at, w.Server("ns1").QueriesAt(at), got, want)
				}
			}
			w.Server("ns1").SetFault(verifytest.Fault{Upward: true})
			if got := says(t, w, "udp", w.Map(four), query("www.customer.example", "A")); got != "NOERROR; n . NS a.root-servers.net." {
				t.Errorf("SetFault after SetFaultAt: %s says %s", four, got)
			}
		})
	}
}

// flaps is how many of n answers of a flapping server came from its old zone.
func flaps(t *testing.T, f verifytest.Fault, n int) string {
	t.Helper()
	w := memory(t, verifytest.Options{})
	w.Server("ns2").Freeze()
	put(w, zone.NewTXT("new.customer.example", 60, "hello"))
	f.Flap = true
	w.Server("ns2").SetFault(f)
	out := ""
	for range n {
		if strings.Contains(says(t, w, "udp", w.Server("ns2").Addr(), query("new.customer.example", "TXT")), "hello") {
			out += "+"
		} else {
			out += "-"
		}
	}
	return out
}

func put(w *verifytest.World, recs ...zone.Record) {
	for _, r := range recs {
		w.Change("customer.example", zone.Change{Owner: r.Name, Add: []zone.Record{r}})
	}
}

func TestFlap(t *testing.T) {
	if got := flaps(t, verifytest.Fault{}, 6); got != "+-+-+-" {
		t.Errorf("without a seed: got %s, want one new, one old", got)
	}
	one, again, other := flaps(t, verifytest.Fault{Seed: 1}, 64), flaps(t, verifytest.Fault{Seed: 1}, 64), flaps(t, verifytest.Fault{Seed: 2}, 64)
	if one != again {
		t.Errorf("one seed gave %s and %s", one, again)
	}
	if one == other || !strings.Contains(one, "++") || !strings.Contains(one, "--") || strings.Count(one, "+") < 16 {
		t.Errorf("seeds 1 and 2 gave %s and %s, want two different ones by chance", one, other)
	}
}

func TestJitterAndReorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := memory(t, verifytest.Options{})
		times := func(f verifytest.Fault) []time.Duration {
			w.Server("ns1").SetFault(f)
			var out []time.Duration
			for range 6 {
				began := time.Now()
				says(t, w, "udp", w.Server("ns1").Addr(), query("www.customer.example", "A"))
				out = append(out, time.Since(began))
			}
			return out
		}
		const ms = time.Millisecond
		got := times(verifytest.Fault{Delay: ms, Reorder: 5 * ms})
		if diff := cmp.Diff([]time.Duration{6 * ms, ms, 6 * ms, ms, 6 * ms, ms}, got); diff != "" {
			t.Errorf("Reorder (-want +got):\n%s", diff)
		}
		jitter := verifytest.Fault{Delay: 10 * ms, Jitter: 20 * ms, Seed: 7}
		got = times(jitter)
		if slices.Min(got) < 10*ms || slices.Max(got) >= 30*ms || slices.Min(got) == slices.Max(got) {
			t.Errorf("Jitter: answers after %v, want various times from 10 to 30 ms", got)
		}
		if diff := cmp.Diff(got, times(jitter)); diff != "" {
			t.Errorf("the same seed again (-want +got):\n%s", diff)
		}
	})
}

// packet is one that came over UDP.
type packet struct {
	raw  []byte
	from netip.AddrPort
}

// talk sends one question over a socket and returns the next n messages.
func talk(t *testing.T, at netip.AddrPort, m *dns.Msg, n int) []packet {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.WriteToUDPAddrPort(raw, at); err != nil {
		t.Fatal(err)
	}
	var out []packet
	for range n {
		buf := make([]byte, dns.MaxMsgSize)
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			t.Fatalf("after %d messages: %v", len(out), err)
		}
		out = append(out, packet{buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port())})
	}
	return out
}

// describe says in what a message differs from an answer to q.
func describe(q *dns.Msg, at netip.AddrPort, m packet) string {
	r := new(dns.Msg)
	if r.Unpack(m.raw) != nil {
		return "unreadable"
	}
	out := ""
	for _, d := range []struct {
		word string
		is   bool
	}{
		{"source ", m.from != at},
		{"id ", r.Id != q.Id},
		{"question ", len(r.Question) != 1 || r.Question[0] != q.Question[0]},
		{"echo ", !r.Response},
		{"huge ", len(m.raw) > 4096},
	} {
		if d.is {
			out += d.word
		}
	}
	for _, rr := range r.Answer {
		if strings.Contains(rr.String(), "lie") {
			return out + "lie"
		}
	}
	return out + dns.RcodeToString[r.Rcode]
}

func TestStrays(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	srv, q := w.Server("ns2"), query("customer.example", "TXT")
	fault := verifytest.Fault{
		Strays: []verifytest.Stray{
			verifytest.StrayID, verifytest.StraySource, verifytest.StrayQuestion, verifytest.StrayEcho,
			verifytest.StrayNoise, verifytest.StrayShort, verifytest.StrayLoop, verifytest.StrayHuge,
		},
		Lie: []zone.Record{zone.NewTXT("customer.example", 60, "lie")},
	}
	want := []string{"id lie", "source lie", "question lie", "echo NOERROR", "unreadable", "unreadable", "unreadable", "huge lie"}
	srv.SetFault(fault)
	var got []string
	for _, m := range talk(t, srv.Addr(), q, len(want)+1) {
		got = append(got, describe(q, srv.Addr(), m))
	}
	if diff := cmp.Diff(append(slices.Clone(want), "NOERROR"), got); diff != "" {
		t.Errorf("strays and then the answer (-want +got):\n%s", diff)
	}
	if got := (client{t: t, srv: srv, net: "tcp"}).ask("customer.example", "TXT"); len(got.Answer) != 2 {
		t.Errorf("over TCP: %v, want the answer alone", got)
	}

	fault.Drop, fault.Lie = true, nil
	srv.SetFault(fault)
	for i, m := range talk(t, srv.Addr(), q, len(want)) {
		if got, want := describe(q, srv.Addr(), m), strings.ReplaceAll(want[i], "lie", "NXDOMAIN"); got != want && i < 3 {
			t.Errorf("stray %d of a silent server without a lie: %s, want %s", i+1, got, want)
		}
	}
}

func TestStraysInMemory(t *testing.T) {
	w := memory(t, verifytest.Options{})
	at, q := w.Server("ns1").Addr(), query("customer.example", "TXT")
	for stray, want := range map[verifytest.Stray]string{verifytest.StraySource: "NOERROR", verifytest.StrayID: "id NXDOMAIN", verifytest.StrayLoop: "unreadable"} {
		w.Server("ns1").SetFault(verifytest.Fault{Strays: []verifytest.Stray{stray}})
		raw, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.Exchange(t.Context(), "udp", at, raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(q, at, packet{out, at}); got != want {
			t.Errorf("%s: the first message is %s, want %s", stray, got, want)
		}
	}
}

func TestRepeat(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	w.Server("ns1").SetFault(verifytest.Fault{Repeat: 2})
	got := talk(t, w.Server("ns1").Addr(), query("customer.example", "TXT"), 3)
	if !slices.Equal(got[0].raw, got[1].raw) || !slices.Equal(got[0].raw, got[2].raw) {
		t.Errorf("three messages that are not the same: %v", got)
	}
}
