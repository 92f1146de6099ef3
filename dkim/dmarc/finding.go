package dmarc

// Severity says how much a finding matters.
type Severity string

// The severities, gravest first.
const (
	SeverityBroken  Severity = "broken"  // what is meant does not happen
	SeverityWarning Severity = "warning" // it happens in part, or is weaker than it looks
	SeverityHint    Severity = "hint"    // it works and could be better or plainer
)

// Codes of a [Finding] that no warning has.
const (
	CodeMissing      Code = "missing"       // no record applies to the domain
	CodeMonitoring   Code = "policy-none"   // p=none: receivers deliver forged mail too
	CodeNoReports    Code = "no-reports"    // nobody is told of forged mail
	CodeWeakBelow    Code = "weak-below"    // names below the domain have a weaker policy than the domain
	CodeTesting      Code = "testing"       // t=y: receivers act a step below the policy
	CodePercent      Code = "percent"       // pct: old receivers apply the policy to a part of the mail
	CodeSuffix       Code = "public-suffix" // psd=y, which is for registries
	CodeUnauthorised Code = "unauthorised"  // a foreign receiver of reports has not agreed to them
	CodeUnchecked    Code = "unchecked"     // so many foreign receivers of reports that the rest is not looked at
	CodeNotEnforced  Code = "not-enforced"  // BIMI needs a policy that receivers act by
)

// Finding is one thing that the owner of a domain should know, in plain words.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Tag      string   `json:"tag,omitempty"`    // in lower case; empty when it is about the whole record
	Text     string   `json:"text"`             // what is the case
	Advice   string   `json:"advice,omitempty"` // what to do about it; empty where nothing need be done
}
