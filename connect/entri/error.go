package entri

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Code names a kind of problem, for programs and for catalogues of
// translations. Path and Value of the [Error] are its parameters.
type Code string

// What can be wrong with a configuration.
const (
	Unreadable      Code = "unreadable"       // no JSON, not UTF-8, or too big
	Missing         Code = "missing"          // required and not there
	WrongType       Code = "wrong-type"       // a string where a list belongs, and the like
	Duplicate       Code = "duplicate"        // the key stands twice
	Invalid         Code = "invalid"          // breaks the syntax of its field
	OutOfRange      Code = "out-of-range"     // a number outside its limits
	Contradiction   Code = "contradiction"    // two fields exclude each other
	Unsupported     Code = "unsupported"      // understood, and nothing here can do it
	UnknownVariable Code = "unknown-variable" // {FOO}
	UnsetVariable   Code = "unset-variable"   // a variable that the host application gave no value
)

// What can be wrong with a name that a person entered.
const (
	EmptyName    Code = "empty-name"
	AddressName  Code = "address-name"  // an IP address
	EmailName    Code = "email-name"    // an e-mail address
	SuffixName   Code = "suffix-name"   // "com", "co.uk": a name under which others register theirs
	InvalidName  Code = "invalid-name"  // no domain name at all
	WildcardName Code = "wildcard-name" // "*.customer.example"
	NoSubdomain  Code = "no-subdomain"  // forceSubdomain, and none was entered
	HasSubdomain Code = "has-subdomain" // supportForSubdomains is false, and one was entered
)

// Error is one problem of a configuration or of a name.
type Error struct {
	Code   Code
	Path   string // "dnsRecords[3].value"; "" where there is no field to name
	Value  string // as it was given; "" where it is missing, long, or must not be repeated
	Reason string // what is wrong and what to do
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("entri: ")
	b.WriteString(e.Path)
	if e.Value != "" {
		if e.Path != "" {
			b.WriteByte(' ')
		}
		b.WriteString(quote(e.Value))
	}
	if e.Path != "" || e.Value != "" {
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	return b.String()
}

// Errors is every problem of one configuration, in the order of its fields.
// [errors.As] finds the single *Error values in it.
type Errors []*Error

// shown is how many problems a message spells out: enough to mend a file by,
// and no flood when one habit breaks a thousand records.
const shown = 10

func (e Errors) Error() string {
	lines := make([]string, 0, shown+1)
	for i, one := range e {
		if i == shown {
			lines = append(lines, fmt.Sprintf("entri: and %d more problems", len(e)-shown))
			break
		}
		lines = append(lines, one.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems one by one.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, one := range e {
		list[i] = one
	}
	return list
}

// err is e as an error, nil where there is none.
func (e Errors) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

func (e *Errors) add(code Code, path, value, format string, args ...any) {
	*e = append(*e, &Error{Code: code, Path: path, Value: value, Reason: fmt.Sprintf(format, args...)})
}

// fault is what is wrong with one field of a record, before it is known where
// the record stands.
type fault struct {
	code   Code
	field  string
	value  string // "" where it must not be repeated
	reason string
}

func faultf(code Code, value, format string, args ...any) *fault {
	return &fault{code: code, value: value, reason: fmt.Sprintf(format, args...)}
}

// in says in which field a fault is, unless it says so itself.
func (f *fault) in(field string) *fault {
	if f.field == "" {
		f.field = field
	}
	return f
}

// located is a fault with its place, and its value as it was given rather than
// as it reads with its variables replaced.
func (r Record) located(path string, f *fault) *Error {
	e := &Error{Code: f.code, Path: path + "." + f.field, Value: f.value, Reason: f.reason}
	given := map[string]string{"host": r.Host, "value": r.Value, "fallbackValue": r.FallbackValue}[f.field]
	if e.Value != "" && f.code == Invalid && strings.Contains(given, "{") && !strings.HasPrefix(e.Value, "{") {
		e.Value = given
	}
	return e
}

// quote is s in quotation marks, cut where it would drown the reason.
func quote(s string) string {
	const limit = 80
	if len(s) <= limit {
		return strconv.Quote(s)
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(s[:cut]) + "…"
}
