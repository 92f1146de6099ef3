package spf

import (
	"fmt"
	"slices"
)

// Shrunk is a record made smaller.
type Shrunk struct {
	Record    string
	Changed   bool
	Extra     []NamedTXT // must be live before Record is
	Unused    []string   // names of inlined subrecords; what else uses them is not known, so leave them be or ask
	Snapshots []Snapshot // of flattened terms; keep them, see [Snapshot.Drift]
	Applied   []string   // codes of the remedies that changed something, in their order
	Refused   []*Error   // subrecords that could not be inlined, and why
	Before    Figures
	After     Figures
	Questions []Question // to answer before the record is final
}

// Shrink applies the remedies chosen, in the order of [Remedies], whatever order
// they are named in, and no others. While it has questions that [Trace] asks
// too, the record stays as it is. The record it returns may still be too large;
// [Fits] tells. The error is an *[Error]: ErrBadChoice for a choice that
// does not exist, is advice only, or names terms it does not apply to;
// ErrCannotFlatten and ErrCannotInline for a named term that cannot be replaced
// without changing what the record means, or ErrNoAnswer where DNS did not
// answer.
func Shrink(q ShrinkRequest) (Shrunk, error) {
	chosen, err := q.choices()
	if err != nil {
		return Shrunk{}, err
	}
	before, _, open := q.measure(q.Record, q.Known)
	out := Shrunk{Record: q.Record.Raw, Before: before, After: before, Questions: open}
	if len(open) > 0 {
		return out, nil
	}
	s := newShrinker(q)
	for _, code := range remedyOrder() {
		c, ok := chosen[code]
		if !ok {
			continue
		}
		if terms := s.apply(c); len(terms) > 0 {
			out.Applied = append(out.Applied, code)
		}
		if s.err != nil {
			return Shrunk{}, s.err
		}
		if code == RemedyInline && len(s.unused) > 0 {
			for _, again := range []string{RemedyTidy, RemedyCollapse} {
				if c, ok := chosen[again]; ok && len(s.apply(c)) > 0 && !slices.Contains(out.Applied, again) {
					out.Applied = append(out.Applied, again)
				}
			}
		}
	}
	out.After, _, open = q.measure(s.rec, s.known)
	out.Record, out.Changed = s.rec.Raw, s.rec.Raw != q.Record.Raw
	out.Extra, out.Unused, out.Snapshots, out.Refused = s.extra, s.unused, s.snapshots, s.refused
	out.Questions = appendNew(s.questions, open)
	return out, nil
}

// choices checks what was chosen and joins what was chosen twice.
func (q ShrinkRequest) choices() (map[string]Choice, error) {
	bad := func(c Choice, reason string) error {
		return &Error{Code: ErrBadChoice, Record: q.Record.Raw, Reason: fmt.Sprintf("remedy %q %s", c.Code, reason)}
	}
	chosen := map[string]Choice{}
	for _, c := range q.Choices {
		switch c.Code {
		case RemedyTidy, RemedyCollapse, RemedySplit:
			if len(c.Terms) > 0 {
				return nil, bad(c, "applies to the whole record, so it takes no terms")
			}
		case RemedyFlatten:
			if len(c.Terms) == 0 {
				return nil, bad(c, "needs the terms to flatten")
			}
		case RemedySubdomain:
			return nil, bad(c, "is advice for people: the service has to change where it sends from")
		case RemedyInline, RemedyDropPTR, RemedyDropDead, RemedyDropVoid:
		default:
			return nil, bad(c, "is not known")
		}
		before, twice := chosen[c.Code]
		if twice && (len(before.Terms) == 0 || len(c.Terms) == 0) {
			c.Terms = nil
		} else {
			c.Terms = append(slices.Clone(before.Terms), c.Terms...)
		}
		chosen[c.Code] = c
	}
	return chosen, nil
}

// measure counts and weighs rec in the place of the record.
func (q ShrinkRequest) measure(rec Record, known Answers) (Figures, Cost, []Question) {
	cost, questions := Count(q.Domain, rec, known)
	return Figures{
		Lookups: cost.Lookups, Voids: cost.Voids, Octets: len(rec.Raw),
		UDP:     SizeOf(foldName(q.Domain), append([]string{rec.Raw}, q.Others...)...).UDP,
		AtLeast: cost.AtLeast() || len(questions) > 0,
	}, cost, questions
}
