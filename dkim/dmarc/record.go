package dmarc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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

// Record is a DMARC record as a receiver by RFC 9989 reads it.
type Record struct {
	Tags []Tag // every part in order, v first; their Raw joined with semicolons is the text

	// P is for the domain itself, SP for names below it, NP for names below it that do not exist. SP falls back to P, and NP to SP.
	P, SP, NP Policy
	Implied   bool // p is missing, or one of p, sp, np is no policy: all three are none
	Effective bool // false when they are implied and no report address stands beside: receivers act as if there were no record

	PSD         string   // y, n or u: whether the domain is a public suffix; u is the default
	T           bool     // t=y: receivers apply a policy one step weaker
	ADKIM, ASPF string   // r or s, relaxed or strict; r is the default
	RUA, RUF    []string // the addresses that are valid URIs, as written but without !size
	FO          []string // of 0, 1, d, s; 0 is the default
	Warnings    []Warning
}

// IsRecord reports whether receivers take a TXT value for a DMARC record: its first tag is v=DMARC1, in these capitals.
func IsRecord(text string) bool {
	first, _, _ := strings.Cut(text, ";")
	name, value, ok := strings.Cut(first, "=")
	name = strings.TrimRight(name, space)
	return ok && (name == "v" || name == "V") && strings.Trim(value, space) == "DMARC1"
}

// Parse reads a record by RFC 9989, which forgives more than RFC 7489: any order after v, no p, and a wrong value counts as its
// default. What was forgiven is a warning. Only two things are an error: [CodeNotDMARC] and [CodeDuplicate].
func Parse(text string) (Record, error) {
	if !IsRecord(text) {
		return Record{}, &Error{Code: CodeNotDMARC, Value: text, Reason: "the text does not begin with v=DMARC1"}
	}
	r := Record{PSD: "u", ADKIM: "r", ASPF: "r", FO: []string{"0"}}
	seen := map[string]bool{}
	for raw := range strings.SplitSeq(text, ";") {
		t := parseTag(raw)
		name := strings.ToLower(t.Name)
		if name != "" && seen[name] {
			return Record{}, &Error{
				Code: CodeDuplicate, Tag: name, Value: text,
				Reason: fmt.Sprintf("tag %s stands twice, which makes the record void", clip(name)),
			}
		}
		seen[name] = true
		r.Tags = append(r.Tags, t)
	}
	for i, t := range r.Tags[1:] {
		if t.Name != "" {
			r.read(strings.ToLower(t.Name), t.Value)
			continue
		}
		if strings.Trim(t.Raw, space) != "" {
			r.warn(CodeNotTag, "", "%q is no tag: receivers ignore it", clip(t.Raw))
		} else if i < len(r.Tags)-2 { // after the last tag it is only the closing semicolon
			r.warn(CodeEmptyTag, "", "there is nothing between two semicolons, which older receivers refuse")
		}
	}
	r.settle()
	return r, nil
}

func (r *Record) read(name, value string) {
	switch name {
	case "p":
		r.P = r.policy(name, value)
	case "sp":
		r.SP = r.policy(name, value)
	case "np":
		r.NP = r.policy(name, value)
	case "psd":
		r.PSD = r.letter(name, value, "uyn")
	case "t":
		r.T = r.letter(name, value, "ny") == "y"
	case "adkim":
		r.ADKIM = r.letter(name, value, "rs")
	case "aspf":
		r.ASPF = r.letter(name, value, "rs")
	case "rua":
		r.RUA = r.addresses(name, value)
	case "ruf":
		r.RUF = r.addresses(name, value)
	case "fo":
		r.FO = r.options(name, value)
	case "pct", "rf", "ri":
		r.warn(CodeRemoved, name, "RFC 9989 has no tag %s any more: newer receivers ignore it", name)
	default:
		r.warn(CodeUnknown, name, "receivers do not know the tag %s and ignore it", clip(name))
	}
}

// settle fills in the policies that are not written out (RFC 9989 on policy discovery).
func (r *Record) settle() {
	_, written := r.Value("p")
	switch {
	case !written:
		r.warn(CodeNoPolicy, "p", "p is missing: receivers take p=none")
	case !strings.EqualFold(r.Tags[1].Name, "p"):
		r.warn(CodeLateP, "p", "p does not follow v at once: receivers by RFC 7489 refuse the record")
	}
	r.Implied = r.Implied || !written
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
	switch {
	case r.T && r.P == Reject:
		return Quarantine
	case r.T:
		return None
	default:
		return r.P
	}
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

func parseTag(raw string) Tag {
	name, value, ok := strings.Cut(raw, "=")
	name = strings.Trim(name, space)
	if !ok || !isName(name) {
		return Tag{Raw: raw}
	}
	return Tag{Name: name, Value: strings.Trim(value, space), Raw: raw}
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
