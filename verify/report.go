package verify

import (
	"net/netip"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Verdict is what all servers together say of a record, or of all records.
type Verdict string

// The verdicts, from good to bad.
const (
	Propagated   Verdict = "propagated"    // every sound server and every resolver has it
	Published    Verdict = "published"     // every sound server has it, a resolver or too many vantage points not yet
	Partial      Verdict = "partial"       // some sound servers have it, some not
	Absent       Verdict = "absent"        // no server has it, and nothing in its place
	Unstable     Verdict = "unstable"      // one address answers now this, now that
	Wrong        Verdict = "wrong"         // no server has it, and something else is in its place
	DNSSECBroken Verdict = "dnssec_broken" // every sound server has it, validating resolvers refuse it
	Unreachable  Verdict = "unreachable"   // no server of the zone answers for it
	Undelegated  Verdict = "undelegated"   // DNS does not lead to the zone
)

// Verdicts is every verdict, from good to bad.
func Verdicts() []Verdict {
	return []Verdict{Propagated, Published, Partial, Absent, Unstable, Wrong, DNSSECBroken, Unreachable, Undelegated}
}

// State is what one server says of a record, or how it stands to its zone.
type State string

// The states of a server.
const (
	Right    State = "right"
	Missing  State = "missing"  // the record is not there, nor anything in its place
	Differs  State = "differs"  // something else is in its place
	Flapping State = "flapping" // right and not right, in one look
	Lame     State = "lame"     // answers, but not for the zone
	Dead     State = "dead"     // does not answer
	Unknown  State = "unknown"  // answers for the zone, or was not asked for it, and did not say in this look what it serves: it may lag
	Bogus    State = "bogus"    // a resolver that has it and refuses to give it out: the signatures do not hold
	Failing  State = "failing"  // a resolver that fails to find out
	Filtered State = "filtered" // a resolver that does not tell, by policy
	Sound    State = "sound"    // answers for the zone; only in a Delegation
)

// Report is what DNS said in one look.
type Report struct {
	Verdict     Verdict       `json:"verdict"`
	Records     []RecordState `json:"records"`     // in the order of the Request
	Delegations []Delegation  `json:"delegations"` // one for each zone, sorted by apex: the evidence for who hosts it, too
	Findings    []Finding     `json:"findings,omitempty"`
	NextLook    uint32        `json:"next_look,omitempty"` // seconds after the look ended, after which looking again can show something new; 0: not known
	ETA         time.Time     `json:"eta,omitzero"`        // when the last resolver that is behind has forgotten what it keeps, proofs included; zero: not known
	Queries     int           `json:"queries"`             // messages sent from here
}

// RecordState is what DNS said of one expectation.
type RecordState struct {
	Expect    Expect        `json:"expect"`
	Zone      zone.Name     `json:"zone,omitempty"` // that DNS puts the owner in
	Verdict   Verdict       `json:"verdict"`
	Servers   []ServerState `json:"servers,omitempty"`
	Resolvers []ServerState `json:"resolvers,omitempty"` // only once the servers agree
}

// ServerState is what one server said of one expectation.
type ServerState struct {
	Server string     `json:"server"` // host name; empty for a resolver
	Addr   netip.Addr `json:"addr"`
	State  State      `json:"state"`
	Seen   []string   `json:"seen,omitempty"` // what stands there, as type and data
	TTL    uint32     `json:"ttl,omitempty"`  // seconds, of what was seen or of the negative answer
	// Until is when a resolver forgets what it keeps, by the TTL that it counts
	// down: it cannot have the record before. Resolvers count whole seconds,
	// so one with a single cache has it at most a second later, and the time
	// that its answer took; a signed denial may count for longer (RFC 8198),
	// at most until the ETA of the Report.
	Until time.Time `json:"until,omitzero"`
	Err   string    `json:"err,omitempty"`
}

// Lagging is the servers and resolvers that do not have the record as
// expected, or did not say, lame and dead ones left out.
func (s RecordState) Lagging() []ServerState {
	var out []ServerState
	for _, srv := range slices.Concat(s.Servers, s.Resolvers) {
		if srv.State != Right && srv.State != Lame && srv.State != Dead && srv.State != Filtered {
			out = append(out, srv)
		}
	}
	return out
}

// Lagging is the servers, by name and address, and the resolvers, by address,
// that lag in any of the records: each once, sorted.
func (r Report) Lagging() []string {
	var out []string
	for _, rec := range r.Records {
		for _, s := range rec.Lagging() {
			out = append(out, s.who())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s ServerState) who() string {
	if s.Server == "" {
		return s.Addr.String()
	}
	return Server{Name: zone.Name(s.Server), Addr: s.Addr}.who()
}
