package verify

// Severity is how much a Finding matters.
type Severity string

// The severities.
const (
	Info    Severity = "info"
	Warning Severity = "warning" // works, but somebody should mend it
	Error   Severity = "error"   // keeps the verdict from getting better by itself
)

// Code is what a Finding is about, for programs.
type Code string

// What is found about the servers of a zone.
const (
	CodeNoStart      Code = "NO_START"         // no start server answers
	CodeStale        Code = "NS_STALE"         // a server lacks what another one has
	CodeLameRefused  Code = "NS_LAME_REFUSED"  // a name server refuses to answer for the zone
	CodeLameServfail Code = "NS_LAME_SERVFAIL" // a name server fails to answer for the zone
	CodeLameUpward   Code = "NS_LAME_UPWARD"   //nolint:gosec // no password: a name server refers to the servers above the zone
	CodeLameAA0      Code = "NS_LAME_AA0"      // a name server answers for the zone without authority
	CodeLame         Code = "NS_LAME"          // a name server does not answer for the zone in another way
	CodeDead         Code = "NS_DEAD"          // a name server does not answer, over IPv4, over IPv6, or over both
	CodeUnknown      Code = "NS_UNKNOWN"       // a name server that may be sound and did not say what it serves, or nobody says which name servers there are
	CodeNoRoute      Code = "NS_NO_ROUTE"      // an address that this machine cannot reach
	CodeNSNoName     Code = "NS_NAME_NXDOMAIN" // a name server whose name does not exist
	CodeNSNoAddress  Code = "NS_NO_ADDRESS"    // a name server whose address could not be learned
	CodeNSAlias      Code = "NS_IS_CNAME"      // a name server whose name is a CNAME
	CodeNSPrivate    Code = "NS_PRIVATE_ADDR"  // a name server at an address that the Internet does not route
	CodeParentExtra  Code = "NS_PARENT_EXTRA"  // only the parent zone names the server
	CodeChildExtra   Code = "NS_CHILD_EXTRA"   // only the zone names the server
	CodeDisjoint     Code = "NS_DISJOINT"      // parent zone and zone name no server in common
	CodeGlue         Code = "GLUE_MISMATCH"    // parent zone and zone give a name server different addresses
	CodeSerial       Code = "SERIAL_DIFFERS"   // servers have different versions of the zone
	CodeUndelegated  Code = "UNDELEGATED"      // DNS does not lead to the zone
	CodeCutBelow     Code = "ZONE_CUT_BELOW"   // the record was written above a zone that DNS cuts off
	CodeFlap         Code = "FLAP"             // one address answers differently from question to question
	CodeEDNSFormErr  Code = "EDNS_FORMERR"     // a server takes a question with EDNS for broken
	CodeEDNSDrop     Code = "EDNS_DROP"        // a server does not answer questions with EDNS
	CodeTCPNeeded    Code = "TC_OK"            // an answer does not fit into UDP, and comes over TCP
	CodeNoTCP        Code = "TC_NO_TCP"        // an answer does not fit into UDP, and does not come over TCP
	CodeRateLimited  Code = "TC_RRL"           // a server that limits its rate truncates small answers
	CodeCaseMangled  Code = "CASE_MANGLED"     // a server does not repeat the case of the question
	CodeSpoofed      Code = "SPOOFED"          // messages came that were no answer to the question: wrong id, source or question
	CodeGarbage      Code = "GARBAGE"          // messages came that are no DNS messages, or too large
)

// What is found about the records.
const (
	CodeValueWrong     Code = "VALUE_WRONG"          // another value is in its place
	CodeValueExtra     Code = "VALUE_EXTRA"          // other values stand beside it
	CodeDupSPF         Code = "VALUE_DUP_SPF"        // more than one SPF record
	CodeDupDKIM        Code = "VALUE_DUP_DKIM"       // more than one key at one selector
	CodeDupDMARC       Code = "VALUE_DUP_DMARC"      // more than one DMARC record
	CodeTXTSplit       Code = "TXT_SPLIT"            // the text is cut into strings at other borders, which means the same
	CodeTXTQuoted      Code = "TXT_QUOTED"           // quotation marks are part of the value
	CodeTXTTruncated   Code = "TXT_TRUNCATED_255"    // the text ends after its first 255 octets
	CodeNameDoubled    Code = "NAME_DOUBLED"         // the record stands at name.zone.zone
	CodeNameMissing    Code = "NAME_MISSING_LABEL"   // the record stands at another level of the name
	CodeTargetAppended Code = "TARGET_ZONE_APPENDED" // the target got the zone's name appended
	CodeCNAMECoexist   Code = "CNAME_COEXIST"        // a CNAME stands in the place of the record, or beside other records
	CodeCNAMELoop      Code = "CNAME_LOOP"           // aliases that lead back to themselves
	CodeCNAMEDangling  Code = "CNAME_DANGLING"       // an alias whose target does not exist
	CodeCNAMEDeep      Code = "CNAME_DEEP"           // more aliases in a row than resolvers follow
	CodeFlattened      Code = "FLATTENED"            // the host answers with the target's addresses in place of the CNAME
	CodeProxied        Code = "PROXIED"              // the host answers with addresses of its own proxy
	CodeWildcard       Code = "WILDCARD"             // a wildcard gives the value to every name
	CodeNoData         Code = "NODATA"               // the name exists without this type, or with other values of it only
	CodeNXDomain       Code = "NXDOMAIN"             // the name does not exist
	CodeEmpty          Code = "EMPTY_NON_TERMINAL"   // the name exists only because names below it do
	CodeCAABlocks      Code = "CAA_BLOCKS_ISSUER"    // the CAA records in force allow the wanted issuer nothing
)

// What is found about those who ask for the world: resolvers and vantage
// points.
const (
	CodeNegCached    Code = "NEG_CACHED"     // a resolver keeps the news that the record does not exist
	CodePosCached    Code = "POS_CACHED_OLD" // a resolver keeps an old value
	CodeNSECSynth    Code = "NSEC_SYNTH"     // a resolver concludes from kept denials that the record does not exist (RFC 8198)
	CodeFailCached   Code = "FAIL_CACHED"    // a resolver keeps a failure (RFC 9520)
	CodeServeStale   Code = "SERVE_STALE"    // a resolver serves what has expired (RFC 8767)
	CodeDNSSECBogus  Code = "DNSSEC_BOGUS"   // a resolver refuses what the servers say, since its signatures do not hold
	CodeFiltered     Code = "FILTERED"       // a resolver does not give out the answer by policy
	CodeSplitHorizon Code = "SPLIT_HORIZON"  // a resolver sees other records than the authoritative servers show here
	CodeViewTimeout  Code = "VIEW_TIMEOUT"   // a resolver or vantage point does not answer
	CodeQuorum       Code = "QUORUM"         // too few vantage points agree
	CodeDeadline     Code = "DEADLINE"       // the time for the record to appear is over
)

// Finding is one thing worth knowing, for a program by its code and for a
// person in English.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Server   string   `json:"server,omitempty"` // name and address, or names
	Detail   string   `json:"detail"`
	Hint     string   `json:"hint,omitempty"` // what to do about it
}
