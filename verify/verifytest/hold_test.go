package verifytest_test

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

func snapshot(t *testing.T, w *verifytest.World, apex zone.Name, changes ...zone.Change) zone.Snapshot {
	t.Helper()
	return w.Zone(apex).With(changes...)
}

func rec(t *testing.T, name zone.Name, typ, data string) zone.Record {
	t.Helper()
	r, err := zone.New(name, typ, 3600, data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestDelegations is every way in which parent, zone and servers disagree
// about who serves the zone, and what is seen of it: what the parent says, and
// the NS sets of both servers.
func TestDelegations(t *testing.T) { synctest.Test(t, delegations) }

func delegations(t *testing.T) {
	const apex = "customer.example"
	ns := func(host string) zone.Record { return rec(t, apex, "NS", host+".") }
	glue := func(host zone.Name, a string) zone.Record { return zone.NewAddress(host, 3600, ip(a)) }
	old, other := ns("ns.old.example"), ns("ns3.customer.example")
	sameServers := []zone.Record{ns("ns1.customer.example"), ns("ns2.customer.example")}
	const sound = "ns1.customer.example. ns2.customer.example. | ns1.customer.example. ns2.customer.example. | ns1.customer.example. ns2.customer.example."
	for _, tc := range []struct {
		why    string
		parent []zone.Change
		child  []zone.Change // at both servers
		second []zone.Change // at ns2 only
		want   string
	}{
		{"sound", nil, nil, nil, sound},
		{"parent extra", []zone.Change{{Owner: apex, Add: []zone.Record{old}}}, nil, nil, "ns.old.example. " + sound},
		{
			"child extra", nil,
			[]zone.Change{{Owner: apex, Add: []zone.Record{other}}},
			nil,
			"ns1.customer.example. ns2.customer.example. | ns1.customer.example. ns2.customer.example. ns3.customer.example. | ns1.customer.example. ns2.customer.example. ns3.customer.example.",
		},
		{
			"one server's set only", nil, nil,
			[]zone.Change{{Owner: apex, Add: []zone.Record{other}}},
			"ns1.customer.example. ns2.customer.example. | ns1.customer.example. ns2.customer.example. | ns1.customer.example. ns2.customer.example. ns3.customer.example.",
		},
		{
			"disjoint", nil,
			[]zone.Change{{Owner: apex, Remove: sameServers, Add: []zone.Record{old}}},
			nil,
			"ns1.customer.example. ns2.customer.example. | ns.old.example. | ns.old.example.",
		},
		{"glue mismatch", []zone.Change{{Owner: "ns2.customer.example", Remove: []zone.Record{glue("ns2.customer.example", "127.0.0.2")}, Add: []zone.Record{glue("ns2.customer.example", "192.0.2.7")}}}, nil, nil, sound},
	} {
		w, _ := internet(t, verifytest.ResolverOptions{})
		w.Change("example", tc.parent...)
		w.Change(apex, tc.child...)
		w.Server("ns2").Hold(snapshot(t, w, apex, tc.second...))
		got := ""
		for i, at := range []string{"127.0.0.9", "127.0.0.1", "127.0.0.2"} {
			r, err := exchange(t.Context(), t, w, "udp", w.Map(ip(at)), query(apex, "NS"))
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				got += " | "
			}
			for j, rr := range append(r.Answer, r.Ns...) {
				rec, err := zone.FromRR(rr)
				if err != nil {
					t.Fatal(err)
				}
				if j > 0 {
					got += " "
				}
				got += rec.Data
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.why, diff)
		}
		w.Server("ns2").Thaw()
		if got, want := says(t, w, "udp", w.Map(ip("127.0.0.2")), query(apex, "NS")), says(t, w, "udp", w.Map(ip("127.0.0.1")), query(apex, "NS")); got != want {
			t.Errorf("%s: thawed, ns2 says %s and ns1 %s", tc.why, got, want)
		}
		if tc.why == "glue mismatch" {
			got := says(t, w, "udp", w.Map(ip("127.0.0.9")), query(apex, "NS"))
			if want := nsReferral + "; x ns1 A 127.0.0.1; x ns2 A 192.0.2.7"; got != want {
				t.Errorf("%s: the parent says %s, want %s", tc.why, got, want)
			}
		}
	}
}

const nsReferral = "NOERROR; n @ NS ns1.customer.example.; n @ NS ns2.customer.example."

// TestNamesOfServers is a delegation to names that a resolver cannot use.
func TestNamesOfServers(t *testing.T) { synctest.Test(t, namesOfServers) }

func namesOfServers(t *testing.T) {
	for _, tc := range []struct {
		why, host, data string
	}{
		{"does not exist", "ns.nope.example.", "NXDOMAIN; 900 SOA"},
		{"is an alias", "alias.app.example.", "NOERROR; alias.app 3600 CNAME ns1.customer.example.; ns1.customer 3600 A 127.0.0.1"},
		{"has a private address", "private.app.example.", "NOERROR; private.app 3600 A 10.0.0.53"},
	} {
		w, _ := internet(t, verifytest.ResolverOptions{})
		z := w.Zone("app.example")
		w.Set(zone.NewSnapshot("app.example", append(z.Records,
			rec(t, "alias.app.example", "CNAME", "ns1.customer.example."), rec(t, "private.app.example", "A", "10.0.0.53"))))
		w.Change("example", zone.Change{Owner: "bad.example", Add: []zone.Record{rec(t, "bad.example", "NS", tc.host)}})
		if got := says(t, w, "udp", w.Start()[0], query("www.bad.example", "A")); got != "NOERROR; n bad.example. NS "+tc.host {
			t.Errorf("%s: the parent says %s", tc.why, got)
		}
		if got := resolved(t, w, tc.host, "A"); got != tc.data {
			t.Errorf("%s: got %s, want %s", tc.why, got, tc.data)
		}
	}
}

// TestAliases is chains of aliases in one zone: a long one is cut off, a
// dangling one ends with the denial of its target.
func TestAliases(t *testing.T) {
	w := memory(t, verifytest.Options{})
	for i := range 20 {
		put(w, rec(t, zone.Name(fmt.Sprintf("c%d.www.customer.example", i)), "CNAME", fmt.Sprintf("c%d.www.customer.example.", i+1)))
	}
	put(w, rec(t, "caa.customer.example", "CAA", `0 issue "ca.example"`))
	for _, tc := range []struct {
		name, typ      string
		records, rcode int
	}{
		{"c0.www.customer.example", "A", 16, 0},
		{"c19.www.customer.example", "A", 1, 3},
		{"c20.www.customer.example", "A", 0, 3},
		{"caa.customer.example", "CAA", 1, 0},
	} {
		m, err := exchange(t.Context(), t, w, "tcp", w.Server("ns1").Addr(), query(tc.name, tc.typ))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Answer) != tc.records || m.Rcode != tc.rcode {
			t.Errorf("%s: %d records and rcode %d, want %d and %d", tc.name, len(m.Answer), m.Rcode, tc.records, tc.rcode)
		}
	}
}

// TestAddressesGiveWay is an NS answer that is too long with the addresses of
// its servers: they are left out, and nothing is said to be cut (RFC 2181
// section 9).
func TestAddressesGiveWay(t *testing.T) {
	w := memory(t, verifytest.Options{})
	for i := range 24 {
		host := zone.Name(fmt.Sprintf("a-server-with-a-long-name-%02d.customer.example", i))
		put(w, rec(t, "customer.example", "NS", host.FQDN()), zone.NewAddress(host, 60, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})))
	}
	m, err := exchange(t.Context(), t, w, "udp", w.Server("ns1").Addr(), query("customer.example", "NS"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Truncated || len(m.Answer) != 26 || len(m.Extra) != 1 {
		t.Errorf("tc=%v with %d records and %d beside, want 26 whole and the OPT record alone", m.Truncated, len(m.Answer), len(m.Extra))
	}
}
