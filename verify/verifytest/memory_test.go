package verifytest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/verify/verifytest"
)

// query is a question as a verifier puts it.
func query(name, typ string, change ...func(*dns.Msg)) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), dns.StringToType[typ])
	m.RecursionDesired = false
	m.SetEdns0(1232, false)
	for _, f := range change {
		f(m)
	}
	return m
}

// exchange is one message through the World, without a socket.
func exchange(ctx context.Context, t *testing.T, w *verifytest.World, network string, at netip.AddrPort, m *dns.Msg) (*dns.Msg, error) {
	t.Helper()
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Exchange(ctx, network, at, raw)
	if err != nil {
		return nil, err
	}
	r := new(dns.Msg)
	if err := r.Unpack(out); err != nil {
		return nil, err
	}
	return r, nil
}

func memory(t *testing.T, o verifytest.Options) *verifytest.World {
	t.Helper()
	o.Memory = true
	if len(o.Zones)+len(o.Text) == 0 {
		o.Text = []string{zoneText}
	}
	return verifytest.New(t, o)
}

func TestMemoryAnswersLikeSockets(t *testing.T) {
	mem, sockets := memory(t, verifytest.Options{}), verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	for _, q := range [][2]string{
		{"www.customer.example", "A"},
		{"customer.example", "NS"},
		{"x.www.customer.example", "TXT"},
		{"x.sub.customer.example", "A"},
		{"blog.customer.example", "A"},
		{"app.example", "A"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			got, err := exchange(t.Context(), t, mem, network, mem.Server("ns2").Addr(), query(q[0], q[1]))
			if err != nil {
				t.Fatal(err)
			}
			want := show(client{t: t, srv: sockets.Server("ns2"), net: network}.ask(q[0], q[1]))
			if show(got) != want {
				t.Errorf("%v over %s: in memory %s, over sockets %s", q, network, show(got), want)
			}
		}
	}
	if got, want := mem.Map(netip.MustParseAddr("127.0.0.2")), netip.MustParseAddrPort("127.0.0.2:53"); got != want {
		t.Errorf("Map in memory: got %v, want %v", got, want)
	}
	if got := mem.Queries(); got != 12 {
		t.Errorf("the servers heard %d messages, want 12", got)
	}
}

func TestMemoryTime(t *testing.T) {
	outside := memory(t, verifytest.Options{}) // older than any bubble
	synctest.Test(t, func(t *testing.T) {
		for _, w := range []*verifytest.World{outside, memory(t, verifytest.Options{})} {
			ns1, q := w.Server("ns1"), query("www.customer.example", "A")
			for _, tc := range []struct {
				why   string
				fault verifytest.Fault
				at    netip.AddrPort
				net   string
				want  time.Duration
				err   error
			}{
				{"at once", verifytest.Fault{}, ns1.Addr(), "udp", 0, nil},
				{"late", verifytest.Fault{Delay: 300 * time.Millisecond}, ns1.Addr(), "udp", 300 * time.Millisecond, nil},
				{"too late", verifytest.Fault{Delay: time.Minute}, ns1.Addr(), "udp", 5 * time.Second, context.DeadlineExceeded},
				{"silent", verifytest.Fault{Drop: true}, ns1.Addr(), "udp", 5 * time.Second, context.DeadlineExceeded},
				{"silent over TCP", verifytest.Fault{NoTCP: true}, ns1.Addr(), "tcp", 5 * time.Second, context.DeadlineExceeded},
				{"hangs up", verifytest.Fault{HangUp: true, Delay: time.Second}, ns1.Addr(), "tcp", time.Second, io.EOF},
				{"nobody there", verifytest.Fault{}, netip.MustParseAddrPort("192.0.2.1:53"), "udp", 5 * time.Second, context.DeadlineExceeded},
			} {
				ns1.SetFault(tc.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				began := time.Now()
				_, err := exchange(ctx, t, w, tc.net, tc.at, q)
				cancel()
				if got := time.Since(began); got != tc.want || !errors.Is(err, tc.err) {
					t.Errorf("%s: %v after %v, want %v after %v", tc.why, err, got, tc.err, tc.want)
				}
			}
		}
	})
}

func TestMemoryUpdate(t *testing.T) {
	key := verifytest.Key{Name: "k.example.", Secret: "c2VjcmV0c2VjcmV0"}
	w := memory(t, verifytest.Options{Keys: []verifytest.Key{key}})
	update := new(dns.Msg)
	update.SetUpdate("customer.example.")
	rr, err := dns.NewRR("new.customer.example. 60 IN TXT hello")
	if err != nil {
		t.Fatal(err)
	}
	update.Insert([]dns.RR{rr})
	if r, err := exchange(t.Context(), t, w, "udp", w.Server("ns1").Addr(), update.Copy()); err != nil || r.Rcode != dns.RcodeRefused {
		t.Errorf("an UPDATE without a signature: %v, %v, want REFUSED", r, err)
	}
	update.SetTsig(key.Name, dns.HmacSHA256, 300, time.Now().Unix())
	raw, mac, err := dns.TsigGenerate(update, key.Secret, "", false)
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Exchange(t.Context(), "tcp", w.Server("ns1").Addr(), raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := dns.TsigVerify(out, key.Secret, mac, false); err != nil {
		t.Errorf("the signature of the answer: %v", err)
	}
	if got := w.Zone("customer.example").Set("new.customer.example", "TXT"); len(got) != 1 {
		t.Errorf("after the UPDATE the zone has %v, want one record", got)
	}
}

func TestMemoryRefuses(t *testing.T) {
	if w, err := verifytest.Start(verifytest.Options{Memory: true, Text: []string{zoneText}, Servers: []verifytest.ServerOptions{{Name: "ns1"}}}); err == nil {
		w.Close()
		t.Errorf("a server in memory without an address was started")
	}
	w := memory(t, verifytest.Options{})
	at := w.Server("ns1").Addr()
	if _, err := w.Exchange(t.Context(), "udp", at, []byte("nonsense")); err == nil {
		t.Errorf("a message that cannot be read: no error")
	}
	if _, err := exchange(t.Context(), t, w, "quic", at, query("customer.example", "A")); err == nil {
		t.Errorf("an unknown network: no error")
	}
	w.Close()
	if _, err := exchange(t.Context(), t, w, "udp", at, query("customer.example", "A")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: got %v, want %v", err, net.ErrClosed)
	}
}

func TestHeard(t *testing.T) {
	var heard []verifytest.Heard
	w := memory(t, verifytest.Options{
		Heard:     func(h verifytest.Heard) { heard = append(heard, h) },
		Resolvers: []verifytest.ResolverOptions{{Name: "isp", Addr: netip.MustParseAddr("127.0.0.53")}},
	})
	for _, at := range []netip.AddrPort{w.Server("ns2").Addr(), w.Resolver("isp").Addr()} {
		if _, err := exchange(t.Context(), t, w, "udp", at, query("WWW.customer.example", "TXT", recurse)); err != nil {
			t.Fatal(err)
		}
	}
	want := []verifytest.Heard{
		{Host: "ns2", Addr: netip.MustParseAddr("127.0.0.2"), Network: "udp", Name: "www.customer.example", Type: "TXT", EDNS: true},
		{Host: "isp", Addr: netip.MustParseAddr("127.0.0.53"), Network: "udp", Name: "www.customer.example", Type: "TXT", EDNS: true},
	}
	if len(heard) != 2 || heard[0] != want[0] || heard[1] != want[1] {
		t.Errorf("heard %v, want %v: what a resolver asks in turn is not told", heard, want)
	}
}

func recurse(m *dns.Msg) { m.RecursionDesired = true }
