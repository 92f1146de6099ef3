package verify_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// The zones of a healthy world. Nothing in them is worth more than information.
const (
	faultTLD = `
$ORIGIN example.
$TTL 3600
@ SOA a.nic hostmaster.nic 1 3600 600 86400 300
@ NS a.nic
a.nic A 127.0.0.9
customer NS ns1.customer
customer NS ns2.customer
ns1.customer A 127.0.0.1
ns2.customer A 127.0.0.2
app NS ns1.app
ns1.app A 127.0.0.7
old A 127.0.0.3
`
	faultZone = `
$ORIGIN customer.example.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
@ NS ns2
ns1 A 127.0.0.1
ns2 A 127.0.0.2
www A 192.0.2.10
`
	faultApp = `
$ORIGIN app.example.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
ns1 A 127.0.0.7
edge A 198.51.100.7
edge A 198.51.100.8
`
)

// scene is a world with a fault, and who looks at it. The servers are: a.nic
// with the zone example; ns1 (127.0.0.1) and ns2 (127.0.0.2, ::1) with the
// customer's zone; old (127.0.0.3), a former provider that still has a copy of
// it; and app (127.0.0.7) with the zone app.example.
type scene struct {
	*verifytest.World
	t        *testing.T
	opts     verify.Options
	req      verify.Request
	token    zone.Record // that the request expects, where the case says nothing else
	troubles []string
}

func newScene(t *testing.T, f fault) *scene {
	t.Helper()
	o := verifytest.Options{
		Text:   []string{faultTLD, faultZone, faultApp},
		Memory: !f.sockets,
		Servers: []verifytest.ServerOptions{
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1")}, Zones: []zone.Name{apex, "sub.customer.example"}},
			{Name: "ns2", Addrs: []netip.Addr{addr("127.0.0.2"), addr("::1")}, Zones: []zone.Name{apex, "sub.customer.example"}},
			{Name: "old", Addrs: []netip.Addr{addr("127.0.0.3")}, Zones: []zone.Name{apex}},
			{Name: "app", Addrs: []netip.Addr{addr("127.0.0.7")}, Zones: []zone.Name{"app.example"}},
		},
	}
	if f.build != nil {
		f.build(&o)
	}
	s := &scene{World: verifytest.New(t, o), t: t, token: record(t, "_token", "TXT", `"token=1"`)}
	s.opts = verify.Options{Start: s.Start(), Map: s.Map}
	if f.sockets {
		// So that a busy machine makes nobody look dead.
		s.opts.Timeout = 20 * time.Second
	} else {
		s.opts.Transport = s.World
	}
	s.expect(verify.Expect{Record: s.token})
	return s
}

func (s *scene) expect(e ...verify.Expect) { s.req.Expect = e }

func (s *scene) trouble(format string, args ...any) {
	s.troubles = append(s.troubles, fmt.Sprintf(format, args...))
}

func (s *scene) check() verify.Report {
	r, err := verify.New(s.opts).Check(s.t.Context(), s.req)
	if err != nil {
		s.trouble("%v", err)
	}
	return r
}

// rec is a record of the customer's zone; a name at the end of its data that
// ends without a dot is one of that zone too.
func (s *scene) rec(host, typ, data string) zone.Record {
	if slices.Contains([]string{"CNAME", "MX", "NS", "SRV"}, typ) && !strings.HasSuffix(data, ".") {
		data += "." + apex.FQDN()
	}
	return record(s.t, host, typ, data)
}

// put writes records to the zone they belong to, with a new serial each.
func (s *scene) put(recs ...zone.Record) {
	for _, r := range recs {
		s.Change(s.zoneOf(r.Name), zone.Change{Owner: r.Name, Add: []zone.Record{r}})
	}
}

func (s *scene) drop(recs ...zone.Record) {
	for _, r := range recs {
		s.Change(s.zoneOf(r.Name), zone.Change{Owner: r.Name, Remove: []zone.Record{r}})
	}
}

func (s *scene) zoneOf(name zone.Name) zone.Name {
	for n := name; ; n = n.Parent() {
		if s.Zone(n).Zone != "" {
			return n
		}
	}
}

// registry is what the registrar writes into the zone example.
func (s *scene) registry(add, remove []zone.Record) {
	for _, r := range add {
		s.Change("example", zone.Change{Owner: r.Name, Add: []zone.Record{r}})
	}
	for _, r := range remove {
		s.Change("example", zone.Change{Owner: r.Name, Remove: []zone.Record{r}})
	}
}

// ill puts the token and gives ns2 a fault.
func ill(f verifytest.Fault) func(*scene) {
	return func(s *scene) {
		s.put(s.token)
		s.Server("ns2").SetFault(f)
	}
}

// allIll puts the token and gives both servers a fault.
func allIll(f verifytest.Fault) func(*scene) {
	return func(s *scene) {
		s.put(s.token)
		s.Server("ns1").SetFault(f)
		s.Server("ns2").SetFault(f)
	}
}

// holding puts records and expects them all.
func holding(recs ...func(*scene) zone.Record) func(*scene) {
	return func(s *scene) {
		s.expect()
		for _, r := range recs {
			s.put(r(s))
			s.req.Expect = append(s.req.Expect, verify.Expect{Record: r(s)})
		}
	}
}

func rr(host, typ, data string) func(*scene) zone.Record {
	return func(s *scene) zone.Record { return s.rec(host, typ, data) }
}

// soundFaults are healthy worlds: nothing may be found in them.
func soundFaults() []fault {
	return []fault{
		{kind: "TXT", harm: func(s *scene) { s.put(s.token) }, want: verify.Propagated},
		{kind: "TXT over sockets", sockets: true, harm: func(s *scene) { s.put(s.token) }, want: verify.Propagated},
		{kind: "A", harm: holding(rr("www", "A", "192.0.2.10")), want: verify.Propagated},
		{kind: "MX", harm: holding(rr("@", "MX", "10 www"), rr("@", "MX", "20 www.app.example.")), want: verify.Propagated},
		{kind: "CAA", harm: holding(rr("@", "CAA", `0 issue "ca.example"`)), want: verify.Propagated},
		{kind: "SRV", harm: holding(rr("_sip._tcp", "SRV", "1 2 5060 www")), want: verify.Propagated},
		{kind: "CNAME", harm: holding(rr("shop", "CNAME", "edge.app.example.")), want: verify.Propagated},
		{kind: "name server", harm: holding(rr("@", "NS", "ns1"), rr("@", "NS", "ns2")), want: verify.Propagated},
		{kind: "gone", harm: func(s *scene) { s.expect(verify.Expect{Record: s.token, Gone: true}) }, want: verify.Propagated},
		{kind: "several TXT", harm: func(s *scene) { s.put(s.token, s.rec("_token", "TXT", `"other=2"`)) }, want: verify.Propagated},
		{kind: "long TXT", harm: func(s *scene) {
			long := zone.NewTXT("long."+apex, 60, strings.Repeat("0123456789", 40))
			s.put(long)
			s.expect(verify.Expect{Record: long})
		}, want: verify.Propagated},
		{kind: "a slow server", harm: ill(verifytest.Fault{Delay: 300 * time.Millisecond}), want: verify.Propagated},
		{kind: "over IPv6 too", harm: func(s *scene) {
			s.registry([]zone.Record{s.rec("ns2", "AAAA", "::1")}, nil)
			s.put(s.token, s.rec("ns2", "AAAA", "::1"))
		}, want: verify.Propagated},
		{kind: "a server that repeats itself", sockets: true, harm: ill(verifytest.Fault{Repeat: 2, Reorder: time.Millisecond}), want: verify.Propagated},
		{kind: "a server that keeps addresses to itself", harm: ill(verifytest.Fault{Minimal: true}), want: verify.Propagated},
		{kind: "two records", harm: func(s *scene) {
			s.put(s.token)
			s.expect(verify.Expect{Record: s.token}, verify.Expect{Record: s.rec("www", "A", "192.0.2.10")})
		}, want: verify.Propagated},
	}
}

// lagging wants the report to be held back by those.
func (s *scene) lagging(r verify.Report, want ...string) {
	if got := r.Lagging(); !slices.Equal(got, want) {
		s.trouble("lagging %q, want %q", got, want)
	}
}
