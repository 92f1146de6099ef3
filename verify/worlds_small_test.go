package verify_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/verify"
)

// smallWorld is a miniature that is put together by hand: the root at 127.0.0.1,
// example at 127.0.0.3 and, where it has two servers, 127.0.0.4, net at
// 127.0.0.5 and the provider's prov.net at 127.0.0.6.
type smallWorld struct {
	*miniature
	ex, ex2, prov *miniServer
}

func zoneFile(apex string, ns []string, a map[string][]string) *zoneCopy {
	if a == nil {
		a = map[string][]string{}
	}
	return &zoneCopy{apex: apex, serial: 2, ns: ns, a: a, cname: map[string]string{}, deleg: map[string]referral{}}
}

func (w *smallWorld) add(fault string, addrs []string, zs ...*zoneCopy) *miniServer {
	s := &miniServer{addrs: addrs, fault: fault, at: map[string]string{}, zones: map[string]*zoneCopy{}}
	for _, z := range zs {
		s.zones[z.apex] = z
	}
	w.srv = append(w.srv, s)
	for _, a := range addrs {
		w.byA[a] = s
	}
	return s
}

func (w *smallWorld) customer(fault, addr, state string, ns []string, a map[string][]string) *miniServer {
	z := zoneFile("customer.example", ns, a)
	z.token, z.state = w.owner, state
	return w.add(fault, []string{addr}, z)
}

func newSmall(parent referral, parents int) *smallWorld {
	w := &smallWorld{miniature: &miniature{byA: map[string]*miniServer{}, owner: "_token.customer.example"}}
	root := zoneFile(".", []string{"a.root"}, map[string][]string{"a.root": {"127.0.0.1"}})
	root.deleg["net"] = referral{[]string{"n0.net"}, map[string][]string{"n0.net": {"127.0.0.5"}}}
	exNS, exA := []string{"n0.example"}, map[string][]string{"n0.example": {"127.0.0.3"}}
	if parents > 1 {
		exNS, exA = append(exNS, "n1.example"), map[string][]string{"n0.example": {"127.0.0.3"}, "n1.example": {"127.0.0.4"}}
	}
	root.deleg["example"] = referral{exNS, exA}
	w.add("", []string{"127.0.0.1"}, root)
	ex := zoneFile("example", exNS, exA)
	ex.deleg["customer.example"] = parent
	w.ex = w.add("", []string{"127.0.0.3"}, ex)
	if parents > 1 {
		w.ex2 = w.add("", []string{"127.0.0.4"}, ex.clone())
	}
	net := zoneFile("net", []string{"n0.net"}, map[string][]string{"n0.net": {"127.0.0.5"}})
	net.deleg["prov.net"] = referral{[]string{"n0.prov.net"}, map[string][]string{"n0.prov.net": {"127.0.0.6"}}}
	w.add("", []string{"127.0.0.5"}, net)
	w.prov = w.add("", []string{"127.0.0.6"}, zoneFile("prov.net", []string{"n0.prov.net"}, map[string][]string{"n0.prov.net": {"127.0.0.6"}, "ns0.prov.net": {"127.0.0.20"}, "ns1.prov.net": {"127.0.0.21"}}))
	return w
}

// never looks at the world and does not want that verdict.
func (w *smallWorld) never(t *testing.T, bad verify.Verdict) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if r, _, _ := w.look(t, verify.Options{}); r.Verdict == bad {
			t.Errorf("%s: %s", r.Verdict, dump(r))
		}
	})
}

// TestHostZonePartlyDead has a name server whose own zone is on dead servers
// with glue and on a sound one without: its address is found, and the server
// there lacks the record.
func TestHostZonePartlyDead(t *testing.T) {
	ns := []string{"ns1.customer.example", "ns0.prov.net"}
	w := newSmall(referral{ns, map[string][]string{"ns1.customer.example": {"127.0.0.10"}}}, 1)
	w.prov.fault = "dead"
	net := w.byA["127.0.0.5"].zones["net"]
	net.deleg["prov.net"] = referral{[]string{"n0.prov.net", "ns9.example"}, map[string][]string{"n0.prov.net": {"127.0.0.6"}}}
	w.ex.zones["example"].a["ns9.example"] = []string{"127.0.0.7"}
	p := w.prov.zones["prov.net"].clone()
	p.ns = []string{"n0.prov.net", "ns9.example"}
	w.add("", []string{"127.0.0.7"}, p)
	a := map[string][]string{"ns1.customer.example": {"127.0.0.10"}}
	w.customer("", "127.0.0.10", "right", ns, a)
	w.customer("", "127.0.0.20", "missing", ns, a)
	w.never(t, verify.Propagated)
}

// TestOldGlueBesideSoundServer has old glue, where nobody is, for a name
// server within the zone: the sound server tells where it really is, and the
// one there lacks the record.
func TestOldGlueBesideSoundServer(t *testing.T) {
	ns := []string{"ns1.customer.example", "ns0.prov.net"}
	w := newSmall(referral{ns, map[string][]string{"ns1.customer.example": {"127.0.0.99"}}}, 1)
	a := map[string][]string{"ns1.customer.example": {"127.0.0.11"}}
	w.customer("", "127.0.0.20", "right", ns, a)
	w.customer("", "127.0.0.11", "missing", ns, a)
	w.never(t, verify.Propagated)
}

// TestDeadGlueHidesHost is TestHostZonePartlyDead with one name server,
// which has the record.
func TestDeadGlueHidesHost(t *testing.T) {
	w := newSmall(referral{[]string{"ns0.prov.net"}, nil}, 1)
	w.prov.fault = "dead"
	net := w.byA["127.0.0.5"].zones["net"]
	net.deleg["prov.net"] = referral{[]string{"n0.prov.net", "ns9.example"}, map[string][]string{"n0.prov.net": {"127.0.0.6"}}}
	w.ex.zones["example"].a["ns9.example"] = []string{"127.0.0.7"}
	p := w.prov.zones["prov.net"].clone()
	p.ns = []string{"n0.prov.net", "ns9.example"}
	w.add("", []string{"127.0.0.7"}, p)
	w.customer("", "127.0.0.20", "right", []string{"ns0.prov.net"}, nil)
	w.never(t, verify.Unreachable)
}

// TestParkingServerDeniesHost has a server that answers from a zone of its
// own about everything: what it says of the address of a name server does
// not count.
func TestParkingServerDeniesHost(t *testing.T) {
	ns := []string{"ns0.prov.net", "ns1.customer.example", "ns1.prov.net"}
	for range 20 {
		w := newSmall(referral{ns, nil}, 1)
		a := map[string][]string{"ns1.customer.example": {"127.0.0.11"}}
		w.customer("park", "127.0.0.20", "right", ns, a)
		w.customer("minimal", "127.0.0.21", "right", ns, a)
		w.customer("", "127.0.0.11", "missing", ns, a)
		w.never(t, verify.Propagated)
	}
}

// TestServersDisagreeOnHostAddress has an address of a name server that only
// one server gives, the last one asked: it is asked too.
func TestServersDisagreeOnHostAddress(t *testing.T) {
	ns := []string{"ns1.customer.example", "ns0.prov.net"}
	w := newSmall(referral{ns, map[string][]string{"ns1.customer.example": {"127.0.0.10"}}}, 1)
	w.customer("", "127.0.0.10", "right", ns, map[string][]string{"ns1.customer.example": {"127.0.0.10"}})
	w.customer("slow", "127.0.0.20", "right", []string{"ns1.customer.example", "ns2.customer.example", "ns0.prov.net"}, map[string][]string{"ns1.customer.example": {"127.0.0.10"}, "ns2.customer.example": {"127.0.0.12"}})
	w.customer("", "127.0.0.12", "right", ns, map[string][]string{"ns1.customer.example": {"127.0.0.11"}})
	w.customer("", "127.0.0.11", "missing", ns, nil)
	w.never(t, verify.Propagated)
}

// TestSecondParentBehind has a slow server of the zone above that still
// refers to the old host, which lacks the record.
func TestSecondParentBehind(t *testing.T) {
	for range 10 {
		w := newSmall(referral{[]string{"ns0.prov.net"}, nil}, 2)
		w.ex2.zones["example"].deleg["customer.example"] = referral{[]string{"ns1.prov.net"}, nil}
		w.ex2.fault = "slow"
		w.customer("", "127.0.0.20", "right", []string{"ns0.prov.net"}, nil)
		w.customer("", "127.0.0.21", "missing", []string{"ns1.prov.net"}, nil)
		w.never(t, verify.Propagated)
	}
}

// TestSecondParentDenies has a slow server of the zone above that has no
// delegation yet: who asks it is told that the name does not exist.
func TestSecondParentDenies(t *testing.T) {
	w := newSmall(referral{[]string{"ns0.prov.net"}, nil}, 2)
	delete(w.ex2.zones["example"].deleg, "customer.example")
	w.ex2.fault = "slow"
	w.customer("", "127.0.0.20", "right", []string{"ns0.prov.net"}, nil)
	w.never(t, verify.Propagated)
}

// TestOldCopyAbove has a server of the zone above that answers from a copy
// of the zone which nobody names.
func TestOldCopyAbove(t *testing.T) {
	w := newSmall(referral{[]string{"ns0.prov.net"}, nil}, 2)
	z := zoneFile("customer.example", []string{"ns0.prov.net"}, nil)
	w.ex.zones["customer.example"] = z
	w.ex2.fault = "slow"
	w.customer("", "127.0.0.20", "right", []string{"ns0.prov.net"}, nil)
	w.never(t, verify.Propagated)
}

// TestOtherParentsGlue has servers above that differ in glue only: both
// addresses are asked.
func TestOtherParentsGlue(t *testing.T) {
	g := func(a string) referral {
		return referral{[]string{"ns1.customer.example"}, map[string][]string{"ns1.customer.example": {a}}}
	}
	ns, a := []string{"ns1.customer.example", "ns0.prov.net"}, map[string][]string{"ns1.customer.example": {"127.0.0.10"}}
	w := newSmall(g("127.0.0.10"), 2)
	w.ex2.zones["example"].deleg["customer.example"] = g("127.0.0.11")
	w.ex2.fault = "slow"
	w.customer("", "127.0.0.10", "right", ns, a)
	w.customer("", "127.0.0.11", "right", ns, a)
	w.customer("", "127.0.0.20", "right", ns, a)
	w.never(t, verify.Partial)
}

// TestHostZoneDisagrees has a provider whose own servers give different
// addresses for a name server: the one that only the slow server gives lacks
// the record.
func TestHostZoneDisagrees(t *testing.T) {
	w := newSmall(referral{[]string{"ns0.prov.net"}, nil}, 1)
	net := w.byA["127.0.0.5"].zones["net"]
	two := []string{"n0.prov.net", "n1.prov.net"}
	net.deleg["prov.net"] = referral{two, map[string][]string{"n0.prov.net": {"127.0.0.6"}, "n1.prov.net": {"127.0.0.7"}}}
	old := w.prov.zones["prov.net"].clone()
	old.a["ns0.prov.net"] = []string{"127.0.0.21"}
	w.add("slow", []string{"127.0.0.7"}, old)
	w.customer("", "127.0.0.20", "right", []string{"ns0.prov.net"}, nil)
	w.customer("", "127.0.0.21", "missing", []string{"ns0.prov.net"}, nil)
	w.never(t, verify.Propagated)
}

// TestOneDeadServer has one dead name server with glue, and a sound one
// without.
func TestOneDeadServer(t *testing.T) {
	ns := []string{"ns0.prov.net", "ns1.customer.example"}
	w := newSmall(referral{ns, map[string][]string{"ns1.customer.example": {"127.0.0.10"}}}, 1)
	a := map[string][]string{"ns1.customer.example": {"127.0.0.10"}}
	w.customer("dead", "127.0.0.10", "right", ns, a)
	w.customer("", "127.0.0.20", "right", ns, a)
	synctest.Test(t, func(t *testing.T) {
		if r, took, _ := w.look(t, verify.Options{}); took > time.Second || r.Verdict != verify.Propagated {
			t.Errorf("%s after %v, want propagated within a second", r.Verdict, took)
		}
	})
}

// TestCutNotEverywhere has a zone below the customer's that only one of two
// servers knows of: the other one denies the name.
func TestCutNotEverywhere(t *testing.T) {
	ns := []string{"ns0.prov.net", "ns1.prov.net"}
	w := newSmall(referral{ns, nil}, 1)
	a := w.customer("", "127.0.0.20", "", ns, nil)
	a.zones["customer.example"].deleg["sub.customer.example"] = referral{[]string{"ns2.prov.net"}, nil}
	w.customer("slow", "127.0.0.21", "", ns, nil)
	w.prov.zones["prov.net"].a["ns2.prov.net"] = []string{"127.0.0.22"}
	w.owner = "_token.sub.customer.example"
	z := zoneFile("sub.customer.example", []string{"ns2.prov.net"}, nil)
	z.token, z.state = w.owner, "right"
	w.add("", []string{"127.0.0.22"}, z)
	w.never(t, verify.Propagated)
}

// newDeep has a zone below the customer's on 127.0.0.22, which has the record.
// The customer's zone is to be on servers that know of it or do not.
func newDeep(parent referral, parents int) *smallWorld {
	w := newSmall(parent, parents)
	w.prov.zones["prov.net"].a["ns2.prov.net"] = []string{"127.0.0.22"}
	w.owner = "_token.sub.customer.example"
	z := zoneFile("sub.customer.example", []string{"ns2.prov.net"}, nil)
	z.token, z.state = w.owner, "right"
	w.add("", []string{"127.0.0.22"}, z)
	return w
}

// upper is a server of the customer's zone in such a world.
func (w *smallWorld) upper(fault, addr string, ns []string, a map[string][]string, knows bool) {
	s := w.customer(fault, addr, "", ns, a)
	if knows {
		s.zones["customer.example"].deleg["sub.customer.example"] = referral{[]string{"ns2.prov.net"}, nil}
	}
}

// TestServerAboveWithoutGlue has a server of the zone above that the walk did
// not need, because another one has glue: it denies the name.
func TestServerAboveWithoutGlue(t *testing.T) {
	ns, a := []string{"ns0.prov.net", "ns1.customer.example"}, map[string][]string{"ns1.customer.example": {"127.0.0.10"}}
	w := newDeep(referral{ns, a}, 1)
	w.upper("", "127.0.0.10", ns, a, true)
	w.upper("", "127.0.0.20", ns, a, false)
	w.never(t, verify.Propagated)
}

// TestServerAboveNamedByZone has a server of the zone above that only that
// zone itself names: it denies the name.
func TestServerAboveNamedByZone(t *testing.T) {
	ns := []string{"ns0.prov.net", "ns1.prov.net"}
	w := newDeep(referral{ns[:1], nil}, 1)
	w.upper("", "127.0.0.20", ns, nil, true)
	w.upper("", "127.0.0.21", ns, nil, false)
	w.never(t, verify.Propagated)
}

// TestServerAboveByOtherReferral has servers two zones above that refer to
// different servers of the zone above, one of which denies the name.
func TestServerAboveByOtherReferral(t *testing.T) {
	w := newDeep(referral{[]string{"ns0.prov.net"}, nil}, 2)
	w.ex2.zones["example"].deleg["customer.example"] = referral{[]string{"ns1.prov.net"}, nil}
	w.ex2.fault = "slow"
	w.upper("", "127.0.0.20", []string{"ns0.prov.net"}, nil, true)
	w.upper("", "127.0.0.21", []string{"ns0.prov.net"}, nil, false)
	w.never(t, verify.Propagated)
}

// TestServerAboveSecondAddress has a server of the zone above that refuses at
// one of its addresses, and denies the name at the other one.
func TestServerAboveSecondAddress(t *testing.T) {
	ns, a := []string{"ns0.prov.net", "ns1.customer.example"}, map[string][]string{"ns1.customer.example": {"127.0.0.10", "127.0.0.11"}}
	w := newDeep(referral{ns, a}, 1)
	w.upper("refused", "127.0.0.10", ns, a, true)
	w.upper("slow", "127.0.0.11", ns, a, false)
	w.upper("", "127.0.0.20", ns, a, true)
	w.never(t, verify.Propagated)
}

// TestSecondGrandparentDenies has a server two zones above that has no
// delegation yet: who asks it is told that the name does not exist.
func TestSecondGrandparentDenies(t *testing.T) {
	w := newDeep(referral{[]string{"ns0.prov.net"}, nil}, 2)
	delete(w.ex2.zones["example"].deleg, "customer.example")
	w.ex2.fault = "slow"
	w.upper("", "127.0.0.20", []string{"ns0.prov.net"}, nil, true)
	w.never(t, verify.Propagated)
}

// TestDeepAgreed has all who are asked on the way agree.
func TestDeepAgreed(t *testing.T) {
	w := newDeep(referral{[]string{"ns0.prov.net", "ns1.prov.net"}, nil}, 2)
	for _, addr := range []string{"127.0.0.20", "127.0.0.21"} {
		w.upper("", addr, []string{"ns0.prov.net", "ns1.prov.net"}, nil, true)
	}
	synctest.Test(t, func(t *testing.T) {
		if r, _, _ := w.look(t, verify.Options{}); r.Verdict != verify.Propagated {
			t.Errorf("%s, want propagated: %s", r.Verdict, dump(r))
		}
	})
}

// TestSoundServerKnownLate has a parent that refers to old glue, where nobody
// is, and a slow one that knows a sound server: that one tells where the name
// server is whose glue is old, and the one there lacks the record.
func TestSoundServerKnownLate(t *testing.T) {
	w := newSmall(referral{[]string{"ns1.customer.example"}, map[string][]string{"ns1.customer.example": {"127.0.0.99"}}}, 2)
	w.ex2.zones["example"].deleg["customer.example"] = referral{[]string{"ns0.prov.net"}, nil}
	w.ex2.fault = "slow"
	ns, a := []string{"ns0.prov.net"}, map[string][]string{"ns1.customer.example": {"127.0.0.11"}}
	w.customer("minimal", "127.0.0.20", "right", ns, a)
	w.customer("", "127.0.0.11", "missing", ns, a)
	w.never(t, verify.Propagated)
}
