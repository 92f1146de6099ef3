package dmarc

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Edit says how a record comes from the one that is there. The zero value leaves a valid one alone.
//
//	before: v=DMARC1; p=none; pct=20; rua=mailto:a@example.com
//	edit:   Remove pct, Override p=quarantine, AddIfMissing sp=none
//	after:  v=DMARC1; p=quarantine; rua=mailto:a@example.com; sp=none
//
// Names have no case. Remove comes first, then Override, then AddIfMissing; a tag that is removed and set again keeps its place.
type Edit struct {
	InheritRoot  bool              `json:"inherit_root,omitempty"`   // start from the root's record where the name has none
	Remove       []string          `json:"remove,omitempty"`         // tags
	Override     map[string]string `json:"override,omitempty"`       // tags with their new values; what is missing is added
	AddIfMissing map[string]string `json:"add_if_missing,omitempty"` // tags with values, for those that are not there
	MergeReports bool              `json:"merge_reports,omitempty"`  // rua and ruf become the union with the value's, the owner's first
	// Strict7489 takes a record there for invalid in which receivers by RFC 7489 find no policy: p does not follow v at once, or p or sp
	// is wrong. Then the value takes its place as it is, without the edit and without the root's. That is how Entri documents its options
	// (developers.entri.com/advanced-dmarc-options); it costs the owner's report addresses, and the edit is done only when it is
	// applied once more.
	Strict7489 bool `json:"strict_7489,omitempty"`
}

// Check returns the first fault of an edit: a name that is no tag ([CodeBadTag]), also one that stands twice; v ([CodeVersion]); a
// text that would end the tag or cannot be written ([CodeBadText]); and what receivers would not understand ([CodeInvalid],
// [CodeNotURI], [CodeSeparator]). Tags that neither RFC 9989 nor RFC 7489 has may have any text.
func (e Edit) Check() error {
	for _, name := range e.Remove {
		if err := checkName(name); err != nil {
			return err
		}
	}
	for _, set := range []map[string]string{e.Override, e.AddIfMissing} {
		seen := map[string]bool{}
		for _, name := range slices.Sorted(maps.Keys(set)) {
			if err := checkName(name); err != nil {
				return err
			}
			tag := strings.ToLower(name)
			if seen[tag] {
				return &Error{Code: CodeBadTag, Tag: tag, Value: name, Reason: fmt.Sprintf("tag %s is set twice", clip(tag))}
			}
			seen[tag] = true
			if err := checkValue(tag, strings.Trim(set[name], space)); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkName(name string) error {
	switch {
	case !isName(name):
		return &Error{Code: CodeBadTag, Value: name, Reason: fmt.Sprintf("%q is no name of a tag", clip(name))}
	case strings.EqualFold(name, "v"):
		return &Error{Code: CodeVersion, Tag: "v", Value: name, Reason: "tag v makes the text a record: no edit may touch it"}
	default:
		return nil
	}
}

func checkValue(tag, value string) error {
	switch {
	case value == "":
		return &Error{Code: CodeBadText, Tag: tag, Value: value, Reason: fmt.Sprintf("tag %s would be empty", clip(tag))}
	case strings.Contains(value, ";"):
		return &Error{Code: CodeBadText, Tag: tag, Value: value, Reason: fmt.Sprintf("a semicolon would end tag %s", clip(tag))}
	}
	_, err := checkRecord("v=DMARC1;" + tag + "=" + value)
	return err
}

// checkRecord reads a record that somebody is about to write.
func checkRecord(text string) (Record, error) {
	if !isPrinting(text) {
		return Record{}, &Error{Code: CodeBadText, Value: text, Reason: "only printing ASCII can stand in a record"}
	}
	r, err := Parse(text)
	if err != nil {
		return Record{}, err
	}
	for _, w := range r.Warnings {
		switch w.Code {
		case CodeInvalid, CodeNotURI, CodeSeparator:
			value, _ := r.Value(w.Tag)
			return Record{}, &Error{Code: w.Code, Tag: w.Tag, Value: value, Reason: w.Text}
		default: // it works, or is ignored
		}
	}
	return r, nil
}
