package verify_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// estate is a root, a top-level domain on two servers, and the customer's zone
// on two servers and, not delegated to, on a third one.
func estate(t *testing.T) *verifytest.World {
	t.Helper()
	return verifytest.New(t, verifytest.Options{
		Memory: true,
		Text: []string{
			". 3600 SOA a.root. nstld.example. 1 1800 900 604800 86400\n. 3600 NS a.root.\na.root. 3600 A 127.0.0.8\n" +
				"example. 3600 NS a.nic.example.\nexample. 3600 NS b.nic.example.\na.nic.example. 3600 A 127.0.0.9\nb.nic.example. 3600 A 127.0.0.10\n",
			tld, text(t, "customer.example.txt"),
		},
		Servers: []verifytest.ServerOptions{
			{Name: "root", Addrs: []netip.Addr{addr("127.0.0.8")}, Zones: []zone.Name{zone.Root}},
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "b.nic", Addrs: []netip.Addr{addr("127.0.0.10")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1")}, Zones: []zone.Name{apex}},
			{Name: "ns2", Addrs: []netip.Addr{addr("127.0.0.2")}, Zones: []zone.Name{apex}},
			{Name: "new", Addrs: []netip.Addr{addr("127.0.0.3")}, Zones: []zone.Name{apex}},
		},
	})
}

// move delegates the customer's zone to the third server alone.
func move(t *testing.T, w *verifytest.World) {
	w.Change("example", zone.Change{
		Owner:  apex,
		Remove: []zone.Record{record(t, "@", "NS", "ns1.customer.example."), record(t, "@", "NS", "ns2.customer.example.")},
		Add:    []zone.Record{record(t, "@", "NS", "new.customer.example.")},
	}, zone.Change{Owner: "new.customer.example", Add: []zone.Record{record(t, "new", "A", "127.0.0.3")}})
	w.Change(apex, zone.Change{
		Owner:  apex,
		Remove: []zone.Record{record(t, "@", "NS", "ns1.customer.example."), record(t, "@", "NS", "ns2.customer.example.")},
		Add:    []zone.Record{record(t, "@", "NS", "new.customer.example.")},
	}, zone.Change{Owner: "new.customer.example", Add: []zone.Record{record(t, "new", "A", "127.0.0.3")}})
}

// back delegates it to the first server.
func back(t *testing.T, w *verifytest.World) {
	for _, z := range []zone.Name{"example", apex} {
		w.Change(z, zone.Change{
			Owner:  apex,
			Remove: []zone.Record{record(t, "@", "NS", "new.customer.example.")},
			Add:    []zone.Record{record(t, "@", "NS", "ns1.customer.example.")},
		})
	}
}

// TestMoved moves a zone whose delegation is in the cache: a look takes it
// afresh, though the old servers still answer, and leaves to the cache what is
// above. So it does where the domain is delegated to nobody any more.
func TestMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := estate(t)
		v := inMemory(w)
		look := func() verify.Delegation {
			d, err := v.Delegation(t.Context(), "www.customer.example")
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		if d := look(); len(d.Servers) != 2 || len(d.Findings) != 0 {
			t.Fatalf("before: %s", dump(d))
		}
		w.Server("ns1").Freeze()
		w.Server("ns2").Freeze()
		move(t, w)
		if d := look(); len(d.Servers) != 1 || d.Servers[0].Addr != addr("127.0.0.3") || d.Servers[0].State != verify.Sound || len(d.Findings) != 0 {
			t.Errorf("moved: %s", dump(d))
		}
		w.Change("example", zone.Change{Owner: apex, Remove: w.Zone("example").Set(apex, "NS")})
		if d := look(); d.Apex != "example" {
			t.Errorf("delegated to nobody: %s", dump(d))
		}
		if n := w.Server("root").Queries(); n > 2 {
			t.Errorf("%d questions to the root, which is in the cache", n)
		}
	})
}

// TestGoneStale has servers in the cache that are dead, or refuse, by the time
// they are asked.
func TestGoneStale(t *testing.T) {
	for why, fault := range map[string]verifytest.Fault{"dead": {Drop: true}, "refuse": {Rcode: "REFUSED"}} {
		synctest.Test(t, func(t *testing.T) {
			w := estate(t)
			v := inMemory(w)
			v.Lookup(t.Context(), apex, "SOA")
			move(t, w)
			w.Server("ns1").SetFault(fault)
			w.Server("ns2").SetFault(fault)
			if d, err := v.Delegation(t.Context(), "www.customer.example"); err != nil || d.Err != "" || len(d.Servers) != 1 || d.Servers[0].State != verify.Sound {
				t.Errorf("%s: %v, want the new server: %s", why, err, dump(d))
			}
			v = inMemory(w)
			w.Server("ns1").SetFault(verifytest.Fault{})
			v.Lookup(t.Context(), apex, "SOA")
			w.Server("new").SetFault(fault)
			w.Server("new").Freeze()
			back(t, w)
			if a := v.Lookup(t.Context(), "www.customer.example", "A"); a.Status != verify.Found || a.Zone != apex {
				t.Errorf("%s: %+v, want the answer of the old server", why, a)
			}
		})
	}
}

// TestTogether has many looks begin at once: the root is asked once, and the
// addresses of the one host of all zones are asked for once.
func TestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := estate(t)
		const many = 50
		var changes []zone.Change
		for i := range many {
			name := zone.Name(fmt.Sprintf("d%d.example", i))
			changes = append(changes, zone.Change{Owner: name, Add: []zone.Record{record(t, string(name)+".", "NS", "ns1.customer.example.")}})
		}
		w.Change("example", changes...)
		for _, s := range w.Servers() {
			s.SetFault(verifytest.Fault{Delay: 20 * time.Millisecond})
		}
		v := inMemory(w)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() { v.Lookup(t.Context(), zone.Name(fmt.Sprintf("www.d%d.example", i)), "A") })
		}
		all.Wait()
		if n := w.Server("root").Queries(); n != 1 {
			t.Errorf("%d questions to the root, want 1", n)
		}
	})
}

// TestStay lets time pass: what is known of the zones above is asked for again
// after an hour, and not before.
func TestStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := estate(t)
		v := inMemory(w)
		for _, tc := range []struct {
			after time.Duration
			root  int
		}{{0, 1}, {59 * time.Minute, 1}, {2 * time.Minute, 2}} {
			time.Sleep(tc.after)
			if a := v.Lookup(t.Context(), "www.customer.example", "A"); a.Status != verify.Found {
				t.Errorf("%+v, want found", a)
			}
			if n := w.Server("root").Queries(); n != tc.root {
				t.Errorf("after %v more: %d questions to the root, want %d", tc.after, n, tc.root)
			}
		}
	})
}

// TestParentsDisagree has one server of the zone above still delegate to the
// old servers: both are checked, and the finding says who is behind.
func TestParentsDisagree(t *testing.T) {
	for _, behind := range []string{"a.nic", "b.nic"} {
		synctest.Test(t, func(t *testing.T) {
			w := estate(t)
			w.Server(behind).Freeze()
			move(t, w)
			for _, first := range []string{"a.nic", "b.nic"} {
				v := inMemory(w)
				if first == "b.nic" {
					w.Server("a.nic").SetFault(verifytest.Fault{Delay: 300 * time.Millisecond})
				}
				d, err := v.Delegation(t.Context(), "www.customer.example")
				if err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(d.Findings, func(f verify.Finding) bool { return f.Server == w.Server(behind).Addr().Addr().String() })
				if len(d.Parent) != 3 || len(d.Servers) != 3 || i < 0 || !strings.Contains(d.Findings[i].Detail, "new.customer.example") {
					t.Errorf("%s is behind, %s first: %s", behind, first, dump(d))
				}
			}
		})
	}
}

// TestStart passes over start servers that are silent or slow, and says so
// where all of them are silent.
func TestStart(t *testing.T) {
	for _, tc := range []struct {
		why   string
		fault verifytest.Fault
		all   bool
		want  verify.Verdict
		most  time.Duration
	}{
		{"one silent", verifytest.Fault{Drop: true}, false, verify.Propagated, time.Second},
		{"one slow", verifytest.Fault{Delay: 800 * time.Millisecond}, false, verify.Propagated, time.Second},
		{"one refuses", verifytest.Fault{Rcode: "REFUSED"}, false, verify.Propagated, time.Second},
		{"all silent", verifytest.Fault{Drop: true}, true, verify.Unreachable, 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := estate(t)
			w.Server("a.nic").SetFault(tc.fault)
			if tc.all {
				w.Server("b.nic").SetFault(tc.fault)
			}
			v := inMemory(w, func(o *verify.Options) {
				o.Start = []netip.AddrPort{w.Server("a.nic").Addr(), w.Server("b.nic").Addr()}
			})
			began := time.Now()
			r, err := v.Check(t.Context(), verify.Request{Expect: []verify.Expect{expect(t, "www", "A", "192.0.2.10")}})
			if err != nil || r.Verdict != tc.want || slices.Contains(codes(r), verify.CodeNoStart) != tc.all {
				t.Errorf("%s: %s %v, want %s: %s", tc.why, r.Verdict, err, tc.want, dump(r))
			}
			if lasted := time.Since(began); lasted > tc.most {
				t.Errorf("%s: %v, want at most %v", tc.why, lasted, tc.most)
			}
		})
	}
}

// hosting is a root, a top-level domain, the customer's zone on two servers, and
// two servers of another host that has the customer's zone too and, on one of
// them, a zone for a name within.
func hosting(t *testing.T) *verifytest.World {
	t.Helper()
	return verifytest.New(t, verifytest.Options{
		Memory: true,
		Text: []string{
			". 3600 SOA a.root. nstld.example. 1 1800 900 604800 86400\n. 3600 NS a.root.\na.root. 3600 A 127.0.0.8\n" +
				"example. 3600 NS a.nic.example.\na.nic.example. 3600 A 127.0.0.9\n",
			tld + "new1.nic A 127.0.0.3\nnew2.nic A 127.0.0.6\n", text(t, "customer.example.txt"),
		},
		Servers: []verifytest.ServerOptions{
			{Name: "root", Addrs: []netip.Addr{addr("127.0.0.8")}, Zones: []zone.Name{zone.Root}},
			{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
			{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1")}, Zones: []zone.Name{apex}},
			{Name: "ns2", Addrs: []netip.Addr{addr("127.0.0.2")}, Zones: []zone.Name{apex}},
			{Name: "new1", Addrs: []netip.Addr{addr("127.0.0.3")}, Zones: []zone.Name{apex, "www.customer.example"}},
			{Name: "new2", Addrs: []netip.Addr{addr("127.0.0.6")}, Zones: []zone.Name{apex}},
		},
	})
}

// TestMovedApart moves a zone whose delegation is in the cache to a host that
// has a zone of its own for one of two names: each record is looked for in the
// zone that it is in now.
func TestMovedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := hosting(t)
		v := inMemory(w)
		e1 := expect(t, "_t.www", "TXT", `"token=1"`)
		e2 := expect(t, "_t", "TXT", `"token=1"`)
		req := verify.Request{Expect: []verify.Expect{e1, e2}}
		if r, err := v.Check(t.Context(), req); err != nil || r.Records[0].Zone != apex {
			t.Fatalf("before: %v %s", err, dump(r))
		}
		w.Server("ns1").Freeze()
		w.Server("ns2").Freeze()
		w.Change("example", zone.Change{
			Owner:  apex,
			Remove: []zone.Record{record(t, "@", "NS", "ns1.customer.example."), record(t, "@", "NS", "ns2.customer.example.")},
			Add:    []zone.Record{record(t, "@", "NS", "new1.nic.example."), record(t, "@", "NS", "new2.nic.example.")},
		})
		w.Change(apex, zone.Change{
			Owner:  apex,
			Remove: []zone.Record{record(t, "@", "NS", "ns1.customer.example."), record(t, "@", "NS", "ns2.customer.example.")},
			Add:    []zone.Record{record(t, "@", "NS", "new1.nic.example."), record(t, "@", "NS", "new2.nic.example.")},
		}, zone.Change{Owner: "www.customer.example", Remove: w.Zone(apex).At("www.customer.example"), Add: []zone.Record{record(t, "www", "NS", "new1.nic.example.")}})
		www, err := zone.ReadText(strings.NewReader("$ORIGIN www.customer.example.\n$TTL 3600\n@ SOA new1.nic.example. h 1 3600 600 86400 300\n@ NS new1.nic.example.\n_t TXT \"token=1\"\n"), zone.Root)
		if err != nil {
			t.Fatal(err)
		}
		w.Set(www)
		w.Server("new2").Freeze()
		put(w, e2.Record)
		r, err := v.Check(t.Context(), req)
		if err != nil || r.Verdict != verify.Partial || r.Records[0].Zone != "www.customer.example" || r.Records[1].Zone != apex {
			t.Errorf("%v, want partial and each record in its own zone: %s", err, dump(r))
		}
	})
}

// TestSlowLeader has two looks begin at once, from a server of the zone above,
// the first at a zone whose name servers are all hosted at dead servers: the
// other one does not wait for that.
func TestSlowLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := verifytest.New(t, verifytest.Options{
			Memory: true,
			Text: []string{
				tld + "bad NS ns1.dead1\nbad NS ns1.dead2\ndead1 NS x.dead1\nx.dead1 A 127.0.0.66\ndead2 NS x.dead2\nx.dead2 A 127.0.0.67\n",
				text(t, "customer.example.txt"),
			},
			Servers: []verifytest.ServerOptions{
				{Name: "a.nic", Addrs: []netip.Addr{addr("127.0.0.9")}, Zones: []zone.Name{"example"}},
				{Name: "ns1", Addrs: []netip.Addr{addr("127.0.0.1"), addr("127.0.0.2")}, Zones: []zone.Name{apex}},
				{Name: "dead", Addrs: []netip.Addr{addr("127.0.0.66"), addr("127.0.0.67")}, Zones: []zone.Name{"nowhere"}},
			},
		})
		w.Server("dead").SetFault(verifytest.Fault{Drop: true})
		w.Server("a.nic").SetFault(verifytest.Fault{Delay: 20 * time.Millisecond})
		v := inMemory(w)
		var all sync.WaitGroup
		all.Go(func() { v.Lookup(t.Context(), "www.bad.example", "A") })
		time.Sleep(time.Millisecond)
		began := time.Now()
		a := v.Lookup(t.Context(), "www.customer.example", "A")
		if took := time.Since(began); a.Status != verify.Found || took > 500*time.Millisecond {
			t.Errorf("%+v after %v, want found at once", a, took)
		}
		all.Wait()
	})
}
