package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// looksDMARC reports whether a text is, or is meant as, a DMARC record: a
// second one would make both void.
func looksDMARC(owner zone.Name, r zone.Record) bool {
	return r.Type == "TXT" && owner.Label() == "_dmarc" && meant(r.Text(), "v=dmarc1")
}

// standsDMARC reports whether receivers count a record, so that it and another
// would make each other void. What cannot be read may be one.
func standsDMARC(owner zone.Name, r zone.Record) bool {
	return looksDMARC(owner, r) && (r.Opaque || dmarc.IsRecord(r.Text()))
}

// readsDMARC reports whether receivers can read a text as a DMARC record.
func readsDMARC(text string) bool {
	_, err := dmarc.Parse(text)
	return err == nil
}

// dmarc meets the wants of DMARC at one name: they all ask for one record.
func (b *builder) dmarc(ws []want) {
	owner, value := ws[0].owner, ws[0].rec.Text()
	there := only(b.all(owner, "TXT"), func(r zone.Record) bool { return looksDMARC(owner, r) })
	existing := texts(there)
	counted := only(there, func(r zone.Record) bool { return standsDMARC(owner, r) })
	if len(counted) > 0 {
		there = counted // what only looks like one beside it stays
	}
	req := dmarc.Request{Value: value}
	plain := ws[0].in.DMARC == nil
	if !plain {
		req.Edit = *ws[0].in.DMARC
	}
	root, ok := b.rootDMARC(ws, req.Edit)
	if !ok {
		return
	}
	req.Root = texts(root.Records)
	if _, err := dmarc.Apply(req); err != nil { // even where nothing stands in the way
		b.fail(&InputError{Intent: ws[0].index, Field: "value", Value: value, Reason: err.Error()})
		return
	}
	if plain && b.answered(ws, func(text string) bool { return dmarc.IsRecord(text) && len(dmarc.Differ(text, value)) == 0 }, dmarc.IsRecord) {
		return
	}
	var led []zone.Record
	if b.ours(counted) { // else the owner's own counts, also where a host lets an alias stand beside it
		if led, ok = b.ledDMARC(ws); !ok {
			return
		}
	}
	have := there
	switch {
	case len(led) > 0:
		have, there, req.Existing = led, counted, texts(led)
	case len(there) > 0 && (!plain || !b.ours(there) || b.hidesDMARC(owner)):
		req.Existing = existing
	}
	if !b.inheritable(ws, root, req.Existing) {
		return
	}
	a, state, ok := b.applyDMARC(ws, req, have)
	if !ok {
		return
	}
	b.writeDMARC(ws, a, state, there, led)
}

// writeDMARC puts a record in the place of those that are there, and of the
// alias or beside the wildcard that led to one.
func (b *builder) writeDMARC(ws []want, a dmarc.Applied, state State, there, led []zone.Record) {
	owner := ws[0].owner
	rec := zone.NewTXT(owner, ws[0].rec.TTL, a.Record)
	if len(there) == 1 && there[0].SameData(rec) {
		b.result(ws, Present, there[0])
		return
	}
	if len(led) > 0 && led[0].Text() == a.Record {
		b.heldDMARC(ws, led)
		return
	}
	if why := b.refusesText(a.Record); why != "" {
		b.unsupported(ws, why)
		return
	}
	shown := slices.Clone(ws) // with the record as it will be
	for i := range shown {
		shown[i].rec = rec
	}
	alias, under, ok := b.underCNAME(shown)
	if !ok {
		return
	}
	rec = b.joinTTL([]zone.Record{rec})[0]
	b.beside(alias, owner, there, []zone.Record{rec}, "says what receivers do with forged mail of the domain")
	b.result(ws, weakest(state, under), rec)
	b.checkDMARC(owner, a, texts(slices.Concat(there, led)))
}

// applyDMARC works out the record, and asks where that costs somebody theirs.
func (b *builder) applyDMARC(ws []want, req dmarc.Request, there []zone.Record) (a dmarc.Applied, state State, ok bool) {
	owner := ws[0].owner
	unreadable := slices.ContainsFunc(there, func(r zone.Record) bool { return r.Opaque })
	a, err := dmarc.Apply(req)
	e, _ := errors.AsType[*dmarc.Error](err)
	c := Conflict{
		Code: DMARCInvalid, Owner: owner, Existing: there,
		Options: []Option{
			{"replace", "put the service's record in place of the broken one"},
			{"skip", "leave DMARC as it is"},
		},
		Text: fmt.Sprintf("The DMARC record at %s cannot be read, so receivers act as if there were none: %s.", owner.FQDN(), list(there)),
	}
	switch {
	case e != nil && e.Code == dmarc.CodeMultiple:
		c.Code = DMARCMultiple
		c.Options[0] = Option{"merge", "make one record of them, with the weakest of their policies"}
		c.Text = fmt.Sprintf("%s has %d DMARC records, which makes all of them void (RFC 9989).", owner.FQDN(), len(there))
		req.Repair = true
		if a, err = dmarc.Apply(req); err == nil && a.Base != dmarc.BaseExisting {
			c.Options[0].Text = "put the service's record in their place: receivers would go by none of them, even if it stood alone"
			if req.Edit.Strict7489 {
				c.Options[0].Text = "put the service's record in their place: none of them has a right p just behind v, and no wrong sp"
			}
		}
	case err == nil && len(there) > 0 && len(req.Existing) > 0 && (unreadable || a.Base != dmarc.BaseExisting):
		if _, bad := dmarc.Parse(there[0].Text()); bad == nil && req.Edit.Strict7489 {
			c.Text = fmt.Sprintf("The DMARC record at %s has no right p just behind v, or a wrong sp, and the service asks for its own in place of such a one: %s.", owner.FQDN(), list(there))
		}
	case err == nil && ws[0].in.DMARC == nil && len(req.Existing) > 0:
		return b.keepDMARC(ws, req, there)
	case err == nil:
		return a, Added, true
	}
	if err != nil {
		b.fail(&InputError{Intent: ws[0].index, Field: "value", Value: req.Value, Reason: err.Error()})
		return a, Undecided, false
	}
	c.Wanted = []zone.Record{zone.NewTXT(owner, ws[0].rec.TTL, a.Record)}
	state, ok = b.accepts(ws, c, c.Options[0].ID, there)
	if ok && c.Code == DMARCMultiple && ws[0].in.DMARC == nil {
		// The one that is left is the owner's, as any other would be.
		req.Existing, req.Repair = []string{a.Record}, false
		if instead, ok := b.insteadOf(ws, req, c.Wanted); ok {
			instead.Replaces = texts(there)
			return instead, state, true
		}
	}
	return a, state, ok
}

// keepDMARC is for a record that is asked for as it is, where the owner has one
// that works: theirs stays, and nobody is asked, unless somebody decided
// otherwise.
func (b *builder) keepDMARC(ws []want, req dmarc.Request, there []zone.Record) (a dmarc.Applied, state State, ok bool) {
	owner, have := ws[0].owner, there[0]
	tags := dmarc.Differ(have.Text(), req.Value)
	if len(tags) == 0 {
		if zone.Contains(b.all(owner, "TXT"), have) {
			b.result(ws, Present, have)
		} else {
			b.heldDMARC(ws, there)
		}
		return a, Present, false
	}
	if a, ok = b.insteadOf(ws, req, there); ok {
		return a, Added, true
	}
	if b.aliasDecided(owner) && !zone.Contains(b.all(owner, "TXT"), have) {
		// That the alias goes does not say that the policy which it leads to goes too.
		req.Edit.MergeReports = true
		if a, err := dmarc.Apply(req); err == nil {
			return a, Added, true
		}
	}
	b.result(ws, Satisfied, have)
	b.relies(ws, have.Text(), "DMARC")
	for _, w := range ws {
		b.plan.Results[w.index].Text = "the policy that is there stays"
	}
	b.warn(string(DMARCRecord), owner, "%s, which stays: it differs from the service's in %s (decide %s=replace or %s=reports to change it)",
		b.describeDMARC(owner, have), strings.Join(tags, ", "), DMARCRecord, DMARCRecord)
	return a, Satisfied, false
}

// insteadOf is what takes the place of the owner's record of a DMARC policy. ok
// is false where nothing does: nobody decided so, or both say the same.
func (b *builder) insteadOf(ws []want, req dmarc.Request, there []zone.Record) (a dmarc.Applied, ok bool) {
	owner := ws[0].owner
	tags := dmarc.Differ(there[0].Text(), req.Value)
	if len(tags) == 0 {
		return a, false
	}
	req.Edit.MergeReports = true
	merged, err := dmarc.Apply(req)
	c := Conflict{
		Code: DMARCRecord, Class: ClassDMARC, Owner: owner, Existing: there, Wanted: []zone.Record{ws[0].rec}, Default: "keep",
		Options: []Option{
			{"keep", "leave the policy that is there"},
			{"replace", "put the service's policy in its place"},
		},
		Text: fmt.Sprintf("%s has a DMARC policy already, which differs from the service's in %s.", owner.FQDN(), strings.Join(tags, ", ")),
	}
	if err == nil {
		c.Options = append(c.Options, Option{"reports", "keep the policy, and send its reports to the service too: " + merged.Record})
	}
	option, by := b.answer(&c, ws)
	if option == "" || option == "keep" {
		return a, false
	}
	c.Answer, c.By = option, by
	b.plan.Conflicts = append(b.plan.Conflicts, c)
	if b.decided() {
		b.excused.add(there)
	}
	if option == "reports" {
		return merged, true
	}
	return dmarc.Applied{Record: req.Value, Base: dmarc.BaseValue, Replaces: texts(there), Changed: true}, true
}

// checkDMARC says what a person should know of a record that is written in the
// place of those that receivers found there before.
func (b *builder) checkDMARC(owner zone.Name, a dmarc.Applied, before []string) {
	after, err := dmarc.Parse(a.Record)
	if err != nil {
		return
	}
	var was dmarc.Record
	var read, above bool
	switch len(before) {
	case 0:
		was, above = b.aboveDMARC(owner)
	case 1:
		was, err = dmarc.Parse(before[0])
		read = err == nil
	}
	for _, w := range a.Warnings {
		if w.Code != dmarc.CodePolicy || !read && !above { // else said below, also of a record that is replaced
			b.warn("dmarc-"+string(w.Code), owner, "%s: %s", owner.FQDN(), w.Text)
		}
	}
	switch p := after.InForce(); {
	case above && was.InForce() != p:
		b.warn("dmarc-policy", owner, "the DMARC policy for %s becomes %v; it was %v, by the record at _dmarc.%s", owner.Parent().FQDN(), p, was.InForce(), b.req.Domain.FQDN())
	case read && was.InForce() != p:
		b.warn("dmarc-policy", owner, "the DMARC policy at %s goes from %v to %v", owner.FQDN(), was.InForce(), p)
	case len(before) > 1 && p != dmarc.None:
		b.warn("dmarc-policy", owner, "the DMARC policy %v at %s comes into force: the records there made each other void", p, owner.FQDN())
	}
	if read && owner == "_dmarc."+b.req.Domain { // no other record's sp counts
		from, to := forNamesBelow(was).InForce(), forNamesBelow(after).InForce()
		if from != to && (from != was.InForce() || to != after.InForce()) { // else said above
			b.warn("dmarc-policy", owner, "the DMARC policy for names below %s goes from %v to %v", owner.Parent().FQDN(), from, to)
		}
	}
	domain := strings.TrimPrefix(string(owner), "_dmarc.")
	b.tell(owner, func(facts map[string][]string) ([]dmarc.Finding, []string) {
		return dmarc.CheckAuthorisers(domain, a.Record, facts)
	})
}

func texts(recs []zone.Record) []string {
	out := make([]string, 0, len(recs))
	for _, r := range recs {
		out = append(out, r.Text())
	}
	return out
}

// weakest is Undecided if one of two states is.
func weakest(a, b State) State {
	if b == Undecided {
		return b
	}
	return a
}
