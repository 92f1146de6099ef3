package spf

// Severity says how much a [Finding] matters.
type Severity string

// Severities.
const (
	SeverityBroken  Severity = "broken"  // receivers treat mail wrongly, or may at any time
	SeverityWarning Severity = "warning" // works, and somebody should look at it
	SeverityHint    Severity = "hint"    // could be better or is good to know
)

// Finding is something about the SPF policy of a name that a person should
// know.
type Finding struct {
	Code     string   `json:"code"` // one of the Finding codes, the Warn codes or the Err codes of the package
	Severity Severity `json:"severity"`
	Term     string   `json:"term,omitempty"`    // the term of the record that it is about or that leads there
	Text     string   `json:"text"`              // what is the matter, in English
	Advice   string   `json:"advice,omitempty"`  // what to do about it
	Unknown  string   `json:"unknown,omitempty"` // with FindingUnknown: that of the [Node] that it is about, which Text begins with
}

// Codes of a [Finding] that are neither those of a [Warning] nor of an error.
const (
	FindingNearRecord     = "near-record"     // looks like an SPF record and is none
	FindingSenderID       = "sender-id"       // "spf2.0/pra", which RFC 4406 had and nobody asks for
	FindingNeutralAll     = "neutral-all"     // ?all: the policy says nothing about others
	FindingRedundant      = "redundant"       // no sender needs the term
	FindingVoid           = "void"            // a lookup finds nothing
	FindingUnknown        = "unknown"         // DNS gave no usable answer
	FindingPassesNobody   = "passes-nobody"   // an include that never matches
	FindingWideNetwork    = "wide-network"    // a large part of all addresses
	FindingPrivateNetwork = "private-network" // addresses that no receiver sees
	FindingOwnSubrecord   = "own-subrecord"   // could stand in the record itself
)
