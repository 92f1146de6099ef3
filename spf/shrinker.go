package spf

import (
	"fmt"
	"maps"
)

// shrinker is the record being made smaller.
type shrinker struct {
	q         ShrinkRequest
	domain    string
	rec       Record
	known     Answers
	extra     []NamedTXT
	unused    []string
	snapshots []Snapshot
	refused   []*Error
	questions []Question
	err       error
}

func newShrinker(q ShrinkRequest) *shrinker {
	return &shrinker{q: q, domain: foldName(q.Domain), rec: q.Record, known: q.Known}
}

// apply does one thing to the record and returns the terms it was done to.
func (s *shrinker) apply(c Choice) (terms []string) {
	switch c.Code {
	case RemedyTidy:
		s.rec, terms = tidy(s.domain, s.rec)
	case RemedyCollapse:
		s.rec, terms = collapse(s.rec)
	case RemedyInline:
		terms = s.inline(c)
	case RemedyDropPTR, RemedyDropDead, RemedyDropVoid:
		terms = s.drop(c)
	case RemedyFlatten:
		terms = s.flatten(c)
	case RemedySplit:
		terms = s.split()
	}
	return terms
}

func (s *shrinker) inline(c Choice) []string {
	wanted := matchTerms(s.domain, c.Terms)
	wanted.all = len(c.Terms) == 0
	n := inliner{domain: s.domain, foreign: s.q.Foreign, known: s.known, chosen: wanted.take}
	rec := n.inline(s.rec)
	if !wanted.all {
		s.mustAll(c, wanted)
		for _, e := range n.refused {
			if s.err == nil && e.Record != "" { // a term of the record itself, which was named
				s.err = e
			}
		}
	}
	s.rec, s.unused, s.refused = rec, append(s.unused, n.unused...), append(s.refused, n.refused...)
	return n.gone
}

// mustAll sets the error if terms were named that are not there.
func (s *shrinker) mustAll(c Choice, wanted *termSet) {
	if missing := wanted.missing(); len(missing) > 0 && s.err == nil {
		s.err = &Error{Code: ErrBadChoice, Record: s.rec.Raw, Term: missing[0], Reason: fmt.Sprintf("remedy %q does not apply to it", c.Code)}
	}
}

// drop takes out terms of the kind that the remedy is for.
func (s *shrinker) drop(c Choice) (gone []string) {
	tree, _ := Trace(s.domain, s.rec, s.known)
	wanted := matchTerms(s.domain, c.Terms)
	wanted.all = len(c.Terms) == 0
	var kept []Term
	for _, n := range tree.Nodes {
		if n.useless(c.Code) && wanted.take(n.Term) {
			gone = append(gone, n.Term.Text)
			continue
		}
		kept = append(kept, n.Term)
	}
	if !wanted.all {
		s.mustAll(c, wanted)
	}
	s.rec = rebuild(s.rec, kept)
	return gone
}

// useless reports whether the remedy with that code drops n.
func (n Node) useless(code string) bool {
	if n.Dead {
		return false
	}
	switch code {
	case RemedyDropPTR:
		return n.Term.Kind == PTR
	case RemedyDropDead:
		return n.Term.Kind == Include && n.Problem != nil && (n.Problem.Code == ErrNoRecord || n.Problem.Code == ErrLoop)
	case RemedyDropVoid:
		return n.Own.Voids > 0 && (n.Term.Kind == A || n.Term.Kind == MX || n.Term.Kind == Exists)
	}
	return false
}

func (s *shrinker) flatten(c Choice) (terms []string) {
	f, questions := Flatten(s.domain, s.rec, c.Terms, s.known)
	if len(f.Refused) > 0 {
		s.err = f.Refused[0]
		return nil
	}
	s.questions = appendNew(s.questions, questions)
	s.rec, s.snapshots = f.Record, append(s.snapshots, f.Snapshots...)
	for _, snap := range f.Snapshots {
		terms = append(terms, snap.Term)
	}
	return terms
}

func (s *shrinker) split() []string {
	rec, extra, terms := splitter{
		domain: s.domain, target: s.room(), most: s.subrecordRoom(), label: s.q.Label,
	}.split(s.rec)
	s.rec, s.extra = rec, append(s.extra, extra...)
	known := maps.Clone(s.known)
	if known == nil {
		known = Answers{}
	}
	for _, x := range extra {
		known[Question{Name: x.Name, Type: "TXT"}] = Answer{Status: Found, Values: []string{x.Text}}
	}
	s.known = known
	return terms
}

// room is how many octets the record may have: what the host stores, or, where
// that is not known, what the values beside it leave of SizeWarning.
func (s *shrinker) room() int {
	if s.q.Limits.Octets > 0 {
		return s.q.Limits.Octets
	}
	return SizeWarning - SizeOf(s.domain, s.q.Others...).Octets
}

func (s *shrinker) subrecordRoom() int {
	most := SizeWarning - len(s.domain) - len(hashLabel("")) - 1
	if s.q.Limits.Octets > 0 {
		most = min(most, s.q.Limits.Octets)
	}
	return most
}

func (s *shrinker) tooLong() bool { return len(s.rec.Raw) > s.room() }
