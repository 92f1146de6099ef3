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

// Class is what a conflict is about. Policies go by it.
type Class string

// The classes of conflicts.
const (
	ClassAddress    Class = "address"     // what a name points at
	ClassAlias      Class = "alias"       // a CNAME against the other records of its name
	ClassMail       Class = "mail"        // MX
	ClassSPF        Class = "spf"         //
	ClassDKIM       Class = "dkim"        //
	ClassDMARC      Class = "dmarc"       //
	ClassMailPolicy Class = "mail-policy" // MTA-STS, TLS-RPT, BIMI
	ClassService    Class = "service"     // SRV
	ClassCAA        Class = "caa"         //
	ClassDelegation Class = "delegation"  // NS below the apex
	ClassWildcard   Class = "wildcard"    //
	ClassTTL        Class = "ttl"         //
	ClassHost       Class = "host"        // what cannot be written there at all
	ClassPlan       Class = "plan"        // the zone or the plan as a whole; no policy decides it
)

// The codes of conflicts.
const (
	AddressGroup    Code = "address-group"    // what a name points at is replaced
	ApexCNAME       Code = "apex-cname"       // an alias at the apex, which DNS does not allow
	CNAMEOccupied   Code = "cname-occupied"   // an alias where other records live
	UnderCNAME      Code = "under-cname"      // a record where an alias lives
	MXSet           Code = "mx-set"           // other mail servers are named
	SPFMultiple     Code = "spf-multiple"     // two SPF records stand there
	SPFInvalid      Code = "spf-invalid"      // the SPF record there cannot be read
	SPFOverride     Code = "spf-override"     // the SPF record there shall be replaced, not added to
	SPFLookups      Code = "spf-lookups"      // more than 10 lookups or 2 void ones
	SPFInclude      Code = "spf-include"      // a new include does not resolve
	SPFLength       Code = "spf-length"       // the host cannot store the record, or one that it needs
	DKIMSelector    Code = "dkim-selector"    // another key stands at the selector
	DMARCRecord     Code = "dmarc-record"     // no conflict: decide it "replace" or "reports" to change a policy that is there
	DMARCInvalid    Code = "dmarc-invalid"    // the DMARC record there cannot be read, or DNS does not tell it
	DMARCMultiple   Code = "dmarc-multiple"   // two DMARC records stand there
	MTASTSRecord    Code = "mta-sts-record"   // another MTA-STS record stands there
	TLSRPTRecord    Code = "tls-rpt-record"   // another TLS-RPT record stands there
	BIMIRecord      Code = "bimi-record"      // another BIMI record stands there
	SRVSet          Code = "srv-set"          // the service is at other hosts
	CAAAbove        Code = "caa-above"        // the restricting CAA set lies above the zone
	CAAFirst        Code = "caa-first"        // no conflict: decide it "write" to write a CAA record where nothing restricts
	NSSet           Code = "ns-set"           // the name is delegated elsewhere
	NSOccludes      Code = "ns-occludes"      // a delegation hides records
	NSApex          Code = "ns-apex"          // the zone's own name servers
	WildcardShadow  Code = "wildcard-shadow"  // a new name takes what a wildcard answered
	SharedTTL       Code = "shared-ttl"       // a new TTL is also that of other values
	Unsupported     Code = "unsupported"      // the host cannot store this
	Delegated       Code = "delegated"        // the name lies in another zone
	DNAMEAbove      Code = "dname-above"      // a DNAME hides the name
	Protected       Code = "protected"        // the record is the host's own
	SafetyGate      Code = "safety-gate"      // the plan as a whole removes much
	DelegationOther Code = "delegation-other" // DNS asks other servers than this account's
)

var descriptions = []struct {
	code  Code
	class Class
	text  string
}{
	{AddressGroup, ClassAddress, "what a name points at (A, AAAA, CNAME, ALIAS, redirect) is replaced as one unit"},
	{ApexCNAME, ClassAddress, "DNS allows no CNAME at the apex of a zone, and the host offers no alias there"},
	{CNAMEOccupied, ClassAlias, "a CNAME cannot stand beside the other records of its name"},
	{UnderCNAME, ClassAlias, "nothing can stand beside the CNAME of a name"},
	{MXSet, ClassMail, "the domain's mail goes to other servers"},
	{SPFMultiple, ClassSPF, "several SPF records stand at one name, which makes all of them void"},
	{SPFInvalid, ClassSPF, "the SPF record there breaks the grammar"},
	{SPFOverride, ClassSPF, "the SPF record there shall be replaced, which shuts out the senders that it allows"},
	{SPFLookups, ClassSPF, "the SPF record would cost more lookups than receivers make"},
	{SPFInclude, ClassSPF, "a new include leads to no SPF record"},
	{SPFLength, ClassSPF, "the SPF record cannot be stored, for its length, its characters or a record of its own that it needs"},
	{DKIMSelector, ClassDKIM, "another key stands at the DKIM selector"},
	{DMARCRecord, ClassDMARC, "a DMARC policy that is there stays; change it only where this is decided \"replace\" or \"reports\""},
	{DMARCInvalid, ClassDMARC, "the DMARC record there breaks the grammar, or DNS does not tell it"},
	{DMARCMultiple, ClassDMARC, "several DMARC records stand at one name, which makes all of them void"},
	{MTASTSRecord, ClassMailPolicy, "another MTA-STS record stands there, and a name has one"},
	{TLSRPTRecord, ClassMailPolicy, "another TLS-RPT record stands there, and a name has one"},
	{BIMIRecord, ClassMailPolicy, "another BIMI record stands there, and a selector has one"},
	{SRVSet, ClassService, "the service is served by other hosts"},
	{CAAAbove, ClassCAA, "the CAA set that restricts the name lies above the zone"},
	{CAAFirst, ClassCAA, "no CAA record restricts yet; write one all the same only where this is decided \"write\""},
	{NSSet, ClassDelegation, "the name is delegated to other servers"},
	{NSOccludes, ClassDelegation, "a delegation hides the records at and below its name"},
	{NSApex, ClassPlan, "the zone's own name servers are changed"},
	{WildcardShadow, ClassWildcard, "a new name no longer gets what a wildcard answered for it"},
	{SharedTTL, ClassTTL, "all values of one type at a name have one TTL, so a new one is also that of the others"},
	{Unsupported, ClassHost, "the host cannot store this record"},
	{Delegated, ClassHost, "the name lies in another zone, which this one delegates"},
	{DNAMEAbove, ClassHost, "a DNAME record above the name hides whatever stands there"},
	{Protected, ClassHost, "the record belongs to the DNS host and is never written"},
	{SafetyGate, ClassPlan, "the plan as a whole removes much"},
	{DelegationOther, ClassPlan, "DNS asks other name servers than those of this account"},
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

// Class is what a conflict of this code is about.
func (c Code) Class() Class {
	for _, d := range descriptions {
		if d.code == c {
			return d.class
		}
	}
	return ""
}

// Option is one way out of a conflict.
type Option struct {
	ID   string `json:"id"`
	Text string `json:"text"` // what it does, for people
}

// Conflict is something that a person or a policy must decide.
type Conflict struct {
	Code     Code              `json:"code"`
	Class    Class             `json:"class"`
	Owner    zone.Name         `json:"owner"`
	Existing []zone.Record     `json:"existing,omitempty"` // what stands there and is concerned
	Wanted   []zone.Record     `json:"wanted,omitempty"`   // what would take its place or join it
	Options  []Option          `json:"options"`
	Default  string            `json:"default,omitempty"` // an option's ID; "" where a person must decide
	Answer   string            `json:"answer,omitempty"`  // the option taken; "" while open
	By       string            `json:"by,omitempty"`      // "decision", "policy", "optional" or "default"
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
// refuses those that lie in another zone.
func placed(req Request, wants []want) ([]Decision, error) {
	out := slices.Clone(req.Decisions)
	for i, d := range out {
		if d.Owner == "" || concerned(req.Snapshot.Zone, wants, d.Owner) {
			continue
		}
		n, err := zone.Abs(string(d.Owner), req.Domain)
		switch {
		case err == nil && concerned(req.Snapshot.Zone, wants, n):
			out[i].Owner = n
		case d.Owner.Within(req.Snapshot.Zone): // perhaps a name that the plan itself comes to
		default:
			return nil, unheeded(req, d)
		}
	}
	return out, nil
}

// concerned reports whether wants say something about a name or what is below
// it.
func concerned(apex zone.Name, wants []want, n zone.Name) bool {
	return n == apex || slices.ContainsFunc(wants, func(w want) bool { return w.owner.Within(n) && n.Within(apex) })
}

// heeded refuses decisions at names that nothing is asked for and no conflict
// is about: one that nobody heeds would let its opposite happen.
func (b *builder) heeded() error {
	for _, d := range b.req.Decisions {
		known := d.Owner == "" || b.req.Snapshot.Exists(d.Owner) || concerned(b.req.Snapshot.Zone, b.wants, d.Owner) || b.derived(d.Owner) ||
			slices.ContainsFunc(b.plan.Conflicts, func(c Conflict) bool { return c.Code == d.Code && c.Owner == d.Owner })
		if !known && len(b.plan.Questions) == 0 {
			return unheeded(b.req, d)
		}
	}
	return nil
}

// derived reports whether a name is one that a plan for these wants may come
// to: where an SPF policy keeps a record of its own, or where an alias leads.
func (b *builder) derived(n zone.Name) bool {
	return slices.ContainsFunc(b.wants, func(w want) bool {
		if w.kind == KindSPF && n.Parent() == w.owner && strings.HasPrefix(n.Label(), "_spf-") {
			return true
		}
		return slices.ContainsFunc(b.req.Snapshot.Set(w.owner, "CNAME"), func(r zone.Record) bool {
			target, ok := r.Target()
			return ok && target.Within(n)
		})
	})
}

func unheeded(req Request, d Decision) error {
	return &InputError{
		Intent: -1, Field: "decision " + string(d.Code), Value: string(d.Owner),
		Reason: "nothing is asked for at this owner; write it as in the plan, such as " + string(d.Code) + "@www." + string(req.Domain),
	}
}

// contradiction refuses answers to no question, and two answers to one question: which of them was meant
// must not depend on their order.
func contradiction(decisions []Decision) error {
	for i, d := range decisions {
		if d != TakeDefaults() && d.Code.Class() == "" {
			return &InputError{Intent: -1, Field: "decision", Value: string(d.Code), Reason: "no conflict has this code; the codes are " + joinCodes()}
		}
		if d.Code == CAAFirst && d.Option != "write" && d.Option != "skip" {
			return &InputError{Intent: -1, Field: "decision " + string(d.Code), Value: d.Option, Reason: "no such option; there is write, skip"}
		}
		for _, o := range decisions[:i] {
			if d.Code == o.Code && d.Owner == o.Owner && d.Option != o.Option {
				return &InputError{Intent: -1, Field: "decision " + string(d.Code), Value: d.Option, Reason: "it is also decided " + o.Option}
			}
		}
	}
	return nil
}

func joinOptions(opts []Option) string {
	ids := make([]string, len(opts))
	for i, o := range opts {
		ids[i] = o.ID
	}
	return strings.Join(ids, ", ")
}
