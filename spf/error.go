package spf

import (
	"errors"
	"strconv"
	"strings"
)

// Code names what went wrong, in words that cross process borders unchanged.
// A Code is itself an error, so errors.Is(err, spf.ErrSyntax) works.
type Code string

// Error returns the code with the package in front.
func (c Code) Error() string { return "spf: " + string(c) }

// Codes of an [Error].
const (
	ErrNotSPF          Code = "not-spf"               // no "v=spf1" at the start
	ErrQuoted          Code = "not-spf-quoted"        // literal quotes hide the record from receivers
	ErrLeadingSpace    Code = "not-spf-leading-space" // a space in front hides it as well
	ErrHidden          Code = "not-spf-hidden"        // so do other quotes, what is not shown, or no space behind v=spf1
	ErrSyntax          Code = "syntax"                // permerror at every receiver
	ErrMultipleRecords Code = "multiple-records"      // permerror at every receiver
	ErrNeedsSubrecord  Code = "needs-subrecord"       // only an include keeps the meaning of the requirement
	ErrRequiredPassAll Code = "required-pass-all"     // would let the whole world send
	ErrBadPolicy       Code = "bad-all-policy"        // MergeRequest.All or Explicit makes no sense
	ErrCannotFlatten   Code = "cannot-flatten"        // networks alone would not mean the same
	ErrCannotInline    Code = "cannot-inline"         // the terms of a subrecord would not mean the same in its place
	ErrBadChoice       Code = "bad-choice"            // Shrink was asked for what it does not do
)

// Codes of a [LimitError] and a [LengthError], in the words that callers of
// Entri's API know.
const (
	ErrLimit  Code = "SpfRecordsLimitError"  // receivers give up with permerror
	ErrLength Code = "SpfRecordsLengthError" // the DNS host cannot store it
)

// Codes of a [Problem] that waits below a term; those of a check stand with
// [Checker].
const (
	ErrNoRecord  Code = "no-record"   // an include or redirect leads to no SPF record
	ErrLoop      Code = "loop"        // a record reaches itself
	ErrTooManyMX Code = "too-many-mx" // more than ten names behind one mx
	ErrTooBig    Code = "too-big"     // counting stopped far above the limit
)

// Error says where a record or a requirement is wrong.
type Error struct {
	Code       Code
	Record     string // the text the error is in
	Term       string // the term, where there is one
	Offset     int    // of the term in Record, in octets
	Reason     string
	Suggestion string // what the author may have meant; it parses
}

// Error returns one line that is enough to mend the record by hand.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("spf: ")
	if e.Term != "" {
		b.WriteString(strconv.Quote(e.Term))
		b.WriteString(" at octet ")
		b.WriteString(strconv.Itoa(e.Offset))
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	if e.Suggestion != "" {
		b.WriteString("; perhaps ")
		b.WriteString(strconv.Quote(e.Suggestion))
	}
	return b.String()
}

// Unwrap returns the code, for errors.Is.
func (e *Error) Unwrap() error { return e.Code }

// asError gives every error of this package the one form.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: ErrSyntax, Reason: err.Error()}
}
