package spf

import (
	"errors"
	"strings"
)

// wishes parses Required.
func (q MergeRequest) wishes() ([]Record, error) {
	var out []Record
	for _, text := range q.Required {
		if strings.Trim(text, " ") == "" {
			continue
		}
		r, err := parseWish(text)
		if err != nil {
			return nil, err
		}
		for _, t := range r.Terms {
			if t.Kind == All && t.Qualifier == '+' {
				return nil, &Error{
					Code: ErrRequiredPassAll, Record: text, Term: t.Text, Offset: t.Off,
					Reason: "a requirement may not let everybody send",
				}
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// parseWish reads a record or a run of terms. Offsets are those in text.
func parseWish(text string) (Record, error) {
	bare := strings.Trim(text, " ")
	if IsRecord(bare) {
		return Parse(bare)
	}
	if e := notRecord(text); e.Code != ErrNotSPF {
		return Record{}, e
	}
	if len(bare) > 1 && strings.EqualFold(bare[:2], "v=") {
		return Record{}, notRecord(bare)
	}
	r, err := Parse(version + " " + text)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Record, e.Offset = text, e.Offset-len(version)-1
		return Record{}, e
	}
	return r, err
}

// wish returns the terms that r asks for and its all, or "" if it states no
// default. What stands after all is never reached, so nobody can need it. A
// redirect authorises what an include of the same name does (RFC 7208 section
// 6.1), and an include can stand in somebody else's record.
func wish(r Record) (terms []Term, all string) {
	terms, redirect := r.live()
	if i := r.firstAll(); i >= 0 {
		all = r.Terms[i].Text
	}
	if redirect != nil {
		// The domain was checked when the redirect was parsed.
		include, _ := parseTerm("include:" + redirect.Domain)
		terms = append(terms, include)
	}
	return terms, all
}

// inspectModifiers warns about modifiers of the requirement. They are not taken
// over: an explanation is the owner's to give, and the rest mean nothing.
func (d *draft) inspectModifiers(wishes []Record) {
	for _, w := range wishes {
		for _, t := range w.Terms {
			if t.Kind != Exp && t.Kind != Modifier || d.has(d.item(t, false)) {
				continue
			}
			code := WarnRequiredModifierGone
			if t.Kind == Exp {
				code = WarnRequiredExpDropped
			}
			d.warn(code, t.Text, "%s of the requirement is left out", t.Text)
		}
	}
}
