package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Code names a kind of conflict. Codes are stable: decisions, translations and
// tests go by them.
type Code string

// The codes of conflicts.
const (
	AddressGroup    Code = "address-group"    // what a name points at is replaced
	ApexCNAME       Code = "apex-cname"       // an alias at the apex, which DNS does not allow
	CNAMEOccupied   Code = "cname-occupied"   // an alias where other records live
	UnderCNAME      Code = "under-cname"      // a record where an alias lives
	MXSet           Code = "mx-set"           // other mail servers are named
	SPFMultiple     Code = "spf-multiple"     // two SPF records stand there
	SPFInvalid      Code = "spf-invalid"      // the SPF record there cannot be read
	SPFLookups      Code = "spf-lookups"      // more than 10 lookups or 2 void ones
	SPFInclude      Code = "spf-include"      // a new include does not resolve
	SPFLength       Code = "spf-length"       // the host cannot store the record
	DKIMSelector    Code = "dkim-selector"    // another key stands at the selector
	DMARCRecord     Code = "dmarc-record"     // another DMARC policy stands there
	CAAAbove        Code = "caa-above"        // the restricting CAA set lies above the zone
	CAAFirst        Code = "caa-first"        // no conflict: decide it "write" to write a CAA record where nothing restricts
	NSSet           Code = "ns-set"           // the name is delegated elsewhere
	NSOccludes      Code = "ns-occludes"      // a delegation hides records
	NSApex          Code = "ns-apex"          // the zone's own name servers
	Unsupported     Code = "unsupported"      // the host cannot store this
	WildcardShadow  Code = "wildcard-shadow"  // a new name takes what a wildcard answered
	SafetyGate      Code = "safety-gate"      // the plan as a whole removes much
	DelegationOther Code = "delegation-other" // DNS asks other servers than this account's
)

var descriptions = []struct {
	code Code
	text string
}{
	{AddressGroup, "what a name points at (A, AAAA, CNAME, ALIAS, redirect) is replaced as one unit"},
	{ApexCNAME, "DNS allows no CNAME at the apex of a zone, and the host offers no alias there"},
	{CNAMEOccupied, "a CNAME cannot stand beside the other records of its name"},
	{UnderCNAME, "nothing can stand beside the CNAME of a name"},
	{MXSet, "the domain's mail goes to other servers"},
	{SPFMultiple, "several SPF records stand at one name, which makes all of them void"},
	{SPFInvalid, "the SPF record there breaks the grammar"},
	{SPFLookups, "the SPF record would cost more lookups than receivers make"},
	{SPFInclude, "a new include leads to no SPF record"},
	{SPFLength, "the host cannot store an SPF record of this length"},
	{DKIMSelector, "another key stands at the DKIM selector"},
	{DMARCRecord, "another DMARC policy stands there"},
	{CAAAbove, "the CAA set that restricts the name lies above the zone"},
	{CAAFirst, "no CAA record restricts yet; write one all the same only where this is decided \"write\""},
	{NSSet, "the name is delegated to other servers"},
	{NSOccludes, "a delegation hides the records at and below its name"},
	{NSApex, "the zone's own name servers are changed"},
	{Unsupported, "the host cannot store this record"},
	{WildcardShadow, "a new name no longer gets what a wildcard answered for it"},
	{SafetyGate, "the plan as a whole removes much"},
	{DelegationOther, "DNS asks other name servers than those of this account"},
}

// Codes is every conflict code, in the order of their declaration.
func Codes() []Code {
	out := make([]Code, len(descriptions))
	for i, d := range descriptions {
		out[i] = d.code
	}
	return out
}

// Describe is what a code means, in general.
func (c Code) Describe() string {
	for _, d := range descriptions {
		if d.code == c {
			return d.text
		}
	}
	return string(c)
}

// Option is one way out of a conflict.
type Option struct {
	ID   string `json:"id"`
	Text string `json:"text"` // what it does, for people
}

// Conflict is something that a person or a policy must decide.
type Conflict struct {
	Code     Code              `json:"code"`
	Owner    zone.Name         `json:"owner"`
	Existing []zone.Record     `json:"existing,omitempty"` // what stands there and is concerned
	Wanted   []zone.Record     `json:"wanted,omitempty"`   // what would take its place or join it
	Options  []Option          `json:"options"`
	Default  string            `json:"default,omitempty"` // an option's ID; "" where a person must decide
	Answer   string            `json:"answer,omitempty"`  // the option taken; "" while open
	By       string            `json:"by,omitempty"`      // "decision" or "default"
	Text     string            `json:"text"`              // one sentence for a person, in English
	Params   map[string]string `json:"params,omitempty"`  // what the sentence is made of, for other languages
}

// Decision answers a conflict.
type Decision struct {
	Code   Code      `json:"code"`
	Owner  zone.Name `json:"owner,omitempty"` // "": every conflict of that code; may be relative to the domain, as hosts are
	Option string    `json:"option"`
}

// TakeDefaults is the decision to take the default of every conflict that has
// one and that no other decision answers. The safety gate counts what such a
// default removes: nobody looked at it.
func TakeDefaults() Decision { return Decision{Code: "*", Option: "default"} }

// ParseDecision reads CODE=OPTION or CODE@OWNER=OPTION.
func ParseDecision(s string) (Decision, error) {
	left, option, ok := strings.Cut(s, "=")
	if !ok || option == "" {
		return Decision{}, fmt.Errorf("decision %q: want CODE=OPTION or CODE@OWNER=OPTION", s)
	}
	code, owner, at := strings.Cut(left, "@")
	d := Decision{Code: Code(code), Option: option}
	if !slices.Contains(Codes(), d.Code) {
		return Decision{}, fmt.Errorf("decision %q: no conflict has the code %q; the codes are %s", s, code, joinCodes())
	}
	if at {
		var err error
		if d.Owner, err = zone.ParseName(owner); err != nil {
			return Decision{}, fmt.Errorf("decision %q: %w", s, err)
		}
	}
	return d, nil
}

func joinCodes() string {
	var names []string
	for _, c := range Codes() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// placed reads the owners of decisions, which may be spelled like hosts, and
// refuses those that the request says nothing about: a decision that nobody
// heeds would let its opposite happen.
func placed(req Request, wants []want) ([]Decision, error) {
	known := func(n zone.Name) bool {
		return n == req.Snapshot.Zone || slices.ContainsFunc(wants, func(w want) bool { return w.owner.Within(n) && n.Within(req.Snapshot.Zone) })
	}
	out := slices.Clone(req.Decisions)
	for i, d := range out {
		if d.Owner == "" || known(d.Owner) {
			continue
		}
		n, err := zone.Abs(string(d.Owner), req.Domain)
		if err != nil || !known(n) {
			return nil, &InputError{
				Intent: -1, Field: "decision " + string(d.Code), Value: string(d.Owner),
				Reason: "nothing is asked for at this owner; write it as in the plan, such as " + string(d.Code) + "@www." + string(req.Domain),
			}
		}
		out[i].Owner = n
	}
	return out, nil
}

// contradiction refuses two answers to one question: which of them was meant
// must not depend on their order.
func contradiction(decisions []Decision) error {
	for i, d := range decisions {
		for _, o := range decisions[:i] {
			if d.Code == o.Code && d.Owner == o.Owner && d.Option != o.Option {
				return &InputError{Intent: -1, Field: "decision " + string(d.Code), Value: d.Option, Reason: "it is also decided " + o.Option}
			}
		}
	}
	return nil
}

// choose is the option that stands for c: the decision for its owner, else the
// decision for its code, else its default. given is false when that is only
// the proposal of an open conflict.
func (b *builder) choose(c Conflict) (option string, given bool) {
	for _, byOwner := range []bool{true, false} {
		for _, d := range b.req.Decisions {
			if d.Code != c.Code || (d.Owner != "") != byOwner || (byOwner && d.Owner != c.Owner) {
				continue
			}
			if !slices.ContainsFunc(c.Options, func(o Option) bool { return o.ID == d.Option }) {
				b.fail(&InputError{
					Intent: -1, Field: "decision " + string(c.Code) + " for " + c.Owner.FQDN(), Value: d.Option,
					Reason: "no such option; there is " + joinOptions(c.Options),
				})
				continue
			}
			c.Answer, c.By = d.Option, "decision"
			b.plan.Conflicts = append(b.plan.Conflicts, c)
			return c.Answer, true
		}
	}
	if c.Default != "" && slices.Contains(b.req.Decisions, TakeDefaults()) {
		c.Answer, c.By = c.Default, "default"
	}
	b.plan.Conflicts = append(b.plan.Conflicts, c)
	return c.Default, c.Answer != ""
}

func joinOptions(opts []Option) string {
	ids := make([]string, len(opts))
	for i, o := range opts {
		ids[i] = o.ID
	}
	return strings.Join(ids, ", ")
}

// decided reports whether the last conflict was answered by a decision: its
// removals do not count for the safety gate.
func (b *builder) decided() bool {
	return b.plan.Conflicts[len(b.plan.Conflicts)-1].By == "decision"
}

// accepts asks whether to go on with option, which costs the records of gone.
// Where that is not the way taken, the wants are done with. state is what
// going on makes of them.
func (b *builder) accepts(ws []want, c Conflict, option string, gone []zone.Record) (state State, ok bool) {
	taken, given := b.choose(c)
	if taken != option {
		b.result(ws, outcome(given, Skipped))
		return Undecided, false
	}
	if b.decided() {
		b.excused = append(b.excused, gone...)
	}
	return outcome(given, Added), true
}
