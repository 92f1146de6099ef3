package dkim

import "slices"

// Seen is what DNS shows at the name of a selector.
type Seen struct {
	Name     string   // owner name, such as s1._domainkey.example.com
	Texts    []string // values of the TXT records there or where the CNAME leads, the strings of each joined
	Target   string   // of the CNAME there; empty for none
	Wildcard bool     // the answer comes from a wildcard: there is no record of this name
	Failed   bool     // DNS did not answer, so nothing is known
}

// State says in one word what stands at a selector.
type State string

// What stands there when a record was wanted.
const (
	StateMatch         State = "match"          // the wanted key in whatever spelling, or the wanted CNAME
	StateMatchFallback State = "match-fallback" // the fallback's key, or the allowed copy of a CNAME's key
	StateMissing       State = "missing"        // nothing
	StateMismatch      State = "mismatch"       // another key or target
	StateWrongType     State = "wrong-type"     // a CNAME where a TXT belongs, or a TXT where a CNAME belongs
)

// What stands there whether or not a record was wanted.
const (
	StateUnknown          State = "unknown"             // DNS did not answer
	StateValid            State = "valid"               // a key in order, where nothing was wanted
	StateWeak             State = "weak"                // RSA below 1024 bits, which verifiers refuse
	StateRevoked          State = "revoked"             // a key record with an empty p
	StateUnsupported      State = "unsupported"         // a key type that verifiers do not know
	StateTruncated        State = "truncated"           // a key that was cut off
	StateSplitWithSpaces  State = "split-with-spaces"   // strings were joined with spaces; Report.Works says whether that broke the record
	StateQuotesStored     State = "quotes-stored"       // quotation marks of a zone file became part of the value
	StateEscapes          State = "escaped-semicolons"  // backslashes of a zone file became part of the value
	StateInvalid          State = "invalid"             // a key that breaks the grammar in another way
	StateMultiple         State = "multiple"            // several TXT records, of which verifiers take any one
	StateWildcardAnswer   State = "wildcard-answer"     // no record of this name, only what a wildcard says
	StateTargetInTXT      State = "cname-target-in-txt" // the target of a CNAME, stored as text
	StateADSP             State = "adsp"                // a policy of RFC 5617, which is historic
	StateDomainKeysPolicy State = "domainkeys-policy"   // a policy of RFC 4870, which is historic
	StateDMARCRecord      State = "dmarc-record"        // a DMARC record, which belongs to _dmarc
	StateSPFRecord        State = "spf-record"          // an SPF record, which belongs to the domain itself
	StateNotKey           State = "not-a-key"           // some other text
)

// Report is what [Diagnose] makes of what was seen.
type Report struct {
	State       State
	Works       bool      // signatures with the wanted key verify, or where nothing was wanted, those with the published one
	Expected    bool      // a record was wanted
	Fingerprint string    // of the published key as it was meant, mended where State says how it was spoilt; empty if there is none
	Wanted      string    // fingerprint of the wanted value; empty if it is none
	Findings    []Finding // the gravest first; empty where all is well
}

// Status returns the dkim_status of Entri's webhooks: "success" where signatures verify, "pending" while DNS does not answer, or the
// wanted record is not there or its target has no key yet, "exempt" where nothing was wanted and nothing is there, and "failure"
// otherwise, a wanted revocation included.
func (r *Report) Status() string {
	switch {
	case r.Works:
		return "success"
	case !r.Expected && (r.State == StateMissing || r.State == StateWildcardAnswer):
		return "exempt"
	case r.State == StateUnknown, r.State == StateMissing, r.State == StateWildcardAnswer, r.has(CodeTargetEmpty):
		return "pending"
	}
	return "failure"
}

func (r *Report) has(c Code) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == c })
}
