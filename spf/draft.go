package spf

import (
	"slices"
	"strings"
)

// item is a term of the record being made. ours is true for terms that the
// merge added for the requirement. key is what the term matches, in canonical
// form and without the qualifier; it is kept because each term is compared with
// many.
type item struct {
	Term
	ours bool
	key  string
}

// equal reports whether the terms are the same but for spelling.
func (t *item) equal(o *item) bool {
	return t.Kind == o.Kind && t.Qualifier == o.Qualifier && t.key == o.key
}

// covers reports whether everything that matches o matches t, as far as the
// terms themselves tell.
func (t *item) covers(o *item) bool {
	if t.Kind == o.Kind && isNetwork(t.Term) {
		return contains(t.Prefix, o.Prefix)
	}
	return t.Kind == o.Kind && t.key == o.key
}

// draft is the record being made.
type draft struct {
	domain   string
	version  string
	items    []*item
	known    *front                     // nil where something else than an insertion changed items
	before   string                     // what repair made of several records
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
	d.items = d.wrap(r.Terms, false)
	return d
}

func (d *draft) item(t Term, ours bool) *item { return d.wrap([]Term{t}, ours)[0] }

func (d *draft) wrap(terms []Term, ours bool) []*item {
	items, out := make([]item, len(terms)), make([]*item, len(terms))
	for i, t := range terms {
		items[i] = item{t, ours, termKey(t, d.domain)}
		out[i] = &items[i]
	}
	return out
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

// respaced is r with single spaces between the terms.
func respaced(r Record) string {
	if len(r.Terms) == 0 {
		return r.Raw[:min(len(version), len(r.Raw))]
	}
	return r.Raw[:len(version)] + " " + joinTexts(r.Terms)
}

func (d *draft) firstAll() int {
	return slices.IndexFunc(d.items, func(t *item) bool { return t.Kind == All })
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

// negatives returns where the owner takes senders away from what follows.
func (d *draft) negatives() []int {
	var all []int
	for i, t := range d.items {
		if t.Kind == All {
			break
		}
		if t.Kind.Directive() && t.Qualifier != '+' && !t.ours {
			all = append(all, i)
		}
	}
	return all
}

// front is what stands in front of every exclusion.
type front struct {
	// slot is where a pass term can be put so that it takes effect for every
	// sender and yet after all that passes without it: before the first
	// non-pass term or all; without one, after the last directive, in front of
	// modifiers.
	slot int
	cover
	redirect string // key of the include that the owner's redirect is as good as, if it is
}

func (d *draft) front() *front {
	if d.known != nil {
		return d.known
	}
	f, all := &front{}, true // no exclusion so far
	for i, t := range d.items {
		if !t.Kind.Directive() {
			continue
		}
		if !t.passes() || t.Kind == All {
			f.slot, all = i, false
			break
		}
		f.slot = i + 1
		f.add(i, t)
	}
	if r := d.redirect(); r != nil && all {
		f.redirect = termKey(Term{Kind: Include, Domain: r.Domain}, d.domain)
	}
	d.known = f
	return f
}

// covered reports whether all that t passes passes already. Only terms in front
// of every exclusion can promise that.
func (d *draft) covered(t *item) bool { return d.coveredByTerm(t) || d.coveredByRedirect(t) }

func (d *draft) coveredByTerm(t *item) bool {
	_, ok := d.front().of(t)
	return ok
}

func (d *draft) coveredByRedirect(t *item) bool {
	return t.Kind == Include && t.key == d.front().redirect
}

// join brings the wishes of one requirement into the record.
func (d *draft) join(terms []Term, ours bool) error {
	if !excludes(terms) {
		d.joinPass(d.wrap(terms, ours))
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
	if reason == "" && !storable(sub.Name) {
		reason = "too long, or no name that a record can have"
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
	d.put(d.item(include, ours))
	return nil
}

// joinPass brings in terms that all pass. The owner's redirect is reached only
// if what stands before it is answered, so that it is no substitute for an
// include which the requirement puts before terms that have to be added and ask
// DNS.
func (d *draft) joinPass(terms []*item) {
	quiet := false // none that follows has to be added and asks DNS
	for i, t := range terms {
		redirected := !d.coveredByTerm(t) && d.coveredByRedirect(t)
		if redirected && !quiet {
			quiet = !slices.ContainsFunc(terms[i+1:], func(t *item) bool { return t.Kind.asksDNS() && !d.covered(t) })
		}
		if redirected && !quiet {
			d.insert(t)
		} else {
			d.put(t)
		}
	}
}

// excludes reports whether terms take senders away from what follows them.
func excludes(terms []Term) bool {
	return slices.ContainsFunc(terms, func(t Term) bool { return !t.passes() })
}

// take makes terms the beginning of a record that has none yet.
func (d *draft) take(terms []Term) {
	d.items, d.known = append(d.items, d.wrap(terms, true)...), nil
}

func (d *draft) put(t *item) {
	if d.covered(t) {
		d.skipped = append(d.skipped, t.Text)
		return
	}
	d.insert(t)
}

func (d *draft) insert(t *item) {
	f := d.front()
	d.items = slices.Insert(d.items, f.slot, t)
	f.add(f.slot, t)
	f.slot++
}

// holds reports whether the record as it is means for everybody whom terms
// authorise what terms mean alone: their pass terms up to the first exclusion
// are covered, and the rest stands where the record's exclusions begin.
func (d *draft) holds(terms []Term) bool {
	wanted := d.wrap(terms, false)
	for len(wanted) > 0 && wanted[0].passes() {
		if !d.covered(wanted[0]) {
			return false
		}
		wanted = wanted[1:]
	}
	for _, have := range d.items[d.front().slot:] {
		switch {
		case len(wanted) == 0 || have.Kind == All:
			return len(wanted) == 0
		case !have.Kind.Directive():
		case !have.equal(wanted[0]):
			return false
		default:
			wanted = wanted[1:]
		}
	}
	return len(wanted) == 0
}

func (d *draft) added() bool {
	return slices.ContainsFunc(d.items, func(t *item) bool { return t.ours })
}

func (d *draft) has(t *item) bool { return slices.ContainsFunc(d.items, t.equal) }

// reached counts the terms like t in front of all.
func (d *draft) reached(t *item) (n int) {
	for _, have := range d.items {
		if have.Kind == All {
			break
		}
		if have.equal(t) {
			n++
		}
	}
	return n
}
