package spf

import "net/netip"

// Drift is what became of a flattened term since its snapshot.
type Drift struct {
	Added []netip.Prefix // senders that the term passes now and the record does not
	Gone  []netip.Prefix // senders that the record passes and the term no longer does
	// Refused is ErrCannotFlatten where the term can no longer be flattened, and
	// ErrNoAnswer where DNS did not answer: look again. Added and Gone are empty.
	Refused *Error
	Now     Snapshot // to keep in place of the old one
}

// Changed reports whether the record must be looked after.
func (d Drift) Changed() bool {
	return len(d.Added)+len(d.Gone) > 0 || d.Refused != nil && d.Refused.Code != ErrNoAnswer
}

// Drift compares the snapshot with what is known now. It returns the questions
// that must be answered first; the drift is empty until then.
func (s Snapshot) Drift(known Answers) (Drift, []Question) {
	t, ok := termOf(s.Term)
	if !ok {
		return Drift{Refused: &Error{Code: ErrCannotFlatten, Term: s.Term, Reason: "the snapshot has no term that can be read"}, Now: s}, nil
	}
	now, reason, open := takeSnapshot(s.Domain, t, known)
	if reason != nil {
		return Drift{Refused: reason, Now: s}, nil
	}
	if len(open) > 0 {
		return Drift{Now: s}, open
	}
	before := make([]netip.Prefix, 0, len(s.Networks))
	for _, n := range s.Networks {
		if n.IsValid() {
			before = append(before, n.Masked())
		}
	}
	before = aggregate(before)
	return Drift{Added: without(now.Networks, before), Gone: without(before, now.Networks), Now: now}, nil
}
