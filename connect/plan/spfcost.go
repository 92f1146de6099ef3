package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// affordable checks what the merged record costs and whether the host can
// store it. It returns the merge that is left, which is a shorter one where a
// decision says so, and its state.
func (b *builder) affordable(ws []want, m merging, final zone.Record, state State) (merging, State) {
	owner := ws[0].owner
	before := spf.Cost{}
	knownBefore := true
	if len(m.instead) == 1 {
		before, knownBefore = b.spfCost(owner, m.instead[0], nil)
	}
	after, known := b.spfCost(owner, m.Record, m.Extra)
	if !m.Changed {
		before, knownBefore = after, known
	}
	if !known || !knownBefore {
		return m, state // provisional: there are questions
	}
	b.previewSPF(ws, m, before, after)
	for _, u := range before.Unknown {
		b.warn("spf-cost-unknown", owner, "the lookups of the SPF record cannot be counted wholly: %s", u)
	}
	// What is new must work; what was there already is not ours to refuse.
	var broken []string
	for _, p := range after.Problems {
		if slices.Contains(m.Added, p.Term) {
			broken = append(broken, p.Text)
		} else {
			b.warn("spf-broken", owner, "the SPF record at %s is broken already: %s", owner.FQDN(), p.Text)
		}
	}
	if !m.Changed {
		return m, state
	}
	for _, t := range after.Terms {
		if t.Unknown && slices.Contains(m.Added, t.Text) {
			broken = append(broken, t.Text+" could not be looked up")
		}
	}
	if len(broken) > 0 {
		state = b.obstacle(ws, final, state, SPFInclude, []Option{forceSPF("write it all the same")},
			fmt.Sprintf("What the service wants included at %s does not work: %s. Receivers would treat all mail of the domain as failing.",
				owner.FQDN(), strings.Join(broken, "; ")), map[string]string{"broken": strings.Join(broken, "; ")})
	}
	limit := b.req.Caps.MaxTXT
	if after.Over() || limit > 0 && m.longest() > limit {
		q, ok := b.shrinkRequest(owner, m.Record, m.Extra)
		if !ok {
			return m, state
		}
		if after.Over() {
			m, state = b.tooSlow(ws, m, final, state, after, q)
		}
		if limit > 0 && m.longest() > limit {
			m, state = b.tooLong(ws, m, final, state, q)
		}
		if m.short {
			if after, known = b.spfCost(owner, m.Record, m.Extra); known {
				b.previewSPF(ws, m, before, after)
			}
		}
	}
	caps := b.req.Caps
	caps.MaxTXT = 0 // asked above
	for _, text := range append([]string{m.Record}, extraTexts(m.Merged)...) {
		if why := caps.RefusesText(text); why != "" {
			state = b.obstacle(ws, final, state, SPFLength, nil, fmt.Sprintf("The SPF record at %s cannot be stored: this DNS host %s.", owner.FQDN(), why), nil)
			break
		}
	}
	for _, x := range m.Extra {
		name, err := zone.ParseName(x.Name)
		if err != nil || len(b.all(name, "CNAME")) == 0 && b.over(name) == (cover{}) {
			continue
		}
		state = b.obstacle(ws, final, state, SPFLength, nil,
			fmt.Sprintf("The SPF policy at %s needs a record of its own at %s, where an alias or a delegation hides it.", owner.FQDN(), name.FQDN()), nil)
	}
	return m, state
}

// previewSPF notes what the record costs before and after.
func (b *builder) previewSPF(ws []want, m merging, before, after spf.Cost) {
	l := Lookups{
		Before: before.Lookups, After: after.Lookups, AtLeast: after.AtLeast(),
		VoidsBefore: before.Voids, VoidsAfter: after.Voids,
	}
	if len(m.Record) > spf.StringLimit {
		l.Octets = len(m.Record)
	}
	for _, w := range ws {
		b.plan.Results[w.index].Lookups = &l
	}
}

// tooSlow asks what to do about a record that receivers give up on.
func (b *builder) tooSlow(ws []want, m merging, final zone.Record, state State, cost spf.Cost, q spf.ShrinkRequest) (merging, State) {
	owner := ws[0].owner
	var costs []string
	for _, t := range cost.Terms {
		if t.Lookups > 0 {
			costs = append(costs, fmt.Sprintf("%s costs %d", t.Text, t.Lookups))
		}
	}
	remedies, ok := b.remedies(q, func(r spf.Remedy) bool { return r.After.Lookups < r.Before.Lookups || r.After.Voids < r.Before.Voids })
	if !ok {
		return m, state
	}
	params := map[string]string{"lookups": strconv.Itoa(cost.Lookups), "voids": strconv.Itoa(cost.Voids), "costs": strings.Join(costs, ", ")}
	return b.shrinkOr(ws, m, final, state, Conflict{
		Code: SPFLookups,
		Text: fmt.Sprintf("The SPF record at %s would need %s%d lookups and %d void ones, and receivers make at most %d and %d: %s. %s",
			owner.FQDN(), atLeast(cost.AtLeast()), cost.Lookups, cost.Voids, spf.LookupLimit, spf.VoidLimit, strings.Join(costs, ", "), helps(remedies, params)),
		Options: []Option{forceSPF("write it all the same; receivers will treat the record as broken")},
		Params:  params,
	})
}

// tooLong asks what to do about a record that the host cannot store.
func (b *builder) tooLong(ws []want, m merging, final zone.Record, state State, q spf.ShrinkRequest) (merging, State) {
	if state == Skipped { // done without already
		return m, state
	}
	owner, limit := ws[0].owner, b.req.Caps.MaxTXT
	remedies, ok := b.remedies(q, func(r spf.Remedy) bool { return r.After.Octets < r.Before.Octets && len(r.Extra) == 0 })
	if !ok {
		return m, state
	}
	params := map[string]string{"octets": strconv.Itoa(m.longest()), "limit": strconv.Itoa(limit)}
	return b.shrinkOr(ws, m, final, state, Conflict{
		Code: SPFLength,
		Text: fmt.Sprintf("The SPF record at %s would have %d octets, and this DNS host stores at most %d. %s",
			owner.FQDN(), m.longest(), limit, helps(remedies, params)),
		Params: params,
	})
}

func extraTexts(m spf.Merged) []string {
	out := make([]string, len(m.Extra))
	for i, x := range m.Extra {
		out[i] = x.Text
	}
	return out
}

// obstacle is a conflict without default that is overcome by force or by doing
// without. more is its options beside that of doing without.
func (b *builder) obstacle(ws []want, final zone.Record, state State, code Code, more []Option, text string, params map[string]string) State {
	if state == Skipped { // done without already
		return state
	}
	option, given := b.choose(Conflict{
		Code: code, Owner: ws[0].owner, Wanted: []zone.Record{final},
		Options: append([]Option{skipSPF()}, more...), Text: text, Params: params,
	}, ws...)
	switch {
	case option == "force":
		return state
	case given:
		return Skipped
	}
	return Undecided
}

func skipSPF() Option { return Option{"skip", "leave SPF as it is"} }

func forceSPF(text string) Option { return Option{"force", text} }

// spfCost counts an SPF record, asking what it must know. extra is records
// that the plan publishes for it.
func (b *builder) spfCost(owner zone.Name, text string, extra []spf.NamedTXT) (cost spf.Cost, known bool) {
	tree, _, known := b.spfTree(owner, text, extra)
	return tree.Cost(), known
}

// spfTree follows an SPF record through what is known, asking for the rest.
func (b *builder) spfTree(owner zone.Name, text string, extra []spf.NamedTXT) (tree spf.Tree, answers spf.Answers, known bool) {
	answers = spf.Answers{}
	rec, err := spf.Parse(text)
	if err != nil {
		return tree, answers, true
	}
	for _, x := range extra {
		answers[spf.Question{Name: x.Name, Type: "TXT"}] = spf.Answer{Status: spf.Found, Values: []string{x.Text}}
	}
	for {
		tree, open := spf.Trace(string(owner), rec, answers)
		if len(open) == 0 {
			return tree, answers, true
		}
		if !b.learnSPF(open, answers) {
			return tree, answers, false
		}
	}
}

// learnSPF adds the answers to questions, and reports whether there is one to
// each.
func (b *builder) learnSPF(questions []spf.Question, answers spf.Answers) bool {
	known := true
	for _, q := range questions {
		a, ok := b.spfAnswer(q)
		if !ok {
			known = false
			continue
		}
		answers[q] = a
	}
	return known
}

func (b *builder) spfAnswer(q spf.Question) (spf.Answer, bool) {
	name, err := zone.ParseName(q.Name)
	if err != nil {
		return spf.Answer{Status: spf.NXDomain}, true
	}
	f, ok := b.know(name, q.Type)
	if !ok {
		return spf.Answer{}, false
	}
	return f.SPF(), true
}
