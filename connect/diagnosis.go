package connect

import (
	"cmp"
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Severity is how much a finding about a domain's mail matters.
type Severity string

// The severities, the gravest first.
const (
	Broken  Severity = "broken"  // receivers refuse or ignore what is published
	Unknown Severity = "unknown" // DNS could not be asked: nothing is said either way
	Warning Severity = "warning" // works, but not for everybody or not for long
	Hint    Severity = "hint"    // works, and could be better
)

// rank orders severities, the gravest first. A word that is none counts as a
// warning: it must not be lost among the hints.
func (s Severity) rank() int {
	if i := slices.Index([]Severity{Broken, Unknown, Warning, Hint}, s); i >= 0 {
		return i
	}
	return slices.Index([]Severity{Broken, Unknown, Warning, Hint}, Warning)
}

// Area is which records a finding is about.
type Area string

// The areas, in the order of a diagnosis.
const (
	AreaDomain Area = "domain"  // the name as such
	AreaMX     Area = "mx"      // who receives its mail
	AreaSPF    Area = "spf"     // who may send for it (RFC 7208)
	AreaDKIM   Area = "dkim"    // the keys that signatures are verified with (RFC 6376)
	AreaDMARC  Area = "dmarc"   // what becomes of mail that fails both (RFC 9989)
	AreaMTASTS Area = "mta-sts" // transport security (RFC 8461)
	AreaTLSRPT Area = "tls-rpt" // reports about it (RFC 8460)
	AreaBIMI   Area = "bimi"    // the sender's logo
)

// MailFinding is one thing that somebody should know about a domain's mail,
// for a program by its area and code and for a person in English.
type MailFinding struct {
	Area     Area      `json:"area"`
	Code     string    `json:"code"`
	Severity Severity  `json:"severity"`
	Owner    zone.Name `json:"owner"` // where it stands
	Text     string    `json:"text"`
	Advice   string    `json:"advice,omitempty"` // what to do about it
}

// Diagnosis is what DNS says about the mail of one name. It is plain data with
// a stable JSON form. What DNS could not be asked for has the status "failed",
// and never one that says it is not there.
type Diagnosis struct {
	Name       zone.Name       `json:"name"`
	Status     plan.FactStatus `json:"status"` // "found" where the name exists
	MX         MXReport        `json:"mx"`
	SPF        SPFReport       `json:"spf"`
	DKIM       DKIMReport      `json:"dkim"`
	DMARC      DMARCReport     `json:"dmarc"`
	Neighbours []Neighbour     `json:"neighbours"` // that were found, or could not be asked for
	Findings   []MailFinding   `json:"findings"`   // the gravest first
	Questions  int             `json:"questions"`  // that DNS was asked
}

// MXReport is who receives the mail of a name.
type MXReport struct {
	Status  plan.FactStatus `json:"status"`
	Servers []string        `json:"servers"` // preference and host name, the preferred one first
	Mailbox dkim.Detection  `json:"mailbox"` // who hosts the mailboxes
}

// SPFReport is who may send for a name, and what it costs receivers to find out.
type SPFReport struct {
	Status  plan.FactStatus `json:"status"`           // "found" where at least one record stands there
	Record  string          `json:"record,omitempty"` // the only one: of several none counts
	Octets  int             `json:"octets"`
	Lookups int             `json:"lookups"`            // of the 10 that RFC 7208 section 4.6.4 allows, in the worst case
	Voids   int             `json:"voids"`              // of those that find nothing, at most 2
	AtLeast bool            `json:"at_least,omitempty"` // not everything could be looked up, or depends on the message
	Terms   []SPFTerm       `json:"terms,omitempty"`
}

// SPFTerm is one term of an SPF record with what is below it.
type SPFTerm struct {
	Term    string    `json:"term"`
	Target  string    `json:"target,omitempty"`  // the name it leads to
	Lookups int       `json:"lookups"`           // it costs with all that is below it
	Voids   int       `json:"voids,omitempty"`   // the same
	Dynamic bool      `json:"dynamic,omitempty"` // the target depends on the message
	Dead    bool      `json:"dead,omitempty"`    // receivers never reach it
	Unknown string    `json:"unknown,omitempty"` // why DNS could not be asked
	Problem string    `json:"problem,omitempty"`
	Below   []SPFTerm `json:"below,omitempty"`
}

// DKIMReport is the keys at the selectors that were looked for. Selectors
// cannot be listed in DNS: a key elsewhere is not found.
type DKIMReport struct {
	Status plan.FactStatus `json:"status"` // "found" where something stands at a selector; "failed" where that is all unknown
	Asked  []string        `json:"asked"`  // selectors
	Failed []string        `json:"failed,omitempty"`
	Keys   []KeyReport     `json:"keys,omitempty"`
}

// KeyReport is what stands at one selector.
type KeyReport struct {
	Selector    string `json:"selector"`
	State       string `json:"state"`
	Type        string `json:"type,omitempty"`
	Bits        int    `json:"bits,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"` // SHA-256 of the public key, hex
	Target      string `json:"target,omitempty"`      // of the alias that stands there
}

// DMARCReport is what receivers do with mail that is not authenticated.
type DMARCReport struct {
	Status       plan.FactStatus `json:"status"`                 // "found" where a record counts, or stands at the name and does not
	Owner        zone.Name       `json:"owner,omitempty"`        // of the record that counts; "" for none
	Organization zone.Name       `json:"organization,omitempty"` // the organizational domain
	Record       string          `json:"record,omitempty"`
	Policy       string          `json:"policy,omitempty"`     // for mail from the name, as the record has it
	Subdomains   string          `json:"subdomains,omitempty"` // for mail from names below it
	Testing      bool            `json:"testing,omitempty"`    // t=y: receivers act one step milder than the record says
	Reports      []ReportAddress `json:"reports,omitempty"`
}

// ReportAddress is a foreign receiver of DMARC reports, which must agree to get
// them.
type ReportAddress struct {
	Owner  zone.Name       `json:"owner"`  // where it agrees
	Status plan.FactStatus `json:"status"` // "found" where it does
}

// Neighbour is a record that goes with the three above.
type Neighbour struct {
	Area    Area            `json:"area"`
	Owner   zone.Name       `json:"owner"`
	Status  plan.FactStatus `json:"status"`
	Record  string          `json:"record,omitempty"`
	Problem string          `json:"problem,omitempty"`
}

// Sound reports whether nothing is broken and everything could be asked for.
func (d Diagnosis) Sound() bool {
	return !slices.ContainsFunc(d.Findings, func(f MailFinding) bool { return f.Severity.rank() <= Unknown.rank() })
}

// sort puts the gravest findings first, each of them once.
func (d *Diagnosis) sort() {
	areas := []Area{AreaDomain, AreaMX, AreaSPF, AreaDKIM, AreaDMARC, AreaMTASTS, AreaTLSRPT, AreaBIMI}
	slices.SortStableFunc(d.Findings, func(a, b MailFinding) int {
		return cmp.Or(
			cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			cmp.Compare(slices.Index(areas, a.Area), slices.Index(areas, b.Area)),
			zone.Compare(a.Owner, b.Owner), cmp.Compare(a.Code, b.Code),
		)
	})
	d.Findings = slices.Compact(d.Findings)
}

func (d *Diagnosis) add(f MailFinding) { d.Findings = append(d.Findings, f) }
