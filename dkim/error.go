package dkim

import "strings"

// A Code names what is wrong, for programs and for catalogues of translations. Codes do not change between versions.
type Code string

// What [ParseKey] reports.
const (
	CodeNotKey     Code = "not-a-key"     // the text is no DKIM key record at all
	CodeSyntax     Code = "syntax"        // the tag-list breaks the grammar of RFC 6376 3.2
	CodeVersion    Code = "bad-version"   // v is not DKIM1, or not the first tag
	CodeDuplicate  Code = "duplicate-tag" // a tag stands twice, which makes the whole record void
	CodeMissingKey Code = "missing-key"   // there is no p tag
	CodeBadKey     Code = "bad-key"       // p does not hold a public key of the type in k
	CodeTruncated  Code = "truncated"     // p ends before the key does
	CodeQuoted     Code = "quoted"        // quotation marks were stored as part of the value
	CodeEscaped    Code = "escaped"       // backslashes of a zone file were stored as part of the value
	CodePrivateKey Code = "private-key"   // p holds a private key, which must now count as known to everybody
)

// What [Choose] reports.
const (
	CodeValueTooLong    Code = "value-too-long"   // the value is too long for the host, and no fallback fits
	CodeValueRefused    Code = "value-refused"    // the host cannot store a character of it, and no fallback fits
	CodeValueInvalid    Code = "value-invalid"    // the value looks like a key record and does not parse
	CodeCNAMERefused    Code = "cname-refused"    // the host refuses the CNAME, and no copy of its key may take its place
	CodeFallbackInvalid Code = "fallback-invalid" // the fallback is needed and holds no usable key
	CodeFallbackWeak    Code = "fallback-weak"    // the fallback is needed and its key has less than 1024 bits
)

// CodeBadRequest is what [Generate] and [Rotate] report where what is asked for cannot be.
const CodeBadRequest Code = "bad-request"

// Error is the error of [ParseKey], [Choose], [Generate] and [Rotate]. Its text never repeats the key data, which may be a private key pasted by mistake.
type Error struct {
	Code   Code
	Name   string // owner name of the record, where the caller gave one
	Tag    string // the tag at fault; empty when it is the whole record
	Offset int    // octets before the fault in the parsed text; 0 for errors of Choose
	Detail string // what is wrong, for a person
	Err    error  // why a value or fallback is invalid; nil otherwise
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("dkim: ")
	if e.Name != "" {
		b.WriteString(e.Name + ": ")
	}
	b.WriteString(e.Detail)
	if e.Err != nil {
		b.WriteString(": " + strings.TrimPrefix(e.Err.Error(), "dkim: "))
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }
