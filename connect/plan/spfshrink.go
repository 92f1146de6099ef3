package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// merging is what becomes of the SPF record of an owner.
type merging struct {
	spf.Merged
	req     spf.MergeRequest
	short   bool     // the owner's record was made smaller first
	shrunk  []string // terms of it that others stand for then
	instead []string // texts whose place the record takes
	inlined []string // names whose records are written out in it
}

// longest is the octets of the longest text that the merge needs stored.
func (m merging) longest() int {
	n := len(m.Record)
	for _, x := range m.Extra {
		n = max(n, len(x.Text))
	}
	return n
}

// shrinkRequest is what package spf must know to make an SPF record smaller.
// extra is records that the plan publishes for it. ok is false while there are
// questions.
func (b *builder) shrinkRequest(owner zone.Name, text string, extra []spf.NamedTXT) (q spf.ShrinkRequest, ok bool) {
	rec, err := spf.Parse(text)
	if err != nil {
		return q, false
	}
	tree, answers, known := b.spfTree(owner, text, extra)
	q = spf.ShrinkRequest{Domain: string(owner), Record: rec, Known: answers, Limits: spf.Limits{Octets: b.req.Caps.MaxTXT}}
	for _, r := range b.all(owner, "TXT") {
		if text := r.Text(); !looksSPF(r) && !slices.Contains(q.Others, text) {
			q.Others = append(q.Others, text)
		}
	}
	b.foreign(tree, &q)
	return q, known
}

// foreign notes which names that an SPF record includes or redirects to are not
// the owner's to write out: they lie elsewhere, are aliases or delegated, or are
// records of ours, which go when we do.
func (b *builder) foreign(t spf.Tree, q *spf.ShrinkRequest) {
	for _, n := range t.Nodes {
		if n.Below != nil {
			b.foreign(*n.Below, q)
		}
		name, err := zone.ParseName(n.Name)
		if n.Term.Kind != spf.Include && n.Term.Kind != spf.Redirect || err != nil || slices.Contains(q.Foreign, n.Name) {
			continue
		}
		set := only(b.set(name, "TXT"), looksSPF)
		theirs := len(set) == 1 && !b.mine.has(set[0]) && len(b.all(name, "CNAME")) == 0 && b.over(name) == (cover{})
		if b.req.Snapshot.Partial && len(b.at(name)) == 0 { // nobody looked there, and DNS says what it says
			theirs = b.shown(name)
		}
		if !theirs {
			q.Foreign = append(q.Foreign, n.Name)
		}
	}
}

// shown reports whether DNS shows the text at a name, which a partial snapshot
// does not hold, as the zone's own: behind no alias, and not delegated.
func (b *builder) shown(name zone.Name) bool {
	f, known := b.know(name, "TXT")
	if !known || !name.Within(b.req.Snapshot.Zone) || slices.ContainsFunc(f.Records, func(r zone.Record) bool { return r.Name != name }) {
		return false
	}
	own := true
	for n := name; n.Below(b.req.Snapshot.Zone); n = n.Parent() {
		f, _ := b.know(n, "NS")
		own = own && (f.Status == NoData || f.Status == NXDomain)
	}
	return own
}

// remedies is what would make the record smaller in the way that helps, the
// gentlest first, with what each comes to. ok is false while there are
// questions.
func (b *builder) remedies(q spf.ShrinkRequest, helps func(spf.Remedy) bool) (list []spf.Remedy, ok bool) {
	for {
		list = spf.Remedies(q)
		var open []spf.Question
		for _, r := range list {
			for _, question := range r.Questions {
				if _, known := q.Known[question]; !known && !slices.Contains(open, question) {
					open = append(open, question)
				}
			}
		}
		if len(open) == 0 {
			break
		}
		if !b.learnSPF(open, q.Known) {
			return nil, false
		}
	}
	return slices.DeleteFunc(list, func(r spf.Remedy) bool { return r.Code != spf.RemedySubdomain && !helps(r) }), true
}

// helps is the remedies in a sentence, which params hold as well.
func helps(remedies []spf.Remedy, params map[string]string) string {
	if len(remedies) == 0 {
		return "Remove what is no longer used, or let the service send from a subdomain."
	}
	const most = 3 // includes to replace by their networks, the dearest first
	var texts, flat []string
	for _, r := range remedies {
		switch {
		case r.Code != spf.RemedyFlatten:
			texts = append(texts, r.Text)
		case len(flat) < most:
			one := fmt.Sprintf("%s (lookups %d to %d, octets %d to %d)", strings.Join(slices.Compact(slices.Clone(r.Terms)), ", "),
				r.Before.Lookups, r.After.Lookups, r.Before.Octets, r.After.Octets)
			if !slices.Contains(flat, one) {
				flat = append(flat, one)
			}
		}
	}
	if len(flat) > 0 {
		texts = append(texts, "replace an include by its networks, which must then be watched, since the service changes them without notice: "+strings.Join(flat, ", "))
	}
	params["remedies"] = strings.Join(texts, "; ")
	return "What would help: " + params["remedies"] + "."
}

// shrinkOr asks a conflict about the size of a record, which a shorter one
// solves where what needs nobody's consent is enough.
func (b *builder) shrinkOr(ws []want, m merging, final zone.Record, state State, c Conflict) (merging, State) {
	if state == Skipped { // done without already
		return m, state
	}
	short, can := b.shorter(ws[0].owner, m)
	c.Owner, c.Wanted = ws[0].owner, []zone.Record{final}
	options := []Option{skipSPF()}
	if can {
		options = append(options, Option{"shrink", "write what is there more shortly, so that what the service needs has room; everybody who may send now still may"})
	}
	c.Options = append(options, c.Options...)
	option, given := b.choose(c, ws...)
	switch {
	case option == "shrink":
		return short, state
	case option == "force":
		return m, state
	case given:
		return m, Skipped
	}
	return m, Undecided
}

// shorter is the merge with an owner's record that was made smaller first, by
// remedies that change nothing for any receiver. What is required is merged in
// afterwards, so that taking it back finds its terms. Where an earlier run of
// ours wrote the record it stays as it is, for the same reason, whoever edited
// it since.
func (b *builder) shorter(owner zone.Name, m merging) (short merging, ok bool) {
	old := b.texts(owner, m.Replaces)
	if len(m.Replaces) != 1 || len(old) != 1 || slices.ContainsFunc(b.mine[owner], isSPF) {
		return m, false
	}
	q, known := b.shrinkRequest(owner, m.Replaces[0], nil)
	if !known {
		return m, false
	}
	q.Choices = []spf.Choice{{Code: spf.RemedyTidy}, {Code: spf.RemedyCollapse}, {Code: spf.RemedyInline}}
	small, err := spf.Shrink(q)
	if err != nil || !small.Changed || len(small.Questions) > 0 {
		return m, false
	}
	short = m
	short.req.Existing = slices.Clone(m.req.Existing)
	for i, text := range short.req.Existing {
		if text == m.Replaces[0] {
			short.req.Existing[i] = small.Record
		}
	}
	if short.Merged, err = spf.Merge(short.req); err != nil {
		return m, false
	}
	short.Changed, short.short, short.Replaces, short.inlined = true, true, m.Replaces, small.Unused
	left := strings.Fields(small.Record)
	for t := range strings.FieldsSeq(m.Replaces[0]) {
		if i := slices.Index(left, t); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			short.shrunk = append(short.shrunk, t)
		}
	}
	cost, known := b.spfCost(owner, short.Record, short.Extra)
	limit := b.req.Caps.MaxTXT
	return short, known && !cost.Over() && (limit == 0 || short.longest() <= limit)
}

// warnShrunk says what a shorter record means for its owner.
func (b *builder) warnShrunk(owner zone.Name, m merging) {
	if len(m.shrunk) > 0 {
		b.warn("spf-shrunk", owner, "the SPF record at %s is written more shortly: %s", owner.FQDN(), strings.Join(m.shrunk, ", "))
	}
	if len(m.inlined) > 0 {
		b.warn("spf-inlined", owner, "the senders that %s had from %s are written out in it; a change there no longer counts for it",
			owner.FQDN(), strings.Join(m.inlined, " and "))
	}
}

// costs is the sentence about what a record costs.
func (l Lookups) costs() string {
	s := fmt.Sprintf("; it costs %s%d of %d lookups, %d before", atLeast(l.AtLeast), l.After, spf.LookupLimit, l.Before)
	if l.VoidsAfter > 0 || l.VoidsBefore > 0 {
		s += fmt.Sprintf(", and %d of %d that find nothing, %d before", l.VoidsAfter, spf.VoidLimit, l.VoidsBefore)
	}
	return s
}

// atLeast goes before a figure, which may be a lower bound.
func atLeast(so bool) string {
	if so {
		return "at least "
	}
	return ""
}
