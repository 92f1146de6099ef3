package verify

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Status is how a question was answered.
type Status string

// The ways a question is answered.
const (
	Found    Status = "found"
	NoData   Status = "nodata"   // the name exists, the type does not
	NXDomain Status = "nxdomain" // the name does not exist
	Failed   Status = "failed"   // no answer that counts
)

// sight is one answer of one server to one question.
type sight struct {
	status Status
	recs   []zone.Record // at the owner: of the type asked for, or the CNAME in its place
	ttl    uint32        // of recs, or of the negative answer
	state  State         // Lame, Dead or Bogus, where status is Failed
	err    string
	// vague: a referral to servers below, which say themselves what is there,
	// or an answer that contradicts itself. Nothing is proven to be there by
	// it, nor to be gone.
	vague bool
}

// says is what the answer is to an expectation, if it counts.
func (s sight) says(e Expect, peers []zone.Record) State {
	if s.vague {
		return Differs
	}
	return match(e, peers, s.recs)
}

// witness is one server and all it answered to one question in one look.
type witness struct {
	server string
	addr   netip.Addr
	sights []sight
	told   bool // the delegation says already what is wrong with it
}

// evidence is all that counts for one expectation.
type evidence struct {
	expect    Expect
	peers     []zone.Record // all values that the request expects at this owner and type
	apex      zone.Name     // of the zone that DNS puts the owner in; empty: the walk did not start
	servers   []witness
	resolvers []witness
	silent    bool // no resolver was to be asked
}

// judge is a pure function: the same evidence gives the same verdict, in any
// order of the servers.
func judge(ev evidence) (RecordState, []Finding) {
	rs := RecordState{Expect: ev.expect, Zone: ev.apex}
	for _, w := range ev.servers {
		rs.Servers = append(rs.Servers, ev.state(w))
	}
	for _, w := range ev.resolvers {
		rs.Resolvers = append(rs.Resolvers, ev.state(w))
	}
	rs.Verdict = ev.verdict(rs)
	return rs, ev.findings(rs)
}

func (ev evidence) state(w witness) ServerState {
	out := ServerState{Server: w.server, Addr: w.addr}
	for _, s := range w.sights {
		if s.status == Failed {
			if out.State == "" {
				out.State, out.Err = s.state, s.err
			}
			continue
		}
		state := s.says(ev.expect, ev.peers)
		switch {
		case out.State == "" || out.Err != "":
			out.State, out.Err = state, "" // an answer outweighs a lost packet
		case out.State != state && (out.State == Right || state == Right):
			out.State = Flapping
		}
		out.TTL = s.ttl
		for _, r := range s.recs {
			if text := r.Type + " " + r.Data; !slices.Contains(out.Seen, text) {
				out.Seen = append(out.Seen, text)
			}
		}
	}
	if out.State == "" {
		out.State, out.Err = Unknown, "not asked"
	}
	slices.Sort(out.Seen)
	return out
}

func (ev evidence) verdict(rs RecordState) Verdict {
	n := count(rs.Servers)
	switch answered := n[Right] + n[Missing] + n[Differs] + n[Flapping]; {
	case ev.undelegated(n[Right]):
		return Undelegated
	case answered == 0:
		return Unreachable
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
	case r[Missing]+r[Differs]+r[Flapping] > 0, r[Right] == 0:
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
	return slices.ContainsFunc(ev.servers, func(w witness) bool {
		return slices.ContainsFunc(w.sights, func(s sight) bool { return s.status == NXDomain })
	})
}

// findings explain a verdict.
func (ev evidence) findings(rs RecordState) []Finding {
	var out []Finding
	what := ev.expect.Record.Name.FQDN() + " " + ev.expect.Record.Type
	add := func(f Finding) { out = append(out, f) }
	if z := ev.expect.Zone; z != "" && ev.apex.Below(z) {
		add(Finding{
			Code: CodeCutBelow, Severity: Error, Detail: fmt.Sprintf("%s lies in %s, which %s delegates", what, ev.apex.FQDN(), z.FQDN()),
			Hint: "a record written to the upper zone is never seen; write it to the lower one",
		})
	}
	if rs.Verdict == Undelegated {
		add(Finding{
			Code: CodeUndelegated, Severity: Error, Detail: fmt.Sprintf("%s: DNS knows only %s", what, ev.apex.FQDN()),
			Hint: "the domain is not registered, or its registrar names no name servers for it",
		})
		return out
	}
	for i, s := range rs.Servers {
		switch {
		case s.State == Flapping:
			add(Finding{
				Code: CodeFlap, Severity: Error, Server: s.who(), Detail: what + ": answers change from question to question",
				Hint: "several machines share the address and do not agree yet",
			})
		case rs.Verdict == Partial && (s.State == Missing || s.State == Differs):
			add(Finding{
				Code: CodeStale, Severity: Error, Server: s.who(), Detail: what + ": does not serve what another server serves",
				Hint: "a secondary that has not taken the zone over yet, or a server of another provider that is still delegated to",
			})
		case s.State == Lame && !ev.servers[i].told:
			add(Finding{
				Code: CodeLame, Severity: Warning, Server: s.who(), Detail: what + ": " + s.Err,
				Hint: "the server answers for the zone, but not to this question",
			})
		case s.State == Unknown && !ev.servers[i].told:
			add(Finding{
				Code: CodeUnknown, Severity: Warning, Server: s.who(), Detail: what + ": " + s.Err,
				Hint: "the server answers for the zone, but not to this question; what it serves is not known",
			})
		}
	}
	for _, s := range rs.Resolvers {
		switch s.State {
		case Bogus:
			add(Finding{
				Code: CodeDNSSECBogus, Severity: Error, Server: s.who(), Detail: what + ": " + s.Err,
				Hint: "the zone's signatures do not hold; compare the DS record at the registrar with the zone's keys",
			})
		case Missing, Differs, Flapping:
			add(Finding{
				Code: CodeNegCached, Severity: Info, Server: s.who(), Detail: fmt.Sprintf("%s: keeps an old answer for up to %d s", what, s.TTL),
			})
		default:
		}
	}
	for _, w := range ev.servers {
		for _, s := range w.sights {
			if s.status == Found && s.says(ev.expect, ev.peers) != Right {
				out = append(out, mistakes(ev.expect, ev.apex, s.recs)...)
			}
		}
	}
	return out
}

// overall is the verdict on all records: the worst one, but a record that is
// there beside one that is missing makes it partial.
func overall(records []RecordState) Verdict {
	worst := []Verdict{Undelegated, Unreachable, DNSSECBroken, Wrong, Unstable, Partial, Absent, Published, Propagated}
	at := len(worst) - 1
	there := false
	for _, r := range records {
		at = min(at, slices.Index(worst, r.Verdict))
		there = there || r.Verdict == Propagated || r.Verdict == Published
	}
	if there && worst[at] == Absent {
		return Partial
	}
	return worst[at]
}
