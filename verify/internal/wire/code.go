package wire

import "strconv"

// Rcode is a response code (IANA registry "DNS RCODEs").
type Rcode uint16

// The response codes that the verifier acts on.
const (
	NoError  Rcode = 0
	FormErr  Rcode = 1
	ServFail Rcode = 2
	NXDomain Rcode = 3
	NotImp   Rcode = 4
	Refused  Rcode = 5
	BadVers  Rcode = 16 // RFC 6891 section 9; the same number is BADSIG in TSIG
)

// String is the code's mnemonic, RCODE and its number where it has none.
func (r Rcode) String() string {
	switch r {
	case NoError:
		return "NOERROR"
	case FormErr:
		return "FORMERR"
	case ServFail:
		return "SERVFAIL"
	case NXDomain:
		return "NXDOMAIN"
	case NotImp:
		return "NOTIMP"
	case Refused:
		return "REFUSED"
	case 6:
		return "YXDOMAIN"
	case 7:
		return "YXRRSET"
	case 8:
		return "NXRRSET"
	case 9:
		return "NOTAUTH"
	case 10:
		return "NOTZONE"
	case 11:
		return "DSOTYPENI"
	case BadVers:
		return "BADVERS"
	case 17:
		return "BADKEY"
	case 18:
		return "BADTIME"
	case 19:
		return "BADMODE"
	case 20:
		return "BADNAME"
	case 21:
		return "BADALG"
	case 22:
		return "BADTRUNC"
	case 23:
		return "BADCOOKIE"
	}
	return "RCODE" + strconv.Itoa(int(r))
}

// ErrorCode is a reason of RFC 8914 (IANA registry "Extended DNS Error Codes").
type ErrorCode uint16

// String is the registry's name of the code, EDE and its number where it has
// none.
func (c ErrorCode) String() string {
	names := [...]string{
		0:  "Other",
		1:  "Unsupported DNSKEY Algorithm",
		2:  "Unsupported DS Digest Type",
		3:  "Stale Answer",
		4:  "Forged Answer",
		5:  "DNSSEC Indeterminate",
		6:  "DNSSEC Bogus",
		7:  "Signature Expired",
		8:  "Signature Not Yet Valid",
		9:  "DNSKEY Missing",
		10: "RRSIGs Missing",
		11: "No Zone Key Bit Set",
		12: "NSEC Missing",
		13: "Cached Error",
		14: "Not Ready",
		15: "Blocked",
		16: "Censored",
		17: "Filtered",
		18: "Prohibited",
		19: "Stale NXDOMAIN Answer",
		20: "Not Authoritative",
		21: "Not Supported",
		22: "No Reachable Authority",
		23: "Network Error",
		24: "Invalid Data",
		25: "Signature Expired Before Valid",
		26: "Too Early",
		27: "Unsupported NSEC3 Iterations Value",
		28: "Unable To Conform To Policy",
		29: "Synthesized",
		30: "Invalid Query Type",
	}
	if int(c) < len(names) {
		return names[c]
	}
	return "EDE" + strconv.Itoa(int(c))
}
