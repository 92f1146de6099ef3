package dkim

import (
	"fmt"
	"slices"
)

// Severity says what a finding costs.
type Severity string

// The severities, from the gravest.
const (
	SeverityBroken  Severity = "broken"  // mail signed with the key fails DKIM or counts as unsigned
	SeverityWarning Severity = "warning" // it works, and something is likely to go wrong
	SeverityHint    Severity = "hint"    // it works; somebody may want to know
)

// Finding is one thing that [Diagnose] or [Clean] noticed. Its texts never repeat key data.
type Finding struct {
	Code     Code
	Severity Severity
	Text     string // what is, for a person
	Advice   string // what to do about it; empty where nothing needs doing
}

// What [Diagnose] and [Clean] report beside the codes of [ParseKey] and [Key.Warnings].
const (
	CodeNoAnswer         Code = "no-answer"           // DNS did not answer
	CodeMissing          Code = "missing"             // there is no record
	CodeMismatch         Code = "mismatch"            // another key or target stands there
	CodeWrongType        Code = "wrong-type"          // a CNAME in the place of a TXT or the reverse
	CodeMultiple         Code = "multiple"            // several TXT records
	CodeWildcardAnswer   Code = "wildcard-answer"     // a wildcard answers
	CodeThroughCNAME     Code = "through-cname"       // the TXT is right and belongs to the target of a CNAME
	CodeWantedKey        Code = "wanted-key"          // the wanted key is there, spoilt or beside others
	CodeVendorKey        Code = "vendor-key"          // behind a CNAME, the vendor has changed the key
	CodeTargetEmpty      Code = "target-empty"        // the CNAME is right and leads to no key
	CodeTagsDiffer       Code = "tags-differ"         // the key is right and its h, s or t is not
	CodeSpaces           Code = "split-with-spaces"   // white space between joined strings
	CodeOuterSpace       Code = "outer-space"         // white space around the value
	CodeQuotesStored     Code = "quotes-stored"       // quotation marks around the value
	CodeInnerQuotes      Code = "inner-quotes"        // quotation marks within the value, where strings meet
	CodeEscapes          Code = "escaped-semicolons"  // backslashes in the value
	CodeDisordered       Code = "disordered"          // the strings stand in the wrong order
	CodeBareKey          Code = "bare-key"            // a key without its tags
	CodeEd25519          Code = "ed25519-alone"       // a key that many receivers cannot use
	CodeTypo             Code = "unknown-tag"         // a tag that is probably misspelt
	CodeTargetInTXT      Code = "cname-target-in-txt" // the target of some CNAME as text
	CodeMicrosoftTarget  Code = "microsoft-target"    // the same, of Microsoft 365
	CodeSESTarget        Code = "ses-target"          // the same, of Amazon SES
	CodeADSP             Code = "adsp"                // policy of RFC 5617
	CodeDomainKeysPolicy Code = "domainkeys-policy"   // policy of RFC 4870
	CodeDMARCRecord      Code = "dmarc-record"        // a DMARC record at a selector
	CodeSPFRecord        Code = "spf-record"          // an SPF record at a selector
	CodeCopiedKey        Code = "copied-key"          // a copy of a vendor's key stands in for the CNAME to it
)

// broken, warning and hint make findings.
func broken(c Code, advice, format string, args ...any) Finding {
	return Finding{Code: c, Severity: SeverityBroken, Text: fmt.Sprintf(format, args...), Advice: advice}
}

func warning(c Code, advice, format string, args ...any) Finding {
	return Finding{Code: c, Severity: SeverityWarning, Text: fmt.Sprintf(format, args...), Advice: advice}
}

func hint(c Code, advice, format string, args ...any) Finding {
	return Finding{Code: c, Severity: SeverityHint, Text: fmt.Sprintf(format, args...), Advice: advice}
}

// sortFindings puts the gravest first and leaves the order of equals.
func sortFindings(f []Finding) {
	rank := func(s Severity) int {
		return slices.Index([]Severity{SeverityBroken, SeverityWarning, SeverityHint}, s)
	}
	slices.SortStableFunc(f, func(a, b Finding) int { return rank(a.Severity) - rank(b.Severity) })
}

// findings returns what [Key.Warnings] says, with what each costs and what to do about it, and what else to know before signing with
// the key.
func (k Key) findings() []Finding {
	var out []Finding
	for _, w := range k.Warnings() {
		f := Finding{Code: w.Code, Severity: SeverityBroken, Text: w.Text}
		switch w.Code {
		case CodeRevokedKey:
			f.Advice = "sign with another selector, or publish a new key here"
		case CodeUnsupportedKey:
			f.Advice = "publish a key of type rsa or ed25519"
		case CodeWeakKey:
			f.Advice = "make a new key of 2048 bits and publish it at a new selector"
		case CodeShortKey:
			f.Severity, f.Advice = SeverityHint, "take 2048 bits at the next change of keys"
		case CodeLongKey:
			f.Severity, f.Advice = SeverityWarning, "make a new key of 2048 bits and publish it at a new selector"
		case CodeNoSHA256:
			f.Advice = "leave the h tag out, or write h=sha256"
		case CodeNotForMail:
			f.Advice = "leave the s tag out, or write s=email"
		case CodeTesting:
			f.Severity, f.Advice = SeverityWarning, "leave t=y out when testing is over"
		case CodeUnpadded:
			f.Severity, f.Advice = SeverityWarning, "publish the key with the = at the end of p"
		case CodeNoSPKI:
			f.Severity, f.Advice = SeverityWarning, "publish the key as SubjectPublicKeyInfo, as openssl rsa -pubout writes it"
		case CodeCapitals:
			f.Severity, f.Advice = SeverityWarning, "write the values of k, h and s in small letters"
		case CodeNonASCII:
			f.Severity, f.Advice = SeverityWarning, "leave out the letters that are no ASCII; n may have them as =XX"
		default:
		}
		out = append(out, f)
	}
	if k.Type == typeEd25519 && !k.Revoked {
		// RFC 8463 3 wants every verifier to know it. For who does not see https://www.uriports.com/blog/dkim-ed25519-adoption/.
		out = append(out, hint(CodeEd25519, besideEd25519, "many receivers do not verify Ed25519 yet: mail signed with this key alone is not signed for them"))
	}
	return out
}

// besideEd25519 is what to do about those who do not verify it (RFC 8463 section 3 lets a signer add both signatures).
const besideEd25519 = "publish an RSA key beside it, at a selector of its own, and sign with both"
