package verifytest_test

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const zoneText = `
$ORIGIN customer.example.
$TTL 3600
@ SOA ns1 hostmaster 10 3600 600 86400 300
@ NS ns1
@ NS ns2
ns1 A 127.0.0.1
ns2 A 127.0.0.2
@ TXT "v=spf1 -all"
@ TXT "two " "strings"
www A 192.0.2.10
blog CNAME www
out CNAME edge.app.example.
loop1 CNAME loop2
loop2 CNAME loop1
* A 192.0.2.99
_sip._tcp SRV 1 2 5060 www
*.mail MX 10 www
a.*.deep A 192.0.2.5
sub NS ns.sub
ns.sub A 192.0.2.53
`

// client asks one server. Deadlines are generous: they end a broken test, they
// measure nothing.
type client struct {
	t   *testing.T
	srv *verifytest.Server
	net string
	key *verifytest.Key
}

func (c client) do(m *dns.Msg) (*dns.Msg, error) {
	c.t.Helper()
	d := dns.Client{Net: c.net, Timeout: 20 * time.Second}
	if c.key != nil {
		d.TsigSecret = map[string]string{c.key.Name: c.key.Secret}
		m.SetTsig(c.key.Name, dns.HmacSHA256, 300, time.Now().Unix())
	}
	r, _, err := d.Exchange(m, c.srv.Addr().String())
	return r, err
}

func (c client) ask(name, typ string) *dns.Msg {
	c.t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), dns.StringToType[typ])
	m.SetEdns0(1232, false)
	r, err := c.do(m)
	if err != nil {
		c.t.Fatalf("%s %s: %v", name, typ, err)
	}
	return r
}

// show is an answer in one line: rcode, flags, answer, authority.
func show(m *dns.Msg) string {
	out := dns.RcodeToString[m.Rcode]
	if m.Authoritative {
		out += " aa"
	}
	if m.Truncated {
		out += " tc"
	}
	for i, section := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		for _, rr := range section {
			if rr.Header().Rrtype == dns.TypeOPT {
				continue
			}
			rec, err := zone.FromRR(rr)
			if err != nil {
				return err.Error()
			}
			out += fmt.Sprintf("; %c %s %s %s", "anx"[i], rec.Name.Rel("customer.example"), rec.Type, rec.Data)
		}
	}
	return out
}

const soa = `; n @ SOA ns1.customer.example. hostmaster.customer.example. 10 3600 600 86400 300`

func TestAnswers(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	for _, tc := range []struct{ why, name, typ, want string }{
		{"plain", "www.customer.example", "A", "NOERROR aa; a www A 192.0.2.10"},
		{"any case", "WWW.Customer.Example", "A", "NOERROR aa; a www A 192.0.2.10"},
		{"several TXT keep their borders", "customer.example", "TXT", `NOERROR aa; a @ TXT "two " "strings"; a @ TXT "v=spf1 -all"`},
		{"NODATA", "www.customer.example", "AAAA", "NOERROR aa" + soa},
		{"empty non-terminal", "_tcp.customer.example", "A", "NOERROR aa" + soa},
		{"wildcard", "x.y.customer.example", "A", "NOERROR aa; a x.y A 192.0.2.99"},
		{"wildcard of another type", "x.customer.example", "TXT", "NOERROR aa" + soa},
		{"wildcard itself", "*.customer.example", "A", "NOERROR aa; a * A 192.0.2.99"},
		{"an existing name stops the wildcard", "x.www.customer.example", "A", "NXDOMAIN aa" + soa},
		{"an empty non-terminal stops it too", "x._tcp.customer.example", "A", "NXDOMAIN aa" + soa},
		{"closest wildcard only", "x.mail.customer.example", "A", "NOERROR aa" + soa},
		{"closest wildcard", "x.mail.customer.example", "MX", "NOERROR aa; a x.mail MX 10 www.customer.example."},
		{"wildcard that is an empty non-terminal", "x.deep.customer.example", "A", "NOERROR aa" + soa},
		{"CNAME inside", "blog.customer.example", "A", "NOERROR aa; a blog CNAME www.customer.example.; a www A 192.0.2.10"},
		{"CNAME asked for", "blog.customer.example", "CNAME", "NOERROR aa; a blog CNAME www.customer.example."},
		{"CNAME out of the zone", "out.customer.example", "A", "NOERROR aa; a out CNAME edge.app.example."},
		{"CNAME loop ends", "loop1.customer.example", "A", "NOERROR aa; a loop1 CNAME loop2.customer.example.; a loop2 CNAME loop1.customer.example."},
		{"referral", "x.sub.customer.example", "A", "NOERROR; n sub NS ns.sub.customer.example.; x ns.sub A 192.0.2.53"},
		{"DS is the parent's", "sub.customer.example", "DS", "NOERROR aa" + soa},
		{"not ours", "app.example", "A", "REFUSED"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			for _, srv := range w.Servers() {
				for _, network := range []string{"udp", "tcp"} {
					got := show(client{t: t, srv: srv, net: network}.ask(tc.name, tc.typ))
					if diff := cmp.Diff(tc.want, got); diff != "" {
						t.Errorf("%s %s %s at %s over %s (-want +got):\n%s", tc.why, tc.name, tc.typ, srv.Name(), network, diff)
					}
				}
			}
		})
	}
	t.Run("negative TTL", func(t *testing.T) {
		r := client{t: t, srv: w.Server("ns1")}.ask("www.customer.example", "AAAA")
		if ttl := r.Ns[0].Header().Ttl; ttl != 300 {
			t.Errorf("TTL of the SOA in a negative answer is %d, want 300 (RFC 2308 section 3)", ttl)
		}
	})
}

func TestSizes(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	change := zone.Change{Owner: "big.customer.example"}
	for i := range 40 {
		change.Add = append(change.Add, zone.NewTXT(change.Owner, 60, fmt.Sprintf("%02d-%s", i, strings.Repeat("x", 60))))
	}
	w.Change("customer.example", change)
	udp, tcp := client{t: t, srv: w.Server("ns2")}, client{t: t, srv: w.Server("ns2"), net: "tcp"}
	if r := udp.ask("big.customer.example", "TXT"); !r.Truncated || r.IsEdns0() == nil || len(r.Answer) == 40 {
		t.Errorf("UDP: tc=%v opt=%v %d records, want a truncated answer with EDNS", r.Truncated, r.IsEdns0(), len(r.Answer))
	}
	if r := tcp.ask("big.customer.example", "TXT"); r.Truncated || len(r.Answer) != 40 {
		t.Errorf("TCP: tc=%v and %d records, want all 40", r.Truncated, len(r.Answer))
	}
	m := new(dns.Msg)
	m.SetQuestion("customer.example.", dns.TypeTXT)
	m.SetEdns0(1232, false)
	m.IsEdns0().SetVersion(1)
	r, err := udp.do(m)
	if err != nil {
		t.Fatal(err)
	}
	if r.Rcode != dns.RcodeBadVers {
		t.Errorf("EDNS version 1: %s, want BADVERS", dns.RcodeToString[r.Rcode])
	}
}

func TestFaults(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	srv := w.Server("ns2")
	c := client{t: t, srv: srv}
	for _, tc := range []struct {
		why   string
		fault verifytest.Fault
		want  string
	}{
		{"healthy", verifytest.Fault{}, "NOERROR aa; a www A 192.0.2.10"},
		{"rcode", verifytest.Fault{Rcode: "SERVFAIL"}, "SERVFAIL"},
		{"aa=0", verifytest.Fault{NotAuthoritative: true}, "NOERROR; a www A 192.0.2.10"},
		{"upward", verifytest.Fault{Upward: true}, "NOERROR; n . NS a.root-servers.net."},
		{"no EDNS", verifytest.Fault{NoEDNS: true}, "FORMERR"},
		{"delay", verifytest.Fault{Delay: time.Millisecond}, "NOERROR aa; a www A 192.0.2.10"},
	} {
		srv.SetFault(tc.fault)
		got := show(c.ask("www.customer.example", "A"))
		if got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.why, got, tc.want)
		}
	}
	t.Run("drop", func(t *testing.T) {
		srv.SetFault(verifytest.Fault{Drop: true})
		m := new(dns.Msg)
		m.SetQuestion("www.customer.example.", dns.TypeA)
		_, _, err := (&dns.Client{Timeout: 50 * time.Millisecond}).Exchange(m, srv.Addr().String())
		if ne := net.Error(nil); !errors.As(err, &ne) || !ne.Timeout() {
			t.Errorf("got %v, want a timeout", err)
		}
	})
	t.Run("frozen, flapping, thawed", func(t *testing.T) {
		srv.SetFault(verifytest.Fault{})
		srv.Freeze()
		added := zone.NewTXT("new.customer.example", 60, "hello")
		w.Change("customer.example", zone.Change{Owner: added.Name, Add: []zone.Record{added}})
		if r := c.ask("new.customer.example", "TXT"); len(r.Answer) != 0 {
			t.Errorf("a frozen server serves the new record")
		}
		if r := (client{t: t, srv: w.Server("ns1")}).ask("new.customer.example", "TXT"); len(r.Answer) != 1 {
			t.Errorf("the primary does not serve the new record")
		}
		srv.SetFault(verifytest.Fault{Flap: true})
		var seen []int
		for range 4 {
			seen = append(seen, len(c.ask("new.customer.example", "TXT").Answer))
		}
		if slices.Sort(seen); !slices.Equal(seen, []int{0, 0, 1, 1}) {
			t.Errorf("a flapping server gave %v records in four answers, want half of them empty", seen)
		}
		srv.SetFault(verifytest.Fault{})
		srv.Thaw()
		if r := c.ask("new.customer.example", "TXT"); len(r.Answer) != 1 {
			t.Errorf("a thawed server does not serve the new record")
		}
	})
}

func TestStartRefuses(t *testing.T) {
	for why, o := range map[string]verifytest.Options{
		"no zone":     {},
		"no SOA":      {Text: []string{"$ORIGIN x.example.\n@ 60 A 192.0.2.1\n"}},
		"broken text": {Text: []string{"$ORIGIN x.example.\n@ 60 A nonsense\n"}},
		"algorithm":   {Text: []string{zoneText}, Keys: []verifytest.Key{{Name: "k", Algorithm: "rot13"}}},
		"secret":      {Text: []string{zoneText}, Keys: []verifytest.Key{{Name: "k", Secret: "not base64!"}}},
	} {
		if w, err := verifytest.Start(o); err == nil {
			w.Close()
			t.Errorf("%s: no error", why)
		}
	}
}

func TestMap(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	for _, r := range slices.Concat(w.Zone("customer.example").Set("ns1.customer.example", "A"), w.Zone("customer.example").Set("ns2.customer.example", "A")) {
		a, _ := r.Addr()
		if got, want := w.Map(a), w.Server(r.Name.Label()).Addr(); got != want {
			t.Errorf("Map(%v) = %v, want %v", a, got, want)
		}
	}
	r := w.Zone("customer.example").Set("www.customer.example", "A")[0]
	if a, _ := r.Addr(); w.Map(a).IsValid() {
		t.Errorf("Map(%v) = %v, want the zero AddrPort for an address of no server", a, w.Map(a))
	}
}
