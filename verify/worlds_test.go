package verify_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// referral is who a zone names for one below it, and the addresses it gives.
type referral struct {
	ns   []string
	glue map[string][]string
}

// zoneCopy is a zone as one server has it.
type zoneCopy struct {
	apex   string
	serial int
	ns     []string
	a      map[string][]string // host -> addresses, in this zone
	cname  map[string]string   // host -> target
	deleg  map[string]referral
	token  string // owner of the token; "" none in this zone
	state  string // right, missing, old, wild, cname
}

func (z *zoneCopy) clone() *zoneCopy {
	n := *z
	n.ns = slices.Clone(z.ns)
	n.a, n.cname, n.deleg = map[string][]string{}, map[string]string{}, map[string]referral{}
	for k, v := range z.a {
		n.a[k] = slices.Clone(v)
	}
	maps.Copy(n.cname, z.cname)
	for k, v := range z.deleg {
		g := map[string][]string{}
		for h, as := range v.glue {
			g[h] = slices.Clone(as)
		}
		n.deleg[k] = referral{slices.Clone(v.ns), g}
	}
	return &n
}

func dot(n string) string {
	if n == "." || n == "" {
		return "."
	}
	return n + "."
}
func within(n, z string) bool { return z == "." || n == z || strings.HasSuffix(n, "."+z) }

func (z *zoneCopy) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "$ORIGIN %s\n$TTL 300\n@ SOA m.invalid. h.invalid. %d 3600 600 86400 60\n", dot(z.apex), z.serial)
	for _, n := range z.ns {
		fmt.Fprintf(&b, "@ NS %s\n", dot(n))
	}
	add := func(h, a string) {
		t := "A"
		if strings.Contains(a, ":") {
			t = "AAAA"
		}
		fmt.Fprintf(&b, "%s %s %s\n", dot(h), t, a)
	}
	type ha struct{ h, a string }
	seen := map[ha]bool{}
	for h, as := range z.a {
		for _, a := range as {
			seen[ha{h, a}] = true
			add(h, a)
		}
	}
	for h, t := range z.cname {
		fmt.Fprintf(&b, "%s CNAME %s\n", dot(h), dot(t))
	}
	for c, d := range z.deleg {
		for _, n := range d.ns {
			fmt.Fprintf(&b, "%s NS %s\n", dot(c), dot(n))
		}
		for h, as := range d.glue {
			for _, a := range as {
				if !seen[ha{h, a}] {
					seen[ha{h, a}] = true
					add(h, a)
				}
			}
		}
	}
	if z.token != "" {
		switch z.state {
		case "right":
			fmt.Fprintf(&b, "%s TXT \"token=1\"\n", dot(z.token))
		case "old":
			fmt.Fprintf(&b, "%s TXT \"token=0\"\n", dot(z.token))
		case "cname":
			fmt.Fprintf(&b, "%s CNAME www.elsewhere.net.\n", dot(z.token))
		case "wild":
			fmt.Fprintf(&b, "*.%s TXT \"token=1\"\n", dot(z.apex))
		}
	}
	return b.String()
}

// miniServer is a machine with its addresses, what is wrong with it, and its
// zones.
type miniServer struct {
	addrs []string
	fault string
	at    map[string]string // fault by address
	zones map[string]*zoneCopy
}

func (m *miniServer) faultAt(a string) string {
	if f, ok := m.at[a]; ok {
		return f
	}
	return m.fault
}

// miniature is a small Internet: root, two top-level domains, two providers and
// the customer.
type miniature struct {
	srv   []*miniServer
	owner string
	byA   map[string]*miniServer
	zs    []string
}

var worldFaults = map[string]verifytest.Fault{
	"":         {},
	"dead":     {Drop: true},
	"refused":  {Rcode: "REFUSED"},
	"servfail": {Rcode: "SERVFAIL"},
	"upward":   {Upward: true},
	"aa0":      {NotAuthoritative: true},
	"park":     {OtherSOA: "parking.invalid"},
	"slow":     {Delay: 200 * time.Millisecond},
	"noedns":   {NoEDNS: true},
	"dropedns": {DropEDNS: true},
	"tc":       {Size: 1},
	"slip":     {Slip: 2},
	"tcnotcp":  {Size: 1, NoTCP: true},
	"case":     {CaseMangled: true},
	"minimal":  {Minimal: true},
	"strays":   {Strays: []verifytest.Stray{verifytest.StrayID}},
}

// usable: a resolver gets answers with authority from there.
func usable(f string) bool {
	switch f {
	case "dead", "refused", "servfail", "upward", "aa0", "park", "tcnotcp", "strays":
		return false // strays in memory: the answer itself is lost, so dead
	}
	return true
}

func (w *miniature) zoneOfHost(h string) string {
	best := "."
	for _, z := range w.zs {
		if within(h, z) && len(z) > len(best) || best == "." && within(h, z) {
			best = z
		}
	}
	return best
}

// deepest copy that holds name
func (m *miniServer) deepest(name string) *zoneCopy {
	var best *zoneCopy
	for _, z := range m.zones {
		if within(name, z.apex) && (best == nil || best.apex == "." || len(z.apex) > len(best.apex)) {
			best = z
		}
	}
	return best
}

// lacking is the servers of the customer's zone that resolvers may come to from
// the root, by any referral, glue and address that a usable server gives, and
// that answer without the record.
func (w *miniature) lacking() []string {
	servers, hosts := map[string]map[string]bool{}, map[string]map[string]bool{} // by zone, by host: addresses
	put := func(m map[string]map[string]bool, k, v string) bool {
		if m[k] == nil {
			m[k] = map[string]bool{}
		}
		if m[k][v] {
			return false
		}
		m[k][v] = true
		return true
	}
	put(servers, ".", w.srv[0].addrs[0])
	for changed := true; changed; {
		changed = false
		for _, z := range w.zs {
			for a := range servers[z] {
				s := w.byA[a]
				if s == nil || !usable(s.faultAt(a)) {
					continue
				}
				copyZ := s.zones[z]
				if copyZ == nil {
					continue
				}
				for _, h := range copyZ.ns {
					for x := range hosts[h] {
						changed = put(servers, z, x) || changed
					}
				}
				for c, d := range copyZ.deleg {
					if s.zones[c] != nil {
						continue
					}
					for _, h := range d.ns {
						for _, g := range d.glue[h] {
							changed = put(servers, c, g) || changed
						}
						for x := range hosts[h] {
							changed = put(servers, c, x) || changed
						}
					}
				}
				for _, c := range w.zs {
					if c != z && within(c, z) && s.zones[c] != nil {
						changed = put(servers, c, a) || changed
					}
				}
				for h, as := range copyZ.a {
					if d := s.deepest(h); d != copyZ {
						continue
					}
					below := false
					for c := range copyZ.deleg {
						below = below || within(h, c)
					}
					if below {
						continue
					}
					for _, x := range as {
						changed = put(hosts, h, x) || changed
					}
				}
			}
		}
	}
	var out []string
	for a := range servers["customer.example"] {
		s := w.byA[a]
		if s == nil || !usable(s.faultAt(a)) || s.zones["customer.example"] == nil {
			continue
		}
		if z := s.zones["customer.example"]; z.state != "right" && z.state != "wild" {
			out = append(out, a)
		}
	}
	sort.Strings(out)
	return out
}

// generate makes the world of a seed.
func generate(seed uint64) *miniature {
	r := rand.New(rand.NewPCG(seed, 7))
	p := func(pct int) bool { return r.IntN(100) < pct }
	w := &miniature{byA: map[string]*miniServer{}, zs: []string{".", "example", "net", "customer.example", "prov.net", "host.example"}, owner: "_token.customer.example"}
	n4 := 0
	addr4 := func() string { n4++; return fmt.Sprintf("127.0.%d.%d", n4/250, 1+n4%250) }
	addr6 := func() string { n4++; return fmt.Sprintf("2001:db8::%x", n4) }
	newS := func(as ...string) *miniServer {
		s := &miniServer{addrs: as, at: map[string]string{}, zones: map[string]*zoneCopy{}}
		w.srv = append(w.srv, s)
		for _, a := range as {
			w.byA[a] = s
		}
		return s
	}
	fresh := func(apex string) *zoneCopy {
		return &zoneCopy{apex: apex, serial: 2, a: map[string][]string{}, cname: map[string]string{}, deleg: map[string]referral{}}
	}
	root := newS("127.0.0.1")
	n4 = 1
	rootZ := fresh(".")
	rootZ.ns = []string{"a.root"}
	rootZ.a["a.root"] = []string{"127.0.0.1"}
	root.zones["."] = rootZ
	// customer zone servers: hosts
	hosts := map[string][]string{} // truth
	mkhost := func(name string) {
		var as []string
		if p(85) {
			as = append(as, addr4())
		}
		if len(as) == 0 || p(25) {
			as = append(as, addr6())
		}
		hosts[name] = as
	}
	infra := func(apex string, n int) (ns []string) {
		for i := range n {
			h := fmt.Sprintf("n%d.%s", i, apex)
			ns = append(ns, h)
			hosts[h] = []string{addr4()}
		}
		return ns
	}
	// TLDs
	tldNS := infra("example", 1+r.IntN(3))
	netNS := infra("net", 1+r.IntN(2))
	provNS := infra("prov.net", 1+r.IntN(3))
	hostNS := infra("host.example", 1+r.IntN(2))
	if p(30) { // providers that need one another
		provNS = append(provNS, hostNS[0])
	}
	if p(30) {
		hostNS = append(hostNS, provNS[0])
	}
	if p(10) {
		provNS = []string{"n0.host.example"}
		if p(30) {
			hostNS = []string{"n0.prov.net"}
		}
	}
	// candidates for the customer's zone
	cands := []string{}
	for i := range 2 {
		cands = append(cands, fmt.Sprintf("ns%d.customer.example", i), fmt.Sprintf("ns%d.prov.net", i), fmt.Sprintf("ns%d.host.example", i))
	}
	for _, c := range cands {
		mkhost(c)
	}
	pick := func(most int) []string {
		l := slices.Clone(cands)
		r.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
		l = l[:1+r.IntN(most)]
		sort.Strings(l)
		return l
	}
	parent := pick(4)
	child := slices.Clone(parent)
	if p(35) {
		child = pick(4)
	}
	mk := func(apex string, ns []string) *zoneCopy {
		z := fresh(apex)
		z.ns = ns
		for h, as := range hosts {
			if w.zoneOfHost(h) == apex {
				z.a[h] = slices.Clone(as)
			}
		}
		return z
	}
	delegTo := func(up string, ns []string) referral {
		d := referral{ns: ns, glue: map[string][]string{}}
		for _, h := range ns {
			if within(h, up) && up != "." || up == "." {
				if up == "." && !(within(h, "example") && strings.Count(h, ".") == 1 || within(h, "net") && strings.Count(h, ".") == 1) {
					continue
				}
				d.glue[h] = slices.Clone(hosts[h])
			}
		}
		return d
	}
	rootZ.deleg["example"] = delegTo(".", tldNS)
	rootZ.deleg["net"] = delegTo(".", netNS)
	exZ := mk("example", tldNS)
	for h := range exZ.a {
		if strings.Count(h, ".") != 1 {
			delete(exZ.a, h)
		}
	}
	netZ := mk("net", netNS)
	own := func(d referral, apex string, strict bool) referral { // glue only for names within apex, or sometimes sibling
		for h := range d.glue {
			if !within(h, apex) && (strict || p(50)) {
				delete(d.glue, h)
			}
		}
		return d
	}
	netZ.deleg["prov.net"] = own(delegTo("net", provNS), "prov.net", true)
	exZ.deleg["host.example"] = own(delegTo("example", hostNS), "host.example", true)
	cd := own(delegTo("example", parent), "customer.example", false)
	exZ.deleg["customer.example"] = cd
	provZ, hostZ := mk("prov.net", provNS), mk("host.example", hostNS)
	custZ := mk("customer.example", child)
	custZ.token, custZ.state = w.owner, "right"
	if p(10) {
		custZ.state = "wild"
	}
	// hosts trouble
	for _, c := range cands {
		var z *zoneCopy
		switch w.zoneOfHost(c) {
		case "prov.net":
			z = provZ
		case "host.example":
			z = hostZ
		default:
			z = custZ
		}
		switch {
		case p(4):
			delete(z.a, c)
		case p(3):
			delete(z.a, c)
			z.cname[c] = "www." + z.apex
		}
	}
	spoil := func(d referral) {
		for _, g := range d.ns {
			if _, ok := d.glue[g]; !ok {
				continue
			}
			switch {
			case p(7):
				delete(d.glue, g)
			case p(7):
				d.glue[g] = []string{addr4()}
			case p(5):
				d.glue[g] = []string{hosts[cands[r.IntN(len(cands))]][0]}
			}
		}
	}
	spoil(cd)
	// servers
	serverOf := func(h string) *miniServer {
		as := hosts[h]
		if s := w.byA[as[0]]; s != nil {
			return s
		}
		return newS(as...)
	}
	infraFault := func(s *miniServer, pct int) {
		if p(pct) {
			s.fault = []string{"dead", "refused", "servfail", "slow", "noedns", "dropedns", "tc", "minimal", "case", "aa0", "upward"}[r.IntN(11)]
		}
	}
	for i, h := range tldNS {
		s := serverOf(h)
		s.zones["example"] = exZ.clone()
		if i > 0 {
			infraFault(s, 10)
		}
	}
	for _, h := range netNS {
		s := serverOf(h)
		s.zones["net"] = netZ
	}
	for _, h := range provNS {
		if w.zoneOfHost(h) != "prov.net" && !p(70) {
			continue
		}
		s := serverOf(h)
		s.zones["prov.net"] = provZ.clone()
		infraFault(s, 20)
	}
	for _, h := range hostNS {
		s := serverOf(h)
		s.zones["host.example"] = hostZ.clone()
		infraFault(s, 20)
	}
	for _, h := range cands {
		s := serverOf(h)
		if p(92) {
			c := custZ.clone()
			switch {
			case p(12):
				c.state, c.serial = "missing", 1
			case p(4):
				c.state, c.serial = "old", 1
			case p(2):
				c.state = "cname"
			}
			if p(10) {
				c.ns = pick(3)
			}
			if p(5) && len(c.a) > 0 {
				for x := range c.a {
					c.a[x] = []string{addr4()}
					break
				}
			}
			s.zones["customer.example"] = c
		}
		if p(25) {
			fs := []string{"dead", "refused", "servfail", "upward", "aa0", "park", "slow", "noedns", "dropedns", "tc", "slip", "tcnotcp", "case", "minimal", "minimal"}
			f := fs[r.IntN(len(fs))]
			if p(30) && len(s.addrs) > 1 {
				s.at[s.addrs[r.IntN(len(s.addrs))]] = f
			} else {
				s.fault = f
			}
		}
	}
	return w
}

func (w *miniature) start(t *testing.T) *verifytest.World {
	o := verifytest.Options{Memory: true, Text: []string{"$ORIGIN invalid.\n$TTL 300\n@ SOA m h 1 3600 600 86400 60\n@ NS m\n"}}
	for i, s := range w.srv {
		so := verifytest.ServerOptions{Name: "s" + strconv.Itoa(i), Zones: []zone.Name{"nothing.invalid"}}
		for z := range s.zones {
			n := zone.Name(z)
			if z == "." {
				n = zone.Root
			}
			so.Zones = append(so.Zones, n)
		}
		for _, a := range s.addrs {
			so.Addrs = append(so.Addrs, netip.MustParseAddr(a))
		}
		o.Servers = append(o.Servers, so)
	}
	vw, err := verifytest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range w.srv {
		v := vw.Server("s" + strconv.Itoa(i))
		for _, z := range s.zones {
			snap, err := zone.ReadText(strings.NewReader(z.text()), zone.Root)
			if err != nil {
				t.Fatalf("%v\n%s", err, z.text())
			}
			v.Hold(snap)
		}
		v.SetFault(worldFaults[s.fault])
		for a, f := range s.at {
			v.SetFaultAt(netip.MustParseAddr(a), worldFaults[f])
		}
	}
	return vw
}

func (w *miniature) dump() string {
	var b strings.Builder
	for i, s := range w.srv {
		fmt.Fprintf(&b, "== s%d %v fault=%q at=%v\n", i, s.addrs, s.fault, s.at)
		var ks []string
		for k := range s.zones {
			ks = append(ks, k)
		}
		sort.Strings(ks)
		for _, k := range ks {
			z := s.zones[k]
			fmt.Fprintf(&b, "   %s %d ns=%v a=%v cname=%v %s\n", k, z.serial, z.ns, z.a, z.cname, z.state)
			for c, d := range z.deleg {
				fmt.Fprintf(&b, "      -> %s %v glue %v\n", c, d.ns, d.glue)
			}
		}
	}
	return b.String()
}

// look is one look at the world, how long it took, and what it asked.
func (w *miniature) look(t *testing.T, o verify.Options) (r verify.Report, took time.Duration, asked int) {
	t.Helper()
	vw := w.start(t)
	defer vw.Close()
	o.Start, o.Map, o.Transport = vw.Start(), vw.Map, vw
	rec, err := zone.New(zone.Name(w.owner), "TXT", 300, `"token=1"`)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r, err = verify.New(o).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: rec}}})
	if err != nil {
		t.Fatal(err)
	}
	return r, time.Since(began), vw.Queries()
}

// TestNoServerIsLeftOut builds worlds at random, with dead, lame, lagging and
// contradicting servers, and finds out from their files alone which of them
// resolvers may come to: no look says propagated where one of these lacks the
// record, and the report counts what was sent.
func TestNoServerIsLeftOut(t *testing.T) {
	const first = 1 // a failure names its seed: the world of a seed is always the same
	worlds := 300
	if os.Getenv("MOORING_LONG") == "1" {
		worlds = 3000
	}
	verdicts := make(map[verify.Verdict]int)
	for seed := uint64(first); seed < first+uint64(worlds); seed++ {
		w := generate(seed)
		lack := w.lacking()
		synctest.Test(t, func(t *testing.T) {
			r, _, _ := w.look(t, verify.Options{})
			verdicts[r.Verdict]++
			if (r.Verdict == verify.Propagated || r.Verdict == verify.Published) && len(lack) > 0 {
				t.Errorf("seed %d: %s, though %v lack the record: %s\n%s", seed, r.Verdict, lack, w.dump(), dump(r))
			}
		})
	}
	t.Logf("seeds %d to %d: %v", first, first+worlds-1, verdicts)
	if verdicts[verify.Propagated] < worlds/4 || verdicts[verify.Partial] < worlds/8 {
		t.Errorf("%v: the worlds show nothing", verdicts)
	}
}
