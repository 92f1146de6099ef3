package spf

import (
	"slices"
	"strings"
)

// Split cuts a TXT value into strings of at most n octets, which receivers
// join with nothing between (RFC 7208 section 3.3). n below 1 means
// [StringLimit]. An empty value is one empty string, since a TXT record has at
// least one.
func Split(value string, n int) []string {
	if n < 1 {
		n = StringLimit
	}
	var out []string
	for len(value) > n {
		out = append(out, value[:n])
		value = value[n:]
	}
	return append(out, value)
}

// splitter moves directives to subrecords until the record is short enough.
type splitter struct {
	domain string
	target int // octets the record may have
	most   int // octets a subrecord may have
	label  func(record string) string
}

// split returns the shorter record, the subrecords and the terms that moved. A
// subrecord takes directives of one run and passes for each of them, so that
// an include with their qualifier says what they said. Modifiers, all and what
// stands on other qualifiers never move.
func (s splitter) split(rec Record) (Record, []NamedTXT, []string) {
	var extra []NamedTXT
	var gone []string
	for len(rec.Raw) > s.target && len(extra) < LookupLimit {
		next, sub, terms, ok := s.once(rec)
		if !ok || len(next.Raw) >= len(rec.Raw) || slices.ContainsFunc(extra, func(x NamedTXT) bool { return x.Name == sub.Name }) {
			break
		}
		rec, extra, gone = next, append(extra, sub), append(gone, terms...)
	}
	return rec, extra, gone
}

// once fills one subrecord, with networks if that helps, since they ask no DNS
// themselves, and otherwise with what can move.
func (s splitter) once(rec Record) (next Record, sub NamedTXT, gone []string, ok bool) {
	for _, c := range []cut{
		{movable: isNetwork},
		{movable: func(t Term) bool { return !s.subrecordInclude(t) }, together: true},
	} {
		c.run = longest(rec.Terms, c.movable)
		if next, sub, gone, ok = s.move(rec, c); ok && len(next.Raw) < len(rec.Raw) {
			return next, sub, gone, true
		}
	}
	return rec, sub, nil, false
}

// cut says what moves to a subrecord.
type cut struct {
	run      []int // indices of terms
	movable  func(Term) bool
	together bool // what moves has nothing left in between, so that DNS is asked in the same order
}

// subrecordInclude reports whether t leads to a subrecord of the own zone,
// which there is no gain in moving.
func (s splitter) subrecordInclude(t Term) bool {
	return t.Kind == Include && strings.HasSuffix(foldName(t.Domain), "."+s.domain)
}

// longest returns the run with the most octets to move.
func longest(terms []Term, movable func(Term) bool) []int {
	var best []int
	most := 0
	for _, run := range runs(terms) {
		octets := 0
		for _, i := range run {
			if movable(terms[i]) {
				octets += len(terms[i].Text) + 1
			}
		}
		if octets > most {
			best, most = run, octets
		}
	}
	return best
}

// move takes terms from the end of a run until the record is short enough or
// the subrecord full. The include takes the place of the first of them, so that
// no sender comes to depend on the DNS of terms that it did not meet before.
func (s splitter) move(rec Record, c cut) (next Record, sub NamedTXT, gone []string, ok bool) {
	includeLen := len(" include:") + len(hashLabel("")) + 1 + len(s.domain)
	excess := len(rec.Raw) - s.target + includeLen
	room := s.most - len(version+" -all")
	kept := slices.Clone(rec.Terms)
	at := -1
	var inside []string
	for _, i := range slices.Backward(c.run) {
		t := rec.Terms[i]
		in, reason := moved(t, s.domain, '+')
		if !c.movable(t) || reason != "" || len(in.Text) >= room {
			if at >= 0 && c.together {
				break
			}
			continue
		}
		inside, gone = append(inside, in.Text), append(gone, t.Text)
		at, kept[i] = i, Term{}
		room -= len(in.Text) + 1
		if excess -= len(t.Text) + 1; excess <= 0 {
			break
		}
	}
	if at < 0 {
		return rec, sub, nil, false
	}
	slices.Reverse(inside)
	slices.Reverse(gone)
	sub, kept[at], ok = s.subrecord(inside, rec.Terms[at].Qualifier)
	kept = slices.DeleteFunc(kept, func(t Term) bool { return t.Kind == 0 })
	return rebuild(rec, kept), sub, gone, ok
}

// subrecord names the record of those terms and makes its include.
func (s splitter) subrecord(terms []string, qualifier byte) (sub NamedTXT, include Term, ok bool) {
	label := s.label
	if label == nil {
		label = hashLabel
	}
	sub.Text = version + " " + strings.Join(terms, " ") + " -all"
	sub.Name = foldName(label(sub.Text) + "." + s.domain)
	include, ok = termOf(qualified(qualifier, "include:"+sub.Name))
	return sub, include, ok && s.domain != "" && storable(sub.Name)
}
