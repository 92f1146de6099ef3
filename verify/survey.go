package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

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
	zone   zone.Name
	parent []zone.Name
	child  []zone.Name
	glue   []zone.Record
	hosts  map[zone.Name]hostAddrs
	said   map[netip.Addr]probe
}

// probe is what one address says of the zone.
type probe struct {
	state State
	soa   SOA
	ns    []zone.Name
	err   error
}

// grow resolves the names and asks the addresses that are new, and reports
// whether there were any.
func (s *survey) grow(ctx context.Context) bool {
	var hosts []zone.Name
	for _, n := range slices.Concat(s.parent, s.child) {
		if _, known := s.hosts[n]; !known && !slices.Contains(hosts, n) && len(s.hosts)+len(hosts) < maxServers {
			hosts = append(hosts, n)
		}
	}
	found := make([]hostAddrs, len(hosts))
	each(len(hosts), func(i int) { found[i] = s.call.resolve(ctx, hosts[i], 1) })

	var addrs []netip.Addr
	for i, h := range hosts {
		s.hosts[h] = found[i]
		for _, a := range slices.Concat(addresses(s.glue, h), found[i].addrs) {
			if _, known := s.said[a]; !known && !slices.Contains(addrs, a) && len(s.said)+len(addrs) < maxServers {
				addrs = append(addrs, a)
			}
		}
	}
	said := make([]probe, len(addrs))
	each(len(addrs), func(i int) { said[i] = s.ask(ctx, addrs[i]) })
	for i, a := range addrs {
		s.said[a] = said[i]
		s.child = append(s.child, said[i].ns...)
	}
	slices.SortFunc(s.child, zone.Compare)
	s.child = slices.Compact(s.child)
	return len(hosts) > 0
}

func (s *survey) ask(ctx context.Context, a netip.Addr) probe {
	at := s.call.v.opts.at(a)
	var rs [2]reply
	var errs [2]error
	each(len(rs), func(i int) {
		rs[i], errs[i] = s.call.ask(ctx, at, question{name: s.zone, typ: []string{"SOA", "NS"}[i]})
	})
	switch {
	case errors.Is(errs[0], errBudget):
		return probe{state: Unknown, err: errs[0]}
	case errs[0] != nil:
		return probe{state: Dead, err: errs[0]}
	}
	if err := classify(rs[0], s.zone, s.zone); err != nil {
		return probe{state: Lame, err: err}
	}
	soa := ofType(rs[0].answer, s.zone, "SOA")
	if len(soa) == 0 {
		return probe{state: Lame, err: fmt.Errorf("no SOA record at %s", s.zone.FQDN())}
	}
	p := probe{state: Sound, soa: readSOA(soa[0])}
	switch {
	case errs[1] != nil: // it may name a server that nobody else does
		p.state, p.err = Unknown, fmt.Errorf("its name servers: %w", errs[1])
	case rs[1].aa:
		p.ns = few(targets(ofType(rs[1].answer, s.zone, "NS")))
	}
	return p
}

// delegation puts what was learned in order.
func (s *survey) delegation() Delegation {
	d := Delegation{Apex: s.zone, Parent: s.parent, Child: s.child}
	add := func(host zone.Name, a netip.Addr, p probe) {
		srv := Server{
			Name: host, Addr: a, State: p.state, Serial: p.soa.Serial, NS: p.ns,
			Parent: slices.Contains(s.parent, host), Child: slices.Contains(s.child, host),
		}
		if p.err != nil {
			srv.Err = p.err.Error()
		}
		d.Servers = append(d.Servers, srv)
		d.Findings = append(d.Findings, serverFinding(srv, p.err)...)
		if p.state == Sound && d.SOA == (SOA{}) {
			d.SOA = p.soa
		}
	}
	for _, host := range union(s.parent, s.child) {
		known, looked := s.hosts[host]
		glue := addresses(s.glue, host)
		all := union(glue, known.addrs)
		for _, a := range all {
			if p, asked := s.said[a]; asked {
				add(host, a, p)
			}
		}
		unasked := func(a netip.Addr) bool { _, asked := s.said[a]; return !asked }
		switch i := slices.IndexFunc(all, unasked); {
		case !looked:
			add(host, netip.Addr{}, probe{state: Unknown, err: errCrowd})
			continue
		case i >= 0:
			add(host, all[i], probe{state: Unknown, err: errCrowd})
		case known.failed && s.call.spent():
			add(host, netip.Addr{}, probe{state: Unknown, err: errBudget})
			continue
		}
		d.Findings = append(d.Findings, hostFindings(host, glue, known)...)
	}
	slices.SortFunc(d.Servers, func(a, b Server) int {
		return cmp.Or(zone.Compare(a.Name, b.Name), a.Addr.Compare(b.Addr))
	})
	d.Findings = append(d.Findings, setFindings(d)...)
	if !slices.ContainsFunc(d.Servers, func(s Server) bool { return s.State == Sound }) {
		d.Err = fmt.Sprintf("no server answers for %s", s.zone.FQDN())
	}
	return d
}

func serverFinding(s Server, err error) []Finding {
	f := Finding{Severity: Warning, Server: s.who(), Detail: s.Err}
	switch {
	case s.State == Lame:
		f.Code, f.Hint = CodeLame, "the server is named for the zone and does not answer for it; its operator or the delegation must be corrected"
	case errors.Is(err, errNoRoute):
		f.Code, f.Severity, f.Hint = CodeNoRoute, Info, "this machine cannot reach the address; others may"
	case s.State == Unknown:
		f.Code, f.Hint = CodeUnknown, "it counts as a server that lags until a look learns what it serves"
	case s.State == Dead:
		f.Code, f.Hint = CodeDead, "the server does not answer; resolvers lose time on it"
	default:
		return nil
	}
	return []Finding{f}
}

func hostFindings(host zone.Name, glue []netip.Addr, known hostAddrs) []Finding {
	var out []Finding
	if known.alias {
		out = append(out, Finding{
			Code: CodeNSAlias, Severity: Warning, Server: string(host),
			Detail: "the name server's name is a CNAME", Hint: "RFC 2181 section 10.3 wants an address record there",
		})
	}
	switch {
	case len(glue) == 0 && len(known.addrs) == 0:
		out = append(out, Finding{
			Code: CodeNSNoAddress, Severity: Warning, Server: string(host),
			Detail: known.err, Hint: "the name server is named for the zone and has no address",
		})
	case len(glue) > 0 && !known.failed && len(union(known.addrs, glue)) > len(known.addrs):
		// Glue that lacks an address is harmless; glue of its own is not.
		out = append(out, Finding{
			Code: CodeGlue, Severity: Warning, Server: string(host),
			Detail: fmt.Sprintf("the parent zone gives %v, the zone itself %v", glue, known.addrs),
			Hint:   "correct the glue records at the registrar",
		})
	}
	return out
}

// setFindings compares what parent and zone say of the name servers.
func setFindings(d Delegation) []Finding {
	var out []Finding
	if len(d.Parent) > 0 && len(d.Child) > 0 {
		if extra := missing(d.Parent, d.Child); len(extra) > 0 {
			out = append(out, Finding{
				Code: CodeParentExtra, Severity: Warning, Server: strings.Join(extra, " "),
				Detail: "the parent zone delegates to it, the zone does not name it", Hint: "correct the name servers at the registrar",
			})
		}
		if extra := missing(d.Child, d.Parent); len(extra) > 0 {
			out = append(out, Finding{
				Code: CodeChildExtra, Severity: Warning, Server: strings.Join(extra, " "),
				Detail: "the zone names it, the parent zone does not delegate to it", Hint: "correct the NS records at the apex",
			})
		}
	}
	for _, s := range d.Servers {
		if s.State == Sound && s.Serial != d.SOA.Serial {
			out = append(out, Finding{
				Code: CodeSerial, Severity: Info, Server: s.who(),
				Detail: fmt.Sprintf("serial %d, another server has %d", s.Serial, d.SOA.Serial),
				Hint:   fmt.Sprintf("one of them has not yet taken the zone over; the zone asks for that at least every %d s", d.SOA.Refresh),
			})
		}
	}
	return out
}

func missing(a, b []zone.Name) []string {
	var out []string
	for _, n := range a {
		if !slices.Contains(b, n) {
			out = append(out, string(n))
		}
	}
	return out
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
