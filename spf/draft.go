package spf

import (
	"slices"
	"strings"
)

// item is a term of the record being made. ours is true for terms that the
// merge added for the requirement.
type item struct {
	Term
	ours bool
}

// draft is the record being made.
type draft struct {
	domain   string
	version  string
	items    []item
	label    func(record string) string // nil: no subrecords
	skipped  []string
	dropped  []string
	extra    []NamedTXT
	warnings []Warning
}

func newDraft(domain string, r Record) *draft {
	d := &draft{domain: foldName(domain), version: version}
	if r.Raw != "" {
		d.version = r.Raw[:len(version)]
	}
	for _, t := range r.Terms {
		d.items = append(d.items, item{Term: t})
	}
	return d
}

// String joins the terms with single spaces.
func (d *draft) String() string {
	parts := make([]string, 1, len(d.items)+1)
	parts[0] = d.version
	for _, t := range d.items {
		parts = append(parts, t.Text)
	}
	return strings.Join(parts, " ")
}

func (d *draft) firstAll() int {
	return slices.IndexFunc(d.items, func(t item) bool { return t.Kind == All })
}

// redirect returns the redirect that takes effect, or nil.
func (d *draft) redirect() *Term {
	if d.firstAll() >= 0 {
		return nil
	}
	for i := range d.items {
		if d.items[i].Kind == Redirect {
			return &d.items[i].Term
		}
	}
	return nil
}

// negative reports whether item i can be reached and takes senders away from
// the pass terms that follow it.
func (d *draft) negative(i int) bool {
	t, end := d.items[i], d.firstAll()
	return t.Kind.Directive() && t.Kind != All && t.Qualifier != '+' && (end < 0 || i < end)
}

// slot is where a pass term can be put so that it takes effect for every
// sender and yet after all that passes without it: before the first non-pass
// term or all; without one, after the last directive, in front of modifiers.
func (d *draft) slot() int {
	last := 0
	for i, t := range d.items {
		if t.Kind.Directive() {
			if t.Kind == All || t.Qualifier != '+' {
				return i
			}
			last = i + 1
		}
	}
	return last
}

// covered reports whether all that t passes passes already.
func (d *draft) covered(t Term) bool { return d.coveredByTerm(t) || d.coveredByRedirect(t) }

// Only terms in front of every exclusion can promise that.
func (d *draft) coveredByTerm(t Term) bool {
	for _, have := range d.items[:d.slot()] {
		if have.passes() && covers(have.Term, t, d.domain) {
			return true
		}
	}
	return false
}

func (d *draft) coveredByRedirect(t Term) bool {
	r := d.redirect()
	if r == nil || t.Kind != Include || !strings.EqualFold(foldName(r.Domain), foldName(t.Domain)) {
		return false
	}
	for i := range d.items {
		if d.negative(i) {
			return false
		}
	}
	return true
}

// join brings the wishes of one requirement into the record.
func (d *draft) join(terms []Term, ours bool) error {
	if !excludes(terms) {
		for i, t := range terms {
			if !d.coveredByTerm(t) && d.asks(terms[i+1:]) {
				d.insert(t, ours)
			} else {
				d.put(t, ours)
			}
		}
		return nil
	}
	if d.holds(terms) {
		for _, t := range terms {
			d.skipped = append(d.skipped, t.Text)
		}
		return nil
	}
	if d.label == nil || d.domain == "" {
		return &Error{
			Code: ErrNeedsSubrecord, Record: joinTexts(terms),
			Reason: "a requirement that excludes senders keeps its meaning only as a record of its own, which is not allowed here",
		}
	}
	sub := NamedTXT{Text: subrecord(terms, d.domain)}
	sub.Name = d.label(sub.Text) + "." + d.domain
	if err := elsewhere(terms, sub.Text); err != nil {
		return err
	}
	include, reason := parseTerm("include:" + sub.Name)
	if reason == "" {
		reason = domainSpec(sub.Name)
	}
	if reason != "" {
		return &Error{Code: ErrNeedsSubrecord, Record: sub.Text, Term: sub.Name, Reason: "name of the subrecord: " + reason}
	}
	for _, have := range d.extra {
		switch {
		case have == sub:
			return nil // another requirement said the same
		case have.Name == sub.Name:
			return &Error{
				Code: ErrNeedsSubrecord, Record: sub.Text, Term: sub.Name,
				Reason: "another requirement has a subrecord of that name; Label must tell them apart",
			}
		}
	}
	d.extra = append(d.extra, sub)
	d.put(include, ours)
	return nil
}

// excludes reports whether terms take senders away from what follows them.
func excludes(terms []Term) bool {
	return slices.ContainsFunc(terms, func(t Term) bool { return !t.passes() })
}

// take makes terms the beginning of a record that has none yet.
func (d *draft) take(terms []Term) {
	for _, t := range terms {
		d.items = append(d.items, item{t, true})
	}
}

func (d *draft) put(t Term, ours bool) {
	if d.covered(t) {
		d.skipped = append(d.skipped, t.Text)
		return
	}
	d.insert(t, ours)
}

func (d *draft) insert(t Term, ours bool) {
	d.items = slices.Insert(d.items, d.slot(), item{t, ours})
}

// asks reports whether one of terms will have to be added and asks DNS. The
// owner's redirect is reached only if that is answered, so that it is no
// substitute for an include which the requirement puts first.
func (d *draft) asks(terms []Term) bool {
	return slices.ContainsFunc(terms, func(t Term) bool { return t.Kind.asksDNS() && !d.covered(t) })
}

// holds reports whether the record as it is means for everybody whom terms
// authorise what terms mean alone: their pass terms up to the first exclusion
// are covered, and the rest stands where the record's exclusions begin.
func (d *draft) holds(terms []Term) bool {
	for len(terms) > 0 && terms[0].passes() {
		if !d.covered(terms[0]) {
			return false
		}
		terms = terms[1:]
	}
	for _, have := range d.items[d.slot():] {
		switch {
		case len(terms) == 0 || have.Kind == All:
			return len(terms) == 0
		case !have.Kind.Directive():
		case !EqualTerm(have.Term, terms[0], d.domain):
			return false
		default:
			terms = terms[1:]
		}
	}
	return len(terms) == 0
}

func (d *draft) added() bool {
	return slices.ContainsFunc(d.items, func(t item) bool { return t.ours })
}
