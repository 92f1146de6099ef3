package verify_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

func TestDelegation(t *testing.T) {
	w := world(t)
	servers := []zone.Name{"ns1.customer.example", "ns2.customer.example"}
	want := verify.Delegation{
		Apex: apex, Parent: servers, Child: servers,
		SOA: verify.SOA{MName: "ns1.customer.example", RName: "hostmaster.customer.example", Serial: 2026010101, Refresh: 3600, NegativeTTL: 300},
		Servers: []verify.Server{
			{Name: servers[0], Addr: addr("127.0.0.1"), Parent: true, Child: true, State: verify.Sound, Serial: 2026010101, NS: servers},
			{Name: servers[1], Addr: addr("127.0.0.2"), Parent: true, Child: true, State: verify.Sound, Serial: 2026010101, NS: servers},
		},
	}
	for _, srv := range want.Servers {
		want.Hosts = append(want.Hosts, verify.Host{Name: srv.Name, Glue: []netip.Addr{srv.Addr}, Addrs: []netip.Addr{srv.Addr}})
	}
	equal := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	for _, name := range []zone.Name{
		apex, "www.customer.example", "WWW.Customer.example", "blog.customer.example" /* a CNAME */, "_tcp.customer.example", "no.such.name.customer.example",
	} {
		got, err := verifier(w).Delegation(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, equal); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := verifier(w).Delegation(t.Context(), "a..b"); err == nil {
		t.Error("a..b: no error for what is no name")
	}
}

// TestDelegationFromBelow starts at the zone itself, as with -resolver: no
// parent is known, and the name servers are those the zone names.
func TestDelegationFromBelow(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{text(t, "customer.example.txt"), text(t, "app.example.txt")}})
	for _, name := range []zone.Name{"www.customer.example", "edge.app.example"} {
		d, err := verifier(w).Delegation(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if d.Apex != name.Parent() || d.Parent != nil || d.Err != "" || len(d.Findings) != 0 {
			t.Errorf("%s: %s", name, dump(d))
		}
	}
}

// TestGlueless has name servers in another zone, one of which needs itself.
func TestGlueless(t *testing.T) {
	w := world(t)
	w.Change("example", zone.Change{
		Owner:  "app.example",
		Remove: []zone.Record{record(t, "app.example.", "NS", "ns1.customer.example.")},
		Add:    []zone.Record{record(t, "app.example.", "NS", "ns.app.example."), record(t, "app.example.", "NS", "ns2.customer.example.")},
	})
	d, err := verifier(w).Delegation(t.Context(), "edge.app.example")
	if err != nil {
		t.Fatal(err)
	}
	if d.Apex != "app.example" || d.Err != "" {
		t.Errorf("%s", dump(d))
	}
	w.Change("example",
		zone.Change{Owner: "loop1.example", Add: []zone.Record{record(t, "loop1.example.", "NS", "ns.loop2.example.")}},
		zone.Change{Owner: "loop2.example", Add: []zone.Record{record(t, "loop2.example.", "NS", "ns.loop1.example.")}})
	d, err = verifier(w).Delegation(t.Context(), "www.loop1.example")
	if err != nil {
		t.Fatal(err)
	}
	if d.Apex != "loop1.example" || d.Err == "" || len(d.Servers) != 0 {
		t.Errorf("name servers that need one another: %s", dump(d))
	}
}

func TestLookup(t *testing.T) {
	w := world(t)
	for _, tc := range []struct {
		name zone.Name
		typ  string
		want string
	}{
		{"www.customer.example", "A", "found customer.example: www.customer.example. 3600 A 192.0.2.10"},
		{"WWW.customer.example", "a", "found customer.example: www.customer.example. 3600 A 192.0.2.10"},
		{"www.customer.example", "AAAA", "nodata customer.example:"},
		{"x.www.customer.example", "A", "nxdomain customer.example:"},
		{"blog.customer.example", "A", "found customer.example: blog.customer.example. 3600 CNAME hosting.example.net."},
		{"any.customer.example", "A", "found customer.example: any.customer.example. 3600 A 192.0.2.99"},
		{"k2.dkim.app.example", "CNAME", "nodata app.example:"},
		{"customer.example", "DS", "nodata example:"},
		{"nobody.example", "A", "nxdomain example:"},
		{"www.held.example", "A", "failed :"},
		{"www.customer.example", "ALIAS", "failed :"},
		{"a..b", "A", "failed :"},
	} {
		a := verifier(w).Lookup(t.Context(), tc.name, tc.typ)
		got := string(a.Status) + " " + string(a.Zone) + ":"
		for _, r := range a.Records {
			got += " " + r.String()
		}
		if got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.name, tc.typ, got, tc.want)
		}
		if (a.Status == verify.Failed) != (a.Err != "") {
			t.Errorf("%s %s: status %s with error %q", tc.name, tc.typ, a.Status, a.Err)
		}
	}
}

// TestPorts: the port of the start server is that of every server below it.
func TestPorts(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{text(t, "customer.example.txt")}})
	v := verify.New(verify.Options{Start: w.Start(), Timeout: 0})
	d, err := v.Delegation(t.Context(), apex)
	if err != nil {
		t.Fatal(err)
	}
	// ns1 is 127.0.0.1 at that port; nothing listens at 127.0.0.2 there.
	var states []verify.State
	for _, s := range d.Servers {
		states = append(states, s.State)
	}
	if diff := cmp.Diff([]verify.State{verify.Sound, verify.Dead}, states); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, dump(d))
	}
}

// TestFromRoot has no start: the walk begins at the root servers, which Map
// finds in this process.
func TestFromRoot(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{
		Text: []string{
			". 3600 SOA a.root-servers.net. nstld.example. 1 1800 900 604800 86400\n. 3600 NS a.root-servers.net.\nexample. 3600 NS a.nic.example.\na.nic.example. 3600 A 127.0.0.9\n",
			tld, text(t, "customer.example.txt"),
		},
		Servers: []verifytest.ServerOptions{
			{Name: "root", Addrs: []netip.Addr{addr("198.41.0.4")}, Zones: []zone.Name{zone.Root}},
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1"), addr("127.0.0.2")}, Zones: []zone.Name{apex}},
		},
	})
	r, err := verifier(w, func(o *verify.Options) { o.Start = nil }).Check(t.Context(), verify.Request{Expect: []verify.Expect{expect(t, "www", "A", "192.0.2.10")}})
	if err != nil || r.Verdict != verify.Propagated || len(r.Findings) != 0 {
		t.Errorf("%s %v, want propagated: %s", r.Verdict, err, dump(r))
	}
	if d, err := verifier(w, func(o *verify.Options) { o.Start = nil }).Delegation(t.Context(), zone.Root); err != nil || d.Apex != zone.Root {
		t.Errorf("the root itself: %v %s", err, dump(d))
	}
}

// TestDelegationRecords expects a delegation to a zone that nobody serves yet:
// it is proven by the referrals of the zone it was written to.
func TestDelegationRecords(t *testing.T) {
	w := world(t)
	put(w, record(t, "stage", "NS", "ns1.host.example."))
	for data, want := range map[string]verify.Verdict{"ns1.host.example.": verify.Propagated, "ns2.host.example.": verify.Wrong} {
		e := expect(t, "stage", "NS", data)
		e.Zone = apex
		r, err := verifier(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{e, expect(t, "www", "A", "192.0.2.10")}})
		if err != nil || r.Verdict != want || want == verify.Propagated && len(r.Findings) != 0 {
			t.Errorf("NS %s: %s %v, want %s: %s", data, r.Verdict, err, want, dump(r))
		}
	}
}

// TestDS asks the zone above, and not the servers of the zone, which know
// nothing of it.
func TestDS(t *testing.T) {
	w := world(t)
	ds := record(t, "@", "DS", "1 13 2 e2d3c916f6deeac73294e8268fb5885044a833fc5459588f4a9184cfc41a5766")
	for _, there := range []bool{false, true} {
		if there {
			w.Change("example", zone.Change{Owner: apex, Add: []zone.Record{ds}})
		}
		for _, gone := range []bool{false, true} {
			r, err := verifier(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: ds, Gone: gone}}})
			if err != nil || (r.Verdict == verify.Propagated) == (there == gone) || r.Records[0].Zone != "example" {
				t.Errorf("DS there %v, expected gone %v: %s %v: %s", there, gone, r.Verdict, err, dump(r))
			}
		}
	}
}

// crowd is a delegation to so many name servers that one look does not ask all
// of them. The last one has nothing of the customer's.
func crowd(t *testing.T, n int) *verifytest.World {
	t.Helper()
	parent := "$ORIGIN example.\n$TTL 300\n@ SOA a.nic hostmaster.nic 1 3600 600 86400 300\n@ NS a.nic\na.nic A 127.0.0.9\n"
	child := "$ORIGIN customer.example.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n"
	var addrs []netip.Addr
	for i := range n {
		addrs = append(addrs, netip.AddrFrom4([4]byte{127, 1, 0, byte(i)}))
		parent += fmt.Sprintf("customer NS ns%03d.customer\nns%03d.customer A %v\n", i, i, addrs[i])
		child += fmt.Sprintf("@ NS ns%03d\nns%03d A %v\n", i, i, addrs[i])
	}
	return verifytest.New(t, verifytest.Options{
		Text: []string{parent, child},
		Servers: []verifytest.ServerOptions{
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns", Addrs: addrs[:n-1], Zones: []zone.Name{apex}},
			{Name: "last", Addrs: addrs[n-1:], Zones: []zone.Name{apex}},
		},
	})
}

func TestCrowd(t *testing.T) {
	for n, want := range map[int]string{64: "ns063.customer.example (127.1.0.63)", 100: "ns064.customer.example"} {
		w := crowd(t, n)
		e := expect(t, "_token", "TXT", `"token=1"`)
		w.Server("last").Freeze()
		put(w, e.Record)
		r, err := verifier(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{e}})
		if err != nil || r.Verdict != verify.Partial || !slices.Equal(r.Lagging(), []string{want}) {
			t.Errorf("%d name servers: %s %v, lagging %v, want partial because of %s", n, r.Verdict, err, r.Lagging(), want)
		}
	}
}

// TestUnknownNames has servers that cannot say which name servers the zone
// names: there may be one more, and there is, without the record.
func TestUnknownNames(t *testing.T) {
	w := world(t)
	w.Server("old").Freeze()
	e := expect(t, "_token", "TXT", `"token=1"`)
	put(w, e.Record)
	for i := range 40 {
		host := fmt.Sprintf("%02d%s", i, strings.Repeat("x", 40)) // too much for UDP
		put(w, record(t, "@", "NS", host+".customer.example."), record(t, host, "A", "127.0.0.3"))
	}
	for _, s := range w.Servers() {
		s.SetFault(verifytest.Fault{NoTCP: true})
	}
	r, err := verifier(w, impatient).Check(t.Context(), verify.Request{Expect: []verify.Expect{e}})
	if err != nil || r.Verdict != verify.Unreachable || !slices.Contains(codes(r), verify.CodeUnknown) {
		t.Errorf("%s %v, want unreachable: %s", r.Verdict, err, dump(r))
	}
}

// TestNobodyNames has a registry on the servers of the zone, so that nobody
// refers, and these do not answer to who they are: that is told.
func TestNobodyNames(t *testing.T) {
	for why, f := range map[string]verifytest.Fault{
		"silent":  {OnlyType: "NS", Drop: true},
		"refused": {OnlyType: "NS", Rcode: "REFUSED"},
	} {
		t.Run(why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := verifytest.New(t, verifytest.Options{
					Memory: true, Text: []string{tld, text(t, "customer.example.txt")},
					Servers: []verifytest.ServerOptions{{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1")}, Zones: []zone.Name{"example", apex}}},
				})
				w.Server("ns1").SetFault(f)
				r, err := inMemory(w).Check(t.Context(), verify.Request{Expect: []verify.Expect{expect(t, "www", "A", "192.0.2.10")}})
				if err != nil || r.Verdict != verify.Unreachable || len(r.Findings) == 0 || r.Findings[0].Code != verify.CodeUnknown {
					t.Errorf("%s %v, want unreachable and NS_UNKNOWN: %s", r.Verdict, err, dump(r))
				}
			})
		})
	}
}

// TestOneName has servers that fail for one name only: the other names must
// not suffer, and the zone is still known.
func TestOneName(t *testing.T) {
	w := world(t)
	for _, s := range w.Servers()[1:] {
		s.SetFault(verifytest.Fault{Rcode: "SERVFAIL", Only: "shop.customer.example"})
	}
	for _, start := range []string{"a.nic", "ns1"} {
		v := verifier(w, func(o *verify.Options) { o.Start = []netip.AddrPort{w.Server(start).Addr()} })
		r, err := v.Check(t.Context(), verify.Request{Expect: []verify.Expect{expect(t, "shop", "A", "192.0.2.11"), expect(t, "www", "A", "192.0.2.10")}})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := r.Records[0].Verdict, r.Records[1].Verdict; a != verify.Unreachable || b != verify.Propagated {
			t.Errorf("from %s: %s and %s, want unreachable and propagated: %s", start, a, b, dump(r))
		}
	}
}
