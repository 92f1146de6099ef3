package dkim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxTexts is how many of several records are looked into, and keeps a report readable.
const maxTexts = 4

// Diagnose says what stands at a selector, whether signatures verify with it, and what to do where they do not. With a zero Want it
// judges what is there by itself; otherwise it compares. Keys are compared as keys, whatever their spelling.
//
// Of Want, Value and FallbackValue are the TXT records that may stand there, and Target is the CNAME that should: with a Target, Value
// is the copy that MayCopy allows in its place.
func Diagnose(s Seen, w Want) Report {
	r := Report{Expected: w.Value != "" || w.Target != "", Wanted: fingerprint(w.Value)}
	switch {
	case s.Failed:
		r.State = StateUnknown
		r.add(warning(CodeNoAnswer, "ask again later", "DNS did not answer, so nothing is known of the key"))
		return r
	case w.Target != "":
		r.compareTarget(s, w)
	case len(s.Texts) == 0:
		r.absent(s)
	case len(s.Texts) > 1:
		r.several(s, w)
	default:
		r.compare(s, w)
	}
	r.judgeWildcard(s)
	sortFindings(r.Findings)
	return r
}

func (r *Report) add(f ...Finding) { r.Findings = append(r.Findings, f...) }

// absent reports that there is no TXT record where one is needed.
func (r *Report) absent(s Seen) {
	r.State = StateMissing
	switch {
	case s.Target != "" && r.Expected:
		r.State = StateWrongType
		r.add(broken(CodeWrongType, "remove the CNAME and publish the TXT record in its place", "a CNAME stands there, which leads to no key, and a TXT is wanted"))
	case s.Target != "":
		r.add(broken(CodeTargetEmpty, "ask whose name the CNAME leads to for the key, or remove it", "the CNAME leads to a name without a key"))
	case r.Expected:
		r.add(broken(CodeMissing, "publish the record", "there is no record at the selector"))
	default:
		r.add(hint(CodeMissing, "", "there is no record at the selector"))
	}
}

// several reports more than one TXT record, of which RFC 6376 3.6.2.2 leaves open what a verifier takes.
func (r *Report) several(s Seen, w Want) {
	r.State = StateMultiple
	r.add(broken(CodeMultiple, "leave one record", "%d TXT records stand there, and verifiers take any one of them or none", len(s.Texts)))
	for i, txt := range s.Texts[:min(len(s.Texts), maxTexts)] {
		one := Report{Expected: r.Expected, Wanted: r.Wanted}
		one.compare(Seen{Name: s.Name, Texts: []string{txt}}, w)
		if r.Fingerprint == "" || one.State == StateMatch {
			r.Fingerprint = one.Fingerprint
		}
		if r.Expected && one.State == StateMatch {
			r.add(hint(CodeWantedKey, "", "record %d is the wanted one", i+1))
		}
		for _, f := range one.Findings {
			f.Text = fmt.Sprintf("record %d: %s", i+1, f.Text)
			r.add(f)
		}
	}
}

// compare reports on the only TXT record.
func (r *Report) compare(s Seen, w Want) {
	got := inspect(s.Name, s.Texts[0])
	r.State, r.Works = got.state, got.works()
	if got.isKey {
		r.Fingerprint = got.key.Fingerprint()
	}
	switch {
	case w.Value == "":
		if got.state == StateRevoked { // an owner may say that there is no key
			got.findings[0].Severity = SeverityHint
		}
		r.add(got.findings...)
	case s.Texts[0] == w.Value || sameMeant(got, w.Value):
		r.same(got, w.Value, StateMatch)
		r.led(s)
	case w.FallbackValue != "" && got.state != StateRevoked && (s.Texts[0] == w.FallbackValue || sameMeant(got, w.FallbackValue)):
		r.same(got, w.FallbackValue, StateMatchFallback)
		r.led(s)
	default:
		r.differ(s, got, w)
	}
}

// sameMeant reports whether a text was meant as the key of another.
func sameMeant(got reading, value string) bool {
	if !got.isKey {
		return false
	}
	k, err := ParseKey(value)
	if err != nil || k.Revoked != got.key.Revoked {
		return false
	}
	return k.Revoked || k.Type == got.key.Type && string(k.Public) == string(got.key.Public)
}

// same reports that the text was meant as value. What was done to it on the way, and what is wrong with the key itself, outweighs
// the match.
func (r *Report) same(got reading, value string, match State) {
	switch {
	case got.state == StateRevoked && got.parses:
		r.State = match
		got.findings = []Finding{hint(CodeRevokedKey, "", "the key is revoked, as wanted")}
	case got.state == StateValid, got.state == StateUnsupported && got.parses, !IsKey(value): // who wants no key gets none
		r.State = match
	case got.state == StateSplitWithSpaces && got.parses && got.text == value:
		r.State = match
	case !got.parses && got.isKey:
		r.add(hint(CodeWantedKey, "", "it was meant as the wanted key"))
	}
	if got.parses && !SameKey(got.text, value) {
		r.add(warning(CodeTagsDiffer, "publish the record as it was given", "the key is the wanted one, but its h, s or t tag differs"))
	}
	r.add(got.findings...)
}

// led notes that a matching TXT does not stand at the selector itself.
func (r *Report) led(s Seen) {
	if s.Target != "" {
		r.add(hint(CodeThroughCNAME, "", "the key stands at the target of a CNAME, whose owner may change it"))
	}
}

// differ reports a text that is not what was wanted.
func (r *Report) differ(s Seen, got reading, w Want) {
	r.Works = false
	if got.state == StateTargetInTXT {
		got.findings[0].Advice = "publish the wanted record in its place"
	}
	switch {
	case s.Target != "":
		r.State = StateWrongType
		r.add(broken(CodeWrongType, "remove the CNAME and publish the TXT record in its place",
			"a CNAME stands there, which leads to another record, and a TXT is wanted"))
	case !got.isKey && cutOf(got.text, w) != "":
		r.State, got.findings = StateTruncated, got.findings[1:] // the first is how it looked without knowing the whole
		r.add(broken(CodeTruncated, adviceFor(CodeTruncated), "the wanted record has %d octets, and its first %d are published: it is cut off",
			len(cutOf(got.text, w)), len(got.text)))
	case got.isKey && !got.parses:
		r.add(broken(CodeMismatch, "publish the wanted record in its place", "it was not meant as the wanted key either: %s", r.prints()))
	case got.parses && got.state == StateRevoked:
		// That mail signed with it fails is all there is to say.
	case got.parses:
		r.State = StateMismatch
		r.add(broken(CodeMismatch, "publish the wanted record in its place, or sign with the key that is published", "another key is published: %s", r.prints()))
	case got.state == StateNotKey:
		r.State = StateMismatch
		r.add(broken(CodeMismatch, "publish the wanted record in its place", "another text is published"))
	}
	r.add(got.findings...)
}

// prints names both keys.
func (r *Report) prints() string {
	name := func(key string) string { return cmp.Or(key, "none that has a fingerprint") }
	return fmt.Sprintf("published %s, wanted %s", name(r.Fingerprint), name(r.Wanted))
}

// cutOf returns the wanted text that another is only the beginning of; "" for none.
func cutOf(txt string, w Want) string {
	for _, whole := range []string{w.Value, w.FallbackValue} {
		if txt != "" && len(txt) < len(whole) && strings.HasPrefix(whole, txt) {
			return whole
		}
	}
	return ""
}

// judgeWildcard says of an answer out of a wildcard that there is no record of this name, unless the key is the right one all the same.
func (r *Report) judgeWildcard(s Seen) {
	if !s.Wildcard {
		return
	}
	if r.Works || r.State == StateMatch || r.State == StateMatchFallback || r.State == StateValid {
		r.add(hint(CodeWildcardAnswer, "publish the record at the selector's own name", "a wildcard answers with the key: it stands at every other name as well"))
		return
	}
	f := hint(CodeWildcardAnswer, "", "there is no record at the selector; a wildcard answers for it")
	if r.Expected {
		f.Severity, f.Advice = SeverityBroken, "publish the record at the selector's own name"
	}
	if !r.Expected && r.strange(s) { // it is not meant as a key, and no mail is signed with it
		r.Findings = nil
	}
	r.State = StateWildcardAnswer
	r.Works = false
	r.Findings = append([]Finding{f}, r.Findings...)
}

// strange reports whether what stands there has nothing to do with DKIM: a CNAME that leads to no text, or texts of other kinds.
func (r *Report) strange(s Seen) bool {
	switch r.State {
	case StateNotKey, StateSPFRecord, StateDMARCRecord:
		return true
	case StateMultiple:
		return !slices.ContainsFunc(s.Texts, IsKey)
	case StateMissing:
		return s.Target != ""
	default:
		return false
	}
}

// fingerprint returns that of a record text; empty if it has none.
func fingerprint(txt string) string {
	k, err := ParseKey(txt)
	if err != nil {
		return ""
	}
	return k.Fingerprint()
}
