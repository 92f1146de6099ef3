package verify

import (
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Verdict is what all servers together say of a record, or of all records.
type Verdict string

// The verdicts, from good to bad.
const (
	Propagated   Verdict = "propagated"    // every sound server and every resolver has it
	Published    Verdict = "published"     // every sound server has it, a resolver not yet
	Partial      Verdict = "partial"       // some sound servers have it, some not
	Absent       Verdict = "absent"        // no server has it, and nothing in its place
	Unstable     Verdict = "unstable"      // one address answers now this, now that
	Wrong        Verdict = "wrong"         // no server has it, and something else is in its place
	DNSSECBroken Verdict = "dnssec_broken" // every sound server has it, validating resolvers refuse it
	Unreachable  Verdict = "unreachable"   // no server of the zone answers for it
	Undelegated  Verdict = "undelegated"   // DNS does not lead to the zone
)

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
	Sound    State = "sound"    // answers for the zone; only in a Delegation
)

// Severity is how much a Finding matters.
type Severity string

// The severities.
const (
	Info    Severity = "info"
	Warning Severity = "warning" // works, but somebody should mend it
	Error   Severity = "error"   // keeps the verdict from getting better by itself
)

// The codes of findings.
const (
	CodeNoStart        = "no_start"             // no start server answers
	CodeLame           = "ns_lame"              // a name server does not answer for the zone
	CodeDead           = "ns_dead"              // a name server does not answer
	CodeUnknown        = "ns_unknown"           // a name server that may be sound and did not say what it serves
	CodeNoRoute        = "ns_no_route"          // an address that this machine cannot reach
	CodeUnresolvable   = "ns_unresolvable"      // a name server without an address
	CodeAlias          = "ns_alias"             // a name server whose name is a CNAME
	CodeGlue           = "glue_mismatch"        // parent zone and zone give a name server different addresses
	CodeParentOnly     = "ns_parent_only"       // only the parent zone names the server
	CodeChildOnly      = "ns_child_only"        // only the zone names the server
	CodeSerial         = "serial_differs"       // servers have different versions of the zone
	CodeStale          = "ns_stale"             // a server lacks what another one has
	CodeFlapping       = "ns_flapping"          // one address answers differently from question to question
	CodeCutBelow       = "zone_cut_below"       // the record was written above a zone that DNS cuts off
	CodeUndelegated    = "undelegated"          // DNS does not lead to the zone
	CodeWildcard       = "wildcard"             // a wildcard gives the value to every name
	CodeDoubled        = "name_doubled"         // the record stands at name.zone.zone
	CodeQuoted         = "txt_quoted"           // quotation marks are part of the value
	CodeTargetAppended = "target_zone_appended" // the target got the zone's name appended
	CodeDuplicateSPF   = "spf_duplicate"        // more than one SPF record
	CodeDuplicateKey   = "dkim_duplicate"       // more than one key at one selector
	CodePending        = "resolver_pending"     // a resolver has an old answer
	CodeDNSSEC         = "dnssec_bogus"         // a resolver refuses what the servers say
)

// Finding is one thing worth knowing, for a program by its code and for a
// person in English.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Server   string   `json:"server,omitempty"` // name and address, or names
	Detail   string   `json:"detail"`
	Hint     string   `json:"hint,omitempty"`
}

// Report is what DNS said in one look.
type Report struct {
	Verdict     Verdict       `json:"verdict"`
	Records     []RecordState `json:"records"`     // in the order of the Request
	Delegations []Delegation  `json:"delegations"` // one for each zone, sorted by apex: the evidence for who hosts it, too
	Findings    []Finding     `json:"findings,omitempty"`
	NextLook    uint32        `json:"next_look,omitempty"` // seconds after which looking again can show something new; 0: not known
	Queries     int           `json:"queries"`
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
	Err    string     `json:"err,omitempty"`
}

// Lagging is the servers and resolvers that do not have the record as
// expected, or did not say, lame and dead ones left out.
func (s RecordState) Lagging() []ServerState {
	var out []ServerState
	for _, srv := range slices.Concat(s.Servers, s.Resolvers) {
		if srv.State != Right && srv.State != Lame && srv.State != Dead {
			out = append(out, srv)
		}
	}
	return out
}

// Lagging is the names of all servers and resolvers that hold the report back,
// each once.
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
