package verify

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// liar answers each UDP question with the packets that say makes of it.
func liar(t *testing.T, say func(question []byte) [][]byte) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		pc.Close()
		<-done
	})
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, p := range say(append([]byte(nil), buf[:n]...)) {
				_, _ = pc.WriteTo(p, from)
			}
		}
	}()
	return pc.LocalAddr().(*net.UDPAddr).AddrPort()
}

// answered is the question as an answer that says data.
func answered(t *testing.T, q []byte, change func(*dns.Msg)) []byte {
	m := new(dns.Msg)
	if err := m.Unpack(q); err != nil {
		t.Error(err)
		return nil
	}
	m.Response, m.Authoritative, m.Extra = true, true, nil
	rr, err := dns.NewRR(m.Question[0].Name + " 60 IN TXT right")
	if err != nil {
		t.Error(err)
		return nil
	}
	m.Answer = []dns.RR{rr}
	change(m)
	p, err := m.Pack()
	if err != nil {
		t.Error(err)
	}
	return p
}

// TestForged has packets before the answer that must not be taken for it.
func TestForged(t *testing.T) {
	right := func(t *testing.T, q []byte) []byte { return answered(t, q, func(*dns.Msg) {}) }
	wrong := func(m *dns.Msg) { m.Answer[0].(*dns.TXT).Txt = []string{"forged"} }
	for _, tc := range []struct {
		why    string
		before func(t *testing.T, q []byte) []byte
	}{
		{"garbage", func(*testing.T, []byte) []byte { return []byte("not DNS at all, but long enough for a header") }},
		{"too short", func(*testing.T, []byte) []byte { return []byte{1} }},
		{"another id", func(t *testing.T, q []byte) []byte {
			return answered(t, q, func(m *dns.Msg) { wrong(m); m.Id++ })
		}},
		{"another question", func(t *testing.T, q []byte) []byte {
			return answered(t, q, func(m *dns.Msg) { wrong(m); m.Question[0].Name = "other.example." })
		}},
		{"no question", func(t *testing.T, q []byte) []byte {
			return answered(t, q, func(m *dns.Msg) { wrong(m); m.Question = nil })
		}},
		{"a question", func(t *testing.T, q []byte) []byte {
			return answered(t, q, func(m *dns.Msg) { wrong(m); m.Response = false })
		}},
		{"a compression pointer to itself", func(_ *testing.T, q []byte) []byte {
			p := append(q[:12:12], 0xc0, 12, 0, 16, 0, 1)
			p[2] |= 0x84
			binary.BigEndian.PutUint16(p[4:], 1)
			binary.BigEndian.PutUint16(p[10:], 0)
			return p
		}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			at := liar(t, func(q []byte) [][]byte { return [][]byte{tc.before(t, q), right(t, q)} })
			c := begun(t, New(Options{Timeout: 20 * time.Second}))
			r, err := c.ask(t.Context(), at, question{name: "t.customer.example", typ: "TXT"})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.answer) != 1 || r.answer[0].Text() != "right" {
				t.Errorf("got %v, want the server's own answer", r.answer)
			}
		})
	}
}

// TestLostPacket drops the first question.
func TestLostPacket(t *testing.T) {
	asked := 0
	at := liar(t, func(q []byte) [][]byte {
		if asked++; asked == 1 {
			return nil
		}
		return [][]byte{answered(t, q, func(*dns.Msg) {})}
	})
	c := begun(t, New(Options{Timeout: 4 * time.Second}))
	r, err := c.ask(t.Context(), at, question{name: "t.customer.example", typ: "TXT"})
	if err != nil || len(r.answer) != 1 {
		t.Errorf("%v %v, want the answer to the second packet", r, err)
	}
}

func TestClosedPort(t *testing.T) {
	l, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.LocalAddr().(*net.UDPAddr).AddrPort()
	l.Close()
	c := begun(t, New(Options{Timeout: 2 * time.Second}))
	if _, err := c.ask(t.Context(), at, question{name: "x.example", typ: "A"}); err == nil {
		t.Error("no error from a closed port")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.ask(ctx, at, question{name: "x.example", typ: "A"}); err != context.Canceled { //nolint:errorlint // it must come back as it is
		t.Errorf("got %v, want the error of the context itself", err)
	}
}

// TestNameErrorWithRecord has an answer that says of one name that it does not
// exist and what it owns.
func TestNameErrorWithRecord(t *testing.T) {
	for data, vague := range map[string]bool{"TXT right": true, "CNAME x.example.": false} {
		at := liar(t, func(q []byte) [][]byte {
			return [][]byte{answered(t, q, func(m *dns.Msg) {
				rr, err := dns.NewRR(m.Question[0].Name + " 60 IN " + data)
				if err != nil {
					t.Error(err)
				}
				m.Rcode, m.Answer = dns.RcodeNameError, []dns.RR{rr}
			})}
		})
		c := begun(t, New(Options{Timeout: 20 * time.Second}))
		s := c.see(t.Context(), at, zone.Key{Name: "t.customer.example", Type: "TXT"}, "customer.example")
		if s.status != Found || s.vague != vague {
			t.Errorf("%s under NXDOMAIN: %+v, want vague %v", data, s, vague)
		}
	}
}

// TestEntryTries bounds the name servers that are looked up one after the other
// for one step of a walk: each of them may cost a timeout.
func TestEntryTries(t *testing.T) {
	var asked atomic.Int32
	at := liar(t, func(q []byte) [][]byte {
		asked.Add(1)
		return [][]byte{answered(t, q, func(m *dns.Msg) { m.Rcode, m.Answer = dns.RcodeRefused, nil })}
	})
	next := level{apex: "customer.example"}
	for i := range 40 {
		ns, err := zone.New(next.apex, "NS", 60, fmt.Sprintf("ns.host%d.example.", i))
		if err != nil {
			t.Fatal(err)
		}
		next.ns = append(next.ns, ns)
	}
	c := begun(t, New(Options{Start: []netip.AddrPort{at}, Timeout: 20 * time.Second}))
	if got := c.entry(t.Context(), next, 0); len(got) != 0 || asked.Load() != maxTries {
		t.Errorf("%d questions, servers %v, want %d and none", asked.Load(), got, maxTries)
	}
}

// FuzzReply reads whatever a server may send: no panic, and nothing found
// whose owner or type was not asked for.
func FuzzReply(f *testing.F) {
	m := new(dns.Msg)
	m.SetQuestion("t.customer.example.", dns.TypeTXT)
	m.Response, m.Authoritative = true, true
	for _, s := range []string{
		`t.customer.example. 60 IN TXT "a" "b"`, "t.customer.example. 60 IN CNAME x.example.",
		"customer.example. 60 IN SOA a. b. 1 2 3 4 5", "customer.example. 60 IN NS ns.customer.example.",
	} {
		rr, err := dns.NewRR(s)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range []*[]dns.RR{&m.Answer, &m.Ns, &m.Extra} {
			*section = []dns.RR{rr}
			p, err := m.Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(p)
		}
	}
	key := zone.Key{Name: "t.customer.example", Type: "TXT"}
	f.Fuzz(func(t *testing.T, packet []byte) {
		r, err := parse(packet)
		if err != nil {
			return
		}
		if owner, ok := referral(r, key.Name, "example"); ok && (!owner.Below("example") || !key.Name.Within(owner)) {
			t.Errorf("a referral to %s on the way from example to %s", owner, key.Name)
		}
		if owner, ok := soaOwner(r, key.Name, "example"); ok && (!owner.Within("example") || !key.Name.Within(owner)) {
			t.Errorf("a zone %s that does not hold %s", owner, key.Name)
		}
		_ = classify(r, key.Name, "example")
		s := sightOf(r, key)
		for _, rec := range s.recs {
			if rec.Name != key.Name || rec.Type != key.Type && rec.Type != "CNAME" {
				t.Errorf("found %v at %v", rec, key)
			}
		}
		rs, _ := judge(evidence{
			expect: Expect{Record: zone.NewTXT(key.Name, 60, "a")}, apex: "customer.example", silent: true,
			servers: []witness{{server: "ns", sights: []sight{s}}},
		})
		if rs.Verdict == Propagated && !zone.Contains(s.recs, zone.NewTXT(key.Name, 60, "a")) {
			t.Errorf("propagated by %v", s.recs)
		}
	})
}

// begun is a call that ends with the test.
func begun(t *testing.T, v *Verifier) *call {
	t.Helper()
	c, end := v.begin()
	t.Cleanup(end)
	return c
}

// TestWalkAgain has a level in the cache whose servers are dead, or refuse, by
// the time they are asked: the walk begins above it.
func TestWalkAgain(t *testing.T) {
	for why, fault := range map[string]verifytest.Fault{"dead": {Drop: true}, "refuse": {Rcode: "REFUSED"}} {
		synctest.Test(t, func(t *testing.T) {
			w := verifytest.New(t, verifytest.Options{
				Memory: true,
				Text: []string{
					"example. 60 SOA a.nic.example. x.example. 1 60 60 60 60\nexample. 60 NS a.nic.example.\na.nic.example. 60 A 127.0.0.9\n" +
						"x.example. 60 NS ns1.x.example.\nns1.x.example. 60 A 127.0.0.1\n",
					"x.example. 60 SOA ns1.x.example. x.example. 1 60 60 60 60\nx.example. 60 NS ns1.x.example.\nns1.x.example. 60 A 127.0.0.1\n",
				},
				Servers: []verifytest.ServerOptions{
					{Name: "a.nic", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.9")}, Zones: []zone.Name{"example"}},
					{Name: "ns1", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Zones: []zone.Name{"x.example"}},
					{Name: "ns2", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.2")}, Zones: []zone.Name{"x.example"}},
				},
			})
			v := New(Options{Start: w.Start(), Map: w.Map, Transport: w})
			v.Lookup(t.Context(), "x.example", "SOA")
			w.Server("ns1").SetFault(fault)
			glue := func(a string) []zone.Record {
				return []zone.Record{zone.NewAddress("ns1.x.example", 60, netip.MustParseAddr(a))}
			}
			w.Change("example", zone.Change{Owner: "ns1.x.example", Remove: glue("127.0.0.1"), Add: glue("127.0.0.2")})
			c, end := v.begin()
			defer end()
			at, err := c.walk(t.Context(), "www.x.example", 1)
			if err != nil || at.err != nil || at.apex != "x.example" || at.cached || at.servers[0].Addr() != netip.MustParseAddr("127.0.0.2") {
				t.Errorf("%s: %+v %v, want the new server", why, at, err)
			}
		})
	}
}
