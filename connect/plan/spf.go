package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// spf meets all wants of SPF at one owner: they are merged into the one record
// that may stand there.
func (b *builder) spf(ws []want) {
	if !b.underCNAME(ws) {
		return
	}
	owner := ws[0].owner
	var texts, required []string
	for _, r := range b.set(owner, "TXT") {
		texts = append(texts, r.Text())
	}
	for _, w := range ws {
		text := w.rec.Text()
		if _, err := spf.Merge(spf.MergeRequest{Domain: string(owner), Required: []string{text}, Subrecords: true}); err != nil {
			b.fail(&InputError{Intent: w.index, Field: "value", Value: text, Reason: err.Error()})
			return
		}
		required = append(required, text)
	}
	req := spf.MergeRequest{Domain: string(owner), Existing: texts, Required: required, Subrecords: true}
	m, state, ok := b.mergeSPF(ws, req)
	if !ok {
		return
	}
	replaces := b.texts(owner, m.Replaces)
	final := zone.NewTXT(owner, ws[0].rec.TTL, m.Record)
	if !m.Changed {
		if len(replaces) == 1 {
			final = replaces[0]
		}
		state = Present
	} else {
		final = b.joinTTL([]zone.Record{final})[0]
	}
	state = b.affordable(ws, m, final, state)
	for _, w := range ws {
		b.plan.Results[w.index].Required = w.rec.Text()
	}
	b.result(ws, state, final)
	if !m.Changed || state == Skipped || state == Undecided && !b.proposed(owner) {
		return
	}
	for _, w := range m.Warnings {
		text := w.Text
		if w.Code == "all-weakened" {
			text = fmt.Sprintf("SPF all qualifier: %s becomes %s, the weaker of the two", m.AllBefore, m.AllAfter)
		}
		b.warn("spf-"+w.Code, owner, "%s", text)
	}
	if n := len(m.Record); n > spf.SizeWarning {
		b.warn("spf-size", owner, "the SPF record has %d octets: above %d an answer may not fit one UDP packet (RFC 7208 section 3.4)", n, spf.SizeWarning)
	}
	why := "lets the service send mail for the domain"
	if len(m.Replaces) > 0 {
		why = "adds the service's senders to the domain's SPF record"
	}
	if l := b.plan.Results[ws[0].index].Lookups; l != nil {
		why += fmt.Sprintf("; it costs %d of %d lookups, %d before", l.After, spf.LookupLimit, l.Before)
	}
	b.change(owner, replaces, []zone.Record{final}, why, "CNAME")
	for _, x := range m.Extra {
		if name, err := zone.ParseName(x.Name); err == nil {
			b.change(name, nil, []zone.Record{zone.NewTXT(name, final.TTL, x.Text)}, "holds the part of the SPF policy that needs a record of its own", "CNAME")
		}
	}
	b.plan.SPF = append(b.plan.SPF, SPFEdit{Owner: owner, Provenance: m.Provenance})
}

// proposed reports whether the last conflict at owner has a way to go on that
// is shown while it is open.
func (b *builder) proposed(owner zone.Name) bool {
	for _, c := range slices.Backward(b.plan.Conflicts) {
		if c.Owner == owner {
			return c.Default != "" || c.Answer != ""
		}
	}
	return true
}

// mergeSPF merges, and asks where what stands there cannot be merged with.
func (b *builder) mergeSPF(ws []want, req spf.MergeRequest) (spf.Merged, State, bool) {
	owner := ws[0].owner
	m, err := spf.Merge(req)
	if err == nil {
		return m, Added, true
	}
	var there []zone.Record
	for _, r := range b.set(owner, "TXT") {
		if strings.Contains(strings.ToLower(r.Text()), "v=spf1") {
			there = append(there, r)
		}
	}
	c := Conflict{
		Code: SPFInvalid, Owner: owner, Existing: there, Wanted: records(ws),
		Options: []Option{
			{"replace", "put a new SPF record, with what the service needs, in place of the broken one"},
			{"skip", "leave SPF as it is"},
		},
		Text:   fmt.Sprintf("The SPF record at %s is broken, so nothing can be added to it: %v.", owner.FQDN(), err),
		Params: map[string]string{"error": err.Error()},
	}
	retry := req
	retry.Existing = nil
	if errors.Is(err, spf.ErrMultipleRecords) {
		retry.Existing, retry.Repair = req.Existing, true
		c.Code = SPFMultiple
		c.Options[0] = Option{"merge", "make one record of all of them and of what the service needs"}
		c.Text = fmt.Sprintf("%s has %d SPF records, which makes every one of them void (RFC 7208 section 4.5).", owner.FQDN(), len(there))
	}
	m, err = spf.Merge(retry)
	if err != nil { // several records, one of them broken: only a new one helps
		retry.Existing, retry.Repair = nil, false
		c.Options[0] = Option{"replace", "put a new SPF record, with what the service needs, in their place"}
		if m, err = spf.Merge(retry); err != nil {
			b.fail(err)
			return spf.Merged{}, Undecided, false
		}
	}
	if retry.Existing == nil {
		for _, r := range there {
			m.Replaces = append(m.Replaces, r.Text())
		}
		m.Changed = true
	}
	c.Wanted = []zone.Record{zone.NewTXT(owner, ws[0].rec.TTL, m.Record)}
	option, given := b.choose(c)
	if option == "" || option == "skip" {
		b.result(ws, outcome(given, Skipped))
		return spf.Merged{}, Undecided, false
	}
	if b.decided() {
		b.excused = append(b.excused, there...)
	}
	return m, outcome(given, Added), true
}

// affordable checks what the merged record costs and whether the host can
// store it. It returns the state that is left.
func (b *builder) affordable(ws []want, m spf.Merged, final zone.Record, state State) State {
	owner := ws[0].owner
	before := spf.Cost{}
	knownBefore := true
	if len(m.Replaces) == 1 {
		before, knownBefore = b.spfCost(owner, m.Replaces[0], nil)
	}
	after, known := b.spfCost(owner, m.Record, m.Extra)
	if !known || !knownBefore {
		return state // provisional: there are questions
	}
	for _, w := range ws {
		b.plan.Results[w.index].Lookups = &Lookups{Before: before.Lookups, After: after.Lookups, AtLeast: after.Dynamic || len(after.Unknown) > 0}
	}
	for _, u := range before.Unknown {
		b.warn("spf-cost-unknown", owner, "the lookups of the SPF record cannot be counted wholly: %s", u)
	}
	if !m.Changed {
		return state
	}
	// What is new must work; what was there already is not ours to refuse.
	var broken []string
	for _, p := range after.Problems {
		if slices.Contains(m.Added, p.Term) {
			broken = append(broken, p.Text)
		}
	}
	for _, t := range after.Terms {
		if t.Unknown && slices.Contains(m.Added, t.Text) {
			broken = append(broken, t.Text+" could not be looked up")
		}
	}
	if len(broken) > 0 {
		state = b.obstacle(ws, final, state, SPFInclude, "write it all the same",
			fmt.Sprintf("What the service wants included at %s does not work: %s. Receivers would treat all mail of the domain as failing.",
				owner.FQDN(), strings.Join(broken, "; ")), map[string]string{"broken": strings.Join(broken, "; ")})
	}
	if after.Over() {
		var costs []string
		for _, t := range after.Terms {
			if t.Lookups > 0 {
				costs = append(costs, fmt.Sprintf("%s costs %d", t.Text, t.Lookups))
			}
		}
		state = b.obstacle(ws, final, state, SPFLookups, "write it all the same; receivers will treat the record as broken",
			fmt.Sprintf("The SPF record at %s would need %d lookups and %d void ones, and receivers make at most %d and %d: %s. "+
				"Remove includes of services that are no longer used, or let the service send from a subdomain.",
				owner.FQDN(), after.Lookups, after.Voids, spf.LookupLimit, spf.VoidLimit, strings.Join(costs, ", ")),
			map[string]string{"lookups": strconv.Itoa(after.Lookups), "voids": strconv.Itoa(after.Voids), "costs": strings.Join(costs, ", ")})
	}
	if limit := b.req.Caps.MaxTXT; limit > 0 && len(m.Record) > limit {
		state = b.obstacle(ws, final, state, SPFLength, "",
			fmt.Sprintf("The SPF record at %s would have %d octets, and this DNS host stores at most %d.", owner.FQDN(), len(m.Record), limit),
			map[string]string{"octets": strconv.Itoa(len(m.Record)), "limit": strconv.Itoa(limit)})
	}
	return state
}

// obstacle is a conflict without default that is overcome by force or by doing
// without.
func (b *builder) obstacle(ws []want, final zone.Record, state State, code Code, force, text string, params map[string]string) State {
	c := Conflict{
		Code: code, Owner: ws[0].owner, Wanted: []zone.Record{final},
		Options: []Option{{"skip", "leave SPF as it is"}}, Text: text, Params: params,
	}
	if force != "" {
		c.Options = append(c.Options, Option{"force", force})
	}
	option, given := b.choose(c)
	switch {
	case option == "force" && state != Skipped:
		return state
	case given:
		return Skipped
	}
	return Undecided
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
