package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// spf meets all wants of SPF at one owner: they are merged into the one record
// that may stand there.
func (b *builder) spf(ws []want) {
	owner := ws[0].owner
	var there, required []string
	for _, r := range b.set(owner, "TXT") {
		there = append(there, r.Text())
	}
	inherited := b.wildcardSPF(owner)
	if inherited != "" && !ws[0].in.Override {
		there = append(there, inherited)
		b.inherits[owner] = true
	}
	for _, w := range ws {
		text := w.rec.Text()
		required = append(required, text)
		b.plan.Results[w.index].Required = text
	}
	req := spf.MergeRequest{Domain: string(owner), Existing: there, Required: required, Subrecords: true}
	req.All, req.Explicit = allPolicy(ws[0].in.All)
	if b.answered(ws, func(text string) bool {
		return !slices.ContainsFunc(required, func(r string) bool { return !spf.IsRecord(text) || !spf.Satisfies(string(owner), text, r) })
	}, spf.IsRecord) {
		return
	}
	merged, replaces, state, ok := b.mergeSPF(ws, req)
	if !ok {
		return
	}
	m := merging{Merged: merged, req: req, instead: merged.Replaces}
	if len(replaces) > 0 {
		m.instead = texts(replaces)
	}
	m.Extra = b.asTheyStand(m.Extra) // they cost what they cost there
	final := b.final(ws, m.Record)
	extra := b.subrecords(m.Merged, final.TTL)
	if !m.Changed && len(extra) == 0 {
		if b.inherits[owner] {
			b.relies(ws, final.Text(), "SPF")
		}
		_, state = b.affordable(ws, m, final, Present)
		b.result(ws, state, final)
		return
	}
	alias, under, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	if under == Undecided {
		state = Undecided
	}
	if m, state = b.affordable(ws, m, final, state); m.short {
		final = b.final(ws, m.Record)
		extra = b.subrecords(m.Merged, final.TTL)
	}
	state = b.clash(ws, final, state, extra)
	b.result(ws, state, final)
	if state == Skipped || state == Undecided {
		return
	}
	b.warnSPF(owner, m.Merged)
	b.warnShrunk(owner, m)
	why := "lets the service send mail for the domain"
	if len(m.Replaces) > 0 {
		why = "adds the service's senders to the domain's SPF record"
	}
	if l := b.plan.Results[ws[0].index].Lookups; l != nil {
		why += l.costs()
	}
	if m.Changed {
		b.beside(alias, owner, replaces, []zone.Record{final}, why)
	}
	for _, r := range extra {
		b.change(r.Name, nil, []zone.Record{r}, "holds the part of the SPF policy that needs a record of its own", "CNAME")
	}
	b.plan.SPF = append(b.plan.SPF, SPFEdit{Owner: owner, Provenance: m.Provenance, Shrunk: m.shrunk})
}

// final is the record that stands there with this text.
func (b *builder) final(ws []want, text string) zone.Record {
	if there := b.texts(ws[0].owner, []string{text}); len(there) > 0 {
		return there[0]
	}
	return b.joinTTL([]zone.Record{zone.NewTXT(ws[0].owner, ws[0].rec.TTL, text)})[0]
}

// wildcardSPF is the SPF record that a wildcard answers for a name which does
// not exist: what is written there takes its place, so it says the same too.
func (b *builder) wildcardSPF(owner zone.Name) string {
	if len(b.stands(owner)) > 0 {
		return ""
	}
	star, ok := b.req.Snapshot.Wildcard(owner)
	if !ok {
		return ""
	}
	// One that this plan takes away answers nobody any more.
	recs := only(b.req.Snapshot.Set(star, "TXT"), func(r zone.Record) bool { return looksSPF(r) && zone.Contains(b.at(star), r) })
	if len(recs) != 1 || recs[0].Opaque || len(voidSPF(recs)) > 0 {
		return ""
	}
	return recs[0].Text()
}

func (b *builder) warnSPF(owner zone.Name, m spf.Merged) {
	for _, w := range m.Warnings {
		text := w.Text
		if w.Code == spf.WarnAllWeakened {
			text = fmt.Sprintf("SPF all qualifier: %s becomes %s, the weaker of the two", m.AllBefore, m.AllAfter)
		}
		if w.Code != spf.WarnSize { // said below, of the record alone
			b.warn("spf-"+w.Code, owner, "%s", text)
		}
	}
	if n := len(m.Record); n > spf.SizeWarning {
		b.warn("spf-size", owner, "the SPF record has %d octets: above %d an answer may not fit one UDP packet (RFC 7208 section 3.4)", n, spf.SizeWarning)
	}
}

// subrecords is the records of their own that a merged policy needs and that
// the zone does not hold yet.
func (b *builder) subrecords(m spf.Merged, ttl uint32) []zone.Record {
	var out []zone.Record
	for _, x := range m.Extra {
		name, err := zone.ParseName(x.Name)
		if err != nil {
			continue
		}
		if _, ok := b.stillDoes(x); !ok {
			out = append(out, zone.NewTXT(name, b.req.Caps.ClampTTL(ttl), x.Text))
		}
	}
	return out
}

// stillDoes is what stands at the name of a subrecord, if it does what the
// subrecord would. Somebody may have extended ours since.
func (b *builder) stillDoes(x spf.NamedTXT) (text string, ok bool) {
	name, err := zone.ParseName(x.Name)
	if err != nil {
		return "", false
	}
	there := only(b.set(name, "TXT"), looksSPF)
	if len(there) != 1 || there[0].Opaque || !spf.Satisfies(x.Name, there[0].Text(), x.Text) {
		return "", false
	}
	return there[0].Text(), true
}

// asTheyStand is the subrecords with the texts of those that are there already.
func (b *builder) asTheyStand(extra []spf.NamedTXT) []spf.NamedTXT {
	out := slices.Clone(extra)
	for i, x := range out {
		if text, ok := b.stillDoes(x); ok {
			out[i].Text = text
		}
	}
	return out
}

// clash asks about records of their own that cannot be written, because
// another policy stands at the name: two would make each other void, and all
// mail of the domain fail.
func (b *builder) clash(ws []want, final zone.Record, state State, extra []zone.Record) State {
	for _, r := range extra {
		there := only(b.set(r.Name, "TXT"), looksSPF)
		if len(there) == 0 {
			continue
		}
		state = b.obstacle(ws, final, state, SPFInclude, nil,
			fmt.Sprintf("The SPF policy at %s needs a record of its own at %s, where another stands (%s) that does not allow what the service needs.",
				ws[0].owner.FQDN(), r.Name.FQDN(), list(there)), nil)
	}
	return state
}

// looksSPF reports whether a text is, or is meant as, an SPF record: receivers
// do not see one in quotes or behind a space, and its owner does.
func looksSPF(r zone.Record) bool {
	if r.Type != "TXT" {
		return false
	}
	text := r.Text()
	if spf.IsRecord(text) || strings.HasPrefix(strings.ToLower(strings.TrimLeft(text, " \t\"'\\")), "v=spf1") {
		return true
	}
	_, err := spf.Parse(text)
	return !errors.Is(err, spf.ErrNotSPF)
}

// mergeSPF merges, and asks where what stands there cannot be merged with. It
// returns the records whose place the merged one takes.
func (b *builder) mergeSPF(ws []want, req spf.MergeRequest) (m spf.Merged, replaces []zone.Record, state State, ok bool) {
	owner := ws[0].owner
	var there, opaque []zone.Record
	for _, r := range b.all(owner, "TXT") {
		if looksSPF(r) {
			there = append(there, r)
			if r.Opaque {
				opaque = append(opaque, r)
			}
		}
	}
	if ws[0].in.Override && len(there) > 0 {
		if m, state, ok = b.overrideSPF(ws, req, there); ok {
			return m, there, state, m.Changed
		}
	}
	m, err := spf.Merge(req)
	if err == nil && len(opaque) == 0 {
		return m, b.texts(owner, m.Replaces), Added, true
	}
	if err != nil && !b.checkSPF(ws) {
		return spf.Merged{}, nil, Undecided, false
	}
	if errors.Is(err, spf.ErrNeedsSubrecord) { // which is nothing that is wrong with the zone
		b.apart(ws, there, err)
		return spf.Merged{}, nil, Undecided, false
	}
	c := Conflict{
		Code: SPFInvalid, Owner: owner, Existing: there,
		Options: []Option{
			{"replace", "put a new SPF record, with what the service needs, in place of the broken one"},
			{"skip", "leave SPF as it is"},
		},
		Text: fmt.Sprintf("The SPF record at %s is broken, so nothing can be added to it: %v.", owner.FQDN(), err),
	}
	switch {
	case err == nil: // beside one that we cannot read, another would make both void
		c.Existing = opaque
		c.Text = fmt.Sprintf("The SPF record at %s cannot be read as the DNS host gives it, and a second one would make both void.", owner.FQDN())
		c.Params = map[string]string{"error": "unreadable"}
		m.Changed = true
		replaces = append(b.texts(owner, m.Replaces), opaque...)
	case errors.Is(err, spf.ErrMultipleRecords):
		req.Repair = true
		c.Code = SPFMultiple
		c.Options[0] = Option{"merge", "make one record of all of them and of what the service needs"}
		c.Text = fmt.Sprintf("%s has %d SPF records, which makes every one of them void (RFC 7208 section 4.5).", owner.FQDN(), len(there))
		m, err = spf.Merge(req)
		replaces = append(b.texts(owner, m.Replaces), opaque...)
		if err == nil {
			c.Existing = replaces
			break
		}
		// One of them is broken: only a new one helps.
		c.Options[0] = Option{"replace", "put a new SPF record, with what the service needs, in their place"}
		fallthrough
	default:
		c.Params = map[string]string{"error": err.Error()}
		req.Existing, req.Repair = nil, false
		if m, err = spf.Merge(req); err != nil { // checkSPF has seen each alone
			b.apart(ws, there, err)
			return spf.Merged{}, nil, Undecided, false
		}
		m.Changed = true
		replaces = there
	}
	c.Wanted = []zone.Record{zone.NewTXT(owner, ws[0].rec.TTL, m.Record)}
	state, ok = b.accepts(ws, c, c.Options[0].ID, c.Existing)
	return m, replaces, state, ok
}

// apart says that requirements cannot stand in one record, for err, nor one of
// them in a record of its own.
func (b *builder) apart(ws []want, there []zone.Record, err error) {
	if !errors.Is(err, spf.ErrNeedsSubrecord) {
		b.fail(err)
		return
	}
	_, given := b.choose(Conflict{
		Code: SPFLength, Owner: ws[0].owner, Existing: there, Options: []Option{skipSPF()},
		Text: fmt.Sprintf("What the service needs at %s can only be said in a record of its own, which cannot be: %v.", ws[0].owner.FQDN(), err),
	}, ws...)
	b.result(ws, outcome(given, Skipped))
}

// checkSPF refuses requirements that are wrong by themselves, whatever the zone
// holds.
func (b *builder) checkSPF(ws []want) bool {
	for _, w := range ws {
		text := w.rec.Text()
		if _, err := spf.Merge(spf.MergeRequest{Domain: string(w.owner), Required: []string{text}, Subrecords: true}); err != nil {
			b.fail(&InputError{Intent: w.index, Field: "value", Value: text, Reason: err.Error()})
			return false
		}
	}
	return true
}

// overrideSPF asks whether what is required takes the place of the records
// there. ok is false where it is to be merged with them after all, or where it
// is all that stands there; without a change the wants are done with.
func (b *builder) overrideSPF(ws []want, req spf.MergeRequest, there []zone.Record) (m spf.Merged, state State, ok bool) {
	owner := ws[0].owner
	req.Existing = nil
	m, err := spf.Merge(req)
	if err != nil {
		return m, Undecided, false // said by the merge that follows
	}
	wanted := []zone.Record{zone.NewTXT(owner, ws[0].rec.TTL, m.Record)}
	if len(there) == 1 && there[0].SameData(wanted[0]) {
		return m, Present, false
	}
	option, given := b.choose(Conflict{
		Code: SPFOverride, Owner: owner, Existing: there, Wanted: wanted,
		Options: []Option{
			{"replace", "put the service's SPF record in place of what is there; other senders of the domain are shut out"},
			{"merge", "add what the service needs to the record that is there"},
			{"skip", "leave SPF as it is"},
		},
		Text: fmt.Sprintf("The service wants its own SPF record at %s in place of the one there (%s), which may allow others to send.", owner.FQDN(), list(there)),
	}, ws...)
	switch {
	case option == "merge":
		return m, Undecided, false
	case option != "replace":
		b.result(ws, outcome(given, Skipped))
		return spf.Merged{}, Undecided, true
	}
	if b.decided() {
		b.excused.add(there)
	}
	m.Changed = true
	return m, outcome(given, Added), true
}

// allPolicy reads Intent.All.
func allPolicy(all string) (policy spf.AllPolicy, explicit string) {
	switch all {
	case "":
		return spf.Weaker, ""
	case AllKeep:
		return spf.Keep, ""
	case AllIfMissing:
		return spf.RequiredIfMissing, ""
	}
	return spf.Explicit, all
}

// texts is the TXT records at owner that hold these texts.
func (b *builder) texts(owner zone.Name, values []string) []zone.Record {
	var out []zone.Record
	for _, r := range b.set(owner, "TXT") {
		if slices.Contains(values, r.Text()) {
			out = append(out, r)
		}
	}
	return out
}
