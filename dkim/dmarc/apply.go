package dmarc

import (
	"cmp"
	"fmt"
	"slices"
)

// Request is what [Apply] works on.
type Request struct {
	Existing []string // all TXT values at the name; what is no DMARC record is left alone
	Root     []string // all TXT values at the root's _dmarc, for InheritRoot
	Value    string   // the record for a name that has none; may be empty where one is there
	Edit     Edit
	Repair   bool // make one record of several
}

// Base says which record the result was made from.
type Base string

// The bases, in the order in which they are looked for.
const (
	BaseExisting Base = "existing"
	BaseRoot     Base = "root"
	BaseValue    Base = "value"
)

// Applied is the record that has to be at the name, alone.
type Applied struct {
	Record   string
	Base     Base
	Replaces []string  // the DMARC records there whose place Record takes, void ones included
	Changed  bool      // false when Record stands there already and nothing has to be written
	Warnings []Warning // about the record, then about how it came to be
}

// Apply carries out an edit. The base is the valid record there, else the root's if it may be inherited and is Effective, else the
// value. What the edit does not name keeps its bytes and its place, so that p gets neither stronger nor weaker unless the edit says
// so. Applying twice is applying once.
//
//	before: v=DMARC1;p=reject;
//	edit:   AddIfMissing rua=mailto:reports@app.example
//	after:  v=DMARC1;p=reject;rua=mailto:reports@app.example;
//
// Inheriting writes the policy that is in force below the root: the root's sp, where it has one, as p. The root's sp and psd are
// left out, since they would say something else at another name.
//
// Several records at one name are void, and an error of [CodeMultiple]; with Repair the base is the one with the weakest policy among
// those that are Effective, and it gets the report addresses of all that can be read. If none is Effective, it is as if none were
// there. A record that is void by itself makes room: it is in Replaces, with a warning.
//
// The value and the edit have to be without fault, since nobody wrote them yet, and the result may not be a record that receivers
// pass over ([CodeNoEffect]), unless one such stood there before. Each error is an [*Error].
func Apply(r Request) (Applied, error) {
	if err := r.Edit.Check(); err != nil {
		return Applied{}, err
	}
	there := records(r.Existing)
	if len(there) > 1 && !r.Repair {
		return Applied{}, &Error{Code: CodeMultiple, Value: there[1], Reason: "several records stand there, which makes all of them void"}
	}
	sources := r.sources(there)
	if r.Value != "" {
		value, err := checkRecord(r.Value)
		if err != nil {
			return Applied{}, err
		}
		sources = append(sources, value)
	}
	rec, base, err := r.base(sources)
	if err != nil {
		return Applied{}, err
	}

	if r.Edit.Strict7489 && base == BaseValue && len(there) > 0 {
		if !rec.Effective {
			return Applied{}, passedOver(r.Value)
		}
		return r.place(rec, base, there), nil
	}

	draft, was := rec, rec.P
	draft.Tags = slices.Clone(rec.Tags)
	if base == BaseRoot {
		draft.inherit()
		if below, err := Parse(draft.String()); err == nil {
			was = below.P
		}
	}
	if len(there) > 1 && base == BaseExisting {
		for _, from := range valid(there, false) {
			draft.merge(from)
		}
	}
	if r.Edit.MergeReports {
		for _, from := range sources {
			draft.merge(from)
		}
	}
	draft.edit(r.Edit)
	out, err := Parse(draft.String())
	switch {
	case err != nil:
		return Applied{}, err
	case rec.Effective && !out.Effective:
		return Applied{}, &Error{Code: CodeNoEffect, Value: out.String(), Reason: "the edit takes both the policy and the report addresses away"}
	case !out.Effective && base != BaseExisting:
		return Applied{}, passedOver(out.String())
	}

	a := r.place(out, base, there)
	if base != BaseValue && out.P != was { // an edit of sp can do that: a wrong one makes all policies none
		a.Warnings = append(a.Warnings, Warning{CodePolicy, "p", fmt.Sprintf("the policy becomes %s; it was %s", out.P, was)})
	}
	a.Warnings = append(a.Warnings, tooMany(rec, out)...)
	return a, nil
}

// place puts a record among those there, which all go unless one is the same.
func (r Request) place(rec Record, base Base, there []string) Applied {
	a := Applied{Record: rec.String(), Base: base}
	at := slices.Index(there, a.Record)
	for i, text := range there {
		if i != at {
			a.Replaces = append(a.Replaces, text)
		}
	}
	a.Changed = at < 0 || len(a.Replaces) > 0
	a.Warnings = slices.Concat(rec.Warnings, r.notes(there, base, len(a.Replaces) > 0))
	return a
}

// passedOver is the error about a record that nobody wrote yet and nobody would heed.
func passedOver(text string) error {
	return &Error{Code: CodeNoEffect, Value: text, Reason: "the record would have neither a policy nor a report address, and receivers would pass it over"}
}

// tooMany warns of report addresses that join two others: receivers have to support two, and may leave the rest (RFC 7489 6.2).
func tooMany(before, after Record) (ws []Warning) {
	for _, l := range []struct {
		tag      string
		had, has int
	}{{"rua", len(before.RUA), len(after.RUA)}, {"ruf", len(before.RUF), len(after.RUF)}} {
		if l.has > 2 && l.has > l.had {
			ws = append(ws, Warning{CodeMany, l.tag, fmt.Sprintf("%s has %d addresses then: receivers may send reports to the first two alone", l.tag, l.has)})
		}
	}
	return ws
}

// sources returns the records there that the result may be made from, the best first.
func (r Request) sources(there []string) []Record {
	out := valid(there, r.Edit.Strict7489)
	if len(there) > 1 { // all of them go, and one without effect would be left for the owner to find
		out = slices.DeleteFunc(out, func(r Record) bool { return !r.Effective })
	}
	return out
}

// base returns what the result is made from. The sources are the valid records there and the value, if there is one.
func (r Request) base(sources []Record) (Record, Base, error) {
	var value Record
	if r.Value != "" {
		value, sources = sources[len(sources)-1], sources[:len(sources)-1]
	}
	if len(sources) > 0 {
		return sources[0], BaseExisting, nil
	}
	strict := r.Edit.Strict7489
	spared := strict && len(records(r.Existing)) > 0 // an invalid record there, which the value takes the place of
	if root, ok := sole(r.Root); ok && r.Edit.InheritRoot && root.Effective && !spared && (!strict || sound(root)) {
		return root, BaseRoot, nil
	}
	if r.Value == "" {
		return Record{}, "", &Error{Code: CodeNoRecord, Reason: "no record is there to start from, and no value is given"}
	}
	return value, BaseValue, nil
}

// notes says what a person should know about the way to the result.
func (r Request) notes(there []string, base Base, replaces bool) []Warning {
	var n Record
	switch {
	case !replaces:
	case len(there) > 1:
		n.warn(CodeRepaired, "", "%d records stand there, which makes all of them void: one takes their place", len(there))
	case base != BaseExisting && len(valid(there, false)) > 0:
		n.warn(CodeReplaced, "", "the record there has no p right behind v, or a wrong p or sp: the value takes its place as it is")
	case base != BaseExisting:
		n.warn(CodeReplaced, "", "the record there is void, because a tag stands twice in it: another takes its place")
	}
	spared := r.Edit.Strict7489 && len(there) > 0
	if r.Edit.InheritRoot && base == BaseValue && len(records(r.Root)) > 0 && !spared {
		n.warn(CodeRootVoid, "", "the root has no record that receivers go by, so that nothing can be inherited")
	}
	for _, text := range r.Existing {
		if hidden(text) {
			n.warn(CodeHidden, "", "%q looks like a DMARC record, but receivers do not take it for one", clip(text))
		}
	}
	return n.Warnings
}

// records returns those of the texts that receivers take for DMARC records.
func records(texts []string) []string {
	var out []string
	for _, text := range texts {
		if IsRecord(text) {
			out = append(out, text)
		}
	}
	return out
}

// sole returns the record among texts. Several are void.
func sole(texts []string) (Record, bool) {
	rs := records(texts)
	if len(rs) != 1 {
		return Record{}, false
	}
	r, err := Parse(rs[0])
	return r, err == nil
}

// valid returns the records that are not void by themselves, the weakest policy first, whatever order DNS had them in. Strict
// leaves out those that are not sound.
func valid(texts []string, strict bool) []Record {
	var out []Record
	for _, text := range texts {
		if r, err := Parse(text); err == nil && (!strict || sound(r)) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Record) int {
		return cmp.Or(a.InForce().rank()-b.InForce().rank(), a.SP.rank()-b.SP.rank(), cmp.Compare(a.String(), b.String()))
	})
	return out
}

// sound reports whether receivers by RFC 7489 find a policy in the record: p right behind v, and p and sp without fault. Other errors
// do not matter, since section 6.3 has them discarded.
func sound(r Record) bool {
	old := Record{By: RFC7489, Older: &Older{}}
	return old.parse(r.String()) == nil && !old.Implied && tagOf(old.Tags[1].Name) == tagP
}
