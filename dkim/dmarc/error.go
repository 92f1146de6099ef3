package dmarc

// A Code names what is wrong, for programs and for catalogues of translations. Codes do not change between versions.
type Code string

// Codes of an [Error].
const (
	CodeNotDMARC  Code = "not-dmarc"        // the text does not begin with v=DMARC1
	CodeDuplicate Code = "duplicate-tag"    // a tag stands twice, which makes the whole record void
	CodeMultiple  Code = "multiple-records" // several records at one name, which makes all of them void
	CodeNoRecord  Code = "no-record"        // there is no record to start from, and no value
	CodeVersion   Code = "tag-v"            // v is part of an edit
	CodeBadTag    Code = "bad-tag"          // what should name a tag does not
	CodeBadText   Code = "bad-text"         // empty, or with a character that cannot stand there
)

// Codes of an [Error] about an MTA-STS, TLS-RPT or BIMI record.
const (
	CodeNotMTASTS Code = "not-mta-sts" // the text does not begin with v=STSv1;
	CodeNotTLSRPT Code = "not-tls-rpt" // the text does not begin with v=TLSRPTv1;
	CodeNotBIMI   Code = "not-bimi"    // the text does not begin with v=BIMI1;
	CodeNeeded    Code = "needed-tag"  // a tag is missing without which the record says nothing
)

// Codes of an [Error] about what is to be written, and of a [Warning] about what stands there already.
const (
	CodeInvalid   Code = "invalid"   // no value of this tag: receivers take the default
	CodeNotURI    Code = "not-uri"   // a report address without mailto:, or none at all
	CodeSeparator Code = "separator" // white space between report addresses, where a comma belongs
	CodeNoEffect  Code = "no-effect" // neither a policy nor a report address: receivers act as if there were no record
)

// Codes of a [Warning].
const (
	CodeNoPolicy Code = "no-policy"     // p is missing; receivers take p=none
	CodeLateP    Code = "late-p"        // p is not the second tag, where RFC 7489 wants it
	CodeRemoved  Code = "removed-tag"   // a tag of RFC 7489 that RFC 9989 has no more
	CodeUnknown  Code = "unknown-tag"   // receivers ignore it
	CodeNotTag   Code = "not-a-tag"     // a part without a name or without an =
	CodeEmptyTag Code = "empty-tag"     // two semicolons with nothing between
	CodeSize     Code = "obsolete-size" // a report address with a !size, which RFC 9989 has no more
	CodeMixed    Code = "mixed"         // fo with 0 or 1 in a list, where they have to stand alone
	CodePolicy   Code = "policy"        // the policy for the domain itself becomes another
	CodeRepaired Code = "repaired"      // several records become one
	CodeReplaced Code = "replaced"      // the record there is void and makes room
	CodeHidden   Code = "hidden-record" // a value there looks like DMARC and is none
	CodeRootVoid Code = "root-void"     // the root has no record that could be inherited
	CodeMany     Code = "many-reports"  // more than two report addresses, of which receivers may heed two
)

// Error is the error of every function here.
type Error struct {
	Code   Code
	Tag    string // the tag at fault, in lower case; empty when it is the whole record
	Value  string // the text at fault
	Offset int    // of the fault in the record, in octets, where it is known; else 0
	Reason string // what is wrong, for a person
}

func (e *Error) Error() string { return "dmarc: " + e.Reason }

// Warning is something about a record that works, or is meant as it is, and that its owner should know.
type Warning struct {
	Code Code
	Tag  string // in lower case; empty when it is about the whole record
	Text string // for a person
}

// clip keeps a sentence readable where a hostile record is quoted in it.
func clip(s string) string {
	if len(s) > 100 {
		return s[:80] + "…"
	}
	return s
}
