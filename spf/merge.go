package spf

import "slices"

// MergeRequest says what stands at a name and what must be authorised there.
// Beyond Domain, Existing and Required its zero value is the careful choice.
type MergeRequest struct {
	Domain   string   // the name at which the record stands
	Existing []string // all TXT values there, strings joined; what is not SPF is left alone
	Required []string // records, or terms such as "include:_spf.app.example mx"; empty ones are ignored
	All      AllPolicy
	Explicit string // with All Explicit: "-all", "~all" or "?all"
	Repair   bool   // make one of several records instead of refusing
	Compact  bool   // take out what cannot matter: covered pass terms, directives after all

	// Subrecords allows a record of its own, included, for a requirement that
	// excludes senders. Without it such a requirement is refused.
	Subrecords bool
	// Label names a subrecord, below Domain, by its text. Nil takes a hash.
	Label func(record string) string
}

// NamedTXT is a TXT record at a name.
type NamedTXT struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Merged is the outcome of a [Merge]. If Changed is false, Record is the
// existing one to the byte, and only Extra may have to be published.
type Merged struct {
	Record     string
	Changed    bool
	Replaces   []string // the values of Existing whose place Record takes
	Added      []string // terms
	Skipped    []string // required terms that were covered already
	Warnings   []Warning
	AllBefore  string     // "-all", "~all", "?all", "+all", or empty for none
	AllAfter   string     // the same
	Extra      []NamedTXT // must be live before Record is, and go after it
	Provenance Provenance
}

// Provenance is what [Unmerge] needs to take a merge back later. It is plain
// data; its JSON form is stable. Keep the one of the merge that changed the
// record: a second merge finds its terms there and adds none.
type Provenance struct {
	Created   bool       `json:"created,omitempty"`    // there was no record
	Before    string     `json:"before,omitempty"`     // the record as it was, or what Repair made of several: for its spacing, and to tell the owner's terms from ours
	Added     []string   `json:"added,omitempty"`      // terms
	Dropped   []string   `json:"dropped,omitempty"`    // the owner's terms that Compact took out because an added one covers them
	AllBefore string     `json:"all_before,omitempty"` // as the owner wrote it, or empty for none
	AllAfter  string     `json:"all_after,omitempty"`  // as we left it
	Extra     []NamedTXT `json:"extra,omitempty"`
}

// Merge brings what is required into the SPF record of a name. Missing pass
// terms go before the owner's first non-pass term or all, the rest of the
// record stays as it is; all follows q.All. A required redirect becomes an
// include, and an owner's redirect stays without an all beside it.
//
//	before   v=spf1 include:_spf.google.com -all
//	required v=spf1 include:sendgrid.net ~all
//	after    v=spf1 include:_spf.google.com include:sendgrid.net ~all
//
// The error is an *[Error]: ErrSyntax, ErrMultipleRecords (see Repair),
// ErrQuoted, ErrLeadingSpace and ErrHidden for a record that receivers cannot see,
// ErrNeedsSubrecord (see Subrecords), ErrRequiredPassAll, ErrBadPolicy. It
// names the text it found wrong in Record, so that a bad requirement can be
// told from a bad zone.
func Merge(q MergeRequest) (Merged, error) {
	if err := q.checkPolicy(); err != nil {
		return Merged{}, err
	}
	wishes, err := q.wishes()
	if err != nil {
		return Merged{}, err
	}
	texts, err := q.records()
	if err != nil {
		return Merged{}, err
	}
	owners := make([]Record, len(texts))
	for i, text := range texts {
		if owners[i], err = Parse(text); err != nil {
			return Merged{}, err
		}
	}
	if len(owners) == 0 && len(wishes) == 0 {
		return Merged{}, nil
	}
	return q.merge(owners, wishes)
}

func (q MergeRequest) merge(owners, wishes []Record) (Merged, error) {
	d := q.draft(owners)
	if err := d.repair(owners); err != nil {
		return Merged{}, err
	}
	start := len(d.extra)
	d.skipped = nil
	alls := &allChoice{policy: q.All, explicit: q.Explicit, created: len(owners) == 0}
	for _, w := range wishes {
		terms, all := wish(w)
		alls.required = weaker(alls.required, all)
		if alls.created && len(d.items) == 0 && excludes(terms) {
			d.take(terms)
		} else if err := d.join(terms, true); err != nil {
			return Merged{}, err
		}
	}
	d.inspect()
	if nullSender(owners) && d.added() {
		d.warn(WarnNullSender, "", "the record said that the domain sends no mail")
	}
	alls.before = ownersAll(owners)
	if q.Compact {
		d.compact()
	}
	d.inspectDead()
	d.settle(alls)
	alls.report(d)
	d.inspectOrder()
	d.inspectModifiers(wishes)
	return q.finish(d, owners, alls, d.extra[start:]), nil
}

func (q MergeRequest) draft(owners []Record) *draft {
	var base Record
	if len(owners) > 0 {
		base = owners[0]
	}
	d := newDraft(q.Domain, base)
	if q.Subrecords {
		if d.label = q.Label; d.label == nil {
			d.label = hashLabel
		}
	}
	if len(owners) > 1 {
		d.warn(WarnMultipleRecords, "", "%d records were there, which is an error at every receiver; they become one", len(owners))
	}
	if len(owners) > 0 {
		for _, v := range q.Existing {
			if IsRecord(v) {
				continue
			}
			if e := notRecord(v); e.Code != ErrNotSPF {
				d.warn(WarnHiddenRecord, "", "%q is not an SPF record: %s", v, e.Reason)
			}
		}
	}
	return d
}

// repair joins the owner's other records into the first: their terms, then
// their modifiers, of which one explanation is left, and the weakest all.
func (d *draft) repair(owners []Record) error {
	if len(owners) < 2 {
		return nil
	}
	have := map[string]bool{}
	var modifiers []*item
	for i, r := range owners {
		if i > 0 {
			terms, _ := wish(r)
			if err := d.join(terms, false); err != nil {
				return err
			}
		}
		for _, t := range r.Terms {
			if t.Kind != Exp && t.Kind != Modifier {
				continue
			}
			m := d.item(t, false)
			if t.Kind == Exp {
				m.key = t.Kind.String()
			}
			if !have[m.key] && i > 0 {
				modifiers = append(modifiers, d.item(t, false))
			}
			have[m.key] = true
		}
	}
	at := len(d.items)
	if end := d.firstAll(); end >= 0 {
		at = end
	}
	d.items, d.known = slices.Insert(d.items, at, modifiers...), nil
	if all := ownersAll(owners); sign(all) != sign(d.all()) {
		d.setAll(d.firstAll(), all) // there is one: ownersAll gives the first record's form
	}
	d.before = d.String()
	return nil
}

func (q MergeRequest) finish(d *draft, owners []Record, alls *allChoice, ours []NamedTXT) Merged {
	m := Merged{
		Record: d.String(), Skipped: d.skipped, Extra: d.extra,
		AllBefore: sign(alls.before), AllAfter: sign(d.all()),
	}
	p := &m.Provenance
	p.Created, p.Dropped, p.Extra = len(owners) == 0, d.dropped, ours
	p.AllBefore, p.AllAfter = alls.before, d.all()
	for _, t := range d.items {
		if t.ours && t.Kind != All {
			m.Added = append(m.Added, t.Text)
		}
	}
	p.Added = slices.Clone(m.Added)
	switch {
	case len(owners) == 1 && m.Record == respaced(owners[0]):
		m.Record = owners[0].Raw
	default:
		m.Changed = true
		for _, r := range owners {
			m.Replaces = append(m.Replaces, r.Raw)
		}
	}
	if p.Before = d.before; len(owners) == 1 {
		p.Before = owners[0].Raw
	}
	d.inspectSize(m.Record, slices.DeleteFunc(slices.Clone(q.Existing), IsRecord))
	m.Warnings = d.warnings
	return m
}

// records returns the values of Existing that receivers take for SPF.
func (q MergeRequest) records() ([]string, error) {
	var found []string
	var hidden *Error
	for _, v := range q.Existing {
		if IsRecord(v) {
			found = append(found, v)
		} else if e := notRecord(v); e.Code != ErrNotSPF && hidden == nil {
			hidden = e
		}
	}
	switch {
	case len(found) == 0 && hidden != nil:
		return nil, hidden
	case len(found) > 1 && !q.Repair:
		return nil, &Error{Code: ErrMultipleRecords, Record: found[1], Reason: "several SPF records at one name are an error at every receiver"}
	}
	return found, nil
}
