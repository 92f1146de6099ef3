package spf

import "slices"

// Unmerged is the outcome of an [Unmerge].
type Unmerged struct {
	Record  string     // what must be published; empty if Remove
	Changed bool       // whether it differs from the current one
	Remove  bool       // the merge made the record and nobody extended it: it may go whole
	Removed []string   // terms
	Missing []string   // terms the merge added that somebody took out since
	Kept    string     // the all that somebody changed since, and that therefore stays
	Extra   []NamedTXT // subrecords that nothing includes any more; they go last
}

// Unmerge takes a merge back from the record that stands at domain now. It
// removes the terms that p added and that still stand, but never one that the
// owner had already; all goes back only if it is still as the merge left it;
// whatever else was edited since stays.
//
//	merged   v=spf1 mx include:_spf.app.example ~all
//	since    v=spf1 mx include:_spf.app.example include:sendgrid.net ~all
//	after    v=spf1 mx include:sendgrid.net -all
//
// An empty current record has nothing to take back. A term that another
// service came to rely on, because its own merge found it there, goes as well:
// merge that service's requirement again. The error is an *[Error] for a
// current record, or a provenance, that does not parse.
func Unmerge(domain, current string, p Provenance) (Unmerged, error) {
	if current == "" {
		return Unmerged{Missing: p.Added}, nil
	}
	r, err := Parse(current)
	if err != nil {
		return Unmerged{}, err
	}
	d, u := newDraft(domain, r), Unmerged{}
	before, _ := Parse(p.Before)
	owner := newDraft(domain, before)
	for _, text := range p.Added {
		term, err := provenanceTerm(text)
		if err != nil {
			return Unmerged{}, err
		}
		t := d.item(term, true)
		i := slices.IndexFunc(d.items, t.equal)
		if i < 0 || owner.has(t) && d.reached(t) <= owner.reached(t) {
			u.Missing = append(u.Missing, text) // what stands there is the owner's
			continue
		}
		u.Removed = append(u.Removed, d.items[i].Text)
		d.items = slices.Delete(d.items, i, i+1)
	}
	d.known = nil
	if err := d.restore(p, &u); err != nil {
		return Unmerged{}, err
	}
	for _, sub := range p.Extra {
		include, err := provenanceTerm("include:" + sub.Name)
		if err != nil {
			return Unmerged{}, err
		}
		if !d.has(d.item(include, true)) {
			u.Extra = append(u.Extra, sub)
		}
	}
	d.conclude(r, p, &u)
	return u, nil
}

// restore puts back what the merge replaced.
func (d *draft) restore(p Provenance, u *Unmerged) error {
	for _, text := range p.Dropped {
		t, err := provenanceTerm(text)
		if err != nil {
			return err
		}
		d.put(d.item(t, false))
	}
	if p.Created || sign(p.AllBefore) == sign(p.AllAfter) {
		return nil
	}
	i := d.firstAll()
	if i < 0 || sign(d.items[i].Text) != sign(p.AllAfter) {
		u.Kept = d.all()
		return nil
	}
	if p.AllBefore == "" {
		d.items, d.known = slices.Delete(d.items, i, i+1), nil
		return nil
	}
	t, err := provenanceTerm(p.AllBefore)
	d.items[i], d.known = d.item(t, false), nil
	return err
}

func (d *draft) conclude(current Record, p Provenance, u *Unmerged) {
	rest := len(d.items)
	if i := d.firstAll(); i >= 0 {
		rest--
	}
	ours := len(u.Removed) > 0 || sign(d.all()) == sign(p.AllAfter)
	if p.Created && rest == 0 && ours {
		u.Remove, u.Changed = true, true
		return
	}
	u.Record = d.String()
	if u.Record == respaced(current) {
		u.Record = current.Raw
		return
	}
	u.Changed = true
	if before, err := Parse(p.Before); err == nil && respaced(before) == u.Record {
		u.Record = p.Before
	}
}

func provenanceTerm(text string) (Term, error) {
	t, reason := Term{}, "empty term"
	if text != "" {
		t, reason = parseTerm(text)
	}
	if reason != "" {
		return t, &Error{Code: ErrSyntax, Record: text, Term: text, Reason: "provenance: " + reason}
	}
	return t, nil
}
