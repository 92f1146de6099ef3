package plan

import (
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// Request is everything a plan depends on.
type Request struct {
	Domain    zone.Name      // what hosts are relative to: the registrable domain of the name entered; "": the zone
	Snapshot  zone.Snapshot  // the zone as its host just gave it, every record
	Intents   []Intent       // what the domain shall have; their order does not matter
	Caps      providers.Caps // of the zone's host
	Facts     []Fact         // answers to Questions
	Decisions []Decision     // answers to Conflicts
	Policies  Policies       // what is done about conflicts that no decision answers
	Ours      []zone.Record  // values in the zone that earlier runs of ours wrote
	// NameServers is those that the host assigned to the zone. Where it is
	// given, DNS must delegate to them, or the plan would edit a zone that
	// nobody asks.
	NameServers []zone.Name
}

// Status says whether a plan can be applied.
type Status string

// The states of a plan.
const (
	Ready         Status = "ready"
	NeedsDecision Status = "needs-decision" // a conflict has no answer
	NoChange      Status = "no-change"      // the zone is as wanted
)

// Plan is what will be done, and what must be known or decided first. It is
// plain data with a stable JSON form, and holds no record that it does not
// touch or name.
type Plan struct {
	Version   int        `json:"version"` // of this form, which is documented in README.md: 1
	ID        string     `json:"id"`      // of what is shown and will be done: equal IDs, equal effect
	Zone      zone.Name  `json:"zone"`
	Domain    zone.Name  `json:"domain"`
	Status    Status     `json:"status"`
	TakesBack bool       `json:"takes_back,omitempty"` // made by Undo
	Changes   []Change   `json:"changes"`              // one for each owner, in the order of the zone
	Conflicts []Conflict `json:"conflicts"`            // with the answer each has
	Hazards   []Warning  `json:"hazards"`              // what the host cannot guard against while the plan is applied
	Warnings  []Warning  `json:"warnings"`
	Results   []Result   `json:"results"`             // one for each intent, in the order given
	SPF       []SPFEdit  `json:"spf,omitempty"`       // what taking the SPF changes back needs
	Questions []Question `json:"questions,omitempty"` // the plan is provisional while there are any
}

// Change is the difference at one owner and the reasons for it.
type Change struct {
	zone.Change
	Why []string `json:"why"` // one sentence each, for people
}

// State is what a plan means for one intent.
type State string

// The states of a Result.
const (
	Added     State = "added"     // the records are written
	Present   State = "present"   // the zone holds them already
	Satisfied State = "satisfied" // nothing need be written: see Text
	Skipped   State = "skipped"   // a decision leaves this out
	Undecided State = "undecided" // a conflict without answer stands in the way
	ByHand    State = "by-hand"   // the host cannot hold it in DNS: a person sets it, as Text says
)

// Result is what became of one intent.
type Result struct {
	Intent       int           `json:"intent"`
	Kind         Kind          `json:"kind"`
	Owner        zone.Name     `json:"owner"`
	State        State         `json:"state"`
	Records      []zone.Record `json:"records,omitempty"`  // what DNS must show; for SPF the whole merged record, by hand the redirect
	Required     string        `json:"required,omitempty"` // SPF: what the record must contain
	UsedFallback bool          `json:"used_fallback,omitempty"`
	Fingerprint  string        `json:"fingerprint,omitempty"` // DKIM: SHA-256 of the published key, hex
	Lookups      *Lookups      `json:"spf_lookups,omitempty"`
	Text         string        `json:"text,omitempty"` // for people
}

// Lookups is what an SPF record costs its receivers, in DNS lookups of the ten
// that RFC 7208 section 4.6.4 allows.
type Lookups struct {
	Before  int  `json:"before"`
	After   int  `json:"after"`
	AtLeast bool `json:"at_least,omitempty"` // the figures are lower bounds: see spf.Cost.AtLeast

	// VoidsBefore and VoidsAfter are those of them that find nothing; two are
	// allowed.
	VoidsBefore int `json:"voids_before,omitempty"`
	VoidsAfter  int `json:"voids_after,omitempty"`
	Octets      int `json:"octets,omitempty"` // of the record after, where it takes more than one string
}

// SPFEdit is how an SPF record was changed.
type SPFEdit struct {
	Owner      zone.Name      `json:"owner"`
	Provenance spf.Provenance `json:"provenance"`
	// Shrunk is the owner's terms in whose place the plan puts shorter ones. Taking
	// the edit back brings them back only with the whole record.
	Shrunk []string `json:"shrunk,omitempty"`
}

// Warning is something a person should know and need not decide.
type Warning struct {
	Code  string    `json:"code"`
	Owner zone.Name `json:"owner,omitempty"`
	Text  string    `json:"text"`
}

// version is that of the form of a plan.
const version = 1

// status is what the content of a plan makes of it.
func (p Plan) status() Status {
	switch {
	case slices.ContainsFunc(p.Conflicts, func(c Conflict) bool { return c.Answer == "" }):
		return NeedsDecision
	case len(p.Changes) == 0:
		return NoChange
	}
	return Ready
}

// ZoneChanges is the bare changes, for providers.Account.
func (p Plan) ZoneChanges() []zone.Change {
	out := make([]zone.Change, len(p.Changes))
	for i, c := range p.Changes {
		out[i] = c.Change
	}
	return out
}

// Open is the conflicts without an answer.
func (p Plan) Open() []Conflict {
	return slices.DeleteFunc(slices.Clone(p.Conflicts), func(c Conflict) bool { return c.Answer != "" })
}
