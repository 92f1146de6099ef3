package verify

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
)

// twin is a sound delegation to two servers of two addresses each.
func twin() Delegation {
	d := Delegation{Apex: "customer.example", SOA: SOA{Serial: 1, Refresh: 3600}}
	for i, host := range []zone.Name{"ns1.customer.example", "ns2.customer.example"} {
		four, six := netip.AddrFrom4([4]byte{8, 8, 8, byte(i)}), netip.MustParseAddr("2600::1")
		if i == 1 {
			six = six.Next()
		}
		d.Parent, d.Child = append(d.Parent, host), append(d.Child, host)
		d.Hosts = append(d.Hosts, Host{Name: host, Glue: []netip.Addr{four, six}, Addrs: []netip.Addr{four, six}})
		for _, a := range []netip.Addr{four, six} {
			d.Servers = append(d.Servers, Server{Name: host, Addr: a, Parent: true, Child: true, State: Sound, Serial: 1})
		}
	}
	return d
}

// TestDiagnose has one fault in a delegation that is sound otherwise: what is
// found, of whom, and with a hint.
func TestDiagnose(t *testing.T) {
	dead := func(s *Server) { s.State, s.Trouble, s.Serial, s.Err = Dead, CodeDead, 0, "no answer in time" }
	lame := func(code Code) func(*Delegation) {
		return func(d *Delegation) { d.Servers[0].State, d.Servers[0].Trouble, d.Servers[0].Err = Lame, code, "why" }
	}
	manner := func(m Manner) func(*Delegation) { return func(d *Delegation) { d.Servers[3].Manner = m } }
	const ns1, ns1v4, ns1v6, ns2v6 = "ns1.customer.example", "ns1.customer.example (8.8.8.0)", "ns1.customer.example (2600::1)", "ns2.customer.example (2600::2)"
	for _, tc := range []struct {
		why  string
		harm func(*Delegation)
		want []string // code, severity and server
		says string   // in the detail and hint of the first
	}{
		{"sound", func(*Delegation) {}, nil, ""},
		{"refuses", lame(CodeLameRefused), []string{"NS_LAME_REFUSED warning " + ns1v4}, "why"},
		{"fails", lame(CodeLameServfail), []string{"NS_LAME_SERVFAIL warning " + ns1v4}, "why"},
		{"refers upwards", lame(CodeLameUpward), []string{"NS_LAME_UPWARD warning " + ns1v4}, "why"},
		{"no authority", lame(CodeLameAA0), []string{"NS_LAME_AA0 warning " + ns1v4}, "why"},
		{"lame otherwise", lame(CodeLame), []string{"NS_LAME warning " + ns1v4}, "why"},
		{"dead over IPv4", func(d *Delegation) { dead(&d.Servers[0]) }, []string{"NS_DEAD warning " + ns1v4}, "no answer over IPv4: no answer in time; it answers over IPv6"},
		{"dead over IPv6", func(d *Delegation) { dead(&d.Servers[1]) }, []string{"NS_DEAD warning " + ns1v6}, "no answer over IPv6: no answer in time; it answers over IPv4"},
		{"dead", func(d *Delegation) { dead(&d.Servers[0]); dead(&d.Servers[1]) }, []string{"NS_DEAD warning " + ns1}, "no answer over IPv4 or IPv6"},
		{"no route", func(d *Delegation) { dead(&d.Servers[1]); d.Servers[1].Trouble = CodeNoRoute }, []string{"NS_NO_ROUTE info " + ns1v6}, ""},
		{"unknown", func(d *Delegation) { d.Servers[1].State, d.Servers[1].Trouble = Unknown, CodeUnknown }, []string{"NS_UNKNOWN warning " + ns1v6}, ""},
		{"private", func(d *Delegation) { dead(&d.Servers[0]); d.Servers[0].Private = true }, []string{"NS_PRIVATE_ADDR warning " + ns1v4}, "none of the Internet's"},
		{"no such name", func(d *Delegation) {
			d.Servers, d.Hosts[0] = d.Servers[2:], Host{Name: ns1, Gone: true, Err: "its name does not exist"}
		}, []string{"NS_NAME_NXDOMAIN warning " + ns1}, ""},
		{"no address", func(d *Delegation) {
			d.Servers, d.Hosts[0] = d.Servers[2:], Host{Name: ns1, Err: "it has no address"}
		}, []string{"NS_NO_ADDRESS warning " + ns1}, "it has no address → the name server is named for the zone and has no address: add"},
		{"an address that nobody could give", func(d *Delegation) {
			d.Servers, d.Hosts[0] = d.Servers[2:], Host{Name: ns1, Failed: true, Err: "no answer in time"}
		}, []string{"NS_NO_ADDRESS warning " + ns1}, "no answer in time → the name server's address could not be learned: look again"},
		{"nobody names a server", func(d *Delegation) { *d = Delegation{Apex: d.Apex, Err: "no server answers for customer.example."} }, []string{"NS_UNKNOWN error "}, "nobody who was asked names its name servers"},
		{"no start server answers", func(d *Delegation) { *d = Delegation{Err: "no answer in time"} }, nil, ""}, // said where that is found out
		{"an alias", func(d *Delegation) { d.Hosts[0].Alias = true }, []string{"NS_IS_CNAME warning " + ns1}, ""},
		{"not looked up", func(d *Delegation) { d.Hosts[0] = Host{Name: ns1, Unasked: true} }, nil, ""},
		{"other glue", func(d *Delegation) { d.Hosts[0].Addrs = d.Hosts[0].Addrs[1:] }, []string{"GLUE_MISMATCH warning " + ns1}, "the parent zone gives 8.8.8.0, 2600::1, the zone itself 2600::1"},
		{"less glue", func(d *Delegation) { d.Hosts[0].Glue = d.Hosts[0].Glue[1:] }, nil, ""},
		{"glue, and nobody to compare it with", func(d *Delegation) { d.Hosts[0].Addrs, d.Hosts[0].Failed = nil, true }, nil, ""},
		{"more at the parent", func(d *Delegation) { d.Child = d.Child[1:] }, []string{"NS_PARENT_EXTRA warning " + ns1}, ""},
		{"more in the zone", func(d *Delegation) { d.Parent = d.Parent[1:] }, []string{"NS_CHILD_EXTRA warning " + ns1}, ""},
		{"nothing in common", func(d *Delegation) { d.Parent, d.Child = d.Parent[:1], d.Child[1:] }, []string{"NS_DISJOINT warning ns1.customer.example ns2.customer.example"}, ""},
		{"no parent known", func(d *Delegation) { d.Parent = nil }, nil, ""},
		{"parent servers differ", func(d *Delegation) {
			d.Referrals = []Referral{
				{Server: netip.MustParseAddrPort("9.9.9.1:53"), NS: d.Parent},
				{Server: netip.MustParseAddrPort("9.9.9.2:53"), NS: d.Parent[1:]},
			}
		}, []string{"NS_PARENT_EXTRA info 9.9.9.2"}, "does not name ns1.customer.example"},
		{"another serial", func(d *Delegation) { d.Servers[1].Serial = 0 }, []string{"SERIAL_DIFFERS info " + ns1v6}, "serial 0, another server has 1"},
		{"no EDNS", manner(Manner{NoEDNS: true}), []string{"EDNS_FORMERR info " + ns2v6}, ""},
		{"EDNS dropped", manner(Manner{DropsEDNS: true}), []string{"EDNS_DROP info " + ns2v6}, ""},
		{"over TCP", manner(Manner{OverTCP: true}), []string{"TC_OK info " + ns2v6}, ""},
		{"not over TCP", manner(Manner{NoTCP: true}), []string{"TC_NO_TCP warning " + ns2v6}, ""},
		{"rate limited", manner(Manner{RateLimited: true}), []string{"TC_RRL info " + ns2v6}, ""},
		{"other case", manner(Manner{CaseMangled: true}), []string{"CASE_MANGLED info " + ns2v6}, ""},
		{"spoofed", manner(Manner{Spoofed: 3}), []string{"SPOOFED warning " + ns2v6}, "3 messages"},
		{"garbage", manner(Manner{Garbage: 1}), []string{"GARBAGE warning " + ns2v6}, "1 message"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			d := twin()
			tc.harm(&d)
			found := d.diagnose()
			var got []string
			for _, f := range found {
				got = append(got, string(f.Code)+" "+string(f.Severity)+" "+f.Server)
				if f.Hint == "" || f.Detail == "" && f.Code != CodeUnknown {
					t.Errorf("%+v: no hint or no detail", f)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(found) > 0 {
				if says := found[0].Detail + " → " + found[0].Hint; !strings.Contains(says, tc.says) {
					t.Errorf("%q, want %q in it", says, tc.says)
				}
			}
			if again := d.diagnose(); !slices.Equal(found, again) {
				t.Errorf("a second diagnosis is another one: %v, then %v", found, again)
			}
		})
	}
}

// TestClassify is what is wrong with replies to a question about
// www.customer.example put to a server of customer.example.
func TestClassify(t *testing.T) {
	rec := func(name, typ, data string) []zone.Record {
		r, err := zone.New(zone.Name(name), typ, 60, data)
		if err != nil {
			t.Fatal(err)
		}
		return []zone.Record{r}
	}
	soa := "a. b. 1 2 3 4 5"
	for _, tc := range []struct {
		why  string
		r    reply
		want Code
	}{
		{"answer", reply{rcode: "NOERROR", aa: true, answer: rec("www.customer.example", "A", "192.0.2.1")}, ""},
		{"denial", reply{rcode: "NXDOMAIN", aa: true, authority: rec("customer.example", "SOA", soa)}, ""},
		{"referral down", reply{rcode: "NOERROR", authority: rec("www.customer.example", "NS", "ns.x.example.")}, ""},
		{"refuses", reply{rcode: "REFUSED", aa: true}, CodeLameRefused},
		{"fails", reply{rcode: "SERVFAIL"}, CodeLameServfail},
		{"does not know the opcode", reply{rcode: "NOTIMP"}, CodeLame},
		{"to the root", reply{rcode: "NOERROR", authority: rec(".", "NS", "a.root-servers.net.")}, CodeLameUpward},
		{"to the zone above", reply{rcode: "NOERROR", authority: rec("example", "NS", "a.nic.example.")}, CodeLameUpward},
		{"to itself", reply{rcode: "NOERROR", authority: rec("customer.example", "NS", "ns.x.example.")}, CodeLameAA0},
		{"without authority", reply{rcode: "NOERROR", answer: rec("www.customer.example", "A", "192.0.2.1")}, CodeLameAA0},
		{"from the zone above", reply{rcode: "NXDOMAIN", aa: true, authority: rec("example", "SOA", soa)}, CodeLame},
	} {
		err := classify(tc.r, "www.customer.example", "customer.example")
		l := new(lameness)
		if errors.As(err, &l); l.code != tc.want || (err == nil) != (tc.want == "") {
			t.Errorf("%s: %v %q, want %q", tc.why, err, l.code, tc.want)
		}
	}
}

// TestGround is which addresses of name servers are none of the Internet's.
func TestGround(t *testing.T) {
	at := func(s string) []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort(s)} }
	mapped := func(a netip.Addr) netip.AddrPort { return netip.AddrPortFrom(a, 53) }
	for _, tc := range []struct {
		why     string
		o       Options
		addr    string
		private bool
		asked   bool
	}{
		{"the Internet", Options{}, "8.8.8.8", false, true},
		{"the Internet, IPv6", Options{}, "2600::1", false, true},
		{"loopback", Options{}, "127.0.0.1", true, false},
		{"loopback, IPv6", Options{}, "::1", true, false},
		{"loopback in IPv6", Options{}, "::ffff:127.0.0.1", true, false},
		{"cloud metadata", Options{}, "169.254.169.254", true, false},
		{"site", Options{}, "10.1.2.3", true, false},
		{"site, IPv6", Options{}, "fd00::1", true, false},
		{"carrier", Options{}, "100.64.0.1", true, false},
		{"example", Options{}, "192.0.2.1", true, false},
		{"multicast", Options{}, "224.0.0.251", true, false},
		{"nothing", Options{}, "0.0.0.0", true, false},
		{"loopback of a set-up of its own", Options{Start: at("127.0.0.1:5353")}, "127.0.0.2", false, true},
		{"site beside such a set-up", Options{Start: at("127.0.0.1:5353")}, "10.1.2.3", true, true},
		{"site that it starts in", Options{Start: at("10.0.0.1:53")}, "10.1.2.3", false, true},
		{"example with a map", Options{Map: mapped}, "2001:db8::53", false, true},
		{"site with a map", Options{Map: mapped}, "192.168.0.1", true, true},
		{"a start on the Internet", Options{Start: at("8.8.8.8:53")}, "127.0.0.1", true, false},
	} {
		v, a := New(tc.o), netip.MustParseAddr(tc.addr)
		if private, asked := v.ground.private(a), v.reach(a).IsValid(); private != tc.private || asked != tc.asked {
			t.Errorf("%s: %s private %v, asked %v; want %v and %v", tc.why, tc.addr, private, asked, tc.private, tc.asked)
		}
	}
}
