package dkim

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Want is a TXT value to publish and what to publish where it does not fit.
type Want struct {
	Name          string // owner name, for error texts
	Value         string
	FallbackValue string // as a rule the record of a second, shorter key; empty for none
}

// Limits is what a host of DNS is known to store. The zero value has no limits.
type Limits struct {
	MaxTXT  int    // longest TXT value, strings joined, in octets; 0 for no limit
	Refused string // characters it cannot store in a TXT, such as `"\`
}

// Choice is the value to publish. A fallback is another key: whoever signs the mail has to use the private key that belongs to
// Fingerprint.
type Choice struct {
	Value        string
	UsedFallback bool
	Code         Code      // why the fallback was taken: value-too-long or value-refused; else empty
	Reason       string    // the same as a sentence for a person; else empty
	Fingerprint  string    // of the chosen value; empty when it is no key, or a revoked or unsupported one
	Warnings     []Warning // about the chosen key
}

// Choose takes the value if the host can store it, else the fallback. It goes by the known facts alone and never by trial, so the
// same input always gives the same key.
//
// Values that are no DKIM keys may be chosen between as well: then only the fit counts. A value that is meant as a key and does not
// parse is refused with value-invalid even where a fallback stands by, because the signer works with the key of the value. One
// that parses and is weak, revoked or unsupported may be what the caller means, and only warns. The fallback of a key has to be a
// key of 1024 bits at least; it is looked at only when it is needed. An error is always an [*Error].
func Choose(w Want, l Limits) (Choice, error) {
	isKey := IsKey(w.Value)
	var key Key
	if isKey {
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
	c := Choice{Value: value}
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
	if i := strings.IndexAny(value, l.Refused); i >= 0 {
		c, _ := utf8.DecodeRuneInString(value[i:])
		return CodeValueRefused, fmt.Sprintf("the host cannot store the character %c in a TXT; the %s has one", c, what)
	}
	return "", ""
}
