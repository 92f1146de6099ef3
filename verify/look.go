package verify

import (
	"cmp"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// peers are the values expected at one owner and type.
func (l *look) peers(key zone.Key) []zone.Record {
	var out []zone.Record
	for _, e := range l.expect {
		if e.Record.Key() == key && !e.Gone {
			out = append(out, e.Record)
		}
	}
	return out
}

// evidence is what the look holds on one expectation.
func (l *look) evidence(e Expect) evidence {
	key := e.Record.Key()
	d := l.cuts[l.zones[key]]
	ev := evidence{expect: e, peers: l.peers(key), apex: d.Apex, silent: len(l.heard[key]) == 0}
	for _, s := range d.Servers {
		w := witness{server: string(s.Name), addr: s.Addr, sights: l.seen[key][s.Addr]}
		if s.State != Sound {
			w.sights, w.told = []sight{{status: Failed, state: s.State, err: s.Err}}, true
		}
		ev.servers = append(ev.servers, w)
	}
	for at, sights := range l.heard[key] {
		ev.resolvers = append(ev.resolvers, witness{addr: at.Addr(), sights: sights})
	}
	slices.SortFunc(ev.resolvers, func(a, b witness) int { return a.addr.Compare(b.addr) })
	return ev
}

// report judges the look.
func (l *look) report(c *call) Report {
	r := Report{Queries: min(int(c.queries.Load()), c.v.opts.maxQueries())}
	for _, d := range l.cuts {
		r.Delegations = append(r.Delegations, d)
	}
	slices.SortFunc(r.Delegations, func(a, b Delegation) int { return zone.Compare(a.Apex, b.Apex) })
	var findings []Finding
	for _, d := range r.Delegations {
		findings = append(findings, d.Findings...)
	}
	for _, e := range l.expect {
		rs, why := judge(l.evidence(e))
		r.Records = append(r.Records, rs)
		findings = append(findings, why...)
	}
	for _, f := range slices.Concat(findings, l.extra) {
		if !slices.Contains(r.Findings, f) {
			r.Findings = append(r.Findings, f)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Compare(rank(a.Severity), rank(b.Severity))
	})
	r.Verdict = overall(r.Records)
	r.NextLook = nextLook(r)
	return r
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Warning, Info}, s)
}

// nextLook is when the first resolver that is behind forgets what it keeps. It
// is known only when nothing else holds the report back.
func nextLook(r Report) uint32 {
	var next uint32
	if r.Verdict != Published {
		return 0
	}
	for _, rec := range r.Records {
		for _, s := range rec.Resolvers {
			if at := s.TTL + 1; (s.State == Missing || s.State == Differs) && (next == 0 || at < next) {
				next = at
			}
		}
	}
	return next
}
