package plan

import (
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// Question is something the plan must know from DNS.
type Question struct {
	Name zone.Name `json:"name"`
	Type string    `json:"type"`
}

// FactStatus is how DNS answered.
type FactStatus string

// The four answers.
const (
	Found    FactStatus = "found"
	NoData   FactStatus = "nodata"   // the name exists, the type does not
	NXDomain FactStatus = "nxdomain" // the name does not exist
	Failed   FactStatus = "failed"   // no answer, which is a fact too
)

// Fact is the answer to a Question, CNAMEs followed.
type Fact struct {
	Question
	Status  FactStatus    `json:"status"`
	Records []zone.Record `json:"records,omitempty"` // of the type asked for, at the end of any CNAMEs
}

// SPF is the fact as package spf has it: texts joined, targets as names without
// the dot at the end, everything else as in zone files. Its TTL is the shortest.
func (f Fact) SPF() spf.Answer {
	a := spf.Answer{Status: map[FactStatus]spf.Status{
		Found: spf.Found, NoData: spf.NoData, NXDomain: spf.NXDomain, Failed: spf.Failed,
	}[f.Status]}
	for i, r := range f.Records {
		v := r.Text()
		if t, ok := r.Target(); ok {
			v = string(t)
		}
		a.Values = append(a.Values, v)
		if i == 0 || r.TTL < a.TTL {
			a.TTL = r.TTL
		}
	}
	return a
}

// know is the fact for a question. What the zone itself holds, or will hold by
// this plan, needs no asking; anything else becomes one of the plan's
// questions.
func (b *builder) know(name zone.Name, typ string) (Fact, bool) {
	q := Question{name, typ}
	if name.Within(b.req.Snapshot.Zone) && b.over(name) == (cover{}) {
		here := b.at(name)
		born := b.facts[q].Status == Failed && len(b.stands(name)) == 0 // by this plan, so no DNS can tell of it
		if born && len(here) == 0 {
			here = b.coming(name)
		}
		if set := only(here, func(r zone.Record) bool { return r.Type == typ && !r.Opaque }); len(set) > 0 {
			return Fact{Question: q, Status: Found, Records: set}, true
		}
		if len(here) > 0 && !slices.ContainsFunc(here, elsewhere) && (born || !b.req.Snapshot.Partial) {
			return Fact{Question: q, Status: NoData}, true
		}
	}
	return b.learn(q)
}

// coming is what is wanted at a name whose turn may be later.
func (b *builder) coming(name zone.Name) []zone.Record {
	var out []zone.Record
	for _, w := range wantsAt(b.wants, name) {
		out = append(out, w.rec)
	}
	return out
}

// learn is the fact for a question that only DNS can answer.
func (b *builder) learn(q Question) (Fact, bool) {
	f, ok := b.facts[q]
	if !ok {
		b.ask(q)
	}
	return f, ok
}

// elsewhere reports whether what a record makes its owner answer is not in the
// record.
func elsewhere(r zone.Record) bool {
	return r.Opaque || r.Type == "CNAME" || r.Type == zone.TypeAlias || r.Type == zone.TypeRedirect
}

func (b *builder) ask(q Question) {
	if !b.asked[q] {
		b.asked[q] = true
		b.plan.Questions = append(b.plan.Questions, q)
	}
}
