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
// store it. It returns the state that is left.
func (b *builder) affordable(ws []want, m spf.Merged, final zone.Record, state State) State {
	owner := ws[0].owner
	before := spf.Cost{}
	knownBefore := true
	if len(m.Replaces) == 1 {
		before, knownBefore = b.spfCost(owner, m.Replaces[0], nil)
	}
	after, known := b.spfCost(owner, m.Record, m.Extra)
	if !m.Changed {
		before, knownBefore = after, known
	}
	if !known || !knownBefore {
		return state // provisional: there are questions
	}
	for _, w := range ws {
		b.plan.Results[w.index].Lookups = &Lookups{Before: before.Lookups, After: after.Lookups, AtLeast: after.Dynamic || len(after.Unknown) > 0}
	}
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
		return state
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
	longest := m.Record
	for _, x := range m.Extra {
		if len(x.Text) > len(longest) {
			longest = x.Text
		}
	}
	if limit := b.req.Caps.MaxTXT; limit > 0 && len(longest) > limit {
		state = b.obstacle(ws, final, state, SPFLength, "",
			fmt.Sprintf("The SPF record at %s would have %d octets, and this DNS host stores at most %d.", owner.FQDN(), len(longest), limit),
			map[string]string{"octets": strconv.Itoa(len(longest)), "limit": strconv.Itoa(limit)})
	}
	caps := b.req.Caps
	caps.MaxTXT = 0 // asked above
	for _, text := range append([]string{m.Record}, extraTexts(m)...) {
		if why := caps.RefusesText(text); why != "" {
			state = b.obstacle(ws, final, state, SPFLength, "", fmt.Sprintf("The SPF record at %s cannot be stored: this DNS host %s.", owner.FQDN(), why), nil)
			break
		}
	}
	for _, x := range m.Extra {
		name, err := zone.ParseName(x.Name)
		if err != nil || len(b.all(name, "CNAME")) == 0 && b.over(name) == (cover{}) {
			continue
		}
		state = b.obstacle(ws, final, state, SPFLength, "",
			fmt.Sprintf("The SPF policy at %s needs a record of its own at %s, where an alias or a delegation hides it.", owner.FQDN(), name.FQDN()), nil)
	}
	return state
}

func extraTexts(m spf.Merged) []string {
	out := make([]string, len(m.Extra))
	for i, x := range m.Extra {
		out[i] = x.Text
	}
	return out
}

// obstacle is a conflict without default that is overcome by force or by doing
// without.
func (b *builder) obstacle(ws []want, final zone.Record, state State, code Code, force, text string, params map[string]string) State {
	if state == Skipped { // done without already
		return state
	}
	c := Conflict{
		Code: code, Owner: ws[0].owner, Wanted: []zone.Record{final},
		Options: []Option{{"skip", "leave SPF as it is"}}, Text: text, Params: params,
	}
	if force != "" {
		c.Options = append(c.Options, Option{"force", force})
	}
	option, given := b.choose(c, ws...)
	switch {
	case option == "force":
		return state
	case given:
		return Skipped
	}
	return Undecided
}

// spfCost counts an SPF record, asking what it must know. extra is records
// that the plan publishes for it.
func (b *builder) spfCost(owner zone.Name, text string, extra []spf.NamedTXT) (cost spf.Cost, known bool) {
	rec, err := spf.Parse(text)
	if err != nil {
		return spf.Cost{}, true
	}
	answers := spf.Answers{}
	for _, x := range extra {
		answers[spf.Question{Name: x.Name, Type: "TXT"}] = spf.Answer{Status: spf.Found, Values: []string{x.Text}}
	}
	for {
		cost, open := spf.Count(string(owner), rec, answers)
		if len(open) == 0 {
			return cost, true
		}
		known = true
		for _, q := range open {
			a, ok := b.spfAnswer(q)
			if !ok {
				known = false
				continue
			}
			answers[q] = a
		}
		if !known {
			return cost, false
		}
	}
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
	a := spf.Answer{Status: map[FactStatus]spf.Status{Found: spf.Found, NoData: spf.NoData, NXDomain: spf.NXDomain}[f.Status]}
	for _, r := range f.Records {
		v := r.Text()
		if t, ok := r.Target(); ok {
			v = string(t)
		}
		a.Values = append(a.Values, v)
	}
	return a, true
}
