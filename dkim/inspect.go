package dkim

import (
	"errors"
	"fmt"
	"strings"
)

// reading is what one text at a selector turns out to be, whatever was wanted there.
type reading struct {
	state    State
	text     string // as it was meant: cleaned where it does not parse as it stands
	key      Key    // of text
	isKey    bool   // key is filled
	parses   bool   // text is what is published, so verifiers see the key as well
	findings []Finding
}

// works reports whether signatures with the key verify.
func (r reading) works() bool { return r.isKey && r.parses && r.key.usable() }

// usable reports whether verifiers accept signatures of mail with the key.
func (k Key) usable() bool { return k.useless() == "" }

// useless says why verifiers accept no signature of mail with the key; "" where they do.
func (k Key) useless() string {
	for _, f := range k.findings() {
		if f.Severity == SeverityBroken {
			return f.Text
		}
	}
	return ""
}

// inspect reads one text at the given name.
func inspect(name, txt string) reading {
	if k, err := ParseKey(txt); err == nil {
		r := reading{state: keyState(k), text: txt, key: k, isKey: true, parses: true, findings: k.findings()}
		_, cleaned := Clean(txt)
		for _, f := range cleaned {
			if f.Code == CodeSpaces && r.state == StateValid {
				r.state = StateSplitWithSpaces
			}
			f.Text += "; verifiers skip it"
			r.findings = append(r.findings, f)
		}
		r.findings = append(r.findings, typos(txt)...)
		return r
	}
	return mend(name, txt)
}

// keyState returns the state of a key that parses.
func keyState(k Key) State {
	switch k.Status() {
	case Weak:
		return StateWeak
	case Revoked:
		return StateRevoked
	case Unsupported:
		return StateUnsupported
	default:
		return StateValid
	}
}

// mend reads a text that is no key as it stands: what it was meant as, and what was done to it.
func mend(name, txt string) reading {
	clean, done := Clean(txt)
	r := reading{text: clean, findings: done}
	if s, f, ok := foreign(name, clean); ok {
		r.state, r.findings = s, append([]Finding{f}, done...)
		return r
	}
	k, err := ParseKey(clean)
	if err == nil {
		r.state, r.key, r.isKey = spoiltBy(done), k, true
		if r.state == StateSplitWithSpaces { // nothing else keeps it from being a key
			for i := range r.findings {
				r.findings[i].Severity = SeverityBroken
			}
		}
		r.findings = append(append(r.findings, k.findings()...), typos(clean)...)
		return r
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{Code: CodeNotKey, Detail: "the text is no DKIM key record"}
	}
	if e.Code == CodeNotKey {
		return r.other(clean)
	}
	r.state = StateInvalid
	f := broken(e.Code, adviceFor(e.Code), "%s", e.Detail)
	if e.Code == CodeTruncated {
		r.state = StateTruncated
	}
	if k, turned, ok := inOrder(clean); ok {
		r.state, r.text, r.key, r.isKey, f = StateInvalid, turned, k, true, disordered()
	}
	r.findings = append(append([]Finding{f}, r.findings...), typos(clean)...)
	return r
}

// other reads a text that is neither a key record nor anything else known.
func (r reading) other(clean string) reading {
	f := broken(CodeNotKey, "publish the key here, or remove the record", "the text is no DKIM key record")
	r.state = StateNotKey
	k, err := ParseKey("p=" + clean)
	e, failed := errors.AsType[*Error](err)
	whole, turned, isTurned := inOrder(clean)
	switch {
	case strings.Trim(clean, fws) == "":
		f.Text = "the text is empty"
	case err == nil && !k.Revoked:
		r.state, r.text, r.key, r.isKey = StateInvalid, "v=DKIM1; k=rsa; p="+clean, k, true
		f = broken(CodeBareKey, "write v=DKIM1; k=rsa; p= before it", "this is a key without its tags, which verifiers do not take for one")
	case failed && e.Code == CodePrivateKey, strings.Contains(clean, "PRIVATE KEY--"):
		r.state = StateInvalid
		f = broken(CodePrivateKey, adviceFor(CodePrivateKey), "this is a private key, which must now count as known to everybody")
	case isTurned:
		r.state, r.text, r.key, r.isKey, f = StateInvalid, turned, whole, true, disordered()
	}
	r.findings = append([]Finding{f}, r.findings...)
	return r
}

// spoiltBy returns the state that names what Clean undid.
func spoiltBy(done []Finding) State {
	for _, f := range done {
		switch f.Code {
		case CodeQuotesStored, CodeInnerQuotes:
			return StateQuotesStored
		case CodeEscapes:
			return StateEscapes
		case CodeSpaces:
			return StateSplitWithSpaces
		default:
		}
	}
	return StateInvalid
}

// inOrder returns the key of a record whose strings were stored in another order than they were given, where only its beginning has
// moved, and the record in the right order.
func inOrder(txt string) (k Key, turned string, ok bool) {
	i := strings.LastIndex(txt, "v=DKIM1")
	if i <= 0 {
		return Key{}, "", false
	}
	turned = txt[i:] + txt[:i]
	k, err := ParseKey(turned)
	return k, turned, err == nil && !k.Revoked
}

func disordered() Finding {
	return broken(CodeDisordered, "store the whole record as one value, or its strings in the right order", "the strings of the record stand in the wrong order")
}

// adviceFor says what to do about an error of ParseKey.
func adviceFor(c Code) string {
	switch c {
	case CodeTruncated:
		return "store the whole record in several strings; where the host cannot, publish a shorter key"
	case CodePrivateKey:
		return "make a new pair, publish its public key, and never use this one again"
	case CodeVersion:
		return "begin the record with v=DKIM1"
	case CodeDuplicate:
		return "leave one of the two"
	default:
		return "publish the record again exactly as the signer shows it"
	}
}

func octets(n int) string {
	if n == 1 {
		return "1 octet"
	}
	return fmt.Sprintf("%d octets", n)
}
