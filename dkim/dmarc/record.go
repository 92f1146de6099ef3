package dmarc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim"
)

// space is the white space around names and values. Line ends count: panels leave bare ones.
const space = " \t\r\n"

// Policy is what a domain asks receivers to do with mail that fails DMARC.
type Policy string

// The policies, from the weakest to the strongest.
const (
	None       Policy = "none"
	Quarantine Policy = "quarantine"
	Reject     Policy = "reject"
)

// Tag is one part of a record between semicolons.
type Tag struct {
	Name  string // as written; names have no case. Empty when the part is no name=value
	Value string // as written, without the white space around it
	Raw   string // all bytes between the semicolons
}

// Record is a DMARC record as a receiver reads it.
type Record struct {
	Tags []Tag   // every part in order, v first; their Raw joined with semicolons is the text
	By   Reading // the document that it was read by

	// P is for the domain itself, SP for names below it, NP for names below it that do not exist. SP falls back to P, and NP to SP.
	P, SP, NP Policy
	Implied   bool // p is missing, or one of p, sp, np is no policy: all three are none
	Effective bool // false when they are implied and no report address stands beside: receivers act as if there were no record

	PSD         string   // y, n or u: whether the domain is a public suffix; u is the default
	T           bool     // t=y: receivers apply a policy one step weaker
	ADKIM, ASPF string   // r or s, relaxed or strict; r is the default
	RUA, RUF    []string // the addresses that are valid URIs, as written but without !size
	FO          []string // of 0, 1, d, s; 0 is the default
	Older       *Older   // what RFC 7489 alone knows; nil in a reading by RFC 9989
	Warnings    []Warning
}

// IsRecord reports whether receivers take a TXT value for a DMARC record: its first tag is v=DMARC1, in these capitals.
func IsRecord(text string) bool {
	if rest, ok := strings.CutPrefix(text, "v=DMARC1"); ok && (rest == "" || rest[0] == ';') {
		return true
	}
	first, _, _ := strings.Cut(text, ";")
	name, value, ok := strings.Cut(first, "=")
	name = strings.TrimRight(name, space)
	return ok && (name == "v" || name == "V") && strings.Trim(value, space) == "DMARC1"
}

// Parse reads a record by RFC 9989, which forgives more than RFC 7489: any order after v, no p, and a wrong value counts as its
// default. What was forgiven is a warning. Only two things are an error: [CodeNotDMARC] and [CodeDuplicate].
func Parse(text string) (Record, error) { return ParseAs(text, RFC9989) }

// parse reads the parts of a record one after the other. Both readings have this in common.
func (r *Record) parse(text string) error {
	r.Tags = make([]Tag, 0, strings.Count(text, ";")+1)
	var seen seen
	for t := range dkim.ScanTags(text) {
		n := len(r.Tags)
		r.Tags = append(r.Tags, Tag{t.Name, t.Value, t.Raw})
		switch id := tagOf(t.Name); {
		case t.Name == "" && !t.Blank():
			r.warn(CodeNotTag, "", "%q is no tag: receivers ignore it", clip(t.Raw))
		case t.Name == "" && n < cap(r.Tags)-1: // after the last tag it is only the closing semicolon
			r.warn(CodeEmptyTag, "", "there is nothing between two semicolons, which older receivers refuse")
		case t.Name == "":
		case seen.again(id, t.Name):
			name := strings.ToLower(t.Name)
			return &Error{
				Code: CodeDuplicate, Tag: name, Value: text, Offset: t.Off,
				Reason: fmt.Sprintf("tag %s stands twice, which makes the record void", clip(name)),
			}
		default:
			r.read(id, t)
			if id == tagP && n != 1 {
				seen.late = true
			}
		}
	}
	r.settle(seen)
	return nil
}

func (r *Record) read(id tagID, t dkim.Tag) {
	switch id {
	case tagV:
	case tagP:
		r.P = r.policy("p", t.Value)
	case tagSP:
		r.SP = r.policy("sp", t.Value)
	case tagADKIM:
		r.ADKIM = r.letter("adkim", t.Value, "rs")
	case tagASPF:
		r.ASPF = r.letter("aspf", t.Value, "rs")
	case tagRUA:
		r.RUA = r.addresses("rua", t.Value)
	case tagRUF:
		r.RUF = r.addresses("ruf", t.Value)
	case tagFO:
		r.FO = r.options("fo", t.Value)
	default:
		if r.By == RFC7489 {
			r.readOlder(id, t)
			return
		}
		r.readNewer(id, t)
	}
}

// readNewer reads the tags that RFC 9989 brought.
func (r *Record) readNewer(id tagID, t dkim.Tag) {
	switch id {
	case tagNP:
		r.NP = r.policy("np", t.Value)
	case tagPSD:
		r.PSD = r.letter("psd", t.Value, "uyn")
	case tagT:
		r.T = r.letter("t", t.Value, "ny") == "y"
	case tagPCT, tagRF, tagRI:
		name := strings.ToLower(t.Name)
		old := Record{By: RFC7489, Older: &Older{}}
		if old.readOlder(id, t); len(old.Warnings) > 0 {
			r.warn(CodeInvalid, name, "%s: older receivers may pass over the whole record", old.Warnings[0].Text)
		}
		r.warn(CodeRemoved, name, "RFC 9989 has no tag %s any more: newer receivers ignore it", name)
	default:
		r.unknown(t.Name)
	}
}

func (r *Record) unknown(name string) {
	name = strings.ToLower(name)
	r.warn(CodeUnknown, name, "receivers do not know the tag %s and ignore it", clip(name))
}

// settle fills in the policies that are not written out (RFC 9989 on policy discovery, RFC 7489 6.6.3).
func (r *Record) settle(s seen) {
	switch {
	case !s.has(tagP):
		r.warn(CodeNoPolicy, "p", "p is missing: receivers take p=none")
	case s.late:
		r.warn(CodeLateP, "p", "p does not follow v at once: receivers by RFC 7489 refuse the record")
	}
	r.Implied = r.Implied || !s.has(tagP)
	r.Effective = !r.Implied || len(r.RUA) > 0
	if r.Implied {
		r.P, r.SP, r.NP = None, None, None
	}
	r.SP = cmp.Or(r.SP, r.P)
	r.NP = cmp.Or(r.NP, r.SP)
	if !r.Effective {
		r.warn(CodeNoEffect, "", "there is neither a policy nor a report address: receivers act as if there were no record")
	}
}

// InForce returns what receivers do for the domain itself: P, or one step less while t=y says that it is a test.
func (r Record) InForce() Policy {
	if r.T {
		return r.P.weaker()
	}
	return r.P
}

// Value returns the text of a tag, whatever the case of its name.
func (r Record) Value(name string) (value string, ok bool) {
	if i := r.index(name); i >= 0 {
		return r.Tags[i].Value, true
	}
	return "", false
}

// String returns the record byte for byte as it was parsed.
func (r Record) String() string {
	raw := make([]string, len(r.Tags))
	for i, t := range r.Tags {
		raw[i] = t.Raw
	}
	return strings.Join(raw, ";")
}

func (r Record) index(name string) int {
	return slices.IndexFunc(r.Tags, func(t Tag) bool { return t.Name != "" && strings.EqualFold(t.Name, name) })
}

func (r *Record) warn(code Code, tag, format string, args ...any) {
	r.Warnings = append(r.Warnings, Warning{code, tag, fmt.Sprintf(format, args...)})
}

// isName reports whether s is a tag-name (RFC 6376 3.2). ASCII alone, so that folding its case is safe.
func isName(s string) bool {
	for i := range len(s) {
		letter := 'a' <= s[i]|0x20 && s[i]|0x20 <= 'z'
		if !letter && (i == 0 || s[i] != '_' && (s[i] < '0' || s[i] > '9')) {
			return false
		}
	}
	return s != ""
}
