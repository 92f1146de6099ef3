package verify

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/providers/zone"
)

// maxServers bounds the names looked up and the addresses asked for one zone.
// The root has 13 and 26.
const maxServers = 64

// few keeps more name servers than are looked up, and not thousands of them.
func few(ns []zone.Name) []zone.Name { return ns[:min(len(ns), maxServers+1)] }

// survey is the questioning of all servers of one zone.
type survey struct {
	call   *call
	at     cut
	zone   zone.Name
	parent []zone.Name
	child  []zone.Name
	glue   []zone.Record
	hosts  map[zone.Name]hostAddrs
	said   map[netip.Addr]probe

	above      []*future  // who else was asked above, and
	parents    []Referral // what they say
	bystanders []bystander

	widening sync.WaitGroup
	wide     level       // the zone above, with all servers that are known to somebody, and
	denied   []bystander // who denies that zone

	checking  sync.WaitGroup // the addresses in hosts, one goroutine for each that is in checked
	mu        sync.Mutex
	checked   map[zone.Name]bool
	confirmed map[zone.Name]hostAddrs
}

// survey asks every server of the zone that a walk found, starting with those
// the parent names and going on with those that they name. What the walk took
// from the cache about this very zone is asked for again: it is what a look is
// to find out.
func (c *call) survey(ctx context.Context, at cut) Delegation {
	if at.cached {
		c.pass(at.apex)
		again, err := c.walk(ctx, at.name, 0)
		if err != nil {
			return Delegation{Err: err.Error()}
		}
		at = again
	}
	s := &survey{
		call: c, at: at, zone: at.apex, glue: slices.Clone(at.glue),
		hosts: make(map[zone.Name]hostAddrs), said: make(map[netip.Addr]probe),
		checked: make(map[zone.Name]bool), confirmed: make(map[zone.Name]hostAddrs),
	}
	s.askParents(ctx)
	defer s.widening.Wait()
	ns := at.ns
	if len(ns) == 0 && at.above != nil {
		ns = c.parentView(ctx, at)
	}
	if at.err != nil && len(ns) == 0 {
		return Delegation{Err: at.err.Error(), Findings: []Finding{{
			Code: CodeNoStart, Severity: Error, Detail: at.err.Error(),
			Hint: "no server to start from answers; check the start servers, and that this machine may ask DNS at all",
		}}}
	}
	s.parent = few(targets(ns))
	s.child = c.childView(ctx, at, len(s.parent) > 0)
	s.grow(ctx)
	if at.above != nil {
		s.heedParents(ctx)
		s.grow(ctx)
	}
	return s.delegation()
}

// grow asks the addresses that are known and looks up the names that have
// none, until nobody names another server.
func (s *survey) grow(ctx context.Context) {
	for range maxSteps {
		addrs := s.unasked()
		settled := len(addrs) == 0
		if settled {
			s.adopt()
			s.confirm(ctx)
			addrs = s.unasked()
		}
		hosts := s.unresolved(settled)
		s.lead()
		if len(addrs)+len(hosts) == 0 {
			return
		}
		hosts = slices.DeleteFunc(hosts, func(h zone.Name) bool {
			addrs, known := s.call.knownHost(h)
			if known {
				s.hosts[h] = addrs
			}
			return known
		})
		var wg sync.WaitGroup
		var found []hostAddrs
		if len(hosts) > 0 {
			wg.Go(func() { found = s.call.resolveAll(ctx, hosts, 1) })
		}
		s.askAll(ctx, addrs)
		wg.Wait()
		for i, h := range hosts {
			s.hosts[h] = found[i]
		}
		s.check(ctx, false)
	}
}

// check begins to confirm the addresses of hosts: of those within the zone once
// its servers were heard, which may give them unasked.
func (s *survey) check(ctx context.Context, within bool) {
	for host, h := range s.hosts {
		inside := host.Within(s.zone)
		if h.sure || s.checked[host] || inside && !within {
			continue
		}
		var servers []netip.AddrPort
		if inside {
			servers = s.silent(host)
		}
		if h.failed && len(h.addrs)+len(servers) == 0 {
			continue // of a host within the zone: until a sound server is known
		}
		s.checked[host] = true
		know := func() hostAddrs { return s.call.confirmOutside(ctx, host, h) }
		if inside {
			know = func() hostAddrs { return s.call.confirm(ctx, host, h, s.zone, servers) }
		}
		s.checking.Go(func() {
			h := know()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.confirmed[host] = h
		})
	}
}

// confirm waits for what check has begun.
func (s *survey) confirm(ctx context.Context) {
	s.check(ctx, true)
	s.checking.Wait()
	for host, h := range s.confirmed {
		h.addrs = union(s.hosts[host].addrs, h.addrs)
		s.hosts[host] = h
	}
}

// silent is the sound servers of the zone that did not give the addresses of
// the host unasked.
func (s *survey) silent(host zone.Name) []netip.AddrPort {
	var out []netip.AddrPort
	for a, p := range s.said {
		if p.state == Sound && len(addresses(p.extra, host)) == 0 && len(out) < maxPeers {
			out = append(out, s.call.v.reach(a))
		}
	}
	return out
}

// adopt takes the addresses of names within the zone from what its servers
// gave unasked, together with the names, where that is all that the parent zone
// gives too.
func (s *survey) adopt() {
	for _, n := range union(s.parent, s.child) {
		h, known := s.hosts[n]
		if known && n.Within(s.zone) { // its servers need not agree
			h.addrs = union(h.addrs, s.told(n))
			s.hosts[n] = h
		}
		if known || !n.Within(s.zone) || len(s.hosts) >= maxServers {
			continue
		}
		if told := s.told(n); len(told) > 0 && len(missing(addresses(s.glue, n), told)) == 0 {
			s.hosts[n] = hostAddrs{addrs: told}
		}
	}
}

// lead makes the walks to names within the zone begin at the servers that are
// known to answer for it, where those that the walk went to do not.
func (s *survey) lead() {
	c := s.call
	if c.stuckAt(s.zone) == nil {
		return
	}
	l := s.at.level
	l.servers = nil
	for a, p := range s.said {
		if p.state == Sound {
			l.servers = append(l.servers, c.v.reach(a))
		}
	}
	if len(l.servers) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.stuck, s.zone)
	c.levels[s.zone] = l
}

// unresolved is the names to be looked up: those within the zone last, since
// its servers may give their addresses unasked.
func (s *survey) unresolved(settled bool) []zone.Name {
	var out []zone.Name
	for _, n := range union(s.parent, s.child) {
		_, known := s.hosts[n]
		if !known && (settled || !n.Within(s.zone)) && len(s.hosts)+len(out) < maxServers {
			out = append(out, n)
		}
	}
	return out
}

// told is the addresses of a host that sound servers of the zone gave.
func (s *survey) told(host zone.Name) []netip.Addr {
	var out []netip.Addr
	for _, p := range s.said {
		out = append(out, addresses(p.extra, host)...)
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// unasked is the addresses known that were not asked yet.
func (s *survey) unasked() []netip.Addr {
	var out []netip.Addr
	for _, h := range union(s.parent, s.child) {
		for _, a := range slices.Concat(addresses(s.glue, h), s.hosts[h].addrs) {
			_, known := s.said[a]
			if known || slices.Contains(out, a) || len(s.said)+len(out) >= maxServers {
				continue
			}
			out = append(out, a)
			s.call.group(s.call.v.reach(a), h)
		}
	}
	for _, b := range s.bystanders {
		if _, known := s.said[b.addr]; !known && !b.denies && s.call.v.reach(b.addr) == b.at && !slices.Contains(out, b.addr) {
			out = append(out, b.addr)
		}
	}
	return out
}

// delegation puts what was learned in order.
func (s *survey) delegation() Delegation {
	d := Delegation{Apex: s.zone, Parent: s.parent, Child: s.child}
	if slices.ContainsFunc(s.parents, func(r Referral) bool { return !slices.Equal(r.NS, s.parents[0].NS) }) {
		d.Referrals = s.parents
	}
	for _, host := range union(s.parent, s.child) {
		known, looked := s.hosts[host]
		h := Host{
			Name: host, Glue: addresses(s.glue, host), Addrs: slices.Clone(known.addrs),
			Alias: known.alias, Gone: known.gone, Failed: known.failed, Err: known.err,
		}
		slices.SortFunc(h.Addrs, netip.Addr.Compare)
		crowd := false
		for _, a := range union(h.Glue, h.Addrs) {
			p, asked := s.said[a]
			switch {
			case asked:
				d.Servers = append(d.Servers, s.server(host, a, p))
			case looked && !crowd:
				crowd = true
				d.Servers = append(d.Servers, s.server(host, a, unknown(errCrowd)))
			}
		}
		switch {
		case !looked:
			h.Unasked = true
			d.Servers = append(d.Servers, s.server(host, netip.Addr{}, unknown(errCrowd)))
		case known.failed && !crowd && s.call.spent():
			h.Unasked = true
			d.Servers = append(d.Servers, s.server(host, netip.Addr{}, unknown(errBudget)))
		}
		d.Hosts = append(d.Hosts, h)
	}
	for _, b := range s.bystanders {
		switch {
		case b.denies:
			d.Servers = append(d.Servers, s.server(b.name, b.addr, unknown(errDenies)))
		case slices.ContainsFunc(d.Servers, func(known Server) bool { return s.call.v.reach(known.Addr) == b.at }):
		case s.call.v.reach(b.addr) != b.at:
			d.Servers = append(d.Servers, s.server(b.name, b.addr, unknown(errNowhere)))
		default:
			d.Servers = append(d.Servers, s.server(b.name, b.addr, s.said[b.addr]))
		}
	}
	slices.SortFunc(d.Servers, func(a, b Server) int {
		return cmp.Or(zone.Compare(a.Name, b.Name), a.Addr.Compare(b.Addr))
	})
	slices.SortFunc(d.Hosts, func(a, b Host) int { return zone.Compare(a.Name, b.Name) })
	i := slices.IndexFunc(d.Servers, func(s Server) bool { return s.State == Sound })
	if i < 0 {
		d.Err = fmt.Sprintf("no server answers for %s", s.zone.FQDN())
	} else {
		d.SOA = s.said[d.Servers[i].Addr].soa
	}
	d.Findings = d.diagnose()
	return d
}

func (s *survey) server(host zone.Name, a netip.Addr, p probe) Server {
	srv := Server{
		Name: host, Addr: a, State: p.state, Trouble: p.code, Serial: p.soa.Serial, NS: p.ns,
		Parent: slices.Contains(s.parent, host), Child: slices.Contains(s.child, host),
		Private: a.IsValid() && s.call.v.ground.private(a),
		Manner:  s.call.manner(s.call.v.reach(a)),
	}
	if p.err != nil {
		srv.Err = p.err.Error()
	}
	return srv
}

// union keeps the order of a, then of what b adds.
func union[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
