package spf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Codes of a [Remedy], in the order in which they are offered and applied. The
// first three change no result for anybody, except that an error may go; from
// RemedySubdomain on, somebody has to agree.
const (
	RemedyTidy      = "tidy"      // drop duplicates, networks inside others and terms that are never reached
	RemedyCollapse  = "collapse"  // join neighbouring networks
	RemedyInline    = "inline"    // put subrecords of the own zone in the place of what leads to them
	RemedySubdomain = "subdomain" // advice only: let a service send from a name of its own
	RemedyDropPTR   = "drop-ptr"  // RFC 7208 section 5.5 says not to use it
	RemedyDropDead  = "drop-dead" // includes that lead to no record or back to themselves
	RemedyDropVoid  = "drop-void" // a, mx and exists that find nothing
	RemedyFlatten   = "flatten"   // replace terms by the networks behind them, which then go stale
	RemedySplit     = "split"     // move networks to subrecords, each of which costs a lookup
)

const (
	flattenOffers  = 5 // how many terms are tried, each of which takes up to countBudget questions
	expensiveTerms = 3 // how many terms RemedySubdomain names
)

func remedyOrder() []string {
	return []string{
		RemedyTidy, RemedyCollapse, RemedyInline, RemedySubdomain,
		RemedyDropPTR, RemedyDropDead, RemedyDropVoid, RemedyFlatten, RemedySplit,
	}
}

// ShrinkRequest says which record shall become smaller and how. Beyond Domain,
// Record and Known its zero value is the careful choice: nothing is applied.
type ShrinkRequest struct {
	Domain  string   // the name at which the record stands
	Record  Record   // the record
	Others  []string // the other TXT values at the name; for sizes only
	Known   Answers  // what [Trace] asks for, and what a Shrunk or a Remedy asks for beyond it
	Limits  Limits
	Choices []Choice // what Shrink does

	// Foreign are names at or under Domain whose records are not to be written
	// out: delegated ones, aliases, and the subrecords of merges
	// ([Merged].Extra), which [Satisfies] and [Unmerge] look for.
	Foreign []string
	// Label names a subrecord, below Domain, by its text. Nil takes a hash.
	Label func(record string) string
}

// Choice is a remedy somebody agreed to.
type Choice struct {
	Code  string
	Terms []string // which of the remedy's terms; empty means all. RemedyFlatten needs them, RemedyTidy, RemedyCollapse and RemedySplit take none
}

// Remedy is a way to make a record smaller, with what it would come to if it
// were the only one applied.
type Remedy struct {
	Code      string
	Terms     []string // of the record, that it is about
	Text      string   // in English
	Consent   bool     // it changes what the record says or how it is kept: ask the owner
	Before    Figures
	After     Figures
	Record    string     // what it makes of the record; empty for advice and while questions are open
	Extra     []NamedTXT // that must be live before Record is
	Questions []Question // to answer before After and Record can be known
}

// Open reports whether questions must be answered first.
func (r Remedy) Open() bool { return len(r.Questions) > 0 }

// Figures is what a record takes.
type Figures struct {
	Lookups int
	Voids   int
	Octets  int  // of the record
	UDP     int  // of the reply with all TXT values at the name
	AtLeast bool // Lookups and Voids are lower bounds
}

// Remedies returns what would make the record smaller, the gentlest first, and
// nothing that would take it over a limit that it keeps. Flattening is offered,
// for the five dearest includes, only where the limits are exceeded; splitting
// only where a size is, and where the record fits then.
func Remedies(q ShrinkRequest) []Remedy {
	s := newShrinker(q)
	before, cost, _ := q.measure(q.Record, q.Known)
	slow := q.Limits.over(before)
	var out []Remedy
	offer := func(code string, terms ...string) {
		r, ok := q.remedy(before, Choice{code, terms})
		if ok && !r.breaks(q.Limits, s.room()) && (code != RemedySplit || r.After.Octets <= s.room()) {
			out = append(out, r)
		}
	}
	for _, code := range remedyOrder() {
		switch code {
		case RemedySubdomain:
			if slow || s.tooLong() {
				out = append(out, subdomainAdvice(before, cost.Terms)...)
			}
		case RemedyFlatten:
			if slow {
				for _, t := range expensive(cost.Terms, flattenOffers) {
					offer(code, t.Text)
				}
			}
		case RemedySplit:
			if s.tooLong() {
				offer(code)
			}
		default:
			offer(code)
		}
	}
	return out
}

// breaks reports whether the remedy takes the record over a limit that it
// keeps. The room that a UDP packet leaves is a limit only for what is done
// without asking, so that nothing undoes a split.
func (r Remedy) breaks(l Limits, room int) bool {
	over := func(before, after, most int) bool { return before <= most && after > most }
	return over(r.Before.Lookups, r.After.Lookups, l.lookups()) || over(r.Before.Voids, r.After.Voids, l.voids()) ||
		(l.Octets > 0 || !r.Consent) && over(r.Before.Octets, r.After.Octets, room)
}

// remedy tries one choice alone.
func (q ShrinkRequest) remedy(before Figures, c Choice) (Remedy, bool) {
	s := newShrinker(q)
	terms := s.apply(c)
	r := Remedy{Code: c.Code, Terms: terms, Consent: consent(c.Code), Before: before, After: before, Questions: s.questions}
	if r.Open() {
		r.Terms = c.Terms
	} else if len(terms) == 0 {
		return Remedy{}, false
	} else {
		r.After, _, _ = q.measure(s.rec, s.known)
		r.Record, r.Extra = s.rec.Raw, s.extra
	}
	r.Text = remedyText(r)
	return r, true
}

func consent(code string) bool {
	return code != RemedyTidy && code != RemedyCollapse && code != RemedyInline
}

func remedyText(r Remedy) string {
	few := listed(r.Terms)
	var text string
	switch r.Code {
	case RemedyTidy:
		text = "drop what no sender needs: " + few
	case RemedyCollapse:
		text = "join neighbouring networks: " + few
	case RemedyInline:
		text = "write the terms of the domain's own subrecords in place of " + few
	case RemedyDropPTR:
		text = "drop " + few + ", which is slow and discouraged"
	case RemedyDropDead:
		text = "drop " + few + ", which leads to no record or back to itself and makes receivers fail"
	case RemedyDropVoid:
		text = "drop " + few + ", which finds nothing"
	case RemedyFlatten:
		text = "replace " + few + " by its networks, which must then be watched, since the service changes them without notice"
	case RemedySplit:
		text = "move networks to subrecords: " + few
	}
	if r.Open() {
		return text
	}
	var gains []string
	for _, g := range []struct {
		what          string
		before, after int
	}{{"lookups", r.Before.Lookups, r.After.Lookups}, {"void ones", r.Before.Voids, r.After.Voids}, {"octets", r.Before.Octets, r.After.Octets}} {
		if g.before != g.after {
			gains = append(gains, fmt.Sprintf("%s %d to %d", g.what, g.before, g.after))
		}
	}
	if len(gains) == 0 {
		return text
	}
	return text + " (" + strings.Join(gains, ", ") + ")"
}

// listed names a few terms.
func listed(terms []string) string {
	const most = 5
	if len(terms) <= most {
		return strings.Join(terms, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(terms[:most], ", "), len(terms)-most)
}

// expensive returns the terms that include others and cost the most, up to n.
func expensive(terms []TermCost, n int) []TermCost {
	var out []TermCost
	for _, t := range terms {
		if term, ok := termOf(t.Text); ok && t.Lookups > 0 && term.Kind == Include {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b TermCost) int { return cmp.Compare(b.Lookups, a.Lookups) })
	return out[:min(n, len(out))]
}

func subdomainAdvice(before Figures, terms []TermCost) []Remedy {
	top := expensive(terms, expensiveTerms)
	if len(top) == 0 {
		return nil
	}
	r := Remedy{Code: RemedySubdomain, Consent: true, Before: before, After: before}
	var parts []string
	for _, t := range top {
		r.Terms = append(r.Terms, t.Text)
		parts = append(parts, fmt.Sprintf("%s (%s)", t.Text, plural(t.Lookups, "lookup")))
	}
	r.Text = "let a service send from a subdomain with a record of its own, so that its include can go: " + strings.Join(parts, ", ")
	return []Remedy{r}
}
