package dkim

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Want is a record to publish at a selector and what to publish where the host cannot store it: a TXT value with a fallback, or
// a CNAME with the TXT that may stand in for it.
type Want struct {
	Name          string // owner name, for error texts
	Value         string // of the TXT; beside a Target, the TXT found there
	FallbackValue string // as a rule the record of a second, shorter key; empty for none, and without meaning beside a Target
	Target        string // of the CNAME, where the selector should be one; empty for a TXT
	MayCopy       bool   // where the host refuses the CNAME, Value may be published, which breaks when the vendor changes keys
}

// Limits is what a host of DNS is known to store. The zero value has no limits.
type Limits struct {
	MaxTXT    int    // longest TXT value, strings joined, in octets; 0 for no limit
	OneString bool   // it keeps a single character-string, so 255 octets
	Refused   string // characters it cannot store in a TXT, such as `"\`
	NoCNAME   bool   // it refuses a CNAME whose owner has an underscore
}

// Choice is the record to publish. A fallback is another key: whoever signs the mail has to use the private key that belongs to
// Fingerprint.
type Choice struct {
	Type         string // "TXT" or "CNAME"
	Value        string // text of the TXT, target of the CNAME
	UsedFallback bool   // it is the fallback, or the copy in place of a CNAME
	Code         Code   // why: value-too-long, value-refused or cname-refused; else empty
	Reason       string // the same as a sentence for a person; else empty
	Fingerprint  string // of the chosen value; empty when it is a CNAME, no key, or a revoked or unsupported one
	Warnings     []Warning
}

// Choose takes the value if the host can store it, else the fallback. It goes by the known facts alone and never by trial, so the
// same input always gives the same key.
//
// A wanted CNAME is taken unless the host refuses it. Then the TXT found at its target may take its place only if MayCopy says so and
// verifiers accept its key for mail: the vendor's next change of keys will not reach the copy, which a warning says. Where the copy
// does not fit either, nothing else can take its place, as the vendor signs with no other key.
//
// Values that are no DKIM keys may be chosen between as well: then only the fit counts. A private key is refused, with its tags or
// without: value-invalid, or fallback-invalid. A value that is meant as a key and does not parse is refused with value-invalid even
// where a fallback stands by, because the signer works with the key of the value. One that parses and is weak, revoked or unsupported
// may be what the caller means, and only warns. The fallback of a key has to be one that verifiers accept for mail, of 1024 bits at
// least; it is looked at only when it is needed. An error is always an [*Error].
func Choose(w Want, l Limits) (Choice, error) {
	if w.Target != "" {
		return chooseCNAME(w, l)
	}
	return chooseTXT(w, l)
}

// chooseCNAME takes the CNAME, or the copy of what it leads to.
func chooseCNAME(w Want, l Limits) (Choice, error) {
	const refused = "the host refuses a CNAME at a name with an underscore"
	switch {
	case !l.NoCNAME:
		return Choice{Type: "CNAME", Value: w.Target}, nil
	case !w.MayCopy:
		return Choice{}, &Error{Code: CodeCNAMERefused, Name: w.Name, Detail: refused + ", and a copy of the key at its target is not allowed"}
	case !IsKey(w.Value):
		return Choice{}, &Error{Code: CodeCNAMERefused, Name: w.Name, Detail: refused + ", and no key is known at its target that could be copied"}
	}
	key, err := ParseKey(w.Value)
	if err != nil {
		return Choice{}, &Error{Code: CodeValueInvalid, Name: w.Name, Detail: "the value is no usable DKIM key", Err: err}
	}
	if why := key.useless(); why != "" {
		return Choice{}, &Error{Code: CodeCNAMERefused, Name: w.Name, Detail: refused + ", and the key at its target is of no use: " + why}
	}
	// The vendor signs with no other key, so the fallback would only stand there.
	if code, reason := l.refuse(w.Value, "copy"); code != "" {
		return Choice{}, &Error{Code: code, Name: w.Name, Detail: refused + ", and the key at its target does not fit in its place: " + reason}
	}
	c := choice(w.Value, key, true)
	c.UsedFallback, c.Code, c.Reason = true, CodeCNAMERefused, refused
	copied := copiedKey(w.Target)
	c.Warnings = append([]Warning{{copied.Code, copied.Text}}, c.Warnings...)
	return c, nil
}

// copiedKey says what a copy in place of a CNAME costs.
func copiedKey(target string) Finding {
	return warning(CodeCopiedKey, "publish the CNAME as soon as the host can store it",
		"the key is a copy of what stands at %s: when its owner changes keys, signatures fail until the copy is renewed", shown(target))
}

// shown returns a host name for a text, and hides what is none: it could be anything, a private key included.
func shown(target string) string {
	if host, ok := pastedHost(target); ok {
		return host
	}
	return "the target"
}

func chooseTXT(w Want, l Limits) (Choice, error) {
	isKey := IsKey(w.Value)
	var key Key
	if !isKey {
		if err := leaksPrivate(w.Value); err != nil {
			return Choice{}, &Error{Code: CodeValueInvalid, Name: w.Name, Detail: "the value must not be published", Err: err}
		}
	} else {
		var err error
		if key, err = ParseKey(w.Value); err != nil {
			return Choice{}, &Error{Code: CodeValueInvalid, Name: w.Name, Detail: "the value is no usable DKIM key", Err: err}
		}
	}
	code, reason := l.refuse(w.Value, "value")
	if code == "" {
		return choice(w.Value, key, isKey), nil
	}
	if w.FallbackValue == "" {
		return Choice{}, &Error{Code: code, Name: w.Name, Detail: reason + ", and there is no fallback"}
	}

	if err := leaksPrivate(w.FallbackValue); err != nil {
		return Choice{}, &Error{Code: CodeFallbackInvalid, Name: w.Name, Detail: "the fallback must not be published", Err: err}
	}
	isKey = isKey || IsKey(w.FallbackValue)
	if isKey {
		var err error
		if key, err = fallbackKey(w); err != nil {
			return Choice{}, err
		}
	}
	if _, also := l.refuse(w.FallbackValue, "fallback"); also != "" {
		return Choice{}, &Error{Code: code, Name: w.Name, Detail: reason + "; nor can it take the fallback: " + also}
	}
	c := choice(w.FallbackValue, key, isKey)
	c.UsedFallback, c.Code, c.Reason = true, code, reason
	return c, nil
}

// fallbackKey returns the fallback's key if it can stand in for the value's.
func fallbackKey(w Want) (Key, error) {
	key, err := ParseKey(w.FallbackValue)
	if err != nil {
		return Key{}, &Error{Code: CodeFallbackInvalid, Name: w.Name, Detail: "the fallback is no usable DKIM key", Err: err}
	}
	switch s := key.Status(); s {
	case Valid:
		if why := key.useless(); why != "" {
			return Key{}, &Error{Code: CodeFallbackInvalid, Name: w.Name, Detail: "the fallback is of no use: " + why}
		}
		return key, nil
	case Weak:
		return Key{}, &Error{
			Code: CodeFallbackWeak, Name: w.Name,
			Detail: fmt.Sprintf("the fallback's key has %d bits, and verifiers refuse less than %d", key.Bits, minBits),
		}
	default:
		return Key{}, &Error{Code: CodeFallbackInvalid, Name: w.Name, Detail: fmt.Sprintf("the fallback's key is %s", s)}
	}
}

func choice(value string, key Key, isKey bool) Choice {
	c := Choice{Type: "TXT", Value: value}
	if isKey {
		c.Fingerprint, c.Warnings = key.Fingerprint(), key.Warnings()
	}
	return c
}

// refuse says why the host cannot store a value; the code is empty if it can. what names the value in the sentence.
func (l Limits) refuse(value, what string) (code Code, reason string) {
	if l.MaxTXT > 0 && len(value) > l.MaxTXT {
		return CodeValueTooLong, fmt.Sprintf("the host stores at most %d octets in a TXT; the %s has %d", l.MaxTXT, what, len(value))
	}
	if l.OneString && len(value) > maxString {
		return CodeValueTooLong, fmt.Sprintf("the host keeps a single string of at most %d octets in a TXT; the %s has %d", maxString, what, len(value))
	}
	if i := strings.IndexAny(value, l.Refused); i >= 0 {
		c, _ := utf8.DecodeRuneInString(value[i:])
		return CodeValueRefused, fmt.Sprintf("the host cannot store the character %c in a TXT; the %s has one", c, what)
	}
	return "", ""
}
