package dmarc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/dkim"
)

// Reading is the document that a receiver goes by.
type Reading uint8

// The readings. Receivers of both kinds are about: RFC 9989 took the place of RFC 7489 in May 2026.
const (
	RFC9989 Reading = iota
	RFC7489
)

func (by Reading) String() string {
	if by == RFC7489 {
		return "RFC 7489"
	}
	return "RFC 9989"
}

// Older is what RFC 7489 has in a record and RFC 9989 has no more.
type Older struct {
	Percent  int      // pct: the share of failing mail that the policy is for, 0 to 100; 100 is the default
	Formats  []string // rf: of failure reports, in lower case; afrf is the default
	Interval uint32   // ri: seconds between aggregate reports; 86400 is the default

	// The most octets that a report to each address of RUA and RUF may have; 0 is no limit. They are as long as these.
	RUASizes, RUFSizes []uint64
}

// ParseAs reads a record as receivers by one of the documents do. By RFC 9989 it is [Parse].
//
// By RFC 7489 np, psd and t are unknown tags, and the record has [Older]. What breaks the grammar is an error there: p that is not
// the second tag ([CodeLateP]), a part that is no tag ([CodeNotTag], [CodeEmptyTag]), a wrong value ([CodeInvalid]), a report address
// that is none ([CodeNotURI], [CodeSeparator]), and a missing or wrong policy without a report address ([CodeNoPolicy],
// [CodeInvalid]). A missing or wrong policy beside a report address is p=none by both.
func ParseAs(text string, by Reading) (Record, error) {
	if !IsRecord(text) {
		return Record{}, &Error{Code: CodeNotDMARC, Value: text, Reason: "the text does not begin with v=DMARC1"}
	}
	r := Record{By: by, PSD: "u", ADKIM: "r", ASPF: "r"}
	if by == RFC7489 {
		r.Older = &Older{Percent: 100, Interval: 86400}
	}
	if err := r.parse(text); err != nil {
		return Record{}, err
	}
	if r.FO == nil {
		r.FO = []string{"0"}
	}
	if by == RFC7489 {
		if err := r.refuse(text); err != nil {
			return Record{}, err
		}
		if r.Older.Formats == nil {
			r.Older.Formats = []string{"afrf"}
		}
	}
	return r, nil
}

// refuse returns the first thing for which a receiver by RFC 7489 passes over the record.
func (r *Record) refuse(text string) error {
	for _, w := range r.Warnings {
		policy := w.Tag == "p" || w.Tag == "sp"
		switch w.Code {
		case CodeNotTag, CodeEmptyTag, CodeLateP, CodeNotURI, CodeSeparator:
			return &Error{Code: w.Code, Tag: w.Tag, Value: text, Reason: w.Text}
		case CodeInvalid, CodeNoPolicy:
			if !policy || !r.Effective {
				return &Error{Code: w.Code, Tag: w.Tag, Value: text, Reason: w.Text}
			}
		default: // receivers by RFC 7489 do not mind
		}
	}
	return nil
}

// readOlder reads the tags that RFC 9989 took away.
func (r *Record) readOlder(id tagID, t dkim.Tag) {
	switch id {
	case tagPCT:
		n, err := strconv.ParseUint(t.Value, 10, 8)
		if err != nil || n > 100 {
			r.warn(CodeInvalid, "pct", "pct has to be a number from 0 to 100, not %q", clip(t.Value))
			return
		}
		r.Older.Percent = int(n)
	case tagRI:
		n, err := strconv.ParseUint(t.Value, 10, 32)
		if err != nil {
			r.warn(CodeInvalid, "ri", "ri has to be a number of seconds, not %q", clip(t.Value))
			return
		}
		r.Older.Interval = uint32(n)
	case tagRF:
		for f := range strings.SplitSeq(t.Value, ":") {
			f = strings.ToLower(strings.Trim(f, space))
			if !isName(strings.ReplaceAll(f, "-", "_")) {
				r.warn(CodeInvalid, "rf", "rf has to be names of formats, such as afrf, not %q", clip(t.Value))
				return
			}
			r.Older.Formats = append(r.Older.Formats, f)
		}
	default:
		r.unknown(t.Name)
	}
}

// percent is the share of failing mail that receivers by RFC 7489 apply the policy to, whatever the record was read by. A wrong
// one is 100, since such receivers pass over the record.
func (r Record) percent() int {
	o := Record{By: RFC7489, Older: &Older{Percent: 100}}
	if v, ok := r.Value("pct"); ok {
		o.readOlder(tagPCT, dkim.Tag{Name: "pct", Value: v})
	}
	return o.Older.Percent
}

// size reads the limit behind an address: digits and perhaps a unit of 1024, 1024 times 1024 and so on (RFC 7489 6.2).
func size(text string) (octets uint64, err error) {
	digits := strings.TrimRight(strings.ToLower(text), "kmgt")
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0, err
	}
	if unit := text[len(digits):]; unit != "" {
		shift := 10 * (1 + strings.IndexByte("kmgt", unit[0]|0x20))
		if n > 1<<(63-shift) {
			return 0, fmt.Errorf("%s is more than can be counted", text)
		}
		n <<= shift
	}
	return n, nil
}
