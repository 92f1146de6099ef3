package verify

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Judge says what the observations mean. It asks nobody and looks at no clock:
// the same observations give the same report, in any order of what was heard.
//
// A resolver that is silent, or does not tell by policy, is left out as long as
// another one has the record. Where none has it the verdict is published: it
// does not say propagated without anybody who saw it. One that fails holds the
// report back, since those who ask it get no answer either. The same is true
// of vantage points beyond those that may miss: none of one, one of 2 to 5, and
// two of 6 and more.
func Judge(o Observations) Report {
	o.Placements, o.Delegations = slices.Clone(o.Placements), slices.Clone(o.Delegations)
	o.Answers, o.Vantages = slices.Clone(o.Answers), slices.Clone(o.Vantages)
	o.sort()
	return recall(o).judge(o.Queries, o.Lasted)
}

// judge is Judge of a look that is in the order that observations have.
func (l *look) judge(queries int, lasted float64) Report {
	r := Report{Queries: queries}
	for _, d := range l.cuts {
		r.Delegations = append(r.Delegations, d)
	}
	slices.SortFunc(r.Delegations, func(a, b Delegation) int { return zone.Compare(a.Apex, b.Apex) })
	var findings []Finding
	for _, d := range r.Delegations {
		findings = append(findings, d.Findings...)
	}
	var latest time.Time
	for _, e := range l.expect {
		ev := l.evidence(e)
		rs, why := judge(ev)
		if at := ev.latest(rs); at.After(latest) {
			latest = at
		}
		r.Records = append(r.Records, rs)
		findings = append(findings, why...)
	}
	findings = append(findings, quorum(r.Records, l.expect, l.vantages)...)
	told := make(map[Finding]bool, len(findings))
	for _, f := range findings {
		f.Hint = cmp.Or(f.Hint, hint(f.Code))
		if !told[f] {
			told[f] = true
			r.Findings = append(r.Findings, f)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Compare(rank(a.Severity), rank(b.Severity))
	})
	r.Verdict = overall(r.Records)
	r.NextLook, r.ETA = nextLook(r, latest, l.began, lasted)
	return r
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Warning, Info}, s)
}

// evidence is all that counts for one expectation.
type evidence struct {
	expect    Expect
	peers     []Expect  // all records that the request expects at this owner and type
	apex      zone.Name // of the zone that DNS puts the owner in; empty: the walk did not start
	servers   []witness
	resolvers []witness
	silent    bool         // no resolver was to be asked
	facts     []Heard      // what else was asked
	targets   []netip.Addr // where the CNAME that is expected leads
	began     time.Time
}

// judge is a pure function: the same evidence gives the same verdict, in any
// order of the servers.
func judge(ev evidence) (RecordState, []Finding) {
	rs := ev.record()
	return rs, ev.findings(rs)
}

func (ev evidence) record() RecordState {
	rs := RecordState{Expect: ev.expect, Zone: ev.apex}
	for _, w := range ev.servers {
		rs.Servers = append(rs.Servers, ev.state(w))
	}
	for _, w := range ev.resolvers {
		s := ev.state(w)
		if s.State == Missing || s.State == Differs || s.State == Flapping {
			if _, last, known := ev.behind(w); known && !ev.began.IsZero() {
				least, _ := last.holds()
				s.Until = ev.after(least)
			}
		}
		rs.Resolvers = append(rs.Resolvers, s)
	}
	rs.Verdict = ev.verdict(rs)
	return rs
}

// says is what an answer is to the expectation, if it counts.
func (ev evidence) says(s sight) State {
	switch {
	case s.vague:
		return Differs
	case ev.flattened(s.recs):
		return Right
	}
	return match(ev.expect, ev.peers, s.recs)
}

func (ev evidence) state(w witness) ServerState {
	out := ServerState{Server: w.server, Addr: w.addr}
	var said []State
	for _, s := range w.sights {
		if s.status == Failed {
			if out.State == "" {
				out.State, out.Err = s.state, s.err
			}
			continue
		}
		said = append(said, ev.says(s))
		out.TTL = s.ttl
		for _, text := range shown(s.recs) {
			if i, there := slices.BinarySearch(out.Seen, text); !there {
				out.Seen = slices.Insert(out.Seen, i, text)
			}
		}
	}
	switch {
	case len(said) > 0:
		out.State, out.Err = settle(said), "" // an answer outweighs a lost packet
	case out.State == "":
		out.State, out.Err = Unknown, "not asked"
	}
	return out
}

func (ev evidence) verdict(rs RecordState) Verdict {
	n := count(rs.Servers)
	switch answered := n[Right] + n[Missing] + n[Differs] + n[Flapping]; {
	case answered == 0: // nobody knows where DNS leads to
		return Unreachable
	case ev.undelegated(n[Right]):
		return Undelegated
	case n[Flapping] > 0:
		return Unstable
	case n[Right] < answered+n[Unknown] && n[Right] > 0:
		return Partial
	case n[Differs] > 0:
		return Wrong
	case n[Missing] > 0:
		return Absent
	}
	if ev.silent {
		return Propagated
	}
	switch r := count(rs.Resolvers); {
	case r[Bogus] > 0:
		return DNSSECBroken
	case r[Missing]+r[Differs]+r[Flapping]+r[Failing]+r[Unknown] > 0, r[Right] == 0:
		return Published
	}
	return Propagated
}

func count(states []ServerState) map[State]int {
	n := make(map[State]int)
	for _, s := range states {
		n[s.State]++
	}
	return n
}

// undelegated reports whether DNS does not lead to the zone the record is in.
// Where the caller did not say which zone that is, a name that does not exist
// in a top-level domain or in the root belongs to a zone nobody delegated.
func (ev evidence) undelegated(right int) bool {
	if ev.apex == "" || right > 0 {
		return false
	}
	if ev.expect.Zone != "" {
		return ev.expect.Zone.Below(ev.apex)
	}
	if ev.expect.Gone || ev.apex.Parent() != zone.Root {
		return false
	}
	return slices.ContainsFunc(ev.servers, func(w witness) bool { return w.any(NXDomain) })
}

// overall is the verdict on all records: the worst one, but a record that is
// there, if only at some servers, beside one that is absent makes it partial.
func overall(records []RecordState) Verdict {
	verdicts := Verdicts()
	worst, there := 0, false
	for _, r := range records {
		worst = max(worst, slices.Index(verdicts, r.Verdict))
		there = there || r.Verdict == Propagated || r.Verdict == Published || r.Verdict == Partial
	}
	if there && verdicts[worst] == Absent {
		return Partial
	}
	return verdicts[worst]
}
