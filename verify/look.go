package verify

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// peers are the expectations of records at one owner and type.
func (l *look) peers(key zone.Key) []Expect {
	var out []Expect
	for _, e := range l.expect {
		if e.Record.Key() == key && !e.Gone {
			out = append(out, e)
		}
	}
	return out
}

// test is what it takes to compare an answer with an expectation.
func (l *look) test(e Expect) evidence {
	ev := evidence{expect: e, peers: l.peers(e.Record.Key()), facts: l.facts, began: l.began}
	if target, ok := e.Record.Target(); ok && e.Record.Type == "CNAME" {
		ev.targets = follow(l.facts, "", target).addrs
	}
	return ev
}

// evidence is what the look holds on one expectation.
func (l *look) evidence(e Expect) evidence {
	key := e.Record.Key()
	d := l.cuts[l.zones[key]]
	ev := l.test(e)
	ev.apex, ev.silent = d.Apex, len(l.views) == 0
	for _, s := range d.Servers {
		w := witness{server: string(s.Name), addr: s.Addr, sights: l.seen[key][s.Addr], told: s.State != Sound || s.Manner.NoTCP}
		if s.State != Sound {
			w.sights = []sight{{status: Failed, state: s.State, err: s.Err}}
		}
		ev.servers = append(ev.servers, w)
	}
	for at, sights := range l.heard[key] {
		ev.resolvers = append(ev.resolvers, witness{addr: at.Addr(), port: at.Port(), sights: sights})
	}
	slices.SortFunc(ev.resolvers, func(a, b witness) int {
		return cmp.Or(a.addr.Compare(b.addr), cmp.Compare(a.port, b.port))
	})
	return ev
}

// report judges the look: Judge of its observations, without the way there and
// back.
func (l *look) report(c *call) Report {
	lasted := l.lasted()
	r := *l
	r.began = began(l)
	r.cuts = make(map[zone.Name]Delegation, len(l.cuts))
	for apex, d := range l.cuts {
		r.cuts[apex] = c.revisited(d)
	}
	r.facts = slices.SortedFunc(slices.Values(l.facts), byQuestion)
	r.vantages = slices.SortedFunc(slices.Values(l.vantages), byVantage)
	return r.judge(c.spentQueries(), lasted)
}

// flattened reports whether a server has addresses in the place of the CNAME.
func (l *look) flattened(key zone.Key) bool {
	for _, sights := range l.seen[key] {
		if slices.ContainsFunc(sights, func(s sight) bool { return len(addressesOf(s.recs)) > 0 }) {
			return true
		}
	}
	return false
}

// sound is the addresses of the servers that answer for the zone of a key.
func (l *look) sound(key zone.Key) []netip.Addr {
	var out []netip.Addr
	for _, s := range l.cuts[l.zones[key]].Servers {
		if s.State == Sound && !slices.Contains(out, s.Addr) {
			out = append(out, s.Addr)
		}
	}
	return out
}
